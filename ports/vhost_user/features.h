/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_VHOST_USER_FEATURES_H
#define PORTS_VHOST_USER_FEATURES_H

#include <jansson.h>

#include "packet/wire.h"

/*
 * Features of a virtio-net device and of the vhost-user protocol: what we offer (and serve), and
 * their names, which are those of QEMU's properties and of the standard in small letters.
 *
 * Threads: any; pure.
 */
struct vu_settings {
	bool client; /* we connect to the frontend's socket */
	unsigned int queues; /* pairs */
	uint16_t mtu;
	struct eth_addr mac;
	uint64_t without;
};

#define VU_MTU 1500u /* what a driver takes if it is told nothing: then it is told nothing */

/* What a driver may take; what depends on something that is masked is not offered either. */
uint64_t vu_features(const struct vu_settings *);
uint64_t vu_protocol_features(void);

/* Which OFFLOAD_* a driver with these features takes. */
unsigned int vu_offload(uint64_t features);

/* "ring_packed, mrg_rxbuf", or NULL; *BAD and *LEN: the word that is no feature's name. -EINVAL. */
int vu_features_parse(const char *text, uint64_t *out, const char **bad, size_t *len);
/* All names, joined by ", ". */
void vu_features_list(char *out, size_t room);
json_t *vu_features_names(uint64_t features);
json_t *vu_protocol_names(uint64_t features);
/* The lowest bit of them: "bit 33" if it has no name. */
const char *vu_feature_name(uint64_t features, char *room, size_t len);

#endif /* PORTS_VHOST_USER_FEATURES_H */
