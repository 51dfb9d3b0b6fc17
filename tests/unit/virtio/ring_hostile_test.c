/* SPDX-License-Identifier: Apache-2.0 */
/* What no driver should write into a ring: each ends the ring by its own sentence. */
#include "tests/test.h"

#include <stdlib.h>

#include "tests/rig/ring_rig.h"

#define MEMORY (1u << 20)
#define SIZE   8u
#define POOL   64u

#define NEXT    VRING_DESC_F_NEXT
#define WRITE   VRING_DESC_F_WRITE
#define TABLE   VRING_DESC_F_INDIRECT
#define BUF     (RING_RIG_GPA + 0x20000)
#define TAB     (RING_RIG_GPA + 0x30000)
#define NOWHERE (RING_RIG_GPA + MEMORY)

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

static struct ring_memory *m;
static struct ring_pair pair;
static struct ring ring;
static struct iovec pool[POOL];

static void start_with(uint64_t memory, bool packed)
{
	m = ring_memory_create(memory);
	ring_pair_init(&pair, m, SIZE, packed, true);
	assert_int_equal(ring_setup(&ring, &pair.config), 0);
}

static void start(bool packed)
{
	start_with(MEMORY, packed);
}

static void stop(void)
{
	ring_teardown(&ring);
	ring_memory_destroy(m);
}

static void put(uint64_t gpa, unsigned int i, const struct desc *d)
{
	struct vring_desc *to = ring_memory_at(m, gpa);

	to[i] = (struct vring_desc){ d->addr, d->len, d->flags, d->next };
}

/* One chain that begins in descriptor 0. */
static void offer(const struct desc *d, unsigned int n, const struct desc *t, unsigned int n_t)
{
	struct vring_avail *avail = ring_memory_at(m, pair.avail);

	for (unsigned int i = 0; i < n; i++)
		put(pair.desc, i, &d[i]);
	for (unsigned int i = 0; i < n_t; i++)
		put(TAB, i, &t[i]);
	avail->ring[0] = 0;
	avail->idx = 1;
}

static void offer_packed(const struct desc *d, unsigned int n, const struct desc *t,
			 unsigned int n_t)
{
	struct vring_packed_desc *to = ring_memory_at(m, pair.desc);

	for (unsigned int i = 0; i < n; i++)
		to[i] = (struct vring_packed_desc){ d[i].addr, d[i].len, 3,
						    d[i].flags | 1u << VRING_PACKED_DESC_F_AVAIL };
	for (unsigned int i = 0; i < n_t; i++)
		put(TAB, i, &t[i]);
}

