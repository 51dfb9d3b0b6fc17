/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "packet/filter.h"

static struct filter *filter_of(const char *expression)
{
	struct filter *f = NULL;
	char why[FILTER_WHY] = "";

	if (filter_create(expression, &f, why))
		fail_msg("%s: %s", expression, why);
	return f;
}

/* ---- what people ask ------------------------------------------------------------------------ */

#define MACS     2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa
#define IPV4(p)  0x08, 0, 0x45, 0, 0, 84, 0, 0, 0, 0, 64, p, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2
#define TAG(vid) 0x81, 0, 0, vid

static void an_expression_sees_the_frame_as_it_is_on_the_wire(void **state)
{
	static const uint8_t ping[] = { MACS, IPV4(1), 8, 0 };
	static const uint8_t tagged_ping[] = { MACS, TAG(10), IPV4(1), 8, 0 };
	static const uint8_t web[] = { MACS, IPV4(6), 0x12, 0x34, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t arp[60] = { MACS, 0x08, 0x06, 0, 1 };
	static const struct {
		const char *expression;
		bool ping, tagged_ping, web, arp;
	} row[] = {
		{ "icmp", true, false, false, false },
		{ "vlan 10 and icmp", false, true, false, false },
		{ "vlan 11", false, false, false, false },
		{ "vlan", false, true, false, false },
		{ "not vlan", true, false, true, true },
		{ "tcp port 80", false, false, true, false },
		{ "tcp port 81", false, false, false, false },
		{ "arp", false, false, false, true },
		{ "host 10.0.0.2", true, false, true, false },
		{ "ether src 02:00:00:00:00:0a", true, true, true, true },
		{ "greater 50", false, false, false, true },
		{ "", true, true, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct filter *f = filter_of(row[i].expression);

#define IS(frame) filter_matches(f, frame, sizeof(frame), sizeof(frame))
		if (IS(ping) != row[i].ping || IS(tagged_ping) != row[i].tagged_ping ||
		    IS(web) != row[i].web || IS(arp) != row[i].arp)
			fail_msg("'%s': %d %d %d %d", row[i].expression, IS(ping), IS(tagged_ping),
				 IS(web), IS(arp));
#undef IS
		filter_destroy(f);
	}
}

static void a_bad_expression_is_refused_with_the_sentence_of_libpcap(void **state)
{
	char why[FILTER_WHY] = "", *longer = malloc(FILTER_TEXT_MAX + 2);
	struct filter *f = NULL;

	(void)state;
	assert_int_equal(filter_create("icmp and and", &f, why), -EINVAL);
	assert_non_null(strstr(why, "syntax error"));
	assert_int_equal(filter_create("host nobody.invalid.", &f, why), -EINVAL);
	assert_true(*why);
	memset(longer, ' ', FILTER_TEXT_MAX + 1);
	longer[FILTER_TEXT_MAX + 1] = '\0';
	assert_int_equal(filter_create(longer, &f, why), -EINVAL);
	assert_string_equal(why, "it is longer than 1000 characters");
	assert_null(f);
	free(longer);
}

/* ---- against libpcap ------------------------------------------------------------------------ */

static const char *const asked[] = {
	"icmp",
	"udp",
	"vlan 10 and icmp",
	"vlan and vlan 20 and tcp port 80",
	"tcp port 80 or udp port 53",
	"host 10.0.0.2 and not arp",
	"net 10.0.0.0/24 and tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
	"ip6 and icmp6",
	"ip6 host fe80::1 or ip6 protochain 17",
	"greater 100",
	"less 64 and ip",
	"len > 70 and ether[20] = 3",
	"ether multicast",
	"ether broadcast or ether proto 0x88cc",
	"ip[8] < 5 or ip[9] * 2 + 1 > 12",
	"tcp[((tcp[12] & 0xf0) >> 2)] = 0x16",
	"ether[100:4] = 0",
	"ether[127] = 0",
	"ether[126:4] = 0",
	"ether[124:4] = 0",
	"ether[124:4] & 0x01000000 != 0",
	"ether[3] & 0x0f = 2",
	"ether[2:4] & 0xff0000ff = 0x02000006 or ether[6:2] & 0x300 != 0",
	"ether[2000] = 0",
	"portrange 80-1000",
	"ip[2:2] - ip[0] / 3 % 7 > 60",
	"ip[2:2] / (ip[1] & 1) >= 0",
	"ip[8] > 6 or ip[9] >= 17",
	"-ip[1] < 5 and (ip[1] ^ ip[2]) | ip[3] << ip[4] >> 2 != 0",
	"pppoes and ip",
	"mpls 3",
	"",
};

static unsigned int any(unsigned int n)
{
	return (unsigned int)random() % n;
}

static uint8_t octet(void)
{
	static const uint8_t usual[] = { 0, 1, 6, 10, 17, 53, 58, 80, 0x45, 0x60, 2, 4, 3, 0xff };

	return any(3) ? usual[any(ARRAY_LEN(usual))] : (uint8_t)random();
}

/* Something like IP, mostly, behind tags, perhaps; the like of the last one, mostly. */
static void any_frame(struct pkt *p)
{
	static const uint16_t types[] = { 0x0800, 0x0800, 0x0800, 0x86dd, 0x0806,
					  0x88cc, 0x8864, 0x8847, 0x1234 };
	uint32_t at = 12;

	for (uint32_t i = 0; i < PKT_HEAD; i++) {
		if (!any(4))
			p->data[i] = octet();
	}
	p->data[0] = any(2) ? 2 : 0xff;
	for (unsigned int tags = any(4) ? 0 : any(3); tags; tags--, at += 4) {
		p->data[at] = 0x81;
		p->data[at + 1] = p->data[at + 2] = 0;
		p->data[at + 3] = any(2) ? 10 : 20;
	}
	p->data[at] = (uint8_t)(types[any(9)] >> 8);
	p->data[at + 1] = (uint8_t)types[any(9)];
	p->data[at + 2] = any(8) ? 0x45 : octet();
	p->data[at + 8] = p->data[at + 9] = any(4) ? 0 : octet();
	p->len = any(8) ? PKT_HEAD + any(100) : any(PKT_HEAD + 1);
	p->head_len = (uint16_t)MIN(p->len, PKT_HEAD);
}

/* One octet is another, or the end is missing. */
static void next_frame(struct pkt *p, const struct pkt *last)
{
	memcpy(p->data, last->data, PKT_HEAD);
	p->len = last->len;
	if (any(2))
		p->data[any(60)] = octet();
	else
		p->len = any(p->len + 1);
	p->head_len = (uint16_t)MIN(p->len, PKT_HEAD);
}

static void agrees_with_libpcap(void **state)
{
	enum { FRAMES = 4000 };
	struct pkt *pkt = aligned_alloc(CACHE_LINE, 32 * sizeof(*pkt)), *p[32];
	unsigned int hits = 0, remembered = 0;

	(void)state;
	srandom(0xf17);
	for (unsigned int i = 0; i < 32; i++) {
		p[i] = &pkt[i];
		memset(p[i], 0, sizeof(*p[i]));
		pkt_reset(p[i]);
	}
	for (size_t e = 0; e < ARRAY_LEN(asked); e++) {
		struct filter *f = filter_of(asked[e]);
		pcap_t *nobody = pcap_open_dead(DLT_EN10MB, (int)PKT_LEN_MAX);
		struct filter_memo memo = { 0 };
		struct bpf_program program;

		assert_int_equal(pcap_compile(nobody, &program, asked[e], 1, PCAP_NETMASK_UNKNOWN),
				 0);
		for (unsigned int step = 0; step < FRAMES; step += 32) {
			unsigned int n = 1 + any(32), from = any(n);
			uint32_t says;

			for (unsigned int i = 0; i < n; i++) {
				if (i <= from)
					any_frame(p[i]);
				else
					next_frame(p[i], p[i - 1]);
			}
			says = filter_burst(f, &memo, p, n);
			remembered += memo.need > 0;
			for (unsigned int i = 0; i < n; i++) {
				bool want = bpf_filter(program.bf_insns, p[i]->data, p[i]->len,
						       p[i]->head_len);

				if (want != (says >> i & 1) ||
				    want != filter_matches(f, p[i]->data, p[i]->head_len,
							   p[i]->len))
					fail_msg("'%s', frame %u: not %d", asked[e], step + i,
						 says >> i & 1);
				hits += want;
			}
			if (n < 32 && says >> n)
				fail_msg("'%s': a bit for no frame", asked[e]);
		}
		pcap_freecode(&program);
		pcap_close(nobody);
		filter_destroy(f);
	}
	assert_true(hits > 1000 && remembered > 1000); /* or it proves little */
	free(pkt);
}

/* One octet after the other is another one, each time behind a frame that matches. */
static void no_octet_that_was_read_is_forgotten(void **state)
{
	static const uint8_t web[60] = { MACS, IPV4(6), 0x12, 0x34, 0, 80 };
	struct filter *f = filter_of("src host 10.0.0.1 and tcp dst port 80");
	struct pkt *pkt = aligned_alloc(CACHE_LINE, 2 * sizeof(*pkt)), *p[] = { &pkt[0], &pkt[1] };
	struct filter_memo memo = { 0 };
	unsigned int told = 0;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		pkt_reset(p[i]);
		p[i]->len = p[i]->head_len = sizeof(web);
		memset(p[i]->data, 0, PKT_HEAD);
	}
	for (unsigned int at = 0; at < sizeof(web); at++) {
		uint32_t says;

		memcpy(p[0]->data, web, sizeof(web));
		memcpy(p[1]->data, web, sizeof(web));
		p[1]->data[at] ^= 0x1f;
		says = filter_burst(f, &memo, p, 2);
		if (says != (filter_matches(f, p[1]->data, sizeof(web), sizeof(web)) ? 3 : 1))
			fail_msg("octet %u: %u", at, says);
		told += says == 1;
	}
	/* EtherType, IHL, fragment offset, protocol, source address, port. */
	assert_int_equal(told, 2 + 1 + 2 + 1 + 4 + 2);
	filter_destroy(f);
	free(pkt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expression_sees_the_frame_as_it_is_on_the_wire),
		cmocka_unit_test(a_bad_expression_is_refused_with_the_sentence_of_libpcap),
		cmocka_unit_test(no_octet_that_was_read_is_forgotten),
		cmocka_unit_test(agrees_with_libpcap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
