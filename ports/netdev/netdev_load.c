/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of bpf/netdev.bpf.c, loaded for one device and its TAP. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bpf/netdev_bpf.h"
#include "ports/netdev/netdev_priv.h"

const char *const netdev_program_name[PROGRAMS] = {
	[FROM_DEV] = "weft_from_dev",
	[FROM_TAP] = "weft_from_tap",
	[GATE] = "weft_gate",
};

/* In bpf/embed.S. */
extern const char netdev_bpf_object[];
extern const uint64_t netdev_bpf_size;

static char said[200]; /* libbpf's last warning */

static int remember(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN) {
		vsnprintf(said, sizeof(said), fmt, ap);
		said[strcspn(said, "\n")] = '\0';
	}
	return 0;
}

static int take_programs(struct bpf_object *o, int fd[PROGRAMS])
{
	int got[PROGRAMS];

	for (unsigned int i = 0; i < PROGRAMS; i++) {
		struct bpf_program *p = bpf_object__find_program_by_name(o, netdev_program_name[i]);

		got[i] = p ? fcntl(bpf_program__fd(p), F_DUPFD_CLOEXEC, 0) : -1;
		if (got[i] >= 0)
			continue;
		while (i-- > 0)
			close(got[i]);
		return p ? -errno : -ENOENT;
	}
	memcpy(fd, got, sizeof(got));
	return 0;
}

int netdev_load(const struct netdev_bpf *told, int fd[PROGRAMS], const char **why)
{
	struct bpf_object *o;
	struct bpf_map *map;
	int err;

	said[0] = '\0';
	libbpf_set_print(remember);
	o = bpf_object__open_mem(netdev_bpf_object, netdev_bpf_size, NULL);
	err = o ? 0 : -errno;
	if (!err) {
		map = bpf_object__find_map_by_name(o, ".rodata");
		err = map ? bpf_map__set_initial_value(map, told, sizeof(*told)) : -ENOENT;
	}
	if (!err)
		err = bpf_object__load(o);
	if (!err)
		err = take_programs(o, fd);
	if (err)
		*why = said[0] ? said : strerror(-err);
	bpf_object__close(o);
	return err;
}
