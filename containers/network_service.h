/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network of mode veth, as the life of an environment needs it: made when a container is to use
 * it, ended with the environment, swept after one that was killed.
 *
 * Bridge and rules lie in the network namespace that the environment shares with the host; nothing
 * but these functions takes them away. containers/network_place.h does the work, inside. */
#ifndef CONTAINERS_NETWORK_SERVICE_H
#define CONTAINERS_NETWORK_SERVICE_H

#include <net/if.h>
#include <stdbool.h>

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "containers/network.h"
#include "lib/error.h"
#include "lib/report.h"

/* The name of the bridge that this root's network has, whether it is there or not. */
int network_bridge_of(const struct rootfs *r, char bridge[IFNAMSIZ], struct error **e) must_check;
/* Would a container of this root with that network share the host's? */
bool network_is_of_host(const struct rootfs *r, const struct container_network *n);
/* Sees that the bridge, NAT and DHCP are there. Cheap where they are. */
int network_serve(const struct environment *env, struct error **e) must_check;
/* The same if the container's configuration names our bridge, else nothing. */
int network_serve_container(
	const struct environment *env, const char *name, struct error **e) must_check;
/* 1 where the container's configuration has a network on which it will get an address, else 0. */
int network_has_addresses(
	const struct environment *env, const char *name, struct error **e) must_check;
/* 1 served: the same if default.conf or any container's configuration does. */
int network_serve_if_used(const struct environment *env, struct error **e) must_check;
/* One result row for a bridge that is there: its name, its address, and whether it is served. */
int network_report(
	const struct environment *env, struct report *report, struct error **e) must_check;
/* Takes it away, while the environment is still up. */
int network_end(const struct environment *env, struct error **e) must_check;
/* Takes away what one that was killed left. The root may be damaged; what its tools then cannot
 * take away is an error. */
int network_sweep(const struct rootfs *r, struct error **e) must_check;

#endif
