/* SPDX-License-Identifier: Apache-2.0 */
/* A port's policy, from its spec to what workers hold frames against; and bindings at run time. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "vswitch/parts.h"

static bool is(const struct object *o, const char *field, const char *word)
{
	const char *text = object_text(o, field);

	return text && !strcmp(text, word);
}

static uint64_t mac_word(const struct eth_addr *mac)
{
	return eth_src(&(struct eth_hdr){ .src = *mac });
}

/* Types whose device we made, or told its address to. */
static bool has_device(const struct object *o)
{
	return is(o, "type", "tap") || is(o, "type", "vhost_user");
}

static bool needs_own(const struct object *o)
{
	return is(o, "forged", "drop") || is(o, "receive", "own");
}

static void check_addresses(const struct object *now, struct faults *f)
{
	char where[32];
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(now->spec, "addresses"), i, item) {
		snprintf(where, sizeof(where), "addresses/%zu", i);
		if (strchr(json_string_value(item), ':'))
			fault(f, FAULT_INVALID, where, "leave it out: ARP is IPv4's",
			      "%s is no IPv4 address", json_string_value(item));
	}
	if (object_has(now, "addresses") && !object_bool(now, "arp_inspect"))
		fault(f, FAULT_INVALID, "addresses", "set `arp_inspect` to true too",
		      "addresses are bound to the port and nothing asks for them");
}

static void check(const struct vswitch *v, const struct model *m, const struct object *now,
		  struct faults *f)
{
	bool listed = json_array_size(json_object_get(now->spec, "macs")) > 0;

	(void)v;
	(void)m;
	if (needs_own(now) && !listed && !has_device(now))
		fault(f, FAULT_INVALID, is(now, "forged", "drop") ? "forged" : "receive",
		      "give `macs` too: the addresses behind the port",
		      "a port of type %s does not know its own address", object_text(now, "type"));
	if (listed && is(now, "forged", "allow"))
		fault(f, FAULT_INVALID, "forged", "take one of the two away",
		      "only the addresses in `macs` may send, so others cannot be allowed");
	check_addresses(now, f);
}

/* macs, or else the device's own, if there is such a one. */
static void plan_own(const struct object *o, struct vsw_macs *out)
{
	const struct port *p = o->run;
	struct eth_addr mac;
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(o->spec, "macs"), i, item) {
		if (out->n < VSW_MACS_MAX && !eth_addr_parse(json_string_value(item), &mac))
			out->mac[out->n++] = mac_word(&mac);
	}
	if (out->n || !has_device(o))
		return;
	if (!object_has(o, "mac") || eth_addr_parse(object_text(o, "mac"), &mac))
		port_mac(p->env->instance, p->name, &mac);
	out->mac[out->n++] = mac_word(&mac);
}

/* "10.0.10.1" or "10.0.10.1/24"; IPv6 is no business of ARP. */
static void plan_address(const char *text, struct vsw_policy *out)
{
	char address[INET_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	struct in_addr ip;

	if (len >= sizeof(address) || out->n_addresses == VSW_ADDRESSES_MAX)
		return;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &ip) == 1)
		out->address[out->n_addresses++] = ntohl(ip.s_addr);
}

static void plan_addresses(const struct object *o, struct vsw_policy *out)
{
	const char *field = object_has(o, "addresses") ? "addresses" : "address";
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(o->spec, field), i, item)
		plan_address(json_string_value(item), out);
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *o,
		 struct vsw_port *out)
{
	struct vsw_policy *policy = &out->policy;

	(void)v;
	(void)m;
	policy->listed = json_array_size(json_object_get(o->spec, "macs")) > 0;
	policy->sources = policy->listed || is(o, "forged", "drop");
	policy->dhcp_guard = object_bool(o, "dhcp_guard");
	policy->arp_inspect = object_bool(o, "arp_inspect");
	plan_own(o, &out->own);
	if (policy->arp_inspect)
		plan_addresses(o, policy);
	if (policy->sources || policy->dhcp_guard || policy->arp_inspect)
		out->guards |= VSW_POLICY;
	out->listens = is(o, "receive", "all");
	if (is(o, "receive", "own"))
		out->watch_out |= VSW_OWN_ONLY;
}

static json_t *binding_json(const struct binding *b)
{
	struct in_addr ip = { htonl(b->ip) };
	struct eth_addr mac = fdb_key_mac(fdb_key_of(0, b->mac));
	char address[INET_ADDRSTRLEN], text[sizeof("00:00:00:00:00:00")];

	inet_ntop(AF_INET, &ip, address, sizeof(address));
	snprintf(text, sizeof(text), ETH_ADDR_FMT, ETH_ADDR_ARG(mac));
	return json_pack("{s:s, s:s}", "address", address, "mac", text);
}

static void status(const struct vswitch *v, const struct port *p, json_t *into)
{
	const struct bindings *all = v->port_live[p->id]->bindings;
	json_t *list = all ? json_array() : NULL;

	for (unsigned int i = 0; all && i < all->n; i++)
		json_array_append_new(list, binding_json(&all->b[i]));
	if (list)
		json_object_set_new(into, "bindings", list);
}

const struct port_part port_policy_part = { .check = check, .plan = plan, .status = status };

static struct binding binding_of(const struct eth_addr *mac, be32_t ip)
{
	return (struct binding){ mac_word(mac), be32_get(ip) };
}

int vswitch_bind(struct vswitch *v, port_id_t port, const struct eth_addr *mac, be32_t ip)
{
	struct binding b = binding_of(mac, ip);

	if (port >= PORT_MAX || !v->port_live[port])
		return -ENOENT;
	return bindings_add(&v->port_live[port]->bindings, &b);
}

int vswitch_unbind(struct vswitch *v, port_id_t port, const struct eth_addr *mac, be32_t ip)
{
	struct binding b = binding_of(mac, ip);

	if (port >= PORT_MAX || !v->port_live[port])
		return -ENOENT;
	return bindings_remove(&v->port_live[port]->bindings, &b);
}
