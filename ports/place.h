/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PLACE_H
#define PORTS_PLACE_H

#include <sys/types.h>

#include "ports/port.h"

/*
 * Where the device of a port is. One text says it:
 *
 *	""			the machine itself: where the daemon runs
 *	"a"			lab host a, whose namespace Weft made
 *	"/run/netns/blue"	a namespace that others made, by the file that it is mounted on
 *	"pid:1234:567890"	that of a process, by its number and when it started: numbers are
 *				used again, and a daemon that comes back must not plug a
 *				container's cable into whoever has the number now
 *
 * The last two are foreign: they come and go without a word to us.
 *
 * Threads: control thread; what takes no port_env any.
 */
#define PLACE_LEN 256

/* What its fields `host` and `netns` say. OUT. */
const char *place_of(const struct object *, char out[PLACE_LEN]);
bool place_same(const struct object *, const struct object *);
bool place_is_foreign(const char *place);
/* "the machine", "host a", "namespace /run/netns/blue", "process 1234". OUT. */
#define PLACE_TEXT (PLACE_LEN + 16)
const char *place_text(const char *place, char out[PLACE_TEXT]);
void place_check(const struct object *, struct faults *);

/*
 * NETNS_SELF or a descriptor, to be closed with fd_close(). -ENOENT: there is none (any more);
 * -EINVAL: it is no network namespace; -EXDEV: it is the machine's own. Nothing but a namespace is
 * ever opened, whatever is named.
 */
int place_open(const struct port_env *, const char *place, int *fd);
int place_fault(const char *place, int error, struct faults *); /* says why it failed */

/* Which namespace: valid as long as somebody holds it open. */
struct place_id {
	dev_t dev;
	ino_t ino;
};
struct place_id place_id(int fd);
static inline bool place_id_equal(const struct place_id *a, const struct place_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}
/*
 * All that have a name: the machine, lab hosts, what `ip netns` lists. A namespace that others made
 * and gave no name is not found.
 */
typedef void place_each_fn(void *arg, const char *place);
void place_each(const struct port_env *, place_each_fn *, void *arg);

/* Is it still the one that one finds there? */
bool place_is(const struct port_env *, const char *place, const struct place_id *);

#endif /* PORTS_PLACE_H */
