/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink over libnl-3: it makes messages and reads attributes. Answers are read here, because
 * libnl's calls turn the kernel's errno into a code of their own and lose its sentence.
 */
#include "ports/netlink.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <net/if_arp.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "ports/netlink_priv.h"
#include "ports/netns.h"

struct netlink {
	struct nl_sock *sock;
	int fd;
	int error; /* -errno of the last call */
	char why[160];
};

/* What the kernel says, a datagram at a time; the control thread's. */
static char answer[65536] __attribute__((aligned(NLMSG_ALIGNTO)));

static int connect_here(void *arg)
{
	struct netlink *n = arg;
	int on = 1;

	n->sock = nl_socket_alloc();
	if (!n->sock)
		return -ENOMEM;
	if (nl_connect(n->sock, NETLINK_ROUTE) < 0)
		return -errno;
	n->fd = nl_socket_get_fd(n->sock);
	/* Refusals come with a sentence. Without it errno has to do. */
	(void)!setsockopt(n->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return 0;
}

int netlink_open(int netns, struct netlink **out)
{
	struct netlink *n = malloc(sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->sock = NULL;
	n->error = 0;
	n->why[0] = '\0';
	err = netns_run(netns, connect_here, n);
	if (err) {
		netlink_close(n);
		return err;
	}
	*out = n;
	return 0;
}

void netlink_close(struct netlink *n)
{
	if (!n)
		return;
	if (n->sock)
		nl_socket_free(n->sock);
	free(n);
}

const char *netlink_why(const struct netlink *n)
{
	return n->why[0] ? n->why : strerror(-n->error);
}

static void keep_reason(struct netlink *n, struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nlmsg_data(h);
	int front = (int)sizeof(*e);
	struct nlattr *a;

	n->error = e->error;
	n->why[0] = '\0';
	if (!e->error || !(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	/* Unless capped, the message that was refused stands in front of the sentence. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		front += (int)(e->msg.nlmsg_len - sizeof(e->msg));
	a = nlmsg_find_attr(h, front, NLMSGERR_ATTR_MSG);
	if (a)
		nla_strlcpy(n->why, a, sizeof(n->why));
}

/* One datagram of answers. Positive: there are more to come. */
static int take_answer(struct netlink *n, netlink_answer_fn *fn, void *arg, int flags)
{
	ssize_t got = recv(n->fd, answer, sizeof(answer), flags);
	int left = (int)got;

	if (got < 0)
		return errno == EINTR ? 1 : -errno;
	for (struct nlmsghdr *h = (struct nlmsghdr *)answer; nlmsg_ok(h, left);
	     h = nlmsg_next(h, &left)) {
		if (h->nlmsg_type == NLMSG_ERROR) {
			keep_reason(n, h);
			return n->error;
		}
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (fn)
			fn(h, arg);
	}
	return 1;
}

int netlink_talk(struct netlink *n, struct nl_msg *m, netlink_answer_fn *fn, void *arg)
{
	int err;

	n->why[0] = '\0';
	n->error = -ENOMEM;
	if (!m)
		return n->error;
	err = nl_send_auto(n->sock, m) < 0 ? -EIO : 1;
	nlmsg_free(m);
	while (err > 0)
		err = take_answer(n, fn, arg, 0);
	n->error = err;
	return err;
}

struct nl_msg *netlink_message(int type, int flags, void *head, size_t len)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, flags | NLM_F_REQUEST);

	if (m && nlmsg_append(m, head, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(m);
		return NULL;
	}
	return m;
}

/* Links. */
struct link_arg {
	netlink_link_fn *fn;
	void *arg;
};

static void read_link(struct nlmsghdr *h, void *arg)
{
	struct link_arg *to = arg;
	struct ifinfomsg *info = nlmsg_data(h);
	struct netlink_link l = { 0 };
	struct nlattr *a[IFLA_MAX + 1], *i[IFLA_INFO_MAX + 1];

	if ((h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK) ||
	    nlmsg_parse(h, sizeof(*info), a, IFLA_MAX, NULL) < 0)
		return;
	l.gone = h->nlmsg_type == RTM_DELLINK;
	l.index = info->ifi_index;
	l.ethernet = info->ifi_type == ARPHRD_ETHER;
	l.loopback = info->ifi_flags & IFF_LOOPBACK;
	l.promisc = info->ifi_flags & IFF_PROMISC;
	l.up = info->ifi_flags & IFF_UP;
	l.carrier = info->ifi_flags & IFF_LOWER_UP;
	if (a[IFLA_IFNAME])
		nla_strlcpy(l.name, a[IFLA_IFNAME], sizeof(l.name));
	if (a[IFLA_IFALIAS])
		nla_strlcpy(l.alias, a[IFLA_IFALIAS], sizeof(l.alias));
	if (a[IFLA_ADDRESS] && nla_len(a[IFLA_ADDRESS]) == sizeof(l.mac))
		memcpy(&l.mac, nla_data(a[IFLA_ADDRESS]), sizeof(l.mac));
	if (a[IFLA_MTU])
		l.mtu = nla_get_u32(a[IFLA_MTU]);
	if (a[IFLA_MASTER])
		l.master = (int)nla_get_u32(a[IFLA_MASTER]);
	if (a[IFLA_LINKINFO] && !nla_parse_nested(i, IFLA_INFO_MAX, a[IFLA_LINKINFO], NULL) &&
	    i[IFLA_INFO_KIND])
		nla_strlcpy(l.kind, i[IFLA_INFO_KIND], sizeof(l.kind));
	to->fn(to->arg, &l);
}

static void keep_link(void *arg, const struct netlink_link *l)
{
	*(struct netlink_link *)arg = *l;
}

int netlink_link_find(struct netlink *n, const char *name, struct netlink_link *out)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct link_arg to = { keep_link, out };
	struct nl_msg *m = netlink_message(RTM_GETLINK, NLM_F_ACK, &head, sizeof(head));

	if (m)
		nla_put_string(m, IFLA_IFNAME, name);
	return netlink_talk(n, m, read_link, &to);
}

int netlink_link_at(struct netlink *n, int index, struct netlink_link *out)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct link_arg to = { keep_link, out };

	return netlink_talk(n, netlink_message(RTM_GETLINK, NLM_F_ACK, &head, sizeof(head)),
			    read_link, &to);
}

int netlink_link_each(struct netlink *n, netlink_link_fn *fn, void *arg)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct link_arg to = { fn, arg };

	return netlink_talk(n, netlink_message(RTM_GETLINK, NLM_F_DUMP, &head, sizeof(head)),
			    read_link, &to);
}

/* No link-local address, so no word of IPv6. */
static void put_silence(struct nl_msg *m)
{
	struct nlattr *all = nla_nest_start(m, IFLA_AF_SPEC);
	struct nlattr *inet6 = all ? nla_nest_start(m, AF_INET6) : NULL;

	if (!inet6)
		return;
	nla_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nla_nest_end(m, inet6);
	nla_nest_end(m, all);
}

int netlink_link_set(struct netlink *n, int index, const struct netlink_change *c)
{
	struct ifinfomsg head = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = (c->up ? IFF_UP : 0) | (c->promisc ? IFF_PROMISC : 0),
		.ifi_change = (c->up || c->down ? IFF_UP : 0) |
			      (c->promisc || c->no_promisc ? IFF_PROMISC : 0),
	};
	struct nl_msg *m = netlink_message(RTM_NEWLINK, NLM_F_ACK, &head, sizeof(head));

	if (m && c->mac)
		nla_put(m, IFLA_ADDRESS, sizeof(*c->mac), c->mac);
	if (m && c->alias)
		nla_put_string(m, IFLA_IFALIAS, c->alias);
	if (m && c->mtu)
		nla_put_u32(m, IFLA_MTU, c->mtu);
	if (m && c->group)
		nla_put_u32(m, IFLA_GROUP, c->group);
	if (m && c->silent)
		put_silence(m);
	return netlink_talk(n, m, NULL, NULL);
}

