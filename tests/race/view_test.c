/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers carry frames while the control thread swaps views, frees the old ones, and takes ports
 * away and brings new ones.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/rcu.h"
#include "daemon/graph.h"
#include "ports/memory/memory.h"
#include "vswitch/vsw.h"

enum { PORTS = 6, ROUNDS = 300, WORKERS = 2 };

struct lab {
	struct engine *e;
	struct fdb *fdb;
	struct memory_port *port[PORTS];
	struct vsw_view *view;
	uint64_t fed, fed_of[PORTS];
};

static void frame(uint8_t *f, unsigned int src, unsigned int dst)
{
	memset(f, 0, 60);
	f[0] = f[6] = 2;
	f[5] = (uint8_t)dst;
	f[11] = (uint8_t)src;
	f[12] = 8;
	if (dst == PORTS)
		memset(f, 0xff, 6);
}

static void publish(struct lab *l, unsigned int round)
{
	struct vsw_port_plan port[PORTS];
	struct vsw_switch_plan sw = { .fdb = l->fdb, .mtu = 1500, .port = port };
	struct vsw_view *old = l->view;

	for (unsigned int id = 0; id < PORT_MAX && sw.n_ports < PORTS; id++) {
		for (unsigned int i = 0; i < PORTS; i++) {
			struct vsw_port set = { .up = (i + round) % 7, .pvid = 1 };

			if (!l->port[i] || l->port[i]->id != id)
				continue;
			vlan_set_add(&set.member, 1);
			vlan_set_add(&set.ingress, 1);
			vlan_set_add(&set.untagged, 1);
			set.isolated = (i + round) % 2;
			set.tagged_ok = (i + round) % 3;
			port[sw.n_ports++] = (struct vsw_port_plan){ (port_id_t)id, set };
		}
	}
	assert_int_equal(vsw_view_build(&sw, 1, &l->view), 0);
	engine_stage(l->e, VSW_VIEW, l->view);
	engine_publish(l->e);
	rcu_wait();
	vsw_view_free(old);
}

static void plug(struct lab *l, unsigned int i)
{
	struct memory_config c = { .wake = true, .feed_frames = 4096 };

	assert_int_equal(memory_port_create(l->e, &c, &l->port[i]), 0);
	l->fed_of[i] = 0;
}

/* As the daemon lets go of a port: out of the view, the port itself, what was learned, its number.
 */
static void unplug(struct lab *l, unsigned int i, unsigned int round)
{
	struct memory_port *gone = l->port[i];
	struct fdb_match m = { .port = gone->id };

	l->port[i] = NULL;
	publish(l, round);
	memory_port_destroy(gone);
	fdb_flush(l->fdb, &m);
	if (round % 2) /* else the next port of this number meets a flush that is not through */
		fdb_sweep(l->fdb, UINT64_MAX);
	rcu_wait();
	fdb_reclaim(l->fdb);
}

static void feed(struct lab *l)
{
	uint8_t f[60];

	for (unsigned int i = 0; i < PORTS; i++) {
		for (unsigned int k = 0; l->port[i] && k < 20; k++) {
			frame(f, i, (unsigned int)random() % (PORTS + 1));
			if (memory_feed(l->port[i], f, sizeof(f), NULL, 0) == 0) {
				l->fed++;
				l->fed_of[i]++;
			}
		}
	}
}

/* Workers that wait for a core would see ports go with all that they were fed. */
static void let_half_come_in(struct lab *l, unsigned int i)
{
	enum { LIMIT_MS = 60000 };
	struct port_count n = { 0 };

	for (unsigned int ms = 0; ms < LIMIT_MS && 2 * n.in_frames < l->fed_of[i]; ms++) {
		port_counters(l->e, l->port[i]->id, &n);
		if (2 * n.in_frames < l->fed_of[i])
			usleep(1000);
	}
}

static void views_and_ports_change_under_the_workers(void **state)
{
	struct lab l = { 0 };
	struct faults faults = { 0 };
	uint64_t out = 0;

	(void)state;
	srandom(8);
	assert_int_equal(engine_create(weft_graph, WORKERS, &l.e, &faults), 0);
	assert_int_equal(fdb_create(100, &l.fdb), 0);
	for (unsigned int i = 0; i < PORTS; i++)
		plug(&l, i);
	publish(&l, 1);
	assert_int_equal(engine_start(l.e), 0);
	for (unsigned int round = 2; round < ROUNDS; round++) {
		unsigned int i = (unsigned int)random() % PORTS;
		struct port_count n;

		feed(&l);
		publish(&l, round);
		if (round % 5 == 0) {
			let_half_come_in(&l, i);
			out += memory_count(l.port[i], NULL);
			unplug(&l, i, round);
			feed(&l);
			plug(&l, i);
			publish(&l, round);
		}
		port_counters(l.e, l.port[i]->id, &n); /* any thread may look */
	}
	for (unsigned int i = 0; i < PORTS; i++)
		let_half_come_in(&l, i);
	engine_stop(l.e);
	for (unsigned int i = 0; i < PORTS; i++) {
		out += memory_count(l.port[i], NULL);
		memory_port_destroy(l.port[i]);
	}
	assert_true(out > l.fed / 4);
	engine_destroy(l.e);
	vsw_view_free(l.view);
	fdb_destroy(l.fdb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_and_ports_change_under_the_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
