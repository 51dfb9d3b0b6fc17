/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORTS_CAPTURE_H
#define PORTS_CAPTURE_H

#include "dataplane/parcel.h"
#include "packet/gso.h"

/*
 * A captured frame as a wire would show it: large ones cut, checksums filled in. SCRATCH has
 * GSO_BUF octets. Any thread.
 */
void capture_finish(const struct parcel *, uint8_t *scratch, gso_out_fn *out, void *arg);

#endif /* PORTS_CAPTURE_H */
