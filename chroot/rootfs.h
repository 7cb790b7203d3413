/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory that holds a root filesystem: opened once, looked at, never followed out of. */
#ifndef CHROOT_ROOTFS_H
#define CHROOT_ROOTFS_H

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/proc.h"

struct rootfs;

/* Opens PATH and finds it to be a rootfs (usr/, etc/, a shell). ERROR_ROOT with what is missing, or
 * where PATH is the running system's own root. */
struct rootfs *rootfs_open(const char *path, struct error **e) must_check;
/* Opens any directory but the running system's root, whatever it holds: for who ends what runs in a
 * damaged or half-made one. */
struct rootfs *rootfs_open_damaged(const char *path, struct error **e) must_check;
const char *rootfs_path(const struct rootfs *r); /* absolute, resolved */
int rootfs_fd(const struct rootfs *r); /* borrowed directory descriptor */
void rootfs_free(struct rootfs *r);

/* Runs `body` in a forked child whose `/` is the rootfs, in a mount namespace of its own that goes
 * with it. Starts nothing and needs no environment: for looking at packages, not for running the
 * rootfs's programs. The pid to wait for; 127 where the rootfs cannot be entered. */
pid_t rootfs_fork(const struct rootfs *r, proc_body *body, void *arg, struct error **e) must_check;

/* A directory below the root directory `fd`, no component of which is a symbolic link: its content
 * is not trusted. `make`: missing ones are made (0755). The descriptor, or -1. */
int rootfs_open_dir(int fd, const char *path, int make, struct error **e) must_check;
/* A small regular file likewise, whole, into `to`. ERROR_CONFIG when it is absent. */
int rootfs_read_file(
	int fd, const char *dir, const char *name, struct buf *to, struct error **e) must_check;

#endif
