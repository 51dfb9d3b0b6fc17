/* SPDX-License-Identifier: Apache-2.0 */
/* What stays of a ring's work: signals, dirty pages, and what a crash leaves to the next backend.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/rig/ring_rig.h"

#define MEMORY (4u << 20)
#define SIZE   16u
#define POOL   64u
#define BUF    (RING_RIG_GPA + 0x20000)

static struct ring_memory *m;
static struct ring_pair pair;
static struct ring ring;
static struct iovec pool[POOL];
static struct ring_chain chain[SIZE];
static int call_fd;

static void start(bool packed, bool event_idx)
{
	m = ring_memory_create(MEMORY);
	ring_pair_init(&pair, m, SIZE, packed, event_idx);
	call_fd = eventfd(0, EFD_NONBLOCK);
	pair.config.call_fd = call_fd;
	assert_int_equal(ring_setup(&ring, &pair.config), 0);
}

static void stop(void)
{
	ring_teardown(&ring);
	close(call_fd);
	ring_memory_destroy(m);
}

static void offer(unsigned int n, bool write)
{
	for (unsigned int i = 0; i < n; i++) {
		struct vring_piece p = { BUF + i * 4096, 1000, write };

		assert_true(vring_driver_add(&pair.driver, &p, 1, NULL, 0, NULL) >= 0);
	}
}

static unsigned int collect(void)
{
	unsigned int n = 0;
	uint32_t written;
	void *cookie;

	while (vring_driver_get(&pair.driver, &cookie, &written))
		n++;
	return n;
}

static unsigned int signals(void)
{
	uint64_t n = 0;

	return read(call_fd, &n, sizeof(n)) == sizeof(n) ? (unsigned int)n : 0;
}

/* N chains there and back. */
static void round_trip(unsigned int n)
{
	offer(n, false);
	assert_int_equal(ring_take(&ring, RING_READ, chain, n, pool, POOL), n);
	for (unsigned int i = 0; i < n; i++)
		ring_use(&ring, &chain[i], 0);
	ring_return(&ring);
}

/* ---- signals -------------------------------------------------------------------------------- */

static void the_driver_is_signalled_when_it_asked_for_it(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		start(i & 1, i & 2);
		vring_driver_listen(&pair.driver, true);
		round_trip(3);
		assert_int_equal(signals(), 1); /* one a burst */
		collect();
		for (unsigned int n = 0; n < 5 * SIZE; n++) { /* around the ring, too */
			vring_driver_listen(&pair.driver, n % 3 == 0);
			round_trip(1 + n % 2);
			assert_int_equal(signals(), n % 3 == 0);
			collect();
		}
		ring_return(&ring); /* nothing was used */
		assert_int_equal(signals(), 0);
		stop();
	}
}

static void the_driver_is_signalled_after_as_many_as_it_asked_for(void **state)
{
	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		start(packed, true);
		vring_driver_listen(&pair.driver, true);
		round_trip(1);
		signals();
		collect();
		for (unsigned int n = 1; n < SIZE; n++) {
			vring_driver_listen_after(&pair.driver, n);
			for (unsigned int i = 1; i < n; i++) {
				round_trip(1);
				assert_int_equal(signals(), 0);
			}
			round_trip(1);
			assert_int_equal(signals(), 1);
			assert_int_equal(collect(), n);
		}
		stop();
	}
}

static void the_driver_kicks_only_when_armed(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		start(i & 1, i & 2);
		for (unsigned int n = 0; n < 5 * SIZE; n++) {
			assert_false(ring_arm(&ring, true));
			offer(1, false);
			assert_true(vring_driver_kick(&pair.driver));
			assert_true(ring_arm(&ring, true)); /* looked again: it must not sleep */
			ring_arm(&ring, false);
			assert_int_equal(ring_take(&ring, RING_READ, chain, 1, pool, POOL), 1);
			ring_use(&ring, chain, 0);
			ring_return(&ring);
			collect();
			vring_driver_kick(&pair.driver);
			round_trip(2);
			assert_false(vring_driver_kick(&pair.driver));
			collect();
		}
		stop();
	}
}

