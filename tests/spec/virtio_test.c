/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtio 1.2, clause by clause: what we claim of a device's virtqueues. Each row has its clause and
 * looks at the octets in the guest's memory. What a bad driver gets is in ring_hostile_test.c.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/rig/ring_rig.h"

#define MEMORY (1u << 20)
#define SIZE   8u
#define BUF    (RING_RIG_GPA + 0x20000)
#define TAB    (RING_RIG_GPA + 0x30000)

static struct ring_memory *m;
static struct ring_pair pair;
static struct ring ring;
static struct iovec pool[64];
static struct ring_chain chain[SIZE];
static int call_fd;

static unsigned int signals(void)
{
	uint64_t n = 0;

	return read(call_fd, &n, sizeof(n)) == sizeof(n) ? (unsigned int)n : 0;
}

static void add(unsigned int n, uint32_t len, bool write)
{
	struct vring_piece p[SIZE];

	for (unsigned int i = 0; i < n; i++)
		p[i] = (struct vring_piece){ BUF + 256 * i, len, write };
	assert_true(vring_driver_add(&pair.driver, p, n, NULL, 0, NULL) >= 0);
}

static void take(enum ring_dir dir, unsigned int n)
{
	assert_int_equal(ring_take(&ring, dir, chain, n, pool, ARRAY_LEN(pool)), n);
	assert_null(ring.broken);
}

static void use(unsigned int n, uint32_t written)
{
	for (unsigned int i = 0; i < n; i++)
		ring_use(&ring, &chain[i], written);
	ring_return(&ring);
}

static void round_trip(void)
{
	uint32_t written;
	void *cookie;

	add(1, 10, false);
	take(RING_READ, 1);
	use(1, 0);
	assert_true(vring_driver_get(&pair.driver, &cookie, &written));
}

static struct vring_used *used_ring(void)
{
	return ring_memory_at(m, pair.used);
}

static struct vring_packed_desc *slots(void)
{
	return ring_memory_at(m, pair.desc);
}

static struct vring_packed_desc_event *event(void)
{
	return ring_memory_at(m, pair.used);
}

/* ---- split ---------------------------------------------------------------------------------- */

static bool pieces_keep_their_direction(void)
{
	struct vring_piece p[3] = { { BUF, 4, false },
				    { BUF + 9, 5, false },
				    { BUF + 99, 6, true } };

	vring_driver_add(&pair.driver, p, 3, NULL, 0, NULL);
	take(RING_BOTH, 1);
	return chain[0].n_read == 2 && chain[0].n_iov == 3;
}

static bool a_table_may_follow_plain_descriptors(void)
{
	struct vring_desc *d = ring_memory_at(m, pair.desc), *t = ring_memory_at(m, TAB);
	struct vring_avail *avail = ring_memory_at(m, pair.avail);

	d[0] = (struct vring_desc){ BUF, 4, VRING_DESC_F_NEXT, 1 };
	d[1] = (struct vring_desc){ TAB, 32, VRING_DESC_F_INDIRECT, 0 };
	t[0] = (struct vring_desc){ BUF + 100, 5, VRING_DESC_F_NEXT, 1 };
	t[1] = (struct vring_desc){ BUF + 200, 6, 0, 0 };
	avail->idx = 1;
	take(RING_READ, 1);
	return chain[0].n_iov == 3 && chain[0].len == 15;
}

static bool a_tables_own_write_flag_means_nothing(void)
{
	struct vring_desc *d = ring_memory_at(m, pair.desc), *t = ring_memory_at(m, TAB);
	struct vring_avail *avail = ring_memory_at(m, pair.avail);

	d[0] = (struct vring_desc){ TAB, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_WRITE, 0 };
	t[0] = (struct vring_desc){ BUF, 5, 0, 0 };
	avail->idx = 1;
	take(RING_READ, 1);
	return chain[0].n_read == 1;
}

static bool no_interrupt_is_respected(void)
{
	vring_driver_listen(&pair.driver, true);
	round_trip();
	signals();
	vring_driver_listen(&pair.driver, false);
	round_trip();
	return !signals();
}

static bool used_event_is_respected(void)
{
	vring_driver_listen(&pair.driver, true);
	round_trip();
	signals();
	vring_driver_listen_after(&pair.driver, 2);
	round_trip();
	if (signals())
		return false;
	round_trip();
	return signals() == 1;
}

static bool flags_mean_nothing_with_used_event(void)
{
	vring_driver_listen(&pair.driver, true);
	round_trip();
	signals();
	((struct vring_avail *)ring_memory_at(m, pair.avail))->flags = VRING_AVAIL_F_NO_INTERRUPT;
	vring_driver_listen(&pair.driver, true);
	round_trip();
	return signals() == 1;
}

