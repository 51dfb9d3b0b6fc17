/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What limits and policies cost frames that they let through: the engine alone, port to port, known
 * unicast in trains, with and without, in windows that take turns.
 *
 * The rates are so high that nothing is ever refused: what is measured is asking. The machine is
 * shared: CPU time of this thread, and of each setting the median of its windows' ratios to the
 * window without that stands beside it.
 *
 *	limits_bench			the table, judged against the bars
 *	limits_bench --frames N SETTING	one setting, so many frames, for counting; 0: none
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/rig/rig.h"

#define VID       10
#define LEN       64u
#define WINDOWS   101
#define WINDOW_NS 2000000u
#define RATE      1000000000000u /* bits a second */

enum { LEFT, RIGHT, PORTS };

static const struct setting {
	const char *name;
	uint8_t in, out; /* a bit for each vsw_limit */
	bool sources, guards;
	double bar; /* times as much as without; 0: only told */
} settings[] = {
	{ .name = "without" },
	{ .name = "limit_in", .in = 1 << VSW_LIMIT_ALL, .bar = 1.4 },
	{ .name = "all limits in", .in = (1 << VSW_LIMITS) - 1, .bar = 1.5 },
	{ .name = "limit_out", .out = 1 << VSW_LIMIT_ALL, .bar = 1.4 },
	{ .name = "forged: drop", .sources = true },
	{ .name = "dhcp_guard and arp_inspect", .guards = true },
};
#define SETTINGS ARRAY_LEN(settings)

static const struct setting *now; /* what the next view says */

struct side {
	struct source source;
	uint8_t frame[LEN];
};
static struct side side[PORTS];

static unsigned int generate(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	const struct side *from = container_of(s, struct side, source);

	for (unsigned int i = 0; i < max; i++) {
		struct pkt *p = worker_pkt(w);

		memcpy(p->data, from->frame, LEN);
		p->len = p->head_len = LEN;
		out[i] = p;
	}
	return max;
}

static void edit(struct rig *r, unsigned int port, struct vsw_port *to)
{
	static uint64_t word[PORTS][2][VSW_LIMITS];

	(void)r;
	for (unsigned int i = 0; i < VSW_LIMITS; i++) {
		struct meter m = meter_of(RATE, false);

		if (now->in >> i & 1) {
			meter_begin(&m, &word[port][0][i], NULL, clock_ns());
			to->limit_in[i] = m;
			to->guards |= VSW_LIMITS_IN;
		}
		if (now->out >> i & 1) {
			meter_begin(&m, &word[port][1][i], NULL, clock_ns());
			to->limit_out[i] = m;
			to->watch_out |= VSW_LIMITS_OUT;
		}
	}
	to->own = (struct vsw_macs){ 1, { eth_src((struct eth_hdr *)side[port].frame) } };
	to->policy.sources = now->sources;
	to->policy.dhcp_guard = to->policy.arp_inspect = now->guards;
	if (now->sources || now->guards)
		to->guards |= VSW_POLICY;
}

/* UDP from one to the other. */
static void side_init(const struct rig *r, unsigned int i)
{
	struct side *s = &side[i];

	*s = (struct side){ .source = { .port = r->id[i], .fd = -1, .rx = generate } };
	memcpy(s->frame, (const uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)!i }, 6);
	memcpy(s->frame + 6, (const uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)i }, 6);
	memcpy(s->frame + 12, (const uint8_t[]){ 8, 0, 0x45, 0, 0, 50 }, 6);
	memcpy(s->frame + 22, (const uint8_t[]){ 64, 17 }, 2);
	s->frame[37] = 9; /* discard */
}

static uint64_t run(struct rig *r, unsigned int bursts)
{
	struct worker *w = engine_worker(r->engine, 0);

	for (unsigned int i = 0; i < bursts; i++)
		worker_run(w, &side[i % PORTS].source);
	return (uint64_t)bursts * BURST_MAX;
}

static uint64_t sent;

static struct rig *setup(void)
{
	static const struct rig_port port[PORTS] = { { .access = VID }, { .access = VID } };
	struct rig *r = rig_create(&(struct rig_config){ port, PORTS, .keep_none = true });

	for (unsigned int i = 0; i < PORTS; i++)
		side_init(r, i);
	r->edit = edit;
	sent = run(r, 2); /* both are learned */
	return r;
}

static void set(struct rig *r, const struct setting *s)
{
	now = s;
	rig_publish(r);
	sent += run(r, 8); /* its pages are there */
}

/* Nothing was refused, or it was no measurement of what passes. */
static void teardown(struct rig *r)
{
	struct rig_total t = rig_total(r);

	if (t.in != sent || t.out != sent || t.dropped) {
		fprintf(stderr, "limits_bench: %lu sent, %lu in, %lu out, %lu dropped\n", sent,
			t.in, t.out, t.dropped);
		exit(1);
	}
	rig_destroy(r);
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double window(struct rig *r)
{
	uint64_t begin = cpu_ns(), frames = 0, end;

	do {
		frames += run(r, 128);
		end = cpu_ns();
	} while (end - begin < WINDOW_NS);
	sent += frames;
	return (double)(end - begin) / (double)frames;
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

int main(int argc, char **argv)
{
	static double ns[SETTINGS][WINDOWS], times[SETTINGS][WINDOWS];
	struct rig *r = setup();
	bool good = true;

	if (argc == 4 && !strcmp(argv[1], "--frames")) {
		set(r, &settings[(unsigned int)atoi(argv[3]) % SETTINGS]);
		sent += run(r, (unsigned int)(strtoull(argv[2], NULL, 0) / BURST_MAX));
		teardown(r);
		return 0;
	}
	for (unsigned int i = 0; i < WINDOWS; i++) {
		for (size_t s = 0; s < SETTINGS; s++) {
			set(r, &settings[s]);
			ns[s][i] = window(r);
			times[s][i] = ns[s][i] / ns[0][i];
		}
	}
	teardown(r);
	for (size_t s = 0; s < SETTINGS; s++)
		printf("%-28s %6.1f ns/frame  %5.2f times\n", settings[s].name, median(ns[s]),
		       median(times[s]));
	for (size_t s = 1; s < SETTINGS; s++) {
		double bar = settings[s].bar, m = median(times[s]);

		if (!bar)
			continue;
		printf("%s%.2f of %.1f times as much with %s", s > 1 ? "; " : "bars: ", m, bar,
		       settings[s].name);
		good &= m <= bar;
	}
	printf(": %s\n", good ? "met" : "MISSED");
	return !good;
}
