/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_NETLINK_PRIV_H
#define PORTS_NETLINK_PRIV_H

#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include "ports/netlink.h"

/* How netlink*.c speak: one message, and what comes back to it. Control thread. */
typedef void netlink_answer_fn(struct nlmsghdr *, void *arg);

/* A message of TYPE that begins with HEAD. NULL: no memory. */
struct nl_msg *netlink_message(int type, int flags, void *head, size_t len);
/* Sends, frees and gives what comes back to FN. NULL in place of a message is -ENOMEM. */
int netlink_talk(struct netlink *, struct nl_msg *, netlink_answer_fn *, void *arg);

#endif /* PORTS_NETLINK_PRIV_H */
