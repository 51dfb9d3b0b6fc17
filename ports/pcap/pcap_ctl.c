/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port whose far side is files: one whose frames come in (replay), one that gets what goes out
 * (record), or both. Files are in the daemon's capture folder and nowhere else.
 */
#include "ports/pcap/pcap_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/rcu.h"
#include "ports/capture_file.h"

static void check_record(const struct model *m, const struct object *now, struct faults *faults)
{
	const char *record = object_text(now, "record");
	const struct object *o = NULL;

	while ((o = model_next(m, "port", o)) != NULL) {
		const char *other = object_text(o, "record");

		if (!other || strcmp(other, record) != 0 || !strcmp(o->name, now->name))
			continue;
		fault(faults, FAULT_CONFLICT, "record", "name another file",
		      "port %s records into %s already", o->name, record);
		return;
	}
}

static void pcap_check(const struct model *m, const struct object *now, struct faults *faults)
{
	const char *replay = object_text(now, "replay"), *record = object_text(now, "record");

	if (!replay && !record)
		fault(faults, FAULT_INVALID, NULL, "give it \"replay\", \"record\" or both",
		      "a port of type pcap needs a file");
	if (replay && record && !strcmp(replay, record))
		fault(faults, FAULT_CONFLICT, "record", "name another file",
		      "a file cannot be replayed and recorded at once");
	if (record)
		check_record(m, now, faults);
}

static void tell_end(void *arg, uint32_t events)
{
	struct pcap_port *p = arg;
	unsigned long frames = __atomic_load_n(&p->frames, __ATOMIC_RELAXED);
	unsigned long skipped = __atomic_load_n(&p->skipped, __ATOMIC_RELAXED);
	uint64_t ticks;

	(void)events;
	if (read(p->done_fd, &ticks, sizeof(ticks)) != sizeof(ticks) ||
	    !__atomic_load_n(&p->ended, __ATOMIC_ACQUIRE))
		return;
	events_post(p->port->env->events, "port.replayed", "port", p->port->name,
		    "replay of %s %s%s: %lu frames, %lu skipped", p->replay_name,
		    p->broken ? "ended early, " : "done", p->broken ? replay_why(p->replay) : "",
		    frames, skipped);
}

static int open_file_to_replay(const char *dir, const char *name, struct replay **out,
			       struct faults *faults)
{
	char why[256];
	int fd, err = capture_file_open(dir, name, O_RDONLY, &fd);
	FILE *f;

	if (err)
		return capture_file_fault(dir, "replay", name, err, faults);
	f = fdopen(fd, "rb");
	if (!f) {
		close(fd);
		return capture_file_fault(dir, "replay", name, -ENOMEM, faults);
	}
	if (replay_open(f, out, why, sizeof(why)))
		return fault(faults, FAULT_INVALID, "replay", NULL, "%s cannot be replayed: %s",
			     name, why);
	return 0;
}

static void pcap_look(const struct port_env *env, const struct object *now, struct faults *faults)
{
	const char *name = object_text(now, "replay");
	struct replay *r = NULL;

	if (name && !open_file_to_replay(env->capture_dir, name, &r, faults))
		replay_close(r);
}

static int open_replay(struct pcap_port *p, const char *name, struct faults *faults)
{
	const char *dir = p->port->env->capture_dir;
	int err = open_file_to_replay(dir, name, &p->replay, faults);

	if (err)
		return err;
	p->source.fd = p->paced ? timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)
				: eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	p->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->source.fd < 0 || p->done_fd < 0)
		return capture_file_fault(dir, "replay", name, -errno, faults);
	err = p->port->env->loop
		      ? loop_add_fd(p->port->env->loop, p->done_fd, EPOLLIN, tell_end, p, &p->done)
		      : 0;
	return err ? capture_file_fault(dir, "replay", name, err, faults) : 0;
}

static int open_record(struct pcap_port *p, const char *name, struct faults *faults)
{
	int fd, err = capture_file_open(p->port->env->capture_dir, name, O_RDWR | O_CREAT, &fd);

	if (!err)
		err = record_open(fd, &p->record);
	return err ? capture_file_fault(p->port->env->capture_dir, "record", name, err, faults) : 0;
}

