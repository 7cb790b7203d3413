/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

struct rootfs {
	char *path;
	int fd;
};

/* The last component is not followed: a link to /usr/bin/bash would lead to the host's. */
static bool has_shell(int fd)
{
	static const char *const shells[] = {"usr/bin/sh", "usr/bin/bash", "bin/sh", "bin/bash"};
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (path_exists(fd, shells[i]))
			return true;
	return false;
}

static int refuse_own_root(int fd, const char *path, struct error **e)
{
	struct stat here, top;
	if (fstat(fd, &here) < 0 || stat("/", &top) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", path);
	if (here.st_dev == top.st_dev && here.st_ino == top.st_ino)
		return error_set(e, ERROR_ROOT, 0, "%s is the root of the running system", path);
	return 0;
}

static int look_at(int fd, const char *path, struct error **e)
{
	const char *missing = !path_exists(fd, "usr")	? "no usr/"
			      : !path_exists(fd, "etc") ? "no etc/"
			      : !has_shell(fd)		? "no shell in bin/ or usr/bin/"
							: NULL;
	if (!missing)
		return 0;
	error_set(e, ERROR_ROOT, 0, "%s holds no root filesystem: %s", path, missing);
	return error_hint(
		e, "name another ROOT, or make one there with 'alarmstrap bootstrap %s'", path);
}

struct rootfs *rootfs_open_damaged(const char *path, struct error **e)
{
	char *auto_free whole = path_absolute(path, e);
	if (!whole)
		return NULL;
	int auto_fd fd = open(whole, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		error_set(e, ERROR_ROOT, errno, "%s", whole);
		return NULL;
	}
	if (refuse_own_root(fd, whole, e) < 0)
		return NULL;
	struct rootfs *r = malloc(sizeof *r);
	if (!r) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "open %s", whole);
		return NULL;
	}
	*r = (struct rootfs){take(&whole), take_fd(&fd)};
	return r;
}

struct rootfs *rootfs_open(const char *path, struct error **e)
{
	struct rootfs *r = rootfs_open_damaged(path, e);
	if (r && look_at(r->fd, r->path, e) < 0) {
		rootfs_free(r);
		return NULL;
	}
	return r;
}

const char *rootfs_path(const struct rootfs *r)
{
	return r->path;
}

int rootfs_fd(const struct rootfs *r)
{
	return r->fd;
}

void rootfs_free(struct rootfs *r)
{
	if (!r)
		return;
	close(r->fd);
	free(r->path);
	free(r);
}

int rootfs_open_dir(int fd, const char *path, int make, struct error **e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	auto_strings parts = {0};
	int auto_fd at = openat(fd, ".", flags);
	if (at < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open the root directory");
	if (strings_split(&parts, path, "/", e) < 0)
		return -1;
	for (size_t i = 0; i < parts.count; i++) {
		if (strcmp(parts.items[i], "..") == 0)
			return error_set(e, ERROR_ROOT, 0, "'%s' leads out of the root", path);
		if (make && mkdirat(at, parts.items[i], 0755) < 0 && errno != EEXIST)
			return error_set(e, fd_error_code(errno), errno, "mkdir %s in %s",
				parts.items[i], path);
		int next = openat(at, parts.items[i], flags);
		if (next < 0)
			return error_set(e, errno == ENOENT ? ERROR_CONFIG : ERROR_SYSTEM, errno,
				"open %s in %s", parts.items[i], path);
		close(at);
		at = next;
	}
	return take_fd(&at);
}

int rootfs_read_file(int fd, const char *dir, const char *name, struct buf *to, struct error **e)
{
	int auto_fd at = rootfs_open_dir(fd, dir, 0, e);
	if (at < 0)
		return -1;
	/* Without O_NONBLOCK a fifo would hold us for ever. */
	int auto_fd file = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	if (file < 0 || fstat(file, &st) < 0)
		return error_set(e, errno == ENOENT ? ERROR_CONFIG : ERROR_SYSTEM, errno,
			"open %s/%s", dir, name);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_CONFIG, 0, "%s/%s is no regular file", dir, name);
	if (fd_read_all(file, to, e) < 0)
		return error_wrap(e, "%s/%s", dir, name);
	return 0;
}
