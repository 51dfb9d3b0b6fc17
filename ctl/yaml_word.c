/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/yaml_word.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "ctl/cli.h"

static bool is_one_of(const char *s, const char *a, const char *b, const char *c)
{
	return !strcmp(s, a) || !strcmp(s, b) || !strcmp(s, c);
}

/* [-+]?[0-9]+ in tens, 0o7 and 0xf without a sign. */
static bool is_int(const char *s, int *base)
{
	const char *digits = s + (*s == '-' || *s == '+');

	*base = 10;
	if (*digits && !digits[strspn(digits, "0123456789")])
		return true;
	*base = 8;
	if (!strncmp(s, "0o", 2) && s[2] && !s[2 + strspn(s + 2, "01234567")])
		return true;
	*base = 16;
	return !strncmp(s, "0x", 2) && s[2] && !s[2 + strspn(s + 2, "0123456789abcdefABCDEF")];
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *s)
{
	size_t whole, part = 0;

	s += *s == '-' || *s == '+';
	whole = strspn(s, "0123456789");
	s += whole;
	if (*s == '.') {
		part = strspn(s + 1, "0123456789");
		s += 1 + part;
	}
	if (!whole && !part)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		part = strspn(s, "0123456789");
		s += part;
		if (!part)
			return false;
	}
	return !*s;
}

/* .inf and .nan are no JSON, so nothing here can mean them. */
static bool is_no_number(const char *s)
{
	const char *name = s + (*s == '-' || *s == '+');

	return is_one_of(name, ".inf", ".Inf", ".INF") || is_one_of(s, ".nan", ".NaN", ".NAN");
}

json_t *yaml_word(const char *s, const char **why)
{
	long long number;
	double real;
	int base;

	if (!*s || !strcmp(s, "~") || is_one_of(s, "null", "Null", "NULL"))
		return json_null();
	if (is_one_of(s, "true", "True", "TRUE"))
		return json_true();
	if (is_one_of(s, "false", "False", "FALSE"))
		return json_false();
	*why = "this number is too large";
	if (is_int(s, &base)) {
		errno = 0;
		number = strtoll(base == 10 ? s : s + 2, NULL, base);
		return errno ? NULL : must(json_integer(number));
	}
	if (is_float(s)) {
		real = strtod(s, NULL);
		return isfinite(real) ? must(json_real(real)) : NULL;
	}
	*why = "neither an infinite nor a missing number can be meant here";
	return is_no_number(s) ? NULL : must(json_string(s));
}
