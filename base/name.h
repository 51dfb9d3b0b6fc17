/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include "base/compat.h"

/* The longest name of an object, without the end. Kernel names are never derived from it. */
#define NAME_MAX_LEN 63

/*
 * A name that a person gives: letters, digits, '-' and '_', begins with a letter or digit. A '.'
 * joins the names of two objects ("a.eth0": the port of host a's NIC eth0), so that what Weft
 * names by itself can never meet what a person names. Any thread.
 */
bool name_ok(const char *); /* "a" */
bool name_ok_joined(const char *); /* "a" or "a.eth0" */

#endif /* BASE_NAME_H */
