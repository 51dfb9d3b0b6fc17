/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/address_priv.h"
#include "api/text.h"

struct ip {
	int family;
	unsigned int bits; /* 32 or 128 */
	uint8_t b[16];
};

static bool ip_parse(const char *text, struct ip *out)
{
	struct ip ip = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	ip.bits = ip.family == AF_INET6 ? 128 : 32;
	if (inet_pton(ip.family, text, ip.b) != 1)
		return false;
	*out = ip;
	return true;
}

static void ip_print(const struct ip *ip, char out[IP_TEXT])
{
	inet_ntop(ip->family, ip->b, out, IP_TEXT);
}

static bool ip_is_group(const struct ip *ip)
{
	return ip->family == AF_INET ? ip->b[0] >= 224 : ip->b[0] == 0xff;
}

static bool ip_is_zero(const struct ip *ip)
{
	static const uint8_t zero[16];

	return !memcmp(ip->b, zero, ip->bits / 8);
}

/* Is anything set behind the first LEN bits? */
static bool ip_has_rest(const struct ip *ip, unsigned int len)
{
	for (unsigned int bit = len; bit < ip->bits; bit++) {
		if (ip->b[bit / 8] >> (7 - bit % 8) & 1)
			return true;
	}
	return false;
}

static void ip_mask(struct ip *ip, unsigned int len)
{
	for (unsigned int bit = len; bit < ip->bits; bit++)
		ip->b[bit / 8] &= (uint8_t) ~(1u << (7 - bit % 8));
}

/* "ADDRESS/LEN"; without a length *len is -1. */
static bool prefix_parse(const char *text, struct ip *ip, int *len)
{
	char address[IP_TEXT];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long bits;
	char *end;

	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	if (!ip_parse(address, ip))
		return false;
	*len = -1;
	if (!slash)
		return true;
	if (!isdigit((unsigned char)slash[1]))
		return false;
	bits = strtoul(slash + 1, &end, 10);
	if (*end || bits > ip->bits)
		return false;
	*len = (int)bits;
	return true;
}

/* Six pairs of hex digits with ':' or '-' between them. */
static bool mac_parse(const char *text, uint8_t b[6])
{
	if (strlen(text) != MAC_TEXT - 1)
		return false;
	for (unsigned int i = 0; i < 6; i++) {
		const char pair[] = { text[3 * i], text[3 * i + 1], '\0' };

		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return false;
		if (i < 5 && text[3 * i + 2] != ':' && text[3 * i + 2] != '-')
			return false;
		b[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

int mac_canonical(const char *text, char out[MAC_TEXT], const char *field, struct faults *faults)
{
	static const uint8_t zero[6];
	char shown[SHOWN_LEN];
	uint8_t b[6];

	if (!mac_parse(text, b))
		return fault(faults, FAULT_INVALID, field, "write six pairs: 02:00:00:00:00:0a",
			     "'%s' is not a MAC address", text_shown(text, shown, sizeof(shown)));
	if (b[0] & 1)
		return fault(faults, FAULT_INVALID, field, "the first octet must be even",
			     "%s is a group address", text);
	if (!memcmp(b, zero, sizeof(zero)))
		return fault(faults, FAULT_INVALID, field, "write one such as 02:00:00:00:00:0a",
			     "%s is not an address of a station", text);
	snprintf(out, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	return 0;
}

int ip_canonical(const char *text, char out[IP_TEXT], const char *field, struct faults *faults)
{
	char shown[SHOWN_LEN];
	struct ip ip;

	if (!ip_parse(text, &ip))
		return fault(faults, FAULT_INVALID, field, "write one such as 10.0.10.1 or fd00::1",
			     "'%s' is not an IP address", text_shown(text, shown, sizeof(shown)));
	ip_print(&ip, out);
	return 0;
}

int cidr_canonical(const char *text, char out[CIDR_TEXT], const char *field, struct faults *faults)
{
	char shown[SHOWN_LEN], hint[IP_TEXT + 32], address[IP_TEXT];
	struct ip ip;
	int len;

	text_shown(text, shown, sizeof(shown));
	if (!prefix_parse(text, &ip, &len))
		return fault(faults, FAULT_INVALID, field,
			     "write one such as 10.0.10.1/24 or fd00::1/64",
			     "'%s' is not an address with a prefix length", shown);
	ip_print(&ip, address);
	if (len < 0) {
		snprintf(hint, sizeof(hint), "write %s/%d", address,
			 ip.family == AF_INET ? 24 : 64);
		return fault(faults, FAULT_INVALID, field, hint, "address %s has no prefix length",
			     address);
	}
	if (ip_is_group(&ip) || ip_is_zero(&ip))
		return fault(faults, FAULT_INVALID, field, "write one such as 10.0.10.1/24",
			     "%s cannot be the address of a device", address);
	snprintf(out, CIDR_TEXT, "%s/%d", address, len);
	return 0;
}

/* Splits "PREFIX via ADDRESS" at its spaces; false: it is not three words. */
static bool route_words(const char *text, char prefix[CIDR_TEXT], char via[IP_TEXT])
{
	static_assert(CIDR_TEXT == 64 && IP_TEXT == 46, "the widths below");
	char rest;

	return sscanf(text, "%63s via %45s %c", prefix, via, &rest) == 2;
}

int route_canonical(const char *text, char out[ROUTE_TEXT], const char *field,
		    struct faults *faults)
{
	char shown[SHOWN_LEN], prefix[CIDR_TEXT], via[IP_TEXT], hint[IP_TEXT + 32];
	struct ip to = { 0 }, gateway;
	int len = 0;

	text_shown(text, shown, sizeof(shown));
	if (!route_words(text, prefix, via))
		return fault(faults, FAULT_INVALID, field,
			     "write one such as 'default via 10.0.10.254'", "'%s' is not a route",
			     shown);
	if (!ip_parse(via, &gateway) || ip_is_group(&gateway) || ip_is_zero(&gateway))
		return fault(faults, FAULT_INVALID, field, "write one such as 10.0.10.254",
			     "'%s' is not the address of a gateway", via);
	if (!strcmp(prefix, "default")) {
		to.family = gateway.family;
		to.bits = gateway.bits;
	} else if (!prefix_parse(prefix, &to, &len)) {
		return fault(faults, FAULT_INVALID, field,
			     "write 'default' or one such as 10.1.0.0/16",
			     "'%s' is not a destination", prefix);
	}
	if (to.family != gateway.family)
		return fault(faults, FAULT_INVALID, field, "both must be IPv4, or both IPv6",
			     "%s cannot be reached via %s", prefix, via);
	len = len < 0 ? (int)to.bits : len;
	if (ip_has_rest(&to, (unsigned int)len)) {
		struct ip net = to;
		char address[IP_TEXT];

		ip_mask(&net, (unsigned int)len);
		ip_print(&net, address);
		snprintf(hint, sizeof(hint), "write %s/%d", address, len);
		return fault(faults, FAULT_INVALID, field, hint,
			     "%s has bits set behind its prefix length", prefix);
	}
	ip_print(&gateway, via);
	if (!len) {
		snprintf(out, ROUTE_TEXT, "default via %s", via);
	} else {
		char address[IP_TEXT];

		ip_print(&to, address);
		snprintf(out, ROUTE_TEXT, "%s/%d via %s", address, len, via);
	}
	return 0;
}
