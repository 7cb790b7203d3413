/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Emptying the package cache, as pacman -Sc does it: by names alone, no file is opened. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path_inside.h"
#include "packages/databases.h"
#include "packages/lock.h"
#include "packages/rootdir.h"

/* A file that may go. */
struct waste {
	char *directory, *name;
	uint64_t bytes;
};

struct cleaning {
	const struct packages_context *context;
	const struct package_clean *what;
	const struct databases *databases; /* only where CleanMethod asks for them */
	bool keep_installed, keep_current;
	struct waste *items;
	size_t count;
	uint64_t bytes;
};

static int add(
	struct cleaning *c, const char *directory, int dir, const char *name, struct error **e)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		return 0;
	struct waste w = {text_copy(directory, e), text_copy(name, e), (uint64_t)st.st_size};
	struct waste *grown =
		w.directory && w.name ? reallocarray(c->items, c->count + 1, sizeof *grown) : NULL;
	if (!grown) {
		free(w.directory);
		free(w.name);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "clean");
	}
	c->items = grown;
	grown[c->count++] = w;
	c->bytes += w.bytes;
	return 0;
}

/* "NAME-VERSION-RELEASE" of "NAME-VERSION-RELEASE-ARCH.pkg.tar.zst" or of its signature; malloc'd,
 * NULL for another file. */
static char *entry_of(const char *filename)
{
	const char *suffix = strstr(filename, ".pkg.tar");
	char *entry = suffix ? strndup(filename, (size_t)(suffix - filename)) : NULL;
	char *dash = entry ? strrchr(entry, '-') : NULL;
	if (!dash) {
		free(entry);
		return NULL;
	}
	*dash = '\0';
	return entry;
}

static bool is_installed(const struct cleaning *c, const char *entry)
{
	auto_error *absent = NULL;
	char *auto_free path = text_format(NULL, PACMAN_DB_PATH "/local/%s", entry);
	int auto_fd fd = path ? path_open_inside(rootfs_fd(c->context->rootfs), path,
					O_RDONLY | O_DIRECTORY, &absent)
			      : -1;
	return fd >= 0;
}

static bool is_current(const struct cleaning *c, const char *entry)
{
	for (size_t i = 0; i < c->databases->count; i++) {
		const struct syncdb *db = c->databases->items[i];
		for (size_t k = 0; k < db->count; k++) {
			const struct syncdb_package *p = &db->packages[k];
			size_t length = strlen(p->name);
			if (strncmp(entry, p->name, length) == 0 && entry[length] == '-' &&
				strcmp(entry + length + 1, p->version) == 0)
				return true;
		}
	}
	return false;
}

/* pacman.conf(5), CleanMethod: with both words a package stays that either keeps. */
static bool may_go(const struct cleaning *c, const char *name)
{
	char *auto_free entry = entry_of(name);
	if (text_has_suffix(name, ".part"))
		return true;
	if (!entry)
		return false;
	if (c->what->all)
		return true;
	return !(c->keep_installed && is_installed(c, entry)) &&
	       !(c->keep_current && is_current(c, entry));
}

/* A database, its list of files, or a signature, of a repository that the conf does not name. */
static bool is_unknown_database(const struct cleaning *c, const char *name)
{
	const struct pacman_conf *conf = c->context->conf;
	size_t length = strcspn(name, ".");
	if (strncmp(name + length, ".db", 3) != 0 && strncmp(name + length, ".files", 6) != 0)
		return false;
	for (size_t i = 0; i < conf->repo_count; i++)
		if (strlen(conf->repos[i].name) == length &&
			strncmp(conf->repos[i].name, name, length) == 0)
			return false;
	return true;
}

typedef bool is_waste(const struct cleaning *c, const char *name);

static int look_into(struct cleaning *c, const char *directory, is_waste *judge, struct error **e)
{
	auto_error *absent = NULL;
	int fd = path_open_inside(
		rootfs_fd(c->context->rootfs), directory, O_RDONLY | O_DIRECTORY, &absent);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir && fd >= 0)
		close(fd);
	int r = 0;
	for (struct dirent *d; dir && r == 0 && (d = readdir(dir));)
		if (d->d_name[0] != '.' && judge(c, d->d_name))
			r = add(c, directory, dirfd(dir), d->d_name, e);
	if (dir)
		closedir(dir);
	return r;
}

static int find(struct cleaning *c, struct error **e)
{
	const struct strings *dirs = &c->context->conf->cache_dirs;
	if (!dirs->count && look_into(c, "/" PACMAN_CACHE_PATH, may_go, e) < 0)
		return -1;
	for (size_t i = 0; i < dirs->count; i++)
		if (look_into(c, dirs->items[i], may_go, e) < 0)
			return -1;
	return look_into(c, "/" PACMAN_DB_PATH "/sync", is_unknown_database, e);
}

static void tell(const struct cleaning *c)
{
	for (size_t i = 0; i < c->count; i++) {
		char size[32];
		text_size(size, sizeof size, c->items[i].bytes);
		report_result(c->context->report, "cleaned",
			(struct report_field[]){{"file", c->items[i].name},
				{"directory", c->items[i].directory}, {"size", size}},
			3);
	}
	report_flush(c->context->report);
}

static int remove_all(const struct cleaning *c, struct error **e)
{
	int root = rootfs_fd(c->context->rootfs);
	for (size_t i = 0; i < c->count; i++) {
		const struct waste *w = &c->items[i];
		int auto_fd dir = path_open_inside(root, w->directory, O_RDONLY | O_DIRECTORY, e);
		if (dir < 0)
			return -1;
		if (unlinkat(dir, w->name, 0) < 0 && errno != ENOENT)
			return error_set(
				e, ERROR_SYSTEM, errno, "remove %s/%s", w->directory, w->name);
	}
	return 0;
}

static int sweep(struct cleaning *c, struct error **e)
{
	const struct package_clean *what = c->what;
	char size[32];
	if (find(c, e) < 0)
		return -1;
	tell(c);
	if (!c->count) {
		report_note(c->context->report, "there is nothing to clean");
		return 1;
	}
	int go_on = what->print	    ? 0
		    : what->proceed ? what->proceed(what->arg, c->count, c->bytes, e)
				    : 1;
	if (go_on <= 0)
		return go_on < 0 ? -1 : what->print;
	if (remove_all(c, e) < 0)
		return -1;
	text_size(size, sizeof size, c->bytes);
	report_note(c->context->report, "%zu files with %s are gone", c->count, size);
	return 1;
}

int package_clean(
	const struct packages_context *c, const struct package_clean *what, struct error **e)
{
	const struct strings *methods = &c->conf->clean_methods;
	struct cleaning cleaning = {.context = c,
		.what = what,
		.keep_current = strings_contain(methods, "KeepCurrent"),
		.keep_installed = !methods->count || strings_contain(methods, "KeepInstalled")};
	int auto_fd lock = lock_prepare(rootfs_fd(c->rootfs), c->report, e);
	struct databases *d = lock < 0 ? NULL : databases_remembered(c, e);
	cleaning.databases = d;
	int r = d ? sweep(&cleaning, e) : -1;
	for (size_t i = 0; i < cleaning.count; i++) {
		free(cleaning.items[i].directory);
		free(cleaning.items[i].name);
	}
	free(cleaning.items);
	databases_free(d);
	return r;
}
