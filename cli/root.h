/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verbs on a finished ROOT have in common. */
#ifndef CLI_ROOT_H
#define CLI_ROOT_H

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/report.h"

/* A rootfs and the environment that is up on it; `environment` NULL where none is. */
struct root {
	struct rootfs *rootfs;
	struct environment *environment;
};

/* ERROR_PRIVILEGE unless we are root. */
int root_open(const char *path, struct root *root, struct error **e) must_check;
/* The same, and ERROR_ROOT with the remedy where no environment is up. */
int root_open_running(const char *path, struct root *root, struct error **e) must_check;
/* Where no environment is up, starts it, and the containers that come back with it. */
int root_bring_up(struct root *root, struct report *report, struct error **e) must_check;
void root_close(struct root *root);
#define auto_root __attribute__((cleanup(root_close))) struct root

#endif
