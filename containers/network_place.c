/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a network lies in the kernel: the bridge and the way out.
 *
 * The alias of the bridge says whose it is, and on which links forwarding was off before we needed
 * it: "alarmstrap-fd00-1a2b wlan0". By it alone a later run takes everything back, whoever was
 * killed. Each entry is written before what it tells of is done. */
#include "containers/network_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chroot/environment_record.h"
#include "containers/lxcpath.h"
#include "containers/network_links.h"
#include "containers/network_netlink.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/ticks.h"

#define CONF "/proc/sys/net/ipv4/conf/"
static const char OWNERS[] = "alarmstrap-";
enum { LOCK_MS = 10000, LOCK_LOOK_MS = 20, FORWARDING_PATH = 96 };

void network_bridge_name(char to[IFNAMSIZ], const char *lxcpath, const struct stat *root)
{
	char own[CGROUP_OWN_NAME];
	const char *last = strrchr(lxcpath, '/');
	if (last && strlen(last + 1) < IFNAMSIZ && text_has_prefix(last + 1, "lxc-") && last[5]) {
		snprintf(to, IFNAMSIZ, "%s", last + 1);
		return;
	}
	cgroup_own_name(own, root->st_dev, root->st_ino);
	snprintf(to, IFNAMSIZ, "lxc-%08x", subnet_hash(own));
}

int network_place_of(struct network_place *to, int root_fd, struct error **e)
{
	struct stat root;
	char *auto_free path = lxcpath_find(root_fd, e);
	if (!path)
		return -1;
	if (fstat(root_fd, &root) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "the root");
	network_bridge_name(to->bridge, path, &root);
	cgroup_own_name(to->owner, root.st_dev, root.st_ino);
	return 0;
}

/* An abstract socket (unix(7)) belongs to the network namespace, and goes with whoever holds it. */
int network_lock(struct error **e)
{
	static const char name[] = "\0alarmstrap/networks";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, name, sizeof name - 1);
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + sizeof name - 1;
	int auto_fd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "socket");
	for (int64_t until = ticks_ms() + LOCK_MS;
		bind(fd, (struct sockaddr *)&address, length) < 0;) {
		if (errno != EADDRINUSE)
			return error_set(e, ERROR_SYSTEM, errno, "lock the networks");
		if (ticks_ms() >= until)
			return error_set(e, ERROR_BUSY, 0,
				"somebody else is at work on the networks of containers");
		ticks_sleep_ms(LOCK_LOOK_MS);
	}
	return take_fd(&fd);
}

/* Files of /proc/sys, of one digit. -1 where there is none. */
static int read_switch(const char *path)
{
	char digit = 0;
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &digit, 1) == 1 ? digit - '0' : -1;
}

static int write_switch(const char *path, int value)
{
	const char digit = (char)('0' + value);
	int auto_fd fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, &digit, 1) == 1 ? 0 : -1;
}

static void forwarding_path(char to[FORWARDING_PATH], const char *link)
{
	snprintf(to, FORWARDING_PATH, CONF "%s/forwarding", link);
}

/* Whose alias it is: the first word; the others are claims. */
static bool is_owner(const char *alias, const char *owner)
{
	size_t length = strcspn(alias, " ");
	return strlen(owner) == length && strncmp(alias, owner, length) == 0;
}

static bool claims(const char *alias, const char *link)
{
	size_t length = strlen(link);
	for (const char *at = strchr(alias, ' '); at; at = strchr(at, ' ')) {
		at++;
		if (strcspn(at, " ") == length && strncmp(at, link, length) == 0)
			return true;
	}
	return false;
}

static bool claimed_by_others(const struct network_links *links, int ours, const char *link)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->items[i].index != ours &&
			text_has_prefix(links->items[i].alias, OWNERS) &&
			claims(links->items[i].alias, link))
			return true;
	return false;
}

/* In the file as in the alias, after the id of this boot, before which it means nothing. */
static int set_alias(int fd, int index, const char *alias, struct error **e)
{
	char boot[RECORD_BOOT_ID];
	auto_buf text = BUF(0);
	environment_record_boot_id(boot);
	if (buf_printf(&text, e, "%s\n%s\n", boot, alias) < 0 ||
		path_make_dirs(AT_FDCWD, "/var/lib/alarmstrap", 0755, e) < 0 ||
		path_write_file(AT_FDCWD, NETWORK_RECORD, 0644, text.data, text.length, e) < 0)
		return -1;
	if (network_link_set_alias(fd, index, alias) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "set the alias of the bridge");
	return 0;
}

static void recall_alias(char alias[LINK_ALIAS])
{
	char boot[RECORD_BOOT_ID];
	auto_buf text = BUF(4096);
	auto_strings lines = {0};
	environment_record_boot_id(boot);
	*alias = '\0';
	if (path_read_file(AT_FDCWD, NETWORK_RECORD, &text, NULL) == 0 &&
		strings_split(&lines, buf_text(&text), "\n", NULL) == 0 && lines.count == 2 &&
		strcmp(lines.items[0], boot) == 0)
		snprintf(alias, LINK_ALIAS, "%s", lines.items[1]);
}

