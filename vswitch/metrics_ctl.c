/* SPDX-License-Identifier: Apache-2.0 */
/* What switches count, for /metrics. */
#include "vswitch/switches.h"

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

static void mirrors_metrics(const struct vswitch *v, const struct model *model, struct metrics *m)
{
	static const char *const said[] = { "copied", "missed" };

	metrics_family(m, METRIC_COUNTER, "weft_mirror_frames",
		       "Frames that a mirror copied, and copies that found no room.");
	for (const struct object *o = NULL; (o = model_next(model, "mirror", o));) {
		json_t *status = v->mirror_kind.status(v->mirror_kind.ctx, o);

		for (size_t i = 0; i < ARRAY_LEN(said); i++)
			metrics_put(m,
				    (uint64_t)json_integer_value(json_object_get(status, said[i])),
				    "mirror", o->name, "result", said[i], NULL);
		json_decref(status);
	}
}

void vswitch_metrics(void *ctx, const struct model *model, struct metrics *m)
{
	const struct vswitch *v = ctx;
	struct fdb_counters c;

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
	vlans_metrics(v, m);
	mirrors_metrics(v, model, m);
}
