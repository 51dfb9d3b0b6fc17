/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/netlink_tc.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stdio.h>

#include "ports/netlink_priv.h"

#define CLSACT "clsact"

/* ---- the qdisc ------------------------------------------------------------------------------ */

static struct nl_msg *clsact(int type, int flags, int index)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	struct nl_msg *m = netlink_message(type, flags | NLM_F_ACK, &head, sizeof(head));

	if (m)
		nla_put_string(m, TCA_KIND, CLSACT);
	return m;
}

int netlink_clsact_add(struct netlink *n, int index)
{
	return netlink_talk(n, clsact(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, index), NULL, NULL);
}

int netlink_clsact_del(struct netlink *n, int index)
{
	return netlink_talk(n, clsact(RTM_DELQDISC, 0, index), NULL, NULL);
}

struct clsact_arg {
	netlink_clsact_fn *fn;
	void *arg;
};

static void read_qdisc(struct nlmsghdr *h, void *arg)
{
	struct clsact_arg *to = arg;
	struct tcmsg *info = nlmsg_data(h);
	struct nlattr *a[TCA_MAX + 1];

	if (h->nlmsg_type != RTM_NEWQDISC || nlmsg_parse(h, sizeof(*info), a, TCA_MAX, NULL) < 0)
		return;
	if (a[TCA_KIND] && !strcmp(nla_get_string(a[TCA_KIND]), CLSACT))
		to->fn(to->arg, info->tcm_ifindex);
}

int netlink_clsact_each(struct netlink *n, netlink_clsact_fn *fn, void *arg)
{
	struct tcmsg head = { .tcm_family = AF_UNSPEC };
	struct clsact_arg to = { fn, arg };

	return netlink_talk(n, netlink_message(RTM_GETQDISC, NLM_F_DUMP, &head, sizeof(head)),
			    read_qdisc, &to);
}

/* ---- filters -------------------------------------------------------------------------------- */

static uint32_t parent_of(enum tc_hook hook)
{
	return TC_H_MAKE(TC_H_CLSACT, hook == TC_IN ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
}

static struct nl_msg *filter(int type, int flags, const struct tc_filter *f)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = f->index,
		.tcm_handle = f->handle,
		.tcm_parent = parent_of(f->hook),
		.tcm_info = TC_H_MAKE((uint32_t)f->priority << 16, htobe16(ETH_P_ALL)),
	};
	struct nl_msg *m = netlink_message(type, flags | NLM_F_ACK, &head, sizeof(head));

	if (m)
		nla_put_string(m, TCA_KIND, "bpf");
	return m;
}

int netlink_filter_add(struct netlink *n, const struct tc_filter *f, int program, const char *name)
{
	struct nl_msg *m = filter(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, f);
	struct nlattr *options = m ? nla_nest_start(m, TCA_OPTIONS) : NULL;

	if (options) {
		nla_put_u32(m, TCA_BPF_FD, (uint32_t)program);
		nla_put_string(m, TCA_BPF_NAME, name);
		nla_put_u32(m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
		nla_nest_end(m, options);
	}
	return netlink_talk(n, m, NULL, NULL);
}

int netlink_filter_del(struct netlink *n, const struct tc_filter *f)
{
	return netlink_talk(n, filter(RTM_DELTFILTER, 0, f), NULL, NULL);
}

struct filter_arg {
	int index;
	enum tc_hook hook;
	netlink_filter_fn *fn;
	void *arg;
};

static void read_filter(struct nlmsghdr *h, void *arg)
{
	struct filter_arg *to = arg;
	struct tcmsg *info = nlmsg_data(h);
	struct tc_filter f = { .index = to->index, .hook = to->hook };

	/* Each list has a head of its own without a handle. */
	if (h->nlmsg_type != RTM_NEWTFILTER || !info->tcm_handle)
		return;
	f.handle = info->tcm_handle;
	f.priority = (uint16_t)(TC_H_MAJ(info->tcm_info) >> 16);
	to->fn(to->arg, &f);
}

int netlink_filter_each(struct netlink *n, int index, enum tc_hook hook, netlink_filter_fn *fn,
			void *arg)
{
	struct tcmsg head = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent_of(hook),
	};
	struct filter_arg to = { index, hook, fn, arg };

	return netlink_talk(n, netlink_message(RTM_GETTFILTER, NLM_F_DUMP, &head, sizeof(head)),
			    read_filter, &to);
}
