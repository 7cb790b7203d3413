/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the child inside: plain tars in the place of packages, as libalpm comes to each of them. */
#ifndef PACKAGES_AHEAD_USE_H
#define PACKAGES_AHEAD_USE_H

#include "packages/cache.h"

struct ahead_use {
	const struct cache *cache;
};
/* For struct callbacks; `arg` is the struct ahead_use. libalpm has checked and read the package
 * itself by then: it opens the file once more, by its name, to write what is in it. */
void ahead_use_begin(void *arg, const char *package);
void ahead_use_end(void *arg, const char *package);

#endif
