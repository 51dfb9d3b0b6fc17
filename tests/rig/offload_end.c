/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rig/offload_end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ports/memory/memory.h"

#define BIT(n) (UINT64_C(1) << (n))

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "offload end: %s\n", what);
	abort();
}

static void run(struct offload_end *e)
{
	for (unsigned int i = 0; i < 2; i++) {
		loop_once(e->r->rig->env.loop, 0);
		vhost_rig_run(e->r);
	}
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static const char *open_memory(struct offload_end *e, unsigned int offload)
{
	const struct memory_config c = { .keep_frames = 4096, .offload = offload };

	must(!memory_port_create(e->r->rig->env.engine, &c, &e->memory), "a memory port");
	e->id = e->memory->id;
	return NULL;
}

static const char *memory_open(struct offload_end *e)
{
	return open_memory(e, OFFLOAD_ALL);
}

static const char *memory_open_none(struct offload_end *e)
{
	return open_memory(e, 0);
}

static void memory_close(struct offload_end *e)
{
	memory_port_destroy(e->memory);
}

static void memory_send(struct offload_end *e, const uint8_t *frame, uint32_t len,
			const struct virtio_net_hdr_v1 *h)
{
	memory_drain(e->memory);
	must(!memory_feed(e->memory, frame, len, h, 3000), "memory");
	run(e);
}

static uint32_t memory_receive(struct offload_end *e, uint8_t *frame, struct virtio_net_hdr_v1 *h)
{
	const struct memory_frame *f = memory_frame(e->memory, e->seen);

	if (!f) {
		memory_forget(e->memory);
		e->seen = 0;
		return 0;
	}
	e->seen++;
	memcpy(frame, f->data, f->len);
	*h = f->vnet;
	return f->len;
}

/* ---- machines of our own --------------------------------------------------------------------- */

static const char *open_vhost(struct offload_end *e, uint64_t features, uint32_t rx_len)
{
	const struct guest_config c = {
		.features = features, .size = 512, .rx_len = rx_len, .tx_pieces = 4
	};

	e->vm = vhost_rig_plug(e->r, "", &c);
	e->port = e->vm->port;
	e->id = e->port->id;
	must(!guest_start(e->vm->g), "a guest");
	return NULL;
}

static const char *vhost_open(struct offload_end *e)
{
	return open_vhost(e, GUEST_FEATURES, 1526);
}

/* No offload, no merged buffers. */
static const char *vhost_open_none(struct offload_end *e)
{
	return open_vhost(e,
			  GUEST_FEATURES &
				  ~(BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) |
				    BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(GUEST_F_RING_PACKED)),
			  0);
}

static void vhost_close(struct offload_end *e)
{
	guest_disconnect(e->vm->g);
	run(e);
	port_rig_close(e->r->rig, e->port, false);
	guest_destroy(e->vm->g);
	*e->vm = (struct vhost_vm){ 0 };
	e->r->n--; /* the last that was plugged */
}

static void vhost_send(struct offload_end *e, const uint8_t *frame, uint32_t len,
		       const struct virtio_net_hdr_v1 *h)
{
	must(!guest_send(e->vm->g, 0, frame, len, h), "a transmit queue");
	run(e);
}

static uint32_t vhost_receive(struct offload_end *e, uint8_t *frame, struct virtio_net_hdr_v1 *h)
{
	uint32_t len = guest_receive(e->vm->g, 0, frame, VHOST_FRAME, h);

	if (!len)
		return 0;
	/* 5.1.6.4.1: what was finished for it may be said to be right. */
	if (guest_has(e->vm->g, VIRTIO_NET_F_GUEST_CSUM))
		h->flags &= (uint8_t)~VIRTIO_NET_HDR_F_DATA_VALID;
	h->num_buffers = 0;
	return len;
}

/* ---- programs behind a kernel's device ------------------------------------------------------- */

static int packet_socket(const char *device)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(device) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	must(fd >= 0 && !setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) &&
		     !setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) &&
		     /* A new link's queue is there some time after its carrier. */
		     !setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) &&
		     !setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) &&
		     !bind(fd, (struct sockaddr *)&at, sizeof(at)),
	     "a packet socket");
	return fd;
}

static const char *tap_open(struct offload_end *e)
{
	char name[16], spec[200];

	snprintf(name, sizeof(name), "t%u", e->number);
	snprintf(spec, sizeof(spec), "{\"switch\":\"s\",\"device\":\"%s\",\"mtu\":9100}", name);
	e->port = port_rig_start(e->r->rig, name, spec);
	e->id = e->port->id;
	e->sock = packet_socket(name);
	return NULL;
}

