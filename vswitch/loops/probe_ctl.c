/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings through guests and NICs: when which port is probed, and what follows.
 *
 * On suspicion
 *	Nobody is probed for nothing: a guest that sleeps is not woken. What makes a port suspect
 *	is a carrier that has just come; a station that went from it to another port, as stations
 *	do without end when a frame goes round; frames at a rate that nobody sends in peace, where
 *	nothing is learned. Paths that probes have found are probed on until they are gone. Four
 *	times a second this looks at counters, and mostly that is all.
 *
 * Which VLANs
 *	The one of the station that moved, and of a trunk some others each time, round and round.
 *
 * Whom to believe
 *	A probe is sealed (probe.h), has come back within NEWS looks, and each number counts once a
 *	port. Nobody sees a probe but who is behind the port that it left by, and he can show it to
 *	us at no port but his own. Workers look at the seal, so that forged ones never come here.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "dataplane/punt.h"
#include "vswitch/loops/probe.h"
#include "vswitch/loops/probe_rings.h"
#include "vswitch/vsw_node.h"
#include "vswitch/switches.h"

#define LOOK_MS      250u
#define NEWS         8u /* looks until a probe is too old */
#define ROUNDS       4u /* probes of a suspect, one a look */
#define VIDS_AT_ONCE 8u
#define AT_ONCE      256u /* probes in one look */
#define AT_A_TIME    4u /* judgements between two looks: a guest may bridge fifty ports */
#define MANY_MOVES   16u /* in one look: every port of the switch is suspect */
#define MANY_FRAMES  10000u /* a second */
#define TCI_NETWORK  (7u << 13) /* 802.1Q-2018 table I-2: network control */

/* What is known of a port. */
struct suspect {
	uint8_t rounds; /* still to be probed */
	uint16_t vid; /* first of all; 0: none */
	uint16_t next; /* VLAN of a trunk */
	uint64_t frames; /* that had come in at the last look */
	bool forget; /* it was blocked or opened; its stations are not where they were */
};

struct probes {
	struct vswitch *v;
	struct loop_handle *timer;
	struct probe_rings *rings;
	struct siphash_key key;
	uint64_t number; /* of the last probe */
	uint64_t first[NEWS]; /* numbers at the last looks */
	unsigned int looks;
	unsigned int budget, judged; /* probes that may still be sent, judgements, in this look */
	struct port_listener listener;
	struct suspect port[PORT_MAX];
};

static uint64_t now_ms(void)
{
	return clock_ns() / 1000000;
}

/* ---- sending -------------------------------------------------------------------------------- */

/* Cables are in the model, and a file joins nobody. */
static bool leads_out(const struct port *p)
{
	return strcmp(p->type->name, "cable") != 0 && strcmp(p->type->name, "pcap") != 0;
}

static bool may_probe(const struct vswitch *v, port_id_t id)
{
	const struct port *p = v->port[id];
	unsigned int shut = v->live->port[id]->shut; /* for copies of a mirror, say */

	return p && v->home[id] && !v->home[id]->loops_ok && p->wanted && p->carrier &&
	       (shut == VSW_OPEN || shut == VSW_SHUT_LOOP) && leads_out(p);
}

static void send(struct probes *ps, const struct probe_end *to)
{
	const struct vsw_port *port = ps->v->live->port[to->port];
	struct probe p = { to->port, to->vid, ps->number + 1 };
	uint8_t frame[PROBE_ROOM];
	unsigned int len;

	if (!ps->budget || !may_probe(ps->v, to->port) || !vlan_set_has(&port->member, to->vid))
		return;
	len = probe_write(&ps->key, &p, vsw_tpid_out(port, to->vid),
			  (uint16_t)(TCI_NETWORK | to->vid), frame);
	if (emit(ps->v->env->engine, to->port, frame, len, NULL) < 0)
		return; /* the next one will do */
	ps->number++;
	ps->budget--;
}

static void send_some(struct probes *ps, port_id_t id)
{
	const struct vsw_port *port = ps->v->live->port[id];
	struct suspect *s = &ps->port[id];
	struct probe_end to = { id, s->vid };
	unsigned int sent = 0;

	if (to.vid)
		send(ps, &to);
	for (unsigned int i = 0; i < VLAN_VID_MAX && sent < VIDS_AT_ONCE; i++) {
		s->next = (uint16_t)(s->next % VLAN_VID_MAX + 1);
		if (s->next == s->vid || !vlan_set_has(&port->member, s->next))
			continue;
		to.vid = s->next;
		send(ps, &to);
		sent++;
	}
}

