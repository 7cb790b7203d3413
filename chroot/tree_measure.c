/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "chroot/subvolume.h"

/* Descriptors and stack stay bounded; what lies deeper is not worth an exact number. */
enum { DEPTH_MAX = 64 };

struct survey {
	long mount_id;
	struct tree_deleted *size;
};

static void measure(const struct survey *s, int dir, const char *name, dev_t device, int depth);

static void measure_content(const struct survey *s, DIR *list, dev_t device, int depth)
{
	for (struct dirent *d; (d = readdir(list));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			measure(s, dirfd(list), d->d_name, device, depth + 1);
}

static void measure_directory(
	const struct survey *s, int dir, const char *name, dev_t device, int depth)
{
	struct stat st;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	/* Another device is a mount, or a subvolume, which tree_delete deletes. */
	bool ours = fstat(fd, &st) == 0 &&
		    (st.st_dev == device || (s->mount_id >= 0 && subvolume_is_top(fd) &&
						    mountinfo_id_of(fd) == s->mount_id));
	if (ours) {
		s->size->entries++;
		if (depth < DEPTH_MAX)
			measure_content(s, list, st.st_dev, depth);
	}
	closedir(list);
}

static void measure(const struct survey *s, int dir, const char *name, dev_t device, int depth)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		measure_directory(s, dir, name, device, depth);
	} else if (st.st_dev == device) {
		s->size->entries++;
		if (S_ISREG(st.st_mode))
			s->size->bytes +=
				(uint64_t)st.st_blocks * 512 / (st.st_nlink ? st.st_nlink : 1);
	}
}

void tree_measure(int parent_fd, const char *name, struct tree_deleted *size)
{
	const struct survey s = {mountinfo_id_of(parent_fd), size};
	struct stat st;
	*size = (struct tree_deleted){0};
	if (fstat(parent_fd, &st) == 0)
		measure(&s, parent_fd, name, st.st_dev, 0);
}
