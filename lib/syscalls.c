/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/syscalls.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool forced_to_enosys(void)
{
	return getenv("ALARMSTRAP_ENOSYS") != NULL;
}

int sys_renameat2(int olddir, const char *old, int newdir, const char *new, unsigned flags)
{
	if (forced_to_enosys()) {
		errno = ENOSYS;
		return -1;
	}
	return (int)syscall(SYS_renameat2, olddir, old, newdir, new, flags);
}

int sys_unshare(int flags)
{
	return (int)syscall(SYS_unshare, flags);
}

int sys_setns(int fd, int type)
{
	return (int)syscall(SYS_setns, fd, type);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int sys_syncfs(int fd)
{
	return (int)syscall(SYS_syncfs, fd);
}
