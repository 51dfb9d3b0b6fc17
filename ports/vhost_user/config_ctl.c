/* SPDX-License-Identifier: Apache-2.0 */
/* The device's configuration space (virtio 1.2, 5.1.4), for a frontend that leaves it to us. */
#include "ports/vhost_user/session_priv.h"

#include <endian.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>

#define BIT(n) (1ull << (n))

static bool has_protocol(const struct vu_session *s, unsigned int bit)
{
	return s->peer.protocol & BIT(bit);
}

static struct virtio_net_config space(const struct vu_session *s)
{
	const struct vu_peer *p = &s->peer;
	const struct eth_addr *mac = &p->filter.uni[0];
	uint16_t status = port_is_on(s->vu->port) ? VIRTIO_NET_S_LINK_UP : 0;
	struct virtio_net_config c = { .duplex = 0xff };

	if (p->announce)
		status |= VIRTIO_NET_S_ANNOUNCE;
	memcpy(c.mac, mac->b, sizeof(c.mac));
	c.status = htole16(status);
	c.max_virtqueue_pairs = htole16((uint16_t)p->set.queues);
	c.mtu = htole16(p->mtu ? p->mtu : p->set.mtu);
	c.speed = htole32(UINT32_MAX); /* unknown, as is .duplex */
	return c;
}

/* Behind what we know the space is zeroes: newer drivers look there, and find nothing. */
int vu_config_get(struct vu_session *s, struct vhost_user_msg *m)
{
	const struct virtio_net_config c = space(s);
	uint32_t off = m->config.offset, len = m->config.size;

	if (off > VHOST_USER_CONFIG || len > VHOST_USER_CONFIG - off)
		return vu_because(s, "octets %u to %llu of the configuration do not exist", off,
				  (unsigned long long)off + len);
	memset(m->config.data, 0, sizeof(m->config.data));
	if (off < sizeof(c))
		memcpy(m->config.data, (const uint8_t *)&c + off, MIN(len, sizeof(c) - off));
	return 0;
}

/* All that a driver may write is a legacy driver's address (5.1.4.3); the rest stays. */
int vu_config_set(struct vu_session *s, const struct vhost_user_msg *m)
{
	struct eth_addr mac = s->peer.filter.uni[0];
	uint32_t off = m->config.offset, len = m->config.size;

	if (off > sizeof(mac) || len > sizeof(mac) - off ||
	    s->peer.features & BIT(VIRTIO_F_VERSION_1))
		return 0;
	memcpy(mac.b + off, m->config.data, len);
	if (!(mac.b[0] & 1))
		s->peer.filter.uni[0] = mac;
	return 0;
}

bool vu_config_can_tell(const struct vu_session *s)
{
	return has_protocol(s, VHOST_USER_PROTOCOL_F_CONFIG) && s->peer.backend >= 0 &&
	       s->peer.features & BIT(VIRTIO_NET_F_STATUS);
}

void vu_config_changed(struct vu_session *s)
{
	const struct vhost_user_msg m = { .request = VHOST_USER_BACKEND_CONFIG_CHANGE_MSG,
					  .flags = VHOST_USER_VERSION };

	/* A frontend that does not read what it asked for reads the space when it likes. */
	if (vu_config_can_tell(s) && vhost_user_send(s->peer.backend, &m, -1))
		return;
}
