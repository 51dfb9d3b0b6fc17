/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon is killed while frames flow, at any instruction, and another takes its place: with
 * in-flight tracking a guest gets each of its buffers back, once, and goes on without a reset.
 * What was not yet returned may be sent twice, as a network may do; nothing that was sent is lost
 * on the way out of the guest.
 *
 * The daemon is a process of its own here: ports, workers, loop. The guests are the test's.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

struct daemon {
	pid_t pid;
	char dir[64];
};

/* Two ports, patched to one another, until it is killed. */
static void serve(int tell)
{
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a = vhost_rig_plug(r, "", NULL), *b = vhost_rig_plug(r, "", NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vhost_rig_patch(r, a, b);
	if (write(tell, r->rig->dir, sizeof(r->rig->dir)) < 0)
		_exit(1);
	close(tell);
	for (;;)
		loop_once(r->rig->env.loop, 1000);
}

static void start(struct daemon *d)
{
	int tell[2];

	assert_int_equal(pipe(tell), 0);
	d->pid = fork();
	assert_true(d->pid >= 0);
	if (!d->pid) {
		close(tell[0]);
		serve(tell[1]);
	}
	close(tell[1]);
	assert_int_equal(read(tell[0], d->dir, sizeof(d->dir)), sizeof(d->dir));
	close(tell[0]);
}

static void stop(struct daemon *d)
{
	char line[128];

	kill(d->pid, SIGKILL); /* if it was not yet */
	assert_int_equal(waitpid(d->pid, NULL, 0), d->pid);
	snprintf(line, sizeof(line), "rm -r %s", d->dir);
	assert_int_equal(system(line), 0);
}

/* A session with the new daemon; rings and buffers are as the old one left them. */
static void take_up(struct guest *g, const struct daemon *d, unsigned int number, bool first)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/vhost/vm%u.sock", d->dir, number);
	free(g->path);
	g->cfg.path = g->path = strdup(path);
	g->soiled = !first;
	assert_int_equal(guest_connect(g), 0);
	assert_int_equal(guest_negotiate(g), 0);
	if (first)
		guest_rings_reset(g);
	assert_int_equal(guest_share_memory(g), 0);
	assert_int_equal(first ? guest_inflight_ask(g) : guest_inflight_tell(g), 0);
	for (unsigned int q = 0; q < 2; q++)
		assert_int_equal(guest_queue_start(g, q), 0);
	if (first)
		guest_refill(g, 0);
}

static uint32_t number_in(const uint8_t *frame)
{
	uint32_t n;

	memcpy(&n, frame + 14, sizeof(n));
	return n;
}

/*
 * Frames with numbers from A to B, as fast as it goes, for so long; marks what came. KILLED dies in
 * the midst of it (0: nobody), with a full queue before it.
 */
static void talk(struct guest *a, struct guest *b, uint64_t us, pid_t killed, uint32_t *sent,
		 uint8_t *came)
{
	static uint8_t frame[VHOST_FRAME];
	uint64_t end = clock_ns() + us * 1000;
	uint32_t len;

	do {
		len = 60 + *sent % 1400;
		vhost_frame(frame, len, 0);
		memcpy(frame + 14, sent, sizeof(*sent));
		if (!guest_send(a, 0, frame, len, NULL)) {
			++*sent;
		} else if (killed && clock_ns() >= end) {
			kill(killed, SIGKILL);
			killed = 0;
		}
		while ((len = guest_receive(b, 0, frame, sizeof(frame), NULL)))
			came[number_in(frame)]++;
	} while (clock_ns() < end || killed);
}

/* Each buffer is with the driver or with the port, and what is with the port comes back. */
static void all_is_there(struct guest *g, uint16_t size)
{
	struct guest_queue *tx = &g->queue[1], *rx = &g->queue[0];
	uint64_t end = clock_ns() + GUEST_WAIT_MS * UINT64_C(1000000);

	while (tx->n_free < size && clock_ns() < end)
		guest_reclaim(g, 0);
	assert_int_equal(tx->n_free, size);
	assert_int_equal(tx->ring.n_free, size);
	assert_int_equal(rx->n_free + (rx->went - rx->came), size);
}

static void a_killed_daemon_loses_and_doubles_no_buffer(void **state)
{
	enum { LIVES = 25, MANY = 4 << 20 };
	static const uint64_t masked[] = { BIT(GUEST_F_RING_PACKED), 0,
					   BIT(GUEST_F_RING_PACKED) | BIT(GUEST_F_IN_ORDER),
					   BIT(GUEST_F_IN_ORDER) };

	(void)state;
	srandom(0xdead);
	for (size_t mode = 0; mode < ARRAY_LEN(masked); mode++) {
		struct guest_config c = {
			.path = "",
			.features = GUEST_FEATURES & ~masked[mode] & ~BIT(VIRTIO_NET_F_CTRL_VQ),
			.size = 64,
			.rx_len = 2048,
			.tx_pieces = 2,
			.indirect = mode % 2,
		};
		struct guest *a = guest_create(&c), *b = guest_create(&c);
		uint8_t *came = calloc(MANY, 1);
		uint32_t sent = 0, lost = 0, twice = 0;
		struct daemon d;

		for (unsigned int life = 0; life < LIVES; life++) {
			start(&d);
			take_up(a, &d, 0, !life);
			take_up(b, &d, 1, !life);
			talk(a, b, 2000 + (uint64_t)random() % 3000, life + 1 < LIVES ? d.pid : 0,
			     &sent, came);
			assert_true(sent < MANY);
			if (life + 1 == LIVES)
				break;
			stop(&d);
			guest_disconnect(a);
			guest_disconnect(b);
		}
		all_is_there(a, c.size);
		all_is_there(b, c.size);
		talk(a, b, 20000, 0, &sent, came);
		stop(&d);
		for (uint32_t i = 0; i < sent; i++) {
			lost += !came[i];
			twice += came[i] > 1;
		}
		print_message("# %u frames, %u lost, %u twice\n", sent, lost, twice);
		/* Twice: no more than a burst a life; lost: what found no buffer or no machine. */
		assert_true(twice <= LIVES * 32);
		guest_destroy(a);
		guest_destroy(b);
		free(came);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_daemon_loses_and_doubles_no_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
