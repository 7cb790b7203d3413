/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory for one test, what lies in it as text, and its end. */
#ifndef TESTS_UNIT_TAR_TREE_H
#define TESTS_UNIT_TAR_TREE_H

#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "tests/unit/unit.h"

struct tree {
	char path[96];
	int fd;
};

/* The group's setup: one directory for all trees, deleted in the end also where tests fail. */
static inline int trees_setup(void **state)
{
	/* Not /tmp: tmpfs refused user.* attributes before Linux 6.6. */
	*state = mkdtemp(strdup("/var/tmp/alarmstrap-test-XXXXXX"));
	return *state ? 0 : -1;
}

static inline void tree_begin(struct tree *t, void **state)
{
	snprintf(t->path, sizeof t->path, "%s/XXXXXX", (const char *)*state);
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
}

static inline int tree_order(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static inline FTS *tree_walk(const char *path)
{
	char *const paths[] = {(char *)path, NULL};
	return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, tree_order);
}

static inline int trees_teardown(void **state)
{
	FTS *walk = tree_walk(*state);
	for (FTSENT *f; walk && (f = fts_read(walk));)
		if (f->fts_info != FTS_D)
			remove(f->fts_accpath);
	if (walk)
		fts_close(walk);
	free(*state);
	return 0;
}

static inline void tree_end(struct tree *t)
{
	close(t->fd);
}

static inline void tree_describe(const FTSENT *f, struct buf *to, size_t root)
{
	const struct stat *st = f->fts_statp;
	const char *path = f->fts_path + root + (f->fts_level > 0);
	char target[256] = "";
	const char *type = S_ISREG(st->st_mode)	  ? "file"
			   : S_ISDIR(st->st_mode) ? "dir"
			   : S_ISLNK(st->st_mode) ? "link"
						  : "other";
	if (S_ISLNK(st->st_mode)) {
		ssize_t n = readlink(f->fts_accpath, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
	}
	assert_ok(
		buf_printf(to, &e, "%s %o %u:%u %lld %lld x%u %s%s%s\n", type, st->st_mode & 07777,
			st->st_uid, st->st_gid, S_ISREG(st->st_mode) ? (long long)st->st_size : 0,
			(long long)st->st_mtime, S_ISREG(st->st_mode) ? (unsigned)st->st_nlink : 1,
			*path ? path : ".", *target ? " -> " : "", target));
}

/* A line an entry, sorted: "file MODE UID:GID SIZE MTIME xLINKS PATH". The root's own line only
 * where asked for. */
static inline void tree_list(const struct tree *t, bool with_root, struct buf *to)
{
	FTS *walk = tree_walk(t->path);
	assert_non_null(walk);
	for (FTSENT *f; (f = fts_read(walk));)
		if (f->fts_info != FTS_DP && (f->fts_level || with_root))
			tree_describe(f, to, strlen(t->path));
	fts_close(walk);
}

static inline ssize_t tree_attribute(
	const struct tree *t, const char *file, const char *name, void *to)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", t->path, file);
	return lgetxattr(path, name, to, 256);
}

#endif
