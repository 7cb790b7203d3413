/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "containers/furnish.h"
#include "lib/text.h"

/* cfs_period_us and the second word of cpu.max: the kernel's own default. */
enum { CPU_PERIOD_US = 100000 };

/* Networks are the spec's to choose; everything else that the root's administrator wrote for new
 * containers holds for ours. */
static int add_defaults(
	const struct container_spec *spec, const char *defaults, struct buf *to, struct error **e)
{
	auto_strings lines = {0};
	/* What belongs to the network that it does not get. */
	bool of_host =
		spec->network.mode != NETWORK_INHERIT && strstr(defaults, "lxc.net.0.type = none");
	if (strings_split(&lines, defaults, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = text_trim(lines.items[i]);
		if (of_host && strcmp(line, NETWORK_HOST_LIMIT) == 0)
			continue;
		if (*line && *line != '#' && !text_has_prefix(line, "lxc.net.") &&
			buf_printf(to, e, "%s\n", line) < 0)
			return -1;
	}
	return 0;
}

static int add_idmap(const struct container_idmap *map, struct buf *to, struct error **e)
{
	if (!map->count)
		return 0;
	return buf_printf(to, e, "lxc.idmap = u 0 %u %u\nlxc.idmap = g 0 %u %u\n", map->base,
		map->count, map->base, map->count);
}

/* By the hierarchy that has the controller: a line for the other one is an error to some LXC. */
static int add_limits(const struct container_limits *l, const struct container_facts *f,
	struct buf *to, struct error **e)
{
	uint64_t quota_us = (uint64_t)l->thousandths_cpu * (CPU_PERIOD_US / 1000);
	if (l->memory_bytes &&
		buf_printf(to, e, "%s = %" PRIu64 "\n",
			f->memory == CGROUP_IN_V2 ? "lxc.cgroup2.memory.max"
						  : "lxc.cgroup.memory.limit_in_bytes",
			l->memory_bytes) < 0)
		return -1;
	if (quota_us && f->cpu == CGROUP_IN_V2 &&
		buf_printf(to, e, "lxc.cgroup2.cpu.max = %" PRIu64 " %d\n", quota_us,
			CPU_PERIOD_US) < 0)
		return -1;
	if (quota_us && f->cpu != CGROUP_IN_V2 &&
		buf_printf(to, e,
			"lxc.cgroup.cpu.cfs_period_us = %d\n"
			"lxc.cgroup.cpu.cfs_quota_us = %" PRIu64 "\n",
			CPU_PERIOD_US, quota_us) < 0)
		return -1;
	if (!l->pids)
		return 0;
	return buf_printf(to, e, "lxc.cgroup%s.pids.max = %" PRIu64 "\n",
		f->pids == CGROUP_IN_V2 ? "2" : "", l->pids);
}

int container_config(const struct container_spec *spec, const struct container_facts *facts,
	const char *defaults, struct buf *to, struct error **e)
{
	if (add_defaults(spec, defaults, to, e) < 0 || add_idmap(&spec->idmap, to, e) < 0 ||
		add_limits(&spec->limits, facts, to, e) < 0)
		return -1;
	if (spec->autostart && buf_puts(to, "lxc.start.auto = 1\n", e) < 0)
		return -1;
	return container_network_config(&spec->network, defaults, to, e);
}

/* Root of a privileged container is root: it gets no module, no clock, no raw memory, and no device
 * but these. As LXC's own common.conf has it, and not by including that: it fails as a whole where
 * one of its controllers is missing. */
static int add_bounds(const struct container_facts *f, struct buf *to, struct error **e)
{
	static const char *const devices[] = {"c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm",
		"c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm",
		"c 136:* rwm", "c 10:229 rwm"};
	const char *cgroup = f->devices == CGROUP_IN_V2 ? "cgroup2" : "cgroup";
	if (buf_puts(to, "lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio\n",
		    e) < 0)
		return -1;
	if (f->seccomp &&
		buf_puts(to, "lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp\n", e) < 0)
		return -1;
	if (f->devices == CGROUP_ABSENT)
		return 0;
	if (buf_printf(to, e, "lxc.%s.devices.deny = a\n", cgroup) < 0)
		return -1;
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		if (buf_printf(to, e, "lxc.%s.devices.allow = %s\n", cgroup, devices[i]) < 0)
			return -1;
	return 0;
}

static int add_init(const struct container_spec *spec, struct buf *to, struct error **e)
{
	if (spec->init == CONTAINER_INIT_SYSTEMD)
		return buf_puts(to,
			"lxc.init.cmd = /usr/lib/systemd/systemd\n"
			"lxc.signal.halt = SIGRTMIN+3\nlxc.signal.reboot = SIGINT\n",
			e);
	return buf_printf(
		to, e, "lxc.init.cmd = " FURNISH_INIT " --name %s -- " FURNISH_RC "\n", spec->name);
}

bool container_config_shares_network(const char *config)
{
	auto_strings lines = {0};
	if (strings_split(&lines, config, "\n", NULL) < 0)
		return false;
	for (size_t i = 0; i < lines.count; i++) {
		char *line = text_trim(lines.items[i]);
		char *value = strchr(line, '=');
		if (!value || !text_has_prefix(line, "lxc.net."))
			continue;
		*value++ = '\0';
		if (text_has_suffix(text_trim(line), ".type") &&
			strcmp(text_trim(value), "none") == 0)
			return true;
	}
	return false;
}

/* A sysfs shows one network namespace, and only who owns that may mount it (sysfs(5)): a container
 * with ids of its own in the host's network gets the environment's, read-only. The environment's
 * cgroups come with it, and LXC then lays the container's own over them. */
static int add_mounts(const struct container_facts *facts, bool mapped, bool shares, struct buf *to,
	struct error **e)
{
	bool bound = mapped && shares;
	const char *cgroup = !facts->any_cgroup ? ""
			     : bound		? "cgroup:mixed:force "
						: "cgroup:mixed ";
	if (buf_printf(to, e, "lxc.mount.auto = %sproc:mixed%s\n", cgroup,
		    bound ? "" : " sys:mixed") < 0)
		return -1;
	return bound ? buf_puts(to, "lxc.mount.entry = /sys sys none rbind,ro 0 0\n", e) : 0;
}

int container_config_own(const struct container_spec *spec, const struct container_facts *facts,
	const char *rootfs, struct buf *to, struct error **e)
{
	bool privileged = !spec->idmap.count;
	bool shares = container_config_shares_network(buf_text(to));
	if (buf_printf(to, e,
		    "lxc.rootfs.path = dir:%s\n"
		    "lxc.uts.name = %s\n"
		    "lxc.tty.max = 1\n"
		    "lxc.pty.max = 1024\n",
		    rootfs, spec->name) < 0 ||
		add_mounts(facts, !privileged, shares, to, e) < 0)
		return -1;
	if (privileged && add_bounds(facts, to, e) < 0)
		return -1;
	return add_init(spec, to, e);
}
