/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook etc: what programs look for in /etc, where the rootfs brings none: hosts(5), mtab (libalpm's
 * CheckSpace, df) and the host's time zone (localtime(5)). What is there stays as it is. Once, when
 * all packages of a bootstrap are installed: a file of ours must not be in the way of one of
 * theirs. */
#include "hooks/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path_inside.h"

#define ZONES "/zoneinfo/"
#define ZONES_INSIDE "/usr/share" ZONES

enum { TARGET_MAX = 256, ZONE_MAX = TARGET_MAX + sizeof ZONES_INSIDE };

struct wanted {
	const char *path;
	const char *link; /* where the symlink leads; or */
	const char *text; /* what stands in the file */
};

static const struct wanted wanted[] = {
	{"/etc/hosts", NULL, "127.0.0.1 localhost\n::1 localhost\n"},
	{"/etc/mtab", "../proc/self/mounts", NULL},
};
enum { WANTED = sizeof wanted / sizeof *wanted };

/* 1 there (a dangling symlink is, too), 0 absent. */
static int present(const struct hook_context *c, const char *path, struct error **e)
{
	char *auto_free name = NULL;
	struct stat st;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(c->rootfs), path, &name, e);
	if (dir < 0)
		return -1;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : error_set(e, ERROR_SYSTEM, errno, "%s", path);
}

/* The host's zone as the rootfs's own tzdata has it: "/usr/share/zoneinfo/Europe/Vienna". 0 where
 * the host names none, or the rootfs lacks it. */
static int zone_inside(const struct hook_context *c, char to[ZONE_MAX])
{
	char target[TARGET_MAX];
	ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	const char *zone = strstr(target, ZONES);
	if (!zone)
		return 0;
	snprintf(to, ZONE_MAX, ZONES_INSIDE "%s", zone + strlen(ZONES));
	auto_error *absent = NULL;
	int auto_fd fd = path_open_inside(rootfs_fd(c->rootfs), to, O_PATH, &absent);
	return fd >= 0;
}

static int link_inside(
	const struct hook_context *c, const char *to, const char *path, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(rootfs_fd(c->rootfs), path, &name, e);
	if (dir < 0)
		return -1;
	if (symlinkat(to, dir, name) < 0 && errno != EEXIST)
		return error_set(e, fd_error_code(errno), errno, "symlink %s", path);
	return 0;
}

static int give(const struct hook_context *c, const struct wanted *w, struct error **e)
{
	int there = present(c, w->path, e);
	if (there)
		return there < 0 ? -1 : 0;
	return w->link ? link_inside(c, w->link, w->path, e)
		       : hook_write_file(c, w->path, 0644, w->text, e);
}

static int give_all(const struct hook_context *c, struct error **e)
{
	char zone[ZONE_MAX];
	struct wanted localtime = {"/etc/localtime", zone, NULL};
	for (int i = 0; i < WANTED; i++)
		if (give(c, &wanted[i], e) < 0)
			return -1;
	return zone_inside(c, zone) ? give(c, &localtime, e) : 0;
}

/* Programs do without, after all: a rootfs that cannot be written starts, too. */
static int etc_apply(const struct hook_context *c, struct error **e)
{
	auto_error *why = NULL;
	if (give_all(c, &why) < 0)
		report_note(c->report, "%s", error_message(why));
	return 0;
}

const struct hook hook_etc = {"etc", HOOK_CONFIGURE, NULL, NULL, etc_apply};
