/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/subvolume.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of linux/btrfs_tree.h: BTRFS_FIRST_FREE_OBJECTID, the inode of each one's top, and
 * BTRFS_EMPTY_SUBVOL_DIR_OBJECTID, an empty directory that a snapshot shows in place of one. */
enum { TOP_INODE = 256, PLACEHOLDER_INODE = 2 };

bool subvolume_is_top(int fd)
{
	struct stat st;
	struct statfs fs;
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode) || fstatfs(fd, &fs) < 0)
		return false;
	return (unsigned long)fs.f_type == BTRFS_SUPER_MAGIC &&
	       (st.st_ino == TOP_INODE || st.st_ino == PLACEHOLDER_INODE);
}

void subvolume_make_writable(int fd)
{
	uint64_t flags;
	if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0 || !(flags & BTRFS_SUBVOL_RDONLY))
		return;
	flags &= ~(uint64_t)BTRFS_SUBVOL_RDONLY;
	if (ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) < 0)
		return;
}

int subvolume_remove(int dir, const char *name)
{
	struct btrfs_ioctl_vol_args args = {0};
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 0;
	/* Before Linux 4.18 rmdir(2) refused them. */
	if (errno != EPERM)
		return -1;
	int length = snprintf(args.name, sizeof args.name, "%s", name);
	if (length < 0 || (size_t)length >= sizeof args.name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return ioctl(dir, BTRFS_IOC_SNAP_DESTROY, &args) < 0 ? -1 : 0;
}
