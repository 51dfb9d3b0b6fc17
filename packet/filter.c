/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter that costs next to nothing while it says the same as before.
 *
 * Shape
 *	libpcap compiles the expression to classic BPF. What of it compares octets at fixed places
 *	becomes a tree of tests, each one masked word; where it does more (ports behind IP options)
 *	the tree ends with "ask", and libpcap's interpreter says it.
 *
 *	Most frames need not even that. run() interprets the program once, and while it does, it
 *	notes which octets of the frame were read. A program is a function of what it reads: a frame
 *	that has the same octets there takes the same way through it and gets the same answer. So
 *	the answer is kept with those octets (at most four words of eight), and most frames are
 *	answered by comparing them: "icmp" has read the EtherType and the protocol of the last
 *	frame, both the same in any two UDP frames, whatever their addresses.
 *
 * Why it is right
 *	An answer is not kept if it rests on anything else: on the frame's length, or on a read
 *	behind its head. A frame that is compared has all octets that were read (`need`).
 *
 *	Where frames differ in what is read ("host X", and each is from another one), two misses
 *	in a row send the memo to rest for a while, and the tree answers.
 */
#include "packet/filter.h"

#include <errno.h>
#include <nss.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRAM_MAX 512 /* instructions; each is run at most once a frame */
#define WORDS       (PKT_HEAD / sizeof(uint64_t))
#define MISSES_MAX  2 /* in a row, before a memo rests */
#define REST        512 /* frames */

/* Compares a word of the head; then the next test, or an end. */
struct test {
	uint64_t mask, value;
	uint16_t off, need; /* need: octets that the head must have, or it does not match */
	uint16_t yes, no;
};
enum { TESTS_MAX = 64, END_NO = TESTS_MAX, END_YES, END_ASK };

/* What the accumulator holds, as far as a test can use it. */
struct held {
	uint32_t off, size, mask; /* size 0: something else */
};

struct filter {
	struct bpf_program program;
	unsigned int n_tests, first;
	struct test test[TESTS_MAX];
	struct {
		unsigned int at;
		struct held a;
	} made_of[TESTS_MAX]; /* each test once */
};

/* ---- made ----------------------------------------------------------------------------------- */

