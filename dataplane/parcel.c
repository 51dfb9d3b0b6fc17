/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/parcel.h"

bool parcel_put_flat(struct spsc *ring, const struct parcel *p)
{
	uint8_t *to = spsc_reserve(ring, (unsigned int)sizeof(*p) + p->len);

	if (!to)
		return false;
	memcpy(to, p, sizeof(*p));
	memcpy(to + sizeof(*p), p->data, p->len);
	spsc_commit(ring);
	return true;
}

bool parcel_put(struct spsc *ring, struct parcel p, const struct tx_frame *f)
{
	uint8_t *to;

	p.len = tx_frame_len(f);
	p.vnet = tx_frame_vnet(f);
	to = spsc_reserve(ring, (unsigned int)sizeof(p) + p.len);
	if (!to)
		return false;
	memcpy(to, &p, sizeof(p));
	tx_frame_copy(f, to + sizeof(p));
	spsc_commit(ring);
	return true;
}

unsigned int parcel_take(struct spsc *ring, parcel_fn *fn, void *arg, unsigned int max)
{
	unsigned int n = 0, len;
	const void *record;

	while (n < max && (record = spsc_peek(ring, &len))) {
		struct parcel p;

		memcpy(&p, record, sizeof(p));
		p.data = (const uint8_t *)record + sizeof(p);
		fn(arg, &p);
		spsc_pop(ring);
		n++;
	}
	return n;
}
