/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"

#define START_FIELD 22 /* proc_pid_stat(5) */

int process_start(long pid, uint64_t *out)
{
	char path[40], text[1024];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if (file_read(path, text, sizeof(text)))
		return -ENOENT;
	/* Field 2, the program's name in brackets, may hold blanks and brackets itself. */
	at = strrchr(text, ')');
	for (unsigned int field = 2; at && field < START_FIELD; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -ENOENT;
	*out = strtoull(at, NULL, 10);
	return 0;
}
