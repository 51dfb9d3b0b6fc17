/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control queue, when a frontend leaves it to the port (virtio 1.2, 5.1.6.5): what a driver
 * asks not to be given does not come, and is counted under that name.
 */
#include <stdio.h>

#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define FILTERED "receiver does not listen to this address or VLAN"

enum { OWN, OTHER, LISTED, GROUP, LISTED_GROUP, ALL };
static const uint8_t macs[][6] = {
	[OWN] = { 2, 0, 0, 0, 0, 0x0b },
	[OTHER] = { 2, 0, 0, 0, 0, 0x99 },
	[LISTED] = { 2, 0, 0, 0, 0, 0x77 },
	[GROUP] = { 0x01, 0, 0x5e, 0, 0, 1 },
	[LISTED_GROUP] = { 0x33, 0x33, 0, 0, 0, 1 },
	[ALL] = { 255, 255, 255, 255, 255, 255 },
};

struct net {
	struct vhost_rig *r;
	struct vhost_vm *a, *b;
};

static void set_up(struct net *n, struct guest_config *c)
{
	n->r = vhost_rig_create(1);
	n->a = vhost_rig_plug(n->r, "", c);
	n->b = vhost_rig_plug(n->r, ",\"mac\":\"02:00:00:00:00:0b\"", c);
	vhost_rig_patch(n->r, n->a, n->b);
	assert_int_equal(guest_start(n->a->g), 0);
	assert_int_equal(guest_start(n->b->g), 0);
}

static uint32_t make(uint8_t *frame, unsigned int to, unsigned int vid)
{
	const uint8_t tag[] = { 0x81, 0, (uint8_t)(vid >> 8), (uint8_t)vid };

	vhost_frame(frame, 100, to);
	memcpy(frame, macs[to], 6);
	if (vid)
		memcpy(frame + 12, tag, sizeof(tag));
	return 100;
}

/* One frame: does it come? A broadcast that always comes tells that what was before it is through.
 */
static bool comes(struct net *n, unsigned int to, unsigned int vid)
{
	static uint8_t frame[VHOST_FRAME], want[VHOST_FRAME];
	uint64_t before = vhost_rig_drops(n->r, n->b->port, FILTERED);
	uint32_t len = make(want, to, vid), got;

	assert_int_equal(guest_send(n->a->g, 0, want, len, NULL), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		loop_once(n->r->rig->env.loop, 1);
		got = guest_receive(n->b->g, 0, frame, sizeof(frame), NULL);
		if (got) {
			assert_int_equal(got, len);
			assert_memory_equal(frame, want, len);
			return true;
		}
		if (vhost_rig_drops(n->r, n->b->port, FILTERED) == before + 1)
			return false;
	}
	fail_msg("a frame is neither here nor counted");
	return false;
}

static int mode(struct net *n, uint8_t command, uint8_t on)
{
	return guest_control(n->b->g, VIRTIO_NET_CTRL_RX, command, &on, 1);
}

static int vlan(struct net *n, uint8_t command, uint16_t vid)
{
	return guest_control(n->b->g, VIRTIO_NET_CTRL_VLAN, command, &vid, sizeof(vid));
}

/* The table of addresses: N_UNI times LISTED and N_MULTI times LISTED_GROUP. */
static int table(struct net *n, uint32_t n_uni, uint32_t n_multi)
{
	static uint8_t data[4096];
	uint32_t at = 0;

	memcpy(data + at, &n_uni, 4);
	at += 4;
	for (uint32_t i = 0; i < n_uni; i++, at += 6)
		memcpy(data + at, macs[LISTED], 6);
	memcpy(data + at, &n_multi, 4);
	at += 4;
	for (uint32_t i = 0; i < n_multi; i++, at += 6)
		memcpy(data + at, macs[LISTED_GROUP], 6);
	return guest_control(n->b->g, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, data, at);
}

