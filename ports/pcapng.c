/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/name.h"
#include "ports/capture_file.h"

/* draft-ietf-opsawg-pcapng, 4: blocks, in the writer's byte order, each a multiple of 4 octets. */
enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_FRAME = 6 };
enum { BYTE_ORDER_MAGIC = 0x1a2b3c4d, LINKTYPE_ETHERNET = 1 };
enum { OPT_END, OPT_IF_NAME = 2, OPT_FRAME_FLAGS = 2, OPT_SECTION_APP = 4, OPT_IF_TSRESOL = 9 };
enum { FLAG_INBOUND = 1, FLAG_OUTBOUND = 2 };
enum { NS_PER_S = 1000000000 };

static const char app[] = "weftd";

/* What every block begins with; its length stands at its end once more. */
struct block_head {
	uint32_t type, len;
};

struct option {
	uint16_t code, len;
};

struct section {
	struct block_head head;
	uint32_t magic;
	uint16_t major, minor;
	int64_t section_len; /* -1: not told */
	struct option app;
	char app_text[8];
	struct option end;
	uint32_t len;
} __attribute__((packed));
static_assert(sizeof(struct section) == 44, "as on disk");

struct frame_front {
	struct block_head head;
	uint32_t interface, time_high, time_low, captured, len;
};
struct frame_back {
	struct option flags;
	uint32_t flags_word;
	struct option end;
	uint32_t len;
};
static_assert(sizeof(struct frame_front) == 28 && sizeof(struct frame_back) == 16, "as on disk");

/* The port that a number stood for when its interface was told; one that took the number later has
 * an interface of its own. */
struct interface {
	char name[2 * NAME_MAX_LEN + 2];
	uint32_t number;
};

struct pcapng {
	int fd;
	uint64_t size, limit;
	uint64_t looked_s; /* whether it still has its name */
	char dir[PATH_MAX];
	char name[256];
	uint32_t n_interfaces; /* of the section */
	struct interface *port[PORT_MAX]; /* NULL: none in the section */
};

static uint32_t padded(size_t len)
{
	return (uint32_t)(len + 3) & ~3u;
}

/* All or nothing. */
static int put(struct pcapng *f, const struct iovec *v, int n)
{
	size_t want = 0;
	ssize_t done;
	int err;

	for (int i = 0; i < n; i++)
		want += v[i].iov_len;
	do
		done = pwritev(f->fd, v, n, (off_t)f->size);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)want) {
		f->size += want;
		return 0;
	}
	err = done < 0 ? -errno : -ENOSPC;
	/* Half a block at the end would spoil the file. */
	if (done > 0 && ftruncate(f->fd, (off_t)f->size) < 0)
		f->size += (uint64_t)done;
	return err;
}

static int begin_section(struct pcapng *f)
{
	struct section s = {
		.head = { BLOCK_SECTION, sizeof(s) },
		.magic = BYTE_ORDER_MAGIC,
		.major = 1,
		.section_len = -1,
		.app = { OPT_SECTION_APP, sizeof(app) - 1 },
		.len = sizeof(s),
	};

	memcpy(s.app_text, app, sizeof(app) - 1);
	f->n_interfaces = 0;
	for (unsigned int i = 0; i < PORT_MAX; i++) {
		free(f->port[i]);
		f->port[i] = NULL;
	}
	return put(f, &(struct iovec){ &s, sizeof(s) }, 1);
}

/* ---- the file ------------------------------------------------------------------------------- */

/* Empty, or one of ours: then its last block is whole, or it is set aside. */
static int look_at(struct pcapng *f, bool *spoilt)
{
	struct section s;
	uint32_t len = 0;
	struct block_head last = { 0 };
	off_t end = lseek(f->fd, 0, SEEK_END);

	*spoilt = false;
	if (end < 0)
		return -errno;
	f->size = (uint64_t)end;
	if (!end)
		return 0;
	if (pread(f->fd, &s, sizeof(s), 0) != sizeof(s) || s.head.type != BLOCK_SECTION ||
	    s.magic != BYTE_ORDER_MAGIC || s.app.code != OPT_SECTION_APP ||
	    memcmp(s.app_text, app, sizeof(app)) != 0)
		return -EEXIST;
	if (pread(f->fd, &len, sizeof(len), end - (off_t)sizeof(len)) != sizeof(len) ||
	    len < sizeof(last) || (off_t)len > end ||
	    pread(f->fd, &last, sizeof(last), end - (off_t)len) < 0)
		*spoilt = true;
	*spoilt |= last.len != len;
	return 0;
}

static int set_aside(struct pcapng *f)
{
	char from[PATH_MAX + 256], to[PATH_MAX + 260];

	snprintf(from, sizeof(from), "%s/%s", f->dir, f->name);
	snprintf(to, sizeof(to), "%s.1", from);
	/* It was already, and then no other could be begun; or somebody took it away. */
	return rename(from, to) < 0 && errno != ENOENT ? -errno : 0;
}

