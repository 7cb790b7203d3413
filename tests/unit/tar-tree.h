/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory for one test, what lies in it as text, and its end. */
#ifndef TESTS_UNIT_TAR_TREE_H
#define TESTS_UNIT_TAR_TREE_H

#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "tests/unit/unit.h"

struct tree {
	char path[64];
	int fd;
};

static inline void tree_begin(struct tree *t)
{
	/* Not /tmp: tmpfs refused user.* attributes before Linux 6.6. */
	strcpy(t->path, "/var/tmp/alarmstrap-test-XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->fd >= 0);
}

static inline int tree_order(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static inline FTS *tree_walk(const struct tree *t)
{
	char *const paths[] = {(char *)t->path, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, tree_order);
	assert_non_null(walk);
	return walk;
}

static inline void tree_end(struct tree *t)
{
	FTS *walk = tree_walk(t);
	for (FTSENT *f; (f = fts_read(walk));)
		if (f->fts_info != FTS_D)
			remove(f->fts_accpath);
	fts_close(walk);
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
	FTS *walk = tree_walk(t);
	for (FTSENT *f; (f = fts_read(walk));)
		if (f->fts_info != FTS_DP && (f->fts_level || with_root))
			tree_describe(f, to, strlen(t->path));
	fts_close(walk);
}

#endif
