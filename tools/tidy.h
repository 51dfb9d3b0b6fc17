/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_TIDY_H
#define TOOLS_TIDY_H

#include <errno.h>

/*
 * In front of every file that clang-tidy reads, and of no other: after a call that failed, errno
 * is above zero. Without it the analyser believes that `return -errno` may mean success, and finds
 * out-parameters unset.
 */
#undef errno
#define errno                                     \
	(*({                                      \
		int *_errno = __errno_location(); \
		if (*_errno <= 0)                 \
			__builtin_unreachable();  \
		_errno;                           \
	}))

#endif /* TOOLS_TIDY_H */