static void send_all(struct probes *ps)
{
	struct probe_end end[AT_ONCE];
	unsigned int n = 0;

	ps->budget = AT_ONCE;
	if (ps->looks % (PROBE_EVERY_MS / LOOK_MS) == 0)
		n = probe_rings_ends(ps->rings, now_ms(), end, AT_ONCE / 2);
	for (unsigned int i = 0; i < n; i++)
		send(ps, &end[i]);
	for (unsigned int i = 0; i < PORT_MAX && ps->budget; i++) {
		if (!ps->port[i].rounds)
			continue;
		ps->port[i].rounds--;
		if (may_probe(ps->v, (port_id_t)i))
			send_some(ps, (port_id_t)i);
	}
}

/* ---- suspicion ------------------------------------------------------------------------------ */

static void suspect(struct probes *ps, port_id_t id, uint16_t vid)
{
	ps->port[id].rounds = ROUNDS;
	if (vid)
		ps->port[id].vid = vid;
}

static void look_at_moves(struct probes *ps, struct vsw *sw)
{
	uint64_t moves = fdb_moves(sw->fdb), new = moves - sw->moves;
	struct fdb_move last;
	uint16_t vid;

	sw->moves = moves;
	if (!new || sw->loops_ok)
		return;
	last = fdb_last_move(sw->fdb);
	vid = fdb_key_vid((fdb_key_t){ last.key });
	suspect(ps, last.from, vid);
	suspect(ps, last.to, vid);
	for (unsigned int i = 0; i < PORT_MAX && new >= MANY_MOVES; i++) {
		if (ps->v->home[i] == sw)
			suspect(ps, (port_id_t)i, vid);
	}
}

static void look_at_rates(struct probes *ps)
{
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		struct suspect *s = &ps->port[i];
		uint64_t frames;

		if (!ps->v->port[i])
			continue;
		frames = port_frames_in(ps->v->env->engine, (port_id_t)i);
		if (frames - s->frames > MANY_FRAMES && !s->rounds)
			s->rounds = 1;
		s->frames = frames;
	}
}

/* ---- what comes back ------------------------------------------------------------------------ */

static void came_in(void *arg, const struct parcel *from)
{
	struct probes *ps = arg;
	struct probe_end in = { .port = from->port }, out;
	uint8_t frame[PROBE_ROOM + 2 * VLAN_TAG_LEN];
	unsigned int len = MIN(from->len, (uint32_t)sizeof(frame));
	struct probe p;

	memcpy(frame, from->data, len);
	in.vid = probe_take_vid(frame);
	if (!probe_read(&ps->key, frame, len, &p) || p.port >= PORT_MAX || !ps->v->live ||
	    p.number <= ps->first[ps->looks % NEWS] || !may_probe(ps->v, p.port))
		return;
	out = (struct probe_end){ p.port, p.vid };
	if (probe_rings_path(ps->rings, &out, &in, now_ms()) && ps->judged++ < AT_A_TIME)
		probe_rings_step(ps->rings, now_ms());
}

/* ---- what follows --------------------------------------------------------------------------- */

static uint32_t island(void *ctx, const struct probe_end *e)
{
	const struct vswitch *v = ((struct probes *)ctx)->v;

	if (!v->home[e->port] || !vlan_set_has(&v->live->port[e->port]->ingress, e->vid))
		return 0;
	return rings_island_of(v, v->home[e->port], e->vid) + 1;
}

static bool may_block(void *ctx, port_id_t id)
{
	return may_probe(((struct probes *)ctx)->v, id);
}

/* A port that is shut for another reason carries nothing anyhow. */
static void set_shut(struct probes *ps, port_id_t id, uint32_t from, uint32_t to)
{
	struct vsw_live *live = ps->v->port_live[id];

	if (!live || !__atomic_compare_exchange_n(&live->shut, &from, to, false, __ATOMIC_RELAXED,
						  __ATOMIC_RELAXED))
		return; /* a worker may shut it, too */
	ps->port[id].forget = true;
	control_recompile(ps->v->env->control);
}

static const char *likely_why(const struct port *a, const struct port *b)
{
	bool nics = !strcmp(a->type->name, "netdev") && !strcmp(b->type->name, "netdev");

	return nics ? "are both in one network?" : "a bridge in the guest?";
}

/* Who shut it before it was blocked may have opened it since. */
static void hold_blocked(struct probes *ps)
{
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		if (probe_rings_blocked_by(ps->rings, (port_id_t)i) != PORT_NONE)
			set_shut(ps, (port_id_t)i, VSW_OPEN, VSW_SHUT_LOOP);
	}
}

