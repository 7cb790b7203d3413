/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "chroot/subvolume.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/text.h"

/* A directory deeper than this is renamed up into the top one and deleted from there: descriptors
 * and stack stay bounded however deep somebody made the tree. */
enum { DEPTH_MAX = 64, NAMES_MAX = 1000 };
/* Subvolumes in each other: no name can be moved up out of one. */
enum { NESTED_MAX = 6 };
enum { OPEN_DIR = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

struct walk {
	long mount_id; /* of the tree; -1: this kernel does not tell */
	dev_t device; /* of the subvolume, where there are such */
	int nested; /* subvolumes that we are in */
	int top; /* the top directory, -1 before it is open */
	unsigned moved; /* for names there */
	struct tree_deleted done;
};

static int refuse_mounts(int parent_fd, const char *name, struct error **e)
{
	char link[64], parent[PATH_MAX];
	snprintf(link, sizeof link, "/proc/self/fd/%d", parent_fd);
	ssize_t n = readlink(link, parent, sizeof parent - 1);
	if (n <= 0 || parent[0] != '/')
		return error_set(e, ERROR_SYSTEM, n < 0 ? errno : ENAMETOOLONG,
			"find out where %s lies", name);
	parent[n] = '\0';
	auto_mountinfo mounts = {0};
	char *auto_free path = path_join(parent, name, e);
	if (!path || mountinfo_read(&mounts, 0, e) < 0)
		return -1;
	const struct mountinfo_entry *m = mountinfo_below(&mounts, path);
	if (!m)
		return 0;
	error_set(e, ERROR_BUSY, 0, "%s is not deleted: %s (%s) is mounted at %s", path, m->source,
		m->type, m->target);
	return error_hint(e, "run 'umount %s' first", m->target);
}

static bool is_immutable(int fd)
{
	int flags = 0; /* the kernel writes an int, whatever the macro says (ioctl_iflags(2)) */
	return fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
	       (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL));
}

static int cannot_delete(int dir, const char *name, int errnum, struct error **e)
{
	int auto_fd fd = -1;
	error_set(e, errnum == EBUSY ? ERROR_BUSY : ERROR_SYSTEM, errnum, "delete %s", name);
	if (errnum != EPERM)
		return -1;
	/* Of a device or a fifo the flags cannot be asked without opening it, and need not be. */
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (is_immutable(fd) || is_immutable(dir))
		error_hint(e, "it or its directory is immutable or append-only: 'chattr -R -i -a' "
			      "on it, then run the same command again");
	return -1;
}

static int delete_file(struct walk *w, int dir, const char *name, struct error **e)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : cannot_delete(dir, name, errno, e);
	if (unlinkat(dir, name, 0) < 0)
		return errno == ENOENT ? 0 : cannot_delete(dir, name, errno, e);
	w->done.entries++;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1)
		w->done.bytes += (uint64_t)st.st_blocks * 512; /* stat(2)'s unit */
	return 0;
}

/* Somebody may mount below while we walk. 1: of the tree's own mount, but a subvolume. */
static int check_mount(const struct walk *w, int fd, const char *name, struct error **e)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", name);
	bool mounted = w->mount_id >= 0 && mountinfo_id_of(fd) != w->mount_id;
	if (!mounted && st.st_dev == w->device)
		return 0;
	if (!mounted && w->mount_id >= 0 && subvolume_is_top(fd))
		return 1;
	return error_set(e, ERROR_BUSY, 0,
		"%s lies on another mount or filesystem: nothing in it is deleted", name);
}

static int delete_entry(struct walk *w, int dir, const char *name, int depth, struct error **e);

/* 1 an entry went, 0 all were gone already, -1 error. */
static int delete_content(struct walk *w, int fd, int depth, struct error **e)
{
	int again = openat(fd, ".", OPEN_DIR), result = 0;
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir) {
		if (again >= 0)
			close(again);
		return error_set(e, ERROR_SYSTEM, errno, "read directory");
	}
	for (struct dirent *d; result >= 0 && (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		result = delete_entry(w, fd, d->d_name, depth + 1, e) < 0 ? -1 : 1;
	}
	closedir(dir);
	return result;
}

