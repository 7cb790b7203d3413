/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/environment.h"
#include "chroot/tree.h"
#include "containers/lxcpath.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/syscalls.h"
#include "lib/text.h"

enum { NO_REPLACE = 1 }; /* renameat2(2)'s RENAME_NOREPLACE */

struct container_staging {
	int lxc; /* LXC's directory */
	int fd; /* ours in it; -1 once it is committed. Has the lock. */
	int rootfs, download;
	char *name; /* of the container */
	char *own_name; /* of our directory */
	char *path; /* of rootfs/, on the host */
	char *inside; /* where rootfs/ will lie, in the environment */
};

static int exists(const char *name, struct error **e)
{
	error_set(e, ERROR_CONTAINER, 0, "there is a container '%s' already", name);
	return error_hint(e,
		"choose another name, or delete it first: alarmstrap container "
		"delete ROOT %s",
		name);
}

int container_refuse_existing(const struct rootfs *root, const char *name, struct error **e)
{
	char *auto_free lxcpath = lxcpath_find(rootfs_fd(root), e);
	int auto_fd lxc = lxcpath ? lxcpath_open(rootfs_fd(root), lxcpath, e) : -1;
	char *auto_free config = lxc < 0 ? NULL : text_format(e, "%s/config", name);
	char *auto_free partial = config ? text_format(e, "%s/partial", name) : NULL;
	/* lxc-create leaves a file `partial` where it was cut off: no container yet. */
	int there = partial ? path_look(lxc, config, e) : -1;
	int cut_off = there > 0 ? path_look(lxc, partial, e) : 0;
	if (there < 0 || cut_off < 0)
		return -1;
	return there && !cut_off ? exists(name, e) : 0;
}

/* The holder of one that was killed dies with it; what it left in cgroups goes here. */
static int sweep(const char *path, struct report *report, struct error **e)
{
	auto_error *gone = NULL;
	struct rootfs *r = rootfs_open_damaged(path, &gone);
	int swept = r ? environment_sweep(r, report, e) : 0;
	rootfs_free(r);
	return swept < 0 ? -1 : 0;
}

static char *path_of(int fd, const char *name, struct error **e)
{
	char link[64], real[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n < 0) {
		error_set(e, ERROR_SYSTEM, errno, "%s", link);
		return NULL;
	}
	real[n] = '\0';
	return path_join(real, name, e);
}