static void block(void *ctx, port_id_t id, port_id_t other)
{
	struct probes *ps = ctx;
	const struct port *p = ps->v->port[id], *o = ps->v->port[other];

	set_shut(ps, id, VSW_OPEN, VSW_SHUT_LOOP);
	ps->port[other].forget = true; /* who seemed to be behind it may be elsewhere */
	events_post(ps->v->env->events, "port.loop", "port", p->name,
		    "port %s is blocked: what it sends comes back at port %s; %s", p->name, o->name,
		    likely_why(p, o));
}

static void open(void *ctx, port_id_t id, bool allowed)
{
	struct probes *ps = ctx;
	const struct port *p = ps->v->port[id];

	set_shut(ps, id, VSW_SHUT_LOOP, VSW_OPEN);
	events_post(ps->v->env->events, "port.loop_gone", "port", p->name,
		    "port %s is open again: %s", p->name,
		    allowed ? "loops are allowed on its switch"
			    : "what it sends comes back no more");
}

static void forget(struct probes *ps, const struct port *p, const char *why)
{
	bool blocked = probe_rings_blocked_by(ps->rings, p->id) != PORT_NONE;

	probe_rings_forget(ps->rings, p->id);
	ps->port[p->id].rounds = 0;
	if (!blocked)
		return;
	set_shut(ps, p->id, VSW_SHUT_LOOP, VSW_OPEN);
	events_post(ps->v->env->events, "port.loop_gone", "port", p->name,
		    "port %s is not blocked any more: %s", p->name, why);
}

static void changed(void *ctx, struct port *p)
{
	struct probes *ps = ctx;

	if (p->carrier)
		suspect(ps, p->id, 0);
	else
		forget(ps, p, "it has no carrier");
}

static void gone(void *ctx, struct port *p)
{
	struct probes *ps = ctx;

	forget(ps, p, "it is gone");
	ps->port[p->id] = (struct suspect){ 0 };
}

static void status(void *ctx, const struct port *p, json_t *into)
{
	const struct probes *ps = ctx;
	port_id_t other = probe_rings_blocked_by(ps->rings, p->id);

	if (other != PORT_NONE && ps->v->port[other])
		json_object_set_new(into, "loop", json_string(ps->v->port[other]->name));
}

void probes_compiled(struct vswitch *v, struct vsw_view *view)
{
	view->probe_key = &v->probes->key;
}

/* 802.1D-2004 17.11: as with a cable. */
void probes_retire(struct vswitch *v)
{
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		if (!v->probes->port[i].forget)
			continue;
		v->probes->port[i].forget = false;
		vswitch_forget(v, (port_id_t)i, NULL);
	}
}

/* ---- four times a second -------------------------------------------------------------------- */

static void look(void *arg)
{
	struct probes *ps = arg;

	ps->first[ps->looks++ % NEWS] = ps->number;
	if (!ps->v->live)
		return;
	for (struct vsw *sw = ps->v->switches; sw; sw = sw->next)
		look_at_moves(ps, sw);
	if (ps->looks % (1000 / LOOK_MS) == 0)
		look_at_rates(ps);
	ps->judged = 0;
	probe_rings_step(ps->rings, now_ms());
	hold_blocked(ps);
	send_all(ps);
}

/* ---- life ----------------------------------------------------------------------------------- */

int probes_start(struct vswitch *v, struct port_env *env)
{
	struct probes *ps = calloc(1, sizeof(*ps));
	const struct probe_world world = { ps, island, may_block, block, open };
	int err;

	if (!ps)
		return -ENOMEM;
	v->probes = ps;
	ps->v = v;
	siphash_key_random(&ps->key);
	err = probe_rings_create(&world, &ps->rings);
	if (!err)
		err = loop_add_timer(env->loop, LOOK_MS, LOOK_MS, look, ps, &ps->timer);
	if (err)
		return err;
	ps->listener = (struct port_listener){
		.changed = changed, .gone = gone, .status = status, .ctx = ps
	};
	port_listen(env, &ps->listener);
	punt_to(env->engine, PUNT_PROBE, came_in, ps);
	return 0;
}

void probes_stop(struct vswitch *v)
{
	struct probes *ps = v->probes;

	if (!ps)
		return;
	punt_to(v->env->engine, PUNT_PROBE, NULL, NULL);
	loop_del(ps->timer);
	probe_rings_destroy(ps->rings);
	free(ps);
	v->probes = NULL;
}
