/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_TEXT_H
#define API_TEXT_H

#include "base/compat.h"

/* Texts from outside, on their way into sentences and pointers. Any thread. */

/* TEXT for a message: at most room - 1 octets, cut between characters, no control characters. */
const char *text_shown(const char *text, char *out, size_t room);
#define SHOWN_LEN 64

/* KEY as a token of a JSON pointer (RFC 6901: '~' and '/' escaped); cut if there is no room. */
const char *pointer_token(const char *key, char *out, size_t room);

#endif /* API_TEXT_H */