static int claim(int fd, const struct network_link *bridge, char alias[LINK_ALIAS],
	const char *link, struct error **e)
{
	size_t length = strlen(alias);
	if (length + 1 + strlen(link) >= LINK_ALIAS)
		return error_set(e, ERROR_SYSTEM, ENAMETOOLONG, "the alias of %s", bridge->name);
	snprintf(alias + length, LINK_ALIAS - length, " %s", link);
	return set_alias(fd, bridge->index, alias, e);
}

static int switch_on(const char *path, struct error **e)
{
	return write_switch(path, 1) < 0 ? error_set(e, ERROR_SYSTEM, errno, "%s", path) : 0;
}

/* What arrives at a link is forwarded if the switch of that link says so; the one for all links is
 * left alone, so that it tells whether somebody else wants forwarding. */
static int forward_all(int fd, const struct network_links *links, const struct network_link *bridge,
	const struct network_routes *routes, struct error **e)
{
	char alias[LINK_ALIAS], name[IFNAMSIZ], path[FORWARDING_PATH];
	snprintf(alias, sizeof alias, "%s", bridge->alias);
	forwarding_path(path, bridge->name);
	if (switch_on(path, e) < 0)
		return -1;
	for (size_t i = 0; i < routes->uplink_count; i++) {
		if (!if_indextoname((unsigned)routes->uplinks[i].index, name))
			continue;
		forwarding_path(path, name);
		int on = read_switch(path);
		bool claimed = claims(alias, name);
		if (on < 0 || (on && (claimed || !claimed_by_others(links, bridge->index, name))))
			continue;
		if ((!claimed && claim(fd, bridge, alias, name, e) < 0) || switch_on(path, e) < 0)
			return -1;
	}
	return 0;
}

static int route_by_rules(
	int fd, const struct subnet *s, const struct network_routes *routes, struct error **e)
{
	bool needed = routes->default_table && !routes->main_has_default;
	if ((needed ? network_rules_set(fd, s, routes->default_table)
		    : network_rules_clear(fd, s)) == 0)
		return 0;
	return error_set(e, ERROR_SYSTEM, errno, "the routing rules of the containers' subnet");
}

int network_place_apply(const struct network_place *p, const struct subnet *s, struct error **e)
{
	char subnet[SUBNET_TEXT];
	auto_network_links links = {NULL, 0};
	auto_network_routes routes = {.count = 0};
	int auto_fd fd = netlink_open(0, e);
	if (fd < 0 || network_links_read(&links, fd, e) < 0 ||
		network_routes_read(&routes, fd, e) < 0)
		return -1;
	const struct network_link *bridge = network_links_find(&links, p->bridge);
	if (!bridge || !is_owner(bridge->alias, p->owner))
		return error_set(e, ERROR_CONTAINER, 0, "the bridge %s is gone", p->bridge);
	subnet_format(subnet, s, 0, 0);
	if (forward_all(fd, &links, bridge, &routes, e) < 0 ||
		route_by_rules(fd, s, &routes, e) < 0)
		return -1;
	return network_firewall("up", p->bridge, subnet, e);
}

/* A packet that never leaves the machine has no checksum yet, and some DHCP clients look at it: the
 * bridge shall fill it in. A kernel that cannot switch this does it anyway. */
static void fill_in_checksums(const char *name)
{
	struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM, .data = 0};
	struct ifreq request = {.ifr_data = (void *)&off};
	int auto_fd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	if (fd >= 0)
		(void)ioctl(fd, SIOCETHTOOL, &request);
}

static int refuse_foreign(
	const struct network_link *link, const struct network_place *p, struct error **e)
{
	/* Without an alias it was made by us and no more: nobody else takes such names. */
	if (!*link->alias || is_owner(link->alias, p->owner))
		return 0;
	error_set(e, ERROR_BUSY, 0, "there is a link %s already (%s)", p->bridge, link->alias);
	return error_hint(e,
		"one of two roots is a copy of the other: give this one another lxc.lxcpath, "
		"lxc-NUMBER, in etc/lxc/lxc.conf");
}

static int find_or_make_bridge(int fd, const struct network_place *p, int *index, struct error **e)
{
	char alias[LINK_ALIAS];
	auto_network_links links = {NULL, 0};
	if (network_links_read(&links, fd, e) < 0)
		return -1;
	const struct network_link *link = network_links_find(&links, p->bridge);
	if (link && refuse_foreign(link, p, e) < 0)
		return -1;
	/* Who serves one that was taken away listens on a link that is no more. */
	if (!link)
		network_keeper_end(p);
	if (!link && network_bridge_make(fd, p->bridge) < 0) {
		error_set(e, errno == EOPNOTSUPP ? ERROR_KERNEL : ERROR_SYSTEM, errno,
			"make the bridge %s", p->bridge);
		return error_hint(e, "the kernel needs CONFIG_BRIDGE and CONFIG_VETH; or give "
				     "containers --network=macvlan or host");
	}
	*index = link ? link->index : (int)if_nametoindex(p->bridge);
	/* What is forwarded already may be so by a bridge of ours that somebody deleted. */
	recall_alias(alias);
	return link && *link->alias
		       ? 0
		       : set_alias(fd, *index, is_owner(alias, p->owner) ? alias : p->owner, e);
}