static bool an_element_has_the_head_and_the_length(void)
{
	add(3, 100, true);
	take(RING_WRITE, 1);
	use(1, 77);
	return used_ring()->idx == 1 && used_ring()->ring[0].id == chain[0].id &&
	       used_ring()->ring[0].len == 77;
}

static bool nothing_is_seen_before_it_is_returned(void)
{
	add(1, 100, true);
	take(RING_WRITE, 1);
	ring_use(&ring, &chain[0], 5);
	return used_ring()->idx == 0;
}

static bool the_used_index_runs_freely(void)
{
	for (unsigned int i = 0; i < 70000; i++)
		round_trip();
	return used_ring()->idx == (uint16_t)70000;
}

static bool used_flags_are_zero_with_event_idx(void)
{
	ring_arm(&ring, true);
	round_trip();
	ring_arm(&ring, false);
	return used_ring()->flags == 0;
}

static bool no_notify_is_set_and_cleared(void)
{
	bool off, on;

	ring_arm(&ring, false);
	off = used_ring()->flags == VRING_USED_F_NO_NOTIFY;
	ring_arm(&ring, true);
	on = used_ring()->flags == 0;
	return off && on;
}

static bool avail_event_is_the_next_index(void)
{
	uint16_t at;

	round_trip();
	round_trip();
	ring_arm(&ring, true);
	memcpy(&at, &used_ring()->ring[SIZE], sizeof(at));
	return at == 2;
}

static bool the_same_order_comes_back(void)
{
	for (unsigned int i = 0; i < 5; i++)
		add(1, 10 + i, false);
	take(RING_READ, 5);
	use(5, 0);
	for (unsigned int i = 0; i < 5; i++) {
		if (used_ring()->ring[i].id != chain[i].id)
			return false;
	}
	return true;
}

/* ---- packed --------------------------------------------------------------------------------- */

static bool a_slot_that_was_used_has_both_bits_as_the_wrap_counter(void)
{
	uint16_t both = 1u << VRING_PACKED_DESC_F_AVAIL | 1u << VRING_PACKED_DESC_F_USED;

	for (unsigned int i = 0; i < SIZE; i++) {
		round_trip();
		if ((slots()[i].flags & both) != both)
			return false;
	}
	for (unsigned int i = 0; i < SIZE; i++) {
		round_trip();
		if (slots()[i].flags & both)
			return false;
	}
	return true;
}

static bool the_write_flag_says_that_the_length_counts(void)
{
	bool wrote;

	add(1, 100, true);
	take(RING_WRITE, 1);
	use(1, 9);
	wrote = slots()[0].flags & VRING_DESC_F_WRITE && slots()[0].len == 9;
	add(1, 100, false);
	take(RING_READ, 1);
	use(1, 0);
	return wrote && !(slots()[1].flags & VRING_DESC_F_WRITE);
}

static bool a_chain_is_one_used_slot_and_the_rest_is_skipped(void)
{
	uint16_t id;

	add(3, 10, false);
	add(1, 10, false);
	take(RING_READ, 2);
	id = slots()[2].id; /* 2.8.6: the buffer's id is in its last descriptor */
	use(2, 0);
	return chain[0].id == id && slots()[0].id == id && slots()[3].id == chain[1].id;
}

static bool the_first_slot_of_a_batch_is_shown_last(void)
{
	uint16_t before;

	add(1, 10, false);
	add(1, 10, false);
	take(RING_READ, 2);
	before = slots()[0].flags;
	ring_use(&ring, &chain[0], 0);
	ring_use(&ring, &chain[1], 0);
	if (slots()[0].flags != before)
		return false;
	ring_return(&ring);
	return slots()[0].flags != before;
}

static bool a_packed_table_is_read_one_after_the_other(void)
{
	struct vring_packed_desc *t = ring_memory_at(m, TAB);

	t[0] = (struct vring_packed_desc){ BUF, 4, 0xffff, VRING_DESC_F_INDIRECT };
	t[1] = (struct vring_packed_desc){ BUF + 9, 5, 0, 0 };
	slots()[0] = (struct vring_packed_desc){
		TAB, 32, 3, VRING_DESC_F_INDIRECT | 1u << VRING_PACKED_DESC_F_AVAIL
	};
	take(RING_READ, 1);
	return chain[0].n_iov == 2 && chain[0].len == 9 && chain[0].id == 3;
}

