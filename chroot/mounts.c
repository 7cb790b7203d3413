/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "chroot/notice.h"
#include "chroot/spare.h"
#include "lib/fd.h"
#include "lib/syscalls.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define DIRECTORY(path, bits)                                                                      \
	{                                                                                          \
		.act = MOUNTS_DIRECTORY, .target = (path), .mode = (bits)                          \
	}
#define NODE(path, a, b)                                                                           \
	{                                                                                          \
		.act = MOUNTS_NODE, .target = (path), .mode = 0666, .major = (a), .minor = (b)     \
	}
#define LINK(path, to)                                                                             \
	{                                                                                          \
		.act = MOUNTS_LINK, .target = (path), .what = (to)                                 \
	}
#define MOUNT(path, type, bits, options, ...)                                                      \
	{                                                                                          \
		.act = MOUNTS_MOUNT, .target = (path), .what = (type), .flags = (bits),            \
		.data = (options), .kernel = __VA_ARGS__                                           \
	}

/* Device numbers: Documentation/admin-guide/devices.txt of the kernel. gid 5 is `tty` everywhere;
 * without it programs that open a pty as a user cannot (grantpt(3)). */
const struct mounts_step mounts_environment[] = {
	DIRECTORY("/proc", 0555),
	MOUNT("/proc", "proc", QUIET, NULL, "CONFIG_PROC_FS"),
	DIRECTORY("/sys", 0555),
	MOUNT("/sys", "sysfs", QUIET, NULL, "CONFIG_SYSFS"),
	DIRECTORY("/dev", 0755),
	MOUNT("/dev", "tmpfs", MS_NOSUID, "mode=755", "CONFIG_TMPFS"),
	NODE("/dev/null", 1, 3),
	NODE("/dev/zero", 1, 5),
	NODE("/dev/full", 1, 7),
	NODE("/dev/random", 1, 8),
	NODE("/dev/urandom", 1, 9),
	NODE("/dev/tty", 5, 0),
	LINK("/dev/fd", "/proc/self/fd"),
	LINK("/dev/stdin", "/proc/self/fd/0"),
	LINK("/dev/stdout", "/proc/self/fd/1"),
	LINK("/dev/stderr", "/proc/self/fd/2"),
	DIRECTORY("/dev/pts", 0755),
	MOUNT("/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		"newinstance,ptmxmode=0666,mode=0620,gid=5", "CONFIG_UNIX98_PTYS"),
	MOUNT("/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620",
		"CONFIG_DEVPTS_MULTIPLE_INSTANCES", .otherwise = true),
	LINK("/dev/ptmx", "pts/ptmx"),
	DIRECTORY("/dev/shm", 01777),
	MOUNT("/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777", "CONFIG_TMPFS"),
	DIRECTORY("/dev/mqueue", 01777),
	MOUNT("/dev/mqueue", "mqueue", QUIET, NULL, "CONFIG_POSIX_MQUEUE", .optional = true),
	DIRECTORY("/run", 0755),
	MOUNT("/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755", "CONFIG_TMPFS"),
	DIRECTORY("/run/lock", 01777),
};
const size_t mounts_environment_count = sizeof mounts_environment / sizeof *mounts_environment;

static int fail(const struct mounts_step *s, const char *verb, struct error **e)
{
	return error_set(
		e, fd_error_code(errno), errno, "%s %s in the environment", verb, s->target);
}

/* After EPERM. */
static int use_spare(const struct spare *spare, const struct mounts_step *s, size_t i)
{
	if (errno != EPERM || !spare)
		return -1;
	if (s->act == MOUNTS_NODE) {
		int fd = open(s->target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		close(fd);
	}
	int result = spare_use(spare, i, s->target);
	if (result < 0)
		errno = EPERM; /* the cause */
	return result;
}

static int walk_mount(
	const struct mounts_step *s, const struct spare *spare, size_t i, struct error **e)
{
	if (mount(s->what, s->target, s->what, s->flags, s->data) == 0 ||
		use_spare(spare, s, i) == 0)
		return 0;
	/* ENODEV: no such filesystem. devpts says EINVAL for an option it was built without. */
	bool lacking = errno == ENODEV || (errno == EINVAL && s->otherwise);
	error_set(e, lacking ? ERROR_KERNEL : ERROR_SYSTEM, errno,
		"mount %s on %s in the environment", s->what, s->target);
	if (lacking)
		error_hint(e, "this kernel lacks %s: build or choose one that has it", s->kernel);
	return -1;
}

/* mkdir, mknod and chmod apart: the mode must not pass through a umask. */
static int walk_step(
	const struct mounts_step *s, const struct spare *spare, size_t i, struct error **e)
{
	switch (s->act) {
	case MOUNTS_MOUNT:
		return walk_mount(s, spare, i, e);
	case MOUNTS_DIRECTORY:
		if (mkdir(s->target, s->mode) == 0)
			return chmod(s->target, s->mode) < 0 ? fail(s, "chmod", e) : 0;
		return errno == EEXIST ? 0 : fail(s, "mkdir", e);
	case MOUNTS_NODE:
		if (mknod(s->target, S_IFCHR | s->mode, makedev(s->major, s->minor)) == 0)
			return chmod(s->target, s->mode) < 0 ? fail(s, "chmod", e) : 0;
		return errno == EEXIST || use_spare(spare, s, i) == 0 ? 0 : fail(s, "mknod", e);
	case MOUNTS_LINK:
		if (symlink(s->what, s->target) == 0)
			return 0;
		return errno == EEXIST ? 0 : fail(s, "symlink", e);
	}
	return error_set(e, ERROR_SYSTEM, EINVAL, "mount step %d", s->act);
}

int mounts_walk(const struct mounts_step *steps, size_t count, const struct spare *spare,
	int notice_fd, struct error **e)
{
	for (size_t i = 0; i < count; i++) {
		auto_error *why = NULL;
		if (walk_step(&steps[i], spare, i, &why) == 0) {
			while (i + 1 < count && steps[i + 1].otherwise)
				i++;
			continue;
		}
		if (i + 1 < count && steps[i + 1].otherwise)
			continue;
		if (!steps[i].optional) {
			if (e)
				*e = take(&why);
			return -1;
		}
		notice_note(notice_fd, "%s", error_message(why));
	}
	return 0;
}

int mounts_make_private(struct error **e)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	/* Else everything below would appear on the host: no way around it. */
	error_set(e, ERROR_SYSTEM, errno, "make the mounts private");
	return error_hint(e, "/ must be a mount point: do not run this from within a plain chroot");
}

static int same_directory(const char *path, int fd, struct error **e)
{
	struct stat here, opened;
	if (stat(".", &here) < 0 || fstat(fd, &opened) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", path);
	if (here.st_dev != opened.st_dev || here.st_ino != opened.st_ino)
		return error_set(e, ERROR_ROOT, 0, "%s was replaced by another directory", path);
	return 0;
}

/* A bind mount inherits the flags of what it binds, /data's nosuid,nodev,noexec on Android. A
 * remount sets all of them, so those to keep must be given (mount(2)); without any atime flag the
 * old ones stay. */
static int clear_flags(const char *path, struct error **e)
{
	struct statvfs fs;
	if (statvfs(path, &fs) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "statvfs %s", path);
	if (!(fs.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC)))
		return 0;
	unsigned long keep = (fs.f_flag & ST_RDONLY ? MS_RDONLY : 0) |
			     (fs.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
			     (fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) |
			     (fs.f_flag & ST_RELATIME ? MS_RELATIME : 0);
	if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | keep, NULL) == 0)
		return 0;
	return error_set(e, ERROR_SYSTEM, errno, "clear nosuid, nodev and noexec of %s", path);
}

