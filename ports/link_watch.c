/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/link_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define FOREIGN_MS 1000u /* how often a foreign place is looked for */

struct link_watch {
	struct link_watch *next;
	const struct port_env *env;
	const struct link_listener *listener;
	char place[PLACE_LEN];
	struct place_id id;
	unsigned int users;
	struct netlink *link;
	struct loop_handle *handle;
};

static struct link_watch *watches;
static struct loop_handle *timer; /* while there are foreign ones */

static void seen(void *arg, const struct netlink_link *l)
{
	struct link_watch *w = arg;

	w->listener->seen(w->place, l);
}

/* W may be gone afterwards. */
static void look(struct link_watch *w, bool all)
{
	char place[PLACE_LEN];

	memcpy(place, w->place, sizeof(place));
	w->listener->look(place, all);
}

static void take(void *arg, uint32_t events)
{
	struct link_watch *w = arg;

	(void)events;
	/* ENOBUFS: some were missed, so look at all of them. */
	look(w, netlink_watch_take(w->link, seen, w) == -ENOBUFS);
}

static struct link_watch *moved(void)
{
	struct link_watch *w = watches;

	while (w && (!place_is_foreign(w->place) || place_is(w->env, w->place, &w->id)))
		w = w->next;
	return w;
}

/* Who listens lets go of what is not there any more, and so takes look-outs off the list. */
static void look_for_places(void *arg)
{
	struct link_watch *w;
	unsigned int n = 0;

	(void)arg;
	for (w = watches; w; w = w->next)
		n++;
	while (n-- > 0 && (w = moved()) != NULL)
		look(w, true);
}

static void set_timer(struct loop *loop)
{
	struct link_watch *w = watches;

	while (w && !place_is_foreign(w->place))
		w = w->next;
	if (!w) {
		loop_del(timer);
		timer = NULL;
	} else if (!timer) {
		loop_add_timer(loop, FOREIGN_MS, FOREIGN_MS, look_for_places, NULL, &timer);
	}
}

static struct link_watch *find(const char *place, const struct link_listener *listener)
{
	struct link_watch *w = watches;

	while (w && (w->listener != listener || strcmp(w->place, place) != 0))
		w = w->next;
	return w;
}

int link_watch_add(const struct port_env *env, const char *place, int netns,
		   const struct link_listener *listener, struct link_watch **out)
{
	struct link_watch *w = find(place, listener);
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
	w->env = env;
	w->listener = listener;
	w->id = place_id(netns);
	snprintf(w->place, sizeof(w->place), "%s", place);
	err = netlink_watch(netns, &w->link);
	if (err)
		goto no_socket;
	err = loop_add_fd(env->loop, netlink_watch_fd(w->link), EPOLLIN, take, w, &w->handle);
	if (err)
		goto no_loop;
	w->next = watches;
	watches = w;
	set_timer(env->loop);
	*out = w;
	return 0;

no_loop:
	netlink_close(w->link);
no_socket:
	free(w);
	return err;
}

void link_watch_del(struct link_watch *w)
{
	struct link_watch **at = &watches;
	struct loop *loop;

	if (!w || --w->users)
		return;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	loop = w->env->loop;
	loop_del(w->handle);
	netlink_close(w->link);
	free(w);
	set_timer(loop);
}