static void a_call_descriptor_that_is_full_does_not_stop_us(void **state)
{
	uint64_t most = UINT64_MAX - 1;

	(void)state;
	start(false, false);
	assert_int_equal(write(call_fd, &most, sizeof(most)), sizeof(most));
	round_trip(1);
	assert_int_equal(collect(), 1);
	stop();
}

static void a_take_ends_with_its_budget(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct vring_piece p[2] = { { BUF, 400, false }, { BUF, 600, false } };
		unsigned int pieces = 1 + i / 2;

		p[2 - pieces].len = pieces == 1 ? 1000 : 400;
		start(i % 2, false);
		ring.cfg.budget = 2500; /* of chains of 1,000 */
		for (unsigned int n = 0; n < 8; n++)
			vring_driver_add(&pair.driver, p + 2 - pieces, pieces, NULL, 0, NULL);
		assert_int_equal(ring_take(&ring, RING_READ, chain, 8, pool, POOL), 3);
		assert_int_equal(ring_take(&ring, RING_READ, chain, 8, pool, POOL), 3);
		assert_int_equal(ring_take(&ring, RING_READ, chain, 8, pool, POOL), 2);
		stop();
	}
}

/* ---- where it goes on ----------------------------------------------------------------------- */

static void another_ring_goes_on_where_this_one_stopped(void **state)
{
	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		start(packed, true);
		for (unsigned int n = 0; n < 6 * SIZE; n++) {
			uint32_t base = ring_base(&ring);

			pair.config.base = (uint16_t)base;
			pair.config.used_base = (uint16_t)(base >> 16);
			ring_teardown(&ring);
			assert_int_equal(ring_setup(&ring, &pair.config), 0);
			round_trip(1 + n % 5);
			assert_int_equal(collect(), 1 + n % 5);
		}
		stop();
	}
}

/* ---- dirty pages ---------------------------------------------------------------------------- */

static bool is_dirty(const uint8_t *map, uint64_t gpa)
{
	return map[gpa >> 12 >> 3] >> (gpa >> 12 & 7) & 1;
}

static void each_page_that_was_written_is_logged(void **state)
{
	static uint8_t map[(RING_RIG_GPA + MEMORY) >> 15];

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		struct dirty_log log = { map, sizeof(map) };

		start(packed, true);
		memset(map, 0, sizeof(map));
		ring.cfg.log = &log;
		offer(3, true);
		assert_int_equal(ring_take(&ring, RING_WRITE, chain, 3, pool, POOL), 3);
		ring_use(&ring, &chain[0], 1000);
		ring_use(&ring, &chain[1], 0); /* nothing in it */
		ring_use(&ring, &chain[2], 1);
		ring_return(&ring);
		assert_true(is_dirty(map, BUF));
		assert_false(is_dirty(map, BUF + 4096));
		assert_true(is_dirty(map, BUF + 2 * 4096));
		assert_true(is_dirty(map, packed ? pair.desc : pair.used));
		stop();
	}
}

static void a_log_that_is_too_short_or_lies_is_not_left(void **state)
{
	uint8_t map[4] = { 0 };
	struct dirty_log log = { map, 2 };

	(void)state;
	dirty_log_mark(&log, 0, 0);
	assert_int_equal(map[0], 0);
	dirty_log_mark(&log, 4095, 2);
	assert_int_equal(map[0], 3);
	dirty_log_mark(&log, 15 * 4096, UINT32_MAX);
	assert_int_equal(map[1], 0x80);
	dirty_log_mark(&log, UINT64_MAX - 1, 100);
	dirty_log_mark(&log, UINT64_MAX, 1);
	assert_int_equal(map[2] | map[3], 0);
}

/* ---- inflight ------------------------------------------------------------------------------- */

