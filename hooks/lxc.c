/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook lxc: asks for LXC and the busybox that its template copies into containers. The packages
 * stage installs them through libalpm; what is left here is to see that they run. */
#include "hooks/hook.h"

static const char *const lxc_packages[] = {"lxc", "busybox", NULL};

static int lxc_apply(const struct hook_context *c, struct error **e)
{
	static const char *const version[] = {"lxc-start", "--version", NULL};
	if (hook_command(c, version, e) < 0)
		return error_hint(e,
			"LXC is installed but does not run here; try the package's own "
			"'lxc-checkconfig' inside (alarmstrap enter ROOT)");
	return 0;
}

const struct hook hook_lxc = {"lxc", HOOK_CONFIGURE, lxc_packages, NULL, lxc_apply};
