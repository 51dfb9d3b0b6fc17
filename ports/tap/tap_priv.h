/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_TAP_TAP_PRIV_H
#define PORTS_TAP_TAP_PRIV_H

#include "ports/link_watch.h"
#include "ports/tap_io.h"
#include "ports/types.h"

struct tap {
	struct tap *next; /* of all that are open, in tap_ctl.c */
	struct port *port;
	char place[PLACE_LEN];
	struct place_id place_id; /* and which namespace that is */
	char before[PLACE_LEN]; /* where it was before it moved */
	char device[IFNAMSIZ]; /* as it is named now */
	char made[IFNAMSIZ]; /* as we named it */
	int index;
	struct eth_addr mac;
	bool started;
	bool up; /* IFF_UP, as the last change told */
	struct link_watch *watch;
	json_t *spec; /* what the device is made of */
	bool look; /* somebody changed it: tap_loss.c */
	struct tap_loss {
		bool lost;
		unsigned int quick; /* losses in a row, each soon after the device was made anew */
		uint64_t tried_ns; /* when it was last made anew */
		struct loop_handle *timer; /* until it is made anew; NULL: given up */
	} loss;
	struct tap_io io;
};

/* tap_device.c: by what it is known. Pure. */
void tap_alias(const struct port_env *, const char *port, char *out, size_t room);
#define TAP_ALIAS 256

/* tap_reap.c: devices that have to go, all at once. Control thread. */
void tap_reap_later(const struct port_env *, const char *place, const char *device);
void tap_reap(const struct port_env *);
/* The device in the machine's namespace that the daemon before us made for PORT. */
bool tap_orphan(const struct port_env *, const char *port, char device[IFNAMSIZ]);
void tap_sweep(const struct port_env *);

/* tap_spec.c: pure. */
const char *tap_device(const struct object *); /* "": the first free name */
#define TAP_ADDRESSES 64
unsigned int tap_addresses(const struct object *, struct prefix out[TAP_ADDRESSES]);
void tap_check(const struct model *, const struct object *now, struct faults *);

/* tap_ctl.c */
struct tap *tap_find(const char *place, const char *device); /* NULL: no port has it open */
/* The same by the namespace itself, which may be known by several names. */
bool tap_has(const struct place_id *, const char *device);
/* All descriptors and the device behind them, as NOW says; needs t->device, sets the rest. */
int tap_make(struct tap *, const struct object *now, struct faults *);
bool tap_place_is_there(const struct tap *);
void tap_carrier(struct port *);
struct tap *tap_next(const struct tap *); /* of all that are open; NULL: the first */

/* tap_loss.c: devices that are changed or taken away by hand. Control thread. */
extern const struct link_listener tap_listener;
void tap_revive(struct tap *); /* of a lost one: soon, however often it was lost */
void tap_wait(struct tap *); /* its place is not there: until it is, once a second */
void tap_leave_place(struct tap *); /* its device is gone afterwards */
int tap_come_back(struct tap *, const struct object *now, struct faults *); /* made anew */

#endif /* PORTS_TAP_TAP_PRIV_H */
