/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>

#include "ctl/sse.h"

static const char stream[] = ": hello\n\n"
			     "id: 7\nevent: port.carrier\ndata: {\"id\": 7}\n\n"
			     "data: two\r\ndata:lines\r\n\r\n"
			     "event: nothing\n\n"
			     "data: {\"id\": 8}\n\n"
			     "data: cut sho";

static void gather(void *arg, const char *data)
{
	strcat(arg, data);
	strcat(arg, "|");
}

static void events_come_out_whole_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t step = 1; step <= sizeof(stream); step++) {
		struct sse s = { 0 };
		char out[256] = "";

		for (size_t at = 0; at < sizeof(stream) - 1; at += step)
			assert_int_equal(sse_feed(&s, stream + at,
						  MIN(step, sizeof(stream) - 1 - at), gather, out),
					 0);
		assert_string_equal(out, "{\"id\": 7}|two\nlines|{\"id\": 8}|");
		sse_free(&s);
	}
}

static void a_line_without_end_is_refused(void **state)
{
	struct sse s = { 0 };
	char block[4096], out[16] = "";
	int err = 0;

	(void)state;
	memset(block, 'x', sizeof(block));
	for (unsigned int i = 0; i <= SSE_MAX / sizeof(block) && !err; i++)
		err = sse_feed(&s, block, sizeof(block), gather, out);
	assert_int_equal(err, -E2BIG);
	sse_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_whole_however_they_are_cut),
		cmocka_unit_test(a_line_without_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
