/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/pcapng.h"

/* ---- a dull reader: draft-ietf-opsawg-pcapng, octet by octet ----------------------------------
 */

enum { NAMES = 16, FRAMES = 4096 };

struct read_frame {
	char port[64];
	unsigned int direction; /* 1: in, 2: out */
	uint64_t time;
	uint32_t len;
	uint8_t first, last;
};

struct content {
	unsigned int sections, interfaces, n;
	struct read_frame v[FRAMES];
};

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The value of option CODE among those from P on; NULL: none. */
static const uint8_t *option(const uint8_t *p, const uint8_t *end, unsigned int code, uint16_t *len)
{
	while (p + 4 <= end && u16(p)) {
		if (u16(p) == code) {
			*len = u16(p + 2);
			return p + 4;
		}
		p += 4 + (u16(p + 2) + 3) / 4 * 4;
	}
	return NULL;
}

static void read_section(const uint8_t *p, const uint8_t *end, struct content *c)
{
	char name[NAMES][64];
	unsigned int names = 0;
	bool in_section = false;
	uint16_t n = 0;

	memset(c, 0, sizeof(*c));
	while (p < end) {
		uint32_t len = u32(p + 4), captured;
		const uint8_t *o, *back = p + len - 4;

		assert_true(end - p >= 12 && len >= 12 && len % 4 == 0 && len <= end - p);
		assert_int_equal(u32(back), len);
		switch (u32(p)) {
		case 0x0a0d0d0a:
			assert_int_equal(u32(p + 8), 0x1a2b3c4d);
			assert_int_equal(u16(p + 12), 1);
			c->sections++;
			names = 0;
			in_section = true;
			break;
		case 1:
			assert_true(in_section && names < NAMES);
			assert_int_equal(u16(p + 8), 1); /* LINKTYPE_ETHERNET */
			o = option(p + 16, back, 9, &n);
			assert_true(o && n == 1 && *o == 9); /* nanoseconds */
			o = option(p + 16, back, 2, &n);
			assert_true(o && n < sizeof(name[0]));
			snprintf(name[names++], sizeof(name[0]), "%.*s", (int)n, (const char *)o);
			c->interfaces++;
			break;
		case 6:
			assert_true(u32(p + 8) < names && c->n < FRAMES);
			captured = u32(p + 20);
			assert_int_equal(captured, u32(p + 24));
			assert_true(captured <= len - 32);
			o = option(p + 28 + (captured + 3) / 4 * 4, back, 2, &n);
			assert_true(o && n == 4);
			c->v[c->n] = (struct read_frame){ .direction = u32(o) & 3,
							  .time = (uint64_t)u32(p + 12) << 32 |
								  u32(p + 16),
							  .len = captured };
			c->v[c->n].first = captured ? p[28] : 0;
			c->v[c->n].last = captured ? p[28 + captured - 1] : 0;
			memcpy(c->v[c->n++].port, name[u32(p + 8)], sizeof(name[0]));
			break;
		default:
			fail_msg("block type %x", u32(p));
		}
		p += len;
	}
}

/* ---- files ---------------------------------------------------------------------------------- */

static char dir[64];
static struct content content;

static const char *path(const char *name)
{
	static char out[160];

	snprintf(out, sizeof(out), "%s/%s", dir, name);
	return out;
}

static off_t size_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) < 0 ? -1 : st.st_size;
}

static const struct content *content_of(const char *name)
{
	size_t len = (size_t)size_of(name);
	uint8_t *octets = malloc(len);
	int fd = open(path(name), O_RDONLY);

	assert_true(fd >= 0 && octets);
	assert_int_equal(read(fd, octets, len), (ssize_t)len);
	close(fd);
	read_section(octets, octets + len, &content);
	free(octets);
	return &content;
}

static struct pcapng *opened(const char *name, uint64_t limit)
{
	struct pcapng *f;

