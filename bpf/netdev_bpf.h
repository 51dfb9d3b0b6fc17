/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef BPF_NETDEV_BPF_H
#define BPF_NETDEV_BPF_H

/* What netdev.bpf.c is told by the daemon: plain data, included by both. */
struct netdev_bpf {
	unsigned int tap; /* interface indices */
	unsigned int device;
	unsigned int device_flags; /* BPF_F_INGRESS: into the device, not out of it */
};

/* On a frame between the two. Another network namespace does not see it. */
#define NETDEV_BPF_MARK 0x57656674u /* "Weft" */

#endif /* BPF_NETDEV_BPF_H */