static void destroy(struct pcap_port *p)
{
	loop_del(p->done);
	fd_close(&p->source.fd);
	fd_close(&p->done_fd);
	replay_close(p->replay);
	record_close(p->record);
	free(p);
}

static int pcap_port_open(struct port *port, const struct object *now, struct faults *faults)
{
	const char *replay = object_text(now, "replay"), *record = object_text(now, "record");
	struct pcap_port *p = calloc(1, sizeof(*p));
	int err = 0;

	if (!p)
		return fault(faults, FAULT_SYSTEM, NULL, NULL, "no memory");
	p->port = port;
	p->paced = object_bool(now, "paced");
	p->done_fd = -1;
	p->source = (struct source){ .port = port->id, .fd = -1, .rx = pcap_port_rx, .arg = p };
	p->sink = (struct sink){ .port = port->id, .tx = pcap_port_tx, .arg = p };
	if (replay) {
		snprintf(p->replay_name, sizeof(p->replay_name), "%s", replay);
		err = open_replay(p, replay, faults);
	}
	if (!err && record)
		err = open_record(p, record, faults);
	if (err) {
		destroy(p);
		return err;
	}
	port->own = p;
	return 0;
}

/* The replay goes on where it stopped; the time in between does not count. */
static void plug(struct pcap_port *p)
{
	uint64_t now = clock_ns();
	int err;

	p->begin_ns += now - p->paused_ns;
	if (p->paced && !p->ended)
		pcap_port_arm(p, now);
	err = engine_add_source(p->port->env->engine, &p->source);
	if (err)
		events_post(p->port->env->events, "port.failed", "port", p->port->name,
			    "port %s cannot start: %s", p->port->name, strerror(-err));
	p->plugged = !err;
}

static void unplug(struct pcap_port *p)
{
	engine_del_source(p->port->env->engine, &p->source);
	p->plugged = false;
	p->paused_ns = clock_ns();
}

static void pcap_carrier(struct port *port)
{
	struct pcap_port *p = port->own;
	bool on;

	port_ready_is(port, p->started && port->wanted);
	on = p->started && port_is_on(port);
	engine_set_sink(port->env->engine, port->id, on && p->record ? &p->sink : NULL);
	if (p->replay && on && !p->plugged) {
		/* A worker that had it before is done with it. */
		rcu_wait();
		plug(p);
	} else if (!on && p->plugged) {
		unplug(p);
	}
	port_carrier_is(port, on,
			on           ? "its files are open"
			: p->started ? port_why_off(port)
				     : "stopped");
}

static void pcap_start(struct port *port)
{
	struct pcap_port *p = port->own;

	p->started = true;
	pcap_carrier(port);
}

static void pcap_stop(struct port *port)
{
	struct pcap_port *p = port->own;

	p->started = false;
	pcap_carrier(port);
}

static void pcap_port_close(struct port *port)
{
	destroy(port->own);
	port->own = NULL;
}

static void pcap_status(const struct port *port, json_t *into)
{
	const struct pcap_port *p = port->own;
	uint64_t kept, lost;

	if (p->replay)
		json_object_set_new(
			into, "replay",
			json_pack("{s:I, s:I, s:b}", "frames",
				  (json_int_t)__atomic_load_n(&p->frames, __ATOMIC_RELAXED),
				  "skipped",
				  (json_int_t)__atomic_load_n(&p->skipped, __ATOMIC_RELAXED),
				  "done", __atomic_load_n(&p->ended, __ATOMIC_ACQUIRE)));
	if (!p->record)
		return;
	record_count(p->record, &kept, &lost);
	json_object_set_new(into, "record",
			    json_pack("{s:I, s:I}", "frames", (json_int_t)kept, "lost",
				      (json_int_t)lost));
}

const struct port_type pcap_type = {
	.name = "pcap",
	.check = pcap_check,
	.look = pcap_look,
	.open = pcap_port_open,
	.start = pcap_start,
	.stop = pcap_stop,
	.close = pcap_port_close,
	.carrier = pcap_carrier,
	.status = pcap_status,
};
