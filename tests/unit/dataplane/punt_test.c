/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "dataplane/graph.h"
#include "dataplane/punt.h"
#include "ports/memory/memory.h"

/* Every frame is punted to the service that its first octet names, and sent to one port. */
enum { SORT_PUNT, SORT_DONE };

static port_id_t out_port;

static void sort(struct node_ctx *ctx, const struct burst *in)
{
	for (unsigned int i = 0; i < in->n; i++) {
		struct pkt *p = in->pkt[i];

		p->note[0] = p->data[0];
		if (p->data[0] == 0xff)
			tx_put(ctx->worker, out_port, p, be32_of(0));
		node_send(ctx, p->data[0] == 0xff ? SORT_DONE : SORT_PUNT, p);
	}
}

static const struct node_def sort_node = {
	.name = "sort",
	.run = sort,
	.arc = "port-input",
	.edge = { [SORT_PUNT] = TO("punt"), [SORT_DONE] = DONE },
};
static const struct node_def *const defs[] = { &port_rx_node, &sort_node, &punt_node, NULL };

struct got {
	unsigned int n;
	port_id_t port;
	uint16_t what;
	uint32_t len;
	uint64_t time_ns;
	uint8_t data[PKT_LEN_MAX];
};

static void get(void *arg, const struct parcel *p)
{
	struct got *g = arg;

	g->n++;
	g->port = p->port;
	g->what = p->what;
	g->len = p->len;
	g->time_ns = p->time_ns;
	memcpy(g->data, p->data, p->len);
}

struct fixture {
	struct engine *e;
	struct memory_port *in, *out;
	struct got a, b;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct memory_config c = { .keep_frames = 100, .feed_frames = 50000 };
	struct faults faults = { 0 };

	assert_int_equal(engine_create(defs, 1, &f->e, &faults), 0);
	assert_int_equal(memory_port_create(f->e, &c, &f->out), 0);
	assert_int_equal(memory_port_create(f->e, &c, &f->in), 0); /* not number 0 */
	out_port = f->out->id;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	memory_port_destroy(f->in);
	memory_port_destroy(f->out);
	engine_destroy(f->e);
	free(f);
	return 0;
}

