/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that means harm, with its memory: any chain, index, length, address and loop; what
 * changes under our eyes; a file that ends under a mapping. It harms only its own port: a pair of
 * machines beside it talks all the time, and the next guest at the same port finds it as new.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

/* X means harm and is patched to Y; C and D only want to talk. */
struct net {
	struct vhost_rig *r;
	struct vhost_vm *x, *y, *c, *d;
};

static void set_up(struct net *n, const struct guest_config *hostile)
{
	static const struct guest_config good = { .size = 64 };

	n->r = vhost_rig_create(1);
	n->c = vhost_rig_plug(n->r, "", &good);
	n->d = vhost_rig_plug(n->r, "", &good);
	vhost_rig_patch(n->r, n->c, n->d);
	assert_int_equal(guest_start(n->c->g), 0);
	assert_int_equal(guest_start(n->d->g), 0);
	n->x = vhost_rig_plug(n->r, "", hostile);
	n->y = vhost_rig_plug(n->r, "", &good);
	vhost_rig_patch(n->r, n->x, n->y);
	assert_int_equal(guest_start(n->x->g), 0);
	assert_int_equal(guest_start(n->y->g), 0);
}

static void fine(const char *wrong, const char *why)
{
	if (wrong)
		fail_msg("%s: %s", why, wrong);
}

/* The others notice nothing, and the port works for the next guest. */
static void nobody_is_harmed(struct net *n, const char *why)
{
	static uint8_t frame[VHOST_FRAME];

	fine(vhost_rig_talk(n->c, n->d, 12, 1514), why);
	vhost_rig_forgive(n->x);
	vhost_rig_reboot(n->r, n->x);
	if (guest_start(n->x->g))
		fail_msg("%s: the next guest is not served", why);
	while (guest_receive(n->y->g, 0, frame, sizeof(frame), NULL))
		continue; /* from the one before */
	fine(vhost_rig_talk(n->x, n->y, 12, 1514), why);
	fine(vhost_rig_talk(n->y, n->x, 12, 1514), why);
}

static void kick(struct guest *g, unsigned int q)
{
	const uint64_t one = 1;

	(void)!write(guest_queue(g, q)->kick, &one, sizeof(one));
}

/* ---- descriptors that lie -------------------------------------------------------------------- */

#define BUF  UINT64_C(0x100000000) /* where region 1 is */
#define NEXT VRING_DESC_F_NEXT
#define WR   VRING_DESC_F_WRITE
#define IND  VRING_DESC_F_INDIRECT

