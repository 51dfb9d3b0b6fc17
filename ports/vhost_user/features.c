/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/vhost_user/features.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdio.h>

#include "packet/offload.h"
#include "virtio/vhost_user.h"

/* Newer than Debian 12's headers. */
enum { F_GUEST_USO4 = 54, F_GUEST_USO6 = 55, F_HOST_USO = 56 };

#define BIT(n) (1ull << (n))
#define CTRL   BIT(VIRTIO_NET_F_CTRL_VQ)
#define H_CSUM BIT(VIRTIO_NET_F_CSUM)
#define G_CSUM BIT(VIRTIO_NET_F_GUEST_CSUM)
#define H_TSO  (BIT(VIRTIO_NET_F_HOST_TSO4) | BIT(VIRTIO_NET_F_HOST_TSO6))
#define G_TSO  (BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6))

/* All that we serve, and for each what it needs one of (virtio 1.2, 5.1.3.1). */
static const struct {
	const char *name;
	unsigned int bit;
	uint64_t needs;
} table[] = {
	{ "csum", VIRTIO_NET_F_CSUM, 0 },
	{ "guest_csum", VIRTIO_NET_F_GUEST_CSUM, 0 },
	{ "mtu", VIRTIO_NET_F_MTU, 0 },
	{ "mac", VIRTIO_NET_F_MAC, 0 },
	{ "guest_tso4", VIRTIO_NET_F_GUEST_TSO4, G_CSUM },
	{ "guest_tso6", VIRTIO_NET_F_GUEST_TSO6, G_CSUM },
	{ "guest_ecn", VIRTIO_NET_F_GUEST_ECN, G_TSO },
	{ "guest_ufo", VIRTIO_NET_F_GUEST_UFO, G_CSUM },
	{ "host_tso4", VIRTIO_NET_F_HOST_TSO4, H_CSUM },
	{ "host_tso6", VIRTIO_NET_F_HOST_TSO6, H_CSUM },
	{ "host_ecn", VIRTIO_NET_F_HOST_ECN, H_TSO },
	{ "host_ufo", VIRTIO_NET_F_HOST_UFO, H_CSUM },
	{ "mrg_rxbuf", VIRTIO_NET_F_MRG_RXBUF, 0 },
	{ "status", VIRTIO_NET_F_STATUS, 0 },
	{ "ctrl_vq", VIRTIO_NET_F_CTRL_VQ, 0 },
	{ "ctrl_rx", VIRTIO_NET_F_CTRL_RX, CTRL },
	{ "ctrl_vlan", VIRTIO_NET_F_CTRL_VLAN, CTRL },
	{ "ctrl_rx_extra", VIRTIO_NET_F_CTRL_RX_EXTRA, CTRL },
	{ "guest_announce", VIRTIO_NET_F_GUEST_ANNOUNCE, CTRL },
	{ "mq", VIRTIO_NET_F_MQ, CTRL },
	{ "ctrl_mac_addr", VIRTIO_NET_F_CTRL_MAC_ADDR, CTRL },
	{ "log_all", VHOST_USER_F_LOG_ALL, 0 },
	{ "any_layout", VIRTIO_F_ANY_LAYOUT, 0 },
	{ "indirect_desc", VIRTIO_RING_F_INDIRECT_DESC, 0 },
	{ "event_idx", VIRTIO_RING_F_EVENT_IDX, 0 },
	{ "protocol_features", VHOST_USER_F_PROTOCOL_FEATURES, 0 },
	{ "version_1", VIRTIO_F_VERSION_1, 0 },
	{ "ring_packed", VIRTIO_F_RING_PACKED, BIT(VIRTIO_F_VERSION_1) },
	{ "in_order", VIRTIO_F_IN_ORDER, BIT(VIRTIO_F_VERSION_1) },
	{ "guest_uso4", F_GUEST_USO4, G_CSUM },
	{ "guest_uso6", F_GUEST_USO6, G_CSUM },
	{ "host_uso", F_HOST_USO, H_CSUM },
};

