/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/pcap/replay.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

struct replay {
	pcap_t *file;
	bool begun;
	uint64_t first_ns; /* as the file counts */
	uint64_t at_ns; /* of the last frame, since the first */
};

int replay_open(FILE *f, struct replay **out, char *why, size_t room)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct replay *r = calloc(1, sizeof(*r));

	if (!r) {
		fclose(f);
		snprintf(why, room, "no memory");
		return -ENOMEM;
	}
	r->file = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!r->file) {
		fclose(f);
		free(r);
		snprintf(why, room, "%s", error);
		return -EINVAL;
	}
	if (pcap_datalink(r->file) != DLT_EN10MB) {
		snprintf(why, room, "its frames are not Ethernet but link type %d",
			 pcap_datalink(r->file));
		replay_close(r);
		return -EINVAL;
	}
	*out = r;
	return 0;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	pcap_close(r->file);
	free(r);
}

/* Time in the file may run backwards, or jump; the replay's never goes back. */
static uint64_t time_of(struct replay *r, const struct pcap_pkthdr *h)
{
	/* Nanoseconds, whatever the field is called: asked for in replay_open(). */
	uint64_t now = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec;

	if (!r->begun)
		r->first_ns = now;
	r->begun = true;
	if (now > r->first_ns && now - r->first_ns > r->at_ns)
		r->at_ns = now - r->first_ns;
	return r->at_ns;
}

enum replay_result replay_next(struct replay *r, struct replay_frame *out)
{
	const unsigned char *data;
	struct pcap_pkthdr *h;
	int got = pcap_next_ex(r->file, &h, &data);

	if (got == PCAP_ERROR_BREAK)
		return REPLAY_END;
	if (got != 1)
		return REPLAY_BROKEN;
	if (h->caplen < h->len || h->caplen > PKT_LEN_MAX)
		return REPLAY_SKIPPED;
	*out = (struct replay_frame){ .data = data, .len = h->caplen, .at_ns = time_of(r, h) };
	return REPLAY_FRAME;
}

const char *replay_why(struct replay *r)
{
	return pcap_geterr(r->file);
}