static int compile(struct filter *f, const char *expression, char why[FILTER_WHY])
{
	pcap_t *nobody;
	int err = 0;

	if (strlen(expression) > FILTER_TEXT_MAX) {
		snprintf(why, FILTER_WHY, "it is longer than %d characters", FILTER_TEXT_MAX);
		return -EINVAL;
	}
	__nss_configure_lookup("hosts", "files"); /* "host NAME" waits for no name server */
	nobody = pcap_open_dead(DLT_EN10MB, (int)PKT_LEN_MAX);
	if (!nobody)
		return -ENOMEM;
	if (pcap_compile(nobody, &f->program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(why, FILTER_WHY, "%s", pcap_geterr(nobody));
		err = -EINVAL;
	}
	pcap_close(nobody);
	return err;
}

static uint32_t size_of(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

/* ---- the tree of tests ---------------------------------------------------------------------- */

/* The low A.size octets of V, as they lie in a head, in the word that begins at OFF. */
static uint64_t as_word(struct held a, uint32_t off, uint32_t v)
{
	uint8_t octet[8] = { 0 };
	uint64_t w;

	for (uint32_t i = 0; i < a.size; i++)
		octet[a.off - off + i] = (uint8_t)(v >> 8 * (a.size - 1 - i));
	memcpy(&w, octet, sizeof(w));
	return w;
}

static unsigned int plant(struct filter *f, unsigned int at, struct held a);

static unsigned int plant_jump(struct filter *f, unsigned int at, struct held a)
{
	const struct bpf_insn *in = &f->program.bf_insns[at];
	bool set = BPF_OP(in->code) == BPF_JSET;
	uint32_t off = MIN(a.off, PKT_HEAD - (uint32_t)sizeof(uint64_t));
	unsigned int i = f->n_tests, yes, no;

	for (unsigned int k = 0; k < i; k++) {
		if (f->made_of[k].at == at && !memcmp(&f->made_of[k].a, &a, sizeof(a)))
			return k;
	}
	if (i == TESTS_MAX)
		return END_ASK;
	f->n_tests++;
	f->made_of[i].at = at;
	f->made_of[i].a = a;
	f->test[i].off = (uint16_t)off;
	f->test[i].need = (uint16_t)(a.off + a.size);
	f->test[i].mask = as_word(a, off, set ? a.mask & in->k : a.mask);
	f->test[i].value = set ? 0 : as_word(a, off, in->k);
	yes = plant(f, at + 1 + in->jt, a);
	no = plant(f, at + 1 + in->jf, a);
	f->test[i].yes = (uint16_t)(set ? no : yes);
	f->test[i].no = (uint16_t)(set ? yes : no);
	return i;
}

/* The test that stands for the program from AT on, where the accumulator holds A. */
static unsigned int plant(struct filter *f, unsigned int at, struct held a)
{
	bool tested = true; /* what was loaded last; an untested load can fail all the same */

	for (;; at++) {
		const struct bpf_insn *in = &f->program.bf_insns[at];
		uint32_t most;

		switch (in->code) {
		case BPF_LD | BPF_ABS | BPF_W:
		case BPF_LD | BPF_ABS | BPF_H:
		case BPF_LD | BPF_ABS | BPF_B:
			a = (struct held){ in->k, size_of(in->code), ~0u };
			if (!tested || a.off > PKT_HEAD - a.size)
				return END_ASK;
			tested = false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a.mask &= in->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			most = a.size == 4 ? ~0u : (1u << 8 * a.size) - 1;
			return a.size && in->k <= most ? plant_jump(f, at, a) : END_ASK;
		case BPF_RET | BPF_K:
			return !tested ? END_ASK : in->k ? END_YES : END_NO;
		default:
			return END_ASK;
		}
	}
}

int filter_create(const char *expression, struct filter **out, char why[FILTER_WHY])
{
	struct filter *f = calloc(1, sizeof(*f));
	int err = f ? compile(f, expression, why) : -ENOMEM;

	if (!err && f->program.bf_len > PROGRAM_MAX) {
		snprintf(why, FILTER_WHY, "it needs %u instructions, more than %d",
			 f->program.bf_len, PROGRAM_MAX);
		err = -EINVAL;
	}
	if (err) {
		filter_destroy(f);
		return err;
	}
	f->first = plant(f, 0, (struct held){ 0 });
	*out = f;
	return 0;
}

void filter_destroy(struct filter *f)
{
	if (!f)
		return;
	pcap_freecode(&f->program);
	free(f);
}

/* ---- run ------------------------------------------------------------------------------------ */

/* A program at work. */
struct turn {
	const uint8_t *head;
	uint32_t head_len, len;
	uint32_t a, x, mem[BPF_MEMWORDS];
	uint64_t seen[2]; /* octets of the head that were read, a bit each */
	bool rests_on_more; /* than on those */
	bool stop; /* it read what is not there: no match */
};
static_assert(PKT_HEAD == 128, "a bit for each octet of a head");

static uint32_t load(struct turn *t, uint64_t off, uint32_t size)
{
	uint32_t v = 0;

	if (off + size > t->head_len) {
		t->rests_on_more = true;
		t->stop = true;
		return 0;
	}
	for (uint32_t i = 0; i < size; i++, off++) {
		t->seen[off / 64] |= 1ull << off % 64;
		v = v << 8 | t->head[off];
	}
	return v;
}

/* What BPF_LD and BPF_LDX put into their register. */
static uint32_t fetch(struct turn *t, const struct bpf_insn *in)
{
	switch (BPF_MODE(in->code)) {
	case BPF_ABS:
		return load(t, in->k, size_of(in->code));
	case BPF_IND:
		return load(t, (uint64_t)t->x + in->k, size_of(in->code));
	case BPF_MSH:
		return (load(t, in->k, 1) & 0xf) << 2;
	case BPF_IMM:
		return in->k;
	case BPF_MEM:
		return t->mem[in->k % BPF_MEMWORDS];
	default: /* BPF_LEN */
		t->rests_on_more = true;
		return t->len;
	}
}

static uint32_t compute(struct turn *t, const struct bpf_insn *in)
{
	uint32_t b = BPF_SRC(in->code) == BPF_X ? t->x : in->k;

	switch (BPF_OP(in->code)) {
	case BPF_ADD:
		return t->a + b;
	case BPF_SUB:
		return t->a - b;
	case BPF_MUL:
		return t->a * b;
	case BPF_OR:
		return t->a | b;
	case BPF_AND:
		return t->a & b;
	case BPF_XOR:
		return t->a ^ b;
	case BPF_LSH:
		return b < 32 ? t->a << b : 0;
	case BPF_RSH:
		return b < 32 ? t->a >> b : 0;
	case BPF_NEG:
		return -t->a;
	default: /* BPF_DIV, BPF_MOD */
		t->stop |= !b;
		return !b ? 0 : BPF_OP(in->code) == BPF_DIV ? t->a / b : t->a % b;
	}
}

static bool jumps(const struct turn *t, const struct bpf_insn *in)
{
	uint32_t b = BPF_SRC(in->code) == BPF_X ? t->x : in->k;

	switch (BPF_OP(in->code)) {
	case BPF_JEQ:
		return t->a == b;
	case BPF_JGT:
		return t->a > b;
	case BPF_JGE:
		return t->a >= b;
	default: /* BPF_JSET */
		return t->a & b;
	}
}

/* Jumps lead forward and within the program: pcap_compile() makes no others. */
static bool run(const struct filter *f, struct turn *t)
{
	const struct bpf_insn *in = f->program.bf_insns, *end = in + f->program.bf_len;

	for (; in < end && !t->stop; in++) {
		switch (BPF_CLASS(in->code)) {
		case BPF_LD:
			t->a = fetch(t, in);
			break;
		case BPF_LDX:
			t->x = fetch(t, in);
			break;
		case BPF_ST:
			t->mem[in->k % BPF_MEMWORDS] = t->a;
			break;
		case BPF_STX:
			t->mem[in->k % BPF_MEMWORDS] = t->x;
			break;
		case BPF_ALU:
			t->a = compute(t, in);
			break;
		case BPF_JMP:
			if (BPF_OP(in->code) == BPF_JA)
				in += in->k;
			else
				in += jumps(t, in) ? in->jt : in->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(in->code) == BPF_A ? t->a : in->k;
		default: /* BPF_MISC */
			if (BPF_MISCOP(in->code) == BPF_TAX)
				t->x = t->a;
			else
				t->a = t->x;
		}
	}
	return false;
}

bool filter_matches(const struct filter *f, const uint8_t *head, uint32_t head_len, uint32_t len)
{
	struct turn t = { .head = head, .head_len = MIN(head_len, PKT_HEAD), .len = len };

	return run(f, &t);
}

/* ---- remembered ----------------------------------------------------------------------------- */

static uint64_t word_at(const uint8_t *data, uint32_t off)
{
	uint64_t w;

	memcpy(&w, data + off, sizeof(w));
	return w;
}

/* Eight bits, each as an octet of a mask, in the order of memory. */
static uint64_t spread(uint8_t bits)
{
	uint8_t octet[8];
	uint64_t w;

	for (unsigned int i = 0; i < 8; i++)
		octet[i] = bits >> i & 1 ? 0xff : 0;
	memcpy(&w, octet, sizeof(w));
	return w;
}

static void keep(struct filter_memo *memo, const struct turn *t, bool says)
{
	*memo = (struct filter_memo){ .says = says };
	if (t->rests_on_more)
		return;
	for (uint32_t i = 0; i < WORDS; i++) {
		uint8_t bits = (uint8_t)(t->seen[i / 8] >> i % 8 * 8);
		struct filter_word *w = &memo->word[memo->n];

		if (!bits)
			continue;
		if (memo->n++ == ARRAY_LEN(memo->word)) { /* it looked at too much */
			*memo = (struct filter_memo){ .says = says };
			return;
		}
		w->off = i * (uint32_t)sizeof(uint64_t);
		w->mask = spread(bits);
		w->value = word_at(t->head, w->off) & w->mask;
		memo->need = w->off + 32 - (uint32_t)__builtin_clz(bits);
	}
	if (!memo->n)
		memo->need = 1; /* it looked at nothing: it says the same of all */
}

static bool differs(const struct filter_word *w, const uint8_t *data)
{
	return (word_at(data, w->off) & w->mask) != w->value;
}

static bool rest_differs(const struct filter_memo *memo, const uint8_t *data)
{
	for (uint32_t i = 2; i < memo->n; i++) {
		if (differs(&memo->word[i], data))
			return true;
	}
	return false;
}

/*
 * How many of the first N frames are like the one that MEMO is about. A head may be read to
 * PKT_HEAD octets, whatever of it is filled; what is not was not read.
 */
static unsigned int alike(const struct filter_memo *memo, struct pkt *const *pkt, unsigned int n)
{
	const struct filter_word a = memo->word[0], b = memo->word[1]; /* in registers */
	const uint32_t need = memo->need;
	const bool more = memo->n > 2;
	unsigned int i = 0;

	for (; need && i < n; i++) {
		const struct pkt *p = pkt[i];
		uint64_t other = ((word_at(p->data, a.off) ^ a.value) & a.mask) |
				 ((word_at(p->data, b.off) ^ b.value) & b.mask);

		if (unlikely(other || p->head_len < need) ||
		    (more && unlikely(rest_differs(memo, p->data))))
			break;
	}
	return i;
}

/* Without a memo. */
static bool answer(const struct filter *f, const struct pkt *p)
{
	unsigned int at = f->first;

	while (at < TESTS_MAX) {
		const struct test *t = &f->test[at];

		if (unlikely(p->head_len < t->need))
			return false;
		at = (word_at(p->data, t->off) & t->mask) == t->value ? t->yes : t->no;
	}
	if (likely(at != END_ASK))
		return at == END_YES;
	return bpf_filter(f->program.bf_insns, p->data, p->len, p->head_len);
}

/* One frame that the memo does not know. */
static bool answer_anew(const struct filter *f, struct filter_memo *memo, const struct pkt *p)
{
	struct turn t = { .head = p->data, .head_len = p->head_len, .len = p->len };
	uint32_t misses = memo->misses + 1;

	keep(memo, &t, run(f, &t));
	memo->misses = misses;
	if (misses == MISSES_MAX) {
		memo->misses = 0;
		memo->rest = REST;
	}
	return memo->says;
}

uint32_t filter_burst(const struct filter *f, struct filter_memo *memo, struct pkt *const *pkt,
		      unsigned int n)
{
	uint32_t hits = 0;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int same;

		if (memo->rest) {
			memo->rest--;
			hits |= (uint32_t)answer(f, pkt[i]) << i;
			continue;
		}
		same = alike(memo, pkt + i, n - i);
		if (same) {
			memo->misses = 0;
			hits |= memo->says ? ~0u >> (32 - same) << i : 0;
			i += same;
		}
		if (i < n)
			hits |= (uint32_t)answer_anew(f, memo, pkt[i]) << i;
	}
	return hits;
}
