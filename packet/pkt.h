/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_PKT_H
#define PACKET_PKT_H

#include <linux/virtio_net.h>
#include <sys/uio.h>

#include "packet/wire.h"

/*
 * A frame on its way: a private, writable copy of its first octets (the head) and references to
 * the rest where it lies. Every decision and edit uses the head, so a guest cannot change a header
 * after it was checked.
 *
 * Threads: one worker. Lifetime: packet; taken from the worker's arena by a source or a clone,
 * gone when the run ends. The segments belong to the source and stay valid for the same run.
 */
#define PKT_HEAD 128u /* octets of the frame in the head, if it has as many */
#define PKT_ROOM 64u /* free octets in front of it: a whole line, so that the head begins one */
/* The longest frame: a 64 KiB IP packet behind a header and two tags. */
#define PKT_LEN_MAX (65535u + ETH_HDR_LEN + 2 * VLAN_TAG_LEN)

typedef uint16_t port_id_t;
#define PORT_NONE ((port_id_t)0xffff)

/* The frame came without a tag: no tag has this VID. A priority may stand beside it all the same.
 */
#define TCI_NONE 0x0fffu

#define PKT_UNICAST   0u /* of as many frames as a burst has, the sum tells how many there are */
#define PKT_MULTICAST 1u
#define PKT_BROADCAST 0x100u

struct pkt {
	uint8_t *data; /* the frame's first octet, within head[] */
	const struct iovec *seg; /* what follows the head */
	uint32_t len; /* the whole frame */
	uint16_t head_len; /* octets from data on */
	uint16_t n_seg;
	struct virtio_net_hdr_v1
		vnet; /* offsets count from data; untrusted until offload_check() */
	port_id_t in_port;
	union {
		port_id_t out_port;
		uint16_t came; /* before it has one, on the arc vsw-ingress: its TCI as it came */
	};
	/*
	 * Parameters of the service primitive (802.1Q-2018 6.8.1): once a switch has classified a
	 * frame, its outer tag is no longer in the head but here.
	 */
	union {
		struct {
			uint16_t vid;
			uint16_t fid; /* 8.8.8: whom VLANs that share learn for; else the VID */
			union {
				struct {
					uint16_t tci; /* priority and DEI; and the VID as it came */
					uint16_t class; /* PKT_UNICAST ...: whom it is for */
				};
				uint32_t tci_class;
			};
		};
		uint64_t q; /* all of them */
	};
	uint64_t note[2]; /* what one node tells the next of the same folder */

	uint8_t head[PKT_ROOM + PKT_HEAD];
} cache_aligned;
static_assert(offsetof(struct pkt, head) == CACHE_LINE, "all but the octets is in one line");

/* A frame on its way out of one port: one frame may go out of many, each with its own tag. */
struct tx_frame {
	const struct pkt *pkt;
	uint8_t tag[VLAN_TAG_LEN]; /* TPID and TCI as they go out, if tagged */
	bool tagged;
};

static inline uint32_t tx_frame_len(const struct tx_frame *f)
{
	return f->pkt->len + f->tagged * VLAN_TAG_LEN;
}

/* Of a frame that a switch has classified. */
static inline bool pkt_came_tagged(const struct pkt *p)
{
	return (p->tci & TCI_NONE) != TCI_NONE;
}

/* An empty frame with the usual room in front. */
static inline void pkt_reset(struct pkt *p)
{
	p->data = p->head + PKT_ROOM;
	p->seg = NULL;
	p->len = 0;
	p->head_len = 0;
	p->n_seg = 0;
	memset(&p->vnet, 0, sizeof(p->vnet));
}

/*
 * The same of one that came in at PORT and whose LEN octets and offload header (all but
 * num_buffers) are known already. Fields that lie together are written together.
 */
