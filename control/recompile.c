/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The view of the model as it is, published again: what it is made of is not only the model. A
 * port that the daemon blocks or shuts by itself is in no request and in no transaction.
 *
 * It waits for the loop's next round, where no transaction can be at work (they never leave the
 * control thread before they end), where nobody up the stack holds on to the view that goes, and
 * by which all that was asked for in one round is one.
 */
#include "control/recompile.h"

#include "base/log.h"
#include "base/rcu.h"
#include "control/control_priv.h"

#define AGAIN_MS 1000 /* after it failed */

static void recompile(void *arg)
{
	struct control *c = arg;
	struct faults faults = { 0 };

	if (!c->recompile_wanted)
		return;
	if (txn_compile(&c->env, &faults)) {
		log_warn("control", "view stays as it is for now: %s", faults.v[0].message);
		loop_set_timer(c->recompile, AGAIN_MS, 0);
	} else {
		c->recompile_wanted = false; /* before retire(), which may ask for more */
		txn_publish(&c->env);
		rcu_wait();
		txn_retire(&c->env);
	}
	faults_free(&faults);
}

int recompile_init(struct control *c)
{
	return loop_add_timer(c->cfg.loop, 0, 0, recompile, c, &c->recompile);
}

void recompile_fini(struct control *c)
{
	loop_del(c->recompile);
	c->recompile = NULL;
}

void control_recompile(struct control *c)
{
	if (!c || !c->recompile)
		return;
	c->recompile_wanted = true;
	loop_set_timer(c->recompile, 0, 0);
}
