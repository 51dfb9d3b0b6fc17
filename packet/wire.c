/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/wire.h"

#include <ctype.h>
#include <errno.h>

const char *const eth_class_names[ETH_CLASSES] = {
	[ETH_UNICAST] = "unicast",
	[ETH_MULTICAST] = "multicast",
	[ETH_BROADCAST] = "broadcast",
};

static uint8_t hex(char c)
{
	return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

int eth_addr_parse(const char *text, struct eth_addr *out)
{
	struct eth_addr a;

	for (unsigned int i = 0; i < sizeof(a.b); i++) {
		const char *at = text + 3 * i;

		/* In order, so that nothing behind the end is looked at. */
		if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]) ||
		    at[2] != (i + 1 < sizeof(a.b) ? ':' : '\0'))
			return -EINVAL;
		a.b[i] = (uint8_t)(hex(at[0]) << 4 | hex(at[1]));
	}
	*out = a;
	return 0;
}
