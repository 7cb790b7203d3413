/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux 2.6.39 (open(2)). With O_NOFOLLOW and O_DIRECTORY a symlink is ENOTDIR. */
enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

static int open_part(int dirfd, const char *part)
{
	int fd = openat(dirfd, part, FLAGS);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (mkdirat(dirfd, part, 0777) < 0)
		return -1;
	return openat(dirfd, part, FLAGS);
}

static int deepest(const struct tar_place *p)
{
	return p->depth ? p->levels[p->depth - 1].fd : AT_FDCWD;
}

static size_t reached(const struct tar_place *p)
{
	return p->depth ? p->levels[p->depth - 1].end : 0;
}

/* Whether the deepest level lies on the way to the directory of `length` bytes. */
static bool leads_to(const struct tar_place *p, const char *directory, size_t length)
{
	size_t end = reached(p);
	if (end > length || memcmp(p->path, directory, end) != 0)
		return false;
	return !end || end == length || directory[end] == '/';
}

/* A level deeper; the last level stands for all that are deeper than there is room for. */
static void push(struct tar_place *p, int fd, size_t end)
{
	if (p->depth == TAR_PLACE_LEVELS)
		close(p->levels[--p->depth].fd);
	p->levels[p->depth].fd = fd;
	p->levels[p->depth].end = end;
	p->depth++;
}

static int descend(struct tar_place *p, size_t length)
{
	for (size_t at = reached(p); at < length;) {
		char *part = p->path + at + (at > 0);
		size_t end = (size_t)(part - p->path) + strcspn(part, "/");
		char after = p->path[end];
		p->path[end] = '\0';
		int fd = open_part(deepest(p), part);
		p->path[end] = after;
		if (fd < 0)
			return -1;
		push(p, fd, end);
		at = end;
	}
	return 0;
}

int tar_place_of(struct tar_place *p, const char *name, int *dirfd, const char **last)
{
	const char *slash = strrchr(name, '/');
	size_t length = slash ? (size_t)(slash - name) : 0;
	while (!leads_to(p, name, length))
		close(p->levels[--p->depth].fd);
	if (reached(p) < length) {
		memcpy(p->path, name, length);
		p->path[length] = '\0';
		if (descend(p, length) < 0)
			return -1;
	}
	*dirfd = deepest(p);
	*last = slash ? slash + 1 : name;
	return 0;
}

void tar_place_close(struct tar_place *p)
{
	while (p->depth)
		close(p->levels[--p->depth].fd);
}
