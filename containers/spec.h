/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a container shall be: data alone, from the command line to the one file that writes LXC's
 * configuration (containers/config.c). */
#ifndef CONTAINERS_SPEC_H
#define CONTAINERS_SPEC_H

#include "containers/network.h"

/* Borrowed strings. */
struct container_spec {
	const char *name;
	struct container_network network;
};

#endif