struct crash {
	uint8_t *region;
	uint64_t len;
};

static void start_inflight(struct crash *c, bool packed)
{
	start(packed, false);
	ring_teardown(&ring);
	c->len = ring_inflight_len(&pair.config);
	c->region = aligned_alloc(64, (c->len + 63) & ~63ull);
	memset(c->region, 0, c->len);
	pair.config.inflight = c->region;
	assert_int_equal(ring_setup(&ring, &pair.config), 0);
}

/* The backend is gone without a word; its memory is what it is. */
static void crash(uint16_t base)
{
	ring_teardown(&ring);
	pair.config.base = base; /* which does not count */
	pair.config.used_base = base;
	assert_int_equal(ring_setup(&ring, &pair.config), 0);
}

static void what_was_taken_is_taken_again_first_and_in_order(void **state)
{
	struct crash c;

	(void)state;
	srandom(0xc7a54);
	for (unsigned int packed = 0; packed < 2; packed++) {
		unsigned int added = 0, back = 0;

		start_inflight(&c, packed);
		for (unsigned int step = 0; step < 20000; step++) {
			unsigned int n = (unsigned int)random() % 5, used;

			for (; n; n--) {
				struct vring_piece p[2] = { { BUF + added % 64, 1 + added % 64 },
							    { BUF, 7 } };

				if (vring_driver_add(&pair.driver, p, 1 + added % 2, NULL, 0,
						     (void *)(uintptr_t)added) < 0)
					break;
				added++;
			}
			n = ring_take(&ring, RING_READ, chain, (unsigned int)random() % 9, pool,
				      POOL);
			assert_null(ring.broken);
			for (unsigned int i = 0; i < n; i++) {
				uint64_t gpa;

				assert_true(gmem_gpa(m->mem, ring_chain_iov(&chain[i])->iov_base,
						     &gpa));
				assert_int_equal(gpa, BUF + (back + i) % 64);
				assert_int_equal(ring_chain_iov(&chain[i])->iov_len,
						 1 + (back + i) % 64);
				assert_int_equal(chain[i].n_iov, 1 + (back + i) % 2);
			}
			used = n ? (unsigned int)random() % (n + 1) : 0;
			for (unsigned int i = 0; i < used; i++)
				ring_use(&ring, &chain[i], 0);
			ring_return(&ring);
			for (unsigned int i = 0; i < used; i++, back++) {
				uint32_t written;
				void *cookie;

				assert_true(vring_driver_get(&pair.driver, &cookie, &written));
				assert_int_equal((uintptr_t)cookie, back);
			}
			if (used < n || random() % 4 == 0)
				crash((uint16_t)random() % SIZE);
		}
		assert_true(back > 10000);
		stop();
		free(c.region);
	}
}

/* Shown to the driver, and then we died: the marks are as before, but for the index. */
static void forget_that_it_was_shown(struct crash *c, const uint8_t *before, bool packed)
{
	uint8_t used_wrap = c->region[20];
	uint16_t used_idx;

	memcpy(&used_idx, c->region + 16, 2);
	memcpy(c->region, before, c->len);
	if (!packed)
		return;
	memcpy(c->region + 16, &used_idx, 2); /* written before a batch is shown */
	c->region[20] = used_wrap;
}

/* AGAIN: before anybody looks, the driver has taken it and put other buffers into those slots. */
static void die_after_it_was_shown(bool packed, unsigned int taken, unsigned int used, bool again)
{
	uint8_t before[1024];
	struct crash c;

	start_inflight(&c, packed);
	offer(SIZE, false);
	assert_int_equal(ring_take(&ring, RING_READ, chain, taken, pool, POOL), taken);
	for (unsigned int i = 0; i < used; i++)
		ring_use(&ring, &chain[i], 0);
	memcpy(before, c.region, c.len);
	ring_return(&ring);
	forget_that_it_was_shown(&c, before, packed);
	if (again) {
		assert_int_equal(collect(), used);
		offer(used, false);
	}
	crash(0);
	for (unsigned int left = again ? SIZE : SIZE - used; left; left--) {
		assert_int_equal(ring_take(&ring, RING_READ, chain, 1, pool, POOL), 1);
		ring_use(&ring, &chain[0], 0);
	}
	assert_int_equal(ring_take(&ring, RING_READ, chain, 1, pool, POOL), 0);
	ring_return(&ring);
	assert_int_equal(collect(), SIZE);
	stop();
	free(c.region);
}

