/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory that holds a root filesystem: opened once, looked at, never followed out of. */
#ifndef CHROOT_ROOTFS_H
#define CHROOT_ROOTFS_H

#include "lib/error.h"

struct rootfs;

/* Opens PATH and finds it to be a rootfs (usr/, etc/, a shell). ERROR_ROOT with what is missing. */
struct rootfs *rootfs_open(const char *path, struct error **e) must_check;
const char *rootfs_path(const struct rootfs *r); /* absolute, resolved */
int rootfs_fd(const struct rootfs *r); /* borrowed directory descriptor */
void rootfs_free(struct rootfs *r);

#endif