static void only_what_the_driver_listens_to_comes(void **state)
{
	enum { PROMISC, ALLMULTI, ALLUNI, NOMULTI, NOUNI, NOBCAST, LIST, FORGET };
	static const struct {
		const char *why;
		int command;
		uint8_t on;
		bool come[6]; /* OWN, OTHER, LISTED, GROUP, LISTED_GROUP, ALL */
	} row[] = {
		{ "a new device gives all", PROMISC, 1, { 1, 1, 1, 1, 1, 1 } },
		{ "only its own", PROMISC, 0, { 1, 0, 0, 0, 0, 1 } },
		{ "and what is listed", LIST, 1, { 1, 0, 1, 0, 1, 1 } },
		{ "all groups", ALLMULTI, 1, { 1, 0, 1, 1, 1, 1 } },
		{ "no groups", NOMULTI, 1, { 1, 0, 1, 0, 0, 1 } },
		{ "listed groups again", NOMULTI, 0, { 1, 0, 1, 1, 1, 1 } },
		{ "not all groups", ALLMULTI, 0, { 1, 0, 1, 0, 1, 1 } },
		{ "all stations", ALLUNI, 1, { 1, 1, 1, 0, 1, 1 } },
		{ "no stations", NOUNI, 1, { 0, 0, 0, 0, 1, 1 } },
		{ "no broadcasts", NOBCAST, 1, { 0, 0, 0, 0, 1, 0 } },
		{ "but it sees everything", PROMISC, 1, { 1, 1, 1, 1, 1, 1 } },
		{ "no more", PROMISC, 0, { 0, 0, 0, 0, 1, 0 } },
		{ "stations again", NOUNI, 0, { 1, 1, 1, 0, 1, 0 } },
		{ "not all of them", ALLUNI, 0, { 1, 0, 1, 0, 1, 0 } },
		{ "an empty list", FORGET, 0, { 1, 0, 0, 0, 0, 0 } },
		{ "broadcasts again", NOBCAST, 0, { 1, 0, 0, 0, 0, 1 } },
	};

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		struct guest_config c = { .size = 64 };
		struct net n;

		if (!packed)
			c.features = GUEST_FEATURES & ~(UINT64_C(1) << GUEST_F_RING_PACKED);
		set_up(&n, &c);
		for (size_t i = 0; i < ARRAY_LEN(row); i++) {
			int ack = row[i].command == LIST ? table(&n, 1, 1)
				  : row[i].command == FORGET
					  ? table(&n, 0, 0)
					  : mode(&n, (uint8_t)row[i].command, row[i].on);

			assert_int_equal(ack, VIRTIO_NET_OK);
			for (unsigned int to = 0; to < ARRAY_LEN(macs); to++)
				if (comes(&n, to, 0) != row[i].come[to])
					fail_msg("%s: address %u", row[i].why, to);
		}
		vhost_rig_destroy(n.r);
	}
}

static void only_vlans_that_were_added_come(void **state)
{
	struct guest_config c = { .size = 64 };
	struct net n;

	(void)state;
	set_up(&n, &c);
	assert_int_equal(mode(&n, VIRTIO_NET_CTRL_RX_PROMISC, 0), VIRTIO_NET_OK);
	assert_true(comes(&n, OWN, 0));
	assert_false(comes(&n, OWN, 5));
	assert_int_equal(vlan(&n, VIRTIO_NET_CTRL_VLAN_ADD, 5), VIRTIO_NET_OK);
	assert_int_equal(vlan(&n, VIRTIO_NET_CTRL_VLAN_ADD, 4094), VIRTIO_NET_OK);
	assert_true(comes(&n, OWN, 5));
	assert_true(comes(&n, OWN, 4094));
	assert_false(comes(&n, OWN, 6));
	assert_false(comes(&n, OTHER, 5));
	assert_int_equal(vlan(&n, VIRTIO_NET_CTRL_VLAN_DEL, 5), VIRTIO_NET_OK);
	assert_false(comes(&n, OWN, 5));
	assert_true(comes(&n, OWN, 0));
	vhost_rig_destroy(n.r);

	/* A driver that did not ask for the filter gets all of them. */
	c.features = GUEST_FEATURES & ~(UINT64_C(1) << VIRTIO_NET_F_CTRL_VLAN);
	set_up(&n, &c);
	assert_int_equal(mode(&n, VIRTIO_NET_CTRL_RX_PROMISC, 0), VIRTIO_NET_OK);
	assert_true(comes(&n, OWN, 5));
	assert_false(comes(&n, OTHER, 5));
	vhost_rig_destroy(n.r);
}

static void a_driver_gives_itself_an_address(void **state)
{
	struct guest_config c = { .size = 64 };
	struct virtio_net_config dev;
	struct net n;

	(void)state;
	set_up(&n, &c);
	assert_int_equal(mode(&n, VIRTIO_NET_CTRL_RX_PROMISC, 0), VIRTIO_NET_OK);
	assert_int_equal(guest_control(n.b->g, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET,
				       macs[OTHER], 6),
			 VIRTIO_NET_OK);
	assert_true(comes(&n, OTHER, 0));
	assert_false(comes(&n, OWN, 0));
	assert_int_equal(guest_config_get(n.b->g, &dev), 0);
	assert_memory_equal(dev.mac, macs[OTHER], 6);
	assert_int_equal(guest_control(n.b->g, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET,
				       macs[GROUP], 6),
			 VIRTIO_NET_ERR);
	assert_true(comes(&n, OTHER, 0));
	vhost_rig_destroy(n.r);
}

