/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FENCE_H
#define BASE_FENCE_H

/*
 * Between a store and a load that must not change places, where both sides of a ring first say
 * something and then look. The thread sanitizer knows no fences, only operations on a word.
 */
static inline void fence_full(void)
{
#ifdef __SANITIZE_THREAD__
	static _Thread_local int word;

	__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

#endif /* BASE_FENCE_H */
