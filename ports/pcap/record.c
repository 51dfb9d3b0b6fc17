/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/pcap/record.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "packet/pkt.h"

#define ROOM (4u * (PKT_LEN_MAX + VLAN_TAG_LEN + sizeof(struct frame_head)))

/* draft-ietf-opsawg-pcap, 4: in the writer's byte order. */
struct file_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t reserved[2];
	uint32_t snaplen, linktype;
};
static_assert(sizeof(struct file_head) == 24, "as on disk");

/* The same, 5. */
struct frame_head {
	uint32_t s, ns;
	uint32_t captured, len;
};
static_assert(sizeof(struct frame_head) == 16, "as on disk");

static const struct file_head our_head = {
	.magic = 0xa1b23c4d, /* nanoseconds */
	.major = 2,
	.minor = 4,
	.snaplen = 262144,
	.linktype = 1, /* LINKTYPE_ETHERNET */
};

struct record {
	int fd;
	off_t size; /* of what was written whole */
	struct timespec now;
	bool failed; /* something of this burst was lost */
	unsigned int pending; /* frames in buf */
	uint64_t kept, lost;
	size_t used;
	uint8_t buf[ROOM];
};

/* Empty, or begun by one of us: continue at its end. */
static int take_up(struct record *r)
{
	struct file_head head;
	ssize_t n = pread(r->fd, &head, sizeof(head), 0);

	if (n < 0)
		return -errno;
	if (n == 0) {
		n = write(r->fd, &our_head, sizeof(our_head));
		if (n != (ssize_t)sizeof(our_head))
			return n < 0 ? -errno : -ENOSPC;
	} else if (n != (ssize_t)sizeof(head) || memcmp(&head, &our_head, sizeof(head)) != 0) {
		return -EEXIST;
	}
	r->size = lseek(r->fd, 0, SEEK_END);
	return r->size < 0 ? -errno : 0;
}

int record_open(int fd, struct record **out)
{
	struct record *r = calloc(1, sizeof(*r));
	int err;

	if (!r) {
		close(fd);
		return -ENOMEM;
	}
	r->fd = fd;
	err = take_up(r);
	if (err) {
		record_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void record_close(struct record *r)
{
	if (!r)
		return;
	close(r->fd);
	free(r);
}

void record_begin(struct record *r)
{
	clock_gettime(CLOCK_REALTIME, &r->now);
	r->failed = false;
}

static bool write_all(struct record *r, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(r->fd, r->buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	r->size += (off_t)len;
	return true;
}

static void flush(struct record *r)
{
	uint64_t *counter = &r->kept;

	if (!write_all(r, r->used)) {
		/* No room, most likely: half a frame at the end would spoil the file. */
		if (ftruncate(r->fd, r->size) < 0 || lseek(r->fd, r->size, SEEK_SET) < 0)
			r->size = lseek(r->fd, 0, SEEK_END);
		r->failed = true;
		counter = &r->lost;
	}
	__atomic_store_n(counter, *counter + r->pending, __ATOMIC_RELAXED);
	r->used = 0;
	r->pending = 0;
}

void record_put(struct record *r, const uint8_t *frame, uint32_t len)
{
	struct frame_head h = { (uint32_t)r->now.tv_sec, (uint32_t)r->now.tv_nsec, len, len };

	assert(len <= PKT_LEN_MAX + VLAN_TAG_LEN);
	if (sizeof(h) + len > sizeof(r->buf) - r->used)
		flush(r);
	memcpy(r->buf + r->used, &h, sizeof(h));
	memcpy(r->buf + r->used + sizeof(h), frame, len);
	r->used += sizeof(h) + len;
	r->pending++;
}

bool record_flush(struct record *r)
{
	flush(r);
	return !r->failed;
}

void record_count(const struct record *r, uint64_t *kept, uint64_t *lost)
{
	*kept = __atomic_load_n(&r->kept, __ATOMIC_RELAXED);
	*lost = __atomic_load_n(&r->lost, __ATOMIC_RELAXED);
}
