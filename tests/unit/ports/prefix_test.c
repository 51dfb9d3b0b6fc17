/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>

#include "ports/prefix.h"

static void what_is_parsed_is_printed_alike(void **state)
{
	static const struct {
		const char *why, *in, *out;
	} row[] = {
		{ "a network", "10.0.10.0/24", "10.0.10.0/24" },
		{ "an address in it stays one", "10.0.10.1/24", "10.0.10.1/24" },
		{ "no length is a whole address", "10.0.10.1", "10.0.10.1" },
		{ "the whole length needs no saying", "10.0.10.1/32", "10.0.10.1" },
		{ "everything", "0.0.0.0/0", "0.0.0.0/0" },
		{ "IPv6 is shortened", "fd00:0:0:0::1/64", "fd00::1/64" },
		{ "IPv6 whole", "fd00::1", "fd00::1" },
		{ "too long", "10.0.0.1/33", NULL },
		{ "too long for IPv6", "fd00::1/129", NULL },
		{ "a length that would wrap", "10.0.0.1/4294967320", NULL },
		{ "no length behind the slash", "10.0.0.1/", NULL },
		{ "a sign", "10.0.0.1/-1", NULL },
		{ "three octets", "10.0.0/8", NULL },
		{ "five octets", "10.0.0.0.0/8", NULL },
		{ "a name", "gateway", NULL },
		{ "nothing", "", NULL },
		{ "longer than any address",
		  "00000000000000000000000000000000000000000000000000000001", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct prefix p;
		char text[PREFIX_TEXT];
		int err = prefix_parse(row[i].in, &p);

		if (!row[i].out && err != -EINVAL)
			fail_msg("%s: taken", row[i].why);
		if (row[i].out &&
		    (err || strcmp(prefix_print(&p, text, sizeof(text)), row[i].out) != 0))
			fail_msg("%s: %d, %s", row[i].why, err, err ? "" : text);
	}
}

/* The dullest way to compare: bit by bit. */
static bool bit(const uint8_t *a, unsigned int i)
{
	return a[i / 8] >> (7 - i % 8) & 1;
}

static void a_network_has_what_agrees_in_each_bit(void **state)
{
	(void)state;
	srandom(0x57);
	for (unsigned int step = 0; step < 200000; step++) {
		struct prefix net = { .family = random() % 2 ? AF_INET : AF_INET6 }, a = net;
		bool has = true;

		net.len = (unsigned int)random() % (prefix_octets(&net) * 8 + 1);
		for (unsigned int i = 0; i < prefix_octets(&net); i++)
			net.addr[i] = (uint8_t)random();
		memcpy(a.addr, net.addr, sizeof(a.addr));
		if (random() % 8)
			a.addr[(unsigned int)random() % prefix_octets(&a)] ^=
				(uint8_t)(1u << random() % 8);
		for (unsigned int i = 0; i < net.len; i++)
			has = has && bit(net.addr, i) == bit(a.addr, i);
		assert_int_equal(prefix_has(&net, &a), has);
	}
}

static void families_do_not_meet(void **state)
{
	struct prefix all4, one6;

	(void)state;
	assert_int_equal(prefix_parse("0.0.0.0/0", &all4), 0);
	assert_int_equal(prefix_parse("::1", &one6), 0);
	assert_false(prefix_has(&all4, &one6));
	assert_false(prefix_equal(&all4, &one6));
}

static void routes_read_as_they_are_written(void **state)
{
	static const struct {
		const char *in, *to, *via;
	} row[] = {
		{ "default via 10.0.10.254", "0.0.0.0/0", "10.0.10.254" },
		{ "10.0.20.0/24 via 10.0.10.254", "10.0.20.0/24", "10.0.10.254" },
		{ "default via fd00::1", "::/0", "fd00::1" },
		{ "fd01::/64 via fd00::1", "fd01::/64", "fd00::1" },
		{ "fd01::/64 via 10.0.0.1", NULL, NULL },
		{ "10.0.20.0/24 via 10.0.10.0/24", NULL, NULL },
		{ "10.0.20.0/24 via 10.0.10.254 dev eth0", NULL, NULL },
		{ "10.0.20.0/24", NULL, NULL },
		{ "via 10.0.10.254", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct ip_route r;
		char to[PREFIX_TEXT], via[PREFIX_TEXT];

		assert_int_equal(route_parse(row[i].in, &r), row[i].to ? 0 : -EINVAL);
		if (!row[i].to)
			continue;
		assert_string_equal(prefix_print(&r.to, to, sizeof(to)), row[i].to);
		assert_string_equal(prefix_print(&r.via, via, sizeof(via)), row[i].via);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_is_printed_alike),
		cmocka_unit_test(a_network_has_what_agrees_in_each_bit),
		cmocka_unit_test(families_do_not_meet),
		cmocka_unit_test(routes_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
