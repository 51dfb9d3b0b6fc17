/* SPDX-License-Identifier: Apache-2.0 */
/* What switches count, for /metrics. */
#include "vswitch/vswitch_priv.h"

static uint64_t stations(const struct fdb_counters *c)
{
	return c->live;
}

static uint64_t stations_static(const struct fdb_counters *c)
{
	return c->fixed;
}

static uint64_t stations_most(const struct fdb_counters *c)
{
	return c->peak;
}

static uint64_t learned(const struct fdb_counters *c)
{
	return c->learned;
}

static uint64_t moved(const struct fdb_counters *c)
{
	return c->moved;
}

static uint64_t aged(const struct fdb_counters *c)
{
	return c->aged;
}

static uint64_t flushed(const struct fdb_counters *c)
{
	return c->flushed;
}

static const struct {
	enum metric type;
	const char *name, *help;
	uint64_t (*of)(const struct fdb_counters *);
} family[] = {
	{ METRIC_GAUGE, "weft_switch_stations", "Stations that are known.", stations },
	{ METRIC_GAUGE, "weft_switch_static_stations", "Those of them that were put by hand.",
	  stations_static },
	{ METRIC_GAUGE, "weft_switch_stations_most", "Most that were ever known at once.",
	  stations_most },
	{ METRIC_COUNTER, "weft_switch_stations_learned", "Stations that were learned.", learned },
	{ METRIC_COUNTER, "weft_switch_stations_moved",
	  "Stations that were heard at another port than before.", moved },
	{ METRIC_COUNTER, "weft_switch_stations_aged", "Stations that were silent for too long.",
	  aged },
	{ METRIC_COUNTER, "weft_switch_stations_flushed",
	  "Stations that were forgotten for another reason.", flushed },
};

/* Why a station was not learned. */
static const struct {
	enum fdb_learned why;
	const char *reason;
} refused[] = {
	{ FDB_FULL, "full" },
	{ FDB_BEYOND, "learn_limit" },
	{ FDB_STATIC, "static" },
	{ FDB_STORM, "move_limit" },
};

void vswitch_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct vswitch *v = ctx;
	struct fdb_counters c;

	(void)model;
	for (size_t i = 0; i < ARRAY_LEN(family); i++) {
		metrics_family(m, family[i].type, family[i].name, family[i].help);
		for (const struct vsw *sw = v->switches; sw; sw = sw->next) {
			fdb_counters(sw->fdb, &c);
			metrics_put(m, family[i].of(&c), "switch", sw->name, NULL);
		}
	}
	metrics_family(m, METRIC_COUNTER, "weft_switch_unlearned_frames",
		       "Frames whose station was not learned, or not followed to another port.");
	for (const struct vsw *sw = v->switches; sw; sw = sw->next) {
		fdb_counters(sw->fdb, &c);
		for (size_t i = 0; i < ARRAY_LEN(refused); i++)
			metrics_put(m, c.refused[refused[i].why], "switch", sw->name, "reason",
				    refused[i].reason, NULL);
	}
}
