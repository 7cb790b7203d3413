/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a container comes into being: beside the others, and all at once.
 *
 * LXC takes every directory of its path that has a file `config` for a container, but for names
 * that begin with a dot. So ROOT/LXCPATH/.NAME.new holds rootfs/ and download/ while it is made
 * (mode 0700, locked); on commit it gets its `config` and is renamed to NAME. What is cut off is
 * deleted by the next run for the same name. */
#ifndef CONTAINERS_STAGING_H
#define CONTAINERS_STAGING_H

#include "chroot/rootfs.h"
#include "containers/idmap.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/report.h"

struct container_staging;

/* ERROR_CONTAINER where NAME is there already, ERROR_BUSY where another run makes it. */
struct container_staging *container_staging_open(const struct rootfs *root, const char *name,
	struct report *report, struct error **e) must_check;
/* Borrowed. The rootfs as this mount namespace shows it, and as the environment will. */
const char *container_staging_rootfs(const struct container_staging *s);
const char *container_staging_rootfs_inside(const struct container_staging *s);
int container_staging_rootfs_fd(const struct container_staging *s);
/* The directory for downloads; deleted with the commit. */
int container_staging_download_fd(const struct container_staging *s);
/* Writes the configuration and makes it NAME. Only root of the container may look into it beside
 * root: programs in it that are setuid are no business of the environment's users. */
int container_staging_commit(struct container_staging *s, const struct buf *config,
	const struct container_idmap *map, struct error **e) must_check;
/* Deletes what was not committed; unlocks, frees. */
void container_staging_free(struct container_staging *s, struct report *report);

/* Deletes what a run that was cut off left of a container of that name: 1, or 0 where there is
 * nothing. ERROR_BUSY where one is at work. */
int container_staging_sweep(const struct rootfs *root, const char *name, struct report *report,
	struct error **e) must_check;

/* ERROR_CONTAINER where there is a container of the name. */
int container_refuse_existing(
	const struct rootfs *root, const char *name, struct error **e) must_check;

#endif
