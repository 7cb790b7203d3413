/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network_subnet.h"

#include <stdbool.h>
#include <stdio.h>

/* RFC 1918, in the order of how seldom a home has them. How many subnets of 24 bits each holds. */
static const struct {
	uint32_t address, subnets;
} ranges[] = {
	{0x0a000000, 1 << 16}, /* 10.0.0.0/8 */
	{0xac100000, 1 << 12}, /* 172.16.0.0/12 */
	{0xc0a80000, 1 << 8}, /* 192.168.0.0/16 */
};
enum { WAY_OUT_BITS = 8 };

static uint32_t mask(int bits)
{
	return bits ? ~(uint32_t)0 << (32 - bits) : 0;
}

static bool meet(const struct subnet *a, const struct subnet *b)
{
	uint32_t common = mask(a->bits < b->bits ? a->bits : b->bits);
	return ((a->address ^ b->address) & common) == 0;
}

/* The network that the candidate meets; NULL if none. */
static bool is_free(const struct subnet *s, const struct subnet *taken, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (taken[i].bits >= WAY_OUT_BITS && meet(s, &taken[i]))
			return false;
	/* The first ones and round numbers are what routers and other programs take by default. */
	return (s->address >> 16 & 0xff) > 9 && (s->address >> 8 & 0xff) > 9;
}

uint32_t subnet_hash(const char *name)
{
	uint32_t hash = 2166136261u;
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

int subnet_choose(struct subnet *to, const char *name, const struct subnet *taken, size_t count,
	struct error **e)
{
	uint32_t first = subnet_hash(name);
	for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
		for (uint32_t i = 0; i < ranges[r].subnets; i++) {
			uint32_t nth = (first + i) % ranges[r].subnets;
			struct subnet s = {ranges[r].address + (nth << 8), SUBNET_BITS};
			if (is_free(&s, taken, count)) {
				*to = s;
				return 0;
			}
		}
	error_set(e, ERROR_CONTAINER, 0, "every private network is in use by a route");
	return error_hint(e, "'ip route show table all' lists them; a VPN may hold all of them");
}

void subnet_format(char to[SUBNET_TEXT], const struct subnet *s, uint32_t host, int bare)
{
	uint32_t a = s->address + host;
	int length = snprintf(
		to, SUBNET_TEXT, "%u.%u.%u.%u", a >> 24, a >> 16 & 0xff, a >> 8 & 0xff, a & 0xff);
	if (!bare)
		snprintf(to + length, SUBNET_TEXT - (size_t)length, "/%u", (unsigned)s->bits);
}
