/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/networks.h"

#include "containers/network_choice.h"
#include "containers/network_service.h"

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

int networks_lines(const struct hook_context *c, struct buf *to, struct error **e)
{
	struct network_choice choice;
	struct container_network network;
	char bridge[IFNAMSIZ];
	if (choose(c->settings->network, c->settings->link, &choice, e) < 0 ||
		network_bridge_of(c->rootfs, bridge, e) < 0)
		return -1;
	network_choice_tell(&choice, c->report);
	network.mode = choice.mode;
	network.link = choice.mode == NETWORK_VETH ? bridge : choice.link;
	return container_network_lines(&network, to, e);
}
