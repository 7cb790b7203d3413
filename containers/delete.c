/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting a container: by chroot/tree, which never goes through a mount. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "chroot/tree.h"
#include "containers/containers.h"
#include "containers/lxc.h"
#include "containers/lxcpath.h"
#include "containers/staging.h"
#include "lib/fd.h"
#include "lib/path.h"

/* tree_delete sees the mounts of our own namespace. The environment's are others: what somebody
 * bound into the rootfs there would lose its mount point, and maybe nobody knows why. */
static int refuse_mounts_inside(
	const struct environment *env, const char *lxcpath, const char *name, struct error **e)
{
	auto_mountinfo mounts = {0};
	char *auto_free path = text_format(e, "%s/%s", lxcpath, name);
	if (!path || mountinfo_read(&mounts, (int)environment_holder(env), e) < 0)
		return -1;
	const struct mountinfo_entry *m = mountinfo_below(&mounts, path);
	if (!m)
		return 0;
	error_set(e, ERROR_BUSY, 0,
		"container '%s' is not deleted: %s (%s) is mounted at %s in the environment", name,
		m->source, m->type, m->target);
	return error_hint(e, "alarmstrap enter %s -- umount %s", environment_path(env), m->target);
}

/* What is renamed is no container any more, whatever happens next; and what a run that was cut off
 * left goes, too. */
static int delete_below(int lxc, const char *name, struct tree_deleted *deleted, struct error **e)
{
	char *auto_free aside = text_format(e, ".%s.gone", name);
	if (!aside || tree_delete(lxc, aside, NULL, e) < 0)
		return -1;
	if (renameat(lxc, name, lxc, aside) < 0)
		return errno == ENOENT ? container_no_such(name, e)
				       : error_set(e, ERROR_SYSTEM, errno, "container %s", name);
	auto_error *why = NULL;
	if (tree_delete(lxc, aside, deleted, &why) == 0)
		return 0;
	/* Refused before anything was deleted: it is the container that it was. */
	if (error_code(why) == ERROR_BUSY && renameat(lxc, aside, lxc, name) < 0)
		error_hint(&why, "it lies in %s now", aside);
	if (e)
		*e = take(&why);
	return -1;
}

static int stop_it(const struct environment *env, const char *name, struct error **e)
{
	char state[LXC_STATE];
	int there = lxc_state(env, name, state, e);
	if (there <= 0)
		return there; /* not one that LXC knows: what lies there can go */
	return container_stop(env, name, e);
}

/* One whose making, or whose deletion, was cut off. */
static int delete_half(const struct rootfs *root, int lxc, const char *name, struct report *report,
	struct error **e)
{
	char *auto_free aside = text_format(e, ".%s.gone", name);
	int left = aside ? path_look(lxc, aside, e) : -1;
	int swept = left < 0 ? -1 : container_staging_sweep(root, name, report, e);
	if (swept < 0 || (left && tree_delete(lxc, aside, NULL, e) < 0))
		return -1;
	if (!swept && !left)
		return container_no_such(name, e);
	report_note(report,
		"container %s was half made or half deleted; what there was of it is "
		"deleted",
		name);
	return 0;
}

int container_delete(const struct rootfs *root, const struct environment *env, const char *name,
	struct report *report, struct error **e)
{
	struct tree_deleted deleted = {0};
	char size[32];
	if (container_check_name(name, e) < 0)
		return -1;
	char *auto_free lxcpath = lxcpath_find(rootfs_fd(root), e);
	int auto_fd lxc = lxcpath ? lxcpath_open(rootfs_fd(root), lxcpath, e) : -1;
	int there = lxc < 0 ? -1 : path_look(lxc, name, e);
	if (there < 0)
		return -1;
	if (!there)
		return delete_half(root, lxc, name, report, e);
	if (env && (refuse_mounts_inside(env, lxcpath, name, e) < 0 || stop_it(env, name, e) < 0))
		return -1;
	if (delete_below(lxc, name, &deleted, e) < 0)
		return error_wrap(e, "delete container %s", name);
	text_size(size, sizeof size, deleted.bytes);
	report_note(report, "container %s is deleted: %s", name, size);
	return 0;
}
