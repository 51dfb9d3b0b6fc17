/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_ADDRESS_PRIV_H
#define API_ADDRESS_PRIV_H

#include "base/fault.h"

/*
 * Addresses as text, brought to their one canonical form. Each takes the place (FIELD, a pointer
 * below the list's own) for its faults and returns 0 or what fault() returns. Any thread.
 */
#define MAC_TEXT   18
#define IP_TEXT    46
#define CIDR_TEXT  64
#define ROUTE_TEXT 128

int mac_canonical(const char *text, char out[MAC_TEXT], const char *field, struct faults *);
int ip_canonical(const char *text, char out[IP_TEXT], const char *field, struct faults *);
int cidr_canonical(const char *text, char out[CIDR_TEXT], const char *field, struct faults *);
int route_canonical(const char *text, char out[ROUTE_TEXT], const char *field, struct faults *);

#endif /* API_ADDRESS_PRIV_H */
