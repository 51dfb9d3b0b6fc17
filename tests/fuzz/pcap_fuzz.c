/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture file from anywhere: what comes out of it are frames that the engine takes, in order of
 * time; what is recorded of them reads back the same, frame for frame.
 */
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "ports/pcap/record.h"
#include "ports/pcap/replay.h"

#define FRAMES_MAX 2000 /* of an input; time is better spent on others */

static uint64_t sum_of(const struct replay_frame *f)
{
	uint64_t sum = f->len;

	for (uint32_t i = 0; i < f->len; i++)
		sum = sum * 31 + f->data[i];
	return sum;
}

/* How many frames there are; each is mixed into *SUM. */
static unsigned int read_all(struct replay *r, struct record *copy, uint64_t *sum)
{
	enum replay_result result = REPLAY_FRAME;
	unsigned int n = 0, seen = 0;
	uint64_t last = 0;

	while (seen++ < FRAMES_MAX && (result == REPLAY_FRAME || result == REPLAY_SKIPPED)) {
		struct replay_frame f;

		result = replay_next(r, &f);
		if (result == REPLAY_BROKEN)
			FUZZ_ASSERT(*replay_why(r));
		if (result != REPLAY_FRAME)
			continue;
		FUZZ_ASSERT(f.len <= PKT_LEN_MAX);
		FUZZ_ASSERT(f.at_ns >= last);
		last = f.at_ns;
		*sum = *sum * 31 + sum_of(&f);
		n++;
		if (copy)
			record_put(copy, f.data, f.len);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t sum = 0, again = 0, kept, lost;
	char why[256];
	struct replay *r;
	struct record *copy;
	unsigned int n;
	int fd;

	if (!size || replay_open(fmemopen((void *)data, size, "r"), &r, why, sizeof(why)))
		return 0;
	fd = memfd_create("copy", MFD_CLOEXEC);
	FUZZ_ASSERT(!record_open(dup(fd), &copy));
	record_begin(copy);
	n = read_all(r, copy, &sum);
	FUZZ_ASSERT(record_flush(copy));
	record_count(copy, &kept, &lost);
	FUZZ_ASSERT(kept == n && !lost);
	record_close(copy);
	replay_close(r);

	lseek(fd, 0, SEEK_SET);
	FUZZ_ASSERT(!replay_open(fdopen(fd, "r"), &r, why, sizeof(why)));
	FUZZ_ASSERT(read_all(r, NULL, &again) == n);
	FUZZ_ASSERT(again == sum);
	replay_close(r);
	return 0;
}
