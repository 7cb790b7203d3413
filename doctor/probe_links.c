/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of network links: each is made in a network namespace that dies with the child. */
#include <errno.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>

#include "doctor/kernel_release.h"
#include "doctor/link_add.h"
#include "doctor/probe.h"
#include "lib/syscalls.h"

static int try_link(const char *kind, const char *step)
{
	int failed = probe_step(sys_unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
	return failed ? failed : probe_step(link_add("probe0", kind, 0), step);
}

static int try_veth(void)
{
	return try_link("veth", "make a veth link");
}

static int try_bridge(void)
{
	return try_link("bridge", "make a bridge");
}

/* These lie on another link, and lo will not do: whichever kind of Ethernet link there can be. */
static int try_on_link(const char *kind, const char *step)
{
	/* No dummy: its module makes a link on the host when it is loaded. */
	static const char *const lowers[] = {"veth", "bridge"};
	int failed = probe_step(sys_unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
	if (failed)
		return failed;
	for (size_t i = 0; i < sizeof lowers / sizeof *lowers; i++)
		if (link_add("lower0", lowers[i], 0) == 0)
			return probe_step(link_add("probe0", kind, if_nametoindex("lower0")), step);
	return probe_step(-1, "make a link below it");
}

static int try_macvlan(void)
{
	return try_on_link("macvlan", "make a macvlan link");
}

static int try_ipvlan(void)
{
	return try_on_link("ipvlan", "make an ipvlan link");
}

const struct probe probe_links[] = {
	{"veth", "veth links", "containers behind a bridge: the network for Wi-Fi", FINDING_LIMITED,
		ERROR_KERNEL, .option = "VETH", .capability = CAP_NET_ADMIN, .run = try_veth},
	{"bridge", "bridges", "containers behind a bridge: the network for Wi-Fi", FINDING_LIMITED,
		ERROR_KERNEL, .option = "BRIDGE", .capability = CAP_NET_ADMIN, .run = try_bridge},
	{"macvlan", "macvlan links",
		"containers with addresses of their own on the LAN: the network for cables",
		FINDING_LIMITED, ERROR_KERNEL, .option = "MACVLAN", .capability = CAP_NET_ADMIN,
		.run = try_macvlan},
	{"ipvlan", "ipvlan links", "containers on Wi-Fi without a bridge", FINDING_NOTE,
		ERROR_KERNEL, .option = "IPVLAN", .capability = CAP_NET_ADMIN,
		.since = KERNEL(3, 19), .run = try_ipvlan},
};
const size_t probe_links_count = sizeof probe_links / sizeof *probe_links;
