/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_VLAN_SET_H
#define API_VLAN_SET_H

#include "base/compat.h"

/* A set of VIDs. Any thread; plain data. */
struct vlan_set {
	uint64_t bits[64];
};

static inline bool vlan_set_has(const struct vlan_set *s, uint16_t vid)
{
	return s->bits[vid / 64 % 64] >> vid % 64 & 1;
}

static inline void vlan_set_add(struct vlan_set *s, uint16_t vid)
{
	s->bits[vid / 64 % 64] |= 1ull << vid % 64;
}

static inline void vlan_set_join(struct vlan_set *to, const struct vlan_set *more)
{
	for (size_t w = 0; w < ARRAY_LEN(to->bits); w++)
		to->bits[w] |= more->bits[w];
}

/* Is a VID in both? */
static inline bool vlan_set_meets(const struct vlan_set *a, const struct vlan_set *b)
{
	for (size_t w = 0; w < ARRAY_LEN(a->bits); w++) {
		if (a->bits[w] & b->bits[w])
			return true;
	}
	return false;
}

/*
 * "10,20,100-199", "all" (1-4094), "" or "none". -EINVAL: not that, or a VID out of 1..4094;
 * *bad (may be NULL) then points into TEXT where it stops making sense.
 */
int vlan_set_parse(const char *text, struct vlan_set *out, const char **bad);

/* The canonical text: ascending, ranges joined, "all". Needs at most VLAN_SET_TEXT. */
#define VLAN_SET_TEXT 20480
void vlan_set_print(const struct vlan_set *, char *out, size_t room);

unsigned int vlan_set_count(const struct vlan_set *);

#endif /* API_VLAN_SET_H */
