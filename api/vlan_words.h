/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_VLAN_WORDS_H
#define API_VLAN_WORDS_H

#include "api/vlan_set.h"

/*
 * VLANs as a person writes them: numbers, and titles that stand for the numbers which a switch
 * gives them: "10,staff,100-199". A title has a letter in it, and no comma. Any thread.
 */
#define VLAN_TITLE_OCTETS 256u

/* One word of a list that is not a number. */
typedef void vlan_word_fn(void *arg, const char *title);

/*
 * Adds the numbers to *OUT, and calls FN for each title in turn. -EINVAL: *bad (may be NULL) points
 * to what is neither, FN may have been called.
 */
int vlan_words_parse(const char *text, struct vlan_set *out, vlan_word_fn *fn, void *arg,
		     const char **bad);

bool vlan_word_is_title(const char *word);

#endif /* API_VLAN_WORDS_H */
