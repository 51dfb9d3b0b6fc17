/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/wire.h"

#include <errno.h>
#include <stdio.h>

int eth_addr_parse(const char *text, struct eth_addr *out)
{
	struct eth_addr a;
	int end = 0;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &a.b[0], &a.b[1], &a.b[2],
		   &a.b[3], &a.b[4], &a.b[5], &end) != 6 ||
	    end != 17 || text[end])
		return -EINVAL;
	*out = a;
	return 0;
}
