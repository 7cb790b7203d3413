/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook lxc: asks for LXC and the busybox that its template copies into containers, which the
 * packages stage installs through libalpm; gives this ROOT's LXC a directory of its own name, and
 * sees that it runs.
 *
 * LXC talks to a container through an abstract socket named LXCPATH/NAME/command (unix(7)), which
 * belongs to the network namespace and not to the root: with /var/lib/lxc in two ROOTs, or in ROOT
 * and on the host, `lxc-stop -n one` in one of them would end the other's container. */
#include "hooks/hook.h"

#include <fcntl.h>
#include <string.h>

#include "lib/path.h"

#define LXC_CONF "/etc/lxc/lxc.conf"
#define RANDOM_UUID "/proc/sys/kernel/random/uuid"

static const char *const lxc_packages[] = {"lxc", "busybox", NULL};

/* lxc.system.conf(5). Who set a path keeps it. */
static int own_lxcpath(const struct hook_context *c, struct error **e)
{
	auto_buf text = BUF(0), uuid = BUF(0);
	if (hook_read_file(c, LXC_CONF, &text, e) < 0)
		return -1;
	if (strstr(buf_text(&text), "lxc.lxcpath"))
		return 0;
	if (path_read_file(AT_FDCWD, RANDOM_UUID, &uuid, e) < 0 ||
		buf_printf(&text, e, "lxc.lxcpath = /var/lib/lxc-%.8s\n", buf_text(&uuid)) < 0)
		return -1;
	return hook_write_file(c, LXC_CONF, 0644, buf_text(&text), e);
}

static int lxc_apply(const struct hook_context *c, struct error **e)
{
	static const char *const version[] = {"lxc-start", "--version", NULL};
	if (hook_command(c, version, e) < 0)
		return error_hint(e,
			"LXC is installed but does not run here; try the package's own "
			"'lxc-checkconfig' inside (alarmstrap enter ROOT)");
	return own_lxcpath(c, e);
}

const struct hook hook_lxc = {"lxc", HOOK_CONFIGURE, lxc_packages, NULL, lxc_apply};
