/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "vswitch/vsw.h"

enum { SWITCHES = 4, PORTS = 24 };

/* A plan of random ports, and the same as arrays that no code of ours has touched. */
struct fixture {
	struct vsw_switch_plan sw[SWITCHES];
	struct vsw_port_plan port[SWITCHES][PORTS];
	unsigned int n_switches;
};

static void any_set(struct vlan_set *s)
{
	*s = (struct vlan_set){ 0 };
	switch (random() % 4) {
	case 0:
		for (uint16_t v = 1; v <= VLAN_VID_MAX; v++)
			vlan_set_add(s, v);
		break;
	case 1:
		for (unsigned int i = random() % 50; i; i--)
			vlan_set_add(s, (uint16_t)(1 + random() % VLAN_VID_MAX));
		break;
	case 2:
		vlan_set_add(s, (uint16_t)(random() % 2 ? 1 : VLAN_VID_MAX));
		break;
	}
}

static void any_plan(struct fixture *f)
{
	f->n_switches = 1 + (unsigned int)random() % SWITCHES;
	for (unsigned int s = 0; s < f->n_switches; s++) {
		port_id_t id = (port_id_t)(s * (PORT_MAX / SWITCHES));

		f->sw[s] = (struct vsw_switch_plan){ .mtu = 1500, .port = f->port[s] };
		f->sw[s].n_ports = (unsigned int)random() % PORTS;
		for (unsigned int i = 0; i < f->sw[s].n_ports; i++) {
			struct vsw_port *p = &f->port[s][i].set;

			id = (port_id_t)(id + 1 + random() % 9);
			f->port[s][i].port = id;
			*p = (struct vsw_port){ .up = random() % 8, .tagged_ok = random() % 2 };
			any_set(&p->member);
			p->pvid = (uint16_t)(random() % 4095);
			any_set(&p->untagged);
			any_set(&p->ingress);
			p->isolated = random() % 2;
			p->tpid = random() % 2 ? ETH_TYPE_STAG : 0;
			p->shut = random() % 8 ? VSW_OPEN : VSW_SHUT_LOOP;
		}
	}
}

static unsigned int check_members(const struct vsw_switch_plan *plan, const struct vsw_flood *got,
				  uint16_t vid, bool isolated, unsigned int n)
{
	for (unsigned int i = 0; i < plan->n_ports; i++) {
		const struct vsw_port *p = &plan->port[i].set;
		uint16_t tpid = p->tpid ? p->tpid : ETH_TYPE_CTAG;

		if (!vlan_set_has(&p->member, vid) || !p->up || p->shut || p->isolated != isolated)
			continue;
		if (!got || n >= got->n || got->member[n].port != plan->port[i].port)
			fail_msg("VLAN %u: port %u is not flooded to", vid, plan->port[i].port);
		if (got->member[n].tpid != (vlan_set_has(&p->untagged, vid) ? 0 : tpid))
			fail_msg("VLAN %u: port %u: tag", vid, plan->port[i].port);
		n++;
	}
	return n;
}

static void check_flood(const struct vsw_switch_plan *plan, const struct vsw_switch *sw,
			uint16_t vid)
{
	const struct vsw_flood *got = sw->flood[vid];
	unsigned int n_open = check_members(plan, got, vid, false, 0);
	unsigned int n = check_members(plan, got, vid, true, n_open);
	bool member = false;

	for (unsigned int i = 0; i < plan->n_ports; i++)
		member |= vlan_set_has(&plan->port[i].set.member, vid) ||
			  vlan_set_has(&plan->port[i].set.ingress, vid);
	/* A worker may ask for any VLAN that some port is in, even if all of them are down. */
	if (member != !!got || (got && (got->n != n || got->n_open != n_open)))
		fail_msg("VLAN %u: %u ports are flooded to, not %u", vid, got ? got->n : 0, n);
}

static void floods_reach_who_a_dull_walk_finds(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)state;
	srandom(3);
	for (unsigned int round = 0; round < 100; round++) {
		struct vsw_view *v;

		any_plan(f);
		assert_int_equal(vsw_view_build(f->sw, f->n_switches, &v), 0);
		for (unsigned int s = 0; s < f->n_switches; s++) {
			if (!f->sw[s].n_ports)
				continue;
			for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++)
				check_flood(&f->sw[s], v->port[f->port[s][0].port]->sw, vid);
		}
		vsw_view_free(v);
	}
	free(f);
}

static void each_port_is_in_its_switch_and_nobody_else_is(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)state;
	srandom(4);
	for (unsigned int round = 0; round < 100; round++) {
		unsigned int n = 0, found = 0;
		struct vsw_view *v;

		any_plan(f);
		assert_int_equal(vsw_view_build(f->sw, f->n_switches, &v), 0);
		for (unsigned int s = 0; s < f->n_switches; s++) {
			for (unsigned int i = 0; i < f->sw[s].n_ports; i++, n++) {
				const struct vsw_port_plan *p = &f->port[s][i];
				const struct vsw_port *got = v->port[p->port];

				assert_non_null(got);
				assert_ptr_equal(got->sw, v->port[f->port[s][0].port]->sw);
				assert_int_equal(got->len_max, 1500 + ETH_HDR_LEN);
				assert_memory_equal(&got->member, &p->set.member,
						    sizeof(got->member));
				assert_int_equal(got->pvid, p->set.pvid);
				assert_memory_equal(&got->untagged, &p->set.untagged,
						    sizeof(got->untagged));
				assert_int_equal(got->tagged_ok, p->set.tagged_ok);
				assert_int_equal(got->up, p->set.up && !p->set.shut);
			}
		}
		for (unsigned int i = 0; i < PORT_MAX; i++)
			found += v->port[i]->sw != NULL;
		assert_int_equal(found, n);
		vsw_view_free(v);
	}
	free(f);
}

static void vlans_with_the_same_ports_share_one_list(void **state)
{
	struct vsw_port_plan port[2] = { { .port = 1 }, { .port = 2 } };
	struct vsw_switch_plan plan = { .n_ports = 2, .port = port };
	struct vsw_view *v;

	(void)state;
	for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
		vlan_set_add(&port[0].set.member, vid);
		vlan_set_add(&port[1].set.member, vid);
	}
	port[0].set.up = port[1].set.up = true;
	assert_int_equal(vsw_view_build(&plan, 1, &v), 0);
	assert_int_equal(v->port[1]->sw->n_lists, 1);
	assert_ptr_equal(v->port[1]->sw->flood[1], v->port[1]->sw->flood[VLAN_VID_MAX]);
	assert_null(v->port[1]->sw->flood[0]);
	assert_null(v->port[1]->sw->flood[VLAN_VID_RESERVED]);
	vsw_view_free(v);
}

static void no_switch_and_no_view_are_fine(void **state)
{
	struct vsw_view *v;

	(void)state;
	assert_int_equal(vsw_view_build(NULL, 0, &v), 0);
	assert_null(v->port[0]->sw);
	assert_false(v->port[0]->up);
	vsw_view_free(v);
	vsw_view_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floods_reach_who_a_dull_walk_finds),
		cmocka_unit_test(each_port_is_in_its_switch_and_nobody_else_is),
		cmocka_unit_test(vlans_with_the_same_ports_share_one_list),
		cmocka_unit_test(no_switch_and_no_view_are_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
