/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of a port as a pcap stream, for as many readers as like. What a reader gets is what a
 * wire would show: large frames cut, checksums filled in.
 */
#include <pcap/pcap.h>
#include <stdlib.h>

#include "dataplane/punt.h"
#include "ports/watch_priv.h"

#define QUEUE_OCTETS (8u << 20)
#define NANO_MAGIC   0xa1b23c4d /* pcap with nanoseconds */

struct capture {
	struct capture *next;
	struct watch *watch;
	struct stream *stream;
	port_id_t port;
	long left; /* frames still wanted; -1: without end */
	bool over;
	uint64_t time_ns; /* of the frame being written */
};

struct record {
	uint32_t sec, nsec, caplen, len;
};

static void stop_if_alone(struct watch *w, port_id_t port)
{
	for (const struct capture *c = w->captures; c; c = c->next) {
		if (c->port == port)
			return;
	}
	capture_port(w->env->engine, port, false);
}

static void closed(void *arg)
{
	struct capture *c = arg, **at = &c->watch->captures;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	stop_if_alone(c->watch, c->port);
	free(c);
}

static void write_frame(void *arg, const uint8_t *frame, uint32_t len)
{
	struct capture *c = arg;
	struct record r = {
		.sec = (uint32_t)(c->time_ns / 1000000000u),
		.nsec = (uint32_t)(c->time_ns % 1000000000u),
		.caplen = len,
		.len = len,
	};

	if (c->over || stream_room(c->stream) < sizeof(r) + len)
		return; /* a reader that cannot keep up misses frames, nobody else does */
	if (stream_write(c->stream, &r, sizeof(r)) < 0 || stream_write(c->stream, frame, len) < 0)
		c->over = true;
	if (c->left > 0 && --c->left == 0)
		c->over = true;
	if (c->over)
		stream_end(c->stream);
}

void capture_finish(const struct parcel *p, uint8_t *scratch, gso_out_fn *out, void *arg)
{
	struct iovec rest;
	struct pkt pkt;
	uint32_t head = MIN(p->len, PKT_HEAD);

	pkt_reset(&pkt);
	memcpy(pkt.data, p->data, head);
	rest = (struct iovec){ (void *)(p->data + head), p->len - head };
	pkt.head_len = (uint16_t)head;
	pkt.len = p->len;
	pkt.seg = &rest;
	pkt.n_seg = p->len > head;
	pkt.vnet = p->vnet;
	/* What came in was not checked yet, and stays as it is if it makes no sense. */
	if (offload_check(&pkt) < 0)
		memset(&pkt.vnet, 0, sizeof(pkt.vnet));
	if (gso_finish(&(struct tx_frame){ .pkt = &pkt }, scratch, GSO_BUF, out, arg) < 0)
		out(arg, p->data, p->len);
}

void captures_put(void *arg, const struct parcel *p)
{
	struct watch *w = arg;

	for (struct capture *c = w->captures; c; c = c->next) {
		if (c->port != p->port || c->over)
			continue;
		c->time_ns = p->time_ns;
		capture_finish(p, w->scratch, write_frame, c);
	}
}

void captures_end(void *arg, struct port *p)
{
	struct watch *w = arg;

	for (struct capture *c = w->captures; c; c = c->next) {
		if (c->port != p->id || c->over)
			continue;
		c->over = true;
		stream_end(c->stream);
	}
}

void capture_begin(void *ctx, struct request *r)
{
	static const struct stream_ops ops = { .closed = closed };
	struct watch *w = ctx;
	const struct object *o = model_find(request_model(r), "port", request_path(r, "name"));
	struct pcap_file_header head = { .magic = NANO_MAGIC,
					 .version_major = PCAP_VERSION_MAJOR,
					 .version_minor = PCAP_VERSION_MINOR,
					 .snaplen = PKT_LEN_MAX,
					 .linktype = DLT_EN10MB };
	struct capture *c;
	long count = -1;

	if (request_query_int(r, "count", 1, 1000000000, &count) < 0) {
		reply_faults(r);
		return;
	}
	if (!o || !o->run) {
		fault(request_faults(r), FAULT_NOT_FOUND, NULL, NULL, "there is no port %s",
		      request_path(r, "name"));
		reply_faults(r);
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c || capture_port(w->env->engine, ((const struct port *)o->run)->id, true) < 0) {
		free(c);
		fault(request_faults(r), FAULT_SYSTEM, NULL, NULL, "there is no memory to capture");
		reply_faults(r);
		return;
	}
	c->watch = w;
	c->port = ((const struct port *)o->run)->id;
	c->left = count;
	c->stream = reply_stream(r, "application/vnd.tcpdump.pcap", QUEUE_OCTETS, &ops, c);
	if (!c->stream) {
		stop_if_alone(w, c->port);
		free(c);
		return;
	}
	c->next = w->captures;
	w->captures = c;
	stream_write(c->stream, &head, sizeof(head));
}
