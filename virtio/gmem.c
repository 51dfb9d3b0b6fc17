/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory: regions that are mapped once and shared between the maps that succeed one another.
 *
 * The guard
 *	Whoever shares a file may truncate it, and then any load or store of ours raises SIGBUS. The
 *	handler knows all mappings: a table of slots, written by whoever maps, read in the handler
 *	without a lock. A fault inside one of them puts pages of our own, all zero, under the whole
 *	mapping, so that the access and all that follow succeed; the slot says that it was lost. Any
 *	other fault is what it always was.
 *
 *	A slot is taken before the first access to its mapping and given back after the last (the
 *	map is freed after a grace period), so a fault finds it complete. Its length is written
 *	before its address, which is what makes it valid.
 */
#include "virtio/gmem.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SLOTS 16384u
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif

static struct slot {
	uintptr_t at; /* 0: free (atomic) */
	size_t len;
	bool lost; /* atomic */
} slots[SLOTS];
static unsigned int slots_used; /* those behind were never taken (atomic) */
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

struct gmem_mapping {
	unsigned int refs; /* maps that hold it */
	unsigned int again; /* see gmem_again() */
	void *base;
	size_t len;
	struct slot *slot;
	dev_t dev; /* which file, and from where on it is the region's */
	ino_t ino;
	uint64_t offset;
};

/* ---- the guard ------------------------------------------------------------------------------ */

static bool put_zeroes(struct slot *s, uintptr_t at)
{
	/* Not mmap(): a sanitizer's own would be no call for a signal handler. */
	long got = syscall(SYS_mmap, at, s->len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

	if (got != (long)at)
		return false;
	__atomic_store_n(&s->lost, true, __ATOMIC_RELEASE);
	return true;
}

static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	uintptr_t addr = (uintptr_t)info->si_addr;
	unsigned int n = __atomic_load_n(&slots_used, __ATOMIC_ACQUIRE);
	int saved = errno;

	(void)context;
	for (unsigned int i = 0; i < n; i++) {
		uintptr_t at = __atomic_load_n(&slots[i].at, __ATOMIC_ACQUIRE);

		if (at && addr - at < slots[i].len && put_zeroes(&slots[i], at)) {
			errno = saved;
			return;
		}
	}
	signal(sig, SIG_DFL); /* the access is repeated, and ends us */
	errno = saved;
}

int gmem_guard(void)
{
	struct sigaction sa = { .sa_sigaction = on_bus_error,
				.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };

	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL) < 0 ? -errno : 0;
}

static struct slot *take_slot(void *base, size_t len)
{
	struct slot *s = NULL;

	pthread_mutex_lock(&slots_lock);
	for (unsigned int i = 0; i < SLOTS && !s; i++) {
		if (!slots[i].at)
			s = &slots[i];
	}
	if (s) {
		unsigned int n = (unsigned int)(s - slots) + 1;

		s->len = len;
		__atomic_store_n(&s->lost, false, __ATOMIC_RELAXED);
		__atomic_store_n(&s->at, (uintptr_t)base, __ATOMIC_RELEASE);
		if (n > slots_used)
			__atomic_store_n(&slots_used, n, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&slots_lock);
	return s;
}

static void give_slot(struct slot *s)
{
	pthread_mutex_lock(&slots_lock);
	__atomic_store_n(&s->at, 0, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&slots_lock);
}

/* ---- mappings ------------------------------------------------------------------------------- */

static void unmap(struct gmem_mapping *m)
{
	if (--m->refs)
		return;
	/* First the mapping: while its slot is there nobody else's can be at its place. */
	munmap(m->base, m->len);
	give_slot(m->slot);
	free(m);
}

/* Pages that somebody else fetches come when he likes. */
static bool is_served(int fd)
{
	static const unsigned long served[] = { FUSE_SUPER_MAGIC, NFS_SUPER_MAGIC,
						V9FS_MAGIC,       SMB_SUPER_MAGIC,
						SMB2_SUPER_MAGIC, CEPH_SUPER_MAGIC,
						AFS_SUPER_MAGIC,  CODA_SUPER_MAGIC };
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(served); i++) {
		if ((unsigned long)fs.f_type == served[i])
			return true;
	}
	return false;
}

/* Which piece of the file to map: whole pages of its own size (hugetlbfs has large ones). */
static int pages_of(int fd, const struct gmem_plan *p, struct stat *st, uint64_t *begin,
		    uint64_t *len)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end;
	struct statfs fs;

	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode) || st->st_size < 0)
		return -EINVAL;
	if (__builtin_add_overflow(p->offset, p->size, &end) || end > (uint64_t)st->st_size)
		return -EINVAL;
	if (is_served(fd))
		return -EPERM;
	if (!fstatfs(fd, &fs) && fs.f_type == HUGETLBFS_MAGIC)
		page = (uint64_t)fs.f_bsize;
	*begin = p->offset & ~(page - 1);
	*len = (end - *begin + page - 1) & ~(page - 1);
	return 0;
}

