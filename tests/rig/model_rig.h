/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RIG_MODEL_RIG_H
#define TESTS_RIG_MODEL_RIG_H

#include "control/model_priv.h"

/*
 * Objects from what a person would type, as JSON with ' for ". What a kind's own check() would say
 * is not asked. A spec that its schema refuses ends the test.
 */
json_t *model_rig_spec(const char *kind, const char *spec);
struct entry *model_rig_entry(const char *kind, const char *name, const char *spec);
struct object *model_rig_add(struct model *, const char *kind, const char *name, const char *spec);

#endif /* TESTS_RIG_MODEL_RIG_H */
