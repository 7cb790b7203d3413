/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/text.h"

char *path_join(const char *a, const char *b, struct error **e)
{
	const char *slash = text_has_suffix(a, "/") || b[0] == '/' ? "" : "/";
	return text_format(e, "%s%s%s", a, slash, b);
}

static void cut_trailing_slashes(char *path)
{
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
}

char *path_absolute(const char *path, struct error **e)
{
	if (!*path) {
		error_set(e, ERROR_USAGE, 0, "the path is empty");
		error_hint(e, "name a directory, such as /data/alarm");
		return NULL;
	}
	char *whole = realpath(path, NULL);
	if (whole)
		return whole;
	if (errno != ENOENT) {
		error_set(e, ERROR_ROOT, errno, "%s", path);
		return NULL;
	}
	char *auto_free copy = text_copy(path, e);
	if (!copy)
		return NULL;
	cut_trailing_slashes(copy);
	char *slash = strrchr(copy, '/');
	const char *name = slash ? slash + 1 : copy;
	if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0) {
		error_set(e, ERROR_ROOT, ENOENT, "%s", path);
		return NULL;
	}
	char *auto_free last = text_copy(name, e);
	if (!last)
		return NULL;
	if (slash)
		*slash = '\0';
	char *auto_free parent = realpath(!slash ? "." : *copy ? copy : "/", NULL);
	if (!parent) {
		error_set(e, ERROR_ROOT, errno, "%s", slash ? copy : ".");
		return NULL;
	}
	return path_join(parent, last, e);
}

int path_split(const char *path, char **parent, char **name, struct error **e)
{
	const char *slash = strrchr(path, '/');
	if (!slash || !slash[1])
		return error_set(e, ERROR_ROOT, 0, "'%s' cannot be used", path);
	char *front = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	char *back = strdup(slash + 1);
	if (!front || !back) {
		free(front);
		free(back);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "path");
	}
	*parent = front;
	*name = back;
	return 0;
}

int path_make_dirs(int dirfd, const char *path, mode_t mode, struct error **e)
{
	char *auto_free copy = text_copy(path, e);
	if (!copy)
		return -1;
	for (char *p = copy + 1;; p++) {
		if (*p && *p != '/')
			continue;
		char c = *p;
		*p = '\0';
		if (mkdirat(dirfd, copy, mode) < 0 && errno != EEXIST)
			return error_set(e, fd_error_code(errno), errno, "mkdir %s", copy);
		*p = c;
		if (!c)
			return 0;
	}
}

int path_open_dir(int dirfd, const char *path, struct error **e)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		error_set(e, ERROR_SYSTEM, errno, "open directory %s", path);
	return fd;
}

int path_dir_is_empty(int fd, struct error **e)
{
	int auto_fd again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_set(e, ERROR_SYSTEM, errno, "read directory");
	take_fd(&again);
	int empty = 1;
	errno = 0; /* only so an end differs from a failure (readdir(3)) */
	for (struct dirent *d; empty && (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			empty = 0;
	int failed = empty ? errno : 0;
	closedir(dir);
	return failed ? error_set(e, ERROR_SYSTEM, failed, "read directory") : empty;
}

int path_read_file(int dirfd, const char *path, struct buf *to, struct error **e)
{
	int auto_fd fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(
			e, errno == ENOENT ? ERROR_CONFIG : ERROR_SYSTEM, errno, "open %s", path);
	if (fd_read_all(fd, to, e) < 0)
		return error_wrap(e, "%s", path);
	return 0;
}

int path_sync_dir(int fd, struct error **e)
{
	/* Some filesystems (FUSE) cannot fsync a directory and say EINVAL. */
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		return error_set(e, fd_error_code(errno), errno, "sync directory");
	return 0;
}

static int write_part(
	int dirfd, const char *part, mode_t mode, const void *data, size_t length, struct error **e)
{
	int auto_fd fd =
		openat(dirfd, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", part);
	if (fchmod(fd, mode) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chmod %s", part);
	if (fd_write_all(fd, data, length, e) < 0 || fd_close_synced(&fd, e) < 0)
		return error_wrap(e, "%s", part);
	return 0;
}

static int sync_parent(int dirfd, const char *path, struct error **e)
{
	char *auto_free copy = text_copy(path, e);
	if (!copy)
		return -1;
	char *slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	int auto_fd parent = openat(dirfd, slash ? copy : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open directory of %s", path);
	return path_sync_dir(parent, e);
}

int path_write_file(
	int dirfd, const char *path, mode_t mode, const void *data, size_t length, struct error **e)
{
	char *auto_free part = text_format(e, "%s.part", path);
	if (!part)
		return -1;
	if (write_part(dirfd, part, mode, data, length, e) < 0) {
		unlinkat(dirfd, part, 0);
		return -1;
	}
	if (renameat(dirfd, part, dirfd, path) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "rename %s to %s", part, path);
		unlinkat(dirfd, part, 0);
		return -1;
	}
	return sync_parent(dirfd, path, e);
}

int path_look(int dirfd, const char *path, struct error **e)
{
	struct stat st;
	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0
						   : error_set(e, ERROR_SYSTEM, errno, "%s", path);
}

bool path_exists(int dirfd, const char *path)
{
	struct stat st;
	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