int netlink_link_delete_group(struct netlink *n, uint32_t group)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct nl_msg *m = netlink_message(RTM_DELLINK, NLM_F_ACK, &head, sizeof(head));

	if (m)
		nla_put_u32(m, IFLA_GROUP, group);
	return netlink_talk(n, m, NULL, NULL);
}

/* Addresses. */
static struct nl_msg *address(int type, int flags, int index, const struct prefix *p)
{
	struct ifaddrmsg head = {
		.ifa_family = (uint8_t)p->family,
		.ifa_prefixlen = (uint8_t)p->len,
		.ifa_flags = p->family == AF_INET6 ? IFA_F_NODAD : 0,
		.ifa_index = (uint32_t)index,
	};
	struct nl_msg *m = netlink_message(type, flags | NLM_F_ACK, &head, sizeof(head));

	if (!m)
		return NULL;
	nla_put(m, IFA_LOCAL, (int)prefix_octets(p), p->addr);
	nla_put(m, IFA_ADDRESS, (int)prefix_octets(p), p->addr);
	return m;
}

/* The directed broadcast address, as `ip address add ... brd +` gives it. */
static void put_broadcast(struct nl_msg *m, const struct prefix *p)
{
	uint32_t addr;

	if (p->family != AF_INET || p->len > 30)
		return;
	memcpy(&addr, p->addr, sizeof(addr));
	addr |= htobe32(0xffffffffu >> p->len);
	nla_put(m, IFA_BROADCAST, sizeof(addr), &addr);
}

int netlink_address_add(struct netlink *n, int index, const struct prefix *p)
{
	struct nl_msg *m = address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, p);
	int err;

	if (m) {
		put_broadcast(m, p);
		nla_put_u8(m, IFA_PROTO, NETLINK_OURS);
	}
	err = netlink_talk(n, m, NULL, NULL);
	return err == -EEXIST ? 0 : err;
}

