/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files environment_*.c share. */
#ifndef CHROOT_ENVIRONMENT_IMPL_H
#define CHROOT_ENVIRONMENT_IMPL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "chroot/caretaker.h"
#include "chroot/environment.h"

struct environment {
	char *path;
	int root_fd; /* the host's view of the rootfs: it does not pin the environment's mounts */
	struct stat root;
	pid_t holder;
	int64_t start_time; /* names the holder together with its pid */
	/* Of a tethered one, in the process that started it; else -1 and CARETAKER_NONE. */
	pid_t launcher;
	struct caretaker caretaker;
};

struct environment *environment_new(
	const struct rootfs *r, pid_t holder, struct error **e) must_check;
/* Whether the holder lives. A zombie does not: its namespaces are gone by then. */
bool environment_alive(const struct environment *env);

#endif