static int take_up(struct pcapng *f)
{
	bool spoilt;
	int err =
		capture_file_open(f->dir, f->name, O_RDWR | O_CREAT, &f->fd) ?: look_at(f, &spoilt);

	if (err || !spoilt)
		return err;
	err = set_aside(f);
	if (err)
		return err;
	fd_close(&f->fd);
	f->size = 0;
	return capture_file_open(f->dir, f->name, O_RDWR | O_CREAT | O_EXCL, &f->fd);
}

int pcapng_open(const char *dir, const char *name, uint64_t limit, struct pcapng **out)
{
	struct pcapng *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->fd = -1;
	f->limit = limit;
	if (snprintf(f->dir, sizeof(f->dir), "%s", dir) >= (int)sizeof(f->dir) ||
	    snprintf(f->name, sizeof(f->name), "%s", name) >= (int)sizeof(f->name))
		err = -ENAMETOOLONG;
	else
		err = take_up(f) ?: begin_section(f);
	if (err) {
		pcapng_close(f);
		return err;
	}
	*out = f;
	return 0;
}

void pcapng_close(struct pcapng *f)
{
	if (!f)
		return;
	for (unsigned int i = 0; i < PORT_MAX; i++)
		free(f->port[i]);
	fd_close(&f->fd);
	free(f);
}

void pcapng_set_limit(struct pcapng *f, uint64_t limit)
{
	f->limit = limit;
}

/* Asked once a second of the frames' own time. */
static bool was_removed(struct pcapng *f, uint64_t time_ns)
{
	struct stat st;

	if (time_ns / NS_PER_S == f->looked_s)
		return false;
	f->looked_s = time_ns / NS_PER_S;
	return fstat(f->fd, &st) == 0 && st.st_nlink == 0;
}

/* The file stays as it is if there can be no other. */
static int begin_another(struct pcapng *f)
{
	int fd, err = capture_file_open(f->dir, f->name, O_RDWR | O_CREAT | O_EXCL, &fd);

	if (err)
		return err;
	fd_close(&f->fd);
	f->fd = fd;
	f->size = 0;
	return begin_section(f);
}

/* Before a block of LEN octets. */
static int make_room(struct pcapng *f, uint64_t len, uint64_t time_ns)
{
	if (was_removed(f, time_ns))
		return begin_another(f);
	if (!f->size) /* it had no room to begin */
		return begin_section(f);
	if (f->size + len <= f->limit || f->size <= sizeof(struct section))
		return 0;
	return set_aside(f) ?: begin_another(f);
}

/* ---- blocks --------------------------------------------------------------------------------- */

static int tell_interface(struct pcapng *f, const char *name)
{
	uint32_t name_len = (uint32_t)strlen(name), len;
	struct {
		struct block_head head;
		uint16_t linktype, reserved;
		uint32_t snaplen; /* 0: none */
		struct option name;
	} front = {
		{ BLOCK_INTERFACE, 0 }, LINKTYPE_ETHERNET, 0, 0, { OPT_IF_NAME, (uint16_t)name_len }
	};
	struct {
		struct option tsresol;
		uint8_t nanoseconds, pad[3];
		struct option end;
		uint32_t len;
	} back = { { OPT_IF_TSRESOL, 1 }, 9, { 0 }, { OPT_END, 0 }, 0 };
	char padding[4] = "";
	struct iovec v[] = {
		{ &front, sizeof(front) },
		{ (void *)name, name_len },
		{ padding, padded(name_len) - name_len },
		{ &back, sizeof(back) },
	};

	len = (uint32_t)(sizeof(front) + padded(name_len) + sizeof(back));
	front.head.len = back.len = len;
	return put(f, v, ARRAY_LEN(v));
}

static int interface_of(struct pcapng *f, port_id_t id, const char *name, uint32_t *out)
{
	struct interface *i = f->port[id];
	int err;

	if (i && !strcmp(i->name, name)) {
		*out = i->number;
		return 0;
	}
	if (!i)
		i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	f->port[id] = i;
	i->name[0] = '\0'; /* as long as it is not told */
	err = tell_interface(f, name);
	if (err)
		return err;
	snprintf(i->name, sizeof(i->name), "%s", name);
	i->number = *out = f->n_interfaces++;
	return 0;
}

int pcapng_put(struct pcapng *f, port_id_t id, const char *port, enum capture_dir dir,
	       uint64_t time_ns, const uint8_t *frame, uint32_t len)
{
	struct frame_front front = {
		.head = { BLOCK_FRAME,
			  (uint32_t)(sizeof(front) + padded(len) + sizeof(struct frame_back)) },
		.time_high = (uint32_t)(time_ns >> 32),
		.time_low = (uint32_t)time_ns,
		.captured = len,
		.len = len,
	};
	struct frame_back back = {
		.flags = { OPT_FRAME_FLAGS, sizeof(back.flags_word) },
		.flags_word = dir == CAPTURE_IN ? FLAG_INBOUND : FLAG_OUTBOUND,
		.len = front.head.len,
	};
	char padding[4] = "";
	struct iovec v[] = {
		{ &front, sizeof(front) },
		{ (void *)frame, len },
		{ padding, padded(len) - len },
		{ &back, sizeof(back) },
	};
	int err = make_room(f, front.head.len, time_ns)
			  ?: interface_of(f, id, port, &front.interface);

	return err ?: put(f, v, ARRAY_LEN(v));
}
