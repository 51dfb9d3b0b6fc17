/* SPDX-License-Identifier: Apache-2.0 */
#include "api/text.h"

const char *text_shown(const char *text, char *out, size_t room)
{
	size_t n = strnlen(text, room - 1);

	if (text[n]) {
		while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '?' : text[i];
	out[n] = '\0';
	return out;
}

const char *pointer_token(const char *key, char *out, size_t room)
{
	size_t n = 0;

	for (; *key && n + 3 < room; key++) {
		if (*key == '~' || *key == '/') {
			out[n++] = '~';
			out[n++] = *key == '~' ? '0' : '1';
		} else {
			out[n++] = *key;
		}
	}
	out[n] = '\0';
	return out;
}
