/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the user's hooks. */
#include "hooks/user.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"

static const char *const sides[] = {"outside", "inside"};
static const char *const times[] = {"before", "after"};

/* Takes one of two words and the '-' behind it from the front; its index, or -1. */
static int take_word(const char **text, const char *const words[2])
{
	for (int i = 0; i < 2; i++) {
		size_t length = strlen(words[i]);
		if (strncmp(*text, words[i], length) == 0 && (*text)[length] == '-') {
			*text += length + 1;
			return i;
		}
	}
	return -1;
}

static bool moment_exists(const struct user_stage *s, bool inside, bool after)
{
	return !inside || (after ? s->inside_after : s->inside_before);
}

/* The moment whose word is the nearest, if a slip of the finger explains the difference. */
static void guess(const struct user_stages *stages, const char *word, struct buf *meant)
{
	size_t nearest = 4;
	for (size_t i = 0; i < 4 * stages->count; i++) {
		const struct user_stage *s = &stages->items[i / 4];
		bool inside = i & 1, after = i & 2;
		char *auto_free known =
			text_format(NULL, "%s-%s-%s", sides[inside], times[after], s->name);
		size_t distance = known ? text_distance(word, known) : nearest;
		if (distance >= nearest || !moment_exists(s, inside, after))
			continue;
		buf_clear(meant);
		if (buf_puts(meant, known, NULL) == 0)
			nearest = distance;
	}
}

static int no_moment(const struct user_stages *stages, const char *word, struct error **e)
{
	auto_buf meant = BUF(0), names = BUF(0);
	error_set(e, ERROR_CONFIG, 0, "'%s' is not a moment at which hooks run", word);
	guess(stages, word, &meant);
	for (size_t i = 0; i < stages->count; i++)
		if (buf_printf(&names, NULL, "%s%s", i ? ", " : "", stages->items[i].name) < 0)
			break;
	if (meant.length)
		return error_hint(
			e, "did you mean %s? Stages: %s", buf_text(&meant), buf_text(&names));
	return error_hint(e,
		"call it outside-before-STAGE, outside-after-STAGE or inside-…; "
		"stages: %s",
		buf_text(&names));
}

/* The earliest moment that has an inside goes into the hint. */
static int too_early(
	const struct user_stages *stages, const struct user_moment *m, struct error **e)
{
	error_set(e, ERROR_CONFIG, 0, "no environment is up %s stage %s: there is no inside yet",
		times[m->after], m->stage);
	for (size_t i = 0; i < 2 * stages->count; i++)
		if (moment_exists(&stages->items[i / 2], true, i & 1))
			return error_hint(e, "the first moment inside is inside-%s-%s",
				times[i & 1], stages->items[i / 2].name);
	return -1;
}

int user_moment_parse(
	const struct user_stages *stages, const char *word, struct user_moment *m, struct error **e)
{
	const char *rest = word;
	int side = take_word(&rest, sides);
	int time = side < 0 ? -1 : take_word(&rest, times);
	for (size_t i = 0; time >= 0 && i < stages->count; i++) {
		const struct user_stage *s = &stages->items[i];
		if (strcmp(s->name, rest) != 0)
			continue;
		struct user_moment found = {s->name, time == 1, side == 1};
		if (!moment_exists(s, found.inside, found.after))
			return too_early(stages, &found, e);
		*m = found;
		return 0;
	}
	return no_moment(stages, word, e);
}

/* Nobody but root and the caller may be able to put words into our mouth. */
static int check_owner(const struct stat *st, const char *path, struct error **e)
{
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		error_set(e, ERROR_CONFIG, 0, "%s belongs to user %u, who could change what runs",
			path, (unsigned)st->st_uid);
		return error_hint(e, "chown root '%s', after a look at it", path);
	}
	if (st->st_mode & (S_IWGRP | S_IWOTH)) {
		error_set(e, ERROR_CONFIG, 0, "%s can be written by others (mode %03o)", path,
			(unsigned)(st->st_mode & 0777));
		return error_hint(e, "chmod go-w '%s', after a look at it", path);
	}
	return 0;
}

static int stat_entry(
	int dir_fd, const char *name, const char *path, struct stat *st, struct error **e)
{
	if (fstatat(dir_fd, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(e, ERROR_CONFIG, errno, "%s", path);
	if (!S_ISLNK(st->st_mode))
		return 0;
	error_set(e, ERROR_CONFIG, 0, "%s is a symbolic link", path);
	return error_hint(e, "put there what it leads to");
}

int user_hook_check(const struct user_hook *h, struct error **e)
{
	struct stat st;
	if (stat_entry(h->dir_fd, h->name, h->path, &st, e) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		error_set(e, ERROR_CONFIG, 0, "%s is no file", h->path);
		return error_hint(e, "move it elsewhere: here lie hooks only");
	}
	if (check_owner(&st, h->path, e) < 0)
		return -1;
	if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))) {
		error_set(e, ERROR_CONFIG, 0, "%s is not executable", h->path);
		return error_hint(e, "chmod +x '%s', or move it elsewhere", h->path);
	}
	return 0;
}

/* An editor's "20-user~" would run as well as 20-user. Nothing is left out in silence. */
static int check_name(const char *name, const char *path, struct error **e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	if (name[strspn(name, allowed)] == '\0')
		return 0;
	error_set(e, ERROR_CONFIG, 0, "%s: not a name of a hook", path);
	return error_hint(e, "letters, digits and any of . _ - are; move other files elsewhere");
}

