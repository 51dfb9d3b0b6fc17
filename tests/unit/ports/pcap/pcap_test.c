/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "ports/memory/memory.h"
#include "ports/pcap/pcap_priv.h"
#include "tests/rig/port_rig.h"

/* Files in a folder of the test's own; what is replayed goes to a memory port, and back. */
struct fixture {
	struct port_rig *rig;
	struct memory_port *m;
};

static int set_up(void **state)
{
	static const struct memory_config keep = { .keep_frames = 4096 };
	static struct fixture f;

	f.rig = port_rig_create();
	memory_port_create(f.rig->env.engine, &keep, &f.m);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	memory_port_destroy(f->m);
	port_rig_destroy(f->rig);
	return 0;
}

/* ---- files ---------------------------------------------------------------------------------- */

struct file {
	uint8_t octets[1 << 18];
	size_t len;
};

static void put(struct file *f, const void *what, size_t len)
{
	assert_true(f->len + len <= sizeof(f->octets));
	memcpy(f->octets + f->len, what, len);
	f->len += len;
}

static void put32(struct file *f, uint32_t v, bool swapped)
{
	v = swapped ? __builtin_bswap32(v) : v;
	put(f, &v, sizeof(v));
}

static void put_head(struct file *f, uint32_t magic, uint32_t link, bool swapped)
{
	uint16_t version[2] = { 2, 4 };

	f->len = 0;
	if (swapped) {
		version[0] = __builtin_bswap16(2);
		version[1] = __builtin_bswap16(4);
	}
	put32(f, magic, swapped);
	put(f, version, sizeof(version));
	put32(f, 0, swapped);
	put32(f, 0, swapped);
	put32(f, 262144, swapped);
	put32(f, link, swapped);
}

static void put_frame(struct file *f, uint32_t s, uint32_t part, uint32_t len, uint32_t real,
		      bool swapped)
{
	uint8_t octets[4096] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	for (uint32_t i = 14; i < len; i++)
		octets[i] = (uint8_t)(i + len);
	put32(f, s, swapped);
	put32(f, part, swapped);
	put32(f, len, swapped);
	put32(f, real, swapped);
	put(f, octets, len);
}

#define MICRO 0xa1b2c3d4u
#define NANO  0xa1b23c4du

static void save(const struct fixture *f, const char *name, const void *octets, size_t len)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", f->rig->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, len, out), len);
	fclose(out);
}

/* ---- reading -------------------------------------------------------------------------------- */

static struct replay *read_back(struct file *f)
{
	char why[256] = "";
	struct replay *r;

	if (replay_open(fmemopen(f->octets, f->len, "r"), &r, why, sizeof(why)))
		fail_msg("%s", why);
	return r;
}

static void all_precisions_and_byte_orders_mean_the_same(void **state)
{
	static const struct {
		const char *why;
		uint32_t magic, part;
		bool swapped;
	} row[] = {
		{ "microseconds", MICRO, 500, false },
		{ "nanoseconds", NANO, 500000, false },
		{ "microseconds of another machine", MICRO, 500, true },
		{ "nanoseconds of another machine", NANO, 500000, true },
	};
	static struct file file;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct replay_frame a, b;
		struct replay *r;

		put_head(&file, row[i].magic, 1, row[i].swapped);
		put_frame(&file, 1700000000, 0, 60, 60, row[i].swapped);
		put_frame(&file, 1700000001, row[i].part, 100, 100, row[i].swapped);
		r = read_back(&file);
		if (replay_next(r, &a) != REPLAY_FRAME || a.at_ns != 0 || a.len != 60 ||
		    replay_next(r, &b) != REPLAY_FRAME || b.at_ns != 1000500000u || b.len != 100 ||
		    replay_next(r, &b) != REPLAY_END)
			fail_msg("%s", row[i].why);
		replay_close(r);
	}
}

static void time_never_runs_backwards(void **state)
{
	static const uint32_t s[] = { 100, 50, 101, 100, 103 };
	static const uint64_t at[] = { 0, 0, 1, 1, 3 };
	static struct file file;
	struct replay *r;

	(void)state;
	put_head(&file, NANO, 1, false);
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		put_frame(&file, s[i], 0, 60, 60, false);
	r = read_back(&file);
	for (size_t i = 0; i < ARRAY_LEN(s); i++) {
		struct replay_frame f;

		assert_int_equal(replay_next(r, &f), REPLAY_FRAME);
		assert_int_equal(f.at_ns, at[i] * 1000000000u);
	}
	replay_close(r);
}