static int map(int fd, const struct gmem_plan *p, struct gmem_region *out)
{
	struct gmem_mapping *m;
	uint64_t begin, len;
	struct stat st;
	void *base;
	int err = pages_of(fd, p, &st, &begin, &len);

	if (err < 0)
		return err;
	m = malloc(sizeof(*m));
	if (!m)
		return -ENOMEM;
	base = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd,
		    (off_t)begin);
	if (base == MAP_FAILED) {
		err = errno == ENOMEM ? -ENOMEM : -EINVAL;
		goto no_mapping;
	}
	*m = (struct gmem_mapping){ .refs = 1,
				    .base = base,
				    .len = len,
				    .dev = st.st_dev,
				    .ino = st.st_ino,
				    .offset = p->offset };
	m->slot = take_slot(base, len);
	if (!m->slot) {
		err = -ENOMEM;
		goto no_slot;
	}
	madvise(base, len, MADV_DONTDUMP); /* a core of ours is no place for a guest's secrets */
	*out = (struct gmem_region){ .gpa = p->gpa,
				     .uva = p->uva,
				     .size = p->size,
				     .host = (uint8_t *)base + (p->offset - begin),
				     .mapping = m };
	return 0;

no_slot:
	munmap(base, len);
no_mapping:
	free(m);
	return err;
}

/* ---- maps ----------------------------------------------------------------------------------- */

static bool wraps(uint64_t at, uint64_t size)
{
	return at + (size - 1) < at;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b + (b_size - 1) && b <= a + (a_size - 1);
}

static int fits(const struct gmem *m, const struct gmem_plan *p)
{
	uint64_t total = p->size;

	if (!p->size || wraps(p->gpa, p->size) || wraps(p->uva, p->size))
		return -EINVAL;
	if (p->size > GMEM_OCTETS)
		return -ENOSPC;
	for (unsigned int i = 0; m && i < m->n; i++) {
		const struct gmem_region *r = &m->region[i];

		if (overlap(r->gpa, r->size, p->gpa, p->size) ||
		    overlap(r->uva, r->size, p->uva, p->size))
			return -EINVAL;
		total += r->size;
	}
	return total > GMEM_OCTETS || (m && m->n == GMEM_REGIONS) ? -ENOSPC : 0;
}

static void append(struct gmem *m, const struct gmem_region *r)
{
	r->mapping->refs++;
	m->region[m->n++] = *r;
}

int gmem_add(const struct gmem *old, const struct gmem_plan *p, int fd, struct gmem **out)
{
	int err = fits(old, p);
	struct gmem *m;

	if (err < 0)
		return err;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	for (unsigned int i = 0; old && i < old->n; i++)
		append(m, &old->region[i]);
	err = map(fd, p, &m->region[m->n]);
	if (err < 0) {
		gmem_free(m);
		return err;
	}
	m->n++;
	*out = m;
	return 0;
}

static const struct gmem_region *find(const struct gmem *m, const struct gmem_plan *p)
{
	for (unsigned int i = 0; i < m->n; i++) {
		const struct gmem_region *r = &m->region[i];

		if (r->gpa == p->gpa && r->uva == p->uva && r->size == p->size)
			return r;
	}
	return NULL;
}

bool gmem_again(struct gmem *m, const struct gmem_plan *p, int fd)
{
	const struct gmem_region *r = find(m, p);
	struct stat st;

	if (!r || r->mapping->offset != p->offset || fstat(fd, &st) < 0 ||
	    st.st_dev != r->mapping->dev || st.st_ino != r->mapping->ino ||
	    r->mapping->again == UINT_MAX)
		return false;
	r->mapping->again++;
	return true;
}

int gmem_remove(const struct gmem *old, const struct gmem_plan *p, struct gmem **out)
{
	const struct gmem_region *gone = find(old, p);
	struct gmem *m;

	if (!gone)
		return -ENOENT;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	if (gone->mapping->again) {
		gone->mapping->again--;
		gone = NULL;
	}
	for (unsigned int i = 0; i < old->n; i++) {
		if (&old->region[i] != gone)
			append(m, &old->region[i]);
	}
	*out = m;
	return 0;
}

void gmem_free(struct gmem *m)
{
	if (!m)
		return;
	for (unsigned int i = 0; i < m->n; i++)
		unmap(m->region[i].mapping);
	free(m);
}

bool gmem_lost(const struct gmem *m)
{
	for (unsigned int i = 0; i < m->n; i++) {
		if (__atomic_load_n(&m->region[i].mapping->slot->lost, __ATOMIC_ACQUIRE))
			return true;
	}
	return false;
}

void *gmem_at_uva(const struct gmem *m, uint64_t uva, uint64_t len)
{
	for (unsigned int i = 0; i < m->n; i++) {
		const struct gmem_region *r = &m->region[i];
		uint64_t off = uva - r->uva;

		if (off < r->size && len <= r->size - off)
			return r->host + off;
	}
	return NULL;
}

bool gmem_gpa(const struct gmem *m, const void *host, uint64_t *out)
{
	for (unsigned int i = 0; i < m->n; i++) {
		const struct gmem_region *r = &m->region[i];
		uintptr_t off = (uintptr_t)host - (uintptr_t)r->host;

		if (off < r->size) {
			*out = r->gpa + off;
			return true;
		}
	}
	return false;
}
