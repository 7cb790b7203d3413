/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/restart.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"

/* More are counted, not named. */
enum { NAMED_MAX = 20 };

/* "ADDRESS PERMISSIONS OFFSET DEVICE INODE  PATH (deleted)". Memory without a file has no path, or
 * one that no package owns. */
bool restart_is_stale(const char *line)
{
	const char *permissions = strchr(line, ' ');
	const char *path = strchr(line, '/');
	if (!permissions || !path || strlen(permissions) < 4 || permissions[3] != 'x')
		return false;
	if (!text_has_suffix(path, " (deleted)"))
		return false;
	static const char *const others[] = {"/memfd:", "/dev/", "/SYSV", "/tmp/", "/run/"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (text_has_prefix(path, others[i]))
			return false;
	return true;
}

static bool uses_deleted(int process)
{
	int fd = openat(process, "maps", O_RDONLY | O_CLOEXEC);
	FILE *maps = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *auto_free line = NULL;
	size_t room = 0;
	bool stale = false;
	if (!maps) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!stale && getline(&line, &room, maps) > 0) {
		line[strcspn(line, "\n")] = '\0';
		stale = restart_is_stale(line);
	}
	fclose(maps);
	return stale;
}

/* "sshd (123)". The name may be anything: the report makes it fit to be shown. */
static void add_name(int process, const char *pid, struct buf *to)
{
	char name[32] = "";
	int auto_fd fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : -1;
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	if (buf_printf(to, NULL, "%s%s (%s)", to->length ? ", " : "", name, pid) < 0)
		return;
}

/* Calls `each` for every process of the rootfs. */
static void walk(
	const struct rootfs *r, void (*each)(void *, int process, const char *pid), void *arg)
{
	struct stat want, got;
	DIR *proc = fstat(rootfs_fd(r), &want) == 0 ? opendir("/proc") : NULL;
	for (struct dirent *d; proc && (d = readdir(proc));) {
		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		int auto_fd process =
			openat(dirfd(proc), d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0 && fstatat(process, "root", &got, 0) == 0 &&
			got.st_dev == want.st_dev && got.st_ino == want.st_ino)
			each(arg, process, d->d_name);
	}
	if (proc)
		closedir(proc);
}

struct stale {
	struct buf names;
	int count;
};

static void look(void *arg, int process, const char *pid)
{
	struct stale *s = arg;
	if (uses_deleted(process) && s->count++ < NAMED_MAX)
		add_name(process, pid, &s->names);
}

void restart_tell(const struct rootfs *r, struct report *report)
{
	struct stale s = {BUF(0), 0};
	walk(r, look, &s);
	if (s.count > NAMED_MAX)
		report_warn(report,
			"these need a restart, since their files were replaced: %s, "
			"and %d more",
			buf_text(&s.names), s.count - NAMED_MAX);
	else if (s.count)
		report_warn(report, "these need a restart, since their files were replaced: %s",
			buf_text(&s.names));
	buf_free(&s.names);
}
