/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitch/policy/bindings.h"

#include <errno.h>
#include <stdlib.h>

#include "base/rcu.h"

static bool before(const struct binding *a, const struct binding *b)
{
	return a->ip != b->ip ? a->ip < b->ip : a->mac < b->mac;
}

static bool same(const struct binding *a, const struct binding *b)
{
	return a->ip == b->ip && a->mac == b->mac;
}

/* The first that is not before it. */
static unsigned int find(const struct bindings *t, const struct binding *b)
{
	unsigned int low = 0, high = t ? t->n : 0;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (before(&t->b[mid], b))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct bindings *t, unsigned int at, const struct binding *b)
{
	return t && at < t->n && same(&t->b[at], b);
}

/* NEXT takes the place of WAS, which is freed when nobody reads it any more. */
static void publish(struct bindings **place, struct bindings *was, struct bindings *next)
{
	__atomic_store_n(place, next, __ATOMIC_RELEASE);
	if (was)
		rcu_wait();
	free(was);
}

static struct bindings *sized(unsigned int n)
{
	struct bindings *t = malloc(sizeof(*t) + n * sizeof(t->b[0]));

	if (t)
		t->n = n;
	return t;
}

int bindings_add(struct bindings **place, const struct binding *b)
{
	struct bindings *was = *place, *next;
	unsigned int at = find(was, b), n = was ? was->n : 0;

	if (is_at(was, at, b))
		return 0;
	if (n == BINDINGS_MAX)
		return -ENOSPC;
	next = sized(n + 1);
	if (!next)
		return -ENOMEM;
	if (was) {
		memcpy(next->b, was->b, at * sizeof(*b));
		memcpy(next->b + at + 1, was->b + at, (n - at) * sizeof(*b));
	}
	next->b[at] = *b;
	publish(place, was, next);
	return 0;
}

int bindings_remove(struct bindings **place, const struct binding *b)
{
	struct bindings *was = *place, *next = NULL;
	unsigned int at = find(was, b);

	if (!is_at(was, at, b))
		return -ENOENT;
	if (was->n > 1) {
		next = sized(was->n - 1);
		if (!next)
			return -ENOMEM;
		memcpy(next->b, was->b, at * sizeof(*b));
		memcpy(next->b + at, was->b + at + 1, (was->n - at - 1) * sizeof(*b));
	}
	publish(place, was, next);
	return 0;
}

bool bindings_have(struct bindings *const *place, const struct binding *b)
{
	const struct bindings *t = __atomic_load_n(place, __ATOMIC_ACQUIRE);

	return is_at(t, find(t, b), b);
}
