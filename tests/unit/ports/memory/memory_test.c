/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>

#include "packet/offload.h"
#include "ports/memory/memory.h"
#include "tests/rig/port_rig.h"

struct fixture {
	struct port_rig *rig;
	struct memory_port *in, *out;
};

static void plug(struct fixture *f, const struct memory_config *in, const struct memory_config *out)
{
	assert_int_equal(memory_port_create(f->rig->env.engine, in, &f->in), 0);
	assert_int_equal(memory_port_create(f->rig->env.engine, out, &f->out), 0);
	f->rig->to[f->in->id] = f->out->id;
}

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .rig = port_rig_create() };
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	memory_port_destroy(f->in);
	memory_port_destroy(f->out);
	port_rig_destroy(f->rig);
	return 0;
}

static void make_frame(uint8_t *frame, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(i * 7 + len);
	frame[0] &= 0xfe;
}

static void a_frame_of_any_length_and_cut_comes_out_whole(void **state)
{
	static const uint32_t len[] = { 14, 60, 127, 128, 129, 1514, 9018, 65535, PKT_LEN_MAX };
	static const uint32_t piece[] = { 0, 1, 100, 4096 };
	static uint8_t frame[PKT_LEN_MAX];
	struct fixture *f = *state;

	plug(f, NULL, &(struct memory_config){ .keep_frames = 64, .offload = OFFLOAD_ALL });
	for (size_t i = 0; i < ARRAY_LEN(len); i++) {
		for (size_t k = 0; k < ARRAY_LEN(piece); k++) {
			make_frame(frame, len[i]);
			if (piece[k] == 1 && len[i] > 60000)
				continue; /* more pieces than a frame can have */
			assert_int_equal(memory_feed(f->in, frame, len[i], NULL, piece[k]), 0);
			port_rig_run(f->rig, &f->in->source);
			assert_non_null(memory_frame(f->out, 0));
			assert_null(memory_frame(f->out, 1));
			assert_int_equal(memory_frame(f->out, 0)->len, len[i]);
			assert_memory_equal(memory_frame(f->out, 0)->data, frame, len[i]);
			memory_forget(f->out);
		}
	}
}

static void a_runt_goes_nowhere(void **state)
{
	struct fixture *f = *state;

	plug(f, NULL, &(struct memory_config){ .keep_frames = 4 });
	assert_int_equal(memory_feed(f->in, "", 0, NULL, 0), 0);
	assert_int_equal(memory_feed(f->in, "0123456789abc", 13, NULL, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(memory_count(f->out, NULL), 0);
}

static uint64_t drops(const struct fixture *f)
{
	struct port_count c;
	uint64_t n = 0;

	port_counters(f->rig->env.engine, f->out->id, &c);
	for (unsigned int i = 0; engine_cause(f->rig->env.engine, i, NULL); i++)
		n += c.drop[i];
	return n;
}

static void what_does_not_fit_is_full(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[100];

	make_frame(frame, sizeof(frame));
	plug(f, NULL, &(struct memory_config){ .keep_frames = 8, .keep_octets = 250 });
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(memory_count(f->out, NULL), 2);
	assert_int_equal(drops(f), 3);
}

static void nothing_kept_is_counted(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[3000];
	uint64_t octets;

	make_frame(frame, sizeof(frame));
	plug(f, NULL, NULL);
	for (unsigned int i = 0; i < 600; i++)
		assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(memory_count(f->out, &octets), 600);
	assert_int_equal(octets, 600 * sizeof(frame));
	assert_null(memory_frame(f->out, 0));
}

static void what_was_fed_can_come_again(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60];

	make_frame(frame, sizeof(frame));
	plug(f, &(struct memory_config){ .feed_frames = 3 }, NULL);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), -ENOSPC);
	port_rig_run(f->rig, &f->in->source);
	memory_rewind(f->in);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(memory_count(f->out, NULL), 6);
	f->in->repeat = true;
	assert_int_equal(worker_run(engine_worker(f->rig->env.engine, 0), &f->in->source),
			 BURST_MAX);
	memory_drain(f->in);
	assert_int_equal(worker_run(engine_worker(f->rig->env.engine, 0), &f->in->source), 0);
}

static void a_port_refuses_as_told(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60];

	make_frame(frame, sizeof(frame));
	plug(f, NULL, &(struct memory_config){ .keep_frames = 4 });
	f->out->refuse = TX_DROP_DOWN;
	assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(memory_count(f->out, NULL), 0);
}

static void a_partial_checksum_passes_or_is_filled_in(void **state)
{
	/* UDP to itself, whose checksum field holds the pseudo header's sum. */
	static const uint8_t frame[60] = {
		2, 0,  0, 0, 0, 1, 2,  0,  0,    0,    0,   2,   8,   0,   0x45, 0,
		0, 32, 0, 0, 0, 0, 64, 17, 0,    0,    10,  0,   0,   1,   10,   0,
		0, 2,  0, 1, 0, 2, 0,  12, 0x14, 0x20, 'w', 'e', 'f', 't',
	};
	struct virtio_net_hdr_v1 vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					  .csum_start = 34,
					  .csum_offset = 6 };
	struct fixture *f = *state;
	const struct memory_frame *out;

	plug(f, NULL, &(struct memory_config){ .keep_frames = 1, .offload = OFFLOAD_ALL });
	assert_int_equal(memory_feed(f->in, frame, sizeof(frame), &vnet, 0), 0);
	port_rig_run(f->rig, &f->in->source);
	out = memory_frame(f->out, 0);
	assert_non_null(out);
	assert_int_equal(out->vnet.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_memory_equal(out->data, frame, sizeof(frame));

	f->out->offload = 0;
	memory_rewind(f->in);
	port_rig_run(f->rig, &f->in->source);
	assert_int_equal(drops(f), 1); /* it is full */

	memory_forget(f->out);
	memory_rewind(f->in);
	port_rig_run(f->rig, &f->in->source);
	out = memory_frame(f->out, 0);
	assert_non_null(out);
	assert_int_equal(out->vnet.flags, 0);
	assert_memory_not_equal(out->data + 40, frame + 40, 2);
}

static void a_worker_is_woken(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60];

	make_frame(frame, sizeof(frame));
	plug(f, &(struct memory_config){ .wake = true }, NULL);
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(memory_feed(f->in, frame, sizeof(frame), NULL, 0), 0);
	for (unsigned int i = 0; memory_count(f->out, NULL) < 1000 && i < 1000; i++)
		loop_once(f->rig->env.loop, 5);
	engine_stop(f->rig->env.engine);
	assert_int_equal(memory_count(f->out, NULL), 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_frame_of_any_length_and_cut_comes_out_whole),
		TEST(a_runt_goes_nowhere),
		TEST(what_does_not_fit_is_full),
		TEST(nothing_kept_is_counted),
		TEST(what_was_fed_can_come_again),
		TEST(a_port_refuses_as_told),
		TEST(a_partial_checksum_passes_or_is_filled_in),
		TEST(a_worker_is_woken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
