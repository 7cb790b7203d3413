/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a plan, fetched and verified, as descriptors: what was checked is what is installed.
 */
#ifndef PACKAGES_CACHE_H
#define PACKAGES_CACHE_H

#include <stdbool.h>

#include "mirrors/verified.h"
#include "packages/ahead.h"
#include "packages/databases.h"

struct cache_file {
	const struct planned_package *package; /* of the plan: must outlive the cache */
	const struct syncdb_package *entry;
	const struct pacman_repo *repo;
	struct fetched *fetched; /* NULL once verified */
	struct fetched *signature; /* FILE.sig, where the database holds none */
	struct verified
		*verified; /* NULL where the conf asks for no signature, and there is none */
};
struct cache {
	struct cache_file *files; /* of every package of the plan that is not a removal */
	size_t count;
	struct ahead *ahead; /* unpacks them, by index; NULL: nobody does */
};

/* The directory that packages are fetched into: the context's, else the first CacheDir of the conf,
 * inside the root. */
int cache_open_directory(const struct packages_context *c, struct error **e) must_check;
/* Borrowed descriptor of the file's bytes. */
int cache_file_fd(const struct cache_file *f);

#endif
