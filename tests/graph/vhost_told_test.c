/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a port tells a frontend beside frames, and what a frontend may tell it beside rings: states,
 * signals, slots of memory, a legacy driver's address.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/virtio_config.h>

#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

static void fine(const char *wrong)
{
	if (wrong)
		fail_msg("%s", wrong);
}

static uint64_t ask(struct guest *g, uint32_t request)
{
	struct vhost_user_msg m = guest_msg(request);

	assert_int_equal(guest_ask(g, &m, NULL, 0, NULL), 0);
	return m.u64;
}

static int tell(struct guest *g, uint32_t request, uint64_t value)
{
	struct vhost_user_msg m = guest_msg_u64(request, value);

	return guest_tell(g, &m, NULL, 0);
}

static bool is_signalled(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* ---- states ---------------------------------------------------------------------------------- */

/* virtio 1.2, 2.1.1: who writes 0 resets the device. The memory stays. */
static void a_status_of_zero_is_a_reset(void **state)
{
	static const uint8_t off = 0;
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_equal(guest_control(b->g, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, &off,
				       sizeof(off)),
			 VIRTIO_NET_OK);
	assert_int_equal(tell(b->g, VHOST_USER_SET_STATUS, 0), 0);
	assert_int_equal(ask(b->g, VHOST_USER_GET_STATUS), 0);
	assert_false(b->port->carrier);
	guest_rings_reset(b->g);
	for (unsigned int q = 0; q < 2; q++)
		assert_int_equal(guest_queue_start(b->g, q), 0);
	guest_refill(b->g, 0);
	/* They are for somebody else: what was asked of the control queue is forgotten. */
	fine(vhost_rig_talk(a, b, 30, 1514));
	fine(vhost_rig_talk(b, a, 30, 1514));
	vhost_rig_destroy(r);
}

struct said {
	struct guest *g;
	unsigned int changes;
};

static bool is_told(void *arg)
{
	struct said *s = arg;

	s->changes += guest_config_changes(s->g);
	return s->changes && is_signalled(&s->g->queue[1].err);
}

static void who_broke_a_ring_is_told(void **state)
{
	struct guest_config c = { .size = 64 };
	struct vring_piece nowhere = { 0x10, 100, false };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;
	struct said s;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	s = (struct said){ a->g, 0 };
	assert_int_equal(ask(a->g, VHOST_USER_GET_STATUS), 0xf);
	assert_true(vring_driver_add(&a->g->queue[1].ring, &nowhere, 1, NULL, 0, a) >= 0);
	guest_kick(a->g, 1);
	/* By the ring's own signal, and as a device that wants to be reset (2.1.2). */
	assert_true(vhost_rig_until(r, is_told, &s));
	assert_int_equal(ask(a->g, VHOST_USER_GET_STATUS), 0xf | VIRTIO_CONFIG_S_NEEDS_RESET);
	assert_false(is_signalled(&a->g->queue[0].err));
	vhost_rig_destroy(r);
}

static void a_log_has_a_signal_of_its_own(void **state)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_SET_LOG_FD);
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_equal(guest_tell(a->g, &m, &fd, 1), 0);
	assert_int_equal(guest_log_start(a->g), 0);
	assert_true(vhost_rig_until(r, is_signalled, &fd));
	vhost_rig_destroy(r);
	close(fd);
}

struct news {
	struct events *events;
	uint64_t seen;
};

static bool is_sent_away(void *arg)
{
	struct news *n = arg;
	const struct event *ev;

	while ((ev = events_after(n->events, n->seen))) {
		n->seen = ev->id;
		if (strstr(ev->message, "another frontend was sent away: one is connected"))
			return true;
	}
	return false;
}

static void a_frontend_at_a_port_that_is_taken_is_told_of(void **state)
{
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct vhost_vm *a, *b;
	struct news n;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	n = (struct news){ r->rig->env.events, events_last(r->rig->env.events) };
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", a->g->path);
	assert_int_equal(connect(sock, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_true(vhost_rig_until(r, is_sent_away, &n));
	assert_true(is_signalled(&sock)); /* hung up */
	fine(vhost_rig_talk(a, b, 30, 1514));
	vhost_rig_destroy(r);
	close(sock);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int slot(struct guest *g, uint32_t request, int fd, unsigned int i)
{
	struct vhost_user_msg m = guest_msg(request);

	m.size = sizeof(m.slot);
	m.slot.region = (struct vhost_user_region){ .gpa = UINT64_C(1) << 40 | i << 20,
						    .size = 4096,
						    .uva = UINT64_C(1) << 41 | i << 20,
						    .offset = 4096ul * i };
	return guest_tell(g, &m, &fd, request == VHOST_USER_ADD_MEM_REG);
}

static void as_many_slots_as_are_told_can_be_filled(void **state)
{
	struct guest_config c = { .size = 64, .slots = true };
	struct vhost_rig *r = vhost_rig_create(1);
	int fd = memfd_create("slots", MFD_CLOEXEC);
	struct vhost_vm *a, *b;
	unsigned int n;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	n = (unsigned int)ask(a->g, VHOST_USER_GET_MAX_MEM_SLOTS);
	/* QEMU gives as many DIMMs as the least of its backends has slots. */
	assert_true(n >= 32);
	assert_int_equal(ftruncate(fd, 4096 * (n + 1L)), 0);
	for (unsigned int i = a->g->n_region; i < n; i++)
		assert_int_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, i), 0);
	fine(vhost_rig_talk(a, b, 30, 1514));
	assert_int_equal(slot(a->g, VHOST_USER_REM_MEM_REG, fd, n - 1), 0);
	assert_int_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, n), 0);
	fine(vhost_rig_talk(b, a, 30, 1514));
	assert_int_not_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, n - 1), 0);
	close(fd);
	vhost_rig_destroy(r);
}

