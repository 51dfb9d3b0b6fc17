/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_YAML_WORD_H
#define CTL_YAML_WORD_H

#include <jansson.h>

/*
 * What a plain word of YAML is: the core schema, YAML 1.2.2 section 10.3.2. NULL: it can be
 * nothing here, and *why says so in words. Threads: any. The caller owns the value.
 */
json_t *yaml_word(const char *word, const char **why);

#endif /* CTL_YAML_WORD_H */
