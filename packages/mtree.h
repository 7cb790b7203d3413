/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a package installed, as its .MTREE says (mtree(5), in the form that makepkg(8) writes): a
 * line a file with its whole path, and lines of defaults. */
#ifndef PACKAGES_MTREE_H
#define PACKAGES_MTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

/* What an entry tells; the rest of its fields is 0. */
enum mtree_has {
	MTREE_MODE = 1,
	MTREE_UID = 2,
	MTREE_GID = 4,
	MTREE_SIZE = 8,
	MTREE_TIME = 16,
	MTREE_SHA256 = 32,
};

struct mtree_entry {
	const char *path; /* "usr/bin/sh": relative, not empty */
	const char *link; /* of a symlink, else NULL */
	unsigned has;
	mode_t type; /* S_IFREG, …; 0: one that mtree(5) does not know */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	uint64_t size;
	int64_t time_s;
	unsigned char sha256[32];
};

/* Zero-initialised is empty. Entries point into `text`. */
struct mtree {
	struct mtree_entry *entries;
	size_t count;
	struct buf text;
};

/* Takes `text` over, also on error: ERROR_ROOT with the line's number. */
int mtree_parse(struct mtree *m, struct buf *text, struct error **e) must_check;
void mtree_free(struct mtree *m);

#endif
