/* SPDX-License-Identifier: Apache-2.0 */
/* What `weft port show` tells of a guest's NIC. */
#include <linux/virtio_config.h>
#include <stdio.h>

#include "ports/vhost_user/session_priv.h"

#define BIT(n) (1ull << (n))

static json_t *mac_text(const struct eth_addr *mac)
{
	char text[18];

	snprintf(text, sizeof(text), ETH_ADDR_FMT, ETH_ADDR_ARG(*mac));
	return json_string(text);
}

static void name_ring(const struct vu_session *s, unsigned int i, char *out, size_t room)
{
	if (i == vu_control_index(s))
		snprintf(out, room, "control");
	else
		snprintf(out, room, "%s%u", i % 2 ? "tx" : "rx", i / 2); /* the guest's words */
}

static json_t *rings(const struct vu_session *s)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < VU_QUEUES; i++) {
		const struct vu_queue *q = &s->vu->queue[i];
		const char *broken = __atomic_load_n(&q->ring.broken, __ATOMIC_ACQUIRE);
		char name[16];
		json_t *ring;

		if (!s->peer.vring[i].size)
			continue;
		name_ring(s, i, name, sizeof(name));
		ring = json_pack("{s:s, s:i, s:s, s:b}", "name", name, "size",
				 s->peer.vring[i].size, "layout",
				 s->peer.features & BIT(VIRTIO_F_RING_PACKED) ? "packed" : "split",
				 "running", q->running && !broken);
		if (q->running && broken)
			json_object_set_new(ring, "broken", json_string(broken));
		json_array_append_new(list, ring);
	}
	return list;
}

static json_t *modes(const struct vu_filter *f)
{
	const struct {
		const char *name;
		bool on;
	} mode[] = {
		{ "promisc", f->promisc }, { "allmulti", f->allmulti }, { "alluni", f->alluni },
		{ "nomulti", f->nomulti }, { "nouni", f->nouni },       { "nobcast", f->nobcast },
	};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(mode); i++) {
		if (mode[i].on)
			json_array_append_new(list, json_string(mode[i].name));
	}
	return list;
}

static json_t *filter(const struct vu_filter *f)
{
	unsigned int vlans = 0;

	for (size_t i = 0; i < ARRAY_LEN(f->vlan); i++)
		vlans += (unsigned int)__builtin_popcountll(f->vlan[i]);
	return json_pack("{s:o, s:i, s:i, s:i}", "modes", modes(f), "unicast", f->n_uni,
			 "multicast", f->n_multi, "vlans", vlans);
}

static void frontend(const struct vu_session *s, json_t *into)
{
	const struct vu_peer *p = &s->peer;

	json_object_set_new(into, "frontend_pid", json_integer(p->pid));
	json_object_set_new(into, "features", vu_features_names(p->features));
	json_object_set_new(into, "protocol", vu_protocol_names(p->protocol));
	json_object_set_new(into, "memory", json_integer((json_int_t)vu_memory_size(s)));
	json_object_set_new(into, "rings", rings(s));
	json_object_set_new(into, "pairs", json_integer(s->vu->n_pairs));
	json_object_set_new(into, "migrating", json_boolean(p->log.map != NULL));
	if (p->mtu)
		json_object_set_new(into, "guest_mtu", json_integer(p->mtu));
	if (!p->filtered)
		return;
	json_object_set_new(into, "guest_mac", mac_text(&p->filter.uni[0]));
	json_object_set_new(into, "filter", filter(&p->filter));
}

void vhost_user_status(const struct port *port, json_t *into)
{
	const struct vhost_user *vu = port->own;
	const struct vu_session *s = vu->session;
	bool connected = s->peer.sock >= 0;

	json_object_set_new(into, "state",
			    json_string(connected    ? "connected"
					: s->hung_up ? "hung up"
						     : "waiting"));
	json_object_set_new(into, "socket", json_string(s->path.sun_path));
	json_object_set_new(into, "mac", mac_text(&s->set.mac));
	if (s->trouble)
		json_object_set_new(into, "trouble", json_string(strerror(s->trouble)));
	if (connected)
		frontend(s, into);
}
