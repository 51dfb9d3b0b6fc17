/* SPDX-License-Identifier: Apache-2.0 */
#include "base/name.h"

#include <ctype.h>

static bool ok(const char *s, unsigned int dots)
{
	size_t len = strlen(s);

	if (!len || len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool first = !i || s[i - 1] == '.';

		if (isalnum((unsigned char)s[i]))
			continue;
		if (!first && (s[i] == '-' || s[i] == '_'))
			continue;
		if (!first && s[i] == '.' && i + 1 < len && dots-- > 0)
			continue;
		return false;
	}
	return true;
}

bool name_ok(const char *s)
{
	return ok(s, 0);
}

bool name_ok_joined(const char *s)
{
	return ok(s, 1);
}
