/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network_links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "containers/network_netlink.h"

static const char TRIAL[] = "alarmstrap-try";

struct reading {
	struct network_links *to;
	bool failed;
};

static void copy_text(char *to, size_t size, const struct rtattr *a)
{
	size_t length = a ? strnlen(RTA_DATA(a), RTA_PAYLOAD(a)) : 0;
	snprintf(to, size, "%.*s", (int)length, a ? (const char *)RTA_DATA(a) : "");
}

static void take_link(void *arg, const struct nlmsghdr *h)
{
	struct reading *r = arg;
	const struct ifinfomsg *info = NLMSG_DATA(h);
	if (h->nlmsg_type != RTM_NEWLINK || r->failed)
		return;
	struct network_link *items =
		realloc(r->to->items, (r->to->count + 1) * sizeof *r->to->items);
	r->failed = !items;
	if (r->failed)
		return;
	r->to->items = items;
	struct network_link *link = &items[r->to->count++];
	link->index = info->ifi_index;
	copy_text(link->name, sizeof link->name, netlink_find(h, sizeof *info, IFLA_IFNAME));
	copy_text(link->alias, sizeof link->alias, netlink_find(h, sizeof *info, IFLA_IFALIAS));
}

int network_links_read(struct network_links *to, int fd, struct error **e)
{
	auto_network_links found = {NULL, 0};
	struct reading r = {&found, false};
	struct netlink_message m;
	netlink_begin(&m, RTM_GETLINK, 0, &(struct ifinfomsg){.ifi_family = AF_UNSPEC},
		sizeof(struct ifinfomsg));
	if (netlink_list(fd, &m, take_link, &r) < 0 || r.failed)
		return error_set(e, ERROR_SYSTEM, r.failed ? ENOMEM : errno, "list the links");
	*to = found;
	found = (struct network_links){NULL, 0};
	return 0;
}

void network_links_free(struct network_links *links)
{
	free(links->items);
	*links = (struct network_links){NULL, 0};
}

const struct network_link *network_links_find(const struct network_links *links, const char *name)
{
	for (size_t i = 0; i < links->count; i++)
		if (strcmp(links->items[i].name, name) == 0)
			return &links->items[i];
	return NULL;
}

/* A message about one link. */
static void about_link(struct netlink_message *m, int type, int flags, int index)
{
	netlink_begin(
		m, type, flags, &(struct ifinfomsg){.ifi_index = index}, sizeof(struct ifinfomsg));
}

static struct rtattr *begin_kind(struct netlink_message *m, const char *name, const char *kind)
{
	about_link(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	netlink_put_text(m, IFLA_IFNAME, name);
	struct rtattr *info = netlink_nest(m, IFLA_LINKINFO);
	netlink_put_text(m, IFLA_INFO_KIND, kind);
	return info;
}

int network_bridge_make(int fd, const char *name)
{
	struct netlink_message m;
	uint32_t hash = subnet_hash(name);
	/* Locally administered (IEEE 802, the second bit of the first byte). */
	const unsigned char mac[6] = {0x02, 0x16, 0x3e, (unsigned char)(hash >> 16),
		(unsigned char)(hash >> 8), (unsigned char)hash};
	struct rtattr *info = begin_kind(&m, name, "bridge");
	netlink_nest_end(&m, info);
	netlink_put(&m, IFLA_ADDRESS, mac, sizeof mac);
	return netlink_order(fd, &m);
}

int network_macvlan_try(int fd, const char *lower)
{
	struct netlink_message m;
	int index = (int)if_nametoindex(lower);
	if (!index)
		return -1;
	struct rtattr *info = begin_kind(&m, TRIAL, "macvlan");
	struct rtattr *data = netlink_nest(&m, IFLA_INFO_DATA);
	netlink_put_u32(&m, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	netlink_nest_end(&m, data);
	netlink_nest_end(&m, info);
	netlink_put_u32(&m, IFLA_LINK, (uint32_t)index);
	/* One that is there was left by a try that was killed, or is another's of this moment: it
	 * is the answer, too. */
	if (netlink_order(fd, &m) < 0 && errno != EEXIST)
		return -1;
	index = (int)if_nametoindex(TRIAL);
	return index && network_link_delete(fd, index) < 0 && errno != ENODEV ? -1 : 0;
}

int network_link_set_alias(int fd, int index, const char *alias)
{
	struct netlink_message m;
	about_link(&m, RTM_NEWLINK, 0, index);
	netlink_put(&m, IFLA_IFALIAS, alias, strlen(alias));
	return netlink_order(fd, &m);
}

int network_link_up(int fd, int index)
{
	struct netlink_message m;
	const struct ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	netlink_begin(&m, RTM_NEWLINK, 0, &up, sizeof up);
	return netlink_order(fd, &m);
}

int network_link_delete(int fd, int index)
{
	struct netlink_message m;
	about_link(&m, RTM_DELLINK, 0, index);
	return netlink_order(fd, &m);
}

int network_address_add(int fd, int index, const struct subnet *s)
{
	struct netlink_message m;
	const struct ifaddrmsg fixed = {.ifa_family = AF_INET,
		.ifa_prefixlen = (unsigned char)s->bits,
		.ifa_index = (unsigned)index};
	uint32_t host = htonl(s->address + 1);
	uint32_t broadcast = htonl(s->address + ((uint32_t)1 << (32 - s->bits)) - 1);
	netlink_begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed);
	netlink_put(&m, IFA_LOCAL, &host, sizeof host);
	netlink_put(&m, IFA_ADDRESS, &host, sizeof host);
	netlink_put(&m, IFA_BROADCAST, &broadcast, sizeof broadcast);
	return netlink_order(fd, &m);
}

struct address_sought {
	int index, found;
	struct subnet subnet;
};

static void take_address(void *arg, const struct nlmsghdr *h)
{
	struct address_sought *s = arg;
	const struct ifaddrmsg *fixed = NLMSG_DATA(h);
	if (h->nlmsg_type != RTM_NEWADDR || s->found || (int)fixed->ifa_index != s->index ||
		fixed->ifa_prefixlen != SUBNET_BITS)
		return;
	uint32_t address = ntohl(netlink_u32(netlink_find(h, sizeof *fixed, IFA_LOCAL)));
	s->found = 1;
	s->subnet = (struct subnet){address & ~(uint32_t)0xff, SUBNET_BITS};
}

int network_address_read(int fd, int index, struct subnet *to, struct error **e)
{
	struct address_sought s = {index, 0, {0, 0}};
	struct netlink_message m;
	netlink_begin(&m, RTM_GETADDR, 0, &(struct ifaddrmsg){.ifa_family = AF_INET},
		sizeof(struct ifaddrmsg));
	if (netlink_list(fd, &m, take_address, &s) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "list the addresses");
	if (s.found)
		*to = s.subnet;
	return s.found;
}
