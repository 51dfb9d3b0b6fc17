/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /v1/trace: a frame is made of what is known of two ends, and runs through the live tables
 * without being sent.
 *
 * What is not known is made: an address for a port whose NIC nobody told us of, and IP addresses
 * of the documentation's network (RFC 5737).
 */
#include <errno.h>
#include <stdio.h>

#include "packet/made.h"
#include "ports/prefix.h"
#include "vswitch/trace/trace_api.h"
#include "vswitch/trace/trace_priv.h"

/* One end, as far as it is known. */
struct end {
	const struct object *port; /* NULL: nobody knows where it is */
	bool has_mac;
	struct eth_addr mac;
	struct prefix ip[2]; /* IPv4, IPv6; family 0: it has none */
	bool asked; /* it was named by an IP address, the only one that counts */
};

struct question {
	struct vswitch *v;
	const struct model *m;
	struct faults *f;
	const json_t *spec;
	struct end from, to;
	struct trace_goal goal;
	struct made_frame frame;
	char note[256]; /* what is not quite as it was asked for */
};

static const char *text_of(const struct question *q, const char *field)
{
	return json_string_value(json_object_get(q->spec, field));
}

/* ---- who is meant --------------------------------------------------------------------------- */

static struct prefix address_of(const struct object *port, int family)
{
	json_t *list = json_object_get(port->spec, "address"), *item;
	struct prefix p;
	size_t i;

	json_array_foreach (list, i, item) {
		if (prefix_parse(json_string_value(item), &p) == 0 && p.family == family)
			return p;
	}
	return (struct prefix){ 0 };
}

struct last_heard {
	port_id_t port;
	bool any;
	struct fdb_entry entry;
};

static void hear(void *arg, const struct fdb_entry *e)
{
	struct last_heard *l = arg;

	if (e->port != l->port || (l->any && e->seen_s <= l->entry.seen_s))
		return;
	l->any = true;
	l->entry = *e;
}

/* Its spec, the one that a device of ours has, who was last heard behind it, or a made one. */
static struct eth_addr mac_of(const struct question *q, const struct object *o)
{
	const char *type = object_text(o, "type"), *spec = object_text(o, "mac");
	const struct port *p = o->run;
	struct last_heard last = { .port = p->id };
	struct eth_addr mac;

	if (spec && eth_addr_parse(spec, &mac) == 0)
		return mac;
	if (strcmp(type, "tap") != 0 && strcmp(type, "vhost_user") != 0 && q->v->home[p->id])
		fdb_each(q->v->home[p->id]->fdb, hear, &last);
	if (last.any)
		return fdb_key_mac(last.entry.key);
	port_mac(q->v->env->instance, o->name, &mac);
	return mac;
}

static void is_port(const struct question *q, const struct object *port, struct end *out)
{
	out->port = port;
	out->mac = mac_of(q, port);
	out->has_mac = true;
	out->ip[0] = address_of(port, AF_INET);
	out->ip[1] = address_of(port, AF_INET6);
}

/* Of a host's NICs the one in a network with OTHER, or the first. */
static const struct object *nic_of(const struct question *q, const char *host,
				   const struct end *other)
{
	const struct object *first = NULL;

	for (const struct object *o = NULL; (o = model_next(q->m, "port", o));) {
		const char *of = object_text(o, "host");

		if (!of || strcmp(of, host) != 0 || !o->run)
			continue;
		first = first ? first : o;
		for (unsigned int i = 0; other && i < 2; i++) {
			struct prefix net = address_of(o, i ? AF_INET6 : AF_INET);

			if (net.family && other->ip[i].family && prefix_has(&net, &other->ip[i]))
				return o;
		}
	}
	return first;
}

static const struct object *port_with(const struct question *q, const struct prefix *ip)
{
	for (const struct object *o = NULL; (o = model_next(q->m, "port", o));) {
		json_t *list = json_object_get(o->spec, "address"), *item;
		struct prefix p;
		size_t i;

		json_array_foreach (list, i, item) {
			if (o->run && prefix_parse(json_string_value(item), &p) == 0 &&
			    p.family == ip->family && !memcmp(p.addr, ip->addr, prefix_octets(ip)))
				return o;
		}
	}
	return NULL;
}

/* A port or a host of that name. */
static int find_named(const struct question *q, const char *field, const struct end *other,
		      struct end *out)
{
	const char *name = text_of(q, field);
	const struct object *o = model_find(q->m, "port", name);

	if (!o && model_find(q->m, "host", name)) {
		o = nic_of(q, name, other);
		if (!o)
			return fault(q->f, FAULT_CONFLICT, field, "give it a port",
				     "host %s has no port", name);
	}
	if (!o || !o->run)
		return -ENOENT;
	is_port(q, o, out);
	return 0;
}

static int find_from(struct question *q)
{
	int err = find_named(q, "from", NULL, &q->from);

	if (err == -ENOENT)
		return fault(q->f, FAULT_NOT_FOUND, "from", "name a port or a host",
			     "there is no port or host %s", text_of(q, "from"));
	return err;
}

/* The sender's NIC is chosen again, now that it is known where to. */
static void choose_nic(struct question *q)
{
	const char *name = text_of(q, "from");

	if (!model_find(q->m, "port", name))
		is_port(q, nic_of(q, name, &q->to), &q->from);
}

