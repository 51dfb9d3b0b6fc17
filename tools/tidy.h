/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_TIDY_H
#define TOOLS_TIDY_H

#include <errno.h>

/*
 * In front of every file that clang-tidy reads, and of no other: after a call that failed, errno
 * is above zero. Without it the analyser believes that `return -errno` may mean success, and finds
 * out-parameters unset. It cannot negate what it knows only by range, hence plain values.
 */
static inline int *tidy_errno(void)
{
	int *e = __errno_location();

	if (*e == EINTR)
		*e = EINTR;
	else if (*e == EAGAIN)
		*e = EAGAIN;
	else if (*e == EEXIST)
		*e = EEXIST;
	else if (*e == ENOENT)
		*e = ENOENT;
	else
		*e = EIO;
	return e;
}

#undef errno
#define errno (*tidy_errno())

#endif /* TOOLS_TIDY_H */
