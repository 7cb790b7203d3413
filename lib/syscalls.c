/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
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

/* The same numbers everywhere; an older C library does not know them. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
enum { FS_CLOEXEC = 1, FS_CREATE = 6, MOUNT_QUIETLY = 0x2 | 0x4 | 0x8 /* nosuid, nodev, noexec */ };
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, MOVE_FROM_EMPTY_PATH = 4 };

int sys_open_tree(const char *path)
{
	if (forced_to_enosys()) {
		errno = ENOSYS;
		return -1;
	}
	return (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
}

int sys_move_mount(int tree, const char *to)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, to, MOVE_FROM_EMPTY_PATH);
}

int sys_mount_detached(const char *type)
{
	if (forced_to_enosys()) {
		errno = ENOSYS;
		return -1;
	}
	int fs = (int)syscall(SYS_fsopen, type, FS_CLOEXEC);
	if (fs < 0)
		return -1;
	int mount = (int)syscall(SYS_fsconfig, fs, FS_CREATE, NULL, NULL, 0);
	if (mount == 0)
		mount = (int)syscall(SYS_fsmount, fs, FS_CLOEXEC, MOUNT_QUIETLY);
	int saved = errno;
	close(fs);
	errno = saved;
	return mount;
}

#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* Without any argument both are refused (EINVAL) before they do anything. */
bool sys_knows_clone3(void)
{
	return !forced_to_enosys() && (syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS);
}

bool sys_knows_mount_setattr(void)
{
	return !forced_to_enosys() &&
	       (syscall(SYS_mount_setattr, -1, NULL, 0, NULL, 0) >= 0 || errno != ENOSYS);
}