/* Between open and lock it may have been committed: the lock is then on a finished container. */
static bool is_named(int fd, int dir, const char *name)
{
	struct stat locked, named;
	return fstat(fd, &locked) == 0 && fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static int lock(struct container_staging *s, struct error **e)
{
	if (mkdirat(s->lxc, s->own_name, 0700) < 0 && errno != EEXIST)
		return error_set(e, fd_error_code(errno), errno, "mkdir %s", s->own_name);
	s->fd = path_open_dir(s->lxc, s->own_name, e);
	if (s->fd < 0)
		return -1;
	bool locked = flock(s->fd, LOCK_EX | LOCK_NB) == 0;
	int errnum = errno;
	if (locked && is_named(s->fd, s->lxc, s->own_name))
		return 0;
	bool busy = locked || errnum == EWOULDBLOCK;
	close(s->fd);
	s->fd = -1;
	return error_set(e, busy ? ERROR_BUSY : ERROR_SYSTEM, busy ? 0 : errnum,
		"container '%s' is being made by another process", s->name);
}

static int make(struct container_staging *s, struct report *report, struct error **e)
{
	s->path = path_of(s->fd, "rootfs", e);
	if (!s->path || sweep(s->path, report, e) < 0 ||
		tree_delete(s->fd, "rootfs", NULL, e) < 0 ||
		tree_delete(s->fd, "download", NULL, e) < 0 ||
		path_make_dirs(s->fd, "rootfs", 0755, e) < 0 ||
		path_make_dirs(s->fd, "download", 0700, e) < 0)
		return -1;
	s->rootfs = path_open_dir(s->fd, "rootfs", e);
	s->download = s->rootfs < 0 ? -1 : path_open_dir(s->fd, "download", e);
	return s->download < 0 ? -1 : 0;
}

static int open_lxc(struct container_staging *s, const struct rootfs *root, struct error **e)
{
	char *auto_free lxcpath = lxcpath_find(rootfs_fd(root), e);
	s->own_name = text_format(e, ".%s.new", s->name);
	s->inside = lxcpath ? text_format(e, "%s/%s/rootfs", lxcpath, s->name) : NULL;
	if (!s->own_name || !s->inside)
		return -1;
	s->lxc = lxcpath_open(rootfs_fd(root), lxcpath, e);
	return s->lxc < 0 ? -1 : 0;
}

/* Nothing of it is made yet. */
static struct container_staging *look(
	const struct rootfs *root, const char *name, struct report *report, struct error **e)
{
	struct container_staging *s = calloc(1, sizeof *s);
	if (!s) {
		error_set(e, ERROR_SYSTEM, errno, "container %s", name);
		return NULL;
	}
	*s = (struct container_staging){.lxc = -1, .fd = -1, .rootfs = -1, .download = -1};
	s->name = text_copy(name, e);
	if (s->name && open_lxc(s, root, e) == 0)
		return s;
	container_staging_free(s, report);
	return NULL;
}

static int begin(struct container_staging *s, struct report *report, struct error **e)
{
	int there = path_look(s->lxc, s->name, e);
	if (there)
		return there < 0 ? -1 : exists(s->name, e);
	return lock(s, e) < 0 ? -1 : make(s, report, e);
}

struct container_staging *container_staging_open(
	const struct rootfs *root, const char *name, struct report *report, struct error **e)
{
	struct container_staging *s = look(root, name, report, e);
	if (!s || begin(s, report, e) == 0)
		return s;
	container_staging_free(s, report);
	return NULL;
}

int container_staging_sweep(
	const struct rootfs *root, const char *name, struct report *report, struct error **e)
{
	struct container_staging *s = look(root, name, report, e);
	if (!s)
		return -1;
	int there = path_look(s->lxc, s->own_name, e);
	if (there > 0 && lock(s, e) < 0)
		there = -1;
	if (there > 0) {
		s->path = path_of(s->fd, "rootfs", e);
		if (!s->path || sweep(s->path, report, e) < 0)
			there = -1;
	}
	container_staging_free(s, report); /* deletes what it has locked */
	return there;
}

const char *container_staging_rootfs(const struct container_staging *s)
{
	return s->path;
}

const char *container_staging_rootfs_inside(const struct container_staging *s)
{
	return s->inside;
}

int container_staging_rootfs_fd(const struct container_staging *s)
{
	return s->rootfs;
}

int container_staging_download_fd(const struct container_staging *s)
{
	return s->download;
}

/* Before Linux 3.15, and on filesystems that do not know it, a plain rename: NAME was looked for,
 * and a directory that is not empty is not replaced. */
static int rename_it(const struct container_staging *s)
{
	if (sys_renameat2(s->lxc, s->own_name, s->lxc, s->name, NO_REPLACE) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -1;
	return renameat(s->lxc, s->own_name, s->lxc, s->name);
}

int container_staging_commit(struct container_staging *s, const struct buf *config,
	const struct container_idmap *map, struct error **e)
{
	gid_t group = map->count ? map->base : 0;
	if (tree_delete(s->fd, "download", NULL, e) < 0 ||
		path_write_file(s->fd, "config", 0640, config->data, config->length, e) < 0)
		return -1;
	if (fchown(s->fd, 0, group) < 0 || fchmod(s->fd, map->count ? 0710 : 0700) < 0)
		return error_set(e, fd_error_code(errno), errno, "container %s", s->name);
	/* What was written must last before its name does. */
	if (sys_syncfs(s->fd) < 0)
		return error_set(e, fd_error_code(errno), errno, "sync container %s", s->name);
	if (rename_it(s) < 0)
		return errno == EEXIST || errno == ENOTEMPTY
			       ? exists(s->name, e)
			       : error_set(e, ERROR_SYSTEM, errno, "name container %s", s->name);
	close(s->fd);
	s->fd = -1;
	return path_sync_dir(s->lxc, e);
}

void container_staging_free(struct container_staging *s, struct report *report)
{
	auto_error *e = NULL;
	if (!s)
		return;
	if (s->fd >= 0 && tree_delete(s->lxc, s->own_name, NULL, &e) < 0)
		report_warn(report, "%s", error_message(e));
	int fds[] = {s->fd, s->rootfs, s->download, s->lxc};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(s->name);
	free(s->own_name);
	free(s->path);
	free(s->inside);
	free(s);
}
