/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links, addresses, routes and rules as our networks need them (containers/network_netlink.h is
 * how).
 *
 * `fd` is netlink_open's. What a link of ours is for stands in its alias, which the kernel keeps as
 * long as the link and no container can write: it is the record that the sweep goes by. */
#ifndef CONTAINERS_NETWORK_LINKS_H
#define CONTAINERS_NETWORK_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "containers/network_subnet.h"
#include "lib/error.h"

enum { LINK_ALIAS = 256 };

struct network_link {
	int index;
	char name[IFNAMSIZ];
	char alias[LINK_ALIAS]; /* "" if none */
};
struct network_links {
	struct network_link *items;
	size_t count;
};
int network_links_read(struct network_links *to, int fd, struct error **e) must_check;
void network_links_free(struct network_links *links);
#define auto_network_links __attribute__((cleanup(network_links_free))) struct network_links
/* NULL where there is none of the name. */
const struct network_link *network_links_find(const struct network_links *links, const char *name);

/* A bridge, still down. Its own MAC address would change with each port: it gets one by `name`. -1
 * with errno: EEXIST, EOPNOTSUPP where the kernel has no bridges. */
int network_bridge_make(int fd, const char *name) must_check;
int network_link_set_alias(int fd, int index, const char *alias) must_check;
int network_link_up(int fd, int index) must_check;
int network_link_delete(int fd, int index) must_check;
/* A macvlan in bridge mode on the link `lower`, and away with it again: whether there can be one.
 * -1 with errno. */
int network_macvlan_try(int fd, const char *lower) must_check;

/* The first host of the subnet, as the link's address. */
int network_address_add(int fd, int index, const struct subnet *s) must_check;
/* The subnet of the link's first address; 1, or 0 where it has none. */
int network_address_read(int fd, int index, struct subnet *s, struct error **e) must_check;

/* What the kernel's routing tables say. */
struct network_routes {
	struct subnet *items; /* every destination, default routes as 0.0.0.0/0 */
	size_t count;
	struct network_uplink {
		int index;
		uint32_t table;
	} * uplinks; /* the links of the default routes of all tables */
	size_t uplink_count;
	uint32_t default_table; /* of the default route to use; 0: there is none */
	int default_link; /* its link; 0: none */
	bool main_has_default;
};
/* Where the table `main` has no default route, as on phones, it is in a table of its own for each
 * network, and the rule "fwmark 0x0/0xffff iif lo" of Android's netd names the one in use. */
int network_routes_read(struct network_routes *to, int fd, struct error **e) must_check;
void network_routes_free(struct network_routes *r);
#define auto_network_routes __attribute__((cleanup(network_routes_free))) struct network_routes

/* The two rules by which the subnet's packets find their way where it does not lead by `main`. They
 * come before netd's own, which begin at 10000. Adding them again changes only what differs. */
int network_rules_set(int fd, const struct subnet *s, uint32_t table) must_check;
/* Deletes ours for that subnet. -1 with errno where one stays. */
int network_rules_clear(int fd, const struct subnet *s) must_check;

#endif