int netlink_address_del(struct netlink *n, int index, const struct prefix *p)
{
	int err = netlink_talk(n, address(RTM_DELADDR, 0, index, p), NULL, NULL);

	return err == -EADDRNOTAVAIL || err == -ENODEV ? 0 : err;
}

struct address_arg {
	int index;
	netlink_address_fn *fn;
	void *arg;
};

static void read_address(struct nlmsghdr *h, void *arg)
{
	struct address_arg *to = arg;
	struct ifaddrmsg *info = nlmsg_data(h);
	struct nlattr *a[IFA_MAX + 1], *own;
	struct prefix p = { .family = info->ifa_family, .len = info->ifa_prefixlen };

	if (h->nlmsg_type != RTM_NEWADDR || nlmsg_parse(h, sizeof(*info), a, IFA_MAX, NULL) < 0)
		return;
	own = a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS];
	if ((int)info->ifa_index != to->index || !own || nla_len(own) > (int)sizeof(p.addr))
		return;
	if (!a[IFA_PROTO] || nla_get_u8(a[IFA_PROTO]) != NETLINK_OURS)
		return;
	memcpy(p.addr, nla_data(own), (size_t)nla_len(own));
	to->fn(to->arg, &p);
}

int netlink_address_each(struct netlink *n, int index, netlink_address_fn *fn, void *arg)
{
	struct ifaddrmsg head = { .ifa_family = AF_UNSPEC };
	struct address_arg to = { index, fn, arg };

	return netlink_talk(n, netlink_message(RTM_GETADDR, NLM_F_DUMP, &head, sizeof(head)),
			    read_address, &to);
}

/* Routes. */
static struct nl_msg *route(int type, int flags, const struct ip_route *r)
{
	struct rtmsg head = {
		.rtm_family = (uint8_t)r->to.family,
		.rtm_dst_len = (uint8_t)r->to.len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = NETLINK_OURS,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *m = netlink_message(type, flags | NLM_F_ACK, &head, sizeof(head));

	if (!m)
		return NULL;
	if (r->to.len)
		nla_put(m, RTA_DST, (int)prefix_octets(&r->to), r->to.addr);
	nla_put(m, RTA_GATEWAY, (int)prefix_octets(&r->via), r->via.addr);
	return m;
}

int netlink_route_add(struct netlink *n, const struct ip_route *r)
{
	int err = netlink_talk(n, route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r), NULL, NULL);

	return err == -EEXIST ? 0 : err;
}

int netlink_route_del(struct netlink *n, const struct ip_route *r)
{
	int err = netlink_talk(n, route(RTM_DELROUTE, 0, r), NULL, NULL);

	return err == -ESRCH ? 0 : err;
}

struct route_arg {
	netlink_route_fn *fn;
	void *arg;
};

static void read_route(struct nlmsghdr *h, void *arg)
{
	struct route_arg *to = arg;
	struct rtmsg *info = nlmsg_data(h);
	struct nlattr *a[RTA_MAX + 1];
	struct ip_route r = {
		.to = { .family = info->rtm_family, .len = info->rtm_dst_len },
		.via = { .family = info->rtm_family },
	};

	if (h->nlmsg_type != RTM_NEWROUTE || info->rtm_protocol != NETLINK_OURS ||
	    nlmsg_parse(h, sizeof(*info), a, RTA_MAX, NULL) < 0 || !a[RTA_GATEWAY])
		return;
	r.via.len = prefix_octets(&r.via) * 8;
	if (nla_len(a[RTA_GATEWAY]) != (int)prefix_octets(&r.via))
		return;
	memcpy(r.via.addr, nla_data(a[RTA_GATEWAY]), prefix_octets(&r.via));
	if (a[RTA_DST] && nla_len(a[RTA_DST]) == (int)prefix_octets(&r.to))
		memcpy(r.to.addr, nla_data(a[RTA_DST]), prefix_octets(&r.to));
	to->fn(to->arg, &r);
}

int netlink_route_each(struct netlink *n, netlink_route_fn *fn, void *arg)
{
	struct rtmsg head = { .rtm_family = AF_UNSPEC, .rtm_table = RT_TABLE_MAIN };
	struct route_arg to = { fn, arg };

	return netlink_talk(n, netlink_message(RTM_GETROUTE, NLM_F_DUMP, &head, sizeof(head)),
			    read_route, &to);
}

/* Changes. */
int netlink_watch(int netns, struct netlink **out)
{
	struct netlink *n;
	int err = netlink_open(netns, &n);

	if (err)
		return err;
	err = nl_socket_add_membership(n->sock, RTNLGRP_LINK);
	if (err < 0) {
		netlink_close(n);
		return -EIO;
	}
	*out = n;
	return 0;
}

int netlink_watch_fd(const struct netlink *n)
{
	return n->fd;
}

int netlink_watch_take(struct netlink *n, netlink_link_fn *fn, void *arg)
{
	struct link_arg to = { fn, arg };
	int err;

	do
		err = take_answer(n, read_link, &to, MSG_DONTWAIT);
	while (err > 0);
	return err == -EAGAIN ? 0 : err;
}