static int find_to(struct question *q)
{
	const char *name = text_of(q, "to");
	struct prefix ip;
	int err = find_named(q, "to", &q->from, &q->to);

	if (err != -ENOENT)
		return err;
	if (eth_addr_parse(name, &q->to.mac) == 0) {
		q->to.has_mac = true;
		return 0;
	}
	if (prefix_parse(name, &ip) < 0)
		return fault(q->f, FAULT_NOT_FOUND, "to",
			     "name a port or a host, or give a MAC or IP address",
			     "there is no port or host %s", name);
	if (port_with(q, &ip))
		is_port(q, port_with(q, &ip), &q->to);
	q->to.ip[ip.family == AF_INET6] = ip;
	q->to.ip[ip.family != AF_INET6] = (struct prefix){ 0 };
	q->to.asked = true;
	return 0;
}

/* ---- what they would say -------------------------------------------------------------------- */

static void choose_addresses(struct question *q)
{
	static const uint8_t made[2][4] = { { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };
	const struct end *a = &q->from, *b = &q->to;
	bool both_4 = a->ip[0].family && b->ip[0].family;
	bool six = b->asked ? b->ip[1].family != 0 : !both_4 && a->ip[1].family && b->ip[1].family;

	q->frame.ip6 = six;
	memcpy(q->frame.src_ip, made[0], sizeof(made[0]));
	memcpy(q->frame.dst_ip, made[1], sizeof(made[1]));
	if (six)
		memcpy(q->frame.src_ip, (uint8_t[16]){ 0xfe, 0x80, [15] = 1 }, 16);
	if (a->ip[six].family)
		memcpy(q->frame.src_ip, a->ip[six].addr, prefix_octets(&a->ip[six]));
	if (b->ip[six].family)
		memcpy(q->frame.dst_ip, b->ip[six].addr, prefix_octets(&b->ip[six]));
}

static int choose_protocol(struct question *q)
{
	const char *name = text_of(q, "protocol");
	json_t *port = json_object_get(q->spec, "port");

	while (strcmp(name, trace_protocols[q->frame.kind]) != 0)
		q->frame.kind++;
	q->frame.port = (uint16_t)json_integer_value(port);
	if ((q->frame.kind == MADE_TCP || q->frame.kind == MADE_UDP) && !port)
		return fault(q->f, FAULT_INVALID, "port", "say which, as in `tcp 80`",
			     "a frame of %s is for a port", name);
	if (q->frame.kind != MADE_ARP && !q->to.has_mac) {
		q->frame.kind = MADE_ARP;
		snprintf(q->note, sizeof(q->note),
			 "no port is known to have %s, so this is the frame that asks for it",
			 q->goal.name);
	}
	return 0;
}

/* Untagged where the port's own VLAN is meant; else with the tag that the port reads. */
static int choose_vlan(struct question *q)
{
	const struct port *p = q->from.port->run;
	const struct vsw_port *at = q->v->live->port[p->id];
	const struct port *other = q->to.port ? q->to.port->run : NULL;
	uint16_t vid = (uint16_t)json_integer_value(json_object_get(q->spec, "vlan"));

	if (!vid && at->sw && !at->pvid) {
		vid = other ? q->v->live->port[other->id]->pvid : 0;
		if (!vid || !vlan_set_has(&at->ingress, vid))
			return fault(q->f, FAULT_INVALID, "vlan", "say which, as in `vlan 10`",
				     "port %s takes tagged frames only, and no VLAN is given",
				     q->from.port->name);
	}
	if (!vid || vid == at->pvid)
		return 0;
	q->frame.vid = vid;
	q->frame.tpid = at->tpid ? at->tpid : ETH_TYPE_CTAG;
	return 0;
}

static int understand(struct question *q)
{
	int err = find_from(q) ?: find_to(q);

	if (err)
		return err;
	choose_nic(q);
	snprintf(q->goal.name, sizeof(q->goal.name), "%s", text_of(q, "to"));
	q->goal.port = q->to.port;
	if (q->from.port == q->to.port)
		return fault(q->f, FAULT_INVALID, "to", "name another one", "both ends are port %s",
			     q->from.port->name);
	err = choose_protocol(q) ?: choose_vlan(q);
	if (err)
		return err;
	choose_addresses(q);
	q->frame.src = q->from.mac;
	q->frame.dst = q->to.mac;
	return 0;
}

/* ---- the answer ----------------------------------------------------------------------------- */

struct answer {
	struct question *q;
	json_t *json;
};

static void tell(void *arg, const struct trace_way *way)
{
	struct answer *a = arg;

	a->json = trace_way_json(a->q->v, a->q->m, way, &a->q->goal);
}

static json_t *run(struct question *q)
{
	const struct port *p = q->from.port->run;
	struct answer a = { .q = q };
	uint8_t frame[PKT_HEAD];
	uint32_t len = frame_make(&q->frame, frame);
	int err = trace_made(q->v->env->engine, p->id, frame, len, tell, &a);

	if (err || !a.json) {
		fault(q->f, FAULT_SYSTEM, NULL, NULL, "there is no memory to trace");
		return NULL;
	}
	if (*q->note)
		json_object_set_new(a.json, "note", json_string(q->note));
	return a.json;
}

json_t *trace_question(struct vswitch *v, const struct model *m, const json_t *asked,
		       struct faults *f)
{
	json_t *spec = schema_check(&trace_schema, asked, f), *answer = NULL;
	struct question q = { .v = v, .m = m, .f = f, .spec = spec };

	if (spec && understand(&q) == 0)
		answer = run(&q);
	json_decref(spec);
	return answer;
}
