/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A subnet for a bridge that meets nothing that this machine has a route to. Pure. */
#ifndef CONTAINERS_NETWORK_SUBNET_H
#define CONTAINERS_NETWORK_SUBNET_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

enum { SUBNET_BITS = 24, SUBNET_TEXT = sizeof "255.255.255.255/32" };

/* A destination of a route or an address's network, in host byte order. */
struct subnet {
	uint32_t address;
	int bits;
};

/* A private network of 24 bits, RFC 1918. The same `name` gets the same one as long as that is
 * free, so that containers keep their addresses. Routes of less than 8 bits are no places but ways
 * out: default routes, and the halves 0.0.0.0/1 and 128.0.0.0/1 of a VPN. ERROR_CONTAINER where all
 * are taken. */
int subnet_choose(struct subnet *to, const char *name, const struct subnet *taken, size_t count,
	struct error **e) must_check;
/* "10.1.2.0/24"; `host` added to the address; without the bits if `bare`. */
void subnet_format(char to[SUBNET_TEXT], const struct subnet *s, uint32_t host, int bare);
/* A number for a name, for names of links and addresses (FNV-1a). */
uint32_t subnet_hash(const char *name);

#endif
