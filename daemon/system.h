/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SYSTEM_H
#define DAEMON_SYSTEM_H

/* What the daemon asks of the machine for itself. Control thread, while it starts and stops. */
void system_raise_files(void); /* descriptors: a few a port */
/* Becomes a member, so that what it makes later can be the group's; who may not, is told nothing.
 */
void system_join(const char *group);
void system_drop_rights(void); /* keeps what namespaces and devices need; before threads */
void system_notify(const char *state); /* "READY=1", "STOPPING=1" to whoever started us */

#endif /* DAEMON_SYSTEM_H */
