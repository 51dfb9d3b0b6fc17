/* SPDX-License-Identifier: Apache-2.0 */
#include "api/rate.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "api/text.h"

/* As a person may write them; of each size the first is the one that is printed. */
static const struct unit {
	const char *name;
	uint64_t size;
	bool frames;
} units[] = {
	{ "Gbit", 1000000000, false }, { "Mbit", 1000000, false },    { "kbit", 1000, false },
	{ "bit", 1, false },           { "Gbps", 1000000000, false }, { "Mbps", 1000000, false },
	{ "kbps", 1000, false },       { "bps", 1, false },           { "fps", 1, true },
	{ "kfps", 1000, true },        { "Mfps", 1000000, true },     { "pps", 1, true },
	{ "kpps", 1000, true },        { "Mpps", 1000000, true },
};

enum why { FINE, NO_NUMBER, NO_UNIT, OCTETS, TOO_FINE, ZERO, TOO_LOW, TOO_HIGH };

#define DIGITS_MAX 12 /* in front of the point: no overflow */
#define DECIMALS   9

static const struct unit *unit_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!strcasecmp(units[i].name, name))
			return &units[i];
	}
	return NULL;
}

/* "1.5" as 1 and 500000000 (10^-9); *at is set behind it. False: it is no number. */
static bool number(const char **at, uint64_t *whole, uint64_t *nano)
{
	const char *s = *at;
	unsigned int digits = 0, decimals = 0;

	*whole = *nano = 0;
	for (; isdigit((unsigned char)*s) && digits <= DIGITS_MAX; s++, digits++)
		*whole = *whole * 10 + (uint64_t)(*s - '0');
	if (!digits || digits > DIGITS_MAX)
		return false;
	if (*s == '.') {
		for (s++; isdigit((unsigned char)*s) && decimals < DECIMALS; s++, decimals++)
			*nano = *nano * 10 + (uint64_t)(*s - '0');
		if (!decimals)
			return false;
		for (; decimals < DECIMALS; decimals++)
			*nano *= 10;
	}
	*at = s;
	return !isdigit((unsigned char)*s);
}

static enum why range(uint64_t per_s, bool frames)
{
	if (!per_s)
		return ZERO;
	if (per_s > (frames ? RATE_FPS_MAX : RATE_BITS_MAX))
		return TOO_HIGH;
	return !frames && per_s < RATE_BITS_MIN ? TOO_LOW : FINE;
}

/* "MB/s", "KBps": but "MBIT" is only loud. */
static bool counts_octets(const char *unit)
{
	const char *b = strchr(unit, 'B');

	return b && strncasecmp(b, "bit", 3) != 0;
}

static enum why parse(const char *text, struct rate *out)
{
	uint64_t whole, nano, part;
	const struct unit *u;
	size_t len;

	if (!number(&text, &whole, &nano))
		return NO_NUMBER;
	text += strspn(text, " ");
	if (counts_octets(text))
		return OCTETS;
	u = unit_of(text);
	len = strlen(text);
	if (!u && len > 2 && !strcmp(text + len - 2, "/s")) {
		char name[8];

		snprintf(name, sizeof(name), "%.*s", (int)(len - 2), text);
		u = unit_of(name);
	}
	if (!u)
		return NO_UNIT;
	/* nano < 10^9 and size <= 10^9: no overflow */
	part = nano * u->size;
	if (part % 1000000000u)
		return TOO_FINE;
	if (whole > RATE_BITS_MAX / u->size)
		return TOO_HIGH;
	*out = (struct rate){ whole * u->size + part / 1000000000u, u->frames };
	return range(out->per_s, out->frames);
}

bool rate_parse(const char *text, struct rate *out)
{
	struct rate r;

	if (parse(text, &r) != FINE)
		return false;
	*out = r;
	return true;
}

/* The largest unit that leaves at most three decimals, so that what is read is what was meant. */
void rate_print(const struct rate *r, char out[RATE_TEXT])
{
	const struct unit *u = units;
	char decimals[8] = "";
	uint64_t rest;

	if (r->frames) {
		snprintf(out, RATE_TEXT, "%" PRIu64 "fps", r->per_s);
		return;
	}
	while (u->size > 1 && (r->per_s < u->size || r->per_s % (u->size / 1000)))
		u++;
	rest = r->per_s % u->size;
	if (rest) {
		size_t n = (size_t)snprintf(decimals, sizeof(decimals), ".%03u",
					    (unsigned int)(rest / (u->size / 1000)));

		while (decimals[n - 1] == '0')
			decimals[--n] = '\0';
	}
	snprintf(out, RATE_TEXT, "%" PRIu64 "%s%s", r->per_s / u->size, decimals, u->name);
}

int rate_canonical(const char *text, char out[RATE_TEXT], const char *field, struct faults *faults)
{
	static const char usual[] = "write one such as 10Mbit, 64kbit or 1000fps";
	char shown[SHOWN_LEN];
	struct rate r;
	enum why why = parse(text, &r);

	text_shown(text, shown, sizeof(shown));
	switch (why) {
	case FINE:
		rate_print(&r, out);
		return 0;
	case NO_NUMBER:
		return fault(faults, FAULT_INVALID, field, usual, "'%s' is not a rate", shown);
	case NO_UNIT:
		return fault(faults, FAULT_INVALID, field, usual,
			     "'%s' does not say of what: bits or frames a second", shown);
	case OCTETS:
		return fault(faults, FAULT_INVALID, field, "write eight times as many bits: 80Mbit",
			     "'%s' is not in bits", shown);
	case TOO_FINE:
		return fault(faults, FAULT_INVALID, field, usual,
			     "'%s' is not a whole number of bits or frames", shown);
	case ZERO:
		return fault(faults, FAULT_INVALID, field,
			     "leave it out for no limit, or set the port's up to false",
			     "a rate of 0 lets nothing through");
	case TOO_LOW:
		return fault(faults, FAULT_INVALID, field, "use 1kbit to 1000Gbit",
			     "%s is less than can be kept", shown);
	case TOO_HIGH:
		break;
	}
	return fault(faults, FAULT_INVALID, field, "use at most 1000Gbit or 1000000000fps",
		     "%s is more than any port can do", shown);
}