static void what_is_no_whole_frame_is_skipped(void **state)
{
	static struct file file;
	struct replay_frame f;
	struct replay *r;

	(void)state;
	put_head(&file, NANO, 1, false);
	put_frame(&file, 1, 0, 60, 1514, false); /* captured in part */
	put32(&file, 1, false);
	put32(&file, 0, false);
	put32(&file, PKT_LEN_MAX + 1, false);
	put32(&file, PKT_LEN_MAX + 1, false);
	file.len += PKT_LEN_MAX + 1;
	put_frame(&file, 1, 0, 61, 61, false);
	r = read_back(&file);
	assert_int_equal(replay_next(r, &f), REPLAY_SKIPPED);
	assert_int_equal(replay_next(r, &f), REPLAY_SKIPPED);
	assert_int_equal(replay_next(r, &f), REPLAY_FRAME);
	assert_int_equal(f.len, 61);
	replay_close(r);
}

static void a_file_that_is_cut_ends_with_a_reason(void **state)
{
	static struct file file;
	struct replay_frame f;
	struct replay *r;

	(void)state;
	put_head(&file, NANO, 1, false);
	put_frame(&file, 1, 0, 60, 60, false);
	put_frame(&file, 1, 0, 60, 60, false);
	file.len -= 10;
	r = read_back(&file);
	assert_int_equal(replay_next(r, &f), REPLAY_FRAME);
	assert_int_equal(replay_next(r, &f), REPLAY_BROKEN);
	assert_non_null(strstr(replay_why(r), "truncated"));
	replay_close(r);
}

static void what_is_no_ethernet_capture_is_refused(void **state)
{
	static struct file file;
	char why[256] = "";
	struct replay *r;

	(void)state;
	put_head(&file, NANO, 101, false); /* LINKTYPE_RAW */
	assert_int_equal(replay_open(fmemopen(file.octets, file.len, "r"), &r, why, sizeof(why)),
			 -EINVAL);
	assert_non_null(strstr(why, "not Ethernet"));
	put_head(&file, 0x12345678, 1, false);
	assert_int_equal(replay_open(fmemopen(file.octets, file.len, "r"), &r, why, sizeof(why)),
			 -EINVAL);
}

/* ---- writing -------------------------------------------------------------------------------- */

static int file_in(const struct fixture *f, const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->rig->dir, name);
	return open(path, flags, 0600);
}

static void write_frames(struct fixture *f, unsigned int n)
{
	static uint8_t frame[60000] = { 2, 0, 0, 0, 0, 1 };
	struct record *r;

	assert_int_equal(record_open(file_in(f, "x.pcap", O_RDWR | O_CREAT), &r), 0);
	record_begin(r);
	for (unsigned int i = 0; i < n; i++)
		record_put(r, frame, 60 + i * 1000 % 59000);
	assert_true(record_flush(r));
	record_close(r);
}

static unsigned int frames_in(const struct fixture *f, const char *name)
{
	char why[256];
	enum replay_result result;
	struct replay_frame frame;
	struct replay *r;
	unsigned int n = 0;

	assert_int_equal(replay_open(fdopen(file_in(f, name, O_RDONLY), "r"), &r, why, sizeof(why)),
			 0);
	while ((result = replay_next(r, &frame)) == REPLAY_FRAME)
		n++;
	assert_int_equal(result, REPLAY_END);
	replay_close(r);
	return n;
}

static void what_is_recorded_is_read_and_continued(void **state)
{
	struct fixture *f = *state;

	write_frames(f, 50);
	assert_int_equal(frames_in(f, "x.pcap"), 50);
	write_frames(f, 1);
	assert_int_equal(frames_in(f, "x.pcap"), 51);
}

static void what_is_not_ours_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct record *r;

	save(f, "notes", "hello", 5);
	assert_int_equal(record_open(file_in(f, "notes", O_RDWR), &r), -EEXIST);
	save(f, "letter", "a text that is longer than the head of a capture file", 53);
	assert_int_equal(record_open(file_in(f, "letter", O_RDWR), &r), -EEXIST);
}

