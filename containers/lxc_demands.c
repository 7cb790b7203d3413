/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/lxc_demands.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/syscalls.h"

enum { HAS_CLONE3 = 1, HAS_MOUNT_SETATTR = 2 };

/* In a child: a seccomp filter, as Android's have it, may kill who asks. */
static int ask_body(void *arg)
{
	return (sys_knows_clone3() ? HAS_CLONE3 : 0) |
	       (sys_knows_mount_setattr() ? HAS_MOUNT_SETATTR : 0);
}

/* "nodev\tcgroup2", filesystems(5). */
static bool has_cgroup2(void)
{
	auto_buf text = BUF(0);
	return path_read_file(AT_FDCWD, "/proc/filesystems", &text, NULL) == 0 &&
	       strstr(buf_text(&text), "\tcgroup2\n");
}

const char *lxc_seven_lacks_of(bool clone3, bool mount_setattr, bool cgroup2)
{
	if (!cgroup2)
		return "cgroup2 (Linux 4.5)";
	if (!clone3)
		return "clone3 (Linux 5.3)";
	return mount_setattr ? NULL : "mount_setattr (Linux 5.12)";
}

const char *lxc_seven_lacks(void)
{
	int status = 0;
	pid_t pid = proc_fork(ask_body, NULL, 0, NULL, NULL);
	if (pid < 0 || proc_wait(pid, &status, NULL) < 0 || status > 127)
		status = 0;
	return lxc_seven_lacks_of(status & HAS_CLONE3, status & HAS_MOUNT_SETATTR, has_cgroup2());
}

bool lxc_is_seven(const char *version)
{
	const char *colon = version ? strchr(version, ':') : NULL;
	return version && strtol(colon ? colon + 1 : version, NULL, 10) >= 7;
}
