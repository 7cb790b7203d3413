/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of struct databases, for the files of packages/. */
#ifndef PACKAGES_DATABASES_H
#define PACKAGES_DATABASES_H

#include "mirrors/syncdb.h"
#include "packages/marks.h"
#include "packages/packages.h"

struct databases {
	struct syncdb **items; /* in the order of the conf */
	size_t count;
};

/* NULL where there is no such repository. */
const struct syncdb *databases_repo(const struct databases *d, const char *repo);
/* The entry that a plan names; NULL where name, version or file name differ from it. */
const struct syncdb_package *databases_entry(
	const struct databases *d, const struct planned_package *p);
/* The database of an earlier refresh; NULL where there is none, or none that can be read: pacman
 * inside may have left anything. */
struct syncdb *databases_read_old(const struct packages_context *c, const char *repo) must_check;

/* packages/databases_judge.c. What this root remembers of databases. */
int databases_recall(
	const struct packages_context *c, struct database_marks *to, struct error **e) must_check;
/* `files` are what `d` was read from. ERROR_TRUST, or a warning where the context allows it. */
int databases_judge(const struct packages_context *c, const struct databases *d,
	struct fetched *const *files, const struct database_marks *marks,
	struct error **e) must_check;
/* They became the root's own. */
int databases_remember(const struct packages_context *c, const struct databases *d,
	struct database_marks *marks, struct error **e) must_check;

/* "core, extra, alarm", malloc'd. */
char *databases_names(const struct databases *d, struct error **e) must_check;

#endif
