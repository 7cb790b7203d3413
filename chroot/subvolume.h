/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subvolumes of btrfs: directories with a device number of their own that nobody mounted.
 * systemd-tmpfiles(8) makes /var/lib/machines and /var/lib/portables of them, LXC its containers.
 */
#ifndef CHROOT_SUBVOLUME_H
#define CHROOT_SUBVOLUME_H

#include <stdbool.h>

/* Whether the directory is the top of one, or what a snapshot shows in its place. It may be a mount
 * point as well. */
bool subvolume_is_top(int fd);
/* A snapshot may be read-only: lets its content be deleted. Best effort, the deletion will tell. */
void subvolume_make_writable(int fd);
/* Removes an empty one. 0, or -1 with errno. */
int subvolume_remove(int dir, const char *name);

#endif
