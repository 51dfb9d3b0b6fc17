/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole server and one client that sends the input, octet for octet, and leaves. What the
 * server makes of it must be an answer in HTTP or nothing, and it must serve the next one. Kinds
 * are served by nobody, so that an object is its spec and the state is in memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "control/control_priv.h"
#include "tests/fuzz/fuzz.h"

static struct control *control;
static struct loop *loop;
static struct events *events;
static char dir[] = "/tmp/weft-fuzz-XXXXXX", path[64];

static void stop(void)
{
	control_destroy(control);
	events_destroy(events);
	loop_destroy(loop);
	rmdir(dir);
}

static void start(void)
{
	static const struct kind *const kinds[] = { NULL };
	static const struct compiler *const compilers[] = { NULL };
	struct control_config cfg = { .socket_path = path,
				      .state_path = ":memory:",
				      .boot_id = "fuzz",
				      .version = "1",
				      .instance = "fuzz",
				      .capture_dir = "/nowhere",
				      .workers = 1,
				      .kinds = kinds,
				      .compilers = compilers };
	struct faults faults = { 0 };

	log_set_level(LOG_LEVEL_ERR);
	FUZZ_ASSERT(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/sock", dir);
	FUZZ_ASSERT(!loop_create(&loop) && !events_create(&events));
	cfg.events = events;
	cfg.loop = loop;
	FUZZ_ASSERT(!control_create(&cfg, &faults, &control));
	FUZZ_ASSERT(!control_restore(control, &faults) && !control_serve(control, &faults));
	atexit(stop);
}

static int dial(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	FUZZ_ASSERT(fd >= 0 && !connect(fd, (struct sockaddr *)&at, sizeof(at)));
	return fd;
}

static void talk(const uint8_t *data, size_t size)
{
	char heard[4096];
	int fd = dial();
	ssize_t n;
	bool first = true;

	for (unsigned int turn = 0; turn < 6; turn++) {
		n = size ? send(fd, data, size, MSG_NOSIGNAL) : 0;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
		loop_once(loop, 0);
		n = recv(fd, heard, sizeof(heard) - 1, 0);
		if (n >= 9 && first)
			FUZZ_ASSERT(!memcmp(heard, "HTTP/1.", 7));
		first &= n <= 0;
	}
	close(fd);
	loop_once(loop, 0);
	loop_once(loop, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char last[] = "GET /v1 HTTP/1.0\r\n\r\n";

	if (!control)
		start();
	talk(data, size);
	talk((const uint8_t *)last, sizeof(last) - 1);
	return 0;
}
