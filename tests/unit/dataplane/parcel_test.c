/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <stdlib.h>

#include "dataplane/parcel.h"
#include "tests/rig/gso_frame.h"

struct taken {
	struct parcel p;
	uint8_t data[PKT_LEN_MAX];
	unsigned int n;
};

static struct taken *t;

static void take(void *arg, const struct parcel *p)
{
	struct taken *to = arg;

	to->p = *p;
	memcpy(to->data, p->data, p->len);
	to->n++;
}

static void a_frame_arrives_as_it_would_go_out(void **state)
{
	static uint8_t flat[9000], want[9004];
	static const uint8_t tag[] = { 0x81, 0, 0x20, 10 };
	struct spsc *ring;

	(void)state;
	srandom(6);
	assert_int_equal(spsc_create(1 << 16, &ring), 0);
	for (unsigned int step = 0; step < 5000; step++) {
		uint32_t len = 14 + (uint32_t)random() % (random() % 4 ? 200 : sizeof(flat) - 14);
		struct parcel p = { .port = (port_id_t)step, .what = 3, .time_ns = step };
		struct iovec seg[9];
		struct pkt pkt;
		struct tx_frame f = { .pkt = &pkt, .tagged = random() % 2 };
		uint32_t front = f.tagged ? 12 : 0;

		for (uint32_t i = 0; i < len; i++)
			flat[i] = (uint8_t)random();
		rig_pkt(&pkt, flat, len, (unsigned int)random() % 9, seg);
		pkt.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		pkt.vnet.csum_start = 34;
		memcpy(f.tag, tag, sizeof(tag));
		memcpy(want, flat, front);
		memcpy(want + front, tag, f.tagged ? 4 : 0);
		memcpy(want + front + (f.tagged ? 4 : 0), flat + front, len - front);

		assert_true(parcel_put(ring, p, &f));
		t->n = 0;
		assert_int_equal(parcel_take(ring, take, t, 10), 1);
		assert_int_equal(t->n, 1);
		assert_int_equal(t->p.port, (port_id_t)step);
		assert_int_equal(t->p.what, 3);
		assert_int_equal(t->p.time_ns, step);
		assert_int_equal(t->p.len, len + (f.tagged ? 4 : 0));
		assert_memory_equal(t->data, want, t->p.len);
		assert_int_equal(t->p.vnet.csum_start, f.tagged ? 38 : 34);
	}
	spsc_destroy(ring);
}

static void plain_octets_arrive_as_they_are(void **state)
{
	struct parcel p = { .port = 9, .len = 5, .data = (const uint8_t *)"hello" };
	struct spsc *ring;

	(void)state;
	assert_int_equal(spsc_create(1024, &ring), 0);
	assert_true(parcel_put_flat(ring, &p));
	assert_int_equal(parcel_take(ring, take, t, 1), 1);
	assert_int_equal(t->p.port, 9);
	assert_memory_equal(t->data, "hello", 5);
	spsc_destroy(ring);
}

static void a_full_ring_refuses_and_no_more_than_asked_is_taken(void **state)
{
	struct parcel p = { .len = 5, .data = (const uint8_t *)"hello" };
	unsigned int n = 0;
	struct spsc *ring;

	(void)state;
	assert_int_equal(spsc_create(1024, &ring), 0);
	while (parcel_put_flat(ring, &p))
		n++;
	assert_true(n > 4);
	assert_int_equal(parcel_take(ring, take, t, 3), 3);
	assert_int_equal(parcel_take(ring, take, t, 1000), n - 3);
	assert_int_equal(parcel_take(ring, take, t, 1000), 0);
	spsc_destroy(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_arrives_as_it_would_go_out),
		cmocka_unit_test(plain_octets_arrive_as_they_are),
		cmocka_unit_test(a_full_ring_refuses_and_no_more_than_asked_is_taken),
	};
	int failed;

	t = calloc(1, sizeof(*t));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(t);
	return failed;
}
