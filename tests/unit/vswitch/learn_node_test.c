/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include "dataplane/punt.h"
#include "tests/rig/rig.h"

enum { A, B, C, PORTS, VID = 10, QUIET_VID = 20, LIMIT = 2 };

static const struct rig_port ports[PORTS] = { { .trunk = "10,20" },
					      { .trunk = "10,20" },
					      { .trunk = "10,20" } };
static const struct rig_vlan quiet = { .vid = QUIET_VID, .no_learn = true };
static struct vsw_live live;
static enum vsw_beyond beyond;
static unsigned int told;

static void edit(struct rig *r, unsigned int port, struct vsw_port *set)
{
	(void)r;
	if (port != A)
		return;
	set->beyond = (uint8_t)beyond;
	set->live = &live;
}

/* Port A may have two stations, and what becomes of others is THEN. */
static struct rig *limited(enum vsw_beyond then)
{
	struct rig_config c = {
		.port = ports, .n_ports = PORTS, .vlan = &quiet, .n_vlans = 1, .trace = true
	};
	struct rig *r = rig_create(&c);

	live = (struct vsw_live){ 0 };
	told = 0;
	beyond = then;
	r->edit = edit;
	rig_publish(r);
	fdb_limit_port(r->fdb[0], r->id[A], LIMIT);
	return r;
}

static fdb_key_t key_of(uint8_t station, uint16_t vid)
{
	struct eth_addr mac = { { 2, 0, 0, 0, 0, station } };

	return fdb_key(vid, &mac);
}

/* A frame of STATION to everybody. How many ports it leaves by. */
static unsigned int say(struct rig *r, unsigned int port, uint8_t station, uint16_t vid)
{
	uint8_t f[64] = { 0xff, 0xff,    0xff, 0xff, 0xff, 0xff,         2,    0,   0, 0,
			  0,    station, 0x81, 0,    0,    (uint8_t)vid, 0x88, 0xb5 };
	unsigned int n = 0;

	rig_send(r, port, f, sizeof(f));
	for (unsigned int i = 0; i < PORTS; i++)
		n += memory_frame(r->port[i], 0) != NULL;
	return n;
}

static port_id_t where(const struct rig *r, uint8_t station, uint16_t vid)
{
	struct fdb_entry e;

	return fdb_get(r->fdb[0], key_of(station, vid), &e) ? e.port : PORT_NONE;
}

static void fill(struct rig *r)
{
	for (uint8_t s = 1; s <= LIMIT; s++)
		assert_int_equal(say(r, A, s, VID), PORTS - 1);
}

static void a_station_too_many_has_its_frames_dropped(void **state)
{
	struct rig *r = limited(VSW_BEYOND_DROP);

	(void)state;
	fill(r);
	assert_int_equal(say(r, A, LIMIT + 1, VID), 0);
	assert_string_equal(rig_dropped(r), "port has as many stations as it may");
	assert_int_equal(say(r, A, 1, VID), PORTS - 1); /* who is known goes on */
	assert_int_equal(say(r, B, LIMIT + 1, VID), PORTS - 1); /* nor is it another port's limit */
	assert_int_equal(say(r, A, LIMIT + 1, VID), 0); /* nor may it move here */
	assert_int_equal(where(r, LIMIT + 1, VID), r->id[B]);
	rig_destroy(r);
}

static void or_switched_but_not_learned(void **state)
{
	struct rig *r = limited(VSW_BEYOND_FLOOD);

	(void)state;
	fill(r);
	assert_int_equal(say(r, A, LIMIT + 1, VID), PORTS - 1);
	assert_int_equal(where(r, LIMIT + 1, VID), PORT_NONE);
	rig_destroy(r);
}

static void count(void *arg, const struct parcel *p)
{
	struct rig *r = arg;

	assert_int_equal(p->port, r->id[A]);
	told++;
}

/* PUNT_LEARN is the folder's own, so each service is listened to. */
static void or_the_port_is_shut_and_one_frame_tells_it(void **state)
{
	struct rig *r = limited(VSW_BEYOND_SHUT);

	(void)state;
	for (unsigned int s = 0; s < PUNT_SERVICES; s++)
		punt_to(r->engine, s, count, r);
	fill(r);
	assert_int_equal(live.shut, VSW_OPEN);
	assert_int_equal(say(r, A, LIMIT + 1, VID), 0);
	assert_int_equal(live.shut, VSW_SHUT_LEARN);
	for (uint8_t s = LIMIT + 1; s < LIMIT + 10; s++) {
		assert_int_equal(say(r, A, s, VID), 0);
		assert_string_equal(rig_dropped(r), "port was shut by its learn limit");
	}
	parcels_take(r->engine, 16);
	assert_int_equal(told, 1);
	rig_destroy(r);
}

/* It is blocked already: that stays, and the frame is dropped. */
static void a_port_that_is_blocked_is_not_shut_too(void **state)
{
	struct rig *r = limited(VSW_BEYOND_SHUT);

	(void)state;
	fill(r);
	live.shut = VSW_SHUT_LOOP;
	assert_int_equal(say(r, A, LIMIT + 1, VID), 0);
	assert_int_equal(live.shut, VSW_SHUT_LOOP);
	rig_destroy(r);
}

static void a_vlan_that_does_not_learn_switches_all_the_same(void **state)
{
	struct rig *r = limited(VSW_BEYOND_DROP);

	(void)state;
	for (uint8_t s = 1; s < 10; s++)
		assert_int_equal(say(r, A, s, QUIET_VID), PORTS - 1);
	assert_int_equal(fdb_count(r->fdb[0]), 0);
	rig_destroy(r);
}

/* 802.1Q-2018 8.8.1: what was put by hand is not overwritten by what is learned. */
static void a_static_station_teaches_nothing_at_another_port(void **state)
{
	struct rig *r = limited(VSW_BEYOND_DROP);

	(void)state;
	assert_int_equal(fdb_set_static(r->fdb[0], key_of(1, VID), r->id[B]), 0);
	assert_int_equal(say(r, C, 1, VID), PORTS - 1);
	assert_int_equal(where(r, 1, VID), r->id[B]);
	rig_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_station_too_many_has_its_frames_dropped),
		cmocka_unit_test(or_switched_but_not_learned),
		cmocka_unit_test(or_the_port_is_shut_and_one_frame_tells_it),
		cmocka_unit_test(a_port_that_is_blocked_is_not_shut_too),
		cmocka_unit_test(a_vlan_that_does_not_learn_switches_all_the_same),
		cmocka_unit_test(a_static_station_teaches_nothing_at_another_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
