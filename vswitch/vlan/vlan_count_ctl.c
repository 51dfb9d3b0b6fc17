/* SPDX-License-Identifier: Apache-2.0 */
/* What VLANs have counted, for people and for /metrics. */
#include <stdio.h>

#include "vswitch/vlan_tally.h"
#include "vswitch/switches.h"

json_t *classes_json(const struct class_count *c)
{
	json_t *all = json_object();

	for (unsigned int i = 0; i < ETH_CLASSES; i++)
		json_object_set_new(all, eth_class_names[i],
				    json_pack("{s:I, s:I}", "frames", (json_int_t)c[i].frames,
					      "bytes", (json_int_t)c[i].bytes));
	return all;
}

static struct vlan_tally count_of(const struct vswitch *v, const struct vsw *sw, uint16_t vid)
{
	struct vlan_tally t;

	vlan_counters(sw->tally, engine_workers(v->env->engine), vid, &t);
	return t;
}

static bool is_used(const struct vlan_tally *t)
{
	return t->in[ETH_UNICAST].frames | t->in[ETH_MULTICAST].frames |
	       t->in[ETH_BROADCAST].frames;
}

json_t *vlans_count_json(const struct vswitch *v, const struct vsw *sw, uint16_t first,
			 uint16_t last)
{
	struct vlan_tally sum = { 0 };

	for (uint16_t vid = first; vid <= last; vid++) {
		struct vlan_tally t = count_of(v, sw, vid);

		for (unsigned int c = 0; c < ETH_CLASSES; c++) {
			sum.in[c].frames += t.in[c].frames;
			sum.in[c].bytes += t.in[c].bytes;
		}
		sum.drops += t.drops;
	}
	return json_pack("{s:o, s:I}", "in", classes_json(sum.in), "drops", (json_int_t)sum.drops);
}

void vlans_count_list(void *ctx, struct request *r)
{
	const struct vswitch *v = ctx;
	const char *name = request_query(r, "switch");
	json_t *items = json_array();

	if (name && !vswitch_find(v, name)) {
		json_decref(items);
		fault(request_faults(r), FAULT_NOT_FOUND, NULL, NULL, "there is no switch %s",
		      name);
		reply_faults(r);
		return;
	}
	for (const struct vsw *sw = v->switches; sw; sw = sw->next) {
		for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
			struct vlan_tally t = count_of(v, sw, vid);

			if ((name && strcmp(sw->name, name) != 0) || !is_used(&t))
				continue;
			json_array_append_new(items,
					      json_pack("{s:s, s:i, s:o, s:I}", "switch", sw->name,
							"vid", vid, "in", classes_json(t.in),
							"drops", (json_int_t)t.drops));
		}
	}
	reply_json(r, 200, json_pack("{s:o}", "items", items));
}

typedef void put_fn(struct metrics *, const char *sw, const char *vid, const struct vlan_tally *);

static void put_frames(struct metrics *m, const char *sw, const char *vid,
		       const struct vlan_tally *t)
{
	for (unsigned int c = 0; c < ETH_CLASSES; c++)
		metrics_put(m, t->in[c].frames, "switch", sw, "vlan", vid, "class",
			    eth_class_names[c], NULL);
}

static void put_bytes(struct metrics *m, const char *sw, const char *vid,
		      const struct vlan_tally *t)
{
	for (unsigned int c = 0; c < ETH_CLASSES; c++)
		metrics_put(m, t->in[c].bytes, "switch", sw, "vlan", vid, "class",
			    eth_class_names[c], NULL);
}

static void put_drops(struct metrics *m, const char *sw, const char *vid,
		      const struct vlan_tally *t)
{
	metrics_put(m, t->drops, "switch", sw, "vlan", vid, NULL);
}

static void each(struct metrics *m, const struct vswitch *v, put_fn *put)
{
	for (const struct vsw *sw = v->switches; sw; sw = sw->next) {
		for (uint16_t vid = 1; vid <= VLAN_VID_MAX; vid++) {
			struct vlan_tally t = count_of(v, sw, vid);
			char number[8];

			if (!is_used(&t))
				continue;
			snprintf(number, sizeof(number), "%u", vid);
			put(m, sw->name, number, &t);
		}
	}
}

void vlans_metrics(const struct vswitch *v, struct metrics *m)
{
	metrics_family(m, METRIC_COUNTER, "weft_vlan_frames",
		       "Frames that came into a VLAN, by whom they were for.");
	each(m, v, put_frames);
	metrics_family(m, METRIC_COUNTER, "weft_vlan_bytes",
		       "Octets of those frames, as they came.");
	each(m, v, put_bytes);
	metrics_family(m, METRIC_COUNTER, "weft_vlan_drops",
		       "Frames that came into a VLAN and reached nobody.");
	each(m, v, put_drops);
}
