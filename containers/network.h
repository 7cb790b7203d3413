/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network of a container, as lines of LXC's configuration (lxc.container.conf(5)). */
#ifndef CONTAINERS_NETWORK_H
#define CONTAINERS_NETWORK_H

#include "lib/buf.h"
#include "lib/error.h"

enum network_mode {
	NETWORK_INHERIT, /* what /etc/lxc/default.conf says */
	NETWORK_AUTO, /* to be decided (containers/network_choice.h) */
	NETWORK_MACVLAN, /* an address of the LAN's own, on a link of the host */
	NETWORK_VETH, /* behind our bridge, DHCP and NAT (containers/network_service.h) */
	NETWORK_NONE, /* a network namespace with a loopback, and no more */
	NETWORK_HOST, /* the host's own network namespace */
};

/* Zero-initialised: what default.conf says. Borrowed. */
struct container_network {
	enum network_mode mode;
	/* Of a macvlan its link, of veth the bridge; with NETWORK_INHERIT in place of the link that
	 * default.conf names; NULL: that one. */
	const char *link;
};

/* Goes with what LXC calls `none` and we `host`: an init that finds the host's links would
 * configure them as its own, and take the machine off the network. */
#define NETWORK_HOST_LIMIT "lxc.cap.drop = net_admin"

/* The lines for new containers of that mode, with an x for each digit of the MAC address that every
 * container gets for itself. Not for NETWORK_INHERIT and NETWORK_AUTO. */
int container_network_lines(
	const struct container_network *n, struct buf *to, struct error **e) must_check;

/* Pure but for random numbers: appends the network's lines. `defaults` is the text of default.conf,
 * of which NETWORK_INHERIT takes the lines `lxc.net.*`; a MAC address with x in it gets digits, so
 * that the container keeps its address, and by it its lease. ERROR_CONFIG for a link where
 * default.conf knows no network. */
int container_network_config(const struct container_network *n, const char *defaults,
	struct buf *to, struct error **e) must_check;

#endif
