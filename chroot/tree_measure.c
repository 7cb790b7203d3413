/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors and stack stay bounded; what lies deeper is not worth an exact number. */
enum { DEPTH_MAX = 64 };

static void measure_directory(
	int dir, const char *name, dev_t device, int depth, struct tree_deleted *size);

static void measure(int dir, const char *name, dev_t device, int depth, struct tree_deleted *size)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != device)
		return;
	size->entries++;
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		measure_directory(dir, name, device, depth, size);
	else if (S_ISREG(st.st_mode))
		size->bytes += (uint64_t)st.st_blocks * 512 / (st.st_nlink ? st.st_nlink : 1);
}

static void measure_directory(
	int dir, const char *name, dev_t device, int depth, struct tree_deleted *size)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *d; (d = readdir(list));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			measure(fd, d->d_name, device, depth + 1, size);
	closedir(list);
}

void tree_measure(int parent_fd, const char *name, struct tree_deleted *size)
{
	struct stat st;
	*size = (struct tree_deleted){0};
	if (fstat(parent_fd, &st) == 0)
		measure(parent_fd, name, st.st_dev, 0, size);
}
