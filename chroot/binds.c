/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/binds.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/syscalls.h"

static int usage(const char *text, const char *why, struct error **e)
{
	error_set(e, ERROR_USAGE, 0, "--bind %s: %s", text, why);
	return error_hint(e, "it is HOST:GUEST or HOST:GUEST:ro, as /sdcard:/mnt/sdcard:ro");
}

static bool has_dots(const char *path)
{
	size_t n = strlen(path);
	return strstr(path, "/../") || (n >= 3 && strcmp(path + n - 3, "/..") == 0);
}

/* Cuts ":ro" or ":rw" off. */
static bool take_mode(char *text)
{
	size_t n = strlen(text);
	bool read_only = text_has_suffix(text, ":ro");
	if (read_only || text_has_suffix(text, ":rw"))
		text[n - 3] = '\0';
	return read_only;
}

static int check_source(const char *source, struct error **e)
{
	struct stat st;
	if (stat(source, &st) < 0)
		return error_set(e, errno == ENOENT ? ERROR_CONFIG : ERROR_SYSTEM, errno,
			"--bind: %s", source);
	return 0;
}

int binds_add(struct binds *b, const char *text, struct error **e)
{
	char *auto_free copy = text_copy(text, e);
	if (!copy)
		return -1;
	bool read_only = take_mode(copy);
	char *target = strrchr(copy, ':');
	if (!target || target == copy)
		return usage(text, "two paths are wanted", e);
	*target++ = '\0';
	size_t n = strlen(target);
	while (n > 1 && target[n - 1] == '/')
		target[--n] = '\0';
	if (*target != '/' || has_dots(target) || strspn(target, "/") == n)
		return usage(text, "GUEST is to be an absolute path other than /, without ..", e);
	if (b->count == BINDS_MAX)
		return error_set(e, ERROR_USAGE, 0, "more than %d --bind", BINDS_MAX);
	if (check_source(copy, e) < 0)
		return -1;
	char *auto_free source = path_absolute(copy, e);
	char *auto_free guest = source ? text_copy(target, e) : NULL;
	if (!guest)
		return -1;
	b->items[b->count++] = (struct bind){take(&source), take(&guest), read_only};
	return 0;
}

void binds_free(struct binds *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->items[i].source);
		free(b->items[i].target);
	}
	b->count = 0;
}

int binds_refuse_covered(const struct binds *b, struct error **e)
{
	static const char *const covered[] = {"/proc", "/sys", "/dev", "/run"};
	for (size_t i = 0; i < b->count; i++)
		for (size_t k = 0; k < sizeof covered / sizeof *covered; k++) {
			const char *target = b->items[i].target;
			size_t n = strlen(covered[k]);
			if (strncmp(target, covered[k], n) != 0 || (target[n] && target[n] != '/'))
				continue;
			error_set(e, ERROR_USAGE, 0,
				"--bind: %s would be covered by the environment's own %s", target,
				covered[k]);
			return error_hint(e,
				"choose another GUEST, as /mnt%s, or give --bind to "
				"'enter'",
				target);
		}
	return 0;
}

static int make_one(int root_fd, const char *path, bool directory, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd parent = path_open_parent_inside(root_fd, path, &name, e);
	if (parent < 0)
		return -1;
	if (directory && mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		return error_set(
			e, fd_error_code(errno), errno, "mkdir %s in the environment", path);
	if (directory)
		return 0;
	int auto_fd fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno != EEXIST)
		return error_set(
			e, fd_error_code(errno), errno, "create %s in the environment", path);
	return 0;
}

/* The place to mount on, made with the directories above it where it is missing: O_PATH. */
static int open_target(int root_fd, const char *path, bool directory, struct error **e)
{
	char *auto_free copy = text_copy(path, e);
	if (!copy)
		return -1;
	for (char *p = copy + 1;; p++) {
		char kept = *p;
		if (kept != '/' && kept != '\0')
			continue;
		auto_error *why = NULL;
		*p = '\0';
		int auto_fd fd = path_open_inside(root_fd, copy, O_PATH, &why);
		if (fd >= 0 && !kept)
			return take_fd(&fd);
		if (fd < 0 && error_errno(why) != ENOENT) {
			if (e)
				*e = take(&why);
			return -1;
		}
		if (fd < 0 && make_one(root_fd, copy, kept || directory, e) < 0)
			return -1;
		*p = kept;
		/* The last one was just made: once more, to open it. */
		if (!kept)
			return path_open_inside(root_fd, copy, O_PATH, e);
	}
}

