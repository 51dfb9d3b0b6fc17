/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_YAML_FAULT_H
#define CTL_YAML_FAULT_H

#include <yaml.h>

#include "ctl/report.h"

/*
 * What libyaml could not read of TEXT (LEN octets), in words of ours: its own speak of block
 * mappings and simple keys. No memory ends the program. Threads: one.
 */
void yaml_fault(const yaml_parser_t *, const char *text, size_t len, struct report *);

#endif /* CTL_YAML_FAULT_H */
