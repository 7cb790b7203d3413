/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/mtree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"

enum { FIRST_ENTRIES = 256 };

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place, as vis(3) wrote it: \ooo, and the letters that libarchive knows. */
static int unescape(char *text)
{
	static const char from[] = "\\\"#abefnrstv", to[] = "\\\"#\a\b\033\f\n\r \t\v";
	char *out = text;
	for (char *p = text; *p; p++) {
		if (*p != '\\') {
			*out++ = *p;
			continue;
		}
		p++;
		const char *letter = *p ? strchr(from, *p) : NULL;
		if (letter) {
			*out++ = to[letter - from];
			continue;
		}
		int value = 0;
		for (int i = 0; i < 3; i++) {
			if (p[i] < '0' || p[i] > '7')
				return -1;
			value = value << 3 | (p[i] - '0');
		}
		if (value == 0 || value > 255)
			return -1;
		*out++ = (char)value;
		p += 2;
	}
	*out = '\0';
	return 0;
}

static int set_type(struct mtree_entry *to, char *value)
{
	static const struct {
		const char *word;
		mode_t type;
	} types[] = {
		{"file", S_IFREG},
		{"dir", S_IFDIR},
		{"link", S_IFLNK},
		{"block", S_IFBLK},
		{"char", S_IFCHR},
		{"fifo", S_IFIFO},
		{"socket", S_IFSOCK},
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].word, value) == 0) {
			to->type = types[i].type;
			return 0;
		}
	return -1;
}

static int set_link(struct mtree_entry *to, char *value)
{
	to->link = value;
	return unescape(value);
}

static int set_mode(struct mtree_entry *to, char *value)
{
	size_t length = strspn(value, "01234567");
	if (!length || length > 6 || value[length])
		return -1;
	to->mode = (mode_t)strtoul(value, NULL, 8) & 07777;
	return 0;
}

static int set_uid(struct mtree_entry *to, char *value)
{
	int64_t number;
	if (text_to_int64(value, 0, UINT32_MAX, &number) < 0)
		return -1;
	to->uid = (uid_t)number;
	return 0;
}

static int set_gid(struct mtree_entry *to, char *value)
{
	int64_t number;
	if (text_to_int64(value, 0, UINT32_MAX, &number) < 0)
		return -1;
	to->gid = (gid_t)number;
	return 0;
}

static int set_size(struct mtree_entry *to, char *value)
{
	int64_t number;
	if (text_to_int64(value, 0, INT64_MAX, &number) < 0)
		return -1;
	to->size = (uint64_t)number;
	return 0;
}

/* "1767225600.0", of which the part of a second says nothing: pacman looks at whole ones, too. */
static int set_time(struct mtree_entry *to, char *value)
{
	size_t length = strcspn(value, ".");
	if (value[length] && value[length + 1 + strspn(value + length + 1, "0123456789")])
		return -1;
	value[length] = '\0';
	return text_to_int64(value, INT64_MIN, INT64_MAX, &to->time_s);
}

static int set_sha256(struct mtree_entry *to, char *value)
{
	for (int i = 0; i < 32; i++) {
		int high = hex_digit(value[2 * i]);
		int low = high < 0 ? -1 : hex_digit(value[2 * i + 1]);
		if (low < 0)
			return -1;
		to->sha256[i] = (unsigned char)(high << 4 | low);
	}
	return value[64] ? -1 : 0;
}

/* One word, "key=value". What is not looked at here (md5digest, nlink) is passed over. */
static int parse_word(struct mtree_entry *to, char *word)
{
	static const struct {
		const char *key;
		unsigned has;
		int (*set)(struct mtree_entry *to, char *value);
	} keys[] = {
		{"type", 0, set_type},
		{"link", 0, set_link},
		{"mode", MTREE_MODE, set_mode},
		{"uid", MTREE_UID, set_uid},
		{"gid", MTREE_GID, set_gid},
		{"size", MTREE_SIZE, set_size},
		{"time", MTREE_TIME, set_time},
		{"sha256digest", MTREE_SHA256, set_sha256},
		{"sha256", MTREE_SHA256, set_sha256},
	};
	char *value = strchr(word, '=');
	if (!value)
		return 0;
	*value++ = '\0';
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(keys[i].key, word) != 0)
			continue;
		to->has |= keys[i].has;
		return keys[i].set(to, value);
	}
	return 0;
}

