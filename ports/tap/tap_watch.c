/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody changes or removes a device by hand: one look-out a namespace tells the ports in it. */
#include "ports/tap/tap_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct tap_watch {
	struct tap_watch *next;
	char host[NAME_MAX_LEN + 1];
	unsigned int users;
	struct netlink *link;
	struct loop_handle *handle;
};

static struct tap_watch *watches;

static void seen(void *arg, const struct netlink_link *l)
{
	struct tap_watch *w = arg;

	tap_seen(w->host, l);
}

static void take(void *arg, uint32_t events)
{
	struct tap_watch *w = arg;

	(void)events;
	/* ENOBUFS: some were missed, so look at all of them. */
	tap_look_again(w->host, netlink_watch_take(w->link, seen, w) == -ENOBUFS);
}

static struct tap_watch *find(const char *host)
{
	struct tap_watch *w = watches;

	while (w && strcmp(w->host, host) != 0)
		w = w->next;
	return w;
}

int tap_watch_add(const struct port_env *env, const char *host, int netns, struct tap_watch **out)
{
	struct tap_watch *w = find(host);
	int err;

	if (w) {
		w->users++;
		*out = w;
		return 0;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->users = 1;
	snprintf(w->host, sizeof(w->host), "%s", host);
	err = netlink_watch(netns, &w->link);
	if (err)
		goto no_socket;
	err = loop_add_fd(env->loop, netlink_watch_fd(w->link), EPOLLIN, take, w, &w->handle);
	if (err)
		goto no_loop;
	w->next = watches;
	watches = w;
	*out = w;
	return 0;

no_loop:
	netlink_close(w->link);
no_socket:
	free(w);
	return err;
}

void tap_watch_del(struct tap_watch *w)
{
	struct tap_watch **at = &watches;

	if (!w || --w->users)
		return;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	loop_del(w->handle);
	netlink_close(w->link);
	free(w);
}
