/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"

/* Names and metadata of directories that wait for the end: those of half
 * a million directories. */
enum { LATE_BYTES_MAX = 96 << 20 };

struct tar_late_directory {
	struct tar_late_directory *next;
	struct tar_item item;
	char name[];
};

/* Owners and modes that cannot be kept make a root that does not work. */
static int disk_failed(const struct tar_item *item, const char *what, int errnum, struct error **e)
{
	if (errnum == ELOOP || errnum == ENOTDIR)
		return error_set(e, ERROR_TRUST, 0, "%s: %s: a part of its path is no directory",
			item->name, what);
	bool unfit = errnum == EPERM || errnum == EOPNOTSUPP || errnum == EINVAL;
	error_set(
		e, unfit ? ERROR_ROOT : fd_error_code(errnum), errnum, "%s: %s", item->name, what);
	if (!unfit)
		return -1;
	return error_hint(e, "the filesystem of ROOT must keep owners, modes and links (ext4, "
			     "f2fs, btrfs, xfs): name a ROOT on such a one");
}

/* The directory was empty and every name is remembered: what lies there came by another name. */
static int taken(const struct tar_item *item, struct error **e)
{
	error_set(e, ERROR_ROOT, 0, "%s: the filesystem takes it for another file of the archive",
		item->name);
	return error_hint(e, "the filesystem of ROOT must tell upper from lower case: name a ROOT "
			     "on such a one");
}

struct where {
	int dirfd;
	const char *last;
};

static int find(struct tar_place *p, const struct tar_item *item, const char *name, struct where *w,
	struct error **e)
{
	if (tar_place_of(p, name, &w->dirfd, &w->last) < 0)
		return disk_failed(item, "open its directory", errno, e);
	return 0;
}

/* After EEXIST. 0: the way is free now. */
static int make_way(const struct where *w, const struct tar_item *item, struct error **e)
{
	if (!item->again)
		return taken(item, e);
	if (unlinkat(w->dirfd, w->last, 0) < 0)
		return disk_failed(item, "replace", errno, e);
	return 0;
}

static int remember(struct tar_disk *d, const struct tar_item *item, struct error **e)
{
	size_t length = strlen(item->name) + 1;
	struct tar_late_directory *late = NULL;
	d->late_bytes += sizeof *late + length;
	if (d->late_bytes > LATE_BYTES_MAX)
		return error_set(e, ERROR_TRUST, 0, "%s: too many directories", item->name);
	late = malloc(sizeof *late + length);
	if (!late)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "%s", item->name);
	late->next = NULL;
	late->item = *item;
	memcpy(late->name, item->name, length);
	late->item.name = late->name;
	*(d->late ? d->late_end : &d->late) = late;
	d->late_end = &late->next;
	return 0;
}

int tar_disk_directory(struct tar_disk *d, const struct tar_item *item, struct error **e)
{
	struct where w;
	if (find(&d->place, item, item->name, &w, e) < 0)
		return -1;
	if (strcmp(item->name, ".") != 0 &&
		mkdirat(w.dirfd, w.last, (item->mode & 0777) | S_IRWXU) < 0) {
		if (errno != EEXIST)
			return disk_failed(item, "create", errno, e);
		if (!item->again)
			return taken(item, e);
	}
	return remember(d, item, e);
}

int tar_disk_symlink(
	struct tar_disk *d, const struct tar_item *item, const char *to, struct error **e)
{
	struct where w;
	if (find(&d->place, item, item->name, &w, e) < 0)
		return -1;
	while (symlinkat(to, w.dirfd, w.last) < 0) {
		if (errno != EEXIST)
			return disk_failed(item, "create", errno, e);
		if (make_way(&w, item, e) < 0)
			return -1;
	}
	if (fchownat(w.dirfd, w.last, item->uid, item->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return disk_failed(item, "set its owner", errno, e);
	if (utimensat(w.dirfd, w.last, item->times, AT_SYMLINK_NOFOLLOW) < 0)
		return disk_failed(item, "set its time", errno, e);
	return 0;
}

int tar_disk_link(struct tar_disk *d, const struct tar_item *item, const char *to, struct error **e)
{
	struct where w, target;
	if (find(&d->place, item, item->name, &w, e) < 0 ||
		find(&d->target, item, to, &target, e) < 0)
		return -1;
	while (linkat(target.dirfd, target.last, w.dirfd, w.last, 0) < 0) {
		if (errno != EEXIST)
			return disk_failed(item, "link", errno, e);
		if (make_way(&w, item, e) < 0)
			return -1;
	}
	return 0;
}

int tar_disk_create(
	struct tar_disk *d, const struct tar_item *item, struct tar_file *file, struct error **e)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	struct where w;
	int fd;
	if (find(&d->place, item, item->name, &w, e) < 0)
		return -1;
	while ((fd = openat(w.dirfd, w.last, FLAGS, 0600)) < 0) {
		if (errno != EEXIST)
			return disk_failed(item, "create", errno, e);
		if (make_way(&w, item, e) < 0)
			return -1;
	}
	*file = (struct tar_file){fd, item, 0};
	return 0;
}

int tar_file_write(
	struct tar_file *f, const void *data, size_t length, int64_t offset, struct error **e)
{
	for (const char *p = data; length;) {
		ssize_t n = pwrite(f->fd, p, length, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return disk_failed(f->item, "write", errno, e);
		p += n;
		offset += n;
		length -= (size_t)n;
	}
	f->end = offset;
	return 0;
}

/* chown(2) clears the setuid bits, so the mode comes after it. */
static int set_owner_and_mode(int fd, const struct tar_item *item, struct error **e)
{
	if (fchown(fd, item->uid, item->gid) < 0)
		return disk_failed(item, "set its owner", errno, e);
	if (fchmod(fd, item->mode & 07777) < 0)
		return disk_failed(item, "set its mode", errno, e);
	return 0;
}

static int set_times(int fd, const struct tar_item *item, struct error **e)
{
	return futimens(fd, item->times) < 0 ? disk_failed(item, "set its time", errno, e) : 0;
}

int tar_file_complete(struct tar_file *f, int64_t size, struct error **e)
{
	if (f->end < size && ftruncate(f->fd, (off_t)size) < 0)
		return disk_failed(f->item, "set its size", errno, e);
	if (set_owner_and_mode(f->fd, f->item, e) < 0 || set_times(f->fd, f->item, e) < 0)
		return -1;
	/* Where quotas are counted late, close(2) is the one that tells. */
	if (close(take_fd(&f->fd)) < 0)
		return disk_failed(f->item, "close", errno, e);
	return 0;
}

void tar_file_close(struct tar_file *f)
{
	if (f->fd >= 0)
		close(take_fd(&f->fd));
}

static int finish_one(struct tar_disk *d, const struct tar_item *item, struct error **e)
{
	struct where w;
	if (find(&d->place, item, item->name, &w, e) < 0)
		return -1;
	int auto_fd fd = openat(w.dirfd, w.last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return disk_failed(item, "open", errno, e);
	return set_owner_and_mode(fd, item, e) < 0 ? -1 : set_times(fd, item, e);
}

int tar_disk_finish(struct tar_disk *d, struct error **e)
{
	for (const struct tar_late_directory *l = d->late; l; l = l->next)
		if (finish_one(d, &l->item, e) < 0)
			return -1;
	return 0;
}

void tar_disk_free(struct tar_disk *d)
{
	tar_place_close(&d->place);
	tar_place_close(&d->target);
	for (struct tar_late_directory *l = d->late, *next; l; l = next) {
		next = l->next;
		free(l);
	}
	d->late = NULL;
}
