/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include "base/siphash.h"

/* The paper's own example, and the first of its authors' vectors: key 00 01 .. 0f, data 00 01 .. */
static void agrees_with_its_authors(void **state)
{
	static const struct siphash_key key = { { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u } };
	static const struct {
		size_t len;
		uint64_t hash;
	} row[] = {
		{ 0, 0x726fdb47dd0e0e31u },  { 1, 0x74f839c593dc67fdu },
		{ 7, 0xab0200f58b01d137u },  { 8, 0x93f5f5799a932462u },
		{ 9, 0x9e0082df0ba9e4b0u },  { 15, 0xa129ca6149be45e5u },
		{ 63, 0x958a324ceb064572u },
	};
	uint8_t data[64];

	(void)state;
	for (unsigned int i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (siphash(&key, data, row[i].len) != row[i].hash)
			fail_msg("%zu octets: %016lx", row[i].len, siphash(&key, data, row[i].len));
	}
}

static void another_key_says_something_else(void **state)
{
	struct siphash_key a, b;

	(void)state;
	siphash_key_random(&a);
	siphash_key_random(&b);
	assert_int_not_equal(siphash(&a, "x", 1), siphash(&b, "x", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_its_authors),
		cmocka_unit_test(another_key_says_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
