/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/lxc_causes.h"

#include <stddef.h>
#include <string.h>

/* What is chosen by --link goes into a container's own file when it is created. */
#define IN_CONFIG                                                                                  \
	": lxc.net.0.link in the container's config for one that is made already, --link for new " \
	"ones"
#define NO_MACVLAN                                                                                 \
	"the network link does not exist, or carries no macvlan (CONFIG_MACVLAN, or a wireless "   \
	"link)"
#define OTHER_LINK "name another link" IN_CONFIG
#define RESTART "stop and start the environment"
#define NO_LIMIT "a limit's cgroup controller is not there"
#define DROP_LIMIT                                                                                 \
	"take the lxc.cgroup lines out of the container's config, or start the environment with "  \
	"another --cgroup-layout"
#define NO_SECCOMP "the kernel has no seccomp filter (CONFIG_SECCOMP_FILTER)"

/* Strings of LXC 4 to 7. Special ones first: one line may hold two. */
static const struct lxc_cause causes[] = {
	{"lxc_pivot_root", "the root is no mount point", RESTART},
	{"Failed to initialize cgroup driver", "no cgroups are mounted in the environment",
		RESTART},
	{"nsupported cgroup layout", "this LXC wants cgroup2 alone",
		"stop the environment, then: alarmstrap start ROOT --cgroup-layout=unified"},
	{"Failed to setup cgroup limits", NO_LIMIT, DROP_LIMIT},
	{"Failed to setup limits for the \"", NO_LIMIT, DROP_LIMIT},
	{"device cgroup controller limits", NO_LIMIT, DROP_LIMIT},
	{"cgroup2 device controller limits", NO_LIMIT, DROP_LIMIT},
	{"Failed to setup legacy device limits", NO_LIMIT, DROP_LIMIT},
	{"bridge interface doesn't exist", "the network link does not exist",
		"name a link that exists" IN_CONFIG},
	{"Failed to create network device", NO_MACVLAN, OTHER_LINK},
	{"Failed to create macvlan", NO_MACVLAN, OTHER_LINK},
	{"Failed to retrieve ifindex", "the network link does not exist",
		"name a link that exists" IN_CONFIG},
	{"Failed to allocate console", "there is no devpts in the environment",
		"run a kernel with CONFIG_UNIX98_PTYS, then " RESTART},
	{"Unsupported config key", "the configuration is for another LXC",
		"lxc-update-config in the environment converts it"},
	{"Unknown configuration key", "the configuration is for another LXC",
		"lxc-update-config in the environment converts it"},
	{"Failed to load config", "LXC does not understand its configuration",
		"look for a key that this LXC does not know, in the container's config and "
		"/etc/lxc/default.conf; lxc-update-config converts those of LXC 2"},
	{"newuidmap", "ROOT's /etc/subuid and /etc/subgid do not give root the container's ids",
		"add a line root:FIRST:65536 to both, with FIRST as lxc.idmap in the container's "
		"config has it"},
	{"failed to write mapping",
		"ROOT's /etc/subuid and /etc/subgid do not give root the container's ids",
		"add a line root:FIRST:65536 to both, with FIRST as lxc.idmap in the container's "
		"config has it"},
	{"Please grant it x access", "the container's root may not reach its rootfs",
		"let others pass through the directories above it: chmod o+x in the environment"},
	{"Failed to clone a new set of namespaces",
		"the kernel lacks a namespace that the container wants",
		"run a kernel with UTS_NS, IPC_NS, NET_NS, and USER_NS or --privileged containers"},
	{"Required key not available", "the container has no key to encrypted files",
		"add a line lxc.keyring.session = 0 to the container's config"},
	{"seccomp policy", NO_SECCOMP, "take lxc.seccomp.profile out of the container's config"},
	{"Failed to load seccomp", NO_SECCOMP,
		"take lxc.seccomp.profile out of the container's config"},
	{"AppArmor label", "the kernel's AppArmor refuses",
		"set lxc.apparmor.profile = unconfined in the container's config"},
	{"apparmor profile", "the kernel's AppArmor refuses",
		"set lxc.apparmor.profile = unconfined in the container's config"},
	{"Failed to exec \"", "the container has no such init",
		"set lxc.init.cmd in the container's config, or make it anew with --init"},
	{"Failed to mount rootfs", "the container's rootfs is not there",
		"look at lxc.rootfs.path in the container's config"},
	{"Failed to bind socket", "another LXC on this machine has a container of that name",
		"give each its own lxc.lxcpath in /etc/lxc/lxc.conf"},
	{"No space left", "the filesystem is full", "free some space"},
};

const struct lxc_cause *lxc_cause_find(const char *line)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (strstr(line, causes[i].said))
			return &causes[i];
	return NULL;
}
