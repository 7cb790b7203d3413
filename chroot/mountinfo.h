/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of mounts as the kernel tells it: /proc/PID/mountinfo, proc(5). */
#ifndef CHROOT_MOUNTINFO_H
#define CHROOT_MOUNTINFO_H

#include <stddef.h>

#include "lib/error.h"

struct mountinfo_entry {
	int id;
	int parent;
	char *device; /* "259:2" */
	char *root; /* of the mount within its filesystem */
	char *target; /* where it is mounted, octal escapes undone */
	char *type; /* "ext4" */
	char *source;
};

struct mountinfo {
	struct mountinfo_entry *entries; /* in the order of mounting */
	size_t count;
};

/* Parses the file's text. A line that does not follow proc(5) is ERROR_SYSTEM: who looks here is
 * about to delete or to mount, and must not overlook a mount. */
int mountinfo_parse(struct mountinfo *m, const char *text, struct error **e) must_check;
/* Reads /proc/PID/mountinfo; 0 is our own. */
int mountinfo_read(struct mountinfo *m, int pid, struct error **e) must_check;
/* The first entry whose target is `path` or lies below it; NULL where there is none. */
const struct mountinfo_entry *mountinfo_below(const struct mountinfo *m, const char *path);
/* The uppermost one that is mounted exactly at `path`; *count of them lie there, one over the other
 * (may be NULL). */
const struct mountinfo_entry *mountinfo_at(
	const struct mountinfo *m, const char *path, size_t *count);
/* The first whose target lies below `path`, `path` itself left out. */
const struct mountinfo_entry *mountinfo_inside(const struct mountinfo *m, const char *path);
/* The first that shows `path`, or something in it, at another place: by a bind mount, or because
 * the filesystem is mounted twice. */
const struct mountinfo_entry *mountinfo_elsewhere(const struct mountinfo *m, const char *path);
/* The id of the mount that an open file lies on; -1 before Linux 3.15. */
long mountinfo_id_of(int fd);
void mountinfo_free(struct mountinfo *m);
#define auto_mountinfo __attribute__((cleanup(mountinfo_free))) struct mountinfo

#endif
