/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frontend and a port of type vhost_user have to say to each other, with a frontend of our
 * own: what is offered is served.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))
#define SPLIT  (GUEST_FEATURES & ~BIT(GUEST_F_RING_PACKED))

static void fine(const char *wrong)
{
	if (wrong)
		fail_msg("%s", wrong);
}

struct count {
	struct vhost_rig *r;
	const struct vhost_vm *vm;
	bool out;
	uint64_t want, is;
};

static bool counted(void *arg)
{
	struct count *w = arg;
	struct port_count c;

	port_counters(w->r->rig->env.engine, w->vm->port->id, &c);
	w->is = w->out ? c.out_frames : c.in_frames;
	return w->is == w->want;
}

/* A worker counts when its burst is through, the guest may have it before. */
static void count_is(struct vhost_rig *r, const struct vhost_vm *vm, bool out, uint64_t want)
{
	struct count w = { r, vm, out, want, 0 };

	if (!vhost_rig_until(r, counted, &w))
		fail_msg("%lu instead of %lu frames", (unsigned long)w.is, (unsigned long)want);
}

/* ---- negotiation ----------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned int bit;
} features[] = {
	{ "csum", 0 },
	{ "guest_csum", 1 },
	{ "mtu", 3 },
	{ "mac", 5 },
	{ "guest_tso4", 7 },
	{ "guest_tso6", 8 },
	{ "guest_ecn", 9 },
	{ "guest_ufo", 10 },
	{ "host_tso4", 11 },
	{ "host_tso6", 12 },
	{ "host_ecn", 13 },
	{ "host_ufo", 14 },
	{ "mrg_rxbuf", 15 },
	{ "status", 16 },
	{ "ctrl_vq", 17 },
	{ "ctrl_rx", 18 },
	{ "ctrl_vlan", 19 },
	{ "ctrl_rx_extra", 20 },
	{ "guest_announce", 21 },
	{ "mq", 22 },
	{ "ctrl_mac_addr", 23 },
	{ "log_all", 26 },
	{ "any_layout", 27 },
	{ "indirect_desc", 28 },
	{ "event_idx", 29 },
	{ "protocol_features", 30 },
	{ "version_1", 32 },
	{ "ring_packed", 34 },
	{ "in_order", 35 },
	{ "guest_uso4", 54 },
	{ "guest_uso6", 55 },
	{ "host_uso", 56 },
};

static void each_feature_is_offered_and_can_be_masked(void **state)
{
	static const struct guest_config c = { .size = 64 };
	uint64_t all = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		all |= BIT(features[i].bit);
	for (size_t i = 0; i <= ARRAY_LEN(features); i++) {
		bool masked = i < ARRAY_LEN(features);
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a;
		char more[128];

		snprintf(more, sizeof(more), ",\"queues\":2,\"mtu\":9000,\"without\":\"%s\"",
			 masked ? features[i].name : "");
		a = vhost_rig_plug(r, more, &c);
		print_message("#%s\n", more);
		assert_int_equal(guest_start(a->g), 0);
		if (!masked) {
			assert_true(a->g->offered == all);
		} else {
			assert_false(a->g->offered >> features[i].bit & 1);
			/* What needs another is masked with it, and nothing else. */
			assert_int_equal(a->g->offered & ~all, 0);
		}
		vhost_rig_destroy(r);
	}
}

static void masked_machines_still_talk(void **state)
{
	static const char *const without[] = {
		"mrg_rxbuf",
		"version_1,mrg_rxbuf",
		"csum,guest_csum",
		"ctrl_vq",
		"ring_packed,event_idx",
		"protocol_features",
		"ring_packed,in_order,indirect_desc,event_idx,mrg_rxbuf",
	};
	static const struct guest_config c = { .size = 64, .indirect = true };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(without); i++) {
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;
		char more[200];

		snprintf(more, sizeof(more), ",\"without\":\"%s\"", without[i]);
		print_message("#%s\n", more);
		a = vhost_rig_plug(r, more, &c);
		b = vhost_rig_plug(r, "", &c);
		vhost_rig_patch(r, a, b);
		assert_int_equal(guest_start(a->g), 0);
		assert_int_equal(guest_start(b->g), 0);
		fine(vhost_rig_talk(a, b, 100, 1514));
		fine(vhost_rig_talk(b, a, 100, 1514));
		vhost_rig_destroy(r);
	}
}

