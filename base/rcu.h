/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RCU_H
#define BASE_RCU_H

/*
 * Grace periods (liburcu, QSBR flavour) with what the thread sanitizer has to be told.
 *
 * A worker joins, says rcu_quiescent() between bursts, and goes offline while it sleeps. The
 * control thread unlinks, calls rcu_wait(), frees. rcu_wait() never runs on a joined thread.
 */
void rcu_join(void);
void rcu_leave(void);
void rcu_quiescent(void);
void rcu_offline(void); /* about to sleep: holds no reference to anything published */
void rcu_online(void);

void rcu_wait(void); /* until every worker has been quiescent or offline once */

#endif /* BASE_RCU_H */
