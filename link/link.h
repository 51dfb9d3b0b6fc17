/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "ports/port.h"

/*
 * Links: kind link made real, a cable each (ports/cable/cable.h). Its ends are ports.
 *
 * Threads: control thread.
 */
void link_kind(const struct port_env *, struct kind *out);

#endif /* LINK_LINK_H */