static void what_was_not_offered_is_refused(void **state)
{
	static const struct guest_config c = { .size = 64 };
	static const unsigned int bits[] = { 2, 4, 24, 33, 36, 57, 63 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a = vhost_rig_plug(r, "", &c);

		assert_int_equal(guest_connect(a->g), 0);
		assert_int_equal(guest_negotiate(a->g), 0);
		assert_int_not_equal(guest_set_features(a->g, a->g->features | BIT(bits[i])), 0);
		assert_int_equal(guest_connect(a->g), 0);
		assert_int_equal(guest_negotiate(a->g), 0);
		vhost_rig_destroy(r);
	}
}

static void a_device_tells_about_itself(void **state)
{
	static const struct guest_config c = { .size = 64, .pairs = 3 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct virtio_net_config dev;
	struct vhost_vm *a;

	(void)state;
	a = vhost_rig_plug(r, ",\"mac\":\"02:00:00:00:12:34\",\"queues\":3,\"mtu\":4000", &c);
	assert_int_equal(guest_start(a->g), 0);
	assert_int_equal(guest_config_get(a->g, &dev), 0);
	assert_memory_equal(dev.mac, "\x02\0\0\0\x12\x34", 6);
	assert_int_equal(dev.status & VIRTIO_NET_S_LINK_UP, VIRTIO_NET_S_LINK_UP);
	assert_int_equal(dev.max_virtqueue_pairs, 3);
	assert_int_equal(dev.mtu, 4000);
	vhost_rig_destroy(r);
}

/* ---- link ------------------------------------------------------------------------------------ */

static bool no_carrier(void *arg)
{
	const struct port *p = arg;

	return !p->carrier;
}

struct link {
	struct guest *g;
	unsigned int told;
};

static bool told(void *arg)
{
	struct link *l = arg;

	l->told += guest_config_changes(l->g);
	return l->told > 0;
}

static void a_cut_link_reaches_the_guest(void **state)
{
	static const struct guest_config c = { .size = 64 };
	static uint8_t frame[VHOST_FRAME];
	struct vhost_rig *r = vhost_rig_create(1);
	struct virtio_net_config dev;
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	fine(vhost_rig_talk(a, b, 10, 1514));
	assert_true(a->port->carrier);
	for (unsigned int i = 0; i < 4; i++) {
		bool up = i % 2;
		struct link l = { a->g, 0 };

		a->port->wanted = up;
		a->port->type->carrier(a->port);
		assert_int_equal(a->port->carrier, up);
		assert_true(vhost_rig_until(r, told, &l));
		assert_int_equal(guest_config_get(a->g, &dev), 0);
		assert_int_equal(dev.status & VIRTIO_NET_S_LINK_UP, up ? VIRTIO_NET_S_LINK_UP : 0);
	}
	vhost_frame(frame, 60, 1);
	fine(vhost_rig_talk(a, b, 10, 1514));
	fine(vhost_rig_talk(b, a, 10, 1514));
	vhost_rig_destroy(r);
}

static void a_driver_whose_link_comes_back_announces_itself(void **state)
{
	static const struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct virtio_net_config dev;
	struct vhost_vm *a, *b;
	struct link l;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_equal(guest_config_get(a->g, &dev), 0);
	assert_int_equal(dev.status & VIRTIO_NET_S_ANNOUNCE, 0);
	for (unsigned int up = 0; up < 2; up++) {
		a->port->wanted = up;
		a->port->type->carrier(a->port);
		l = (struct link){ a->g, 0 };
		assert_true(vhost_rig_until(r, told, &l));
	}
	/* 5.1.6.5.4: until the driver says that it has. */
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(guest_config_get(a->g, &dev), 0);
		assert_int_equal(dev.status, VIRTIO_NET_S_LINK_UP | VIRTIO_NET_S_ANNOUNCE);
	}
	assert_int_equal(guest_control(a->g, VIRTIO_NET_CTRL_ANNOUNCE, VIRTIO_NET_CTRL_ANNOUNCE_ACK,
				       NULL, 0),
			 VIRTIO_NET_OK);
	assert_int_equal(guest_config_get(a->g, &dev), 0);
	assert_int_equal(dev.status, VIRTIO_NET_S_LINK_UP);
	vhost_rig_destroy(r);
}

