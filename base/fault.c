/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name;
	int error;
} codes[] = {
	[FAULT_INVALID] = { "invalid", EINVAL },     [FAULT_SYNTAX] = { "syntax", EBADMSG },
	[FAULT_NOT_FOUND] = { "not-found", ENOENT }, [FAULT_CONFLICT] = { "conflict", EEXIST },
	[FAULT_TOO_LARGE] = { "too-large", E2BIG },  [FAULT_METHOD] = { "method", EPERM },
	[FAULT_SYSTEM] = { "system", EIO },
};
static_assert(ARRAY_LEN(codes) == FAULT_CODES, "every code has a name");

const char *fault_code_name(enum fault_code code)
{
	return codes[code].name;
}

void faults_free(struct faults *l)
{
	for (unsigned int i = 0; i < l->n; i++) {
		free(l->v[i].object);
		free(l->v[i].pointer);
		free(l->v[i].message);
		free(l->v[i].hint);
	}
	free(l->v);
	*l = (struct faults){ 0 };
}

void faults_at(struct faults *l, const char *object, const char *pointer)
{
	if (object)
		snprintf(l->object, sizeof(l->object), "%s", object);
	if (pointer)
		snprintf(l->where, sizeof(l->where), "%s", pointer);
}

/* One sentence is one line, whatever it repeats. */
static void keep_to_a_line(char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

int fault(struct faults *l, enum fault_code code, const char *field, const char *hint,
	  const char *fmt, ...)
{
	struct fault f = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&f.message, fmt, ap) < 0)
		f.message = NULL;
	va_end(ap);
	keep_to_a_line(f.message);
	if (asprintf(&f.pointer, "%s%s%s", l->where, field && *field ? "/" : "",
		     field ? field : "") < 0)
		f.pointer = NULL;
	f.object = strdup(l->object);
	f.hint = strdup(hint ? hint : "");
	if (l->n == l->room) {
		unsigned int room = l->room ? 2 * l->room : 8;
		struct fault *v = reallocarray(l->v, room, sizeof(*v));

		if (v) {
			l->v = v;
			l->room = room;
		}
	}
	if (l->n == l->room || !f.message || !f.pointer || !f.object || !f.hint) {
		free(f.message);
		free(f.pointer);
		free(f.object);
		free(f.hint);
		return -ENOMEM;
	}
	l->v[l->n++] = f;
	return -codes[code].error;
}
