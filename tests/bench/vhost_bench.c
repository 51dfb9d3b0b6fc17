/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machine to machine: what one frame costs the worker, from a guest's transmit queue to another
 * guest's receive queue, through the switch.
 *
 * Two vhost-user ports, an access port and a trunk, so that every frame loses or gains a tag. One
 * thread on one CPU is both guests: it writes addresses into each frame, makes it available, and
 * reads what comes out. The worker runs on another CPU, on the real graph; the queues are real, set
 * up without a socket. As many frames are under way as fit, so nothing is ever dropped.
 *
 * Counted are TSC cycles of the runs that had frames. A chain of dependent additions, one a
 * cycle, tells how many core cycles that is. The machine is shared, and virtual itself: its two
 * cores may be near one another or far, and a frame then costs twice as much, for seconds or
 * minutes. So all rows take turns, a short window each, and how long a cache line takes to the
 * other core and back is measured in each round. If enough rounds had near cores, only those
 * count. Told are the least and the median, of the best of a few tries; a run in which somebody
 * else had the core counts neither way, and how many there were is told, too.
 *
 * A row "copy" is what nobody could do with less on this machine at that moment: the same rings, a
 * burst copied from one to the other, its tags changed; no chain is checked, no frame looked at,
 * nobody counted or signalled.
 *
 *	vhost_bench				the table, judged against the bars
 *	vhost_bench --row STATIONS LEN [packed] [event_idx] [mergeable] [copy]
 *						one row of it
 *	vhost_bench --frames N STATIONS LEN ...	one row, so many frames, both sides in one thread
 *	vhost_bench --filters			what a trace costs whose filter matches nothing
 *	vhost_bench --line			how long a line takes there and back, in ns
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include "base/clock.h"
#include "dataplane/trace.h"
#include "ports/vhost_user/vhost_user_priv.h"
#include "tests/rig/fast_driver.h"
#include "tests/rig/rig.h"
#include "tests/rig/ring_copy.h"

#define VID           10
#define LEN_MAX       1514u
#define HDR           12u
#define SLOTS         512u
#define STRIDE        2304u /* of a buffer and what a driver puts in front of it, as DPDK's */
#define BUFFER        2048u
#define MEMORY        (16u << 20)
#define UNDER_WAY     256u /* frames a direction */
#define PAIRS_MIN     (1u << 14)
#define TRIES         3
#define TURNS         11 /* of each row in a try */
#define TURNS_MIN     3 /* near ones that make a median */
#define NEAR_NS       150.0
#define WINDOW_FRAMES 100000u
#define NOT_OURS      100000u /* TSC cycles of a round: 40 us, 40 times what it takes */
#define BAR_SHORT     110.0
#define BAR_LONG      220.0
#define BAR_GROWTH    1.5

enum { ACCESS, TRUNK, SIDES };
enum { ROWS_MAX = 12 };

struct macs {
	struct eth_addr dst, src;
};

struct shape {
	uint32_t stations, len;
	bool packed, event_idx, mergeable, copy;
	const char *filter; /* both ports are traced with it; NULL: nobody traces */
};

/* Two threads and lines that come in pairs: what one of them writes is far from the other's. */
#define APART __attribute__((aligned(2 * CACHE_LINE)))

struct side {
	/* The worker's. */
	struct vhost_user vu APART;
	struct vu_lent lent;
	struct port port;
	struct ring_pair rx, tx;
	/* The guest's. */
	struct fast_queue in APART, out;
	struct macs *macs;
	unsigned int n_macs, at; /* n_macs: a power of two */
	uint32_t len; /* of what it sends */
	uint32_t expected; /* of what it gets, with its header */
	uint8_t parity; /* of the last octet of what is sent to it */
	uint64_t sent, got;
};

struct bench {
	struct shape shape;
	struct rig *rig;
	struct ring_memory *mem;
	struct side side[SIDES];
	struct filter *filter;
	int call_fd;
};

static bool huge_pages;

/* Between the worker's thread and the guests': whose turn it is. All atomic. */
static struct {
	struct bench *wanted APART; /* NULL: nobody's */
	bool stop;
	struct bench *served APART;
} turn;

static struct eth_addr station(uint32_t i)
{
	return (struct eth_addr){ { 2, 0, i >> 24, i >> 16, i >> 8, i } };
}