/* clang-format off */
static const struct {
	const char *why; /* as the port says it; NULL: there is nothing wrong with it */
	enum ring_dir dir;
	struct desc desc[SIZE], table[4];
	enum { ANY, SPLIT, PACKED } only;
} row[] = {
	{ NULL, RING_READ, { { BUF, 10 } } },
	{ NULL, RING_READ, { { BUF, 0 } } },
	{ NULL, RING_READ, { { BUF, 10, NEXT, 1 }, { BUF, 20 } } },
	{ NULL, RING_READ, { { TAB, 32, TABLE } }, { { BUF, 1, NEXT, 1 }, { BUF, 1 } } },
	{ NULL, RING_READ, { { BUF, 1, NEXT, 1 }, { TAB, 16, TABLE } }, { { BUF, 1 } } },
	/* 2.7.5.3.2: the flag of the descriptor that refers to a table does not count */
	{ NULL, RING_READ, { { TAB, 16, TABLE | WRITE } }, { { BUF, 1 } } },
	{ NULL, RING_BOTH, { { BUF, 10, NEXT, 1 }, { BUF, 20, WRITE } } },
	{ NULL, RING_WRITE, { { RING_RIG_GPA + MEMORY / 2 - 8, 16, WRITE } } },
	{ NULL, RING_WRITE, { { NOWHERE - 16, 16, WRITE } } },
	{ "a buffer to be written in a transmit queue", RING_READ, { { BUF, 1, WRITE } } },
	{ "a buffer to be read in a receive queue", RING_WRITE, { { BUF, 1 } } },
	{ "a buffer to be read in a receive queue", RING_WRITE,
	  { { BUF, 1, WRITE | NEXT, 1 }, { BUF, 1 } } },
	{ "a buffer to be read behind one to be written", RING_BOTH,
	  { { BUF, 1, WRITE | NEXT, 1 }, { BUF, 1 } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { 0, 1 } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { NOWHERE, 1 } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { NOWHERE - 16, 17 } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { BUF, UINT32_MAX } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { UINT64_MAX, UINT32_MAX } } },
	{ "a buffer outside of the guest's memory", RING_READ, { { UINT64_MAX - 7, 16 } } },
	{ "a chain of more than 4 GiB", RING_READ,
	  { { BUF, 1000, NEXT, 1 }, { BUF, UINT32_MAX } } },
	{ "a chain is longer than the queue", RING_READ, { { BUF, 1, NEXT, 0 } }, .only = SPLIT },
	{ "a chain is longer than the queue", RING_READ,
	  { { BUF, 0, NEXT, 1 }, { BUF, 0, NEXT, 0 } }, .only = SPLIT },
	{ "a chain is longer than the queue", RING_READ,
	  { { BUF, 0, NEXT }, { BUF, 0, NEXT }, { BUF, 0, NEXT }, { BUF, 0, NEXT },
	    { BUF, 0, NEXT }, { BUF, 0, NEXT }, { BUF, 0, NEXT }, { BUF, 0, NEXT } },
	  .only = PACKED },
	{ "a chain leads out of the queue", RING_READ, { { BUF, 1, NEXT, SIZE } }, .only = SPLIT },
	{ "a chain leads out of the queue", RING_READ, { { BUF, 1, NEXT, 0xffff } },
	  .only = SPLIT },
	{ "an indirect descriptor that goes on", RING_READ, { { TAB, 16, TABLE | NEXT, 1 } } },
	{ "an indirect table of no whole descriptors", RING_READ, { { TAB, 0, TABLE } } },
	{ "an indirect table of no whole descriptors", RING_READ, { { TAB, 15, TABLE } } },
	{ "an indirect table of no whole descriptors", RING_READ, { { TAB, 33, TABLE } } },
	{ "an indirect table that wraps around", RING_READ, { { UINT64_MAX - 7, 16, TABLE } } },
	{ "an indirect table outside of the guest's memory", RING_READ, { { NOWHERE, 16, TABLE } } },
	{ "an indirect table outside of the guest's memory", RING_READ, { { 0, 16, TABLE } } },
	{ "an indirect table outside of the guest's memory", RING_READ,
	  { { NOWHERE - 8, 16, TABLE } } },
	{ "an indirect table in an indirect table", RING_READ, { { TAB, 16, TABLE } },
	  { { TAB, 16, TABLE } }, .only = SPLIT },
	{ "an indirect table that leads out of itself", RING_READ, { { TAB, 32, TABLE } },
	  { { BUF, 1, NEXT, 2 } }, .only = SPLIT },
	{ "a chain is longer than the queue", RING_READ, { { TAB, 32, TABLE } },
	  { { BUF, 0, NEXT, 1 }, { BUF, 0, NEXT, 0 } }, .only = SPLIT },
	{ "a chain is longer than the queue", RING_READ, { { RING_RIG_GPA, 16 * 1025, TABLE } },
	  .only = PACKED },
	{ "a chain has more pieces than any frame", RING_READ, { { TAB, 32, TABLE } },
	  { { BUF, 1, NEXT, 1 }, { BUF, 1, NEXT, 0 } }, .only = SPLIT },
	{ "a buffer outside of the guest's memory", RING_READ, { { TAB, 32, TABLE } },
	  { { BUF, 1, NEXT, 1 }, { 0, 1 } } },
};
/* clang-format on */

static unsigned int count(const struct desc *d, unsigned int most)
{
	unsigned int n = 0;

	while (n < most && (d[n].addr || d[n].len || d[n].flags))
		n++;
	return n;
}