/* Names in the directory but "." and those that begin with it. */
static int list(int fd, const char *path, struct strings *names, struct error **e)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	int r = dir ? 0 : error_set(e, ERROR_CONFIG, errno, "read %s", path);
	while (r == 0) {
		errno = 0; /* only so an end differs from a failure (readdir(3)) */
		struct dirent *d = readdir(dir);
		if (!d && errno)
			r = error_set(e, ERROR_CONFIG, errno, "read %s", path);
		if (!d)
			break;
		if (d->d_name[0] != '.')
			r = strings_add(names, d->d_name, e);
	}
	if (dir)
		closedir(dir);
	else if (again >= 0)
		close(again);
	return r;
}

static void hook_clear(struct user_hook *h)
{
	free(h->path);
	if (h->dir_fd >= 0)
		close(h->dir_fd);
}

/* Takes `h` over. */
static int add(struct user_hooks *hooks, struct user_hook *h, struct error **e)
{
	struct user_hook *items = NULL;
	int r = user_hook_check(h, e);
	if (r == 0) {
		items = reallocarray(hooks->items, hooks->count + 1, sizeof *items);
		r = items ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "hooks");
	}
	if (r < 0) {
		hook_clear(h);
		return -1;
	}
	hooks->items = items;
	hooks->items[hooks->count++] = *h;
	return 0;
}

/* A directory of one moment, open and with its path. */
struct place_of_hooks {
	struct user_moment moment;
	size_t rank;
	int fd;
	const char *path;
};

static int read_hook(struct user_hooks *hooks, const struct place_of_hooks *p, const char *name,
	struct error **e)
{
	struct user_hook h = {p->moment, path_join(p->path, name, e), NULL, NULL, p->rank, -1};
	if (!h.path || check_name(name, h.path, e) < 0) {
		hook_clear(&h);
		return -1;
	}
	h.name = strrchr(h.path, '/') + 1;
	h.label = memrchr(h.path, '/', (size_t)(h.name - 1 - h.path));
	h.label = h.label ? h.label + 1 : h.path;
	h.dir_fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 3);
	if (h.dir_fd < 0) {
		error_set(e, ERROR_SYSTEM, errno, "%s", h.path);
		hook_clear(&h);
		return -1;
	}
	return add(hooks, &h, e);
}

static int read_place(struct user_hooks *hooks, const struct place_of_hooks *p, struct error **e)
{
	auto_strings names = {0};
	struct stat st;
	if (fstat(p->fd, &st) < 0)
		return error_set(e, ERROR_CONFIG, errno, "%s", p->path);
	if (check_owner(&st, p->path, e) < 0 || list(p->fd, p->path, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (read_hook(hooks, p, names.items[i], e) < 0)
			return -1;
	return 0;
}

struct user_dir {
	const char *path;
	int fd;
	size_t rank;
};

/* One name in DIR. */
static int read_entry(struct user_hooks *hooks, const struct user_dir *d,
	const struct user_stages *stages, const char *name, struct error **e)
{
	struct stat st;
	struct place_of_hooks p = {.rank = d->rank};
	char *auto_free path = path_join(d->path, name, e);
	if (!path)
		return -1;
	if (user_moment_parse(stages, name, &p.moment, e) < 0)
		return error_wrap(e, "%s", path);
	if (stat_entry(d->fd, name, path, &st, e) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		error_set(e, ERROR_CONFIG, 0, "%s is no directory", path);
		return error_hint(e, "hooks lie in it: %s/10-NAME", path);
	}
	int auto_fd fd = path_open_dir(d->fd, name, e);
	p.fd = fd;
	p.path = path;
	return fd < 0 ? -1 : read_place(hooks, &p, e);
}

static int read_dir(struct user_hooks *hooks, const char *dir, size_t rank,
	const struct user_stages *stages, struct error **e)
{
	auto_strings names = {0};
	struct stat st;
	/* DIR itself may be reached by a symlink: the user named it. */
	int auto_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, ERROR_CONFIG, errno, "directory of hooks %s", dir);
	if (check_owner(&st, dir, e) < 0 || list(fd, dir, &names, e) < 0)
		return -1;
	struct user_dir d = {dir, fd, rank};
	for (size_t i = 0; i < names.count; i++)
		if (!text_has_prefix(names.items[i], "README") &&
			read_entry(hooks, &d, stages, names.items[i], e) < 0)
			return -1;
	return 0;
}

/* By name; of one name, by the order of the directories; of one directory, the outside first. */
static int compare(const void *left, const void *right)
{
	const struct user_hook *a = left, *b = right;
	int by_name = strcmp(a->name, b->name);
	if (by_name)
		return by_name;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->moment.inside - b->moment.inside;
}

int user_hooks_read(struct user_hooks *hooks, const struct strings *dirs,
	const struct user_stages *stages, struct error **e)
{
	struct user_hooks found = {NULL, 0};
	for (size_t i = 0; i < dirs->count; i++)
		if (read_dir(&found, dirs->items[i], i, stages, e) < 0) {
			user_hooks_free(&found);
			return -1;
		}
	if (found.count)
		qsort(found.items, found.count, sizeof *found.items, compare);
	*hooks = found;
	return 0;
}

void user_hooks_free(struct user_hooks *hooks)
{
	for (size_t i = 0; i < hooks->count; i++)
		hook_clear(&hooks->items[i]);
	free(hooks->items);
	*hooks = (struct user_hooks){NULL, 0};
}

bool user_hook_is_at(const struct user_hook *h, const char *stage, bool after)
{
	return h->moment.after == after && strcmp(h->moment.stage, stage) == 0;
}