/* Whether `path` is `top` or a directory above it. */
static bool leads_to(const char *path, const char *top)
{
	size_t n = strlen(path);
	return strcmp(path, "/") == 0 ||
	       (strncmp(path, top, n) == 0 && (top[n] == '/' || top[n] == '\0'));
}

/* MS_MOVE lays the new root over the old one, which stays below and could be reached again by
 * umount2("/", MNT_DETACH). What need not be there is detached first; not the mounts that `path`
 * lies on, and none at or below it. */
static int detach_others(const char *path, struct error **e)
{
	auto_mountinfo m = {0};
	if (mountinfo_read(&m, 0, e) < 0)
		return -1;
	for (size_t i = m.count; i-- > 0;) {
		const char *target = m.entries[i].target;
		if (!leads_to(target, path) && !leads_to(path, target))
			umount2(target, MNT_DETACH); /* may have gone with one above it */
	}
	return 0;
}

/* pivot_root(2) cannot leave an initramfs (EINVAL); switch_root(8) does it this way. */
static int move_to_root(const char *path, struct error **e)
{
	if (detach_others(path, e) < 0)
		return -1;
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "move %s to /", path);
	if (chroot(".") < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chroot to %s", path);
	return 0;
}

/* With "." twice the old root lies on top of the new one, and umount2 takes that (pivot_root(2)).
 */
static int pivot_to_root(const char *path, struct error **e)
{
	if (sys_pivot_root(".", ".") < 0)
		return move_to_root(path, e);
	if (umount2(".", MNT_DETACH) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "detach the host's root");
	return 0;
}

/* By a descriptor of "." as it is now: `fd` is open on the mount below. */
static int mount_binds(const char *path, const struct binds *binds, struct error **e)
{
	if (!binds || !binds->count)
		return 0;
	int auto_fd root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", path);
	return binds_mount(binds, root, e);
}

int mounts_enter_root(
	const char *path, int fd, const struct binds *binds, bool move, struct error **e)
{
	/* LXC's own pivot_root wants its root to be a mount point. */
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "bind %s", path);
	if (clear_flags(path, e) < 0)
		return -1;
	if (chdir(path) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chdir %s", path);
	if (same_directory(path, fd, e) < 0 || mount_binds(path, binds, e) < 0)
		return -1;
	if ((move ? move_to_root(path, e) : pivot_to_root(path, e)) < 0)
		return -1;
	if (chdir("/") < 0)
		return error_set(e, ERROR_SYSTEM, errno, "chdir /");
	return 0;
}