static void each_bad_chain_has_its_sentence(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2 * ARRAY_LEN(row); i++) {
		bool packed = i % 2;
		unsigned int r = i / 2, n;
		struct ring_chain c;

		if (row[r].only == (packed ? SPLIT : PACKED))
			continue;
		start(packed);
		(packed ? offer_packed : offer)(row[r].desc, count(row[r].desc, SIZE), row[r].table,
						count(row[r].table, 4));
		n = ring_take(&ring, row[r].dir, &c, 1, pool, POOL);
		if (row[r].why ? !ring.broken || strcmp(ring.broken, row[r].why) || n
			       : ring.broken || n != 1)
			fail_msg("row %u %s: taken %u, %s instead of %s", r,
				 packed ? "packed" : "split", n, ring.broken ? ring.broken : "good",
				 row[r].why ? row[r].why : "good");
		if (ring.broken) { /* and it stays so, at no cost */
			assert_int_equal(ring_take(&ring, row[r].dir, &c, 1, pool, POOL), 0);
			assert_false(ring_arm(&ring, true));
		}
		stop();
	}
}

/* Regions so short that a frame may be longer than one. */
static void a_short_region_ends_where_it_ends(void **state)
{
	enum { SHORT = 64u << 10, HALF = SHORT / 2 };
	static const struct {
		uint64_t addr;
		uint32_t len;
		unsigned int pieces; /* 0: it leads out of the memory */
	} reach[] = {
		{ RING_RIG_GPA + HALF - 1, 1, 1 },
		{ RING_RIG_GPA + HALF - 1, 2, 2 },
		{ RING_RIG_GPA + HALF - 16, HALF, 2 },
		{ RING_RIG_GPA + HALF, HALF, 1 },
		{ RING_RIG_GPA + HALF, HALF + 1, 0 },
		{ RING_RIG_GPA + SHORT - 16, 16, 1 },
		{ RING_RIG_GPA + SHORT - 16, 17, 0 },
		{ RING_RIG_GPA + SHORT - 16, SHORT, 0 },
		{ RING_RIG_GPA, SHORT, 2 },
		{ RING_RIG_GPA, SHORT + 1, 0 },
		{ RING_RIG_GPA - 1, 2, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < 2 * ARRAY_LEN(reach); i++) {
		const struct desc d = { reach[i / 2].addr, reach[i / 2].len };
		struct ring_chain c;
		unsigned int n;

		start_with(SHORT, i % 2);
		(i % 2 ? offer_packed : offer)(&d, 1, NULL, 0);
		ring.hint = i / 2 % 2; /* the region that is tried first */
		n = ring_take(&ring, RING_READ, &c, 1, pool, POOL);
		if (reach[i / 2].pieces && (n != 1 || c.n_iov != reach[i / 2].pieces))
			fail_msg("row %u: taken %u, of %u pieces", i / 2, n, c.n_iov);
		if (!reach[i / 2].pieces && (n || !ring.broken))
			fail_msg("row %u: taken", i / 2);
		stop();
	}
}

static void an_index_that_ran_away_breaks_the_ring(void **state)
{
	static const uint16_t idx[] = { SIZE + 1, 0x8000, 0xffff };
	struct ring_chain c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(idx); i++) {
		start(false);
		((struct vring_avail *)ring_memory_at(m, pair.avail))->idx = idx[i];
		assert_int_equal(ring_take(&ring, RING_READ, &c, 1, pool, POOL), 0);
		assert_string_equal(ring.broken,
				    "more chains are available than the queue has descriptors");
		stop();
	}
}

static void a_head_that_is_not_in_the_queue_breaks_the_ring(void **state)
{
	enum { FAR = 64 * SIZE };
	static const struct desc good = { BUF, 1 };
	struct vring_avail *avail;
	struct ring_chain c[3];

	(void)state;
	start(false);
	avail = ring_memory_at(m, pair.avail);
	offer(&good, 1, NULL, 0);
	avail->ring[1] = FAR;
	put(pair.desc, FAR, &good); /* what is there would do */
	avail->ring[2] = 0;
	avail->idx = 3;
	/* What stands before it is still good. */
	assert_int_equal(ring_take(&ring, RING_READ, c, 3, pool, POOL), 1);
	assert_string_equal(ring.broken, "a chain's head is not in the queue");
	ring_use(&ring, c, 0);
	ring_return(&ring);
	assert_int_equal(((struct vring_used *)ring_memory_at(m, pair.used))->idx, 1);
	stop();
}

