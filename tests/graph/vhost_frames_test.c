/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames between virtual machines of our own, through real ports and real worker threads, in each
 * kind of ring that can be negotiated.
 */
#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

enum { PACKED = 1, INDIRECT = 2, EVENT_IDX = 4, MERGE = 8, IN_ORDER = 16, MODES = 32 };

static uint64_t features_of(unsigned int mode)
{
	uint64_t f = GUEST_FEATURES;

	f &= mode & PACKED ? f : ~BIT(GUEST_F_RING_PACKED);
	f &= mode & INDIRECT ? f : ~BIT(GUEST_F_INDIRECT_DESC);
	f &= mode & EVENT_IDX ? f : ~BIT(GUEST_F_EVENT_IDX);
	f &= mode & MERGE ? f : ~BIT(VIRTIO_NET_F_MRG_RXBUF);
	f &= mode & IN_ORDER ? f : ~BIT(GUEST_F_IN_ORDER);
	return f;
}

static void says(const char *wrong, unsigned int mode, const char *what)
{
	if (wrong)
		fail_msg("%s (%s%s%s%s%s%s)", wrong, what, mode & PACKED ? " packed" : " split",
			 mode & INDIRECT ? " indirect" : "", mode & EVENT_IDX ? " event_idx" : "",
			 mode & MERGE ? " mergeable" : "", mode & IN_ORDER ? " in_order" : "");
}

static void frames_cross_unchanged_in_each_kind_of_ring(void **state)
{
	static const struct {
		const char *why;
		unsigned int rx_pieces, tx_pieces;
		uint32_t rx_len; /* with MERGE */
	} shape[] = {
		{ "one descriptor each", 1, 1, 1526 },
		{ "header apart", 2, 2, 2048 },
		{ "many pieces", 3, 9, 900 },
	};

	(void)state;
	for (unsigned int mode = 0; mode < MODES; mode++) {
		for (size_t i = 0; i < ARRAY_LEN(shape); i++) {
			struct guest_config c = {
				.features = features_of(mode),
				.size = mode & PACKED && i == 1 ? 100 : 128,
				.rx_len = mode & MERGE ? shape[i].rx_len : 0,
				.rx_pieces = shape[i].rx_pieces,
				.tx_pieces = shape[i].tx_pieces,
				.indirect = true,
			};
			struct vhost_rig *r;
			struct vhost_vm *a, *b;

			/* The plain kinds in all shapes, the others in one or two. */
			if (mode & ~(PACKED | MERGE) && (mode ^ mode >> 2 ^ i) & 1)
				continue;
			r = vhost_rig_create(1);
			vhost_rig_pair(r, "", &c, &a, &b);
			assert_int_equal(guest_has(a->g, GUEST_F_RING_PACKED), !!(mode & PACKED));
			assert_int_equal(guest_has(a->g, GUEST_F_IN_ORDER), !!(mode & IN_ORDER));
			says(vhost_rig_talk(a, b, 300, 9014), mode, shape[i].why);
			says(vhost_rig_talk(b, a, 300, 1514), mode, shape[i].why);
			says(vhost_rig_talk(a, b, 54, guest_frame_max(b->g)), mode, shape[i].why);
			vhost_rig_destroy(r);
		}
	}
}

static void an_old_driver_has_a_short_header(void **state)
{
	struct guest_config c = { .features = BIT(VIRTIO_NET_F_MAC), .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_equal(a->g->hdr_len, 10);
	says(vhost_rig_talk(a, b, 300, 1514), 0, "10 octets");
	says(vhost_rig_talk(b, a, 300, 1514), 0, "10 octets");
	vhost_rig_destroy(r);
}

static void rings_of_many_sizes_work(void **state)
{
	static const uint16_t split[] = { 1, 2, 4, 32, 1024 }, packed[] = { 1, 2, 3, 7, 100, 1024 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(split) + ARRAY_LEN(packed); i++) {
		bool is_packed = i >= ARRAY_LEN(split);
		struct guest_config c = {
			.features = features_of(is_packed ? PACKED : 0),
			.size = is_packed ? packed[i - ARRAY_LEN(split)] : split[i],
		};
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		print_message("# %s %u\n", is_packed ? "packed" : "split", c.size);
		vhost_rig_pair(r, "", &c, &a, &b);
		says(vhost_rig_talk(a, b, c.size < 100 ? 100 : 2500, 1514), 0, "size");
		vhost_rig_destroy(r);
	}
}

static void a_machine_talks_to_itself_through_two_nics(void **state)
{
	struct guest_config c = { .features = features_of(MERGE | EVENT_IDX), .rx_len = 1526 };
	struct vhost_rig *r = vhost_rig_create(2);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int i = 0; i < 20; i++) {
		says(vhost_rig_talk(a, b, 100, 9014), 0, "two workers");
		says(vhost_rig_talk(b, a, 100, 9014), 0, "two workers");
	}
	vhost_rig_destroy(r);
}

