/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rcu.h"

#include <urcu/urcu-qsbr.h>

#include "base/compat.h"

/*
 * liburcu is not built with the sanitizer, so it cannot see that a grace period orders what was
 * before a worker's quiescent point before what comes after the wait, and the other way round.
 */
#if WEFT_TSAN
#include <sanitizer/tsan_interface.h>
static char order;
#define SAID()  __tsan_release(&order)
#define HEARD() __tsan_acquire(&order)
#else
#define SAID()  ((void)0)
#define HEARD() ((void)0)
#endif

void rcu_join(void)
{
	urcu_qsbr_register_thread();
	HEARD();
}

void rcu_leave(void)
{
	SAID();
	urcu_qsbr_unregister_thread();
}

void rcu_quiescent(void)
{
	SAID();
	urcu_qsbr_quiescent_state();
	HEARD();
}

void rcu_offline(void)
{
	SAID();
	urcu_qsbr_thread_offline();
}

void rcu_online(void)
{
	urcu_qsbr_thread_online();
	HEARD();
}

void rcu_wait(void)
{
	SAID();
	urcu_qsbr_synchronize_rcu();
	HEARD();
}
