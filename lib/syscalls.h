/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System calls that a C library or an old kernel may lack, each with what to do without it.
 *
 * Every wrapper returns -1 and ENOSYS where the kernel has no such call, and callers fall back. The
 * variable ALARMSTRAP_ENOSYS=1 makes the newer ones fail so: it is how tests reach an old kernel.
 */
#ifndef LIB_SYSCALLS_H
#define LIB_SYSCALLS_H

#include <stdbool.h>
#include <sys/types.h>

/* Linux 3.15. RENAME_NOREPLACE is 1, RENAME_EXCHANGE 2 (renameat2(2)). */
int sys_renameat2(int olddir, const char *old, int newdir, const char *new, unsigned flags);
/* Linux 2.6.16 */
int sys_unshare(int flags);
/* Linux 3.0 */
int sys_setns(int fd, int type);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_syncfs(int fd);
/* Linux 5.2. A detached copy of the mount at `path` and of those below it (open_tree(2)). */
int sys_open_tree(const char *path);
/* Linux 5.2. A new filesystem of this type, mounted nowhere yet (fsopen(2), fsmount(2)). */
int sys_mount_detached(const char *type);
/* Linux 5.2. Attaches either (move_mount(2)). */
int sys_move_mount(int tree, const char *to);
/* Whether the kernel has them at all: Linux 5.3 and 5.12, for programs that have no other way. */
bool sys_knows_clone3(void);
bool sys_knows_mount_setattr(void);

#endif
