/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/vhost_user/features.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>

#include "packet/offload.h"
#include "tests/test.h"
#include "virtio/vhost_user.h"

#define BIT(n) (1ull << (n))
enum { GUEST_USO4 = 54, GUEST_USO6 = 55, HOST_USO = 56 };

static uint64_t offered(const char *without, unsigned int queues, uint16_t mtu)
{
	struct vu_settings set = { .queues = queues, .mtu = mtu };
	const char *bad;
	size_t len;

	assert_int_equal(vu_features_parse(without, &set.without, &bad, &len), 0);
	return vu_features(&set);
}

static void what_is_masked_takes_along_what_needs_it(void **state)
{
	static const struct {
		const char *why, *without;
		uint64_t gone, there;
	} row[] = {
		{ "nothing is masked", "", 0,
		  BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_F_IN_ORDER) |
			  BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) |
			  BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(VIRTIO_F_ANY_LAYOUT) |
			  BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) |
			  BIT(VIRTIO_NET_F_CTRL_RX_EXTRA) | BIT(VIRTIO_NET_F_GUEST_ANNOUNCE) |
			  BIT(VHOST_USER_F_LOG_ALL) | BIT(VHOST_USER_F_PROTOCOL_FEATURES) |
			  BIT(GUEST_USO4) | BIT(GUEST_USO6) | BIT(HOST_USO) },
		{ "one alone", "ring_packed", BIT(VIRTIO_F_RING_PACKED), BIT(VIRTIO_F_VERSION_1) },
		{ "a checksum carries what is cut on the way in", "csum",
		  BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_HOST_TSO4) |
			  BIT(VIRTIO_NET_F_HOST_TSO6) | BIT(VIRTIO_NET_F_HOST_ECN) |
			  BIT(VIRTIO_NET_F_HOST_UFO) | BIT(HOST_USO),
		  BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_ECN) },
		{ "and the other way", "guest_csum",
		  BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6) |
			  BIT(VIRTIO_NET_F_GUEST_ECN) | BIT(VIRTIO_NET_F_GUEST_UFO) |
			  BIT(GUEST_USO4) | BIT(GUEST_USO6),
		  BIT(VIRTIO_NET_F_HOST_TSO4) },
		{ "ECN needs one of the two", "host_tso4", BIT(VIRTIO_NET_F_HOST_TSO4),
		  BIT(VIRTIO_NET_F_HOST_ECN) },
		{ "ECN with neither", "host_tso4,host_tso6", BIT(VIRTIO_NET_F_HOST_ECN), 0 },
		{ "the control queue carries commands", "ctrl_vq",
		  BIT(VIRTIO_NET_F_CTRL_RX) | BIT(VIRTIO_NET_F_CTRL_VLAN) |
			  BIT(VIRTIO_NET_F_CTRL_RX_EXTRA) | BIT(VIRTIO_NET_F_GUEST_ANNOUNCE) |
			  BIT(VIRTIO_NET_F_MQ) | BIT(VIRTIO_NET_F_CTRL_MAC_ADDR),
		  BIT(VIRTIO_NET_F_STATUS) },
		{ "an old device has no new rings", "version_1",
		  BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_F_IN_ORDER), BIT(VIRTIO_NET_F_CSUM) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint64_t f = offered(row[i].without, 4, 9000);

		if (f & row[i].gone || (f & row[i].there) != row[i].there)
			fail_msg("%s: %llx", row[i].why, (unsigned long long)f);
	}
}

static void what_the_port_has_not_is_not_offered(void **state)
{
	(void)state;
	assert_true(offered("", 2, 9000) & BIT(VIRTIO_NET_F_MQ));
	assert_false(offered("", 1, 9000) & BIT(VIRTIO_NET_F_MQ));
	assert_true(offered("", 1, 9000) & BIT(VIRTIO_NET_F_MTU));
	/* A driver that is told 1500 takes no more, even if somebody asks it to. */
	assert_false(offered("", 1, VU_MTU) & BIT(VIRTIO_NET_F_MTU));
	assert_false(offered("", 1, 9000) & BIT(VIRTIO_F_NOTIFY_ON_EMPTY));
}