static void a_frontend_sets_mtu_and_status(void **state)
{
	static const struct guest_config c = { .size = 64 };
	static const struct {
		uint64_t mtu;
		bool taken;
	} row[] = { { 1400, true }, { 68, true },     { 65535, true },
		    { 67, false },  { 65536, false }, { UINT64_MAX, false } };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a = vhost_rig_plug(r, ",\"mtu\":9000", &c);
	struct virtio_net_config dev;
	struct vhost_user_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int err;

		assert_int_equal(guest_start(a->g), 0);
		m = guest_msg_u64(VHOST_USER_NET_SET_MTU, row[i].mtu);
		err = guest_tell(a->g, &m, NULL, 0);
		if ((err == 0) != row[i].taken)
			fail_msg("%lu: %d", (unsigned long)row[i].mtu, err);
		if (row[i].taken) {
			assert_int_equal(guest_config_get(a->g, &dev), 0);
			assert_int_equal(dev.mtu, row[i].mtu);
		}
		guest_disconnect(a->g);
		vhost_rig_until(r, no_carrier, a->port);
		guest_rings_reset(a->g);
	}
	assert_int_equal(guest_start(a->g), 0);
	m = guest_msg(VHOST_USER_GET_STATUS);
	assert_int_equal(guest_ask(a->g, &m, NULL, 0, NULL), 0);
	assert_int_equal(m.u64, 0xf);
	vhost_rig_destroy(r);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* One frame that lies at AT goes from A to B. */
static void send_from(struct vhost_vm *a, struct vhost_vm *b, uint8_t *at, bool comes)
{
	struct guest_queue *v = &a->g->queue[1];
	struct vring_piece piece = { guest_gpa(a->g, at), a->g->hdr_len + 777u, false };
	static uint8_t frame[VHOST_FRAME];
	uint32_t len;

	guest_reclaim(a->g, 0);
	memset(at, 0, a->g->hdr_len);
	vhost_frame(at + a->g->hdr_len, 777, 42);
	v->order[v->went++ % VRING_DRIVER_MAX] = v->free[--v->n_free];
	assert_true(vring_driver_add(&v->ring, &piece, 1, NULL, 0,
				     (void *)(uintptr_t)(v->free[v->n_free] + 1u)) >= 0);
	guest_kick(a->g, 1);
	if (!comes)
		return;
	len = guest_await(b->g, 0, frame, sizeof(frame), NULL);
	assert_true(vhost_frame_is(frame, len, 777, 42));
}

static void memory_comes_and_goes_while_frames_flow(void **state)
{
	struct guest_config c = { .size = 64, .slots = true };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < 5; i++) {
		fine(vhost_rig_talk(a, b, 50, 1514));
		assert_int_equal(guest_region_add(a->g, UINT64_C(16) << 30, 8 << 20), 0);
		send_from(a, b, a->g->region[2].at + 12345, true);
		fine(vhost_rig_talk(b, a, 50, 1514));
		assert_int_equal(guest_region_remove(a->g, 2), 0);
	}
	fine(vhost_rig_talk(a, b, 50, 1514));
	vhost_rig_destroy(r);
}

static void a_whole_table_replaces_the_one_before(void **state)
{
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(guest_share_memory(a->g), 0);
		fine(vhost_rig_talk(a, b, 50, 1514));
		fine(vhost_rig_talk(b, a, 50, 1514));
	}
	vhost_rig_destroy(r);
}

static void regions_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *why;
		uint64_t gpa, size;
	} row[] = {
		{ "over another", 0x100000000u, 1 << 20 },
		{ "over the end of another", 0x100000000u - 4096, 2 * 4096 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct guest_config c = { .size = 64, .slots = true };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		print_message("# %s\n", row[i].why);
		assert_int_not_equal(guest_region_add(a->g, row[i].gpa, row[i].size), 0);
		vhost_rig_destroy(r);
	}
}

/* ---- migration ------------------------------------------------------------------------------- */

static unsigned int mark_all(struct guest *g, uint64_t gpa, uint64_t len)
{
	unsigned int n = 0;

	for (uint64_t at = gpa & ~UINT64_C(4095); at < gpa + len; at += 4096)
		n += guest_log_has(g, at);
	return n;
}

