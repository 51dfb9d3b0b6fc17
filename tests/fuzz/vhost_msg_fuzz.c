/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vhost-user session with whatever a frontend may send: messages that are nearly right, octets,
 * descriptors of many kinds, memory that lies, files that end, hang-ups, and whatever its driver
 * may put into the control queue. However it ends, no descriptor is left, two machines beside it
 * notice nothing, and a frontend that means well is served afterwards.
 *
 * Input: one octet says how far a good start gets before the steps begin, one of what kind the
 * rings are. Then steps, an octet each that says which, with arguments as below.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/punt.h"
#include "tests/fuzz/fuzz.h"
#include "tests/rig/vhost_rig.h"
#include "virtio/gmem.h"

#define STEPS 60u

enum { MESSAGE, RAW, RUN, KICK, WRITE, SEND, END, STEP_KINDS };
enum { RINGS, BUFS, EVENT, FULL, TINY, SOCKET, FILE_END, FD_KINDS };

struct input {
	const uint8_t *at;
	size_t left;
};

static struct vhost_rig *rig;
static struct vhost_vm *vm, *beside[2];
static bool cut; /* a file of its memory: nobody but the port touches that any more */
static int odd[FD_KINDS];
static unsigned int allowed; /* messages of the good start */

static unsigned int next(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static void leave_nothing(void)
{
	vhost_rig_destroy(rig);
}

static void set_up(void)
{
	static const struct guest_config none = { .size = 16, .pairs = 1, .rx_len = 2048 };
	const uint64_t full = UINT64_MAX - 1;
	int pair[2];

	rig = calloc(1, sizeof(*rig));
	FUZZ_ASSERT(rig && !gmem_guard());
	rig->rig = port_rig_create();
	vm = vhost_rig_plug(rig, ",\"queues\":2", &none);
	__atomic_store_n(&rig->rig->to[vm->port->id], vm->port->id, __ATOMIC_RELAXED);
	vhost_rig_pair(rig, "", &none, &beside[0], &beside[1]);
	odd[EVENT] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	odd[FULL] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	FUZZ_ASSERT(write(odd[FULL], &full, sizeof(full)) == sizeof(full));
	odd[TINY] = memfd_create("tiny", MFD_CLOEXEC);
	FUZZ_ASSERT(!ftruncate(odd[TINY], 8192));
	FUZZ_ASSERT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
	odd[SOCKET] = pair[0];
	odd[FILE_END] = open("/dev/null", O_RDWR | O_CLOEXEC);
	atexit(leave_nothing);
}

static int fd_of(unsigned int kind)
{
	kind %= FD_KINDS;
	return kind <= BUFS ? vm->g->region[kind].fd : odd[kind];
}

static bool first_few(struct guest *g, struct vhost_user_msg *m, int *fd, unsigned int *n_fd)
{
	(void)g;
	(void)m;
	(void)fd;
	(void)n_fd;
	return allowed && allowed--;
}

static unsigned int lowest_fd(void)
{
	int fd = dup(odd[EVENT]);

	close(fd);
	return (unsigned int)fd;
}

static void rounds(void)
{
	struct engine *e = rig->rig->env.engine;
	struct source *s;

	for (unsigned int i = 0; i < 3; i++) {
		loop_once(rig->rig->env.loop, 0);
		for (unsigned int at = 0; (s = engine_source(e, 0, &at));)
			port_rig_run(rig->rig, s);
	}
}

/* What QEMU might say. */
static struct vhost_user_msg nearly_right(unsigned int request, unsigned int q)
{
	struct vhost_user_msg m = guest_msg(request);
	const struct guest_queue *v = &vm->g->queue[q % 2];
	const struct guest_region *r = &vm->g->region[q % 2];
	const struct vhost_user_region told = { r->gpa, r->size, (uintptr_t)r->at, r->offset };

	switch (request) {
	case VHOST_USER_SET_FEATURES:
		return guest_msg_u64(request, vm->g->features);
	case VHOST_USER_SET_PROTOCOL_FEATURES:
		return guest_msg_u64(request, vm->g->protocol);
	case VHOST_USER_SET_MEM_TABLE:
		m.size = 8 + 32;
		m.memory.n = 1;
		m.memory.region[0] = told;
		break;
	case VHOST_USER_ADD_MEM_REG:
	case VHOST_USER_REM_MEM_REG:
		m.size = sizeof(m.slot);
		m.slot.region = told;
		break;
	case VHOST_USER_SET_VRING_ADDR:
		m.size = sizeof(m.addr);
		m.addr = (struct vhost_user_addr){
			q, 0, (uintptr_t)v->desc, (uintptr_t)v->device, (uintptr_t)v->driver, 0
		};
		break;
	case VHOST_USER_SET_VRING_NUM:
		return guest_msg_state(request, q, vm->g->cfg.size);
	case VHOST_USER_SET_VRING_BASE:
	case VHOST_USER_GET_VRING_BASE:
	case VHOST_USER_SET_VRING_ENABLE:
		return guest_msg_state(request, q, request == VHOST_USER_SET_VRING_ENABLE);
	case VHOST_USER_SET_LOG_BASE:
		m.size = sizeof(m.log);
		m.log.size = 4096;
		break;
	case VHOST_USER_GET_INFLIGHT_FD:
	case VHOST_USER_SET_INFLIGHT_FD:
		m.size = sizeof(m.inflight);
		m.inflight = (struct vhost_user_inflight){ 8192, 0, 2, vm->g->cfg.size };
		break;
	case VHOST_USER_GET_CONFIG:
	case VHOST_USER_SET_CONFIG:
		m.size = 12 + 12;
		m.config.size = 12;
		break;
	case VHOST_USER_SEND_RARP:
	case VHOST_USER_NET_SET_MTU:
	case VHOST_USER_SET_STATUS:
	case VHOST_USER_SET_VRING_KICK:
	case VHOST_USER_SET_VRING_CALL:
	case VHOST_USER_SET_VRING_ERR:
		return guest_msg_u64(request, q);
	default:
		break;
	}
	return m;
}

/* Request, queue, how many descriptors of which kind, how many octets differ: place and value. */
static void send_message(struct input *in)
{
	struct vhost_user_msg m = nearly_right(next(in) % (VHOST_USER_REQUESTS + 1), next(in) % 6);
	unsigned int fds = next(in), edits = next(in) % 8, n_fd = fds % 4;
	int fd[9];

	if (n_fd == 3)
		n_fd = 9;
	for (unsigned int i = 0; i < n_fd; i++)
		fd[i] = fd_of(fds / 4 + i / 2);
	for (unsigned int i = 0; i < edits; i++) {
		unsigned int at = next(in) % (VHOST_USER_HEADER + 56);

		((uint8_t *)&m)[at] = (uint8_t)next(in);
	}
	guest_send_raw(vm->g, &m, VHOST_USER_HEADER + MIN(m.size, sizeof(m.payload)), fd, n_fd);
}

static void send_octets(struct input *in)
{
	size_t n = next(in) % 40;

	n = MIN(n, in->left);
	guest_send_raw(vm->g, in->at, n, NULL, 0);
	in->at += n;
	in->left -= n;
}

/* Some octets of the rings, or of the first buffers. */
static void scribble(struct input *in)
{
	unsigned int where = next(in), off = next(in) | next(in) << 8, n = next(in) % 16;
	const struct guest_queue *v = &vm->g->queue[where & 1];
	uint8_t *at[] = { v->desc, v->driver, v->device, v->table,
			  v->buf,  v->buf,    v->desc,   v->driver };

	if (cut)
		return;
	for (uint8_t *to = at[where >> 1 & 7] + off % 512; n; n--)
		*to++ = (uint8_t)next(in);
}

/* Octets for the control queue, cut in two anywhere; the answer may have no room. */
static void command(struct input *in)
{
	struct guest_queue *v = guest_queue(vm->g, vm->g->control);
	unsigned int n = next(in), first = next(in), room = next(in) % 3, pieces = 0;
	struct vring_piece p[3];
	const uint64_t one = 1;
	uint32_t written;
	void *cookie;

	if (cut || !vm->g->control || !v->ring.size)
		return;
	while (vring_driver_get(&v->ring, &cookie, &written))
		continue;
	for (unsigned int i = 0; i < n; i++)
		v->buf[i] = (uint8_t)next(in);
	first = MIN(first, n);
	if (first)
		p[pieces++] = (struct vring_piece){ guest_gpa(vm->g, v->buf), first, false };
	if (first < n)
		p[pieces++] =
			(struct vring_piece){ guest_gpa(vm->g, v->buf + first), n - first, false };
	if (room)
		p[pieces++] =
			(struct vring_piece){ guest_gpa(vm->g, v->buf + v->slot - 2), room, true };
	if (pieces)
		vring_driver_add(&v->ring, p, pieces, NULL, 0, v);
	(void)!write(v->kick, &one, sizeof(one));
	rounds();
}

static void step(struct input *in)
{
	const uint64_t one = 1;
	uint8_t frame[100] = { 2, 0, 0, 0, 0, 2, 2 };
	unsigned int kind = next(in);

	switch (kind % STEP_KINDS) {
	case MESSAGE:
		send_message(in);
		break;
	case RAW:
		send_octets(in);
		break;
	case RUN:
		rounds();
		break;
	case KICK:
		(void)!write(vm->g->queue[kind / STEP_KINDS % 2].kick, &one, sizeof(one));
		break;
	case WRITE:
		scribble(in);
		break;
	case END:
		cut = true;
		(void)!ftruncate(vm->g->region[kind / STEP_KINDS % 2].fd, next(in) * 256L);
		break;
	default:
		if (kind / STEP_KINDS % 2)
			command(in);
		inject(rig->rig->env.engine, vm->port->id, frame, sizeof(frame), NULL);
	}
}

/* All there is to read, so that nobody waits for us. */
static void drain(void)
{
	uint8_t octets[4096];

	while (recv(vm->g->sock, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		continue;
}

static void is_undisturbed(void)
{
	static uint8_t frame[VHOST_FRAME];
	static uint32_t number;
	uint32_t len;

	vhost_frame(frame, 1000, ++number);
	FUZZ_ASSERT(!guest_send(beside[number % 2]->g, 0, frame, 1000, NULL));
	rounds();
	len = guest_receive(beside[!(number % 2)]->g, 0, frame, sizeof(frame), NULL);
	FUZZ_ASSERT(vhost_frame_is(frame, len, 1000, number));
}

static void is_served(void)
{
	static uint8_t frame[VHOST_FRAME];

	vhost_rig_reboot(rig, vm);
	FUZZ_ASSERT(!guest_start(vm->g));
	vhost_frame(frame, 100, 1);
	FUZZ_ASSERT(!guest_send(vm->g, 0, frame, 100, NULL));
	rounds();
	FUZZ_ASSERT(guest_receive(vm->g, 0, frame, sizeof(frame), NULL) == 100);
	guest_disconnect(vm->g);
	rounds();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	static unsigned int runs;
	unsigned int fd, kind;

	if (!rig)
		set_up();
	vm->g->cfg.spoil = NULL;
	vhost_rig_reboot(rig, vm);
	vhost_rig_forgive(vm);
	fd = lowest_fd();
	allowed = next(&in) % 48;
	kind = next(&in);
	vm->g->cfg.spoil = first_few;
	vm->g->cfg.slots = kind & 1;
	vm->g->cfg.indirect = kind & 2;
	vm->g->cfg.no_acks = kind & 4;
	if (kind & 8)
		vm->g->cfg.features &= ~(UINT64_C(1) << GUEST_F_RING_PACKED);
	if (kind & 16)
		vm->g->cfg.features &= ~(UINT64_C(1) << VHOST_USER_F_PROTOCOL_FEATURES);
	guest_start(vm->g);
	cut = false;
	if (vm->g->sock >= 0) {
		for (unsigned int i = 0; i < STEPS && in.left; i++) {
			step(&in);
			if (i % 8 == 7)
				drain();
		}
		rounds();
		is_undisturbed();
	}
	guest_disconnect(vm->g);
	rounds();
	FUZZ_ASSERT(lowest_fd() == fd);
	vm->g->cfg = (struct guest_config){ .path = vm->g->cfg.path,
					    .pump = vm->g->cfg.pump,
					    .arg = vm->g->cfg.arg,
					    .pairs = 1,
					    .size = 16,
					    .rx_len = 2048,
					    .features = GUEST_FEATURES,
					    .protocol = GUEST_PROTOCOL };
	if (runs++ % 16 == 0)
		is_served();
	return 0;
}
