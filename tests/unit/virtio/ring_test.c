/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/rig/ring_rig.h"

#define MEMORY  (8u << 20)
#define POOL    1100u
#define CHAINS  256u
#define BUFFERS (2u << 20) /* octets that chains are cut from, over both regions */

struct fixture {
	struct ring_memory *m;
	struct ring_pair pair;
	struct ring ring;
	uint64_t buffers, tables;
	struct iovec pool[POOL];
	int call_fd;
};

struct shape {
	const char *name;
	uint16_t size;
	bool packed, event_idx;
};

static const struct shape shapes[] = {
	{ "split", 256, false, false },         { "split, EVENT_IDX", 256, false, true },
	{ "split of 2", 2, false, true },       { "split of 1024", 1024, false, true },
	{ "packed", 256, true, false },         { "packed, EVENT_IDX", 256, true, true },
	{ "packed, odd size", 77, true, true }, { "packed of 2", 2, true, false },
};

static void start(struct fixture *f, const struct shape *s)
{
	f->m = ring_memory_create(MEMORY);
	ring_pair_init(&f->pair, f->m, s->size, s->packed, s->event_idx);
	f->tables = ring_memory_take(f->m, (uint64_t)s->size * 16 * 16, 16);
	/* In the middle, so that some buffers lie across both regions. */
	f->m->taken = MAX(f->m->taken, MEMORY / 2 - BUFFERS / 2);
	f->buffers = ring_memory_take(f->m, BUFFERS, 1);
	f->call_fd = eventfd(0, EFD_NONBLOCK);
	f->pair.config.call_fd = f->call_fd;
	assert_int_equal(ring_setup(&f->ring, &f->pair.config), 0);
}

static void stop(struct fixture *f)
{
	ring_teardown(&f->ring);
	close(f->call_fd);
	ring_memory_destroy(f->m);
}

/* ---- against the oracle --------------------------------------------------------------------- */

/* What the test made available and what it knows of it. */
struct buffer {
	unsigned int n;
	struct vring_piece piece[16];
	uint32_t read_len, write_len;
	bool read_first;
	uint32_t seed;
	uint32_t want_written; /* told to the device */
	bool live;
};

static void random_buffer(struct fixture *f, struct buffer *b, enum ring_dir dir)
{
	unsigned int n_read = dir == RING_WRITE ? 0 : 1 + (unsigned int)random() % 5;
	unsigned int n_write = dir == RING_READ ? 0 : 1 + (unsigned int)random() % 5;

	if (random() % 2)
		n_read = MIN(n_read, 1u), n_write = MIN(n_write, 1u);
	*b = (struct buffer){ .n = n_read + n_write, .seed = (uint32_t)random(), .live = true };
	for (unsigned int i = 0; i < b->n; i++) {
		struct vring_piece *p = &b->piece[i];

		p->write = i >= n_read;
		p->len = random() % 8 ? (uint32_t)random() % 200 : (uint32_t)random() % 5000;
		p->gpa = f->buffers + (uint64_t)random() % (BUFFERS - p->len);
		if (random() % 16 == 0) /* across the border */
			p->gpa = RING_RIG_GPA + MEMORY / 2 - p->len / 2;
		*(p->write ? &b->write_len : &b->read_len) += p->len;
	}
}

/* The device's pieces are the driver's, octet by octet, in order, whatever they were cut into. */
static void same_octets(const struct fixture *f, const struct ring_chain *c, const struct buffer *b)
{
	const struct iovec *iov = ring_chain_iov(c);
	unsigned int at = 0;
	size_t off = 0;
	uint64_t total = 0;

	for (unsigned int i = 0; i < c->n_iov; i++) {
		size_t left = iov[i].iov_len;
		uint64_t gpa;

		assert_true(gmem_gpa(f->m->mem, iov[i].iov_base, &gpa));
		assert_true(left > 0);
		total += left;
		while (at < b->n && off == b->piece[at].len)
			at++, off = 0;
		assert_true(at < b->n);
		assert_int_equal(gpa, b->piece[at].gpa + off);
		assert_int_equal(b->piece[at].write, i >= c->n_read);
		assert_true(left <= b->piece[at].len - off);
		off += left;
	}
	assert_int_equal(total, c->len);
	assert_int_equal(c->len, b->read_len + b->write_len);
}

