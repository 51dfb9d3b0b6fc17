/* SPDX-License-Identifier: Apache-2.0 */
#include "api/nearest.h"

enum { WORD_MAX = 64 };

/* Letters changed, left out, added, or two neighbours swapped (optimal string alignment). */
static unsigned int distance(const char *a, size_t la, const char *b, size_t lb)
{
	unsigned int row[3][WORD_MAX + 1];
	unsigned int *before = row[0], *above = row[1], *now = row[2];

	for (size_t j = 0; j <= lb; j++)
		above[j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *spare = before;

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = MIN(above[j] + 1, now[j - 1] + 1);
			now[j] = MIN(now[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
		before = above;
		above = now;
		now = spare;
	}
	return above[lb];
}

void nearest_offer(struct nearest *n, const char *word)
{
	size_t la = strlen(n->wanted), lb = strlen(word);
	unsigned int d, most;

	if (!la || !lb || la > WORD_MAX || lb > WORD_MAX)
		return;
	/* A short word is near to everything: a third of it may be wrong, but at least one letter.
	 */
	most = (unsigned int)MAX(la, lb) / 3;
	most = MAX(most, 1u);
	d = distance(n->wanted, la, word, lb);
	if (d > most || d >= MAX(la, lb))
		return;
	if (!n->word || d < n->distance) {
		n->word = word;
		n->distance = d;
	}
}
