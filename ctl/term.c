/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/term.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "ctl/cli.h"

#define WIDTH_MAX 10000ul

static int pretended = -1;
static bool pretended_colour;
static bool utf8 = true; /* the person's locale shows it */

void term_setup(void)
{
	const char *set;

	setlocale(LC_CTYPE, "");
	set = nl_langinfo(CODESET);
	utf8 = !strcmp(set, "UTF-8");
	if (!utf8) /* what is measured is UTF-8 all the same */
		setlocale(LC_CTYPE, "C.UTF-8");
}

void term_pretend(int width, bool colour)
{
	pretended = width;
	pretended_colour = colour;
}

/*
 * Takes one character off *s. 0xFFFFFFFF: what stands there is not UTF-8 (RFC 3629), and one
 * octet of it was taken.
 */
static uint32_t take(const char **s)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)*s;
	unsigned int more = p[0] < 0x80   ? 0
			    : p[0] < 0xc0 ? 4
			    : p[0] < 0xe0 ? 1
			    : p[0] < 0xf0 ? 2
					  : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	(*s)++;
	if (more > 3 || p[0] > 0xf4)
		return UINT32_MAX;
	for (unsigned int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return UINT32_MAX;
	*s += more;
	return c;
}

/* C0, DEL, C1, line and paragraph separators, and what turns the direction of writing. */
static bool steers(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || c == 0x200e ||
	       c == 0x200f || c == 0x061c || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       c == UINT32_MAX;
}

bool term_is_safe(const char *s)
{
	while (*s) {
		if (steers(take(&s)))
			return false;
	}
	return true;
}

char *term_safe(const char *s)
{
	char *out = must(malloc(strlen(s) + 1)), *o = out;

	while (*s) {
		const char *at = s;

		if (steers(take(&s))) {
			*o++ = '?';
		} else {
			memcpy(o, at, (size_t)(s - at));
			o += s - at;
		}
	}
	*o = '\0';
	return out;
}

char *term_escaped(const char *s)
{
	char *out = must(malloc(6 * strlen(s) + 1)), *o = out;

	while (*s) {
		const char *at = s;
		uint32_t c = take(&s);

		/* JSON's own line ends stay: a dump has them between its values. */
		if (steers(c) && c != '\n' && c != UINT32_MAX) {
			o += sprintf(o, "\\u%04x", c);
		} else {
			memcpy(o, at, (size_t)(s - at));
			o += s - at;
		}
	}
	*o = '\0';
	return out;
}

static unsigned int width_of(uint32_t c)
{
	int w = wcwidth((wchar_t)c);

	return w < 0 ? 1 : (unsigned int)w;
}

unsigned int term_columns(const char *s)
{
	unsigned int n = 0;

	while (*s)
		n += width_of(take(&s));
	return n;
}

char *term_cut(const char *s, unsigned int columns)
{
	const char *mark = utf8 ? "\u2026" : ">";
	const char *from = s;
	unsigned int n = 0;

	if (term_columns(s) <= columns || !columns)
		return must(strdup(s));
	while (*s) {
		const char *at = s;
		unsigned int w = width_of(take(&s));

		if (n + w > columns - 1) {
			s = at;
			break;
		}
		n += w;
	}
	return cli_text("%.*s%s", (int)(s - from), from, mark);
}

unsigned int term_width(FILE *f)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (pretended >= 0)
		return (unsigned int)pretended;
	if (!isatty(fileno(f)))
		return 0;
	if (columns && strtoul(columns, NULL, 10) > 0)
		return (unsigned int)MIN(strtoul(columns, NULL, 10), WIDTH_MAX);
	if (!ioctl(fileno(f), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

static bool colours(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (pretended >= 0)
		return pretended_colour;
	return isatty(fileno(f)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void term_put(FILE *f, enum style style, const char *s)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "", [STYLE_HEAD] = "1",  [STYLE_GOOD] = "32",
		[STYLE_BAD] = "31", [STYLE_NOTE] = "36", [STYLE_DIM] = "2",
	};
	static_assert(ARRAY_LEN(codes) == STYLES, "every style has its code");

	if (style != STYLE_PLAIN && colours(f))
		fprintf(f, "\033[%sm%s\033[0m", codes[style], s);
	else
		fputs(s, f);
}

void term_print(FILE *f, const char *fmt, ...)
{
	char *text, *line, *rest;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		cli_out_of_memory();
	va_end(ap);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *safe = term_safe(line);

		fprintf(f, "%s%s", safe, rest ? "\n" : "");
		free(safe);
	}
	free(text);
}