static void a_full_disk_loses_frames_and_not_the_file(void **state)
{
	struct fixture *f = *state;
	static const uint8_t frame[1000];
	uint64_t kept, lost;
	struct record *r;
	char path[128];

	if (geteuid() != 0) {
		printf("needs root for a small file system\n");
		skip();
	}
	if (!port_rig_alone()) {
		printf("may have no mounts of its own\n");
		skip();
	}
	snprintf(path, sizeof(path), "%s/small", f->rig->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	{
		char command[200];

		snprintf(command, sizeof(command), "mount -t tmpfs -o size=64k none %s", path);
		assert_int_equal(system(command), 0);
		assert_int_equal(record_open(file_in(f, "small/x", O_RDWR | O_CREAT), &r), 0);
		for (unsigned int i = 0; i < 100; i++) {
			record_begin(r);
			record_put(r, frame, sizeof(frame));
			record_flush(r);
		}
		record_count(r, &kept, &lost);
		assert_int_equal(kept + lost, 100);
		assert_true(kept > 50 && lost > 10);
		record_close(r);
		assert_int_equal(frames_in(f, "small/x"), kept);
		snprintf(command, sizeof(command), "umount %s", path);
		assert_int_equal(system(command), 0);
	}
}

/* ---- the port ------------------------------------------------------------------------------- */

static void make_capture(struct fixture *f, unsigned int frames, uint32_t gap_us)
{
	static struct file file;

	put_head(&file, MICRO, 1, false);
	for (unsigned int i = 0; i < frames; i++)
		put_frame(&file, 10, i * gap_us, 60 + i % 1000, 60 + i % 1000, false);
	save(f, "in.pcap", file.octets, file.len);
}

static void run_until_said(struct fixture *f, const char *sentence)
{
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	for (int i = 0; i < 12000 && !port_rig_said(f->rig, sentence); i++)
		loop_once(f->rig->env.loop, 5);
	engine_stop(f->rig->env.engine);
	assert_true(port_rig_said(f->rig, sentence));
}

static void a_file_comes_in_as_fast_as_it_goes(void **state)
{
	struct fixture *f = *state;
	struct port *p;
	json_t *s = json_object();

	make_capture(f, 300, 100000);
	p = port_rig_start(f->rig, "p",
			   "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"in.pcap\","
			   "\"paced\":false}");
	f->rig->to[p->id] = f->m->id;
	run_until_said(f, "replay of in.pcap done: 300 frames, 0 skipped");
	assert_int_equal(memory_count(f->m, NULL), 300);
	for (unsigned int i = 0; i < 300; i++) {
		assert_int_equal(memory_frame(f->m, i)->len, 60 + i % 1000);
		assert_int_equal(memory_frame(f->m, i)->data[59], (uint8_t)(59 + 60 + i % 1000));
	}
	p->type->status(p, s);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(s, "replay"), "frames")), 300);
	json_decref(s);
	port_rig_close(f->rig, p, false);
}

static void a_paced_file_takes_its_time(void **state)
{
	struct fixture *f = *state;
	struct port *p;
	uint64_t begin = clock_ns(), took;

	make_capture(f, 50, 4000); /* 196 ms */
	p = port_rig_start(f->rig, "p",
			   "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"in.pcap\"}");
	f->rig->to[p->id] = f->m->id;
	run_until_said(f, "replay of in.pcap done: 50 frames, 0 skipped");
	took = clock_ns() - begin;
	assert_true(took >= 190000000u);
	assert_int_equal(memory_count(f->m, NULL), 50);
	port_rig_close(f->rig, p, false);
}

static void a_port_that_is_cut_pauses_its_replay(void **state)
{
	struct fixture *f = *state;
	struct port *p;
	uint64_t n = 0, began = clock_ns(), ran;

	make_capture(f, 100, 20000); /* 1980 ms */
	p = port_rig_start(f->rig, "p",
			   "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"in.pcap\"}");
	f->rig->to[p->id] = f->m->id;
	assert_int_equal(engine_start(f->rig->env.engine), 0);
	for (unsigned int i = 0; i < 60000 && !memory_count(f->m, NULL); i++)
		usleep(1000);
	p->wanted = false;
	p->type->carrier(p);
	ran = clock_ns() - began;
	rcu_wait(); /* what a worker had begun is done */
	n = memory_count(f->m, NULL);
	assert_true(n > 0 && n < 100);
	usleep(100000);
	assert_int_equal(memory_count(f->m, NULL), n);
	engine_stop(f->rig->env.engine);
	p->wanted = true;
	began = clock_ns();
	p->type->carrier(p);
	run_until_said(f, "replay of in.pcap done: 100 frames, 0 skipped");
	/* What is left keeps its pace, however late a worker is. */
	ran += clock_ns() - began;
	assert_true(ran >= 1970000000u);
	assert_int_equal(memory_count(f->m, NULL), 100);
	port_rig_close(f->rig, p, false);
}