/* Each is laid from the ring's (or, IN_TABLE, an indirect table's) first descriptor on. */
static const struct {
	const char *why;
	struct vring_desc d[4];
	bool in_table;
} chains[] = {
	{ "no memory there", { { 0x10, 100, 0, 0 } }, false },
	{ "behind the end", { { BUF + (UINT64_C(1) << 40), 100, 0, 0 } }, false },
	{ "over the end", { { BUF, 0xffffffff, 0, 0 } }, false },
	{ "around the world", { { UINT64_MAX - 10, 100, 0, 0 } }, false },
	{ "nothing at all", { { BUF, 0, 0, 0 } }, false },
	{ "half a header", { { BUF, 5, 0, 0 } }, false },
	{ "a header and no frame", { { BUF, 12, 0, 0 } }, false },
	{ "a header and an octet", { { BUF, 13, 0, 0 } }, false },
	{ "longer than any frame", { { BUF, 200000, 0, 0 } }, false },
	{ "a loop of one", { { BUF, 100, NEXT, 0 } }, false },
	{ "a loop of two", { { BUF, 100, NEXT, 1 }, { BUF, 100, NEXT, 0 } }, false },
	{ "a loop of nothing", { { BUF, 0, NEXT, 1 }, { BUF, 0, NEXT, 0 } }, false },
	{ "4 GiB by steps", { { BUF, 0xfffff, NEXT, 1 }, { BUF, 0xfffff, NEXT, 0 } }, false },
	{ "out of the ring", { { BUF, 100, NEXT, 64 } }, false },
	{ "far out of the ring", { { BUF, 100, NEXT, 0xffff } }, false },
	{ "the other direction", { { BUF, 100, WR, 0 } }, false },
	{ "both directions", { { BUF, 100, NEXT, 1 }, { BUF, 100, WR, 0 } }, false },
	{ "first write, then read", { { BUF, 100, NEXT | WR, 1 }, { BUF, 100, 0, 0 } }, false },
	{ "all flags", { { BUF, 100, 0xffff, 0 } }, false },
	{ "a table that goes on", { { BUF, 32, IND | NEXT, 1 }, { BUF, 100, 0, 0 } }, false },
	{ "a table of nothing", { { BUF, 0, IND, 0 } }, false },
	{ "half a descriptor", { { BUF, 24, IND, 0 } }, false },
	{ "a table that is not there", { { 0x10, 32, IND, 0 } }, false },
	{ "a table over the end", { { BUF, 0xfffffff0, IND, 0 } }, false },
	{ "a table around the world", { { UINT64_MAX - 31, 64, IND, 0 } }, false },
	{ "a table at an odd place", { { BUF + 3, 32, IND, 0 } }, false },
	{ "a table in the ring", { { 0x100000, 64, IND, 0 } }, false },
	{ "a table in a table", { { BUF, 32, IND, 0 } }, true },
	{ "a loop in a table", { { BUF, 100, NEXT, 0 } }, true },
	{ "a loop of two in a table", { { BUF, 9, NEXT, 1 }, { BUF, 9, NEXT, 0 } }, true },
	{ "out of the table", { { BUF, 100, NEXT, 4 } }, true },
	{ "far out of the table", { { BUF, 100, NEXT, 0xffff } }, true },
	{ "no memory, in a table", { { 0x10, 100, 0, 0 } }, true },
	{ "the other direction in a table", { { BUF, 100, WR, 0 } }, true },
};

static void lay(struct guest *g, unsigned int q, size_t row)
{
	struct guest_queue *v = guest_queue(g, q);
	bool packed = v->ring.packed, table = chains[row].in_table;
	unsigned int n = table ? 1 : 4;
	const struct vring_desc into = { guest_gpa(g, v->table), sizeof(chains[row].d), IND, 0 };
	const struct vring_desc *d = table ? &into : chains[row].d;

	if (table)
		memcpy(v->table, chains[row].d, sizeof(chains[row].d));
	for (unsigned int i = 0; i < n; i++) {
		uint16_t at = packed ? (uint16_t)((v->ring.avail + i) % g->cfg.size) : (uint16_t)i;

		if (packed) {
			struct vring_packed_desc *to = (struct vring_packed_desc *)v->desc + at;

			*to = (struct vring_packed_desc){ d[i].addr, d[i].len, d[i].next,
							  (uint16_t)(d[i].flags | 1u << 7) };
		} else {
			((struct vring_desc *)v->desc)[at] = d[i];
		}
	}
	if (!packed) {
		struct vring_avail *a = (void *)v->driver;

		a->ring[a->idx % g->cfg.size] = 0;
		__atomic_store_n(&a->idx, (uint16_t)(a->idx + 1), __ATOMIC_RELEASE);
	}
	kick(g, q);
}

static void descriptors_that_lie_harm_nobody(void **state)
{
	static uint8_t frame[VHOST_FRAME];

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		struct guest_config c = { .size = 64 };
		struct net n;

		if (!packed)
			c.features = GUEST_FEATURES & ~BIT(GUEST_F_RING_PACKED);
		set_up(&n, &c);
		for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
			/* What it sends, what it receives into, and its control queue. */
			for (unsigned int q = 0; q < 3; q++) {
				print_message("# queue %u: %s\n", q, chains[i].why);
				lay(n.x->g, q == 2 ? n.x->g->control : q, i);
				vhost_frame(frame, 60, 1);
				for (unsigned int k = 0; k < 66 && q == 0; k++)
					guest_send(n.y->g, 0, frame, 60, NULL);
				guest_queue_stop(n.x->g, 1);
				nobody_is_harmed(&n, chains[i].why);
			}
		}
		vhost_rig_destroy(n.r);
	}
}

