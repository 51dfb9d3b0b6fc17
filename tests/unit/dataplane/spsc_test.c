/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "dataplane/spsc.h"

static void an_empty_ring_gives_nothing(void **state)
{
	struct spsc *r;
	unsigned int len;

	(void)state;
	assert_int_equal(spsc_create(1024, &r), 0);
	assert_null(spsc_peek(r, &len));
	spsc_destroy(r);
	spsc_destroy(NULL);
}

static void what_is_not_committed_is_not_there(void **state)
{
	struct spsc *r;
	unsigned int len;

	(void)state;
	assert_int_equal(spsc_create(1024, &r), 0);
	assert_non_null(spsc_reserve(r, 10));
	assert_null(spsc_peek(r, &len));
	memset(spsc_reserve(r, 20), 7, 20); /* instead of the first */
	spsc_commit(r);
	assert_non_null(spsc_peek(r, &len));
	assert_int_equal(len, 20);
	spsc_pop(r);
	assert_null(spsc_peek(r, &len));
	spsc_destroy(r);
}

static void a_peeked_record_stays_until_it_is_popped(void **state)
{
	struct spsc *r;
	unsigned int len;

	(void)state;
	assert_int_equal(spsc_create(1024, &r), 0);
	memcpy(spsc_reserve(r, 4), "abcd", 4);
	spsc_commit(r);
	assert_memory_equal(spsc_peek(r, &len), "abcd", 4);
	assert_memory_equal(spsc_peek(r, &len), "abcd", 4);
	spsc_destroy(r);
}

static void a_record_of_more_than_half_never_fits(void **state)
{
	struct spsc *r;

	(void)state;
	assert_int_equal(spsc_create(1024, &r), 0);
	assert_null(spsc_reserve(r, 512));
	assert_null(spsc_reserve(r, 505));
	assert_non_null(spsc_reserve(r, 504));
	assert_null(spsc_reserve(r, 0x7fffffff));
	assert_null(spsc_reserve(r, 0xffffffff));
	spsc_destroy(r);
}

/* Beside an array of records: same order, same octets, whatever the lengths. */
static void agrees_with_an_array(void **state)
{
	enum { STEPS = 300000, ROOM = 4096, OLDEST = 1024 };
	static struct {
		unsigned int len;
		uint8_t octet;
	} dull[OLDEST];
	unsigned int head = 0, tail = 0, refused = 0;
	struct spsc *r;

	(void)state;
	srandom(5);
	assert_int_equal(spsc_create(ROOM, &r), 0);
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int len = (unsigned int)random() % (random() % 8 ? 100 : 2000);
		const uint8_t *got;
		uint8_t *to;

		if (random() % 2 && head - tail < OLDEST) {
			to = spsc_reserve(r, len);
			refused += !to;
			if (!to && head == tail)
				fail_msg("an empty ring has no room for %u octets", len);
			if (!to)
				continue;
			dull[head % OLDEST].len = len;
			dull[head % OLDEST].octet = (uint8_t)random();
			memset(to, dull[head++ % OLDEST].octet, len);
			spsc_commit(r);
			continue;
		}
		got = spsc_peek(r, &len);
		assert_int_equal(!got, head == tail);
		if (!got)
			continue;
		assert_int_equal(len, dull[tail % OLDEST].len);
		for (unsigned int i = 0; i < len; i++)
			assert_int_equal(got[i], dull[tail % OLDEST].octet);
		tail++;
		spsc_pop(r);
	}
	assert_true(refused > 100);
	spsc_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_ring_gives_nothing),
		cmocka_unit_test(what_is_not_committed_is_not_there),
		cmocka_unit_test(a_peeked_record_stays_until_it_is_popped),
		cmocka_unit_test(a_record_of_more_than_half_never_fits),
		cmocka_unit_test(agrees_with_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
