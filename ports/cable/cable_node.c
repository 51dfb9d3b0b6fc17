/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's half of a cable: what leaves here comes in there. */
#include "ports/cable/cable.h"

void cable_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
	      uint8_t *verdict)
{
	struct cable_end *e = s->arg;
	port_id_t peer = __atomic_load_n(&e->peer, __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < n; i++) {
		if (unlikely(peer == PORT_NONE))
			verdict[i] = TX_DROP_DOWN;
		else if (unlikely(!tx_frame_fits(&f[i])))
			verdict[i] = TX_DROP_TOO_LONG;
		else if (unlikely(!worker_reenter(w, peer, &f[i])))
			verdict[i] = TX_DROP_BUDGET;
	}
}
