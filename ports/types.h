/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_TYPES_H
#define PORTS_TYPES_H

#include "ports/port.h"

/* Each in its folder, all of them listed in types.c. */
extern const struct port_type tap_type, vhost_user_type, netdev_type, cable_type, pcap_type;

#endif /* PORTS_TYPES_H */