static void a_slot_that_is_empty_cannot_be_emptied(void **state)
{
	struct guest_config c = { .size = 64, .slots = true };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_not_equal(slot(a->g, VHOST_USER_REM_MEM_REG, -1, 7), 0);
	vhost_rig_destroy(r);
}

/* QEMU before 8.0 tells of each change once for each pair of queues. */
static void a_slot_that_is_told_twice_is_emptied_twice(void **state)
{
	struct guest_config c = { .size = 64, .slots = true };
	struct vhost_rig *r = vhost_rig_create(1);
	int fd = memfd_create("slots", MFD_CLOEXEC), other = memfd_create("other", MFD_CLOEXEC);
	struct vhost_vm *a, *b;

	(void)state;
	assert_int_equal(ftruncate(fd, 10 * 4096), 0);
	assert_int_equal(ftruncate(other, 10 * 4096), 0);
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int pair = 0; pair < 3; pair++)
			assert_int_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, 5), 0);
		assert_int_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, 6), 0);
		/* What the guest lies in as well. */
		assert_int_equal(guest_share_memory(a->g), 0);
		fine(vhost_rig_talk(a, b, 30, 1514));
		assert_int_equal(slot(a->g, VHOST_USER_REM_MEM_REG, fd, 6), 0);
		for (unsigned int pair = 0; pair < 3; pair++)
			assert_int_equal(slot(a->g, VHOST_USER_REM_MEM_REG, fd, 5), 0);
		fine(vhost_rig_talk(b, a, 30, 1514));
	}
	assert_int_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, fd, 5), 0);
	/* The same place, but another file. */
	assert_int_not_equal(slot(a->g, VHOST_USER_ADD_MEM_REG, other, 5), 0);
	close(fd);
	close(other);
	vhost_rig_destroy(r);
}

/* ---- configuration --------------------------------------------------------------------------- */

/* virtio 1.2, 5.1.4.3: that is all that it may write, and a driver of today not even that. */
static void a_legacy_driver_writes_its_address(void **state)
{
	static const struct {
		const char *why;
		uint32_t offset, size;
		uint8_t mac[8];
		bool taken;
	} row[] = {
		{ "an address", 0, 6, { 2, 0x10, 0x20, 0x30, 0x40, 0x50 }, true },
		{ "its end", 3, 3, { 0x33, 0x44, 0x55 }, true },
		{ "one octet", 5, 1, { 0x99 }, true },
		{ "a group's", 0, 6, { 3, 0x10, 0x20, 0x30, 0x40, 0x50 }, false },
		{ "more than an address", 0, 8, { 4, 0, 0, 0, 0, 0, 0, 0 }, false },
		{ "what lies behind it", 6, 2, { 0, 0 }, false },
		{ "far behind it", 0xffffffff, 2, { 4, 4 }, false },
	};

	(void)state;
	for (unsigned int today = 0; today < 2; today++) {
		struct guest_config c = { .size = 64 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct virtio_net_config dev, was;
		struct vhost_vm *a, *b;

		if (!today)
			c.features = GUEST_FEATURES & ~BIT(GUEST_F_VERSION_1);
		vhost_rig_pair(r, "", &c, &a, &b);
		assert_int_equal(guest_config_get(a->g, &was), 0);
		for (size_t i = 0; i < ARRAY_LEN(row); i++) {
			struct vhost_user_msg m = guest_msg(VHOST_USER_SET_CONFIG);

			m.size = 12 + row[i].size;
			m.config.offset = row[i].offset;
			m.config.size = row[i].size;
			m.config.flags = 0;
			memcpy(m.config.data, row[i].mac, row[i].size);
			assert_int_equal(guest_tell(a->g, &m, NULL, 0), 0);
			if (row[i].taken && !today)
				memcpy(was.mac + row[i].offset, row[i].mac, row[i].size);
			assert_int_equal(guest_config_get(a->g, &dev), 0);
			if (memcmp(&dev, &was, sizeof(dev)) != 0)
				fail_msg("%s", row[i].why);
		}
		fine(vhost_rig_talk(a, b, 10, 1514));
		vhost_rig_destroy(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_of_zero_is_a_reset),
		cmocka_unit_test(who_broke_a_ring_is_told),
		cmocka_unit_test(a_log_has_a_signal_of_its_own),
		cmocka_unit_test(a_frontend_at_a_port_that_is_taken_is_told_of),
		cmocka_unit_test(as_many_slots_as_are_told_can_be_filled),
		cmocka_unit_test(a_slot_that_is_empty_cannot_be_emptied),
		cmocka_unit_test(a_slot_that_is_told_twice_is_emptied_twice),
		cmocka_unit_test(a_legacy_driver_writes_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
