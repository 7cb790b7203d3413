/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network of a root's containers, of mode veth: a bridge, its subnet, the way out, the process
 * that serves it. These functions run where the root is `/`, in the network namespace of the
 * environment. */
#ifndef CONTAINERS_NETWORK_PLACE_H
#define CONTAINERS_NETWORK_PLACE_H

#include <net/if.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "chroot/cgroup_own.h"
#include "containers/network_subnet.h"
#include "lib/error.h"

/* In the root while there is a network: what a bridge that somebody deleted cannot tell any more.
 */
#define NETWORK_RECORD "/var/lib/alarmstrap/network"

/* Whose network it is. */
struct network_place {
	char bridge[IFNAMSIZ];
	char owner[CGROUP_OWN_NAME]; /* of the environment, as its cgroups are called */
};

/* Pure. "lxc-1a2b3c4d": as the last part of this root's LXC path, by which it stands in the
 * configurations of containers (hook lxc); where that has no number of its own, by the root. */
void network_bridge_name(char to[IFNAMSIZ], const char *lxcpath, const struct stat *root);
/* ERROR_SYSTEM; reads lxc.conf of the root. */
int network_place_of(struct network_place *to, int root_fd, struct error **e) must_check;

/* One at a time in a network namespace, whichever root it is for: a descriptor that holds the lock
 * until it is closed. ERROR_BUSY after ten seconds. */
int network_lock(struct error **e) must_check;

/* The bridge with address and way out, and the keeper: made, or what is missing of it. Under the
 * lock. On error nothing is left. */
int network_place_up(const struct network_place *p, struct error **e) must_check;
/* The way out alone, as routes and firewall are now: for the keeper, too. */
int network_place_apply(
	const struct network_place *p, const struct subnet *s, struct error **e) must_check;
/* Takes away all there is of it. Nothing there is fine. Under the lock. */
int network_place_down(const struct network_place *p, struct error **e) must_check;

/* The keeper: serves DHCP and DNS by dnsmasq, which it starts again when that ends, and applies the
 * way out again when routes or rules change. It ends with the environment, or on SIGTERM. Returns
 * when it serves. ERROR_PACKAGES where dnsmasq is missing. */
int network_keeper_start(
	const struct network_place *p, const struct subnet *s, struct error **e) must_check;
bool network_keeper_alive(const struct network_place *p);
/* Ends it and the dnsmasq of one that was killed. */
void network_keeper_end(const struct network_place *p);

/* containers/network_firewall.sh with these words. ERROR_PACKAGES or ERROR_KERNEL where there can
 * be no NAT. */
int network_firewall(
	const char *verb, const char *bridge, const char *subnet, struct error **e) must_check;
extern const char network_firewall_script[];

#endif
