/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_NOUNS_H
#define CTL_NOUNS_H

#include "ctl/cli.h"

/*
 * All that can be said: the nouns (every kind of object in schemas[], then fdb, worker and lab) and
 * the commands without a noun. A new kind of object has its verbs here without a line of code.
 *
 * Threads: one; everything is static, but for what noun_at() and noun_find() fill in.
 */
bool noun_at(unsigned int i, struct noun *out); /* false: there are no more */
bool noun_find(const char *name, struct noun *out);
const struct verb *noun_verb(const struct noun *,
			     const char *name); /* NULL; takes "rm", "ls" ... */

extern const struct verb *const commands[]; /* NULL-terminated */
const struct verb *command_find(const char *name);

/* Verbs, each in the file of its concern. */
extern const struct verb object_list, object_show, object_add, object_set, object_remove;
extern const struct verb vlan_counters, vlan_show, vlan_add, vlan_set, vlan_remove;
extern const struct verb fdb_list, fdb_flush, fdb_add, fdb_remove;
extern const struct verb worker_list;
extern const struct verb host_add, host_exec;
extern const struct verb link_add;
extern const struct verb mirror_add;
extern const struct verb port_show;
extern const struct verb attach_netns, attach_container, detach_command;
extern const struct verb lab_list, lab_show, lab_set, lab_remove;
extern const struct verb up_command, plan_command, down_command;
extern const struct verb status_command, drops_command, graph_command;
extern const struct verb events_command, capture_command, trace_command;
extern const struct verb complete_command, help_command, tables_command;

#endif /* CTL_NOUNS_H */
