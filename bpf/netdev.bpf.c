/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Three programs between a kernel device and a TAP of ours (see README.md). Whoever takes a frame
 * marks it and sends it over to the other side's gate; a gate lets through what is marked, so what
 * the kernel itself sends through either device dies there.
 *
 * Nothing is looked at or copied: GSO and checksum state and a tag beside the frame go along.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "bpf/netdev_bpf.h"

/* Written before the programs are loaded. */
const volatile struct netdev_bpf netdev_bpf = { 0 };

SEC("tc") int weft_from_dev(struct __sk_buff *skb)
{
	skb->mark = NETDEV_BPF_MARK;
	return (int)bpf_redirect(netdev_bpf.tap, 0);
}

SEC("tc") int weft_from_tap(struct __sk_buff *skb)
{
	skb->mark = NETDEV_BPF_MARK;
	return (int)bpf_redirect(netdev_bpf.device, netdev_bpf.device_flags);
}

SEC("tc") int weft_gate(struct __sk_buff *skb)
{
	if (skb->mark != NETDEV_BPF_MARK)
		return TC_ACT_SHOT;
	skb->mark = 0;
	return TC_ACT_UNSPEC; /* other people's filters have their say */
}

char netdev_license[] SEC("license") = "Dual BSD/GPL";