/* ---- what does not fit ----------------------------------------------------------------------- */

static uint64_t sent_to(struct vhost_rig *r, const struct vhost_vm *vm)
{
	struct port_count c;

	port_counters(r->rig->env.engine, vm->port->id, &c);
	return c.out_frames;
}

struct wanted {
	struct vhost_rig *r;
	const struct vhost_vm *vm;
	const char *cause;
	uint64_t n;
};

static bool dropped(void *arg)
{
	struct wanted *w = arg;

	return vhost_rig_drops(w->r, w->vm->port, w->cause) >= w->n;
}

static void wait_drops(struct vhost_rig *r, const struct vhost_vm *vm, const char *cause,
		       uint64_t n)
{
	struct wanted w = { r, vm, cause, n };

	if (!vhost_rig_until(r, dropped, &w))
		fail_msg("\"%s\": %lu instead of %lu", cause,
			 (unsigned long)vhost_rig_drops(r, vm->port, cause), (unsigned long)n);
	assert_int_equal(vhost_rig_drops(r, vm->port, cause), n);
}

static void a_frame_that_no_buffer_holds_is_dropped_by_name(void **state)
{
	static uint8_t frame[VHOST_FRAME];

	(void)state;
	for (unsigned int mode = 0; mode < 2; mode++) {
		struct guest_config c = { .features = features_of(mode), .rx_len = 1526 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		vhost_frame(frame, 1515, 1);
		for (unsigned int i = 0; i < 5; i++)
			assert_int_equal(guest_send(a->g, 0, frame, 1515, NULL), 0);
		wait_drops(r, b, "longer than the receiver takes", 5);
		/* No buffer was lost by that. */
		says(vhost_rig_talk(a, b, 600, 1514), mode, "afterwards");
		vhost_rig_destroy(r);
	}
}

static void a_full_queue_drops_by_name_and_goes_on(void **state)
{
	static uint8_t frame[VHOST_FRAME];

	(void)state;
	for (unsigned int mode = 0; mode < MODES; mode += MERGE) {
		struct guest_config c = { .features = features_of(mode), .size = 16 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		c.rx_len = mode & MERGE ? 600 : 0;
		vhost_rig_pair(r, "", &c, &a, &b);
		/* 16 buffers: 16 short frames, or with merged buffers of 600 the same. */
		for (unsigned int i = 0; i < 40; i++) {
			vhost_frame(frame, 500, i);
			while (guest_send(a->g, 0, frame, 500, NULL))
				loop_once(r->rig->env.loop, 1);
		}
		wait_drops(r, b, "receiver's queue is full", 24);
		assert_int_equal(sent_to(r, b), 16);
		for (unsigned int i = 0; i < 16; i++) {
			uint32_t len = guest_await(b->g, 0, frame, sizeof(frame), NULL);

			assert_true(vhost_frame_is(frame, len, 500, i));
		}
		says(vhost_rig_talk(a, b, 100, 1514), mode, "afterwards");
		vhost_rig_destroy(r);
	}
}

static void runts_of_a_guest_are_dropped_by_name(void **state)
{
	static uint8_t frame[64];
	struct guest_config c = { .tx_pieces = 2 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (uint32_t len = 0; len < 14; len++)
		assert_int_equal(guest_send(a->g, 0, frame, len, NULL), 0);
	says(vhost_rig_talk(a, b, 10, 60), 0, "afterwards");
	vhost_rig_destroy(r);
}

/* ---- several queues -------------------------------------------------------------------------- */

static int set_pairs(struct guest *g, uint16_t pairs)
{
	return guest_control(g, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &pairs,
			     sizeof(pairs));
}

static void each_pair_sends_and_receives(void **state)
{
	static uint8_t frame[VHOST_FRAME];
	struct guest_config c = { .pairs = 4, .size = 64 };
	unsigned int came = 0;

	(void)state;
	for (unsigned int workers = 1; workers <= 2; workers++) {
		struct vhost_rig *r = vhost_rig_create(workers);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, ",\"queues\":4", &c, &a, &b);
		assert_int_equal(a->g->max_pairs, 4);
		assert_int_equal(set_pairs(a->g, 4), VIRTIO_NET_OK);
		assert_int_equal(set_pairs(b->g, 4), VIRTIO_NET_OK);
		for (unsigned int round = 0; round < 50; round++) {
			for (unsigned int i = 0; i < 4; i++) {
				vhost_frame(frame, 500 + i, i);
				assert_int_equal(guest_send(a->g, i, frame, 500 + i, NULL), 0);
			}
			/* On whichever pair it comes. */
			for (came = 0; came < 4;) {
				for (unsigned int i = 0; i < 4; i++) {
					uint32_t len =
						guest_receive(b->g, i, frame, sizeof(frame), NULL);

					if (!len)
						continue;
					assert_true(len >= 500 && len < 504);
					assert_true(vhost_frame_is(frame, len, len, len - 500));
					came++;
				}
				loop_once(r->rig->env.loop, 0);
			}
		}
		vhost_rig_destroy(r);
	}
}

static void frames_go_to_the_pairs_that_the_driver_uses(void **state)
{
	static uint8_t frame[VHOST_FRAME];
	struct guest_config c = { .pairs = 4, .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, ",\"queues\":4", &c, &a, &b);
	/* 5.1.5: one pair until the driver says more. */
	says(vhost_rig_talk(a, b, 100, 1514), 0, "at first");
	for (unsigned int i = 1; i < 4; i++)
		assert_int_equal(guest_receive(b->g, i, frame, sizeof(frame), NULL), 0);
	assert_int_equal(set_pairs(b->g, 4), VIRTIO_NET_OK);
	assert_int_equal(set_pairs(b->g, 0), VIRTIO_NET_ERR);
	assert_int_equal(set_pairs(b->g, 5), VIRTIO_NET_ERR);
	assert_int_equal(set_pairs(b->g, 1), VIRTIO_NET_OK);
	says(vhost_rig_talk(a, b, 100, 1514), 0, "at last");
	vhost_rig_destroy(r);
}

/* ---- stop and go ----------------------------------------------------------------------------- */

static void a_queue_stops_and_goes_on_where_it_was(void **state)
{
	(void)state;
	for (unsigned int mode = 0; mode < MODES; mode++) {
		struct guest_config c = { .features = features_of(mode), .size = 32 };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		for (unsigned int i = 0; i < 5; i++) {
			says(vhost_rig_talk(a, b, 23, 1514), mode, "before");
			for (unsigned int q = 0; q < 2; q++) {
				assert_int_equal(guest_queue_stop(a->g, q), 0);
				assert_int_equal(guest_queue_stop(b->g, q), 0);
			}
			for (unsigned int q = 0; q < 2; q++) {
				assert_int_equal(guest_queue_start(a->g, q), 0);
				assert_int_equal(guest_queue_start(b->g, q), 0);
			}
		}
		vhost_rig_destroy(r);
	}
}

static void a_disabled_queue_moves_nothing(void **state)
{
	static uint8_t frame[VHOST_FRAME];
	struct guest_config c = { .size = 64 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;
	uint32_t len;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	assert_int_equal(guest_queue_enable(a->g, 1, false), 0);
	vhost_frame(frame, 60, 1);
	assert_int_equal(guest_send(a->g, 0, frame, 60, NULL), 0);
	says(vhost_rig_talk(b, a, 50, 1514), 0, "the other way");
	assert_int_equal(guest_receive(b->g, 0, frame, sizeof(frame), NULL), 0);
	assert_int_equal(guest_reclaim(a->g, 0), 0);
	/* It has not been lost. */
	assert_int_equal(guest_queue_enable(a->g, 1, true), 0);
	len = guest_await(b->g, 0, frame, sizeof(frame), NULL);
	assert_true(vhost_frame_is(frame, len, 60, 1));
	vhost_rig_destroy(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_cross_unchanged_in_each_kind_of_ring),
		cmocka_unit_test(an_old_driver_has_a_short_header),
		cmocka_unit_test(rings_of_many_sizes_work),
		cmocka_unit_test(a_machine_talks_to_itself_through_two_nics),
		cmocka_unit_test(a_frame_that_no_buffer_holds_is_dropped_by_name),
		cmocka_unit_test(a_full_queue_drops_by_name_and_goes_on),
		cmocka_unit_test(runts_of_a_guest_are_dropped_by_name),
		cmocka_unit_test(each_pair_sends_and_receives),
		cmocka_unit_test(frames_go_to_the_pairs_that_the_driver_uses),
		cmocka_unit_test(a_queue_stops_and_goes_on_where_it_was),
		cmocka_unit_test(a_disabled_queue_moves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
