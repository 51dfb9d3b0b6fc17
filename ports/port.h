/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_PORT_H
#define PORTS_PORT_H

#include "base/loop.h"
#include "control/events.h"
#include "control/kind.h"
#include "control/recompile.h"
#include "dataplane/engine.h"

/*
 * A port: the daemon's side of whatever plugs into a switch. It outlives what is attached to it;
 * its type says how frames get in and out. A new type is a folder here and a line in types.c.
 *
 * Threads: control thread. Memory: model.
 */
struct port_listener;

struct port_env {
	struct engine *engine;
	struct loop *loop;
	struct events *events;
	struct control *control; /* for control_recompile(); NULL until there is one */
	const char *run_dir; /* "/run/weft": namespaces are in run_dir/netns */
	const char *capture_dir; /* the only folder whose files pcap ports touch */
	struct port_listener *listeners; /* see port_listen() */
	bool restoring; /* the state comes up: what is missing on the machine may come later */
	const char *group; /* may use the sockets that ports make; NULL: the daemon's own */
	const char *instance; /* marks our devices on the machine: ifalias "weft:INSTANCE:PORT" */
};

struct port {
	const struct port_env *env;
	const struct port_type *type;
	char name[2 * NAME_MAX_LEN + 2];
	port_id_t id;
	bool wanted; /* "up" of its spec */
	/* Why it shall show no carrier though it is wanted; NULL: nothing is against it. Static. */
	const char *held;
	bool ready; /* it would have a carrier if nobody held it */
	bool carrier; /* what the far side and we see */
	void *own; /* the type's */
};

/*
 * What a type does, in the order of its life. open() makes the device without letting traffic
 * flow; start() lets it flow, and carrier() shows it to the far side; stop() ends it; after a grace
 * period close() takes the device away, or leave() lets go of it for the next daemon, which finds
 * it again in its open().
 */
struct port_type {
	const char *name;
	void (*check)(const struct model *, const struct object *now, struct faults *);
	/* Is there what a new port needs of the machine? No effects; NULL: it needs nothing. */
	void (*look)(const struct port_env *, const struct object *now, struct faults *);
	int (*open)(struct port *, const struct object *now, struct faults *);
	/* The spec changes from WAS to NOW. Also called the other way round, to undo it. */
	int (*set)(struct port *, const struct object *was, const struct object *now,
		   struct faults *);
	void (*start)(struct port *);
	void (*stop)(struct port *);
	void (*close)(struct port *);
	void (*leave)(struct port *); /* NULL: as close() */
	/* port->wanted changed, or what it depends on: bring port->carrier in line. */
	void (*carrier)(struct port *);
	void (*status)(const struct port *, json_t *into); /* adds members */
	/* Of the type, not of a port; see ports_sweep() and ports_settle(). NULL: nothing to do. */
	void (*sweep)(const struct port_env *);
	void (*settle)(const struct port_env *);
};

/* In types.c, the one list of types. */
const struct port_type *port_type_find(const char *name);
/* Once, when the daemon has loaded its model: devices of ours that no port wants any more go. */
void ports_sweep(const struct port_env *);
/*
 * At the end of a transaction, when everything was released: what close() put off is done now, all
 * at once (to take a device away costs the kernel 20 ms, a hundred together cost hardly more).
 * Where nobody calls it, it happens by itself in the loop's next round.
 */
void ports_settle(const struct port_env *);

/* Who wants to know what becomes of ports: each may be NULL. Lives as long as the env is used. */
struct port_listener {
	struct port_listener *next;
	void (*changed)(void *ctx, struct port *); /* its carrier, or whether it is ready */
	void (*down)(void *ctx, struct port *); /* it has just lost its carrier */
	void (*gone)(void *ctx, struct port *); /* its number is about to be free */
	void (*status)(void *ctx, const struct port *, json_t *into); /* adds members */
	void *ctx;
};
void port_listen(struct port_env *, struct port_listener *);
void port_is_gone(struct port *); /* tells the listeners */
void port_ask_status(const struct port *, json_t *into); /* of the listeners */

/* For types: the address of a device that nobody gave one, always the same for its name. */
void port_mac(const char *instance, const char *port, struct eth_addr *out);

/*
 * For types, in carrier(): is it READY, whether it is held or not? Said before port_is_on() is
 * asked, because who listens may hold it or let it go.
 */
void port_ready_is(struct port *, bool ready);
/* Shall the far side see a carrier? And if it shall not: why. */
static inline bool port_is_on(const struct port *p)
{
	return p->wanted && !p->held;
}
static inline const char *port_why_off(const struct port *p)
{
	return p->wanted && p->held ? p->held : "cut";
}

/* For types: the carrier is now UP; posts the event if that is new, with WHY as its reason. */
void port_carrier_is(struct port *, bool up, const char *why);

/*
 * Whoever keeps a host's routes wants to know when one of its NICs is there or has other
 * addresses: the kernel drops routes with the addresses that they need.
 */
typedef void port_host_fn(void *ctx, const char *host);
void port_on_host_change(port_host_fn *, void *ctx); /* one listener; NULL: none */
void port_host_changed(const char *host); /* for types */

#endif /* PORTS_PORT_H */
