/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment's own hostname. */
#ifndef CHROOT_HOSTNAME_H
#define CHROOT_HOSTNAME_H

#include <stddef.h>

/* Room for a name and its end (sethostname(2)). */
enum { HOSTNAME_SIZE = 65 };

/* For a process whose root is the rootfs: a UTS namespace of its own, so that nobody inside renames
 * the host, with the name that /etc/hostname has. Where the kernel has none (CONFIG_UTS_NS), or the
 * file no name, the host's stays. */
void hostname_adopt(void);

/* Pure: the first line of hostname(5)'s text that is no comment. -1 where that is no name. */
int hostname_from(const char *text, char name[HOSTNAME_SIZE]);

#endif
