/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network_choice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "containers/network_links.h"
#include "containers/network_netlink.h"
#include "lib/fd.h"
#include "lib/path.h"

static const char *const words[] = {
	[NETWORK_AUTO] = "auto",
	[NETWORK_MACVLAN] = "macvlan",
	[NETWORK_VETH] = "veth",
	[NETWORK_NONE] = "none",
	[NETWORK_HOST] = "host",
};

int network_mode_parse(const char *word, enum network_mode *mode, struct error **e)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i] && strcmp(words[i], word) == 0) {
			*mode = (enum network_mode)i;
			return 0;
		}
	error_set(e, ERROR_USAGE, 0, "there is no network '%s'", word);
	return error_hint(e, "known are auto, macvlan, veth, none and host");
}

const char *network_mode_word(enum network_mode mode)
{
	return words[mode] ? words[mode] : "as default.conf says";
}

static int take_macvlan(const struct network_facts *f, struct network_choice *c, struct error **e)
{
	if (!*f->link) {
		error_set(e, ERROR_CONFIG, 0, "no default route tells which link a macvlan is for");
		return error_hint(e, "name it: --link; 'ip link' lists them");
	}
	if (f->macvlan_errno) {
		error_set(e, ERROR_KERNEL, f->macvlan_errno, "%s cannot carry a macvlan", f->link);
		return error_hint(e, "the kernel needs CONFIG_MACVLAN, and the link must be of the "
				     "kind of Ethernet; --network=veth needs neither");
	}
	c->mode = NETWORK_MACVLAN;
	snprintf(c->link, sizeof c->link, "%s", f->link);
	if (f->wireless)
		snprintf(c->warning, sizeof c->warning,
			"%s is wireless: most access points refuse the extra addresses of macvlan",
			f->link);
	return 0;
}

static void choose_auto(const struct network_facts *f, struct network_choice *c)
{
	c->mode = NETWORK_VETH;
	if (!*f->link) {
		c->mode = NETWORK_NONE;
		snprintf(c->warning, sizeof c->warning,
			"no default route: containers get no network; name a link with --link, or "
			"take --network=veth");
	} else if (f->wireless) {
		snprintf(c->reason, sizeof c->reason,
			"%s is wireless, and most access points refuse the extra addresses of "
			"macvlan",
			f->link);
	} else if (f->macvlan_errno) {
		snprintf(c->reason, sizeof c->reason, "%s cannot carry a macvlan: %s", f->link,
			strerror(f->macvlan_errno));
	} else {
		c->mode = NETWORK_MACVLAN;
		snprintf(c->link, sizeof c->link, "%s", f->link);
		snprintf(c->reason, sizeof c->reason,
			"%s is wired: each container has an address of the LAN's own", f->link);
	}
}

int network_decide(enum network_mode mode, const struct network_facts *f,
	struct network_choice *choice, struct error **e)
{
	struct network_choice c = {.mode = mode};
	if (mode == NETWORK_MACVLAN && take_macvlan(f, &c, e) < 0)
		return -1;
	if (mode == NETWORK_AUTO)
		choose_auto(f, &c);
	*choice = c;
	return 0;
}

/* cfg80211 makes the one, the older wireless extensions the other (sysfs-class-net). */
static bool is_wireless(const char *link)
{
	static const char *const marks[] = {"phy80211", "wireless"};
	char path[64 + IFNAMSIZ];
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		snprintf(path, sizeof path, "/sys/class/net/%s/%s", link, marks[i]);
		if (path_exists(AT_FDCWD, path))
			return true;
	}
	return false;
}

static int find_link(int fd, const char *asked, struct network_facts *f, struct error **e)
{
	auto_network_routes routes = {.count = 0};
	f->asked = asked;
	if (asked && strlen(asked) < sizeof f->link && if_nametoindex(asked)) {
		snprintf(f->link, sizeof f->link, "%s", asked);
		return 0;
	}
	if (asked) {
		error_set(e, ERROR_CONFIG, 0, "there is no network link '%s'", asked);
		return error_hint(e, "'ip link' lists them");
	}
	if (network_routes_read(&routes, fd, e) < 0)
		return -1;
	if (routes.default_link)
		if_indextoname((unsigned)routes.default_link, f->link);
	return 0;
}

int network_choose(
	enum network_mode mode, const char *link, struct network_choice *choice, struct error **e)
{
	struct network_facts f = {.asked = false};
	int auto_fd fd = netlink_open(0, e);
	if (fd < 0 || find_link(fd, link, &f, e) < 0)
		return -1;
	f.wireless = *f.link && is_wireless(f.link);
	bool matters = mode == NETWORK_MACVLAN || (mode == NETWORK_AUTO && !f.wireless);
	if (matters && *f.link && network_macvlan_try(fd, f.link) < 0)
		f.macvlan_errno = errno;
	return network_decide(mode, &f, choice, e);
}

void network_choice_tell(const struct network_choice *c, struct report *report)
{
	static const char *const what[] = {
		[NETWORK_MACVLAN] = "macvlan",
		[NETWORK_VETH] = "veth: a bridge of their own, with DHCP and NAT",
		[NETWORK_NONE] = "none",
		[NETWORK_HOST] = "that of the host",
	};
	const char *on = *c->link ? " on " : "";
	report_note(report, "network: %s%s%s%s%s%s", what[c->mode], on, c->link,
		*c->reason ? " (" : "", c->reason, *c->reason ? ")" : "");
	if (*c->warning)
		report_warn(report, "%s", c->warning);
}
