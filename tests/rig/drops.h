/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_DROPS_H
#define TESTS_RIG_DROPS_H

#include "dataplane/engine.h"

/* Drops by the words that people see; words that the graph does not have end the test. */
unsigned int drops_cause(const struct engine *, const char *words);
uint64_t drops_at(const struct engine *, port_id_t, const char *words);

#endif /* TESTS_RIG_DROPS_H */