	assert_int_equal(pcapng_open(dir, name, limit, &f), 0);
	return f;
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weft-pcapng.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "a", "a.1", "dir" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		remove(path(names[i]));
	return rmdir(dir);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void what_is_written_is_what_a_dull_reader_reads(void **state)
{
	static const uint64_t time = 0x123456789abcdef0;
	struct pcapng *f = opened("a", 1 << 20);
	const struct content *c;
	uint8_t frame[1600];

	(void)state;
	for (uint32_t len = 0; len < 300; len++) {
		memset(frame, (int)len, sizeof(frame));
		assert_int_equal(pcapng_put(f, (port_id_t)(len % 3), len % 3 ? "b.eth0" : "a",
					    len % 2 ? CAPTURE_IN : CAPTURE_OUT, time + len, frame,
					    len),
				 0);
	}
	c = content_of("a"); /* it can be read at any time */
	assert_int_equal(c->sections, 1);
	assert_int_equal(c->interfaces, 3);
	assert_int_equal(c->n, 300);
	for (uint32_t len = 0; len < 300; len++) {
		assert_string_equal(c->v[len].port, len % 3 ? "b.eth0" : "a");
		assert_int_equal(c->v[len].direction, len % 2 ? 1 : 2);
		assert_int_equal(c->v[len].time, time + len);
		assert_int_equal(c->v[len].len, len);
		assert_int_equal(c->v[len].first, (uint8_t)len);
		assert_int_equal(c->v[len].last, (uint8_t)len);
	}
	pcapng_close(f);
}

/* Numbers come back, with another port. */
static void a_port_that_took_a_number_over_is_another_interface(void **state)
{
	struct pcapng *f = opened("a", 1 << 20);
	const struct content *c;

	(void)state;
	assert_int_equal(pcapng_put(f, 7, "x", CAPTURE_IN, 1, (const uint8_t *)"ab", 2), 0);
	assert_int_equal(pcapng_put(f, 7, "y", CAPTURE_IN, 2, (const uint8_t *)"ab", 2), 0);
	assert_int_equal(pcapng_put(f, 7, "y", CAPTURE_IN, 3, (const uint8_t *)"ab", 2), 0);
	c = content_of("a");
	assert_int_equal(c->interfaces, 2);
	assert_string_equal(c->v[0].port, "x");
	assert_string_equal(c->v[1].port, "y");
	assert_string_equal(c->v[2].port, "y");
	pcapng_close(f);
}

static void a_file_of_ours_is_continued(void **state)
{
	const struct content *c;
	struct pcapng *f;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		f = opened("a", 1 << 20);
		assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, i, (const uint8_t *)"abc", 3),
				 0);
		pcapng_close(f);
	}
	c = content_of("a");
	assert_int_equal(c->sections, 3);
	assert_int_equal(c->n, 3);
	assert_int_equal(size_of("a.1"), -1);
}

static void a_file_has_its_limit_and_one_before_it(void **state)
{
	enum { LIMIT = 4000, SENT = 100 };
	struct pcapng *f = opened("a", LIMIT);
	unsigned int last = 0;
	const struct content *c;

	(void)state;
	for (unsigned int i = 0; i < SENT; i++) {
		uint8_t frame[100];

		memset(frame, (int)i, sizeof(frame));
		assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, i, frame, sizeof(frame)), 0);
		assert_true(size_of("a") <= LIMIT);
		assert_true(size_of("a.1") <= LIMIT);
	}
	/* No frame is missing at the seam, and each file can be read alone. */
	c = content_of("a.1");
	assert_int_equal(c->interfaces, 1);
	last = c->v[c->n - 1].first;
	c = content_of("a");
	assert_int_equal(c->interfaces, 1);
	assert_int_equal(c->v[0].first, last + 1);
	assert_int_equal(c->v[c->n - 1].first, SENT - 1);
	pcapng_close(f);
}

static void a_frame_that_is_larger_than_the_limit_is_kept_all_the_same(void **state)
{
	struct pcapng *f = opened("a", 100);
	uint8_t frame[1000] = { 1 };

	(void)state;
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, frame, sizeof(frame)), 0);
	assert_int_equal(content_of("a")->n, 1);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, frame, sizeof(frame)), 0);
	assert_int_equal(content_of("a")->n, 1);
	assert_int_equal(content_of("a.1")->n, 1);
	pcapng_close(f);
}

static void a_file_of_somebody_else_is_left_alone(void **state)
{
	static const char *const others[] = { "text", "\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a\1",
					      "\xd4\xc3\xb2\xa1" };
	struct pcapng *f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		FILE *out = fopen(path("a"), "w");

		fwrite(others[i], 1, i == 1 ? 13 : strlen(others[i]), out);
		fclose(out);
		assert_int_equal(pcapng_open(dir, "a", 1 << 20, &f), -EEXIST);
		assert_int_equal(size_of("a"), i == 1 ? 13 : (off_t)strlen(others[i]));
	}
}

