/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/compat.h"

/*
 * What a person asked for and cannot have, in words: which object, what is wrong, what would be
 * right. A list, because a lab file is told all its faults at once. It travels unchanged from the
 * place that found it to the CLI (there as RFC 9457 problem details).
 *
 * Threads: any; one list belongs to one thread. Memory: the list owns its texts.
 */
enum fault_code {
	FAULT_INVALID, /* the request makes no sense: 422 */
	FAULT_SYNTAX, /* not even readable: 400 */
	FAULT_NOT_FOUND, /* 404 */
	FAULT_CONFLICT, /* stands against what is there: 409 */
	FAULT_TOO_LARGE, /* 413 */
	FAULT_METHOD, /* 405 */
	FAULT_SYSTEM, /* the machine refused: 500 */
	FAULT_CODES
};

struct fault {
	enum fault_code code;
	char *object; /* "port a.eth0"; "" if none */
	char *pointer; /* RFC 6901, into what was sent; "" is the whole */
	char *message; /* one plain sentence, no full stop, no errno alone */
	char *hint; /* what would be right; "" if the sentence says so itself */
};

struct faults {
	struct fault *v;
	unsigned int n, room;
	char where[512]; /* prefix for the pointers of what is added */
	char object[192]; /* the object that is being looked at */
};

/* {0} is an empty list. */
void faults_free(struct faults *);

/*
 * From here on faults are about OBJECT, found at POINTER of the request; NULL leaves it as it is.
 */
void faults_at(struct faults *, const char *object, const char *pointer);

/*
 * Add one: FIELD is a key below the pointer that faults_at() set (NULL or "": that itself),
 * HINT may be NULL. Returns -EINVAL, -ENOENT ... by CODE, so that a check can `return fault(...)`.
 */
int fault(struct faults *, enum fault_code, const char *field, const char *hint, const char *fmt,
	  ...) PRINTF_LIKE(5, 6);

const char *fault_code_name(enum fault_code); /* "invalid", "not-found", ... */

#endif /* BASE_FAULT_H */
