/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

#include "base/compat.h"

/*
 * GET /metrics as OpenMetrics 1.0 text. A folder that has something to count hands a writer over;
 * it is called for every request and writes whole families, one after the other.
 *
 * Threads: control thread. Memory: a struct metrics lives while one answer is written.
 */
struct control;
struct model;
struct metrics;

enum metric { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO };

typedef void metrics_fn(void *ctx, const struct model *, struct metrics *);

#define METRICS_WRITERS 16
int control_metrics(struct control *, metrics_fn *, void *ctx); /* -ENOSPC: that many are there */

/*
 * A family: NAME without the ending of its samples ("weft_port_frames"); what is counted in a unit
 * ends with it ("_bytes", "_seconds").
 */
void metrics_family(struct metrics *, enum metric, const char *name, const char *help);

/* A sample of the last family: pairs of label and text, ended by NULL. */
void metrics_put(struct metrics *, uint64_t value, ...) __attribute__((sentinel));

#endif /* CONTROL_METRICS_H */