static void send_in(struct fixture *f, uint8_t first, uint32_t len)
{
	static uint8_t frame[PKT_LEN_MAX];

	for (uint32_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(i * 7);
	frame[0] = first;
	assert_int_equal(memory_feed(f->in, frame, len, NULL, 1000), 0);
	worker_run(engine_worker(f->e, 0), &f->in->source);
}

static bool readable(const struct engine *e)
{
	struct pollfd p = { .fd = parcels_fd(e), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void a_punted_frame_reaches_its_service_whole(void **state)
{
	struct fixture *f = *state;

	punt_to(f->e, 3, get, &f->a);
	punt_to(f->e, 4, get, &f->b);
	assert_false(readable(f->e));
	send_in(f, 3, 5000);
	assert_true(readable(f->e));
	assert_true(parcels_take(f->e, 100));
	assert_false(readable(f->e));
	assert_int_equal(f->a.n, 1);
	assert_int_equal(f->b.n, 0);
	assert_int_equal(f->a.port, f->in->id);
	assert_int_equal(f->a.len, 5000);
	for (uint32_t i = 1; i < 5000; i++)
		assert_int_equal(f->a.data[i], (uint8_t)(i * 7));
	/* To a service that nobody offers, or a number that is none: taken and forgotten. */
	send_in(f, 5, 60);
	send_in(f, 200, 60);
	assert_true(parcels_take(f->e, 100));
	assert_int_equal(f->a.n + f->b.n, 1);
}

static void a_service_that_is_behind_costs_frames_by_name(void **state)
{
	struct fixture *f = *state;
	struct port_count n;
	uint64_t lost;

	punt_to(f->e, 1, get, &f->a);
	for (unsigned int i = 0; i < 1000; i++)
		send_in(f, 1, 9000);
	port_counters(f->e, f->in->id, &n);
	lost = n.drop[engine_cause_of(f->e, "punt", 1)];
	assert_true(lost > 0 && lost < 1000);
	/* In small helpings, as the loop takes them; it is told that there is more. */
	while (!parcels_take(f->e, 10))
		assert_true(readable(f->e));
	assert_int_equal(f->a.n, 1000 - lost);
	send_in(f, 1, 9000);
	assert_true(parcels_take(f->e, 10));
	assert_int_equal(f->a.n, 1001 - lost);
}

static void what_passes_a_captured_port_is_copied(void **state)
{
	struct fixture *f = *state;

	capture_to(f->e, get, &f->a);
	send_in(f, 0xff, 100);
	assert_true(parcels_take(f->e, 100));
	assert_int_equal(f->a.n, 0);

	assert_int_equal(capture_port(f->e, f->in->id, true), 0);
	send_in(f, 0xff, 3000);
	assert_true(parcels_take(f->e, 100));
	assert_int_equal(f->a.n, 1);
	assert_int_equal(f->a.what, CAPTURE_IN);
	assert_int_equal(f->a.port, f->in->id);
	assert_int_equal(f->a.len, 3000);
	assert_true(f->a.time_ns > 1000000000ull * 1500000000);
	assert_int_equal(f->a.data[2999], (uint8_t)(2999 * 7));

	assert_int_equal(capture_port(f->e, f->in->id, false), 0);
	assert_int_equal(capture_port(f->e, f->out->id, true), 0);
	send_in(f, 0xff, 64);
	assert_true(parcels_take(f->e, 100));
	assert_int_equal(f->a.n, 2);
	assert_int_equal(f->a.what, CAPTURE_OUT);
	assert_int_equal(f->a.port, f->out->id);

	/* What the port refused did not go out. */
	f->out->refuse = TX_DROP_FULL;
	send_in(f, 0xff, 64);
	assert_true(parcels_take(f->e, 100));
	assert_int_equal(f->a.n, 2);
}

static void what_a_capture_missed_is_counted_and_costs_no_frame(void **state)
{
	struct fixture *f = *state;
	enum { FRAMES = 30000 };

	f->out->room_out = 0;
	capture_to(f->e, get, &f->a);
	capture_port(f->e, f->in->id, true);
	assert_int_equal(capture_missed(f->e), 0);
	for (unsigned int i = 0; i < FRAMES; i++)
		send_in(f, 0xff, 200);
	assert_int_equal(memory_count(f->out, NULL), FRAMES);
	assert_true(capture_missed(f->e) > 0);
	while (!parcels_take(f->e, 1000))
		;
	assert_int_equal(f->a.n, FRAMES - capture_missed(f->e));
}

/* ---- inject --------------------------------------------------------------------------------- */

static void pump(struct fixture *f)
{
	/* As worker_main() would, were it a thread. */
	assert_int_equal(engine_start(f->e), 0);
	for (unsigned int i = 0; i < 60000; i++) {
		struct port_count n;

		port_counters(f->e, f->in->id, &n);
		if (n.in_frames)
			break;
		poll(NULL, 0, 1);
	}
	engine_stop(f->e);
}

static void an_injected_frame_comes_in_at_the_port_that_it_names(void **state)
{
	struct fixture *f = *state;
	static uint8_t frame[PKT_LEN_MAX + 1] = { 0xff };
	struct virtio_net_hdr_v1 none = { 0 };
	const struct memory_frame *m;
	struct port_count n;

	for (uint32_t i = 1; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 3);
	assert_int_equal(inject(f->e, f->in->id, frame, sizeof(frame), &none), -EMSGSIZE);
	assert_int_equal(inject(f->e, f->in->id, frame, 4000, &none), 0);
	pump(f);
	m = memory_frame(f->out, 0);
	assert_non_null(m);
	assert_int_equal(m->len, 4000);
	assert_memory_equal(m->data, frame, 4000);
	port_counters(f->e, f->in->id, &n);
	assert_int_equal(n.in_frames, 1);
	assert_int_equal(n.in_bytes, 4000);
}

static void frames_injected_together_are_counted_each_at_its_port(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[100] = { 0xff };
	struct virtio_net_hdr_v1 none = { 0 };
	struct port_count n;

	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(inject(f->e, i % 4 ? f->in->id : f->out->id, frame, sizeof(frame),
					&none),
				 0);
	pump(f);
	port_counters(f->e, f->in->id, &n);
	assert_int_equal(n.in_frames, 15);
	port_counters(f->e, f->out->id, &n);
	assert_int_equal(n.in_frames, 5);
	assert_int_equal(n.out_frames, 20);
}

/* One burst of what the control thread has put, run by hand. */
static void run_injector(struct fixture *f)
{
	struct source *s;
	unsigned int at = 0;

	while ((s = engine_source(f->e, 0, &at)) && s->port != PORT_NONE)
		;
	assert_non_null(s);
	worker_run(engine_worker(f->e, 0), s);
}

static void an_emitted_frame_goes_out_of_its_port_past_the_graph(void **state)
{
	struct fixture *f = *state;
	static uint8_t frame[5000] = { 0xff };
	const struct memory_frame *m;
	struct port_count in, out;

	for (uint32_t i = 1; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 5);
	assert_int_equal(emit(f->e, f->in->id, frame, PKT_LEN_MAX + 1, NULL), -EMSGSIZE);
	assert_int_equal(emit(f->e, f->in->id, frame, 60, NULL), 0);
	assert_int_equal(emit(f->e, f->in->id, frame, sizeof(frame), NULL), 0);
	run_injector(f);
	for (unsigned int i = 0; i < 2; i++) {
		m = memory_frame(f->in, i);
		assert_non_null(m);
		assert_int_equal(m->len, i ? sizeof(frame) : 60);
		assert_memory_equal(m->data, frame, m->len);
	}
	assert_null(memory_frame(f->out, 0)); /* where the graph would have sent it */
	port_counters(f->e, f->in->id, &in);
	port_counters(f->e, f->out->id, &out);
	assert_int_equal(in.out_frames, 2);
	assert_int_equal(in.out_bytes, 60 + sizeof(frame));
	assert_int_equal(in.in_frames + out.in_frames + out.out_frames, 0);
}

static void what_comes_in_and_what_goes_out_may_be_mixed(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[1000] = { 0xff };
	struct port_count n;

	for (unsigned int i = 0; i < 100; i++) {
		frame[1] = (uint8_t)i;
		if (i % 3)
			assert_int_equal(inject(f->e, f->in->id, frame, sizeof(frame), NULL), 0);
		else
			assert_int_equal(emit(f->e, f->in->id, frame, sizeof(frame), NULL), 0);
	}
	for (unsigned int i = 0; i < 4; i++)
		run_injector(f);
	port_counters(f->e, f->in->id, &n);
	assert_int_equal(n.in_frames, 66);
	assert_int_equal(n.out_frames, 34);
	for (unsigned int i = 0; i < 34; i++)
		assert_int_equal(memory_frame(f->in, i)->data[1], 3 * i);
	port_counters(f->e, f->out->id, &n);
	assert_int_equal(n.out_frames, 66);
}

static void what_is_emitted_at_a_port_that_is_gone_is_a_named_drop(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[60] = { 0 };
	struct port_count n;

	engine_set_sink(f->e, f->in->id, NULL);
	assert_int_equal(emit(f->e, f->in->id, frame, sizeof(frame), NULL), 0);
	run_injector(f);
	port_counters(f->e, f->in->id, &n);
	assert_int_equal(n.out_frames, 0);
	assert_int_equal(n.drop[engine_cause_of(f->e, "port-tx", TX_DROP_DOWN)], 1);
}

static void more_than_the_ring_holds_is_refused(void **state)
{
	struct fixture *f = *state;
	static uint8_t frame[9000] = { 0xff };
	struct virtio_net_hdr_v1 none = { 0 };
	unsigned int n = 0;
	int err;

	while (!(err = inject(f->e, f->in->id, frame, sizeof(frame), &none)))
		n++;
	assert_int_equal(err, -ENOBUFS);
	assert_true(n > BURST_MAX); /* so that the worker must come more than once */
	f->out->room_out = 0;
	assert_int_equal(engine_start(f->e), 0);
	for (unsigned int i = 0; i < 60000 && memory_count(f->out, NULL) < n; i++)
		poll(NULL, 0, 1);
	engine_stop(f->e);
	assert_int_equal(memory_count(f->out, NULL), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		TEST(a_punted_frame_reaches_its_service_whole),
		TEST(a_service_that_is_behind_costs_frames_by_name),
		TEST(what_passes_a_captured_port_is_copied),
		TEST(what_a_capture_missed_is_counted_and_costs_no_frame),
		TEST(an_injected_frame_comes_in_at_the_port_that_it_names),
		TEST(frames_injected_together_are_counted_each_at_its_port),
		TEST(an_emitted_frame_goes_out_of_its_port_past_the_graph),
		TEST(what_comes_in_and_what_goes_out_may_be_mixed),
		TEST(what_is_emitted_at_a_port_that_is_gone_is_a_named_drop),
		TEST(more_than_the_ring_holds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
