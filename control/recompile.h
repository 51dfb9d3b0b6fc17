/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_RECOMPILE_H
#define CONTROL_RECOMPILE_H

/*
 * The compilers shall run again, though nothing has changed in the model: what they read beside it
 * has. It happens soon, in a round of the loop of its own, once for all who asked; it cannot fail,
 * but may come later if memory is short. NULL is fine: a test without control, whose views somebody
 * else makes.
 *
 * Threads: control thread, from any callback, also in the middle of a transaction.
 */
struct control;

void control_recompile(struct control *);

#endif /* CONTROL_RECOMPILE_H */
