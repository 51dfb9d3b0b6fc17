/* SPDX-License-Identifier: Apache-2.0 */
/* One thread writes, one reads: every record once, whole, in order. */
#include "tests/test.h"

#include <pthread.h>
#include <sched.h>

#include "dataplane/spsc.h"

enum { RECORDS = 300000, ROOM = 4096 };

static unsigned int len_of(uint64_t i)
{
	uint64_t x = i * 0x9e3779b97f4a7c15ull;

	return 8 + (x >> 40) % (i % 16 ? 64 : 1500);
}

static void *write_all(void *arg)
{
	for (uint64_t i = 0; i < RECORDS; i++) {
		unsigned int len = len_of(i);
		uint8_t *to;

		while (!(to = spsc_reserve(arg, len)))
			sched_yield();
		memset(to, (int)(i & 0xff), len);
		memcpy(to, &i, sizeof(i));
		spsc_commit(arg);
	}
	return NULL;
}

static void each_record_arrives_once_whole_and_in_order(void **state)
{
	pthread_t writer;
	struct spsc *r;

	(void)state;
	assert_int_equal(spsc_create(ROOM, &r), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_all, r), 0);
	for (uint64_t i = 0, got; i < RECORDS; i++) {
		const uint8_t *p;
		unsigned int len;

		while (!(p = spsc_peek(r, &len)))
			sched_yield();
		memcpy(&got, p, sizeof(got));
		assert_int_equal(got, i);
		assert_int_equal(len, len_of(i));
		for (unsigned int k = sizeof(got); k < len; k++) {
			if (p[k] != (uint8_t)i)
				fail_msg("record %lu is torn at octet %u", i, k);
		}
		spsc_pop(r);
	}
	pthread_join(writer, NULL);
	spsc_destroy(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_arrives_once_whole_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
