/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_YAML_OUT_H
#define CTL_YAML_OUT_H

#include <jansson.h>
#include <stdio.h>

/*
 * Writes a JSON value as one YAML document. A text that any YAML reader, old or new, might take for
 * something else ("yes", "10:20", "0x1") is quoted. Threads: one. 0 or -errno.
 */
int yaml_out_print(const json_t *, FILE *);

#endif /* CTL_YAML_OUT_H */
