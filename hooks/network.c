/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook network: the network that new containers get, in /etc/lxc/default.conf.
 *
 * macvlan in bridge mode on one link: every container has its own MAC address and asks the LAN's
 * DHCP server for its own address; containers reach each other and the LAN. (Host and containers do
 * not reach each other over that link: a macvlan never talks to its lower device.) Keys of LXC
 * >= 2.1, lxc.container.conf(5). */
#include "hooks/hook.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/path.h"

#define DEFAULT_CONF "/etc/lxc/default.conf"
#define OUR_FIRST_LINE "# written by alarmstrap; remove this line to keep your changes\n"

/* The two files that packages of LXC ship: no network (config/etc/default.conf.unknown there), or
 * its own bridge (default.conf.lxcbr), which a service makes that never runs here. */
static bool is_nobodys_choice(const char *text)
{
	const char *type = strstr(text, "lxc.net.0.type");
	return !type || strstr(type, "empty") || strstr(text, "lxcbr0");
}

static int network_check(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0);
	int got = hook_read_file(c, DEFAULT_CONF, &text, e);
	if (got <= 0 || c->settings->link || text_has_prefix(buf_text(&text), OUR_FIRST_LINE))
		return got < 0 ? -1 : 0;
	return !is_nobodys_choice(buf_text(&text));
}

/* Interface of the default route: lines of /proc/net/route, route(8): Iface Destination Gateway …
 */
static int default_route_link(char link[IFNAMSIZ])
{
	auto_buf text = BUF(0);
	auto_strings lines = {0};
	if (path_read_file(AT_FDCWD, "/proc/net/route", &text, NULL) < 0 ||
		strings_split(&lines, buf_text(&text), "\n", NULL) < 0)
		return -1;
	for (size_t i = 1; i < lines.count; i++) {
		unsigned long destination, gateway, flags;
		if (sscanf(lines.items[i], "%15s %lx %lx %lx", link, &destination, &gateway,
			    &flags) == 4 &&
			destination == 0 && (flags & 1))
			return 0;
	}
	return -1;
}

int hook_check_link(const char *link, struct error **e)
{
	if (strlen(link) < IFNAMSIZ && if_nametoindex(link))
		return 0;
	error_set(e, ERROR_CONFIG, 0, "there is no network link '%s'", link);
	return error_hint(e, "'ip link' lists them");
}

static int choose_link(const struct hook_context *c, char link[IFNAMSIZ], struct error **e)
{
	const char *asked = c->settings->link;
	if (!asked)
		return default_route_link(link);
	if (hook_check_link(asked, e) < 0)
		return -1;
	snprintf(link, IFNAMSIZ, "%s", asked);
	return 0;
}

static bool is_wireless(const char *link)
{
	char path[64 + IFNAMSIZ];
	snprintf(path, sizeof path, "/sys/class/net/%s/phy80211", link);
	return path_exists(AT_FDCWD, path);
}

static int network_apply(const struct hook_context *c, struct error **e)
{
	char link[IFNAMSIZ];
	auto_buf text = BUF(0);
	if (choose_link(c, link, e) < 0) {
		if (c->settings->link)
			return -1;
		report_warn(c->report,
			"no default route: containers get no network; name a link with --link");
		if (buf_printf(&text, e, "%slxc.net.0.type = empty\n", OUR_FIRST_LINE) < 0)
			return -1;
	} else {
		if (is_wireless(link))
			report_warn(c->report,
				"%s is wireless: most access points refuse the extra addresses of "
				"macvlan",
				link);
		if (buf_printf(&text, e,
			    "%s"
			    "lxc.net.0.type = macvlan\n"
			    "lxc.net.0.macvlan.mode = bridge\n"
			    "lxc.net.0.flags = up\n"
			    "lxc.net.0.link = %s\n"
			    "lxc.net.0.name = eth0\n"
			    /* lxc-create writes digits for the x: the container keeps its MAC
			     * address, and by it its lease, from start to start. */
			    "lxc.net.0.hwaddr = 00:16:3e:xx:xx:xx\n",
			    OUR_FIRST_LINE, link) < 0)
			return -1;
	}
	/* The kernel of a phone has no AppArmor, and where it has, `generated` needs a parser. */
	if (buf_puts(&text, "lxc.apparmor.profile = unconfined\n", e) < 0)
		return -1;
	return hook_write_file(c, DEFAULT_CONF, 0644, buf_text(&text), e);
}

const struct hook hook_network = {"network", HOOK_CONFIGURE, NULL, network_check, network_apply};
