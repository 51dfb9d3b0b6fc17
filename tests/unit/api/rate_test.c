/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rate.h"

#include "tests/test.h"

#include <stdlib.h>

static void a_rate_has_one_canonical_form(void **state)
{
	static const struct {
		const char *why, *text, *canonical;
		uint64_t per_s;
		bool frames;
	} row[] = {
		{ "as it is printed", "10Mbit", "10Mbit", 10000000, false },
		{ "a fraction", "1.5Gbit", "1.5Gbit", 1500000000, false },
		{ "a fraction that needs none", "1.500Gbit", "1.5Gbit", 1500000000, false },
		{ "a larger unit says it as well", "1000kbit", "1Mbit", 1000000, false },
		{ "a smaller unit says it shorter", "0.064Mbit", "64kbit", 64000, false },
		{ "to the bit", "1234567bit", "1234.567kbit", 1234567, false },
		{ "to the bit, however large", "1000000001bit", "1000000.001kbit", 1000000001,
		  false },
		{ "two decimals", "1.25Mbit", "1.25Mbit", 1250000, false },
		{ "a decimal behind zeros", "1.005Mbit", "1.005Mbit", 1005000, false },
		{ "small letters", "10mbit", "10Mbit", 10000000, false },
		{ "loud", "10MBIT", "10Mbit", 10000000, false },
		{ "with a blank", "10 Mbit", "10Mbit", 10000000, false },
		{ "a second, said", "10Mbit/s", "10Mbit", 10000000, false },
		{ "as others write it", "10Mbps", "10Mbit", 10000000, false },
		{ "frames", "1000fps", "1000fps", 1000, true },
		{ "thousands of frames", "1.5kfps", "1500fps", 1500, true },
		{ "packets are frames", "20kpps", "20000fps", 20000, true },
		{ "the least", "1kbit", "1kbit", 1000, false },
		{ "the most", "1000Gbit", "1000Gbit", 1000000000000, false },
		{ "one frame", "1fps", "1fps", 1, true },
		{ "the most frames", "1000Mfps", "1000000000fps", 1000000000, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char out[RATE_TEXT] = "", again[RATE_TEXT] = "";
		struct rate r = { 0 };

		if (rate_canonical(row[i].text, out, "f", &faults) ||
		    strcmp(out, row[i].canonical) != 0)
			fail_msg("%s: '%s', not '%s'", row[i].why, out, row[i].canonical);
		if (!rate_parse(out, &r) || r.per_s != row[i].per_s || r.frames != row[i].frames)
			fail_msg("%s: %llu", row[i].why, (unsigned long long)r.per_s);
		if (rate_canonical(out, again, "f", &faults) || strcmp(out, again) != 0)
			fail_msg("%s: '%s' becomes '%s'", row[i].why, out, again);
		faults_free(&faults);
	}
}

static void what_is_no_rate_says_what_would_be_one(void **state)
{
	static const struct {
		const char *why, *text, *message, *hint;
	} row[] = {
		{ "nothing", "", "'' is not a rate",
		  "write one such as 10Mbit, 64kbit or 1000fps" },
		{ "no number", "fast", "'fast' is not a rate", NULL },
		{ "negative", "-1Mbit", "'-1Mbit' is not a rate", NULL },
		{ "too many digits", "1000000000000000Mbit", "'1000000000000000Mbit' is not a rate",
		  NULL },
		{ "a point and no decimals", "1.Mbit", "'1.Mbit' is not a rate", NULL },
		{ "too many decimals", "1.0000000001Gbit", "'1.0000000001Gbit' is not a rate",
		  NULL },
		{ "of what?", "10M", "'10M' does not say of what: bits or frames a second", NULL },
		{ "a bare number", "10", "'10' does not say of what: bits or frames a second",
		  NULL },
		{ "octets", "10MB/s", "'10MB/s' is not in bits",
		  "write eight times as many bits: 80Mbit" },
		{ "octets, shorter", "10kBps", "'10kBps' is not in bits", NULL },
		{ "half a bit", "0.0005kbit",
		  "'0.0005kbit' is not a whole number of bits or frames", NULL },
		{ "nothing passes", "0fps", "a rate of 0 lets nothing through",
		  "leave it out for no limit, or set the port's up to false" },
		{ "too slow", "999bit", "999bit is less than can be kept",
		  "use 1kbit to 1000Gbit" },
		{ "too fast", "1000.001Gbit", "1000.001Gbit is more than any port can do",
		  "use at most 1000Gbit or 1000000000fps" },
		{ "much too fast", "999999999999Gbit",
		  "999999999999Gbit is more than any port can do", NULL },
		{ "too many frames", "1001Mfps", "1001Mfps is more than any port can do", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		char out[RATE_TEXT] = "";
		struct rate r;

		if (rate_parse(row[i].text, &r) || !rate_canonical(row[i].text, out, "f", &faults))
			fail_msg("%s: taken", row[i].why);
		if (strcmp(faults.v[0].message, row[i].message) != 0)
			fail_msg("%s: %s", row[i].why, faults.v[0].message);
		if (row[i].hint && strcmp(faults.v[0].hint, row[i].hint) != 0)
			fail_msg("%s: %s", row[i].why, faults.v[0].hint);
		faults_free(&faults);
	}
}

/* Whatever is printed is read as what it was. */
static void text_and_number_agree(void **state)
{
	(void)state;
	srandom(3);
	for (unsigned int i = 0; i < 100000; i++) {
		struct rate r = { .frames = random() % 2 }, back = { 0 };
		uint64_t most = r.frames ? RATE_FPS_MAX : RATE_BITS_MAX;
		char text[RATE_TEXT];

		r.per_s = (uint64_t)random() << 20 ^ (uint64_t)random();
		r.per_s = (r.frames ? 1 : RATE_BITS_MIN) + (r.per_s >> random() % 50) % (most / 2);
		for (unsigned int zeros = random() % 10; zeros && r.per_s < most / 10; zeros--)
			r.per_s *= 10;
		rate_print(&r, text);
		if (!rate_parse(text, &back) || back.per_s != r.per_s || back.frames != r.frames)
			fail_msg("%llu: %s", (unsigned long long)r.per_s, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_has_one_canonical_form),
		cmocka_unit_test(what_is_no_rate_says_what_would_be_one),
		cmocka_unit_test(text_and_number_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