static void more_addresses_than_fit_let_all_of_their_kind_in(void **state)
{
	struct guest_config c = { .size = 64 };
	struct net n;

	(void)state;
	set_up(&n, &c);
	assert_int_equal(mode(&n, VIRTIO_NET_CTRL_RX_PROMISC, 0), VIRTIO_NET_OK);
	assert_int_equal(table(&n, 200, 0), VIRTIO_NET_OK);
	assert_true(comes(&n, OTHER, 0));
	assert_false(comes(&n, GROUP, 0));
	assert_int_equal(table(&n, 0, 200), VIRTIO_NET_OK);
	assert_false(comes(&n, OTHER, 0));
	assert_true(comes(&n, GROUP, 0));
	assert_int_equal(table(&n, 0, 1), VIRTIO_NET_OK);
	assert_false(comes(&n, GROUP, 0));
	vhost_rig_destroy(n.r);
}

static void commands_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *why;
		uint8_t class, command;
		uint32_t len;
		uint8_t data[16];
	} row[] = {
		{ "a class to come", 99, 0, 1, { 0 } },
		{ "an RX mode to come", VIRTIO_NET_CTRL_RX, 6, 1, { 0 } },
		{ "an RX mode without a value", VIRTIO_NET_CTRL_RX, 0, 0, { 0 } },
		{ "a short address", VIRTIO_NET_CTRL_MAC, 1, 5, { 2 } },
		{ "a table without a count", VIRTIO_NET_CTRL_MAC, 0, 3, { 0 } },
		{ "a table that is shorter than it says", VIRTIO_NET_CTRL_MAC, 0, 8, { 1 } },
		{ "a table with 4294967295", VIRTIO_NET_CTRL_MAC, 0, 10, { 255, 255, 255, 255 } },
		{ "only one list", VIRTIO_NET_CTRL_MAC, 0, 10, { 1 } },
		{ "VLAN 4096", VIRTIO_NET_CTRL_VLAN, 0, 2, { 0, 16 } },
		{ "half a VLAN", VIRTIO_NET_CTRL_VLAN, 0, 1, { 1 } },
		{ "no pairs", VIRTIO_NET_CTRL_MQ, 0, 2, { 0, 0 } },
		{ "more pairs than there are", VIRTIO_NET_CTRL_MQ, 0, 2, { 2, 0 } },
		{ "more pairs than there can be", VIRTIO_NET_CTRL_MQ, 0, 2, { 255, 255 } },
		{ "RSS, which was not negotiated", VIRTIO_NET_CTRL_MQ, 1, 8, { 0 } },
		{ "offloads, which were not", VIRTIO_NET_CTRL_GUEST_OFFLOADS, 0, 8, { 0 } },
	};
	struct guest_config c = { .size = 64 };
	struct net n;

	(void)state;
	set_up(&n, &c);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int ack = guest_control(n.b->g, row[i].class, row[i].command, row[i].data,
					row[i].len);

		if (ack != VIRTIO_NET_ERR)
			fail_msg("%s: %d", row[i].why, ack);
	}
	assert_true(comes(&n, OTHER, 5));
	vhost_rig_destroy(n.r);
}

static void a_reset_forgets_what_was_asked_for(void **state)
{
	struct vhost_user_msg m = guest_msg(VHOST_USER_RESET_DEVICE);
	struct guest_config c = { .size = 64 };
	struct net n;

	(void)state;
	set_up(&n, &c);
	assert_int_equal(mode(&n, VIRTIO_NET_CTRL_RX_PROMISC, 0), VIRTIO_NET_OK);
	assert_false(comes(&n, OTHER, 0));
	assert_int_equal(guest_tell(n.b->g, &m, NULL, 0), 0);
	assert_int_equal(guest_set_features(n.b->g, n.b->g->features), 0);
	guest_rings_reset(n.b->g);
	for (unsigned int q = 0; q < 2; q++)
		assert_int_equal(guest_queue_start(n.b->g, q), 0);
	assert_int_equal(guest_queue_start(n.b->g, n.b->g->control), 0);
	guest_refill(n.b->g, 0);
	assert_true(comes(&n, OTHER, 0));
	vhost_rig_destroy(n.r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_the_driver_listens_to_comes),
		cmocka_unit_test(only_vlans_that_were_added_come),
		cmocka_unit_test(a_driver_gives_itself_an_address),
		cmocka_unit_test(more_addresses_than_fit_let_all_of_their_kind_in),
		cmocka_unit_test(commands_that_make_no_sense_are_refused),
		cmocka_unit_test(a_reset_forgets_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