static void a_broken_file_says_so(void **state)
{
	struct fixture *f = *state;
	static struct file file;
	struct port *p;

	put_head(&file, MICRO, 1, false);
	put_frame(&file, 10, 0, 60, 60, false);
	put_frame(&file, 10, 0, 60, 80, false);
	put(&file, "half a head", 11);
	save(f, "in.pcap", file.octets, file.len);
	p = port_rig_start(f->rig, "p",
			   "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"in.pcap\","
			   "\"paced\":false}");
	f->rig->to[p->id] = f->m->id;
	run_until_said(f, "replay of in.pcap ended early, truncated dump file; tried to read 16 "
			  "header bytes, only got 11: 1 frames, 1 skipped");
	port_rig_close(f->rig, p, false);
}

static void what_goes_out_is_recorded(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[2000] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct port *p = port_rig_start(
		f->rig, "p", "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"out.pcap\"}");

	f->rig->to[f->m->id] = p->id;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(memory_feed(f->m, frame, 60 + i * 10, NULL, 100), 0);
	port_rig_run(f->rig, &f->m->source);
	assert_int_equal(frames_in(f, "out.pcap"), 100); /* complete while it is still open */
	port_rig_close(f->rig, p, false);
}

static void only_plain_files_in_the_folder_are_touched(void **state)
{
	static const struct {
		const char *why, *spec, *message;
	} row[] = {
		{ "no file at all", "{\"switch\":\"s\",\"type\":\"pcap\"}",
		  "a port of type pcap needs a file" },
		{ "one file for both",
		  "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"a\",\"record\":\"a\"}",
		  "a file cannot be replayed and recorded at once" },
		{ "not there", "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"nothing\"}",
		  "there is no file nothing in " },
		{ "a link out of the folder",
		  "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"link\"}", "link in " },
		{ "a link to write to", "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"link\"}",
		  "link in " },
		{ "a folder", "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"folder\"}",
		  "folder in " },
		{ "a pipe, which would block us",
		  "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"pipe\"}", "pipe in " },
		{ "no capture", "{\"switch\":\"s\",\"type\":\"pcap\",\"replay\":\"notes\"}",
		  "notes cannot be replayed: " },
		{ "somebody's file", "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"notes\"}",
		  "notes in " },
		{ "another port's file",
		  "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"taken\"}",
		  "port first records into taken already" },
	};
	struct fixture *f = *state;
	struct port *first = port_rig_start(
		f->rig, "first", "{\"switch\":\"s\",\"type\":\"pcap\",\"record\":\"taken\"}");
	char path[128];

	save(f, "notes", "hello, this is not a capture file", 33);
	snprintf(path, sizeof(path), "%s/link", f->rig->dir);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	snprintf(path, sizeof(path), "%s/folder", f->rig->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/pipe", f->rig->dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct faults faults = { 0 };
		struct object *o;
		char name[16];

		snprintf(name, sizeof(name), "p%zu", i);
		o = port_rig_object(f->rig, "port", name, row[i].spec);
		if (port_rig_open(f->rig, o, &faults))
			fail_msg("%s: opened", row[i].why);
		if (strncmp(faults.v[0].message, row[i].message, strlen(row[i].message)) != 0)
			fail_msg("%s: %s", row[i].why, faults.v[0].message);
		faults_free(&faults);
	}
	port_rig_close(f->rig, first, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_precisions_and_byte_orders_mean_the_same),
		cmocka_unit_test(time_never_runs_backwards),
		cmocka_unit_test(what_is_no_whole_frame_is_skipped),
		cmocka_unit_test(a_file_that_is_cut_ends_with_a_reason),
		cmocka_unit_test(what_is_no_ethernet_capture_is_refused),
		TEST(what_is_recorded_is_read_and_continued),
		TEST(what_is_not_ours_is_left_alone),
		TEST(a_full_disk_loses_frames_and_not_the_file),
		TEST(a_file_comes_in_as_fast_as_it_goes),
		TEST(a_paced_file_takes_its_time),
		TEST(a_port_that_is_cut_pauses_its_replay),
		TEST(a_broken_file_says_so),
		TEST(what_goes_out_is_recorded),
		TEST(only_plain_files_in_the_folder_are_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
