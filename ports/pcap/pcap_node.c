/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's half of a pcap port. A paced replay never reads the clock: the timer tells that its
 * deadline has come, so all frames until then may go, and the next one's time is the next deadline.
 */
#include "ports/pcap/pcap_priv.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "packet/gso.h"

#define SLACK_NS 100000u /* frames that lie closer together go together */
#define TRIES    4u /* of max: how many frames are looked at when most are skipped */

void pcap_port_arm(struct pcap_port *p, uint64_t deadline_ns)
{
	const struct itimerspec t = { .it_value = { (time_t)(deadline_ns / 1000000000u),
						    (long)(deadline_ns % 1000000000u) } };

	p->deadline_ns = deadline_ns;
	timerfd_settime(p->source.fd, TFD_TIMER_ABSTIME, &t, NULL);
}

static inline void add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* All is counted, and from here on the source's descriptor is silent. */
static void tell_end(struct pcap_port *p)
{
	const uint64_t one = 1;

	__atomic_store_n(&p->ended, true, __ATOMIC_RELEASE);
	(void)!write(p->done_fd, &one, sizeof(one));
}

/* Is there a frame whose time has come? */
static bool look(struct pcap_port *p, unsigned int *tries)
{
	while (!p->have && !p->over && *tries) {
		--*tries;
		switch (replay_next(p->replay, &p->next)) {
		case REPLAY_FRAME:
			p->have = true;
			break;
		case REPLAY_SKIPPED:
			add(&p->skipped, 1);
			break;
		case REPLAY_BROKEN:
			p->broken = true;
			/* fallthrough */
		case REPLAY_END:
			p->over = true;
			break;
		}
	}
	return p->have && (!p->paced || p->begin_ns + p->next.at_ns <= p->deadline_ns + SLACK_NS);
}

static void fill(struct pcap_port *p, struct worker *w, unsigned int i, struct pkt *to)
{
	const struct replay_frame *f = &p->next;
	uint32_t head = MIN(f->len, PKT_HEAD);

	memcpy(to->data, f->data, head);
	to->head_len = (uint16_t)head;
	to->len = f->len;
	if (f->len > head) {
		uint8_t *rest = worker_buffer(w, i);

		memcpy(rest, f->data + head, f->len - head);
		p->rest[i] = (struct iovec){ rest, f->len - head };
		to->seg = &p->rest[i];
		to->n_seg = 1;
	}
}

unsigned int pcap_port_rx(struct source *s, struct worker *w, struct pkt **out, unsigned int max)
{
	struct pcap_port *p = s->arg;
	unsigned int n = 0, tries = TRIES * max;
	uint64_t ticks;

	max = MIN(max, (unsigned int)BURST_MAX);
	while (n < max && look(p, &tries)) {
		struct pkt *to = worker_pkt(w);

		if (unlikely(!to))
			break;
		fill(p, w, n, to);
		out[n++] = to;
		p->have = false;
	}
	add(&p->frames, n);
	if (p->over || p->paced)
		(void)!read(s->fd, &ticks, sizeof(ticks));
	if (p->over && !p->ended)
		tell_end(p);
	else if (p->paced && !p->over)
		pcap_port_arm(p, MAX(p->deadline_ns, p->have ? p->begin_ns + p->next.at_ns : 0));
	return n;
}

static void keep(void *arg, const uint8_t *frame, uint32_t len)
{
	struct pcap_port *p = arg;

	record_put(p->record, frame, len);
}

void pcap_port_tx(struct sink *s, struct worker *w, const struct tx_frame *f, unsigned int n,
		  uint8_t *verdict)
{
	struct pcap_port *p = s->arg;

	record_begin(p->record);
	for (unsigned int i = 0; i < n; i++)
		if (gso_finish(&f[i], worker_scratch(w), GSO_BUF, keep, p) < 0)
			verdict[i] = TX_DROP_OFFLOAD;
	if (likely(record_flush(p->record)))
		return;
	for (unsigned int i = 0; i < n; i++)
		if (verdict[i] == TX_SENT)
			verdict[i] = TX_DROP_REFUSED;
}
