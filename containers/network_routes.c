/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routing tables and the rules that choose among them, ip-rule(8). */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <stdlib.h>
#include <string.h>

#include "containers/network_links.h"
#include "containers/network_netlink.h"

/* netd's rules begin at 10000; those that only we use. */
enum { PRIORITY_TO = 9100, PRIORITY_FROM = 9101 };
/* Android's rule for programs that chose no network: a mask of the bits that carry its number. */
enum { NETD_MASK = 0xffff };

struct reading {
	struct network_routes *to;
	uint32_t first_table; /* of any default route */
	uint32_t netd_table;
	bool failed;
};

static bool grow(void *items, size_t count, size_t size)
{
	void *grown = realloc(*(void **)items, (count + 1) * size);
	if (grown)
		*(void **)items = grown;
	return grown;
}

static void take_default(struct reading *r, const struct nlmsghdr *h, uint32_t table)
{
	int index = (int)netlink_u32(netlink_find(h, sizeof(struct rtmsg), RTA_OIF));
	r->to->main_has_default = r->to->main_has_default || table == RT_TABLE_MAIN;
	if (!r->first_table)
		r->first_table = table;
	if (!index)
		return; /* several at once: which of them is not for us to say */
	r->failed =
		r->failed || !grow(&r->to->uplinks, r->to->uplink_count, sizeof *r->to->uplinks);
	if (!r->failed)
		r->to->uplinks[r->to->uplink_count++] = (struct network_uplink){index, table};
}

static void take_route(void *arg, const struct nlmsghdr *h)
{
	struct reading *r = arg;
	const struct rtmsg *route = NLMSG_DATA(h);
	if (h->nlmsg_type != RTM_NEWROUTE || route->rtm_family != AF_INET || r->failed)
		return;
	const struct rtattr *big = netlink_find(h, sizeof *route, RTA_TABLE);
	uint32_t table = big ? netlink_u32(big) : route->rtm_table;
	if (route->rtm_type == RTN_UNICAST && !route->rtm_dst_len)
		take_default(r, h, table);
	r->failed = r->failed || !grow(&r->to->items, r->to->count, sizeof *r->to->items);
	if (r->failed)
		return;
	uint32_t address = ntohl(netlink_u32(netlink_find(h, sizeof *route, RTA_DST)));
	r->to->items[r->to->count++] = (struct subnet){address, route->rtm_dst_len};
}

static void take_netd_rule(void *arg, const struct nlmsghdr *h)
{
	struct reading *r = arg;
	const struct fib_rule_hdr *rule = NLMSG_DATA(h);
	const struct rtattr *iif = netlink_find(h, sizeof *rule, FRA_IIFNAME);
	const struct rtattr *mask = netlink_find(h, sizeof *rule, FRA_FWMASK);
	const struct rtattr *big = netlink_find(h, sizeof *rule, FRA_TABLE);
	if (h->nlmsg_type != RTM_NEWRULE || rule->family != AF_INET || r->netd_table || !iif ||
		strncmp(RTA_DATA(iif), "lo", RTA_PAYLOAD(iif)) != 0 ||
		netlink_u32(mask) != NETD_MASK ||
		netlink_u32(netlink_find(h, sizeof *rule, FRA_FWMARK)) != 0)
		return;
	r->netd_table = big ? netlink_u32(big) : rule->table;
}

static int list_rules(int fd, netlink_each *each, void *arg)
{
	struct netlink_message m;
	netlink_begin(&m, RTM_GETRULE, 0, &(struct fib_rule_hdr){.family = AF_INET},
		sizeof(struct fib_rule_hdr));
	return netlink_list(fd, &m, each, arg);
}

int network_routes_read(struct network_routes *to, int fd, struct error **e)
{
	auto_network_routes found = {.count = 0};
	struct reading r = {.to = &found};
	struct netlink_message m;
	netlink_begin(
		&m, RTM_GETROUTE, 0, &(struct rtmsg){.rtm_family = AF_INET}, sizeof(struct rtmsg));
	if (netlink_list(fd, &m, take_route, &r) < 0 || r.failed)
		return error_set(e, ERROR_SYSTEM, r.failed ? ENOMEM : errno, "list the routes");
	/* A kernel without policy routing has no rules to list. */
	if (list_rules(fd, take_netd_rule, &r) < 0)
		r.netd_table = 0;
	if (found.main_has_default)
		found.default_table = RT_TABLE_MAIN;
	else
		found.default_table = r.netd_table ? r.netd_table : r.first_table;
	/* Within a table they come in the order of preference. */
	for (size_t i = found.uplink_count; i-- > 0;)
		if (found.uplinks[i].table == found.default_table)
			found.default_link = found.uplinks[i].index;
	*to = found;
	found = (struct network_routes){.count = 0};
	return 0;
}

