/* SPDX-License-Identifier: Apache-2.0 */
/* What switches count, for /metrics. */
#include "vswitch/vswitch_priv.h"

void vswitch_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct vswitch *v = ctx;

	(void)model;
	metrics_family(m, METRIC_GAUGE, "weft_switch_stations", "Stations that are known.");
	for (const struct vsw *sw = v->switches; sw; sw = sw->next)
		metrics_put(m, fdb_count(sw->fdb), "switch", sw->name, NULL);
	metrics_family(m, METRIC_COUNTER, "weft_switch_unlearned_frames",
		       "Frames whose station found no place in the table.");
	for (const struct vsw *sw = v->switches; sw; sw = sw->next)
		metrics_put(m, fdb_full(sw->fdb), "switch", sw->name, NULL);
}
