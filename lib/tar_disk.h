/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an archive's entries become on the disk, below the current directory, which nobody else
 * writes to. Names are clean and were admitted by lib/tar_names. For lib/tar*.c only. */
#ifndef LIB_TAR_DISK_H
#define LIB_TAR_DISK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "lib/error.h"
#include "lib/tar_place.h"

struct tar_item {
	const char *name;
	bool again; /* an entry of this name came before, and this one replaces it */
	mode_t mode; /* permissions */
	uid_t uid;
	gid_t gid;
	struct timespec times[2]; /* accessed, modified; UTIME_OMIT where the archive has none */
};

struct tar_late_directory;

struct tar_disk {
	struct tar_place place, target; /* the entry's, and that of what it is a hard link to */
	struct tar_late_directory *late, **late_end;
	size_t late_bytes;
};

/* Errors name the entry: ERROR_SPACE, ERROR_ROOT for a filesystem that cannot keep what a root
 * needs, ERROR_TRUST where the way leads through no directory, else ERROR_SYSTEM. */

/* A directory gets its owner, mode and times in tar_disk_finish: a read-only one takes files until
 * then, and its times stay. */
int tar_disk_directory(
	struct tar_disk *d, const struct tar_item *item, struct error **e) must_check;
int tar_disk_symlink(struct tar_disk *d, const struct tar_item *item, const char *to,
	struct error **e) must_check;
/* `to` is a clean name of a regular file. */
int tar_disk_link(struct tar_disk *d, const struct tar_item *item, const char *to,
	struct error **e) must_check;
/* A regular file: created empty, written piece by piece, closed with all that belongs to it. */
struct tar_file {
	int fd;
	const struct tar_item *item; /* borrowed */
	int64_t end; /* of what was written */
};
int tar_disk_create(struct tar_disk *d, const struct tar_item *item, struct tar_file *file,
	struct error **e) must_check;
int tar_file_write(struct tar_file *f, const void *data, size_t length, int64_t offset,
	struct error **e) must_check;
/* `size` is that of the whole, with a hole at its end. */
int tar_file_complete(struct tar_file *f, int64_t size, struct error **e) must_check;
/* Closes it, where tar_file_complete did not. */
void tar_file_close(struct tar_file *f);

int tar_disk_finish(struct tar_disk *d, struct error **e) must_check;
void tar_disk_free(struct tar_disk *d);

#endif
