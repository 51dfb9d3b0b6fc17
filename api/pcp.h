/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_PCP_H
#define API_PCP_H

#include "base/compat.h"

/*
 * What becomes of each priority (PCP) on its way in, as a person writes it: "keep"; "5": all become
 * 5; "0-3:1,5:7": these become that, others stay. Any thread; plain data.
 */
struct pcp_map {
	uint8_t to[8]; /* by priority */
};

/* -EINVAL: not that, or a priority is said twice; OUT is untouched then. */
int pcp_parse(const char *text, struct pcp_map *out);

/* The canonical text, ranges joined. */
#define PCP_TEXT 48
void pcp_print(const struct pcp_map *, char out[PCP_TEXT]);

bool pcp_keeps(const struct pcp_map *); /* it changes nothing */

#endif /* API_PCP_H */
