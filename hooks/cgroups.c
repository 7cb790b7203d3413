/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook cgroups: mounts the hierarchies that LXC needs, after every start of the environment. The
 * 2014 way, one directory a controller in the root, left LXC without limits; see chroot/cgroups.h.
 */
#include "hooks/hook.h"

#include <sys/utsname.h>

#include "chroot/binfmt.h"
#include "chroot/cgroups.h"

/* Programs of another architecture, which an emulator runs: containers cannot be started there. */
static bool is_emulated(const struct hook_context *c)
{
	struct utsname host;
	const char *arch = binfmt_arch_of(rootfs_fd(c->rootfs), "/usr/bin/sh");
	return arch && uname(&host) == 0 && !binfmt_is_native(host.machine, arch);
}

static int cgroups_check(const struct hook_context *c, struct error **e)
{
	return is_emulated(c) ? 1 : cgroups_mounted(c->environment, e);
}

static int cgroups_apply(const struct hook_context *c, struct error **e)
{
	return cgroups_mount(c->environment, c->layout, c->report, e);
}

const struct hook hook_cgroups = {"cgroups", HOOK_ENVIRONMENT, NULL, cgroups_check, cgroups_apply};
