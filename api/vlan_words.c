/* SPDX-License-Identifier: Apache-2.0 */
#include "api/vlan_words.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

bool vlan_word_is_title(const char *word)
{
	for (const char *c = word; *c; c++) {
		if (*c == ',')
			return false;
		if (isalpha((unsigned char)*c) || (unsigned char)*c >= 0x80)
			return strcmp(word, "all") != 0 && strcmp(word, "none") != 0;
	}
	return false;
}

/* The word of LEN octets at AT, without the spaces around it. False: it is too long. */
static bool take(const char *at, size_t len, char out[VLAN_TITLE_OCTETS])
{
	while (len && *at == ' ') {
		at++;
		len--;
	}
	while (len && at[len - 1] == ' ')
		len--;
	if (len >= VLAN_TITLE_OCTETS)
		return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

int vlan_words_parse(const char *text, struct vlan_set *out, vlan_word_fn *fn, void *arg,
		     const char **bad)
{
	char word[VLAN_TITLE_OCTETS];
	struct vlan_set s;
	const char *wrong;

	if (!vlan_set_parse(text, &s, &wrong)) {
		vlan_set_join(out, &s);
		return 0;
	}
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, ",");
		const char *inside = word;

		wrong = NULL;
		if (!take(at, len, word))
			wrong = at;
		else if (vlan_word_is_title(word))
			fn(arg, word);
		else if (*word && !vlan_set_parse(word, &s, &inside))
			vlan_set_join(out, &s);
		else
			wrong = at + strspn(at, " ") + (inside - word);
		if (wrong) {
			if (bad)
				*bad = wrong;
			return -EINVAL;
		}
		at += len;
		if (!*at)
			return 0;
	}
}