/* Event suppression is the device's to write, too, whenever a worker goes to sleep. */
static void clear_rings(struct guest *g)
{
	static const unsigned int all[] = { 0, 1, GUEST_QUEUES - 1 };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct guest_queue *v = &g->queue[all[i]];

		mark_all(g, guest_gpa(g, v->desc), (uint64_t)(v->table - v->desc));
	}
}

static void exactly_what_was_written_is_logged(void **state)
{
	static uint8_t frame[VHOST_FRAME];

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		struct guest_config c = { .features = packed ? GUEST_FEATURES : SPLIT, .size = 64 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		fine(vhost_rig_talk(a, b, 100, 9014));
		assert_int_equal(guest_log_start(b->g), 0);
		for (uint32_t len = 14; len < 60000; len = len * 3 / 2) {
			struct guest_queue *v = &b->g->queue[0];
			uint16_t slot = v->order[v->came % VRING_DRIVER_MAX];
			uint64_t buf = guest_gpa(b->g, v->buf + (size_t)slot * v->slot), left;
			const uint8_t *used = packed ? v->desc : v->device;
			uint32_t got;

			vhost_frame(frame, len, 5);
			assert_int_equal(guest_send(a->g, 0, frame, len, NULL), 0);
			got = guest_await(b->g, 0, frame, sizeof(frame), NULL);
			assert_true(vhost_frame_is(frame, got, len, 5));
			if (!guest_has(b->g, GUEST_F_IN_ORDER))
				continue;
			left = (buf + 12 + len - 1) / 4096 - buf / 4096 + 1;
			assert_int_equal(mark_all(b->g, buf, 12 + len), left);
			assert_true(guest_log_has(b->g, guest_gpa(b->g, used)));
			clear_rings(b->g);
			assert_int_equal(guest_log_count(b->g), 0);
		}
		/* What the other sends is read, not written. */
		vhost_frame(frame, 3000, 6);
		assert_int_equal(guest_send(b->g, 0, frame, 3000, NULL), 0);
		assert_true(guest_await(a->g, 0, frame, sizeof(frame), NULL) == 3000);
		while (!guest_reclaim(b->g, 0))
			loop_once(r->rig->env.loop, 1);
		clear_rings(b->g);
		assert_int_equal(guest_log_count(b->g), 0);
		vhost_rig_destroy(r);
	}
}

/* ---- the other side goes and comes ----------------------------------------------------------- */

static void frontend_dies(struct vhost_rig *r, struct vhost_vm *vm)
{
	guest_disconnect(vm->g);
	assert_true(vhost_rig_until(r, no_carrier, vm->port));
	guest_rings_recover(vm->g);
}

static void a_frontend_that_comes_back_finds_its_port_as_it_was(void **state)
{
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 1; i < 6; i++) {
		fine(vhost_rig_talk(a, b, 20, 1514));
		fine(vhost_rig_talk(b, a, 30, 1514));
		count_is(r, a, false, 20 * i);
		count_is(r, a, true, 30 * i);
		if (i % 2) {
			assert_int_equal(guest_stop(a->g), 0);
		} else {
			frontend_dies(r, a);
		}
		assert_int_equal(guest_start(a->g), 0);
	}
	vhost_rig_destroy(r);
}

static void a_client_port_finds_its_frontend_again(void **state)
{
	struct guest_config c = { .size = 64, .listen = true };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, ",\"role\":\"client\"", &c, &a, &b);
	for (unsigned int i = 0; i < 3; i++) {
		fine(vhost_rig_talk(a, b, 20, 1514));
		frontend_dies(r, a);
		assert_int_equal(guest_start(a->g), 0);
	}
	vhost_rig_destroy(r);
}

static void nobody_home_is_a_port_without_carrier(void **state)
{
	struct guest_config c = { .size = 64 };
	static uint8_t frame[VHOST_FRAME];
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;
	uint64_t before;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	fine(vhost_rig_talk(a, b, 20, 1514));
	frontend_dies(r, b);
	before = vhost_rig_drops(r, b->port, "port is down");
	vhost_frame(frame, 60, 1);
	for (unsigned int i = 0; i < 200; i++)
		while (guest_send(a->g, 0, frame, 60, NULL))
			loop_once(r->rig->env.loop, 1);
	assert_int_equal(guest_start(b->g), 0);
	assert_true(b->port->carrier);
	assert_true(vhost_rig_drops(r, b->port, "port is down") >= before + 100);
	vhost_rig_destroy(r);
}

