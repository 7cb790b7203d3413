/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of struct databases, for the files of packages/. */
#ifndef PACKAGES_DATABASES_H
#define PACKAGES_DATABASES_H

#include "mirrors/syncdb.h"
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
/* "core, extra, alarm", malloc'd. */
char *databases_names(const struct databases *d, struct error **e) must_check;

#endif
