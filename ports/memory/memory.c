/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/memory/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rcu.h"
#include "ports/memory/memory_priv.h"

#define FEED_FRAMES 1024u
#define KEEP_OCTETS (4u << 20)

static void unfeed(struct memory_port *m)
{
	for (unsigned int i = 0; i < m->n_in; i++) {
		free((void *)m->in[i].data);
		free((void *)m->in[i].seg);
	}
	m->n_in = m->at = 0;
}

static void release(struct memory_port *m)
{
	unfeed(m);
	fd_close(&m->source.fd);
	free(m->in);
	free(m->out);
	free(m->arena);
	free(m);
}

static int allocate(const struct memory_config *c, struct memory_port **out)
{
	struct memory_port *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->source = (struct source){ .fd = -1, .rx = memory_rx, .arg = m };
	m->sink = (struct sink){ .tx = memory_tx, .arg = m };
	m->offload = c->offload;
	m->room_in = c->feed_frames ? c->feed_frames : FEED_FRAMES;
	m->room_out = c->keep_frames;
	m->room = c->keep_octets ? c->keep_octets : KEEP_OCTETS;
	if (!m->room_out)
		m->room = (size_t)RING_FRAMES * RING_SLOT;
	m->in = calloc(m->room_in, sizeof(*m->in));
	m->out = calloc(m->room_out ? m->room_out : 1, sizeof(*m->out));
	m->arena = malloc(m->room);
	if (c->wake)
		m->source.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!m->in || !m->out || !m->arena || (c->wake && m->source.fd < 0)) {
		release(m);
		return -ENOMEM;
	}
	*out = m;
	return 0;
}

int memory_port_create(struct engine *e, const struct memory_config *config,
		       struct memory_port **out)
{
	static const struct memory_config plain;
	struct memory_port *m;
	int err;

	err = allocate(config ? config : &plain, &m);
	if (err)
		return err;
	err = port_take(e, &m->id);
	if (err)
		goto no_number;
	m->engine = e;
	m->source.port = m->sink.port = m->id;
	err = engine_add_source(e, &m->source);
	if (err)
		goto no_source;
	engine_set_sink(e, m->id, &m->sink);
	*out = m;
	return 0;

no_source:
	port_free(e, m->id);
no_number:
	release(m);
	return err;
}

void memory_port_destroy(struct memory_port *m)
{
	if (!m)
		return;
	engine_del_source(m->engine, &m->source);
	engine_set_sink(m->engine, m->id, NULL);
	rcu_wait();
	port_free(m->engine, m->id);
	release(m);
}

/* What is past the head, in pieces. */
static int split(struct memory_in *in, uint32_t piece)
{
	uint32_t rest = in->len > PKT_HEAD ? in->len - PKT_HEAD : 0, n, at = PKT_HEAD;
	struct iovec *seg;

	if (!rest)
		return 0;
	if (!piece)
		piece = rest;
	n = (rest + piece - 1) / piece;
	if (n > UINT16_MAX)
		return -E2BIG;
	seg = calloc(n, sizeof(*seg));
	if (!seg)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++, at += piece)
		seg[i] = (struct iovec){ (void *)(in->data + at), MIN(piece, in->len - at) };
	in->seg = seg;
	in->n_seg = (uint16_t)n;
	return 0;
}

int memory_feed(struct memory_port *m, const void *data, uint32_t len,
		const struct virtio_net_hdr_v1 *vnet, uint32_t piece)
{
	const uint64_t one = 1;
	struct memory_in in = { .len = len };
	uint8_t *own;
	int err;

	if (m->n_in == m->room_in)
		return -ENOSPC;
	if (len > PKT_LEN_MAX)
		return -EMSGSIZE;
	own = calloc(1, MAX(len, PKT_HEAD)); /* rx() always copies a whole head */
	if (!own)
		return -ENOMEM;
	memcpy(own, data, len);
	in.data = own;
	if (vnet)
		in.vnet = *vnet;
	err = split(&in, piece);
	if (err) {
		free(own);
		return err;
	}
	m->in[m->n_in] = in;
	__atomic_store_n(&m->n_in, m->n_in + 1, __ATOMIC_RELEASE);
	if (m->source.fd >= 0)
		(void)!write(m->source.fd, &one, sizeof(one));
	return 0;
}

void memory_rewind(struct memory_port *m)
{
	m->at = 0;
}

void memory_drain(struct memory_port *m)
{
	unfeed(m);
}

const struct memory_frame *memory_frame(const struct memory_port *m, unsigned int i)
{
	return i < m->n_out ? &m->out[i] : NULL;
}

void memory_forget(struct memory_port *m)
{
	m->n_out = 0;
	m->used = 0;
}

uint64_t memory_count(const struct memory_port *m, uint64_t *octets)
{
	if (octets)
		*octets = __atomic_load_n(&m->octets, __ATOMIC_RELAXED);
	return __atomic_load_n(&m->frames, __ATOMIC_RELAXED);
}