static void indices_that_lie_harm_nobody(void **state)
{
	static const struct {
		const char *why;
		uint16_t idx, head;
	} row[] = {
		{ "one more than there are slots", 65, 0 },
		{ "back", 0xffff, 0 },
		{ "a head that is not in the ring", 1, 64 },
		{ "a head that is nowhere", 1, 0xffff },
		{ "the same head in each slot", 64, 3 },
	};
	struct guest_config c = { .features = GUEST_FEATURES & ~BIT(GUEST_F_RING_PACKED),
				  .size = 64 };
	struct net n;

	(void)state;
	set_up(&n, &c);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		for (unsigned int q = 0; q < 3; q++) {
			unsigned int number = q == 2 ? n.x->g->control : q;
			struct vring_avail *a = (void *)guest_queue(n.x->g, number)->driver;

			print_message("# queue %u: %s\n", q, row[i].why);
			for (unsigned int k = 0; k < 64; k++)
				a->ring[k] = row[i].head;
			__atomic_store_n(&a->idx, (uint16_t)(a->idx + row[i].idx),
					 __ATOMIC_RELEASE);
			kick(n.x->g, number);
			fine(vhost_rig_talk(n.c, n.d, 40, 1514), row[i].why);
			guest_queue_stop(n.x->g, 1);
			nobody_is_harmed(&n, row[i].why);
		}
	}
	vhost_rig_destroy(n.r);
}

/* ---- memory that changes under our eyes ------------------------------------------------------ */

struct scribbler {
	pthread_t thread;
	struct guest *g;
	uint64_t seed;
	bool stop;
};

static uint64_t any(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Rings, tables, headers: sometimes what may pass, mostly what may not, and a kick now and then. */
static void *scribble(void *arg)
{
	struct scribbler *s = arg;
	struct guest *g = s->g;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		struct guest_queue *v = guest_queue(g, (unsigned int)(any(&s->seed) % 2));
		uint64_t what = any(&s->seed), with = any(&s->seed);
		uint16_t *word;

		switch (what % 8) {
		case 0: /* any octet pair of the rings */
			word = (uint16_t *)(v->desc +
					    (what >> 8) % (uint64_t)(v->table - v->desc) / 2 * 2);
			__atomic_store_n(word, (uint16_t)with, __ATOMIC_RELAXED);
			break;
		case 1: /* a table's */
			word = (uint16_t *)(v->table + (what >> 8) % 4096 / 2 * 2);
			__atomic_store_n(word, (uint16_t)(with % 8), __ATOMIC_RELAXED);
			break;
		case 2: /* offload headers and first headers of frames */
			word = (uint16_t *)(v->buf + (what >> 8) % 64 * v->slot +
					    with % 80 / 2 * 2);
			__atomic_store_n(word, (uint16_t)(with >> 16), __ATOMIC_RELAXED);
			break;
		case 3: /* a descriptor that is nearly right */
			((volatile struct vring_desc *)v->desc)[what >> 8 & 63] =
				(struct vring_desc){ guest_gpa(g, v->buf) + with % 65536,
						     (uint32_t)(with >> 32) % 70000,
						     (uint16_t)(with >> 8 & 5), with >> 56 & 63 };
			break;
		case 4:
			((volatile struct vring_avail *)v->driver)->idx++;
			break;
		default:
			kick(g, (unsigned int)(with % 2));
		}
	}
	return NULL;
}

static void memory_that_changes_under_our_eyes_harms_nobody(void **state)
{
	static const uint64_t masked[] = {
		0,
		BIT(GUEST_F_RING_PACKED),
		BIT(GUEST_F_RING_PACKED) | BIT(GUEST_F_INDIRECT_DESC),
		BIT(VIRTIO_NET_F_MRG_RXBUF),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(masked); i++) {
		static uint8_t frame[VHOST_FRAME];
		struct guest_config c = { .features = GUEST_FEATURES & ~masked[i], .size = 64 };
		struct net n;

		set_up(&n, &c);
		vhost_frame(frame, 2000, 1);
		for (uint64_t round = 1; round < 7; round++) {
			struct scribbler s = { .g = n.x->g, .seed = round * 77 + i };

			assert_int_equal(pthread_create(&s.thread, NULL, scribble, &s), 0);
			for (unsigned int k = 0; k < 4; k++) {
				fine(vhost_rig_talk(n.c, n.d, 30, 9014), "beside");
				/* A broken ring is set up again, and there is something to receive.
				 */
				for (unsigned int q = 0; q < 2; q++)
					if (!guest_queue_stop(n.x->g, q))
						guest_queue_start(n.x->g, q);
				for (unsigned int m = 0; m < 20; m++)
					guest_send(n.y->g, 0, frame, 14 + m * 99, NULL);
			}
			__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
			pthread_join(s.thread, NULL);
			/* Whatever came to the neighbour came whole. */
			while (guest_receive(n.y->g, 0, frame, sizeof(frame), NULL))
				continue;
			vhost_frame(frame, 2000, 1);
			guest_disconnect(n.x->g);
			nobody_is_harmed(&n, "afterwards");
		}
		vhost_rig_destroy(n.r);
	}
}

