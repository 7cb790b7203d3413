/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/ahead_use.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "packages/inside.h"

/* The count where it is none of them. */
static size_t find(const struct cache *c, const char *package)
{
	size_t i = 0;
	while (i < c->count && strcmp(c->files[i].package->name, package) != 0)
		i++;
	return i;
}

void ahead_use_begin(void *arg, const char *package)
{
	const struct ahead_use *u = arg;
	size_t index = find(u->cache, package);
	int plain = index < u->cache->count ? ahead_take(u->cache->ahead, index) : -1;
	char path[PATH_MAX], target[64];
	static const char new[] = INSIDE_CACHE_PATH "/.new";
	if (plain < 0)
		return;
	snprintf(
		path, sizeof path, INSIDE_CACHE_PATH "/%s", u->cache->files[index].entry->filename);
	snprintf(target, sizeof target, "/proc/self/fd/%d", plain);
	/* Where either fails, the name leads to the package, as before. */
	if (symlink(target, new) == 0 && rename(new, path) < 0)
		unlink(new);
}

void ahead_use_end(void *arg, const char *package)
{
	const struct ahead_use *u = arg;
	size_t index = find(u->cache, package);
	if (index < u->cache->count)
		ahead_done(u->cache->ahead, index);
}