void network_routes_free(struct network_routes *r)
{
	free(r->items);
	free(r->uplinks);
	*r = (struct network_routes){.count = 0};
}

/* One of ours, as the kernel lists it. */
struct rule {
	uint32_t priority, table;
	struct subnet subnet;
};
struct rules {
	struct rule items[64];
	size_t count;
};

static bool read_rule(const struct nlmsghdr *h, struct rule *to)
{
	const struct fib_rule_hdr *fixed = NLMSG_DATA(h);
	const struct rtattr *big = netlink_find(h, sizeof *fixed, FRA_TABLE);
	if (h->nlmsg_type != RTM_NEWRULE || fixed->family != AF_INET)
		return false;
	to->priority = netlink_u32(netlink_find(h, sizeof *fixed, FRA_PRIORITY));
	to->table = big ? netlink_u32(big) : fixed->table;
	int is_to = to->priority == PRIORITY_TO;
	const struct rtattr *side = netlink_find(h, sizeof *fixed, is_to ? FRA_DST : FRA_SRC);
	to->subnet.address = ntohl(netlink_u32(side));
	to->subnet.bits = is_to ? fixed->dst_len : fixed->src_len;
	return (is_to || to->priority == PRIORITY_FROM) && to->subnet.bits == SUBNET_BITS;
}

static void take_ours(void *arg, const struct nlmsghdr *h)
{
	struct rules *rules = arg;
	struct rule one;
	if (rules->count < sizeof rules->items / sizeof *rules->items && read_rule(h, &one))
		rules->items[rules->count++] = one;
}

static int change_rule(int fd, int type, int flags, const struct rule *r)
{
	struct netlink_message m;
	bool is_to = r->priority == PRIORITY_TO;
	uint32_t address = htonl(r->subnet.address);
	const struct fib_rule_hdr fixed = {.family = AF_INET,
		.dst_len = is_to ? (unsigned char)r->subnet.bits : 0,
		.src_len = is_to ? 0 : (unsigned char)r->subnet.bits,
		.action = FR_ACT_TO_TBL};
	netlink_begin(&m, type, flags, &fixed, sizeof fixed);
	netlink_put(&m, is_to ? FRA_DST : FRA_SRC, &address, sizeof address);
	netlink_put_u32(&m, FRA_PRIORITY, r->priority);
	netlink_put_u32(&m, FRA_TABLE, r->table);
	return netlink_order(fd, &m);
}

static bool same_subnet(const struct subnet *a, const struct subnet *b)
{
	return a->address == b->address && a->bits == b->bits;
}

/* Puts one rule there, and takes away those for another table. */
static int set_rule(int fd, const struct rules *there, const struct rule *want)
{
	bool found = false;
	for (size_t i = 0; i < there->count; i++) {
		const struct rule *r = &there->items[i];
		if (r->priority != want->priority || !same_subnet(&r->subnet, &want->subnet))
			continue;
		if (r->table == want->table)
			found = true;
		else if (change_rule(fd, RTM_DELRULE, 0, r) < 0 && errno != ENOENT)
			return -1;
	}
	return found ? 0 : change_rule(fd, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, want);
}

int network_rules_set(int fd, const struct subnet *s, uint32_t table)
{
	struct rules there = {.count = 0};
	if (list_rules(fd, take_ours, &there) < 0)
		return -1;
	const struct rule to = {PRIORITY_TO, RT_TABLE_MAIN, *s};
	const struct rule from = {PRIORITY_FROM, table, *s};
	return set_rule(fd, &there, &to) < 0 ? -1 : set_rule(fd, &there, &from);
}

int network_rules_clear(int fd, const struct subnet *s)
{
	struct rules there = {.count = 0};
	int result = 0;
	if (list_rules(fd, take_ours, &there) < 0)
		return errno == EOPNOTSUPP ? 0 : -1;
	for (size_t i = 0; i < there.count; i++)
		if (same_subnet(&there.items[i].subnet, s) &&
			change_rule(fd, RTM_DELRULE, 0, &there.items[i]) < 0 && errno != ENOENT)
			result = -1;
	return result;
}
