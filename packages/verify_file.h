/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file against its entry in an mtree. Inside packages/verify*. */
#ifndef PACKAGES_VERIFY_FILE_H
#define PACKAGES_VERIFY_FILE_H

#include <stdbool.h>

#include "packages/mtree.h"

/* The order of their words in verify_words. */
enum verify_what {
	VERIFY_MISSING,
	VERIFY_TYPE,
	VERIFY_OWNER,
	VERIFY_MODE,
	VERIFY_LINK,
	VERIFY_TIME,
	VERIFY_SIZE,
	VERIFY_SHA256,
	VERIFY_UNREADABLE,
	VERIFY_WHATS,
};
extern const char *const verify_words[VERIFY_WHATS];

struct verify_difference {
	struct verify_difference *next;
	enum verify_what what;
	char *expected, *found;
};

/* Looks at `path` below the directory `dirfd`, following no symlink in the last place, and appends
 * what differs. -1: out of memory. */
int verify_file(int dirfd, const char *path, const struct mtree_entry *entry,
	struct verify_difference **to, struct error **e) must_check;
int verify_difference_add(struct verify_difference **to, enum verify_what what,
	const char *expected, const char *found, struct error **e) must_check;
void verify_differences_free(struct verify_difference *d);
/* Whether that is what a changed configuration file is expected to have. */
bool verify_is_content(enum verify_what what);

#endif