static void a_batch_that_was_shown_is_not_done_twice(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		die_after_it_was_shown(i & 1, 5, 3, i & 2);
		die_after_it_was_shown(i & 1, SIZE, SIZE, i & 2); /* the index is as before */
	}
}

static void a_receive_queue_needs_no_marks(void **state)
{
	struct crash c;

	(void)state;
	for (unsigned int packed = 0; packed < 2; packed++) {
		start_inflight(&c, packed);
		for (unsigned int n = 0; n < 3 * SIZE; n++) {
			offer(4, true);
			assert_int_equal(ring_take(&ring, RING_WRITE, chain, 4, pool, POOL), 4);
			ring_untake(&ring, chain + 2, 2);
			ring_use(&ring, &chain[0], 1);
			ring_use(&ring, &chain[1], 1);
			ring_return(&ring);
			crash(0);
			assert_int_equal(ring_take(&ring, RING_WRITE, chain, 9, pool, POOL), 2);
			crash(3);
			assert_int_equal(ring_take(&ring, RING_WRITE, chain, 9, pool, POOL), 2);
			ring_use(&ring, &chain[0], 1);
			ring_use(&ring, &chain[1], 1);
			ring_return(&ring);
			assert_int_equal(collect(), 4);
		}
		stop();
		free(c.region);
	}
}

/* The frontend maps it, too. */
static void a_region_of_rubbish_harms_nobody(void **state)
{
	struct crash c;

	(void)state;
	srandom(0x5bad);
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int n;

		start_inflight(&c, step % 2);
		offer(4, false);
		n = ring_take(&ring, RING_READ, chain, 3, pool, POOL);
		for (unsigned int i = 0; i < n / 2; i++)
			ring_use(&ring, &chain[i], 0);
		ring_return(&ring);
		ring_teardown(&ring);
		for (unsigned int i = 12 + (unsigned int)random() % 8; i < c.len; i++) {
			if (random() % 4 == 0)
				c.region[i] = (uint8_t)(random() % 3 ? random() % 20 : random());
		}
		if (!ring_setup(&ring, &pair.config)) {
			for (unsigned int i = 0; i < 3; i++) {
				n = ring_take(&ring, RING_READ, chain, SIZE, pool, POOL);
				for (unsigned int k = 0; k < n; k++)
					ring_use(&ring, &chain[k], 0);
				ring_return(&ring);
			}
		}
		stop();
		free(c.region);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_driver_is_signalled_when_it_asked_for_it),
		cmocka_unit_test(the_driver_is_signalled_after_as_many_as_it_asked_for),
		cmocka_unit_test(the_driver_kicks_only_when_armed),
		cmocka_unit_test(a_call_descriptor_that_is_full_does_not_stop_us),
		cmocka_unit_test(a_take_ends_with_its_budget),
		cmocka_unit_test(another_ring_goes_on_where_this_one_stopped),
		cmocka_unit_test(each_page_that_was_written_is_logged),
		cmocka_unit_test(a_log_that_is_too_short_or_lies_is_not_left),
		cmocka_unit_test(what_was_taken_is_taken_again_first_and_in_order),
		cmocka_unit_test(a_batch_that_was_shown_is_not_done_twice),
		cmocka_unit_test(a_receive_queue_needs_no_marks),
		cmocka_unit_test(a_region_of_rubbish_harms_nobody),
	};

	return cmocka_run_group_tests_name("ring_state", tests, NULL, NULL);
}