static int give_address(
	int fd, const struct network_place *p, int index, struct subnet *s, struct error **e)
{
	auto_network_routes routes = {.count = 0};
	int has = network_address_read(fd, index, s, e);
	if (has)
		return has < 0 ? -1 : 0;
	if (network_routes_read(&routes, fd, e) < 0 ||
		subnet_choose(s, p->bridge, routes.items, routes.count, e) < 0)
		return -1;
	if (network_address_add(fd, index, s) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "give %s an address", p->bridge);
	return 0;
}

static int bring_up(int fd, const struct network_place *p, struct error **e)
{
	int index = 0;
	struct subnet s = {0, 0};
	if (find_or_make_bridge(fd, p, &index, e) < 0 || give_address(fd, p, index, &s, e) < 0)
		return -1;
	fill_in_checksums(p->bridge);
	if (network_link_up(fd, index) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "switch %s on", p->bridge);
	if (network_place_apply(p, &s, e) < 0)
		return -1;
	return network_keeper_alive(p) ? 0 : network_keeper_start(p, &s, e);
}

int network_place_up(const struct network_place *p, struct error **e)
{
	auto_error *second = NULL;
	/* Containers may be on a bridge that stands, whether or not its keeper lives. */
	bool served = network_keeper_alive(p) || if_nametoindex(p->bridge);
	int auto_fd fd = netlink_open(0, e);
	if (fd >= 0 && bring_up(fd, p, e) == 0)
		return 0;
	/* What serves containers already is not taken from them. */
	if (fd >= 0 && !served && !(e && error_code(*e) == ERROR_BUSY))
		(void)!network_place_down(p, &second);
	return error_wrap(e, "network of containers");
}

/* Forwarding goes back to off where we switched it on, unless somebody switched it on for all. */
static void give_back(const struct network_links *links, int bridge, const char *alias)
{
	char path[FORWARDING_PATH], name[IFNAMSIZ];
	if (read_switch("/proc/sys/net/ipv4/ip_forward") == 1)
		return;
	for (const char *at = strchr(alias, ' '); at; at = strchr(at, ' ')) {
		at++;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " "), at);
		forwarding_path(path, name);
		/* A link that is gone needs none; one with a '/' is no link. */
		if (!strchr(name, '/') && !claimed_by_others(links, bridge, name))
			(void)!write_switch(path, 0);
	}
}

/* By its owner: its name may have been another when it was made. */
static const struct network_link *find_owned(
	const struct network_links *links, const struct network_place *p)
{
	for (size_t i = 0; i < links->count; i++)
		if (is_owner(links->items[i].alias, p->owner))
			return &links->items[i];
	const struct network_link *named = network_links_find(links, p->bridge);
	return named && !*named->alias ? named : NULL;
}

static int delete_bridge(int fd, const struct network_link *bridge, struct error **e)
{
	struct subnet s;
	int has = network_address_read(fd, bridge->index, &s, e);
	if (has < 0)
		return -1;
	if (has && network_rules_clear(fd, &s) < 0)
		return error_set(
			e, ERROR_SYSTEM, errno, "delete the routing rules of %s", bridge->name);
	if (network_link_delete(fd, bridge->index) < 0 && errno != ENODEV)
		return error_set(e, ERROR_SYSTEM, errno, "delete the bridge %s", bridge->name);
	return 0;
}

/* Of the root that this one is a copy of: its keeper and its rules are called the same. */
static bool is_anothers(const struct network_links *links, const struct network_place *p)
{
	const struct network_link *named = network_links_find(links, p->bridge);
	return named && *named->alias && !is_owner(named->alias, p->owner);
}

int network_place_down(const struct network_place *p, struct error **e)
{
	char remembered[LINK_ALIAS];
	auto_network_links links = {NULL, 0};
	recall_alias(remembered);
	int auto_fd fd = netlink_open(0, e);
	if (fd < 0 || network_links_read(&links, fd, e) < 0)
		return -1;
	const struct network_link *bridge = find_owned(&links, p);
	if (!bridge && is_anothers(&links, p))
		return 0;
	network_keeper_end(p);
	int firewall = network_firewall("down", bridge ? bridge->name : p->bridge, "", e);
	give_back(&links, bridge ? bridge->index : 0, bridge ? bridge->alias : remembered);
	if ((bridge && delete_bridge(fd, bridge, e) < 0) || firewall < 0)
		return -1;
	if (unlink(NETWORK_RECORD) < 0 && errno != ENOENT && errno != EROFS)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", NETWORK_RECORD);
	return 0;
}