static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r");
	size_t length = strcspn(word, " \t\r");
	if (!length)
		return NULL;
	*rest = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

static int parse_words(struct mtree_entry *to, char *rest)
{
	for (char *word; (word = next_word(&rest));)
		if (parse_word(to, word) < 0)
			return -1;
	return 0;
}

/* "/unset all", or some words of what /set gave. */
static void parse_unset(struct mtree_entry *defaults, char *rest)
{
	static const struct {
		const char *key;
		unsigned has;
	} keys[] = {{"mode", MTREE_MODE}, {"uid", MTREE_UID}, {"gid", MTREE_GID},
		{"size", MTREE_SIZE}, {"time", MTREE_TIME}, {"sha256digest", MTREE_SHA256}};
	for (char *word; (word = next_word(&rest));) {
		if (strcmp(word, "all") == 0)
			*defaults = (struct mtree_entry){.type = S_IFREG};
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			if (strcmp(keys[i].key, word) == 0)
				defaults->has &= ~keys[i].has;
	}
}

static struct mtree_entry *add_entry(struct mtree *m, size_t *room)
{
	if (m->count == *room) {
		size_t more = *room ? *room * 2 : FIRST_ENTRIES;
		struct mtree_entry *grown = reallocarray(m->entries, more, sizeof *grown);
		if (!grown)
			return NULL;
		m->entries = grown;
		*room = more;
	}
	return &m->entries[m->count++];
}

/* Only whole paths: entries of a directory that an earlier line named are of an older form. */
static const char *clean_path(char *path)
{
	if (unescape(path) < 0)
		return NULL;
	if (strcmp(path, ".") == 0)
		return path;
	bool below = path[0] == '.' && path[1] == '/' && path[2] && path[2] != '/';
	return below ? path + 2 : NULL;
}

enum line_outcome { LINE_GOOD, LINE_BAD, LINE_NO_MEMORY };

static enum line_outcome parse_line(
	struct mtree *m, struct mtree_entry *defaults, size_t *room, char *line)
{
	char *first = next_word(&line);
	if (!first || *first == '#')
		return LINE_GOOD;
	if (strcmp(first, "/set") == 0)
		return parse_words(defaults, line) < 0 ? LINE_BAD : LINE_GOOD;
	if (strcmp(first, "/unset") == 0) {
		parse_unset(defaults, line);
		return LINE_GOOD;
	}
	struct mtree_entry entry = *defaults;
	entry.path = clean_path(first);
	if (!entry.path || parse_words(&entry, line) < 0 || (S_ISLNK(entry.type) && !entry.link))
		return LINE_BAD;
	if (strcmp(entry.path, ".") == 0) /* the root itself is no package's */
		return LINE_GOOD;
	struct mtree_entry *to = add_entry(m, room);
	if (!to)
		return LINE_NO_MEMORY;
	*to = entry;
	return LINE_GOOD;
}

int mtree_parse(struct mtree *m, struct buf *text, struct error **e)
{
	struct mtree made = {.text = *text};
	struct mtree_entry defaults = {.type = S_IFREG};
	size_t room = 0, number = 0;
	*text = BUF(text->limit);
	if (memchr(made.text.data ? made.text.data : "", '\0', made.text.length)) {
		mtree_free(&made);
		return error_set(e, ERROR_ROOT, 0, "mtree: a NUL in it");
	}
	for (char *line = made.text.data, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		enum line_outcome got = parse_line(&made, &defaults, &room, line);
		if (got == LINE_GOOD)
			continue;
		mtree_free(&made);
		return got == LINE_NO_MEMORY
			       ? error_set(e, ERROR_SYSTEM, ENOMEM, "mtree")
			       : error_set(e, ERROR_ROOT, 0, "mtree: line %zu is broken", number);
	}
	*m = made;
	return 0;
}

void mtree_free(struct mtree *m)
{
	free(m->entries);
	buf_free(&m->text);
	*m = (struct mtree){0};
}
