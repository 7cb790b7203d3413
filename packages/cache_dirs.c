/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/cache_dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path_inside.h"

static bool is_there(int dir, const struct syncdb_package *s)
{
	struct stat st;
	return fstatat(dir, s->filename, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == s->packed_size;
}

/* Under another name until it is whole: what is cut off by a full disk is no package. */
static int copy_one(int from_dir, int to_dir, const char *name, struct error **e)
{
	int auto_fd from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *auto_free partial = text_format(e, ".%s.copy", name);
	if (from < 0 || !partial)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", name);
	unlinkat(to_dir, partial, 0); /* of a copy that was interrupted */
	int auto_fd to = openat(to_dir, partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0)
		return error_set(e, ERROR_SYSTEM, errno, "copy %s", name);
	if (fd_copy(from, to, e) >= 0) {
		if (renameat(to_dir, partial, to_dir, name) == 0)
			return 0;
		error_set(e, ERROR_SYSTEM, errno, "copy %s", name);
	}
	unlinkat(to_dir, partial, 0);
	return -1;
}

static int gather_from(const struct packages_context *c, const char *path, int dir,
	const struct cache *cache, struct error **e)
{
	auto_error *why = NULL;
	int auto_fd other =
		path_open_inside(rootfs_fd(c->rootfs), path, O_RDONLY | O_DIRECTORY, &why);
	for (size_t i = 0; other >= 0 && i < cache->count; i++) {
		const struct syncdb_package *s = cache->files[i].entry;
		if (is_there(dir, s) || !is_there(other, s))
			continue;
		if (interrupt_check(e) < 0)
			return -1;
		auto_error *reason = NULL;
		if (copy_one(other, dir, s->filename, &reason) < 0)
			report_note(
				c->report, "%s: %s; it is fetched", path, error_message(reason));
	}
	return 0;
}

int cache_dirs_gather(
	const struct packages_context *c, int dir, const struct cache *cache, struct error **e)
{
	const struct strings *dirs = &c->conf->cache_dirs;
	for (size_t i = 1; !c->cache_dir && i < dirs->count; i++)
		if (gather_from(c, dirs->items[i], dir, cache, e) < 0)
			return -1;
	return 0;
}