/* Stations with an even number are behind the access port; as many pairs as stations. */
static void draw(struct side *s, unsigned int from, uint32_t stations)
{
	uint64_t x = 0x1234567 + from;

	for (s->n_macs = PAIRS_MIN; s->n_macs < stations;)
		s->n_macs *= 2;
	s->macs = calloc(s->n_macs, sizeof(*s->macs));
	if (!s->macs)
		abort();
	for (unsigned int i = 0; i < s->n_macs; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		s->macs[i].src = station(((uint32_t)(x % stations) & ~1u) | from);
		s->macs[i].dst = station(((uint32_t)((x >> 32) % stations) & ~1u) | !from);
	}
}

/* ---- the guests ----------------------------------------------------------------------------- */

static void send_some(struct side *s, const struct side *peer)
{
	uint64_t room = UNDER_WAY - (s->sent - peer->got);
	uint32_t len[BURST_MAX];

	s->out.back += fast_used(&s->out, BURST_MAX, len);
	if (room < BURST_MAX || SLOTS - (s->out.next - s->out.back) < BURST_MAX)
		return;
	for (unsigned int i = 0; i < BURST_MAX; i++)
		memcpy(fast_buffer(&s->out, s->out.next + i) + HDR,
		       &s->macs[s->at++ & (s->n_macs - 1)], sizeof(struct macs));
	fast_add(&s->out, BURST_MAX, HDR + s->len);
	s->sent += BURST_MAX;
}

static void receive_some(struct side *s)
{
	uint32_t len[BURST_MAX], odd = 0;
	unsigned int n = fast_used(&s->in, BURST_MAX, len);

	for (unsigned int i = 0; i < n; i++) {
		const uint8_t *dst = fast_buffer(&s->in, s->in.back + i) + HDR;

		odd |= len[i] ^ s->expected;
		odd |= (dst[5] ^ s->parity) & 1;
	}
	if (odd)
		abort();
	s->in.back += n;
	__atomic_store_n(&s->got, s->got + n, __ATOMIC_RELAXED);
	if (n)
		fast_add(&s->in, n, BUFFER);
}

static void both_guests(struct bench *b)
{
	for (unsigned int i = 0; i < SIDES; i++) {
		send_some(&b->side[i], &b->side[!i]);
		receive_some(&b->side[i]);
	}
}

/* ---- set-up --------------------------------------------------------------------------------- */

static struct ring_memory *make_memory(void)
{
	int fd = memfd_create("guest", MFD_HUGETLB);

	/* What can be taken, not only promised. */
	huge_pages = fd >= 0 && !ftruncate(fd, MEMORY) && !fallocate(fd, 0, 0, MEMORY);
	if (huge_pages)
		return ring_memory_of(fd, MEMORY);
	if (fd >= 0)
		close(fd);
	return ring_memory_create(MEMORY);
}

static void queue_init(struct bench *b, struct side *s, unsigned int i)
{
	struct ring_pair *p = i ? &s->tx : &s->rx;
	struct vu_queue *q = &s->vu.queue[i];

	ring_pair_init(p, b->mem, SLOTS, b->shape.packed, b->shape.event_idx);
	fast_queue_init(i ? &s->out : &s->in, p, b->mem, !i, BUFFER);
	p->config.call_fd = b->call_fd;
	p->config.budget = i ? VU_BUDGET : 0;
	if (ring_setup(&q->ring, &p->config) < 0)
		abort();
	q->port = &s->vu;
	q->running = true;
	q->lent = i ? &s->lent : NULL;
	q->source = (struct source){
		.port = s->port.id, .fd = -1, .rx = vhost_user_rx, .done = vhost_user_done
	};
}

static void side_init(struct bench *b, unsigned int i)
{
	static const uint8_t tag[] = { 0x81, 0, 0, VID, 8, 0 };
	static const uint8_t udp[] = { 0x45, 0, 0, 46, 0, 0, 0, 0,    64,   17, 0,  0, 10,
				       0,    0, 1, 10, 0, 0, 2, 0x12, 0x34, 0,  53, 0, 26 };
	uint32_t at = HDR + sizeof(struct macs) + (i == TRUNK ? sizeof(tag) : 2);
	struct side *s = &b->side[i];

	*s = (struct side){ .port.id = b->rig->id[i], .len = b->shape.len, .parity = (uint8_t)i };
	s->expected = HDR + s->len + (i == TRUNK ? VLAN_TAG_LEN : -VLAN_TAG_LEN);
	s->vu.port = &s->port;
	s->vu.hdr_len = HDR;
	s->vu.mergeable = b->shape.mergeable;
	s->vu.n_pairs = 1;
	s->vu.sink = (struct sink){ .port = s->port.id, .tx = vhost_user_tx };
	draw(s, i, b->shape.stations);
	queue_init(b, s, 0);
	queue_init(b, s, 1);
	/* A datagram, each from another host. */
	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		memcpy(fast_buffer(&s->out, slot) + HDR + sizeof(struct macs),
		       tag + (i == TRUNK ? 0 : 4), i == TRUNK ? 6 : 2);
		memcpy(fast_buffer(&s->out, slot) + at, udp, sizeof(udp));
		fast_buffer(&s->out, slot)[at + 15] = (uint8_t)slot;
	}
	fast_add(&s->in, SLOTS, BUFFER);
	engine_set_sink(b->rig->engine, s->port.id, &s->vu.sink);
}