static struct buffer buffer[VRING_DRIVER_MAX];
static unsigned int next_buffer;

static struct buffer *add(struct fixture *f, enum ring_dir dir)
{
	struct buffer *b = &buffer[next_buffer % VRING_DRIVER_MAX];
	bool table = random() % 4 == 0;
	uint64_t gpa = f->tables + (next_buffer % f->pair.driver.size) * 16 * 16;

	if (b->live)
		return NULL;
	random_buffer(f, b, dir);
	if (vring_driver_add(&f->pair.driver, b->piece, b->n,
			     table ? ring_memory_at(f->m, gpa) : NULL, gpa, b) < 0) {
		b->live = false;
		return NULL;
	}
	next_buffer++;
	return b;
}

static bool was_signalled(struct fixture *f)
{
	uint64_t n;

	return read(f->call_fd, &n, sizeof(n)) == sizeof(n);
}

/* What is taken comes in the order in which it was added. */
static void random_steps(const struct shape *s, enum ring_dir dir, unsigned int steps)
{
	static struct fixture f;
	struct ring_chain chain[CHAINS];
	unsigned int taken = 0, first_taken = 0, first_live = 0, n;
	bool listening = false;

	start(&f, s);
	next_buffer = 0;
	memset(buffer, 0, sizeof(buffer));
	for (unsigned int step = 0; step < steps; step++) {
		void *cookie;
		uint32_t written;

		switch (random() % 6) {
		case 0:
		case 1:
			for (n = (unsigned int)random() % 20; n && add(&f, dir); n--)
				;
			break;
		case 2: /* take a few; give some of them back */
			if (taken)
				break;
			taken = ring_take(&f.ring, dir, chain, (unsigned int)random() % 70, f.pool,
					  POOL);
			assert_null(f.ring.broken);
			for (unsigned int i = 0; i < taken; i++)
				same_octets(&f, &chain[i],
					    &buffer[(first_taken + i) % VRING_DRIVER_MAX]);
			if (dir == RING_WRITE && random() % 2 && taken) {
				n = (unsigned int)random() % taken;
				ring_untake(&f.ring, chain + taken - n, n);
				taken -= n;
			}
			break;
		case 3: /* use what was taken, all of it shown at once */
			for (unsigned int i = 0; i < taken; i++) {
				struct buffer *b = &buffer[first_taken++ % VRING_DRIVER_MAX];

				b->want_written =
					b->write_len ? (uint32_t)random() % b->write_len : 0;
				ring_use(&f.ring, &chain[i], b->want_written);
			}
			was_signalled(&f);
			ring_return(&f.ring);
			if (taken && listening)
				assert_true(was_signalled(&f));
			listening = false;
			taken = 0;
			break;
		case 4: /* the driver collects */
			while (vring_driver_get(&f.pair.driver, &cookie, &written)) {
				struct buffer *b = cookie;

				assert_ptr_equal(b, &buffer[first_live++ % VRING_DRIVER_MAX]);
				assert_true(first_live <= first_taken);
				assert_int_equal(written, b->want_written);
				b->live = false;
			}
			assert_int_equal(first_live, first_taken);
			listening = random() % 2;
			vring_driver_listen(&f.pair.driver, listening);
			break;
		case 5: /* nothing is there unless it was added and not taken */
			if (random() % 4 == 0)
				assert_int_equal(ring_arm(&f.ring, true),
						 first_taken + taken != next_buffer);
			else
				assert_false(ring_arm(&f.ring, false));
			break;
		}
	}
	assert_true(next_buffer > steps / 20 || s->size == 2);
	stop(&f);
}

static void agrees_with_the_plain_driver_at_every_step(void **state)
{
	(void)state;
	srandom(0x5eed);
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		random_steps(&shapes[i], RING_READ, 60000);
		random_steps(&shapes[i], RING_WRITE, 60000);
		random_steps(&shapes[i], RING_BOTH, 30000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_plain_driver_at_every_step),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
