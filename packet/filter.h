/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PACKET_FILTER_H
#define PACKET_FILTER_H

#include "packet/pkt.h"

/*
 * Which frames does somebody want to see? A libpcap expression ("vlan 10 and icmp"), compiled once,
 * asked for each frame as it lies on the wire, tag included. It sees the head of a frame: what an
 * expression wants to read behind PKT_HEAD octets is not there, and does not match.
 *
 * Threads: control thread for life, a worker for the questions; a memo has one user.
 * Memory: immutable once made; freed a grace period after the last worker could reach it.
 */
struct filter;

#define FILTER_TEXT_MAX 1000 /* of an expression */
#define FILTER_WHY      256

/* -EINVAL: WHY says what libpcap does not like; -ENOMEM. */
int filter_create(const char *expression, struct filter **out, char why[FILTER_WHY]);
void filter_destroy(struct filter *); /* NULL is fine */

/*
 * What was said of the last frame, and which octets were looked at to say it: a frame that has the
 * same ones there is answered the same. All zero: nothing was said yet.
 */
struct filter_memo {
	struct filter_word {
		uint64_t mask, value;
		uint32_t off;
	} word[4];
	uint32_t n; /* words that count; the first two always do */
	uint32_t need; /* octets that the head must have; 0: there is no memo */
	uint32_t misses, rest; /* in a row; frames that are not worth a memo, after too many */
	bool says;
};

/* Bit I is set if PKT[I] matches; N <= BURST_MAX (32). */
uint32_t filter_burst(const struct filter *, struct filter_memo *, struct pkt *const *pkt,
		      unsigned int n);

/* One frame of LEN octets, of which HEAD has HEAD_LEN <= PKT_HEAD. */
bool filter_matches(const struct filter *, const uint8_t *head, uint32_t head_len, uint32_t len);

#endif /* PACKET_FILTER_H */