static inline void pkt_begin(struct pkt *p, const void *vnet, uint32_t len, uint16_t head_len,
			     port_id_t port)
{
	enum { HALF = sizeof(uint64_t) };
	uint64_t lengths = len | (uint64_t)head_len << 32; /* and n_seg */
	uint64_t rest = (uint64_t)port << 32; /* behind num_buffers; and out_port */

	static_assert(offsetof(struct pkt, n_seg) == offsetof(struct pkt, len) + 6 &&
			      offsetof(struct pkt, in_port) == offsetof(struct pkt, vnet) + 12,
		      "two words");
	p->data = p->head + PKT_ROOM;
	p->seg = NULL;
	memcpy(&p->len, &lengths, sizeof(lengths));
	memcpy(&p->vnet, vnet, HALF);
	memcpy(&rest, (const uint8_t *)vnet + HALF,
	       offsetof(struct virtio_net_hdr_v1, num_buffers) - HALF);
	memcpy((uint8_t *)&p->vnet + HALF, &rest, sizeof(rest));
}

/* Nothing is asked for by its offload header. */
static inline bool pkt_is_plain(const struct pkt *p)
{
	uint16_t flags_gso_type;

	static_assert(offsetof(struct virtio_net_hdr_v1, gso_type) == 1, "the first two octets");
	memcpy(&flags_gso_type, &p->vnet, sizeof(flags_gso_type));
	return !flags_gso_type;
}

/* Asserted by whoever made the frame: a classified one has its Ethernet header in the head. */
static inline struct eth_hdr *pkt_eth(const struct pkt *p)
{
	return (struct eth_hdr *)p->data;
}

/* Sets the class, for who has not done so in passing. */
static inline enum eth_class pkt_classify(struct pkt *p)
{
	static const uint16_t as[ETH_CLASSES] = { PKT_UNICAST, PKT_MULTICAST, PKT_BROADCAST };
	enum eth_class class = eth_addr_class(&pkt_eth(p)->dst);

	p->class = as[class];
	return class;
}

/*
 * The outer tag leaves the head or joins it. Offsets in the offload header follow. The caller has
 * checked that there is a tag, or that there is room (PKT_ROOM).
 */
void pkt_tag(struct pkt *, const uint8_t tag[VLAN_TAG_LEN]);
void pkt_shift_offsets(struct pkt *, int by); /* the rare half of pkt_untag() */
static inline void pkt_untag(struct pkt *p)
{
	uint8_t *to = p->data + VLAN_TAG_LEN;
	uint64_t front, lengths;
	uint32_t back;

	memcpy(&front, p->data, sizeof(front)); /* both addresses */
	memcpy(&back, p->data + sizeof(front), sizeof(back));
	memcpy(to, &front, sizeof(front));
	memcpy(to + sizeof(front), &back, sizeof(back));
	p->data = to;
	memcpy(&lengths, &p->len, sizeof(lengths)); /* both, and neither is less than that */
	lengths -= VLAN_TAG_LEN | (uint64_t)VLAN_TAG_LEN << 32;
	memcpy(&p->len, &lengths, sizeof(lengths));
	if (unlikely(!pkt_is_plain(p)))
		pkt_shift_offsets(p, -(int)VLAN_TAG_LEN);
}

/*
 * Can a head hold it with its tag? Each switch may have added one (802.1ad, tunnel in tunnel), so
 * that a frame outgrows its head.
 */
static inline bool tx_frame_fits(const struct tx_frame *f)
{
	return !f->tagged || f->pkt->head_len <= PKT_HEAD + PKT_ROOM - VLAN_TAG_LEN;
}

/* A frame of its own from FROM, which fits, as it would go out: same octets, same segments. */
void pkt_clone(struct pkt *to, const struct tx_frame *from);

/*
 * The frame as it goes out, as pieces: room for 3 + n_seg. Returns how many. They point into the
 * tx_frame, the head and the segments.
 */
#define TX_FRAME_IOV(n_seg) (3u + (n_seg))
unsigned int tx_frame_gather(const struct tx_frame *, struct iovec *out);

/* The offload header as it goes out: offsets moved by the tag. */
struct virtio_net_hdr_v1 tx_frame_vnet(const struct tx_frame *);

/* The same octets in one piece: room for tx_frame_len(). */
void tx_frame_copy(const struct tx_frame *, uint8_t *to);

/* Copies LEN octets of the frame, from OFF on, whatever piece they lie in. Bounds are the caller's.
 */
void pkt_copy_out(const struct pkt *, uint32_t off, void *to, uint32_t len);

#endif /* PACKET_PKT_H */
