/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "virtio/gmem.h"

#define PAGE 4096u
#define MIB  (1u << 20)
#define HUGE (2u * MIB)

static int file_of(size_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static struct gmem *add(const struct gmem *old, uint64_t gpa, uint64_t uva, uint64_t size,
			uint64_t offset, int fd)
{
	struct gmem_plan p = { gpa, uva, size, offset };
	struct gmem *m = NULL;

	assert_int_equal(gmem_add(old, &p, fd, &m), 0);
	return m;
}

static void memory_is_found_by_either_address(void **state)
{
	int fd = file_of(3 * PAGE);
	struct gmem *one = add(NULL, 0x10000, 0x7000000, PAGE, 0, fd);
	struct gmem *two = add(one, 0x11000, 0x9000000, PAGE, 2 * PAGE, fd);
	unsigned int hint = 0;
	uint64_t gpa;
	uint32_t len = PAGE;
	uint8_t *at;

	(void)state;
	at = gmem_at(two, 0x11010, &len, &hint);
	assert_non_null(at);
	assert_int_equal(hint, 1);
	assert_int_equal(len, PAGE - 0x10); /* no further than the region goes */
	assert_ptr_equal(gmem_at_uva(two, 0x9000010, 1), at);
	assert_true(gmem_gpa(two, at, &gpa));
	assert_int_equal(gpa, 0x11010);
	*at = 0x5a;
	assert_int_equal(pread(fd, &gpa, 1, 2 * PAGE + 0x10), 1);
	assert_int_equal(gpa & 0xff, 0x5a);

	len = 8;
	assert_ptr_equal(gmem_at(two, 0x10ffc, &len, &hint), two->region[0].host + 0xffc);
	assert_int_equal(len, 4);
	len = 1;
	assert_null(gmem_at(two, 0xffff, &len, &hint));
	assert_null(gmem_at(two, 0x12000, &len, &hint));
	assert_null(gmem_at(two, UINT64_MAX, &len, &hint));
	assert_null(gmem_at_uva(two, 0x7000ff8, 9)); /* in no one region */
	assert_null(gmem_at_uva(two, 0x7000ff8, UINT64_MAX));
	assert_false(gmem_gpa(two, &gpa, &gpa));
	gmem_free(one);
	gmem_free(two);
	close(fd);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *why;
		struct gmem_plan plan;
		int err;
	} row[] = {
		{ "empty", { 0x100000, 0x100000, 0, 0 }, -EINVAL },
		{ "wraps around for the guest", { UINT64_MAX - 10, 0, PAGE, 0 }, -EINVAL },
		{ "wraps around for the frontend", { 0, UINT64_MAX - 10, PAGE, 0 }, -EINVAL },
		{ "behind the file's end", { 0, 0, PAGE, 4 * PAGE }, -EINVAL },
		{ "an octet behind the file's end", { 0, 0, PAGE, 3 * PAGE + 1 }, -EINVAL },
		{ "its offset wraps around", { 0, 0, PAGE, UINT64_MAX - 100 }, -EINVAL },
		{ "first octet is another's", { 0x50fff, 0, PAGE, 0 }, -EINVAL },
		{ "last octet is another's", { 0x4f001, 0, PAGE, 0 }, -EINVAL },
		{ "around another", { 0x4f000, 0, 3 * PAGE, 0 }, -EINVAL },
		{ "the frontend's addresses overlap", { 0, 0x90fff, PAGE, 0 }, -EINVAL },
		{ "larger than any guest", { 0x100000, 0x100000, GMEM_OCTETS + 1, 0 }, -ENOSPC },
	};
	int fd = file_of(4 * PAGE);
	struct gmem *old = add(NULL, 0x50000, 0x90000, PAGE, 0, fd), *m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int err;

		m = old;
		err = gmem_add(old, &row[i].plan, fd, &m);
		if (err != row[i].err || m != old)
			fail_msg("%s: %d", row[i].why, err);
	}
	m = add(old, 0x51000, 0x91000, PAGE, 0, fd); /* next to it is fine */
	gmem_free(m);
	gmem_free(old);
	close(fd);
}