static void trace(struct bench *b)
{
	char why[FILTER_WHY];
	unsigned int which;

	if (filter_create(b->shape.filter, &b->filter, why) < 0)
		abort();
	for (unsigned int i = 0; i < SIDES; i++) {
		if (trace_start(b->rig->engine, b->rig->id[i], b->filter, &which) < 0)
			abort();
	}
}

static struct bench *setup(const struct shape *k)
{
	static const struct rig_port port[SIDES] = {
		[ACCESS] = { .access = VID },
		[TRUNK] = { .trunk = "10,20,30" },
	};
	struct rig_config c = {
		.port = port, .n_ports = SIDES, .stations = k->stations, .keep_none = true
	};
	struct bench *b = aligned_alloc(_Alignof(struct bench), sizeof(*b));

	if (!b)
		abort();
	memset(b, 0, sizeof(*b));
	b->shape = *k;
	b->rig = rig_create(&c);
	b->mem = make_memory();
	b->call_fd = eventfd(0, EFD_NONBLOCK);
	for (unsigned int i = 0; i < SIDES; i++)
		side_init(b, i);
	if (k->filter)
		trace(b);
	for (uint32_t i = 0; i < k->stations; i++) {
		struct eth_addr mac = station(i);
		fdb_key_t key = fdb_key(VID, &mac);

		if (fdb_learn(b->rig->fdb[0], key, fdb_fetch(b->rig->fdb[0], key),
			      b->rig->id[i % 2 ? TRUNK : ACCESS], clock_s()) != FDB_LEARNED)
			abort();
	}
	return b;
}

static void teardown(struct bench *b)
{
	struct rig_total t = rig_total(b->rig);
	uint64_t got = b->side[0].got + b->side[1].got;

	if (!b->shape.copy &&
	    (t.dropped || t.in != t.out || got > t.out || t.out - got > SIDES * UNDER_WAY)) {
		fprintf(stderr, "vhost_bench: %lu in, %lu out, %lu dropped, %lu got\n", t.in, t.out,
			t.dropped, got);
		exit(1);
	}
	for (unsigned int i = 0; i < SIDES; i++) {
		engine_set_sink(b->rig->engine, b->side[i].port.id, NULL);
		ring_teardown(&b->side[i].vu.queue[0].ring);
		ring_teardown(&b->side[i].vu.queue[1].ring);
		free(b->side[i].macs);
	}
	rig_destroy(b->rig);
	filter_destroy(b->filter);
	ring_memory_destroy(b->mem);
	close(b->call_fd);
	free(b);
}

/* ---- measuring ------------------------------------------------------------------------------ */

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Core cycles a TSC cycle: the best of many, since somebody else may have the core. */
static double clock_ratio(void)
{
	enum { ADDS = 200000, SAMPLES = 50 };
	uint64_t best = UINT64_MAX;

	for (unsigned int t = 0; t < SAMPLES; t++) {
		uint64_t x = t, begin = __rdtsc();

		for (unsigned int i = 0; i < ADDS / 8; i++)
			__asm__ volatile("add $1, %0; add $1, %0; add $1, %0; add $1, %0;"
					 "add $1, %0; add $1, %0; add $1, %0; add $1, %0;"
					 : "+r"(x));
		best = MIN(best, __rdtsc() - begin);
	}
	return (double)ADDS / (double)best;
}

static void *guest_main(void *arg)
{
	(void)arg;
	pin(0);
	while (!__atomic_load_n(&turn.stop, __ATOMIC_RELAXED)) {
		struct bench *b = __atomic_load_n(&turn.wanted, __ATOMIC_ACQUIRE);

		if (b != turn.served)
			__atomic_store_n(&turn.served, b, __ATOMIC_RELEASE);
		if (b)
			both_guests(b);
	}
	return NULL;
}