static void a_driver_is_given_only_what_it_took(void **state)
{
	const uint64_t csum = BIT(VIRTIO_NET_F_GUEST_CSUM), ecn = BIT(VIRTIO_NET_F_GUEST_ECN),
		       tso4 = BIT(VIRTIO_NET_F_GUEST_TSO4), tso6 = BIT(VIRTIO_NET_F_GUEST_TSO6),
		       uso = BIT(GUEST_USO4) | BIT(GUEST_USO6);
	const struct {
		const char *why;
		uint64_t features;
		unsigned int offload;
	} row[] = {
		{ "nothing", 0, 0 },
		{ "all", csum | ecn | tso4 | tso6 | uso | BIT(VIRTIO_NET_F_GUEST_UFO),
		  OFFLOAD_ALL },
		{ "checksums", csum, OFFLOAD_CSUM },
		{ "large frames without checksums make no sense", tso4 | ecn, 0 },
		{ "one family", csum | tso6 | ecn, OFFLOAD_CSUM | OFFLOAD_TSO6 },
		{ "no ECN: its frames are not told apart", csum | tso4 | tso6, OFFLOAD_CSUM },
		{ "half of USO is none", csum | BIT(GUEST_USO4), OFFLOAD_CSUM },
		{ "USO", csum | uso, OFFLOAD_CSUM | OFFLOAD_USO },
		{ "what it sends is another matter", csum | BIT(VIRTIO_NET_F_HOST_TSO4),
		  OFFLOAD_CSUM },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		if (vu_offload(row[i].features) != row[i].offload)
			fail_msg("%s: %x", row[i].why, vu_offload(row[i].features));
	}
}

static void names_are_read_and_what_is_none_is_pointed_at(void **state)
{
	static const struct {
		const char *why, *text;
		uint64_t features;
		const char *bad; /* NULL: all are names */
	} row[] = {
		{ "absent", NULL, 0, NULL },
		{ "none", "", 0, NULL },
		{ "one", "csum", BIT(VIRTIO_NET_F_CSUM), NULL },
		{ "commas and spaces", " csum, mq ,ctrl_vq,",
		  BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_MQ) | BIT(VIRTIO_NET_F_CTRL_VQ), NULL },
		{ "the beginning of a name", "csum,guest", 0, "guest" },
		{ "a name and more", "csumm", 0, "csumm" },
		{ "not only the last", "what,csum", 0, "what" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint64_t f = 0;
		const char *bad = NULL;
		size_t len = 0;
		int err = vu_features_parse(row[i].text, &f, &bad, &len);

		if (err != (row[i].bad ? -EINVAL : 0) || f != row[i].features)
			fail_msg("%s: %d, %llx", row[i].why, err, (unsigned long long)f);
		if (row[i].bad && (len != strlen(row[i].bad) || strncmp(bad, row[i].bad, len) != 0))
			fail_msg("%s: %.*s", row[i].why, (int)len, bad);
	}
}

static void what_is_listed_is_read_back(void **state)
{
	struct vu_settings all = { .queues = 16, .mtu = 9000 };
	uint64_t f = vu_features(&all), back;
	json_t *names = vu_features_names(f);
	char list[1024], room[16];
	const char *bad;
	size_t len;

	(void)state;
	vu_features_list(list, sizeof(list));
	assert_int_equal(vu_features_parse(list, &back, &bad, &len), 0);
	assert_true(back == f);
	assert_int_equal(json_array_size(names), __builtin_popcountll(f));
	json_decref(names);
	assert_string_equal(vu_feature_name(BIT(VIRTIO_NET_F_MQ) | BIT(60), room, sizeof(room)),
			    "mq");
	assert_string_equal(vu_feature_name(BIT(60), room, sizeof(room)), "bit 60");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_masked_takes_along_what_needs_it),
		cmocka_unit_test(what_the_port_has_not_is_not_offered),
		cmocka_unit_test(a_driver_is_given_only_what_it_took),
		cmocka_unit_test(names_are_read_and_what_is_none_is_pointed_at),
		cmocka_unit_test(what_is_listed_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
