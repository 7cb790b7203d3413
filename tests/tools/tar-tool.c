/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests/integration/tar: unpacks and rewrites as bootstrap does, and describes trees.
 *
 * tar-tool unpack ARCHIVE DIR     unpack_rootfs into DIR
 * tar-tool syncdb DB OUT          the database read and written anew; prints "PACKAGES DROPPED"
 * tar-tool packages DB            a line a package: NAME VERSION FILENAME SHA256 CSIZE
 * SIGNATURE-BYTES tar-tool describe DIR           a line an entry with everything but content,
 * sorted */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "bootstrap/unpack.h"
#include "lib/fd.h"
#include "lib/report.h"
#include "mirrors/syncdb.h"

/* In place of mirrors/fetch and mirrors/verified: any file. */
struct fetched {
	int fd;
};
struct verified {
	int fd;
	const char *name;
};
int fetched_fd(const struct fetched *f)
{
	return f->fd;
}
int verified_fd(const struct verified *v)
{
	return v->fd;
}
const char *verified_name(const struct verified *v)
{
	return v->name;
}
uint64_t verified_size(const struct verified *v)
{
	struct stat st;
	return fstat(v->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static int open_file(const char *path, int flags, struct error **e)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);
	return fd >= 0 ? fd : error_set(e, ERROR_SYSTEM, errno, "open %s", path);
}

static int unpack(char **argv, struct error **e)
{
	int auto_fd fd = open_file(argv[0], O_RDONLY, e);
	int auto_fd dir = fd < 0 ? -1 : open_file(argv[1], O_RDONLY | O_DIRECTORY, e);
	if (dir < 0)
		return -1;
	struct report *report = report_new(REPORT_PLAIN);
	int r = unpack_rootfs(&(struct verified){fd, argv[0]}, dir, report, e);
	report_free(report);
	return r;
}

static struct syncdb *read_database(const char *path, struct error **e)
{
	int auto_fd fd = open_file(path, O_RDONLY, e);
	return fd < 0 ? NULL : syncdb_read("test", &(struct fetched){fd}, e);
}

static int rewrite(char **argv, struct error **e)
{
	struct syncdb *db = read_database(argv[0], e);
	int auto_fd to = db ? open_file(argv[1], O_WRONLY | O_CREAT | O_TRUNC, e) : -1;
	int r = to < 0 ? -1 : syncdb_write(db, to, e);
	if (r == 0)
		printf("%zu %zu\n", db->count, db->dropped);
	syncdb_free(db);
	return r;
}

static int packages(char **argv, struct error **e)
{
	struct syncdb *db = read_database(argv[0], e);
	for (size_t i = 0; db && i < db->count; i++) {
		const struct syncdb_package *p = &db->packages[i];
		printf("%s %s %s %s %" PRIu64 " %zu\n", p->name, p->version, p->filename,
			p->sha256 ? p->sha256 : "-", p->packed_size, p->signature_length);
	}
	int r = db ? 0 : -1;
	syncdb_free(db);
	return r;
}

static void print_attributes(const char *path)
{
	char names[4096];
	unsigned char value[4096];
	ssize_t length = llistxattr(path, names, sizeof names);
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t size = lgetxattr(path, names + at, value, sizeof value);
		printf(" %s=", names + at);
		for (ssize_t i = 0; i < size; i++)
			printf("%02x", value[i]);
	}
}

/* The files with more than one link that were seen: the first name stands for the group. */
struct group {
	ino_t inode;
	char *first;
	struct group *next;
};

static const char *group_of(struct group **groups, const struct stat *st, const char *path)
{
	for (struct group *g = *groups; g; g = g->next)
		if (g->inode == st->st_ino)
			return g->first;
	struct group *g = malloc(sizeof *g);
	*g = (struct group){st->st_ino, strdup(path), *groups};
	*groups = g;
	return g->first;
}

static void print_entry(const FTSENT *f, const char *path, struct group **groups)
{
	const struct stat *st = f->fts_statp;
	char target[4096] = "";
	if (S_ISLNK(st->st_mode)) {
		ssize_t n = readlink(f->fts_accpath, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
	}
	printf("%s %o %u:%u", path, st->st_mode, st->st_uid, st->st_gid);
	/* The root's time is left out: bsdtar sets it before it fills the directory. */
	if (f->fts_level)
		printf(" %lld.%09ld", (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	if (!S_ISDIR(st->st_mode))
		printf(" %lld", (long long)st->st_size);
	if (!S_ISDIR(st->st_mode) && st->st_nlink > 1)
		printf(" x%u %s", (unsigned)st->st_nlink, group_of(groups, st, path));
	print_attributes(f->fts_accpath);
	printf("%s%s\n", *target ? " -> " : "", target);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int describe(char **argv, struct error **e)
{
	char *const paths[] = {argv[0], NULL};
	struct group *groups = NULL;
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	for (FTSENT *f; walk && (f = fts_read(walk));)
		if (f->fts_info != FTS_DP)
			print_entry(f, f->fts_path + strlen(argv[0]), &groups);
	if (!walk || errno)
		error_set(e, ERROR_SYSTEM, errno, "%s", argv[0]);
	fts_close(walk);
	for (struct group *next; groups; groups = next) {
		next = groups->next;
		free(groups->first);
		free(groups);
	}
	return error_code(*e) ? -1 : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*run)(char **argv, struct error **e);
	} verbs[] = {
		{"unpack", 2, unpack},
		{"syncdb", 2, rewrite},
		{"packages", 1, packages},
		{"describe", 1, describe},
	};
	struct error *e = NULL;
	setlocale(LC_CTYPE, "C.UTF-8");
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(argv[1], verbs[i].name) != 0 || argc != 2 + verbs[i].words)
			continue;
		if (verbs[i].run(argv + 2, &e) == 0)
			return fflush(stdout) == 0 ? 0 : 1;
		fprintf(stderr, "%s: %s\n", error_code_name(error_code(e)), error_message(e));
		error_free(e);
		return 1;
	}
	fprintf(stderr, "usage: tar-tool unpack|syncdb|packages|describe …\n");
	return 2;
}
