/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

void hash_key_random(struct hash_key *out)
{
	/* Cannot come back short: 24 octets are below the 256 that the kernel gives in one piece.
	 */
	if (getrandom(out, sizeof(*out), 0) != sizeof(*out))
		abort();
	out->b |= 1;
	out->c |= 1;
}