/* ---- a file that ends ------------------------------------------------------------------------ */

static bool hung_up(void *arg)
{
	return guest_wait(arg, ((struct guest *)arg)->sock, 1);
}

/* The area that the port made is sealed; nobody has to take that one. */
static void bring_inflight(struct guest *g)
{
	int own = memfd_create("own", MFD_CLOEXEC);

	assert_int_equal(guest_inflight_ask(g), 0);
	assert_int_equal(ftruncate(own, (off_t)g->inflight.size), 0);
	assert_true(dup2(own, g->inflight.fd) >= 0);
	close(own);
	assert_int_equal(guest_inflight_tell(g), 0);
}

static void a_file_that_ends_under_a_mapping_harms_nobody(void **state)
{
	static const struct {
		const char *why;
		int region; /* -1: the log, -2: the in-flight area, -3: one of its own */
		off_t to;
	} row[] = {
		{ "rings", 0, 0 },
		{ "rings, from the second page on", 0, 4096 },
		{ "buffers", 1, 0 },
		{ "buffers, some of them", 1, 300000 },
		{ "the log", -1, 0 },
		{ "the in-flight area", -2, 0 },
		{ "an in-flight area of its own", -3, 0 },
		{ "the log, in the mapping", -1, 4096 },
	};
	struct guest_config c = { .size = 64 };
	static uint8_t frame[VHOST_FRAME];
	struct net n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct guest_region *what;

		set_up(&n, &c);
		print_message("# %s\n", row[i].why);
		if (row[i].region == -1)
			assert_int_equal(guest_log_start(n.x->g), 0);
		if (row[i].region == -2)
			assert_int_equal(guest_inflight_ask(n.x->g), 0);
		if (row[i].region == -3)
			bring_inflight(n.x->g);
		what = row[i].region == -1  ? &n.x->g->log
		       : row[i].region < -1 ? &n.x->g->inflight
					    : &n.x->g->region[row[i].region];
		vhost_frame(frame, 1514, 1);
		assert_int_equal(guest_send(n.x->g, 0, frame, 1514, NULL), 0);
		if (ftruncate(what->fd, row[i].to)) {
			/* The port made the area, and sealed it. */
			assert_int_equal(row[i].region, -2);
			vhost_rig_destroy(n.r);
			continue;
		}
		for (unsigned int k = 0; k < 100; k++)
			guest_send(n.y->g, 0, frame, 1514, NULL);
		if (row[i].region == -3) /* the area is looked at when a chain is taken */
			guest_send(n.x->g, 0, frame, 1514, NULL);
		kick(n.x->g, 1);
		fine(vhost_rig_talk(n.c, n.d, 40, 1514), row[i].why);
		/* The port notices, and sends it away. */
		for (unsigned int q = 0; q < 2; q++)
			kick(n.x->g, q);
		assert_true(vhost_rig_until(n.r, hung_up, n.x->g));
		fine(vhost_rig_talk(n.c, n.d, 40, 1514), row[i].why);
		nobody_is_harmed(&n, row[i].why);
		vhost_rig_destroy(n.r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_that_lie_harm_nobody),
		cmocka_unit_test(indices_that_lie_harm_nobody),
		cmocka_unit_test(memory_that_changes_under_our_eyes_harms_nobody),
		cmocka_unit_test(a_file_that_ends_under_a_mapping_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