/*
 * The daemon dies between taking and returning, again and again. All that was sent arrives, what
 * was not yet returned perhaps twice; nothing is lost, and the driver gets each buffer back once.
 */
static void a_new_daemon_takes_rings_up_where_the_old_one_fell(void **state)
{
	(void)state;
	for (unsigned int mode = 0; mode < 4; mode++) {
		struct guest_config c = { .features = mode & 1 ? GUEST_FEATURES : SPLIT,
					  .size = 64 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		if (mode & 2)
			c.features &= ~BIT(GUEST_F_IN_ORDER);
		vhost_rig_pair(r, "", &c, &a, &b);
		assert_int_equal(guest_inflight_ask(a->g), 0);
		for (unsigned int i = 0; i < 10; i++) {
			fine(vhost_rig_talk(a, b, 20 + i, 1514));
			fine(vhost_rig_talk(b, a, 20 + i, 1514));
			vhost_rig_unplug(r, a, i % 2);
			guest_disconnect(a->g);
			vhost_rig_replug(r, a, "");
			vhost_rig_patch(r, a, b);
			guest_rings_recover(a->g);
			assert_int_equal(guest_connect(a->g), 0);
			assert_int_equal(guest_negotiate(a->g), 0);
			assert_int_equal(guest_share_memory(a->g), 0);
			assert_int_equal(guest_inflight_tell(a->g), 0);
			for (unsigned int q = 0; q < 2; q++)
				assert_int_equal(guest_queue_start(a->g, q), 0);
		}
		fine(vhost_rig_talk(a, b, 200, 1514));
		fine(vhost_rig_talk(b, a, 200, 1514));
		vhost_rig_destroy(r);
	}
}

/* One of the six messages that a ring is told with. */
static void tell_part(struct guest *g, unsigned int q, unsigned int part)
{
	static const uint32_t signals[] = { VHOST_USER_SET_VRING_KICK, VHOST_USER_SET_VRING_CALL };
	struct guest_queue *v = &g->queue[q];
	const int fd[] = { v->kick, v->call };
	struct vhost_user_msg m;

	switch (part) {
	case 0:
		m = guest_msg_state(VHOST_USER_SET_VRING_NUM, q, g->cfg.size);
		break;
	case 1:
		m = guest_msg_state(VHOST_USER_SET_VRING_BASE, q, v->base);
		break;
	case 2:
		m = guest_msg(VHOST_USER_SET_VRING_ADDR);
		m.size = sizeof(m.addr);
		m.addr = (struct vhost_user_addr){ .index = q,
						   .desc = (uintptr_t)v->desc,
						   .used = (uintptr_t)v->device,
						   .avail = (uintptr_t)v->driver };
		break;
	case 3:
		m = guest_msg_state(VHOST_USER_SET_VRING_ENABLE, q, 1);
		break;
	default:
		m = guest_msg_u64(signals[part - 4], q);
		assert_int_equal(guest_tell(g, &m, &fd[part - 4], 1), 0);
		return;
	}
	assert_int_equal(guest_tell(g, &m, NULL, 0), 0);
}

/* Frontends differ in it, and the protocol leaves it to them. */
static void a_ring_may_be_told_in_any_order(void **state)
{
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	srandom(0x0bde);
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < 60; i++) {
		unsigned int order[12], memory = (unsigned int)random() % 12;

		for (unsigned int k = 0; k < ARRAY_LEN(order); k++) {
			unsigned int with = (unsigned int)random() % (k + 1);

			order[k] = order[with];
			order[with] = k;
		}
		frontend_dies(r, a);
		vhost_rig_forgive(a);
		assert_int_equal(guest_connect(a->g), 0);
		assert_int_equal(guest_negotiate(a->g), 0);
		for (unsigned int k = 0; k < ARRAY_LEN(order); k++) {
			if (k == memory)
				assert_int_equal(guest_share_memory(a->g), 0);
			tell_part(a->g, order[k] / 6, order[k] % 6);
		}
		fine(vhost_rig_talk(a, b, 10, 1514));
		fine(vhost_rig_talk(b, a, 10, 1514));
	}
	vhost_rig_destroy(r);
}