static void serve(struct bench *b)
{
	__atomic_store_n(&turn.wanted, b, __ATOMIC_RELEASE);
	while (__atomic_load_n(&turn.served, __ATOMIC_ACQUIRE) != b)
		;
}

struct window {
	uint64_t busy, all, frames, rounds, not_ours;
};

static unsigned int copy_run(struct bench *b, unsigned int from)
{
	struct ring *in = &b->side[from].vu.queue[1].ring, *out = &b->side[!from].vu.queue[0].ring;

	return ring_copy(in, out, from == TRUNK ? 0 : VID);
}

/* So many frames: rounds without any are told apart. */
static struct window one_window(struct bench *b, uint64_t frames)
{
	struct worker *w = engine_worker(b->rig->engine, 0);
	struct window r = { 0 };
	uint64_t begin = __rdtsc(), last = begin;

	for (unsigned int i = 0; r.frames < frames; i = !i) {
		unsigned int n = b->shape.copy ? copy_run(b, i)
					       : worker_run(w, &b->side[i].vu.queue[1].source);
		uint64_t now = __rdtsc();

		if (unlikely(now - last > NOT_OURS)) {
			r.not_ours++;
		} else if (n) {
			r.busy += now - last;
			r.frames += n;
			r.rounds++;
		}
		last = now;
	}
	r.all = last - begin;
	return r;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int ascending_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double tsc_ghz(void)
{
	uint64_t ns = clock_ns(), begin = __rdtsc();

	while (clock_ns() - ns < 20000000)
		;
	return (double)(__rdtsc() - begin) / (double)(clock_ns() - ns);
}

/* Nanoseconds there and back, between the CPUs of the two threads: the median of many. */
static struct {
	unsigned int ball APART; /* atomic */
} court;

static void *play(void *arg)
{
	pin(0);
	for (unsigned int i = 1; i < 2 * *(unsigned int *)arg; i += 2) {
		while (__atomic_load_n(&court.ball, __ATOMIC_ACQUIRE) != i)
			;
		__atomic_store_n(&court.ball, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static double round_trip_ns(double ghz)
{
	static uint32_t tsc[20000];
	unsigned int n = ARRAY_LEN(tsc);
	pthread_t other;

	court.ball = 0;
	if (pthread_create(&other, NULL, play, &n))
		abort();
	for (unsigned int i = 0; i < n; i++) {
		uint64_t begin = __rdtsc();

		__atomic_store_n(&court.ball, 2 * i + 1, __ATOMIC_RELEASE);
		while (__atomic_load_n(&court.ball, __ATOMIC_ACQUIRE) != 2 * i + 2)
			;
		tsc[i] = (uint32_t)(__rdtsc() - begin);
	}
	pthread_join(other, NULL);
	qsort(tsc, n, sizeof(tsc[0]), ascending_u32);
	return tsc[n / 2] / ghz;
}

/* What all rows had in one turn. */
struct round {
	double cycles[ROWS_MAX], mpps[ROWS_MAX], burst[ROWS_MAX]; /* TSC */
	double line_ns;
	uint64_t not_ours;
};

static struct round rounds[TRIES * TURNS];
static bool only_near; /* rounds count */

static bool counts(const struct round *r)
{
	return !only_near || r->line_ns < NEAR_NS;
}

/*
 * So many frames, and everybody was heard in this second: a station's first frame in a second is
 * noted, which one in hundreds is at this rate, but each would be after the other rows' turns.
 */
static uint64_t heard_once(const struct bench *b)
{
	return b->shape.stations > SIDES ? b->side[0].n_macs + b->side[1].n_macs : 0;
}

static void one_turn(struct bench **b, unsigned int n, double ghz, struct round *r)
{
	serve(NULL);
	r->line_ns = round_trip_ns(ghz);
	for (unsigned int i = 0; i < n; i++) {
		struct window w;

		serve(b[i]);
		one_window(b[i], MAX(WINDOW_FRAMES / 5, heard_once(b[i])));
		w = one_window(b[i], WINDOW_FRAMES);
		r->cycles[i] = (double)w.busy / (double)w.frames;
		r->mpps[i] = 1e3 * ghz * (double)w.frames / (double)w.all;
		r->burst[i] = (double)w.frames / (double)w.rounds;
		r->not_ours += w.not_ours;
	}
}

/* N rows in turns, into rounds[]. */
static void measure(const struct shape *k, unsigned int n, double ghz)
{
	unsigned int near = 0;

	for (unsigned int t = 0; t < TRIES; t++) {
		struct bench *b[ROWS_MAX];
		pthread_t guest;

		for (unsigned int i = 0; i < n; i++)
			b[i] = setup(&k[i]);
		turn.stop = false;
		if (pthread_create(&guest, NULL, guest_main, NULL))
			abort();
		for (unsigned int i = 0; i < TURNS; i++) {
			one_turn(b, n, ghz, &rounds[t * TURNS + i]);
			near += rounds[t * TURNS + i].line_ns < NEAR_NS;
		}
		serve(NULL);
		__atomic_store_n(&turn.stop, true, __ATOMIC_RELAXED);
		pthread_join(guest, NULL);
		for (unsigned int i = 0; i < n; i++)
			teardown(b[i]);
	}
	only_near = near >= TURNS;
}

static double median(double *v, unsigned int n)
{
	qsort(v, n, sizeof(*v), ascending);
	return v[n / 2];
}

struct result {
	double least, median, mpps, burst;
};

/* Of row I, in the best of the tries. */
static struct result result_of(unsigned int i)
{
	struct result best = { .median = 0 };

	for (unsigned int t = 0; t < TRIES; t++) {
		double cycles[TURNS], mpps[TURNS], burst[TURNS], middle;
		unsigned int n = 0;

		for (const struct round *r = rounds + t * TURNS; r < rounds + (t + 1) * TURNS;
		     r++) {
			if (!counts(r))
				continue;
			cycles[n] = r->cycles[i];
			mpps[n] = r->mpps[i];
			burst[n++] = r->burst[i];
		}
		if (n < TURNS_MIN)
			continue;
		middle = median(cycles, n); /* they are in order now */
		if (best.median && middle >= best.median)
			continue;
		best = (struct result){ .median = middle,
					.least = cycles[0],
					.mpps = median(mpps, n),
					.burst = median(burst, n) };
	}
	return best;
}

/* How many times row B row A has cost, turn by turn. */
static double growth(unsigned int a, unsigned int b)
{
	double times[TRIES * TURNS];
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rounds); i++) {
		if (counts(&rounds[i]))
			times[n++] = rounds[i].cycles[b] / rounds[i].cycles[a];
	}
	return median(times, n);
}

static double row(const struct shape *k, unsigned int i, double ratio, double ghz)
{
	struct result r = result_of(i);

	printf("%-6s%s%s %6u stations %5u octets  %6.1f min %6.1f median core cycles/frame  "
	       "%6.1f TSC  %5.1f ns  %6.2f Mpps  bursts of %.0f\n",
	       k->copy ? "copy" : (k->packed ? "packed" : "split"),
	       k->event_idx ? " event_idx" : "          ",
	       k->mergeable ? " mergeable" : "          ", k->stations, k->len, r.least * ratio,
	       r.median * ratio, r.median, r.median / ghz, r.mpps, r.burst);
	return r.median * ratio;
}

static void machine(double ratio, double ghz)
{
	double line[TRIES * TURNS];
	unsigned int n = ARRAY_LEN(line), near = 0;
	uint64_t not_ours = 0;

	for (unsigned int i = 0; i < n; i++) {
		line[i] = rounds[i].line_ns;
		near += line[i] < NEAR_NS;
		not_ours += rounds[i].not_ours;
	}
	qsort(line, n, sizeof(line[0]), ascending);
	printf("TSC %.3f GHz, core clock %.3f GHz, %s pages, %lu runs not ours\n", ghz, ghz * ratio,
	       huge_pages ? "2 MiB" : "4 KiB", not_ours);
	printf("a line there and back: %.0f ns, %.0f to %.0f; near (< %.0f ns) in %u of %u rounds: "
	       "%s count\n",
	       line[n / 2], line[0], line[n - 1], NEAR_NS, near, n, only_near ? "those" : "all");
}

static struct shape shape_of(int argc, char **argv)
{
	struct shape k = { .stations = (uint32_t)atoi(argv[0]), .len = (uint32_t)atoi(argv[1]) };

	for (int i = 2; i < argc; i++) {
		k.packed |= !strcmp(argv[i], "packed");
		k.event_idx |= !strcmp(argv[i], "event_idx");
		k.mergeable |= !strcmp(argv[i], "mergeable");
		k.copy |= !strcmp(argv[i], "copy");
		if (!strcmp(argv[i], "filter") && i + 1 < argc)
			k.filter = argv[i + 1];
	}
	return k;
}

/* Both sides in turn, for counting instructions; no cache line comes from another core. */
static int one_row(int argc, char **argv)
{
	struct shape k = shape_of(argc - 3, argv + 3);
	uint64_t frames = strtoull(argv[2], NULL, 0), n = 0;
	uint32_t *tsc = calloc(frames / BURST_MAX + SIDES, sizeof(*tsc)), runs = 0;
	struct bench *b;

	if (!tsc)
		abort();
	b = setup(&k);
	while (n < frames) {
		both_guests(b);
		for (unsigned int i = 0; i < SIDES; i++) {
			uint64_t begin = __rdtsc();

			n += worker_run(engine_worker(b->rig->engine, 0),
					&b->side[i].vu.queue[1].source);
			tsc[runs++] = (uint32_t)(__rdtsc() - begin);
		}
	}
	teardown(b);
	qsort(tsc, runs, sizeof(tsc[0]), ascending_u32);
	printf("%.1f TSC, %.1f core cycles/frame in the median run\n",
	       (double)tsc[runs / 2] / BURST_MAX,
	       clock_ratio() * (double)tsc[runs / 2] / BURST_MAX);
	free(tsc);
	return 0;
}

/* A line for each filter: its expression, TSC cycles a frame, and times without one, turn by turn.
 */
static int filters(double ghz)
{
	static const struct shape shapes[] = {
		{ 2, 64 },
		{ 2, 64, .filter = "icmp" },
		{ 2, 64, .filter = "vlan 20 and tcp port 80" },
		{ 2, 64, .filter = "tcp port 80 or udp port 67" },
		{ 2, 64, .filter = "host 10.9.9.9" },
	};

	measure(shapes, ARRAY_LEN(shapes), ghz);
	for (unsigned int i = 0; i < ARRAY_LEN(shapes); i++) {
		printf("%s\t%.1f", shapes[i].filter ? shapes[i].filter : "", result_of(i).median);
		for (size_t r = 0; r < ARRAY_LEN(rounds); r++) {
			if (counts(&rounds[r]))
				printf("\t%.4f", rounds[r].cycles[i] / rounds[r].cycles[0]);
		}
		putchar('\n');
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct shape shapes[ROWS_MAX] = {
		{ 2, 64 }, /* what the bars are about */
		{ 1000, 64 },
		{ 100000, 64 },
		{ 2, 1514 },
		{ 1000, 1514 },
		{ 100000, 1514 },
		{ 1000, 64, .event_idx = true },
		{ 1000, 64, .event_idx = true, .mergeable = true },
		{ 1000, 64, .packed = true },
		{ 1000, 1514, .packed = true, .event_idx = true, .mergeable = true },
		{ 2, 64, .copy = true },
		{ 2, 1514, .copy = true },
	};
	double cycles[ROWS_MAX], times, ratio, ghz;
	bool good;

	if (argc >= 5 && !strcmp(argv[1], "--frames"))
		return one_row(argc, argv);
	pin(1);
	ghz = tsc_ghz();
	if (argc == 2 && !strcmp(argv[1], "--line"))
		return printf("%.0f\n", round_trip_ns(ghz)) < 0;
	if (argc == 2 && !strcmp(argv[1], "--filters"))
		return filters(ghz);
	ratio = clock_ratio();
	if (argc >= 4 && !strcmp(argv[1], "--row")) {
		struct shape k = shape_of(argc - 2, argv + 2);

		measure(&k, 1, ghz);
		row(&k, 0, ratio, ghz);
		machine(ratio, ghz);
		return 0;
	}
	measure(shapes, ROWS_MAX, ghz);
	for (unsigned int i = 0; i < ROWS_MAX; i++)
		cycles[i] = row(&shapes[i], i, ratio, ghz);
	machine(ratio, ghz);
	times = growth(0, 2);
	good = cycles[0] <= BAR_SHORT && cycles[3] <= BAR_LONG && times <= BAR_GROWTH;
	printf("bars: %.0f of %.0f core cycles for 64 octets, %.0f of %.0f for 1514; %.2f of %.1f "
	       "times as much with 100000 stations: %s\n",
	       cycles[0], BAR_SHORT, cycles[3], BAR_LONG, times, BAR_GROWTH,
	       good ? "met" : "MISSED");
	return !good;
}