static void a_packed_ring_gives_no_more_than_its_slots(void **state)
{
	struct desc d[SIZE];
	struct ring_chain c[2 * SIZE];
	struct vring_packed_desc *slot;

	(void)state;
	for (unsigned int i = 0; i < SIZE; i++)
		d[i] = (struct desc){ BUF, 1 };
	start(true);
	offer_packed(d, SIZE, NULL, 0);
	assert_int_equal(ring_take(&ring, RING_READ, c, SIZE, pool, POOL), SIZE);
	slot = ring_memory_at(m, pair.desc);
	slot->flags = 1u << VRING_PACKED_DESC_F_USED; /* available again, before it was used */
	assert_int_equal(ring_take(&ring, RING_READ, c, SIZE, pool, POOL), 0);
	assert_string_equal(ring.broken,
			    "more chains are available than the queue has descriptors");
	stop();
}

static void a_pool_that_is_full_ends_a_take_and_breaks_nothing(void **state)
{
	struct ring_chain c[3];
	struct vring_piece piece[40];

	(void)state;
	for (unsigned int i = 0; i < ARRAY_LEN(piece); i++)
		piece[i] = (struct vring_piece){ BUF, 1, false };
	for (unsigned int packed = 0; packed < 2; packed++) {
		start(packed);
		for (unsigned int i = 0; i < 3; i++) {
			uint64_t gpa = TAB + i * 16 * 40;

			assert_true(vring_driver_add(&pair.driver, piece, i == 1 ? 1 : 40,
						     ring_memory_at(m, gpa), gpa, NULL) >= 0);
		}
		assert_int_equal(ring_take(&ring, RING_READ, c, 3, pool, POOL), 2);
		assert_int_equal(ring_take(&ring, RING_READ, c + 2, 1, pool, POOL), 1);
		assert_int_equal(c[2].n_iov, 40);
		assert_null(ring.broken);
		stop();
	}
}

static void setup_refuses_what_makes_no_sense(void **state)
{
	static const struct {
		const char *why;
		uint16_t size;
		bool packed;
		unsigned int desc, driver, device;
		uint16_t base, used_base;
	} bad[] = {
		{ "no size", 0 },
		{ "no power of two", 7 },
		{ "too large", 0x8001, true },
		{ "too large for any", 0xffff, true },
		{ "descriptors not aligned", 8, .desc = 8 },
		{ "avail ring not aligned", 8, .driver = 1 },
		{ "used ring not aligned", 8, .device = 2 },
		{ "event area not aligned", 8, true, .driver = 2 },
		{ "begins behind the ring", 8, true, .base = 8 },
		{ "begins behind the ring", 8, true, .used_base = 0x8008 },
	};

	(void)state;
	m = ring_memory_create(MEMORY);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct ring_config c;

		ring_pair_init(&pair, m, 8, bad[i].packed, false);
		c = pair.config;
		c.size = bad[i].size;
		c.desc = (uint8_t *)c.desc + bad[i].desc;
		c.driver = (uint8_t *)c.driver + bad[i].driver;
		c.device = (uint8_t *)c.device + bad[i].device;
		c.base = bad[i].base;
		c.used_base = bad[i].used_base;
		if (!ring_setup(&ring, &c))
			fail_msg("%s: was set up", bad[i].why);
	}
	ring_memory_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bad_chain_has_its_sentence),
		cmocka_unit_test(a_short_region_ends_where_it_ends),
		cmocka_unit_test(an_index_that_ran_away_breaks_the_ring),
		cmocka_unit_test(a_head_that_is_not_in_the_queue_breaks_the_ring),
		cmocka_unit_test(a_packed_ring_gives_no_more_than_its_slots),
		cmocka_unit_test(a_pool_that_is_full_ends_a_take_and_breaks_nothing),
		cmocka_unit_test(setup_refuses_what_makes_no_sense),
	};

	return cmocka_run_group_tests_name("ring_hostile", tests, NULL, NULL);
}
