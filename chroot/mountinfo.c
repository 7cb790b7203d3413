/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chroot/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/path.h"
#include "lib/text.h"

/* Hosts with thousands of containers have long tables; a line is some 200 bytes. */
enum { TEXT_LIMIT = 32 << 20 };

/* The fields of a line before the optional ones, proc(5): id parent major:minor root target options
 */
enum { FIELD_ID, FIELD_PARENT, FIELD_DEVICE, FIELD_ROOT, FIELD_TARGET, FIELD_OPTIONS, FIELD_TAGS };

/* The kernel writes space, tab, newline, backslash and '#' as \ooo (mangle_path). */
static void unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
			from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static char *field(const struct strings *fields, size_t i, struct error **e)
{
	char *copy = text_copy(fields->items[i], e);
	if (copy)
		unescape(copy);
	return copy;
}

static void entry_free(struct mountinfo_entry *m)
{
	free(m->device);
	free(m->root);
	free(m->target);
	free(m->type);
	free(m->source);
}

/* Fields, then "-" after any number of tags, then type, source, options. The kernel may leave the
 * source empty: two spaces then, and one field less. */
static int parse_line(struct mountinfo_entry *to, const char *line, struct error **e)
{
	auto_strings fields = {0};
	if (strings_split(&fields, line, " ", e) < 0)
		return -1;
	size_t dash = FIELD_TAGS;
	while (dash < fields.count && strcmp(fields.items[dash], "-") != 0)
		dash++;
	int64_t id, parent;
	if (dash + 2 >= fields.count ||
		text_to_int64(fields.items[FIELD_ID], 0, INT32_MAX, &id) < 0 ||
		text_to_int64(fields.items[FIELD_PARENT], 0, INT32_MAX, &parent) < 0)
		return error_set(e, ERROR_SYSTEM, 0, "mountinfo: strange line '%s'", line);
	struct mountinfo_entry m = {(int)id, (int)parent, field(&fields, FIELD_DEVICE, e),
		field(&fields, FIELD_ROOT, e), field(&fields, FIELD_TARGET, e),
		field(&fields, dash + 1, e), field(&fields, dash + 2, e)};
	if (!m.device || !m.root || !m.target || !m.type || !m.source) {
		entry_free(&m);
		return -1;
	}
	*to = m;
	return 0;
}

static int add_line(struct mountinfo *m, const char *line, struct error **e)
{
	if (!(m->count & (m->count + 1)) || !m->entries) { /* at 0, 1, 3, 7 …: double */
		size_t room = m->count * 2 + 2;
		void *more = realloc(m->entries, room * sizeof *m->entries);
		if (!more)
			return error_set(e, ERROR_SYSTEM, ENOMEM, "mountinfo");
		m->entries = more;
	}
	if (parse_line(&m->entries[m->count], line, e) < 0)
		return -1;
	m->count++;
	return 0;
}

int mountinfo_parse(struct mountinfo *m, const char *text, struct error **e)
{
	struct mountinfo new = {0};
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (add_line(&new, lines.items[i], e) < 0) {
			mountinfo_free(&new);
			return -1;
		}
	*m = new;
	return 0;
}

int mountinfo_read(struct mountinfo *m, int pid, struct error **e)
{
	char path[64];
	auto_buf text = BUF(TEXT_LIMIT);
	if (pid)
		snprintf(path, sizeof path, "/proc/%d/mountinfo", pid);
	else
		snprintf(path, sizeof path, "/proc/self/mountinfo");
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	return mountinfo_parse(m, buf_text(&text), e);
}

/* What of `path` follows `top`: "" for `top` itself, "/…" below it, NULL elsewhere. */
static const char *rest_below(const char *path, const char *top)
{
	size_t length = strlen(top);
	while (length > 0 && top[length - 1] == '/')
		length--;
	if (strncmp(path, top, length) != 0)
		return NULL;
	const char *rest = path + length;
	return *rest == '/' ? (rest[1] ? rest : "") : *rest ? NULL : rest;
}

const struct mountinfo_entry *mountinfo_below(const struct mountinfo *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++)
		if (rest_below(m->entries[i].target, path))
			return &m->entries[i];
	return NULL;
}

const struct mountinfo_entry *mountinfo_at(
	const struct mountinfo *m, const char *path, size_t *count)
{
	const struct mountinfo_entry *last = NULL;
	size_t found = 0;
	for (size_t i = 0; i < m->count; i++) {
		const char *rest = rest_below(m->entries[i].target, path);
		if (!rest || *rest)
			continue;
		last = &m->entries[i];
		found++;
	}
	if (count)
		*count = found;
	return last;
}

const struct mountinfo_entry *mountinfo_inside(const struct mountinfo *m, const char *path)
{
	for (size_t i = 0; i < m->count; i++) {
		const char *rest = rest_below(m->entries[i].target, path);
		if (rest && *rest)
			return &m->entries[i];
	}
	return NULL;
}

/* The mount that `path` lies on: the longest target above it, the last of equal ones. */
static const struct mountinfo_entry *mount_of(const struct mountinfo *m, const char *path)
{
	const struct mountinfo_entry *best = NULL;
	for (size_t i = 0; i < m->count; i++) {
		const struct mountinfo_entry *one = &m->entries[i];
		if (rest_below(path, one->target) &&
			(!best || strlen(one->target) >= strlen(best->target)))
			best = one;
	}
	return best;
}

/* Is `root`, a path within the filesystem, that of `rest` below `top`, or below it? No copy is
 * made. */
static bool shows(const char *root, const char *top, const char *rest)
{
	const char *after = rest_below(root, top);
	return after && rest_below(after, rest);
}

const struct mountinfo_entry *mountinfo_elsewhere(const struct mountinfo *m, const char *path)
{
	const struct mountinfo_entry *on = mount_of(m, path);
	if (!on)
		return NULL;
	const char *rest = rest_below(path, on->target);
	for (size_t i = 0; i < m->count; i++) {
		const struct mountinfo_entry *one = &m->entries[i];
		/* What lies below `path` is another question. */
		if (one != on && strcmp(one->device, on->device) == 0 &&
			shows(one->root, on->root, rest) && !rest_below(one->target, path))
			return one;
	}
	return NULL;
}

/* "mnt_id:\t28", proc(5). */
long mountinfo_id_of(int fd)
{
	char path[64];
	auto_buf text = BUF(0);
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	if (path_read_file(AT_FDCWD, path, &text, NULL) < 0)
		return -1;
	const char *line = strstr(buf_text(&text), "mnt_id:");
	return line ? strtol(line + strlen("mnt_id:"), NULL, 10) : -1;
}

void mountinfo_free(struct mountinfo *m)
{
	for (size_t i = 0; i < m->count; i++)
		entry_free(&m->entries[i]);
	free(m->entries);
	*m = (struct mountinfo){0};
}
