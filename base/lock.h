/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <sched.h>

#include "base/compat.h"

/*
 * The one lock that a worker may take (a destination queue's, a table's insert lock): held for
 * some hundred cycles, so it spins; after a while it yields, for a holder that lost its CPU.
 */
struct CAPABILITY("mutex") lock {
	bool held;
};

static inline bool lock_try(struct lock *l)
{
	return !__atomic_load_n(&l->held, __ATOMIC_RELAXED) &&
	       !__atomic_exchange_n(&l->held, true, __ATOMIC_ACQUIRE);
}

static inline void lock_take(struct lock *l) ACQUIRES(l) UNCHECKED
{
	for (unsigned int spin = 0; !lock_try(l); spin++) {
		if (spin < 200)
			__builtin_ia32_pause();
		else
			sched_yield();
	}
}

static inline void lock_drop(struct lock *l) RELEASES(l) UNCHECKED
{
	__atomic_store_n(&l->held, false, __ATOMIC_RELEASE);
}

#endif /* BASE_LOCK_H */
