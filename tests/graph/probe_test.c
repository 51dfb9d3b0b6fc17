/* SPDX-License-Identifier: Apache-2.0 */
/* Probes for loops through the whole switch, and a port that is blocked because of one. */
#include "tests/test.h"

#include <stdlib.h>

#include "dataplane/punt.h"
#include "tests/rig/rig.h"
#include "vswitch/loops/probe.h"
#include "vswitch/vsw_node.h"

enum { A, B, TRUNK, C, PORTS };

static const struct siphash_key key = { { 5, 6 } };

static struct {
	struct rig *rig;
	struct vsw_live live[PORTS];
	unsigned int came; /* parcels */
	port_id_t at;
	uint16_t vid;
	struct probe probe;
} t;

static void came_in(void *arg, const struct parcel *p)
{
	uint8_t frame[PROBE_ROOM];

	(void)arg;
	memcpy(frame, p->data, MIN(p->len, (uint32_t)sizeof(frame)));
	t.came++;
	t.at = p->port;
	t.vid = probe_take_vid(frame);
	assert_true(probe_read(&key, frame, p->len, &t.probe));
}

static void edit(struct rig *r, unsigned int i, struct vsw_port *set)
{
	(void)r;
	set->live = &t.live[i];
	set->shut = (uint8_t)t.live[i].shut;
}

static void publish(void)
{
	rig_publish(t.rig);
	t.rig->view->probe_key = &key;
}

static int setup(void **state)
{
	static const struct rig_port port[PORTS] = {
		[A] = { .access = 10 },
		[B] = { .access = 10 },
		[TRUNK] = { .trunk = "10,20" },
		[C] = { .access = 10 },
	};

	(void)state;
	memset(&t, 0, sizeof(t));
	t.rig = rig_create(&(struct rig_config){ .port = port, .n_ports = PORTS });
	t.rig->edit = edit;
	publish();
	punt_to(t.rig->engine, PUNT_PROBE, came_in, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_destroy(t.rig);
	return 0;
}

/* Puts a probe of port OUT into port IN. Returns how many were punted because of it. */
static unsigned int send(unsigned int out, uint64_t number, unsigned int in, uint16_t tag,
			 const struct siphash_key *k)
{
	const struct probe p = { t.rig->id[out], 10, number };
	uint8_t frame[PROBE_ROOM];
	unsigned int before = t.came, len = probe_write(k, &p, tag ? ETH_TYPE_CTAG : 0, tag, frame);

	rig_send(t.rig, in, frame, len);
	parcels_take(t.rig->engine, 100);
	return t.came - before;
}

static unsigned int copies(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < PORTS; i++)
		n += memory_frame(t.rig->port[i], 0) != NULL;
	return n;
}

static void a_probe_of_ours_is_told_and_goes_nowhere(void **state)
{
	(void)state;
	assert_int_equal(send(A, 1, B, 0, &key), 1);
	assert_int_equal(t.at, t.rig->id[B]);
	assert_int_equal(t.vid, 10);
	assert_int_equal(t.probe.port, t.rig->id[A]);
	assert_int_equal(t.probe.number, 1);
	assert_int_equal(send(A, 2, TRUNK, 20, &key), 1);
	assert_int_equal(t.vid, 20); /* where it came in */
	assert_int_equal(t.probe.vid, 10); /* where it went out */
	assert_int_equal(copies(), 0);
	assert_int_equal(fdb_count(t.rig->fdb[0]), 0);
}

static void a_forged_one_is_a_frame_like_any_other(void **state)
{
	static const struct siphash_key other = { { 5, 7 } };

	(void)state;
	assert_int_equal(send(A, 1, B, 0, &other), 0);
	assert_int_equal(copies(), PORTS - 1);
	assert_int_equal(fdb_count(t.rig->fdb[0]), 0); /* another Weft's port is no station */
	t.rig->view->probe_key = NULL; /* nor is any ours where none are sent */
	assert_int_equal(send(A, 1, B, 0, &key), 0);
	assert_int_equal(copies(), PORTS - 1);
}

static void one_that_comes_again_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(send(A, 7, B, 0, &key), 1);
	for (uint64_t number = 0; number <= 7; number++) {
		assert_int_equal(send(A, number, B, 0, &key), 0);
		assert_int_equal(copies(), 0);
	}
	assert_string_equal(rig_cause(t.rig, B), "probe for loops came in again");
	assert_int_equal(send(A, 7, TRUNK, 10, &key), 1); /* elsewhere it is news */
	assert_int_equal(send(A, 8, B, 0, &key), 1);
}

/* A guest that bridges A and B: what comes out of the one goes into the other. */
static void what_is_emitted_comes_back_through_a_bridge(void **state)
{
	const struct probe p = { t.rig->id[A], 10, 3 };
	const struct memory_frame *out;
	uint8_t frame[PROBE_ROOM];
	struct source *injector;
	unsigned int at = 0;

	(void)state;
	while ((injector = engine_source(t.rig->engine, 0, &at)) && injector->port != PORT_NONE)
		;
	assert_non_null(injector);
	assert_int_equal(emit(t.rig->engine, t.rig->id[A], frame,
			      probe_write(&key, &p, 0, 0, frame), NULL),
			 0);
	worker_run(engine_worker(t.rig->engine, 0), injector);
	out = memory_frame(t.rig->port[A], 0);
	assert_non_null(out);
	memcpy(frame, out->data, out->len);
	rig_send(t.rig, B, frame, out->len);
	parcels_take(t.rig->engine, 100);
	assert_int_equal(t.came, 1);
	assert_int_equal(t.at, t.rig->id[B]);
	assert_int_equal(t.probe.port, t.rig->id[A]);
}

static void set_shut(unsigned int port, enum vsw_shut why)
{
	t.live[port].shut = why;
	publish();
}

static void a_blocked_port_lets_nothing_through_but_probes(void **state)
{
	static const uint8_t to_all[60] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1 },
			     to_one[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	(void)state;
	rig_send(t.rig, B, to_all, sizeof(to_all)); /* a station is behind it */
	set_shut(B, VSW_SHUT_LOOP);
	rig_send(t.rig, B, to_all, sizeof(to_all));
	assert_int_equal(copies(), 0);
	assert_string_equal(rig_cause(t.rig, B), "ingress port is blocked: it is part of a ring");
	rig_send(t.rig, A, to_one, sizeof(to_one));
	assert_int_equal(copies(), 0);
	assert_string_equal(rig_cause(t.rig, A), "egress port is blocked: it is part of a ring");
	rig_send(t.rig, C, to_all, sizeof(to_all));
	assert_null(memory_frame(t.rig->port[B], 0));
	assert_int_equal(copies(), 2); /* others are as before */
	assert_int_equal(send(A, 1, B, 0, &key), 1);
	assert_int_equal(t.vid, 10);
}

static void a_forged_probe_does_not_pass_a_blocked_port(void **state)
{
	static const struct siphash_key other = { { 5, 7 } };

	(void)state;
	t.live[B].shut = VSW_SHUT_LOOP;
	publish();
	assert_int_equal(send(A, 1, B, 0, &other), 0);
	assert_int_equal(copies(), 0);
	assert_string_equal(rig_cause(t.rig, B),
			    "ingress port is blocked, and the probe is not ours");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_probe_of_ours_is_told_and_goes_nowhere),
		TEST(a_forged_one_is_a_frame_like_any_other),
		TEST(one_that_comes_again_is_dropped),
		TEST(what_is_emitted_comes_back_through_a_bridge),
		TEST(a_blocked_port_lets_nothing_through_but_probes),
		TEST(a_forged_probe_does_not_pass_a_blocked_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
