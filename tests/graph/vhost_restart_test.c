/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port that comes back finds each ring where it stands, whatever the frontend says of it. QEMU
 * says of a packed ring whose backend has left without a word what it said at its start.
 */
#include "tests/rig/vhost_rig.h"
#include "tests/test.h"

#define BIT(n) (UINT64_C(1) << (n))

static bool no_carrier(void *arg)
{
	return !((const struct port *)arg)->carrier;
}

static void comes_back_with(struct vhost_rig *r, struct vhost_vm *vm, uint32_t base)
{
	guest_disconnect(vm->g);
	assert_true(vhost_rig_until(r, no_carrier, vm->port));
	vhost_rig_forgive(vm);
	guest_rings_recover(vm->g);
	for (unsigned int q = 0; q < 2; q++)
		vm->g->queue[q].base = base;
	assert_int_equal(guest_start(vm->g), 0);
}

static void a_packed_ring_is_found_where_it_stands(void **state)
{
	static const uint32_t said[] = { 0x80008000, 0, 0x8000, 0x00050005, 0xffffffff };
	static const uint16_t sizes[] = { 64, 7, 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct guest_config c = { .size = sizes[i] };
		struct vhost_rig *r = vhost_rig_create(1);
		struct vhost_vm *a, *b;

		vhost_rig_pair(r, "", &c, &a, &b);
		assert_true(guest_has(a->g, GUEST_F_RING_PACKED));
		/* From nothing to three laps, to the end of each and beside it. */
		for (unsigned int n = 0; n < 40; n++) {
			unsigned int frames = n % 8 ? n * 5 % 67 : sizes[i];
			const char *wrong = vhost_rig_talk(a, b, frames, 1514);

			if (!wrong)
				wrong = vhost_rig_talk(b, a, frames / 2, 1514);
			if (wrong)
				fail_msg("size %u, time %u: %s", sizes[i], n, wrong);
			comes_back_with(r, a, said[n % ARRAY_LEN(said)]);
		}
		vhost_rig_destroy(r);
	}
}

/* What the driver has sent meanwhile is taken, and nothing that came before. */
static void what_was_sent_meanwhile_is_found(void **state)
{
	struct guest_config c = { .size = 32 };
	static uint8_t frame[VHOST_FRAME];
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int n = 0; n < 33; n++) {
		assert_null(vhost_rig_talk(a, b, n, 1514));
		guest_disconnect(a->g);
		assert_true(vhost_rig_until(r, no_carrier, a->port));
		for (unsigned int i = 0; i < n; i++) {
			vhost_frame(frame, 100, i);
			/* Those of before are all used: there is room. */
			assert_int_equal(guest_send(a->g, 0, frame, 100, NULL), 0);
		}
		comes_back_with(r, a, 0x80008000);
		for (unsigned int i = 0; i < n; i++) {
			uint32_t len = guest_await(b->g, 0, frame, sizeof(frame), NULL);

			assert_true(vhost_frame_is(frame, len, 100, i));
		}
		assert_true(guest_await_all_sent(a->g, 0));
	}
	vhost_rig_destroy(r);
}

/* Chains of several slots say nothing: then the frontend is believed. */
static void long_chains_are_where_the_frontend_says(void **state)
{
	struct guest_config c = { .size = 64, .tx_pieces = 3, .rx_pieces = 2 };
	struct vhost_rig *r = vhost_rig_create(1);
	struct vhost_vm *a, *b;

	(void)state;
	c.features = GUEST_FEATURES & ~BIT(GUEST_F_INDIRECT_DESC);
	vhost_rig_pair(r, "", &c, &a, &b);
	for (unsigned int n = 0; n < 30; n++) {
		assert_null(vhost_rig_talk(a, b, n, 1514));
		assert_null(vhost_rig_talk(b, a, 10, 1514));
		guest_disconnect(a->g);
		assert_true(vhost_rig_until(r, no_carrier, a->port));
		vhost_rig_forgive(a);
		guest_rings_recover(a->g);
		assert_int_equal(guest_start(a->g), 0);
	}
	vhost_rig_destroy(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packed_ring_is_found_where_it_stands),
		cmocka_unit_test(what_was_sent_meanwhile_is_found),
		cmocka_unit_test(long_chains_are_where_the_frontend_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
