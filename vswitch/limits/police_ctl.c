/* SPDX-License-Identifier: Apache-2.0 */
/* A port's rates, from its spec to the meters that workers take from. */
#include "api/rate.h"
#include "base/clock.h"
#include "vswitch/parts.h"

static const char *const in_fields[] = {
	[VSW_LIMIT_ALL] = "limit_in",
	[VSW_LIMIT_BROADCAST] = "broadcast_in",
	[VSW_LIMIT_MULTICAST] = "multicast_in",
	[VSW_LIMIT_UNKNOWN] = "unknown_in",
};
static const char *const out_fields[] = {
	[VSW_LIMIT_ALL] = "limit_out",
	[VSW_LIMIT_BROADCAST] = "broadcast_out",
	[VSW_LIMIT_MULTICAST] = "multicast_out",
	[VSW_LIMIT_UNKNOWN] = "unknown_out",
};
static_assert(ARRAY_LEN(in_fields) == VSW_LIMITS && ARRAY_LEN(out_fields) == VSW_LIMITS,
	      "every limit is a field");

/*
 * A rate that stays keeps its word. Another one begins with the word that no view has: a view is
 * made only when the last but one is gone, so at most one of the two is in use, WAS's.
 */
static bool plan_one(const char *text, const struct meter *was, uint64_t word[2], struct meter *out)
{
	struct meter m;
	struct rate r;

	if (!text || !rate_parse(text, &r)) /* schema_check() let nothing else through */
		return false;
	m = meter_of(r.per_s, r.frames);
	if (was->spent && meter_same(was, &m))
		m.spent = was->spent;
	else
		meter_begin(&m, &word[was->spent == word], was->spent ? was : NULL, clock_ns());
	*out = m;
	return true;
}

static void plan(const struct vswitch *v, const struct model *m, const struct object *o,
		 struct vsw_port *out)
{
	static const struct vsw_port nothing;
	const struct port *p = o->run;
	const struct vsw_port *was = v->live ? v->live->port[p->id] : &nothing;

	(void)m;
	if (!out->live)
		return;
	for (unsigned int i = 0; i < VSW_LIMITS; i++) {
		if (plan_one(object_text(o, in_fields[i]), &was->limit_in[i],
			     out->live->spent_in[i], &out->limit_in[i]) &&
		    i != VSW_LIMIT_UNKNOWN)
			out->guards |= VSW_LIMITS_IN;
		if (plan_one(object_text(o, out_fields[i]), &was->limit_out[i],
			     out->live->spent_out[i], &out->limit_out[i]))
			out->watch_out |= VSW_LIMITS_OUT;
	}
}

const struct port_part port_limits_part = { .plan = plan };