/* A machine that died in the middle of a block. */
static void a_file_that_ends_in_half_a_block_is_set_aside(void **state)
{
	struct pcapng *f = opened("a", 1 << 20);

	(void)state;
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, (const uint8_t *)"abcd", 4), 0);
	pcapng_close(f);
	assert_int_equal(truncate(path("a"), size_of("a") - 5), 0);
	f = opened("a", 1 << 20);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, (const uint8_t *)"abcd", 4), 0);
	assert_int_equal(content_of("a")->n, 1);
	assert_true(size_of("a.1") > 0);
	pcapng_close(f);
}

/* A full disk: here a limit of the process. */
static void what_does_not_fit_is_taken_back(void **state)
{
	struct rlimit was, tight;
	struct pcapng *f = opened("a", 1 << 20);
	uint8_t frame[600] = { 1 };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	tight = was;
	tight.rlim_cur = 1500;
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, frame, sizeof(frame)), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 1, frame, sizeof(frame)), 0);
	assert_true(pcapng_put(f, 1, "x", CAPTURE_IN, 2, frame, sizeof(frame)) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(content_of("a")->n, 2);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 3, frame, sizeof(frame)), 0);
	assert_int_equal(content_of("a")->n, 3);
	pcapng_close(f);
}

static void a_file_that_had_no_room_to_begin_begins_later(void **state)
{
	struct rlimit was, tight;
	struct pcapng *f = opened("a", 1000);
	uint8_t frame[600] = { 1 };

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, frame, sizeof(frame)), 0);
	tight = was;
	for (tight.rlim_cur = 0; tight.rlim_cur < 40; tight.rlim_cur += 20) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		assert_true(pcapng_put(f, 1, "x", CAPTURE_IN, 1, frame, sizeof(frame)) < 0);
		assert_true(pcapng_put(f, 1, "x", CAPTURE_IN, 2, frame, sizeof(frame)) < 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
		assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 3, frame, sizeof(frame)), 0);
		assert_int_equal(content_of("a")->n, 1);
		assert_int_equal(content_of("a.1")->n, 1);
	}
	pcapng_close(f);
}

static void a_file_that_somebody_removed_is_begun_anew(void **state)
{
	static const uint64_t second = 1000000000;
	struct pcapng *f = opened("a", 1000);
	uint8_t frame[600] = { 1 };

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(
			pcapng_put(f, 1, "x", CAPTURE_IN, i * second, frame, sizeof(frame)), 0);
		assert_int_equal(content_of("a")->n, 1);
		assert_int_equal(unlink(path("a")), 0);
	}
	/* At its limit, before anybody looked. */
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 2 * second + 1, frame, sizeof(frame)),
			 0);
	assert_int_equal(content_of("a")->n, 1);
	pcapng_close(f);
}

static void a_file_that_could_not_be_made_is_made_later(void **state)
{
	struct rlimit was, none;
	struct pcapng *f = opened("a", 1000);
	uint8_t frame[600] = { 1 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){ 0, was.rlim_max };
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 0, frame, sizeof(frame)), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 1, frame, sizeof(frame)), -EMFILE);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 2, frame, sizeof(frame)), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(pcapng_put(f, 1, "x", CAPTURE_IN, 3, frame, sizeof(frame)), 0);
	assert_int_equal(content_of("a")->n, 1);
	assert_int_equal(content_of("a.1")->n, 1);
	pcapng_close(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_what_a_dull_reader_reads),
		TEST(a_port_that_took_a_number_over_is_another_interface),
		TEST(a_file_of_ours_is_continued),
		TEST(a_file_has_its_limit_and_one_before_it),
		TEST(a_frame_that_is_larger_than_the_limit_is_kept_all_the_same),
		TEST(a_file_of_somebody_else_is_left_alone),
		TEST(a_file_that_ends_in_half_a_block_is_set_aside),
		TEST(what_does_not_fit_is_taken_back),
		TEST(a_file_that_had_no_room_to_begin_begins_later),
		TEST(a_file_that_somebody_removed_is_begun_anew),
		TEST(a_file_that_could_not_be_made_is_made_later),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
