/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's half of a TAP. A device is made inside the namespace that it is for: its name can
 * clash with nothing elsewhere and nobody sees it move. It carries offload headers, so that frames
 * keep their size and their partial checksums.
 *
 * IFF_MULTI_QUEUE only where it was asked for: with it, bringing the device up takes 14 ms instead
 * of 0.02. IFF_NAPI never: it costs 0.5 us a frame.
 */
#include "ports/tap/tap_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hash.h"
#include "packet/offload.h"
#include "ports/netns.h"

/* Newer than Debian 12's headers. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef IFF_NO_CARRIER
#define IFF_NO_CARRIER 0x0040 /* a kernel that does not know it ignores it */
#endif

void tap_mac(const char *instance, const char *port, struct eth_addr *out)
{
	uint64_t h = 0x57656674; /* "Weft" */

	for (const char *c = instance; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	h = hash_fold(h ^ '/', 0x9e3779b97f4a7c15u);
	for (const char *c = port; *c; c++)
		h = hash_fold(h ^ (uint8_t)*c, 0x9e3779b97f4a7c15u);
	out->b[0] = 0x02; /* unicast, locally administered */
	for (unsigned int i = 1; i < sizeof(out->b); i++)
		out->b[i] = (uint8_t)(h >> 8 * i);
}

void tap_alias(const struct port_env *env, const char *port, char *out, size_t room)
{
	snprintf(out, room, "weft:%s:%s", env->instance, port);
}

int tap_netns(const struct port_env *env, const char *host, int *fd)
{
	if (*host)
		return netns_open(env->run_dir, host, fd);
	*fd = NETNS_SELF;
	return 0;
}

/*
 * What a kernel lets us ask for it takes from us, too. USO came with Linux 6.2; before it the
 * kernel cuts UDP itself. UFO it never makes, since 4.14, but takes.
 */
static int set_offload(int fd, unsigned int *out)
{
	static const struct {
		unsigned int asked, offload;
	} row[] = {
		{ TUN_F_UFO | TUN_F_USO4 | TUN_F_USO6, OFFLOAD_UFO | OFFLOAD_USO },
		{ TUN_F_UFO, OFFLOAD_UFO },
		{ 0, 0 },
	};
	int err = -EINVAL;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		unsigned int tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

		if (!ioctl(fd, TUNSETOFFLOAD, tso | row[i].asked)) {
			*out = OFFLOAD_CSUM | OFFLOAD_TSO4 | OFFLOAD_TSO6 | row[i].offload;
			return 0;
		}
		err = -errno;
	}
	return err;
}

static int set_up_queue(struct tap *t, int fd)
{
	int vnet_len = sizeof(struct virtio_net_hdr_v1), carrier = 0, err;

	if (ioctl(fd, TUNSETVNETHDRSZ, &vnet_len) < 0)
		return -errno;
	err = set_offload(fd, &t->offload);
	if (err)
		return err;
	/* No carrier keeps frames away until somebody reads them. */
	return ioctl(fd, TUNSETCARRIER, &carrier) < 0 ? -errno : 0;
}

static int open_queue(struct tap *t, int *out)
{
	struct ifreq req = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_NO_CARRIER };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	if (t->n_queue > 1)
		req.ifr_flags |= IFF_MULTI_QUEUE;
	memcpy(req.ifr_name, t->device, sizeof(req.ifr_name));
	err = ioctl(fd, TUNSETIFF, &req) < 0 ? -errno : set_up_queue(t, fd);
	if (err) {
		close(fd);
		return err;
	}
	/* "weft%d" has become a name. */
	memcpy(t->device, req.ifr_name, sizeof(t->device));
	*out = fd;
	return 0;
}

static int attach_here(void *arg)
{
	struct tap *t = arg;

	for (unsigned int i = 0; i < t->n_queue; i++) {
		int err = open_queue(t, &t->queue[i].source.fd);

		if (err) {
			tap_detach(t);
			return err;
		}
	}
	return 0;
}

int tap_attach(struct tap *t, int netns)
{
	return netns_run(netns, attach_here, t);
}

int tap_keep(struct tap *t)
{
	return ioctl(t->queue[0].source.fd, TUNSETPERSIST, 1) < 0 ? -errno : 0;
}

void tap_let_go(struct tap *t)
{
	ioctl(t->queue[0].source.fd, TUNSETPERSIST, 0);
}

void tap_detach(struct tap *t)
{
	for (unsigned int i = 0; i < t->n_queue; i++)
		fd_close(&t->queue[i].source.fd);
}

int tap_set_carrier(struct tap *t, bool up)
{
	int on = up;

	return ioctl(t->queue[0].source.fd, TUNSETCARRIER, &on) < 0 ? -errno : 0;
}
