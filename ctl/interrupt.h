/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_INTERRUPT_H
#define CTL_INTERRUPT_H

/*
 * A stream without end ends by SIGINT or SIGTERM, and what came until then is no failure. Threads:
 * one.
 */
void interrupt_catch(void); /* from now on; a call that waits is not begun again */
int interrupt_came(void *unused); /* a client_idle_fn */

#endif /* CTL_INTERRUPT_H */