static void a_reset_device_starts_anew(void **state)
{
	static const uint32_t requests[] = { VHOST_USER_RESET_DEVICE, VHOST_USER_RESET_OWNER };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct guest_config c = { .size = 64 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		fine(vhost_rig_talk(a, b, 30, 1514));
		for (unsigned int k = 0; k < 3; k++) {
			struct vhost_user_msg m = guest_msg(requests[i]);

			assert_int_equal(guest_tell(a->g, &m, NULL, 0), 0);
			assert_int_equal(guest_set_features(a->g, a->g->features), 0);
			guest_rings_reset(a->g);
			for (unsigned int q = 0; q < 2; q++)
				assert_int_equal(guest_queue_start(a->g, q), 0);
			guest_refill(a->g, 0);
			fine(vhost_rig_talk(a, b, 30, 1514));
			fine(vhost_rig_talk(b, a, 30, 1514));
		}
		vhost_rig_destroy(r);
	}
}

static void a_machine_that_moved_here_is_announced(void **state)
{
	static uint8_t frame[VHOST_FRAME];
	static const uint8_t mac[8] = { 2, 0, 0, 0x12, 0x34, 0x56 };
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_user_msg m = guest_msg_u64(VHOST_USER_SEND_RARP, 0);
	struct vhost_vm *a, *b;
	uint32_t len;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	memcpy(&m.u64, mac, sizeof(mac));
	assert_int_equal(guest_tell(a->g, &m, NULL, 0), 0);
	len = guest_await(b->g, 0, frame, sizeof(frame), NULL);
	assert_true(len >= 42); /* RFC 903 */
	assert_memory_equal(frame, "\xff\xff\xff\xff\xff\xff\x02\0\0\x12\x34\x56\x80\x35", 14);
	assert_memory_equal(frame + 14, "\0\x01\x08\0\x06\x04\0\x03\x02\0\0\x12\x34\x56", 14);
	assert_memory_equal(frame + 32, mac, 6);
	vhost_rig_destroy(r);
}

/* In the folder of a daemon that was killed. */
static void sockets_that_nobody_listens_on_are_swept(void **state)
{
	static const char *const names[] = { "dead.sock", "alive.sock", "file.sock", "dead.other" };
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct vhost_vm *a, *b;
	int sock[ARRAY_LEN(names)];

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(at.sun_path, sizeof(at.sun_path), "%s/vhost/%s", r->rig->dir, names[i]);
		if (!strcmp(names[i], "file.sock")) {
			sock[i] = open(at.sun_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
			continue;
		}
		sock[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(sock[i], (struct sockaddr *)&at, sizeof(at)), 0);
		if (!strcmp(names[i], "alive.sock"))
			assert_int_equal(listen(sock[i], 1), 0);
	}
	port_type_find("vhost_user")->sweep(&r->rig->env);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(at.sun_path, sizeof(at.sun_path), "%s/vhost/%s", r->rig->dir, names[i]);
		if ((access(at.sun_path, F_OK) == 0) != (i > 0))
			fail_msg("%s", names[i]);
		unlink(at.sun_path);
		close(sock[i]);
	}
	vhost_rig_destroy(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_feature_is_offered_and_can_be_masked),
		cmocka_unit_test(masked_machines_still_talk),
		cmocka_unit_test(what_was_not_offered_is_refused),
		cmocka_unit_test(a_device_tells_about_itself),
		cmocka_unit_test(a_cut_link_reaches_the_guest),
		cmocka_unit_test(a_driver_whose_link_comes_back_announces_itself),
		cmocka_unit_test(a_frontend_sets_mtu_and_status),
		cmocka_unit_test(memory_comes_and_goes_while_frames_flow),
		cmocka_unit_test(a_whole_table_replaces_the_one_before),
		cmocka_unit_test(regions_that_make_no_sense_are_refused),
		cmocka_unit_test(exactly_what_was_written_is_logged),
		cmocka_unit_test(a_frontend_that_comes_back_finds_its_port_as_it_was),
		cmocka_unit_test(a_client_port_finds_its_frontend_again),
		cmocka_unit_test(nobody_home_is_a_port_without_carrier),
		cmocka_unit_test(a_new_daemon_takes_rings_up_where_the_old_one_fell),
		cmocka_unit_test(a_ring_may_be_told_in_any_order),
		cmocka_unit_test(a_reset_device_starts_anew),
		cmocka_unit_test(a_machine_that_moved_here_is_announced),
		cmocka_unit_test(sockets_that_nobody_listens_on_are_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
