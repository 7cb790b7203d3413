/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network of a container, as lines of LXC's configuration (lxc.container.conf(5)). */
#ifndef CONTAINERS_NETWORK_H
#define CONTAINERS_NETWORK_H

#include "lib/buf.h"
#include "lib/error.h"

/* Zero-initialised: what /etc/lxc/default.conf says. Borrowed. */
struct container_network {
	const char *link; /* in place of the link that default.conf names; NULL: that one */
};

/* Pure but for random numbers: appends the network's lines. `defaults` is the text of default.conf,
 * of which the lines `lxc.net.*` are taken; a MAC address with x in it gets digits, so that the
 * container keeps its address, and by it its lease. ERROR_CONFIG for a link where default.conf
 * knows no network. */
int container_network_config(const struct container_network *n, const char *defaults,
	struct buf *to, struct error **e) must_check;

#endif
