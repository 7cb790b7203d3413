/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook network: the network that new containers get, in /etc/lxc/default.conf.
 * Which that is, containers/network_choice.h tells: macvlan on a wired link, veth behind a bridge
 * of our own elsewhere. Keys of LXC >= 2.1, lxc.container.conf(5). */
#include "hooks/hook.h"

#include <net/if.h>
#include <string.h>

#include "lib/buf.h"

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
	if (got <= 0 || c->settings->link || c->settings->network ||
		text_has_prefix(buf_text(&text), OUR_FIRST_LINE))
		return got < 0 ? -1 : 0;
	return !is_nobodys_choice(buf_text(&text));
}

int hook_check_link(const char *link, struct error **e)
{
	if (strlen(link) < IFNAMSIZ && if_nametoindex(link))
		return 0;
	error_set(e, ERROR_CONFIG, 0, "there is no network link '%s'", link);
	return error_hint(e, "'ip link' lists them");
}

static int network_apply(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0);
	if (buf_puts(&text, OUR_FIRST_LINE, e) < 0 || c->settings->network_lines(c, &text, e) < 0)
		return -1;
	/* The kernel of a phone has no AppArmor, and where it has, `generated` needs a parser. */
	if (buf_puts(&text, "lxc.apparmor.profile = unconfined\n", e) < 0)
		return -1;
	return hook_write_file(c, DEFAULT_CONF, 0644, buf_text(&text), e);
}

const struct hook hook_network = {"network", HOOK_CONFIGURE, NULL, network_check, network_apply};