static void only_files_are_mapped(void **state)
{
	struct gmem_plan plan = { .gpa = 0, .uva = 0, .size = PAGE };
	struct gmem *m = NULL;
	int fd, ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(gmem_add(NULL, &plan, ends[0], &m), -EINVAL);
	close(ends[0]);
	close(ends[1]);
	fd = open("/dev/zero", O_RDWR);
	assert_int_equal(gmem_add(NULL, &plan, fd, &m), -EINVAL);
	close(fd);
	fd = open("/", O_RDONLY | O_DIRECTORY);
	assert_int_equal(gmem_add(NULL, &plan, fd, &m), -EINVAL);
	close(fd);
	assert_int_equal(gmem_add(NULL, &plan, -1, &m), -EINVAL);
	/* It can be read only. */
	fd = memfd_create("sealed", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	assert_int_equal(gmem_add(NULL, &plan, fd, &m), -EINVAL);
	close(fd);
	assert_null(m);
}

static void there_is_an_end_to_regions(void **state)
{
	int fd = file_of(PAGE);
	struct gmem *m = NULL, *more = NULL;
	struct gmem_plan p = { 0, 0, PAGE, 0 };

	(void)state;
	for (unsigned int i = 0; i < GMEM_REGIONS; i++) {
		p.gpa = p.uva = (uint64_t)i * PAGE;
		assert_int_equal(gmem_add(m, &p, fd, &more), 0);
		gmem_free(m);
		m = more;
	}
	p.gpa = p.uva = (uint64_t)GMEM_REGIONS * PAGE;
	assert_int_equal(gmem_add(m, &p, fd, &more), -ENOSPC);
	gmem_free(m);
	close(fd);
}

static void a_change_keeps_the_mappings_that_stay(void **state)
{
	int fd = file_of(2 * PAGE);
	struct gmem *one = add(NULL, 0, 0, PAGE, 0, fd);
	struct gmem *two = add(one, PAGE, PAGE, PAGE, PAGE, fd);
	struct gmem_plan first = { 0, 0, PAGE, 0 };
	struct gmem *rest = NULL;
	uint8_t *at = two->region[1].host;

	(void)state;
	close(fd); /* the mapping holds the file */
	assert_ptr_equal(one->region[0].host, two->region[0].host);
	gmem_free(one);
	two->region[0].host[5] = 7;
	assert_int_equal(gmem_remove(two, &first, &rest), 0);
	assert_int_equal(rest->n, 1);
	assert_ptr_equal(rest->region[0].host, at);
	gmem_free(two);
	at[1] = 2;
	first.size--;
	assert_int_equal(gmem_remove(rest, &first, &two), -ENOENT);
	gmem_free(rest);
	gmem_free(NULL);
}

static void what_was_told_again_is_there_until_it_is_taken_as_often(void **state)
{
	static const struct {
		const char *why;
		struct gmem_plan plan;
		bool other; /* file */
		bool same;
	} row[] = {
		{ "the very same", { PAGE, 2 * PAGE, PAGE, PAGE }, false, true },
		{ "another file", { PAGE, 2 * PAGE, PAGE, PAGE }, true, false },
		{ "another piece of it", { PAGE, 2 * PAGE, PAGE, 0 }, false, false },
		{ "another place", { 2 * PAGE, 2 * PAGE, PAGE, PAGE }, false, false },
		{ "another place in the frontend", { PAGE, PAGE, PAGE, PAGE }, false, false },
		{ "less of it", { PAGE, 2 * PAGE, PAGE / 2, PAGE }, false, false },
		{ "once more", { PAGE, 2 * PAGE, PAGE, PAGE }, false, true },
	};
	int fd = file_of(2 * PAGE), other = file_of(2 * PAGE);
	struct gmem *m = add(NULL, PAGE, 2 * PAGE, PAGE, PAGE, fd), *less;

	(void)state;
	assert_false(gmem_again(m, &row[0].plan, -1));
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (gmem_again(m, &row[i].plan, row[i].other ? other : fd) != row[i].same)
			fail_msg("%s", row[i].why);
	assert_int_equal(m->n, 1);
	for (unsigned int left = 3; left; left--) {
		assert_int_equal(gmem_remove(m, &row[0].plan, &less), 0);
		assert_int_equal(less->n, left > 1);
		gmem_free(m);
		m = less;
	}
	assert_int_equal(gmem_remove(m, &row[0].plan, &less), -ENOENT);
	gmem_free(m);
	close(fd);
	close(other);
}

static void an_offset_needs_no_page_of_its_own(void **state)
{
	int fd = file_of(2 * PAGE);
	struct gmem *m = add(NULL, 0x123, 0x456, PAGE, 100, fd);
	char c = 'x';

	(void)state;
	assert_int_equal(pwrite(fd, &c, 1, 100), 1);
	assert_int_equal(m->region[0].host[0], 'x');
	gmem_free(m);
	close(fd);
}

static void large_pages_are_mapped_whole(void **state)
{
	int fd = memfd_create("huge", MFD_HUGETLB);
	struct gmem *m;

	(void)state;
	if (fd < 0 || ftruncate(fd, HUGE) < 0 || fallocate(fd, 0, 0, HUGE) < 0) {
		if (fd >= 0)
			close(fd);
		print_message("none are reserved here\n");
		skip();
	}
	m = add(NULL, 0, 0, HUGE - 3 * PAGE, 2 * PAGE, fd);
	m->region[0].host[0] = 1;
	m->region[0].host[HUGE - 3 * PAGE - 1] = 1;
	gmem_free(m);
	close(fd);
}

/* ---- files that are truncated --------------------------------------------------------------- */

/* In each test: cmocka has a handler of its own around it. */
static void guard(void)
{
	assert_int_equal(gmem_guard(), 0);
}

static void a_truncated_file_becomes_zeroes_and_hurts_nobody_else(void **state)
{
	int bad_fd = file_of(MIB), good_fd = file_of(MIB);
	struct gmem *bad = add(NULL, 0, 0, MIB, 0, bad_fd);
	struct gmem *good = add(NULL, 0, 0, MIB, 0, good_fd);
	uint8_t *b = bad->region[0].host, *g = good->region[0].host;
	uint64_t sum = 0;

	(void)state;
	guard();
	memset(b, 1, MIB);
	memset(g, 2, MIB);
	assert_int_equal(ftruncate(bad_fd, 0), 0);
	assert_false(gmem_lost(bad)); /* nobody has looked */
	for (unsigned int i = 0; i < MIB; i += 512)
		sum += b[i];
	assert_int_equal(sum, 0);
	assert_true(gmem_lost(bad));
	b[MIB - 1] = 3; /* a store, too */
	assert_int_equal(b[MIB - 1], 3);

	assert_false(gmem_lost(good));
	for (unsigned int i = 0; i < MIB; i += 512)
		sum += g[i];
	assert_int_equal(sum, 2 * MIB / 512);
	gmem_free(bad);
	gmem_free(good);
	close(bad_fd);
	close(good_fd);
}

static void a_file_cut_in_half_is_lost_when_its_end_is_touched(void **state)
{
	int fd = file_of(4 * PAGE);
	struct gmem *m = add(NULL, 0, 0, 4 * PAGE, 0, fd);
	uint8_t *at = m->region[0].host;

	(void)state;
	guard();
	memset(at, 9, 4 * PAGE);
	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	assert_int_equal(at[PAGE], 9);
	assert_false(gmem_lost(m));
	at[3 * PAGE] = 1;
	assert_true(gmem_lost(m));
	assert_int_equal(at[PAGE], 0); /* the whole mapping is ours now */
	gmem_free(m);
	close(fd);
}

static void a_slot_that_went_back_is_not_lost_for_the_next(void **state)
{
	(void)state;
	guard();
	for (unsigned int i = 0; i < 3; i++) {
		int fd = file_of(PAGE);
		struct gmem *m = add(NULL, 0, 0, PAGE, 0, fd);

		assert_false(gmem_lost(m));
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(m->region[0].host[0], 0);
		assert_true(gmem_lost(m));
		gmem_free(m);
		close(fd);
	}
}

static void another_bus_error_still_ends_the_process(void **state)
{
	pid_t child;
	int status;

	(void)state;
	guard();
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		const struct rlimit none = { 0, 0 };
		int fd = memfd_create("not a guest's", 0);
		volatile uint8_t *at;

		setrlimit(RLIMIT_CORE, &none);
		if (fd < 0 || ftruncate(fd, PAGE) < 0)
			_exit(1);
		at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (at == MAP_FAILED || ftruncate(fd, 0) < 0)
			_exit(1);
		*at = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_found_by_either_address),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(only_files_are_mapped),
		cmocka_unit_test(there_is_an_end_to_regions),
		cmocka_unit_test(a_change_keeps_the_mappings_that_stay),
		cmocka_unit_test(what_was_told_again_is_there_until_it_is_taken_as_often),
		cmocka_unit_test(an_offset_needs_no_page_of_its_own),
		cmocka_unit_test(large_pages_are_mapped_whole),
		cmocka_unit_test(a_truncated_file_becomes_zeroes_and_hurts_nobody_else),
		cmocka_unit_test(a_file_cut_in_half_is_lost_when_its_end_is_touched),
		cmocka_unit_test(a_slot_that_went_back_is_not_lost_for_the_next),
		cmocka_unit_test(another_bus_error_still_ends_the_process),
	};

	return cmocka_run_group_tests_name("gmem", tests, NULL, NULL);
}