/* The name is tried until none of the same is in the way; an empty directory of that name may be
 * replaced (rename(2)). */
static int move_up(struct walk *w, int dir, const char *name, struct error **e)
{
	for (unsigned i = 0; i < NAMES_MAX; i++) {
		char up[64];
		snprintf(up, sizeof up, ".deep-%u", w->moved++);
		if (renameat(dir, name, w->top, up) == 0)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
			break;
	}
	return cannot_delete(dir, name, errno, e);
}

/* A directory that we are about to empty: NAME in `dir`, open as `fd`. */
struct opened {
	int dir;
	const char *name;
	int fd;
	int depth;
};

static int remove_opened(const struct walk *w, const struct opened *d)
{
	if (d->depth == 0 && w->nested)
		return subvolume_remove(d->dir, d->name);
	return unlinkat(d->dir, d->name, AT_REMOVEDIR);
}

/* POSIX leaves open what readdir says of a directory that changes: read again until it is empty. */
static int empty_and_remove(struct walk *w, const struct opened *d, struct error **e)
{
	for (;;) {
		int went = delete_content(w, d->fd, d->depth, e);
		if (went < 0)
			return error_wrap(e, "%s", d->name);
		if (remove_opened(w, d) == 0 || errno == ENOENT)
			break;
		if (!went || (errno != ENOTEMPTY && errno != EEXIST))
			return cannot_delete(d->dir, d->name, errno, e);
	}
	w->done.entries++;
	return 0;
}

/* A tree of its own: nothing can be renamed out of it. */
static int delete_subvolume(struct walk *w, const struct opened *d, struct error **e)
{
	const struct opened top = {d->dir, d->name, d->fd, 0};
	struct walk inner = *w;
	struct stat st;
	if (w->nested == NESTED_MAX) {
		error_set(e, ERROR_SYSTEM, 0, "%s: more than %d subvolumes in each other", d->name,
			NESTED_MAX);
		return error_hint(e, "delete some of them with 'btrfs subvolume delete'");
	}
	if (fstat(d->fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", d->name);
	inner.nested++;
	inner.device = st.st_dev;
	inner.top = d->fd;
	subvolume_make_writable(d->fd);
	int r = empty_and_remove(&inner, &top, e);
	w->done = inner.done;
	return r;
}

static int delete_directory(struct walk *w, int dir, const char *name, int depth, struct error **e)
{
	int auto_fd fd = openat(dir, name, OPEN_DIR);
	if (fd < 0)
		return errno == ENOENT ? 0 : cannot_delete(dir, name, errno, e);
	int subvolume = check_mount(w, fd, name, e);
	if (subvolume < 0)
		return -1;
	if (depth > DEPTH_MAX)
		return move_up(w, dir, name, e);
	const struct opened d = {dir, name, fd, depth};
	if (subvolume)
		return delete_subvolume(w, &d, e);
	if (depth == 0)
		w->top = fd;
	return empty_and_remove(w, &d, e);
}

static int delete_entry(struct walk *w, int dir, const char *name, int depth, struct error **e)
{
	struct stat st;
	if (interrupt_check(e) < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : cannot_delete(dir, name, errno, e);
	return S_ISDIR(st.st_mode) ? delete_directory(w, dir, name, depth, e)
				   : delete_file(w, dir, name, e);
}

int tree_delete(int parent_fd, const char *name, struct tree_deleted *deleted, struct error **e)
{
	struct walk w = {.top = -1};
	struct stat st;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(e, ERROR_ROOT, 0, "'%s' cannot be deleted", name);
	if (fstat(parent_fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "delete %s", name);
	if (refuse_mounts(parent_fd, name, e) < 0)
		return -1;
	w.device = st.st_dev;
	w.mount_id = mountinfo_id_of(parent_fd);
	if (delete_entry(&w, parent_fd, name, 0, e) < 0)
		return -1;
	if (deleted)
		*deleted = w.done;
	return 0;
}