static const struct {
	const char *name;
	unsigned int bit;
} protocol[] = {
	{ "mq", VHOST_USER_PROTOCOL_F_MQ },
	{ "log_shmfd", VHOST_USER_PROTOCOL_F_LOG_SHMFD },
	{ "rarp", VHOST_USER_PROTOCOL_F_RARP },
	{ "reply_ack", VHOST_USER_PROTOCOL_F_REPLY_ACK },
	{ "mtu", VHOST_USER_PROTOCOL_F_MTU },
	{ "backend_req", VHOST_USER_PROTOCOL_F_BACKEND_REQ },
	{ "config", VHOST_USER_PROTOCOL_F_CONFIG },
	{ "inflight_shmfd", VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD },
	{ "reset_device", VHOST_USER_PROTOCOL_F_RESET_DEVICE },
	{ "configure_mem_slots", VHOST_USER_PROTOCOL_F_CONFIGURE_MEM_SLOTS },
	{ "status", VHOST_USER_PROTOCOL_F_STATUS },
};

uint64_t vu_features(const struct vu_settings *set)
{
	uint64_t f = 0, before;

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		f |= BIT(table[i].bit);
	f &= ~set->without;
	if (set->mtu == VU_MTU)
		f &= ~BIT(VIRTIO_NET_F_MTU);
	if (set->queues < 2)
		f &= ~BIT(VIRTIO_NET_F_MQ);
	do {
		before = f;
		for (size_t i = 0; i < ARRAY_LEN(table); i++) {
			if (table[i].needs && !(f & table[i].needs))
				f &= ~BIT(table[i].bit);
		}
	} while (f != before);
	return f;
}

uint64_t vu_protocol_features(void)
{
	uint64_t f = 0;

	for (size_t i = 0; i < ARRAY_LEN(protocol); i++)
		f |= BIT(protocol[i].bit);
	return f;
}

unsigned int vu_offload(uint64_t f)
{
	const uint64_t uso = BIT(F_GUEST_USO4) | BIT(F_GUEST_USO6);
	unsigned int offload = 0;

	if (!(f & G_CSUM))
		return 0;
	/* Frames with the ECN bit are not told apart from other TSO frames. */
	if (f & BIT(VIRTIO_NET_F_GUEST_ECN)) {
		offload |= f & BIT(VIRTIO_NET_F_GUEST_TSO4) ? OFFLOAD_TSO4 : 0;
		offload |= f & BIT(VIRTIO_NET_F_GUEST_TSO6) ? OFFLOAD_TSO6 : 0;
	}
	offload |= f & BIT(VIRTIO_NET_F_GUEST_UFO) ? OFFLOAD_UFO : 0;
	offload |= (f & uso) == uso ? OFFLOAD_USO : 0;
	return offload | OFFLOAD_CSUM;
}

int vu_features_parse(const char *text, uint64_t *out, const char **bad, size_t *len)
{
	uint64_t mask = 0;

	while (text && *(text += strspn(text, ", "))) {
		size_t n = strcspn(text, ", "), i = 0;

		while (i < ARRAY_LEN(table) &&
		       (strlen(table[i].name) != n || strncmp(table[i].name, text, n) != 0))
			i++;
		if (i == ARRAY_LEN(table)) {
			*bad = text;
			*len = n;
			return -EINVAL;
		}
		mask |= BIT(table[i].bit);
		text += n;
	}
	*out = mask;
	return 0;
}

void vu_features_list(char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(table) && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%s", i ? ", " : "", table[i].name);
}

json_t *vu_features_names(uint64_t features)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (features & BIT(table[i].bit))
			json_array_append_new(list, json_string(table[i].name));
	}
	return list;
}

json_t *vu_protocol_names(uint64_t features)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(protocol); i++) {
		if (features & BIT(protocol[i].bit))
			json_array_append_new(list, json_string(protocol[i].name));
	}
	return list;
}

const char *vu_feature_name(uint64_t features, char *room, size_t len)
{
	unsigned int bit = features ? (unsigned int)__builtin_ctzll(features) : 0;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].bit == bit)
			return table[i].name;
	}
	snprintf(room, len, "bit %u", bit);
	return room;
}
