/* SPDX-License-Identifier: Apache-2.0 */
/* Along one chain of descriptors, wherever they lie. Nothing in it is believed. */
#include "virtio/ring_priv.h"

#define DESC_LEN 16u

bool walk_begin(struct walk *w, struct take *t, struct ring_chain *c)
{
	*w = (struct walk){ .take = t, .chain = c };
	*c = (struct ring_chain){ .more = t->pool, .slots = 1 };
	return true;
}

static bool is_broken(const struct walk *w, const char *why)
{
	ring_break(w->take->ring, why);
	return false;
}

bool walk_step(struct walk *w)
{
	unsigned int most = MAX((unsigned int)w->take->ring->cfg.size, CHAIN_MIN);

	/* A loop is nothing but a chain that is too long. */
	return likely(w->steps++ < most) || is_broken(w, "a chain is longer than the queue");
}

static bool add(struct walk *w, uint8_t *at, uint32_t len)
{
	struct take *t = w->take;

	if (unlikely(w->n_iov == t->left)) {
		if (t->whole)
			return is_broken(w, "a chain has more pieces than any frame");
		return false;
	}
	t->pool[w->n_iov++] = (struct iovec){ at, len };
	return true;
}

bool walk_piece(struct walk *w, uint64_t gpa, uint32_t len, uint16_t flags)
{
	struct ring *r = w->take->ring;
	bool writes = flags & VRING_DESC_F_WRITE;

	if (unlikely(writes && w->take->dir == RING_READ))
		return is_broken(w, "a buffer to be written in a transmit queue");
	if (unlikely(!writes && w->take->dir == RING_WRITE))
		return is_broken(w, "a buffer to be read in a receive queue");
	if (unlikely(!writes && w->wrote)) /* 2.7.4.2 */
		return is_broken(w, "a buffer to be read behind one to be written");
	w->wrote |= writes;
	w->len += len;
	if (unlikely(w->len > UINT32_MAX)) /* 2.7.5.2 */
		return is_broken(w, "a chain of more than 4 GiB");
	while (len) {
		uint32_t room = UINT32_MAX, n;
		uint8_t *at = gmem_at(r->cfg.mem, gpa, &room, &r->hint);

		if (unlikely(!at))
			return is_broken(w, "a buffer outside of the guest's memory");
		n = MIN(len, room);
		if (!add(w, at, n))
			return false;
		w->n_read += !writes;
		gpa += n;
		len -= n;
		if (unlikely(len && !gpa))
			return is_broken(w, "a buffer that wraps around");
	}
	return true;
}

void walk_end(struct walk *w)
{
	struct ring_chain *c = w->chain;

	c->len = (uint32_t)w->len;
	c->n_iov = (uint16_t)w->n_iov;
	c->n_read = (uint16_t)w->n_read;
	if (w->n_iov == 1) {
		c->one = *c->more;
		return;
	}
	w->take->pool += w->n_iov;
	w->take->left -= w->n_iov;
	w->take->whole = false;
}

/* It may lie across two regions. False: it is not the guest's memory. */
static bool read_desc(struct ring *r, uint64_t gpa, struct vring_desc *out)
{
	uint8_t *to = (uint8_t *)out;
	uint32_t left = DESC_LEN;

	while (left) {
		uint32_t n = left;
		const uint8_t *at = gmem_at(r->cfg.mem, gpa, &n, &r->hint);

		if (!at)
			return false;
		memcpy(to, at, n);
		to += n;
		gpa += n;
		left -= n;
	}
	__asm__ volatile("" : "+m"(*out)); /* from here on it is ours, never read again */
	return true;
}

bool walk_table(struct walk *w, uint64_t gpa, uint32_t len, bool packed)
{
	struct ring *r = w->take->ring;
	uint32_t n = len / DESC_LEN, at = 0;
	struct vring_desc d;
	uint16_t flags;

	if (unlikely(!r->cfg.indirect))
		return is_broken(w, "an indirect descriptor, which was not agreed on");
	if (unlikely(!n || len % DESC_LEN)) /* 2.7.5.3.2, 2.8.7 */
		return is_broken(w, "an indirect table of no whole descriptors");
	if (unlikely(gpa + (len - 1) < gpa))
		return is_broken(w, "an indirect table that wraps around");
	for (;;) {
		if (!walk_step(w))
			return false;
		if (unlikely(!read_desc(r, gpa + (uint64_t)at * DESC_LEN, &d)))
			return is_broken(w, "an indirect table outside of the guest's memory");
		/* 2.8.5: a packed table's flags are where a split one has its next. */
		flags = le16toh(packed ? d.next : d.flags);
		/* 2.8.7: in a packed ring's table only WRITE counts. */
		if (unlikely(!packed && flags & VRING_DESC_F_INDIRECT))
			return is_broken(w, "an indirect table in an indirect table");
		if (!walk_piece(w, le64toh(d.addr), le32toh(d.len), flags))
			return false;
		if (packed) {
			if (++at == n)
				return true;
			continue;
		}
		if (!(flags & VRING_DESC_F_NEXT))
			return true;
		at = le16toh(d.next);
		if (unlikely(at >= n))
			return is_broken(w, "an indirect table that leads out of itself");
	}
}
