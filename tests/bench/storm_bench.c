/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a storm costs those who have no part in it: two ports send to one another at full speed on a
 * worker, and its other ports storm or are silent, in windows that take turns.
 *
 *	flood	a port of the pair's own switch and VLAN, a dozen ports in all, sends broadcasts at
 *		full speed
 *	ring	a port of another switch does, and two cables make a ring there, which nobody blocks
 *
 * Told is how much of their rate the pair loses. The worker is a real one, so who has a turn
 * when is dataplane/share.c's; ports are memory, so it is always the worker that is short. The
 * machine is shared: a rate is frames by the worker's processor time, and of many windows the
 * median counts.
 *
 *	storm_bench		the table, judged against the bars
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "dataplane/engine_priv.h"
#include "tests/rig/rig.h"

#define VID       10
#define LEN       60u
#define WINDOWS   101 /* of each sort */
#define WINDOW_US 20000u
#define BAR_FLOOD 0.10
#define BAR_RING  0.50

enum { LEFT, RIGHT, STORM, PORTS_FLOOD = 12, PORTS_RING = 7 };

struct side {
	struct source source;
	uint8_t frame[LEN];
	bool silent; /* atomic */
	uint64_t sent; /* atomic */
};

static unsigned int generate(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct side *side = container_of(s, struct side, source);

	if (__atomic_load_n(&side->silent, __ATOMIC_RELAXED))
		return 0;
	for (unsigned int i = 0; i < max; i++) {
		struct pkt *p = worker_pkt(w);

		memcpy(p->data, side->frame, LEN);
		p->len = p->head_len = LEN;
		out[i] = p;
	}
	count_add(&side->sent, max);
	return max;
}

/* It is always polled. */
static bool arm(struct source *s, bool on)
{
	(void)s;
	(void)on;
	return false;
}

static void side_init(struct rig *r, struct side *sides, unsigned int i)
{
	struct side *s = &sides[i];

	*s = (struct side){ .source = { .port = r->id[i], .fd = -1, .rx = generate, .arm = arm } };
	memset(s->frame, 0xff, 6);
	memcpy(s->frame + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)i }, 6);
	memcpy(s->frame + 12, (const uint8_t[]){ 0x88, 0xb5 }, 2);
	if (i != STORM)
		memcpy(s->frame, (const uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)!i }, 6);
}

static uint64_t cpu_ns(struct engine *e)
{
	struct timespec t;
	clockid_t clock;

	if (pthread_getcpuclockid(engine_worker(e, 0)->thread, &clock) ||
	    clock_gettime(clock, &t) < 0)
		abort();
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What came in at a port by cable too: a ring's frames. */
struct rates {
	double pair, storm, copies; /* a second of the worker's time */
};

static uint64_t copies(const struct rig *r)
{
	uint64_t n = 0;
	struct port_count c;

	for (unsigned int i = STORM; i < r->n_ports; i++) {
		port_counters(r->engine, r->id[i], &c);
		n += c.out_frames;
	}
	return n;
}

static uint64_t sent(const struct side *s)
{
	return __atomic_load_n(&s->sent, __ATOMIC_RELAXED);
}

static struct rates window(struct rig *r, struct side *s, bool storm)
{
	uint64_t ns, pair, stormed, copied;
	double per;

	__atomic_store_n(&s[STORM].silent, !storm, __ATOMIC_RELAXED);
	usleep(500); /* the last turn of the window before has ended */
	ns = cpu_ns(r->engine);
	pair = sent(&s[LEFT]) + sent(&s[RIGHT]);
	stormed = sent(&s[STORM]);
	copied = copies(r);
	usleep(WINDOW_US);
	per = 1e9 / (double)(cpu_ns(r->engine) - ns + 1);
	return (struct rates){ (double)(sent(&s[LEFT]) + sent(&s[RIGHT]) - pair) * per,
			       (double)(sent(&s[STORM]) - stormed) * per,
			       (double)(copies(r) - copied) * per };
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, WINDOWS, sizeof(*v), ascending);
	return v[WINDOWS / 2];
}

/* The part of its rate that the pair loses. */
static double row(const char *name, const struct rig_port *port, unsigned int n)
{
	struct rig *r =
		rig_create(&(struct rig_config){ .port = port, .n_ports = n, .keep_none = true });
	double alone[WINDOWS], beside[WINDOWS], storm[WINDOWS], copied[WINDOWS], a, b;
	static struct side side[STORM + 1];

	for (unsigned int i = 0; i <= STORM; i++) {
		side_init(r, side, i);
		if (engine_add_source(r->engine, &side[i].source))
			abort();
	}
	if (engine_start(r->engine))
		abort();
	window(r, side, true); /* all is learned, and warm */
	for (unsigned int i = 0; i < WINDOWS; i++) {
		struct rates now = window(r, side, false);

		alone[i] = now.pair;
		now = window(r, side, true);
		beside[i] = now.pair;
		storm[i] = now.storm;
		copied[i] = now.copies;
	}
	engine_stop(r->engine);
	for (unsigned int i = 0; i <= STORM; i++)
		engine_del_source(r->engine, &side[i].source);
	rig_destroy(r);
	a = median(alone);
	b = median(beside);
	printf("%-6s pair alone %6.2f, beside it %6.2f Mpps; it sends %7.3f Mpps, %7.2f copies\n",
	       name, a / 1e6, b / 1e6, median(storm) / 1e6, median(copied) / 1e6);
	fflush(stdout);
	return MAX(1 - b / a, 0);
}

int main(void)
{
	static const struct rig_port flood[PORTS_FLOOD] = {
		[0 ... PORTS_FLOOD - 1] = { .access = VID },
	};
	static const struct rig_port ring[PORTS_RING] = {
		[LEFT] = { .access = VID },
		[RIGHT] = { .access = VID },
		[STORM] = { .sw = 1, .access = VID },
		{ .sw = 1, .access = VID, .cable = 1 },
		{ .sw = 2, .access = VID, .cable = 1 },
		{ .sw = 1, .access = VID, .cable = 2 },
		{ .sw = 2, .access = VID, .cable = 2 },
	};
	double by_flood = row("flood", flood, PORTS_FLOOD);
	double by_ring = row("ring", ring, PORTS_RING);
	bool good = by_flood <= BAR_FLOOD && by_ring <= BAR_RING;

	printf("bars: %.3f of %.2f of a pair's rate lost to a flood; %.3f of %.2f of a pair's rate lost to a "
	       "ring: %s\n",
	       by_flood, BAR_FLOOD, by_ring, BAR_RING, good ? "met" : "MISSED");
	return !good;
}