static void tap_close(struct offload_end *e)
{
	close(e->sock);
	port_rig_close(e->r->rig, e->port, false);
	ports_settle(&e->r->rig->env);
}

static void kernel_send(struct offload_end *e, const uint8_t *frame, uint32_t len,
			const struct virtio_net_hdr_v1 *h)
{
	struct virtio_net_hdr old;
	struct iovec v[2] = { { &old, sizeof(old) }, { (void *)frame, len } };

	memcpy(&old, h, sizeof(old));
	must(writev(e->sock, v, 2) == (ssize_t)(sizeof(old) + len), "the kernel takes it");
	run(e);
}

/* A TAP's queue is there some time after its carrier; what comes before is lost. */
static void await_way(struct offload_end *e)
{
	static const struct virtio_net_hdr_v1 plain;
	uint64_t end = clock_ns() + UINT64_C(5000000000);
	uint8_t probe[60] = { 2 };
	struct port_count c;

	e->r->rig->to[e->id] = PORT_NONE;
	do {
		must(clock_ns() < end, "a way through the kernel");
		kernel_send(e, probe, sizeof(probe), &plain);
		port_counters(e->r->rig->env.engine, e->id, &c);
	} while (!c.in_frames);
}

static const char *netdev_open(struct offload_end *e)
{
	char ours[16], theirs[16], line[200], spec[200];
	struct faults f = { 0 };

	if (!port_type_find("netdev"))
		return "there is no such type";
	snprintf(ours, sizeof(ours), "v%u", e->number);
	snprintf(theirs, sizeof(theirs), "w%u", e->number);
	snprintf(line, sizeof(line),
		 "ip link add %s mtu 9100 type veth peer name %s mtu 9100 && ip link set %s up && "
		 "ip link set %s up",
		 ours, theirs, ours, theirs);
	must(!system(line), line);
	snprintf(spec, sizeof(spec), "{\"switch\":\"s\",\"type\":\"netdev\",\"device\":\"%s\"}",
		 ours);
	e->port = port_rig_open(e->r->rig, port_rig_object(e->r->rig, "port", ours, spec), &f);
	must(e->port, f.n ? f.v[0].message : "a netdev port");
	e->port->type->start(e->port);
	if (e->port->type->carrier)
		e->port->type->carrier(e->port);
	e->id = e->port->id;
	e->sock = packet_socket(theirs);
	await_way(e);
	return NULL;
}

static void netdev_close(struct offload_end *e)
{
	char line[64];

	tap_close(e);
	snprintf(line, sizeof(line), "ip link del w%u", e->number);
	must(!system(line), line);
}

/* The kernel takes the outer tag off and tells it beside the frame; offsets count without it. */
static uint32_t retag(struct msghdr *m, uint8_t *frame, uint32_t len, struct virtio_net_hdr_v1 *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const struct tpacket_auxdata *a = (void *)CMSG_DATA(c);
		unsigned int tpid;

		if (c->cmsg_type != PACKET_AUXDATA || !(a->tp_status & TP_STATUS_VLAN_VALID))
			continue;
		tpid = a->tp_status & TP_STATUS_VLAN_TPID_VALID ? a->tp_vlan_tpid : 0x8100;
		memmove(frame + 16, frame + 12, len - 12);
		frame[12] = (uint8_t)(tpid >> 8);
		frame[13] = (uint8_t)tpid;
		frame[14] = (uint8_t)(a->tp_vlan_tci >> 8);
		frame[15] = (uint8_t)a->tp_vlan_tci;
		if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
			h->csum_start = (uint16_t)(h->csum_start + 4);
		return len + 4;
	}
	return len;
}

