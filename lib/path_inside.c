/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/path_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

/* As many symlinks as the kernel follows (path_resolution(7)). */
enum { LINKS_MAX = 40, DEPTH_MAX = 128 };

/* The directories from the root down to where the walk stands. They stay open, so that ".." leads
 * back the way we came even if somebody moves a directory meanwhile. */
struct walk {
	int dirs[DEPTH_MAX]; /* dirs[0] is the root's, not ours to close */
	size_t depth; /* index of the last */
	int links;
	char *rest; /* what is still to be walked, malloc'd */
	const char *path; /* for messages */
};

static void walk_up_to(struct walk *w, size_t depth)
{
	while (w->depth > depth)
		close(w->dirs[w->depth--]);
}

static void walk_end(struct walk *w)
{
	walk_up_to(w, 0);
	free(w->rest);
}

static int walk_down(struct walk *w, const char *name, struct error **e)
{
	if (w->depth + 1 == DEPTH_MAX)
		return error_set(e, ERROR_ROOT, ENAMETOOLONG, "open %s", w->path);
	int fd = openat(w->dirs[w->depth], name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", w->path);
	w->dirs[++w->depth] = fd;
	return 0;
}

/* Cuts the first component off `rest`; NULL at the end. *last: nothing but slashes follows. */
static char *walk_component(struct walk *w, bool *last, bool *slash, struct error **e)
{
	char *start = w->rest + strspn(w->rest, "/");
	size_t length = strcspn(start, "/");
	char *name = strndup(start, length);
	if (!name) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "open %s", w->path);
		return NULL;
	}
	char *next = start + length;
	*slash = *next == '/';
	*last = next[strspn(next, "/")] == '\0';
	memmove(w->rest, next, strlen(next) + 1);
	return name;
}

/* 1: `name` was a symlink, which now stands in front of the rest; 0: it is none. */
static int walk_link(struct walk *w, const char *name, struct error **e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(w->dirs[w->depth], name, target, sizeof target);
	if (n < 0) /* EINVAL: no symlink. Else the open that follows tells what is wrong. */
		return 0;
	if (++w->links > LINKS_MAX)
		return error_set(e, ERROR_ROOT, ELOOP, "open %s", w->path);
	if (n == (ssize_t)sizeof target)
		return error_set(e, ERROR_ROOT, ENAMETOOLONG, "open %s", w->path);
	char *rest = text_format(e, "%.*s%s", (int)n, target, w->rest);
	if (!rest)
		return -1;
	free(w->rest);
	w->rest = rest;
	if (target[0] == '/')
		walk_up_to(w, 0);
	return 1;
}

static int walk_open(struct walk *w, const char *name, int flags, struct error **e)
{
	int fd = openat(w->dirs[w->depth], name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "open %s", w->path);
	return fd;
}

static bool step_is_dots(struct walk *w, const char *name)
{
	if (strcmp(name, "..") == 0 && w->depth)
		walk_up_to(w, w->depth - 1);
	return strcmp(name, "..") == 0 || strcmp(name, ".") == 0 || !*name;
}

static int walk_all(struct walk *w, int flags, struct error **e)
{
	for (;;) {
		bool last, slash;
		char *auto_free name = walk_component(w, &last, &slash, e);
		if (!name)
			return -1;
		if (step_is_dots(w, name)) {
			if (last)
				return walk_open(w, ".", flags & ~O_CREAT, e);
			continue;
		}
		/* "link/" means what the link leads to (path_resolution(7)). */
		bool follow = !last || slash || !(flags & O_NOFOLLOW);
		int linked = follow ? walk_link(w, name, e) : 0;
		if (linked < 0)
			return -1;
		if (linked)
			continue;
		if (last)
			return walk_open(w, name, slash ? flags | O_DIRECTORY : flags, e);
		if (walk_down(w, name, e) < 0)
			return -1;
	}
}

int path_open_inside(int root_fd, const char *path, int flags, struct error **e)
{
	if (!*path)
		return error_set(e, ERROR_SYSTEM, ENOENT, "open an empty path");
	if (root_fd == AT_FDCWD) {
		int fd = openat(root_fd, path, flags | O_CLOEXEC, 0600);
		return fd >= 0 ? fd : error_set(e, fd_error_code(errno), errno, "open %s", path);
	}
	struct walk w = {.dirs = {root_fd}, .path = path, .rest = text_copy(path, e)};
	if (!w.rest)
		return -1;
	int fd = walk_all(&w, flags, e);
	walk_end(&w);
	return fd;
}

int path_open_parent_inside(int root_fd, const char *path, char **name, struct error **e)
{
	size_t end = strlen(path);
	while (end && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start && path[start - 1] != '/')
		start--;
	char *auto_free last = strndup(path + start, end - start);
	char *auto_free parent = start ? strndup(path, start) : strdup(".");
	if (!last || !parent)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "path");
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return error_set(e, ERROR_ROOT, 0, "'%s' names no file", path);
	int fd = path_open_inside(root_fd, parent, O_RDONLY | O_DIRECTORY, e);
	if (fd >= 0)
		*name = take(&last);
	return fd;
}

static bool has_wildcard(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in directory `path` that match; a directory that is not there matches nothing. */
static int list_matches(
	int root_fd, const char *path, const char *pattern, struct strings *names, struct error **e)
{
	int auto_fd fd = path_open_inside(root_fd, path, O_RDONLY | O_DIRECTORY, NULL);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return 0;
	take_fd(&fd);
	int r = 0;
	for (struct dirent *d; r == 0 && (d = readdir(dir));)
		if (fnmatch(pattern, d->d_name, FNM_PERIOD) == 0)
			r = strings_add(names, d->d_name, e);
	closedir(dir);
	if (r == 0 && names->count)
		qsort(names->items, names->count, sizeof *names->items, compare_names);
	return r;
}

static int add_existing(int root_fd, const char *path, struct strings *found, struct error **e)
{
	int auto_fd fd = path_open_inside(root_fd, path, O_PATH, NULL);
	return fd < 0 ? 0 : strings_add(found, path, e);
}

/* `front` is walked already ("" or a path), `rest` is still pattern. */
static int glob_step(
	int root_fd, const char *front, const char *rest, struct strings *found, struct error **e)
{
	rest += strspn(rest, "/");
	if (!*rest)
		return add_existing(root_fd, front, found, e);
	size_t length = strcspn(rest, "/");
	char *auto_free part = strndup(rest, length);
	auto_strings names = {0};
	if (!part)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "glob");
	int r = has_wildcard(part) ? list_matches(root_fd, *front ? front : ".", part, &names, e)
				   : strings_add(&names, part, e);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		char *auto_free next =
			*front ? path_join(front, names.items[i], e) : text_copy(names.items[i], e);
		r = next ? glob_step(root_fd, next, rest + length, found, e) : -1;
	}
	return r;
}

int path_glob_inside(int root_fd, const char *pattern, struct strings *found, struct error **e)
{
	if (!has_wildcard(pattern))
		return strings_add(found, pattern, e);
	return glob_step(root_fd, *pattern == '/' ? "/" : "", pattern, found, e);
}
