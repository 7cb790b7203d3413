/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pacman.conf's CacheDir lines: packages are fetched into the first; what lies in a further one is
 * copied there and not fetched again (pacman.conf(5)).
 *
 * A copy, and no link: the file is open from its check to its installation, and nobody who may
 * write the other directory may write this one. */
#ifndef PACKAGES_CACHE_DIRS_H
#define PACKAGES_CACHE_DIRS_H

#include "packages/cache.h"

/* Copies into `dir`, the first, what it lacks of the cache's files. Only sizes are looked at here:
 * whoever takes the files from `dir` checks them. What cannot be copied is left to be fetched.
 * Errors: ERROR_SYSTEM, ERROR_INTERRUPTED. */
int cache_dirs_gather(const struct packages_context *c, int dir, const struct cache *cache,
	struct error **e) must_check;

#endif
