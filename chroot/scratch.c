/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "lib/path.h"
#include "lib/syscalls.h"

int scratch_begin(struct error **e)
{
	if (sys_unshare(CLONE_NEWNS) < 0)
		return error_set(e, errno == EPERM ? ERROR_PRIVILEGE : ERROR_KERNEL, errno,
			"make a mount namespace");
	/* A new namespace stays a peer of the one it was copied from (mount_namespaces(7)). */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "make the mounts private");
	return 0;
}

int scratch_cover(const char *path, struct error **e)
{
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (path_make_dirs(AT_FDCWD, path, 0755, e) < 0)
		return -1;
	if (mount("tmpfs", path, "tmpfs", flags, "mode=0755") == 0)
		return 0;
	/* CONFIG_TMPFS is an option; ramfs is always there, and takes no options. */
	if (errno != ENODEV || mount("ramfs", path, "ramfs", flags, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "mount a tmpfs on %s", path);
	return 0;
}
