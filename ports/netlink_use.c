/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/netlink_use.h"

#include "ports/netlink_priv.h"

struct look {
	int index;
	struct device_use *use;
};

/* Of a route with several gateways. */
static bool any_hop(struct nlattr *hops, int index)
{
	struct rtnexthop *hop = nla_data(hops);
	int left = nla_len(hops);

	for (; RTNH_OK(hop, left); left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop))
		if (hop->rtnh_ifindex == index)
			return true;
	return false;
}

static void read_route(struct nlmsghdr *h, void *arg)
{
	struct look *to = arg;
	struct rtmsg *info = nlmsg_data(h);
	struct nlattr *a[RTA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWROUTE || info->rtm_dst_len || info->rtm_type != RTN_UNICAST ||
	    nlmsg_parse(h, sizeof(*info), a, RTA_MAX, NULL) < 0)
		return;
	if ((a[RTA_OIF] && (int)nla_get_u32(a[RTA_OIF]) == to->index) ||
	    (a[RTA_MULTIPATH] && any_hop(a[RTA_MULTIPATH], to->index)))
		to->use->default_route = true;
}

static void read_address(struct nlmsghdr *h, void *arg)
{
	struct look *to = arg;
	struct ifaddrmsg *info = nlmsg_data(h);
	struct prefix *p = &to->use->which;
	struct nlattr *a[IFA_MAX + 1], *own;

	if (h->nlmsg_type != RTM_NEWADDR || (int)info->ifa_index != to->index ||
	    info->ifa_scope >= RT_SCOPE_LINK || to->use->address ||
	    nlmsg_parse(h, sizeof(*info), a, IFA_MAX, NULL) < 0)
		return;
	own = a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS];
	if (!own || nla_len(own) > (int)sizeof(p->addr))
		return;
	*p = (struct prefix){ .family = info->ifa_family, .len = info->ifa_prefixlen };
	memcpy(p->addr, nla_data(own), (size_t)nla_len(own));
	to->use->address = true;
}

int netlink_device_use(struct netlink *n, int index, struct device_use *out)
{
	struct rtmsg route = { .rtm_family = AF_UNSPEC };
	struct ifaddrmsg address = { .ifa_family = AF_UNSPEC };
	struct device_use use = { 0 };
	struct look to = { index, &use };
	int err;

	err = netlink_talk(n, netlink_message(RTM_GETROUTE, NLM_F_DUMP, &route, sizeof(route)),
			   read_route, &to);
	if (!err)
		err = netlink_talk(
			n, netlink_message(RTM_GETADDR, NLM_F_DUMP, &address, sizeof(address)),
			read_address, &to);
	if (!err)
		*out = use;
	return err;
}
