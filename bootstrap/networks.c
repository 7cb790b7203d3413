/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/networks.h"

#include <fcntl.h>
#include <string.h>

#include "containers/network_choice.h"
#include "containers/network_service.h"
#include "lib/fd.h"
#include "lib/path_inside.h"

/* Which of the last two the kernel serves shows at the first start; the firewall of a host may need
 * both.
 */
static const char *const veth_packages[] = {"dnsmasq", "iptables", "nftables"};

static int choose(const char *word, const char *link, struct network_choice *to, struct error **e)
{
	enum network_mode mode = NETWORK_AUTO;
	if (word && network_mode_parse(word, &mode, e) < 0)
		return -1;
	return network_choose(mode, link, to, e);
}

int networks_packages(const struct config *c, struct strings *to, struct error **e)
{
	struct network_choice choice;
	if (choose(c->network, c->link, &choice, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof veth_packages / sizeof *veth_packages; i++)
		if (choice.mode == NETWORK_VETH && !strings_contain(to, veth_packages[i]) &&
			strings_add(to, veth_packages[i], e) < 0)
			return -1;
	return 0;
}

/* The containers would not start. */
static int refuse_unserved(const struct rootfs *root, struct error **e)
{
	static const char *const where[] = {"/usr/bin/dnsmasq", "/usr/sbin/dnsmasq"};
	for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
		auto_error *absent = NULL;
		int auto_fd fd = path_open_inside(rootfs_fd(root), where[i], O_PATH, &absent);
		if (fd >= 0)
			return 0;
	}
	error_set(e, ERROR_PACKAGES, 0, "the network veth needs dnsmasq, which is not installed");
	return error_hint(e, "alarmstrap install %s dnsmasq nftables", rootfs_path(root));
}

static int settle(const struct rootfs *root, const struct network_choice *choice,
	struct container_network *to, char link[IFNAMSIZ], struct error **e)
{
	memcpy(link, choice->link, IFNAMSIZ);
	if (choice->mode == NETWORK_VETH &&
		(refuse_unserved(root, e) < 0 || network_bridge_of(root, link, e) < 0))
		return -1;
	*to = (struct container_network){choice->mode, link};
	return 0;
}

int networks_settle(const struct rootfs *root, const struct config_options *o,
	struct container_network *to, char link[IFNAMSIZ], struct report *report, struct error **e)
{
	struct network_choice choice;
	if (choose(o->network, o->link, &choice, e) < 0 || settle(root, &choice, to, link, e) < 0)
		return -1;
	network_choice_tell(&choice, report);
	return 0;
}

int networks_lines(const struct hook_context *c, struct buf *to, struct error **e)
{
	struct network_choice choice;
	struct container_network network;
	char link[IFNAMSIZ];
	if (choose(c->settings->network, c->settings->link, &choice, e) < 0 ||
		settle(c->rootfs, &choice, &network, link, e) < 0)
		return -1;
	network_choice_tell(&choice, c->report);
	return container_network_lines(&network, to, e);
}