static int is_directory(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int open_fitting_target(int root_fd, const struct bind *b, bool directory, struct error **e)
{
	int auto_fd fd = open_target(root_fd, b->target, directory, e);
	if (fd < 0)
		return -1;
	if (is_directory(fd) != directory)
		return error_set(e, ERROR_CONFIG, 0,
			"--bind: one of %s and %s is a directory, "
			"the other is not",
			b->source, b->target);
	return take_fd(&fd);
}

/* A remount sets all flags: those that are there must be given again (mount(2)). */
static int make_read_only(const char *path, struct error **e)
{
	struct statvfs fs;
	if (statvfs(path, &fs) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "statvfs %s", path);
	unsigned long keep = (fs.f_flag & ST_NOSUID ? MS_NOSUID : 0) |
			     (fs.f_flag & ST_NODEV ? MS_NODEV : 0) |
			     (fs.f_flag & ST_NOEXEC ? MS_NOEXEC : 0) |
			     (fs.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
			     (fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) |
			     (fs.f_flag & ST_RELATIME ? MS_RELATIME : 0);
	if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | keep, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "make %s read-only", path);
	return 0;
}

/* MS_RDONLY of a recursive bind is for its uppermost mount alone: a card mounted below the source
 * would stay writable. `path` is where the target is now, in our own view. */
static int make_tree_read_only(const char *path, struct error **e)
{
	auto_mountinfo m = {0};
	if (mountinfo_read(&m, 0, e) < 0)
		return -1;
	size_t n = strlen(path);
	for (size_t i = 0; i < m.count; i++) {
		const char *target = m.entries[i].target;
		if (strncmp(target, path, n) == 0 && (target[n] == '/' || target[n] == '\0') &&
			make_read_only(target, e) < 0)
			return -1;
	}
	return 0;
}

/* Where the descriptor is, by the kernel: symlinks of the rootfs are resolved in it. */
static char *path_of(int fd, struct error **e)
{
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0) {
		error_set(e, ERROR_SYSTEM, errno, "readlink %s", link);
		return NULL;
	}
	path[n] = '\0';
	return text_copy(path, e);
}

static int mount_one(const struct bind *b, int root_fd, struct error **e)
{
	struct stat st;
	if (stat(b->source, &st) < 0)
		return error_set(e, ERROR_CONFIG, errno, "--bind: %s", b->source);
	int auto_fd fd = open_fitting_target(root_fd, b, S_ISDIR(st.st_mode), e);
	char *auto_free at = fd < 0 ? NULL : path_of(fd, e);
	if (!at)
		return -1;
	if (mount(b->source, at, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "bind %s at %s", b->source, b->target);
	return b->read_only ? make_tree_read_only(at, e) : 0;
}

int binds_mount(const struct binds *b, int root_fd, struct error **e)
{
	for (size_t i = 0; i < b->count; i++)
		if (mount_one(&b->items[i], root_fd, e) < 0)
			return -1;
	return 0;
}

void binds_close(int fds[BINDS_MAX])
{
	for (size_t i = 0; i < BINDS_MAX; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

int binds_open(const struct binds *b, int fds[BINDS_MAX], struct error **e)
{
	for (size_t i = 0; i < BINDS_MAX; i++)
		fds[i] = -1;
	for (size_t i = 0; i < b->count; i++) {
		fds[i] = sys_open_tree(b->items[i].source);
		if (fds[i] >= 0)
			continue;
		bool old = errno == ENOSYS;
		error_set(e, old ? ERROR_KERNEL : ERROR_SYSTEM, errno,
			"--bind: copy the mount of %s", b->items[i].source);
		if (old)
			error_hint(e, "this needs Linux 5.2; give --bind to 'alarmstrap start'");
		binds_close(fds);
		return -1;
	}
	return 0;
}

/* The copy is still a peer of what it was copied from: private first, so that nothing mounted in it
 * shows on the host (mount_namespaces(7)). */
static int attach_one(const struct bind *b, int tree, struct error **e)
{
	int auto_fd fd = open_fitting_target(AT_FDCWD, b, is_directory(tree), e);
	char *auto_free at = fd < 0 ? NULL : path_of(fd, e);
	if (!at)
		return -1;
	if (sys_move_mount(tree, at) < 0 || mount(NULL, at, NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "bind %s at %s", b->source, b->target);
	return b->read_only ? make_tree_read_only(at, e) : 0;
}

int binds_attach(const struct binds *b, int fds[BINDS_MAX], struct error **e)
{
	int result = 0;
	if (b->count && sys_unshare(CLONE_NEWNS) < 0)
		result = error_set(e, ERROR_SYSTEM, errno, "make a mount namespace");
	for (size_t i = 0; result == 0 && i < b->count; i++)
		result = attach_one(&b->items[i], fds[i], e);
	binds_close(fds);
	return result;
}