static bool the_device_area_is_disabled_and_enabled(void)
{
	bool off;

	ring_arm(&ring, false);
	off = event()->flags == VRING_PACKED_EVENT_FLAG_DISABLE;
	ring_arm(&ring, true);
	return off && event()->flags == VRING_PACKED_EVENT_FLAG_ENABLE;
}

static bool the_device_area_names_the_next_slot(void)
{
	for (unsigned int i = 0; i < SIZE + 3; i++)
		round_trip();
	ring_arm(&ring, true);
	return event()->flags == VRING_PACKED_EVENT_FLAG_DESC && event()->off_wrap == 3;
}

static bool a_disabled_driver_area_is_respected(void)
{
	vring_driver_listen(&pair.driver, true);
	round_trip();
	signals();
	vring_driver_listen(&pair.driver, false);
	round_trip();
	return !signals();
}

enum { SPLIT, SPLIT_EVENT, PACKED, PACKED_EVENT };

static const struct {
	const char *clause, *what;
	unsigned int ring;
	bool (*holds)(void);
} row[] = {
	{ "2.6.8", "used in the order in which they were made available (IN_ORDER)", SPLIT,
	  the_same_order_comes_back },
	{ "2.7.4.2", "what is to be read comes before what is to be written", SPLIT,
	  pieces_keep_their_direction },
	{ "2.7.5.3.2", "a table may follow plain descriptors", SPLIT,
	  a_table_may_follow_plain_descriptors },
	{ "2.7.5.3.2", "the write flag of a table's descriptor is ignored", SPLIT,
	  a_tables_own_write_flag_means_nothing },
	{ "2.7.7.2", "no signal with NO_INTERRUPT", SPLIT, no_interrupt_is_respected },
	{ "2.7.7.2", "a signal when used_event is passed", SPLIT_EVENT, used_event_is_respected },
	{ "2.7.7.2", "flags are ignored with EVENT_IDX", SPLIT_EVENT,
	  flags_mean_nothing_with_used_event },
	{ "2.7.8", "an element is the head's index and the octets written", SPLIT,
	  an_element_has_the_head_and_the_length },
	{ "2.7.8.2", "len is there before idx", SPLIT, nothing_is_seen_before_it_is_returned },
	{ "2.7.8", "idx runs freely", SPLIT, the_used_index_runs_freely },
	{ "2.7.10.1", "used flags are zero with EVENT_IDX", SPLIT_EVENT,
	  used_flags_are_zero_with_event_idx },
	{ "2.7.10.1", "NO_NOTIFY is set and cleared", SPLIT, no_notify_is_set_and_cleared },
	{ "2.7.10.1", "avail_event is the next index", SPLIT_EVENT, avail_event_is_the_next_index },
	{ "2.8.1", "both bits of a used slot are the wrap counter", PACKED,
	  a_slot_that_was_used_has_both_bits_as_the_wrap_counter },
	{ "2.8.5", "the write flag says that the length counts", PACKED,
	  the_write_flag_says_that_the_length_counts },
	{ "2.8.6", "a chain is one used slot, the rest is skipped", PACKED,
	  a_chain_is_one_used_slot_and_the_rest_is_skipped },
	{ "2.8.6", "the first slot of a batch is shown last", PACKED,
	  the_first_slot_of_a_batch_is_shown_last },
	{ "2.8.7", "a table's entries are consecutive, their flags but WRITE ignored", PACKED,
	  a_packed_table_is_read_one_after_the_other },
	{ "2.8.10", "the device's area is disabled and enabled", PACKED,
	  the_device_area_is_disabled_and_enabled },
	{ "2.8.10", "with EVENT_IDX it names slot and wrap counter", PACKED_EVENT,
	  the_device_area_names_the_next_slot },
	{ "2.8.10", "no signal while the driver's area is disabled", PACKED,
	  a_disabled_driver_area_is_respected },
	{ "2.8.10", "a signal when the driver's slot is passed", PACKED_EVENT,
	  used_event_is_respected },
};

static void each_clause_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		m = ring_memory_create(MEMORY);
		ring_pair_init(&pair, m, SIZE, row[i].ring >= PACKED, row[i].ring & 1);
		call_fd = eventfd(0, EFD_NONBLOCK);
		pair.config.call_fd = call_fd;
		assert_int_equal(ring_setup(&ring, &pair.config), 0);
		if (!row[i].holds())
			fail_msg("%s: %s", row[i].clause, row[i].what);
		ring_teardown(&ring);
		close(call_fd);
		ring_memory_destroy(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_clause_holds),
	};

	return cmocka_run_group_tests_name("virtio 1.2", tests, NULL, NULL);
}