static uint32_t kernel_receive(struct offload_end *e, uint8_t *frame, struct virtio_net_hdr_v1 *h)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct virtio_net_hdr old;
	struct iovec v[2] = { { &old, sizeof(old) }, { frame, VHOST_FRAME - 4 } };
	struct pollfd p = { .fd = e->sock, .events = POLLIN };
	struct msghdr m = { .msg_iov = v,
			    .msg_iovlen = 2,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = poll(&p, 1, e->more ? GUEST_WAIT_MS : 1) > 0 ? recvmsg(e->sock, &m, 0) : -1;

	if (n <= (ssize_t)sizeof(old))
		return 0;
	memset(h, 0, sizeof(*h));
	memcpy(h, &old, sizeof(old));
	h->flags &= (uint8_t)~VIRTIO_NET_HDR_F_DATA_VALID;
	return retag(&m, frame, (uint32_t)n - (uint32_t)sizeof(old), h);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void file_name(const struct offload_end *e, const char *which, char *out, size_t room)
{
	snprintf(out, room, "%s/%s%u.pcap", e->r->rig->dir, which, e->number);
}

static void pcap_plug(struct offload_end *e, const char *more)
{
	char name[16], spec[300];

	snprintf(name, sizeof(name), "p%u", e->number);
	snprintf(spec, sizeof(spec),
		 "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"out%u.pcap\"%s}", e->number,
		 more);
	e->port = port_rig_start(e->r->rig, name, spec);
	e->id = e->port->id;
}

static const char *pcap_end_open(struct offload_end *e)
{
	char path[128];

	file_name(e, "out", path, sizeof(path));
	unlink(path);
	pcap_plug(e, "");
	return NULL;
}

static void pcap_end_close(struct offload_end *e)
{
	port_rig_close(e->r->rig, e->port, false);
}

/* A file cannot be fed: the port is made anew around each frame. */
static void pcap_send(struct offload_end *e, const uint8_t *frame, uint32_t len,
		      const struct virtio_net_hdr_v1 *h)
{
	struct pcap_pkthdr at = { .caplen = len, .len = len };
	char path[128], more[80];
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 262144);
	pcap_dumper_t *out;

	(void)h;
	file_name(e, "in", path, sizeof(path));
	out = pcap_dump_open(dead, path);
	must(out, path);
	pcap_dump((u_char *)out, &at, frame);
	pcap_dump_close(out);
	pcap_close(dead);
	pcap_end_close(e);
	snprintf(more, sizeof(more), ",\"replay\":\"in%u.pcap\",\"paced\":false", e->number);
	pcap_plug(e, more);
	e->r->rig->to[e->id] = e->to;
	run(e);
}

static uint32_t pcap_receive(struct offload_end *e, uint8_t *frame, struct virtio_net_hdr_v1 *h)
{
	char path[128], why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *at;
	const u_char *data;
	uint32_t len = 0;
	pcap_t *in;

	file_name(e, "out", path, sizeof(path));
	in = pcap_open_offline(path, why);
	must(in, why);
	for (unsigned int i = 0; i <= e->seen; i++)
		len = pcap_next_ex(in, &at, &data) == 1 ? at->len : 0;
	if (len) {
		e->seen++;
		must(at->caplen == len, "a whole frame in the file");
		memcpy(frame, data, len);
	}
	memset(h, 0, sizeof(*h));
	pcap_close(in);
	return len;
}

/* ---- all ------------------------------------------------------------------------------------- */

/*
 * Linux makes no UFO since 4.14. It takes it, but a packet socket with offload headers cannot show
 * it: see tests/unit/ports/tap/tap_offload_test.c.
 */
#define KERNEL (OFFLOAD_ALL & ~OFFLOAD_UFO)

const struct offload_end_type offload_ends[] = {
	{ "memory, all", OFFLOAD_ALL, OFFLOAD_ALL, OFFLOAD_ALL, false, false, memory_open,
	  memory_close, memory_send, memory_receive },
	{ "memory, none", 0, OFFLOAD_ALL, OFFLOAD_ALL, false, false, memory_open_none, memory_close,
	  memory_send, memory_receive },
	{ "vhost_user, all", OFFLOAD_ALL, OFFLOAD_ALL, OFFLOAD_ALL, false, false, vhost_open,
	  vhost_close, vhost_send, vhost_receive },
	{ "vhost_user, none", 0, 0, OFFLOAD_ALL, false, false, vhost_open_none, vhost_close,
	  vhost_send, vhost_receive },
	{ "pcap", 0, 0, OFFLOAD_ALL, false, false, pcap_end_open, pcap_end_close, pcap_send,
	  pcap_receive },
	{ "tap", OFFLOAD_ALL, KERNEL, KERNEL, true, true, tap_open, tap_close, kernel_send,
	  kernel_receive },
	{ "netdev", OFFLOAD_ALL, KERNEL, KERNEL, true, true, netdev_open, netdev_close, kernel_send,
	  kernel_receive },
};
const unsigned int n_offload_ends = ARRAY_LEN(offload_ends);
