/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/ranking_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

#define FIRST_LINE "alarmstrap ranking 1"
/* What two runs may differ in, where each counts from its own start. */
enum { TEXT_MAX = 1 << 20, FIELDS = 8, SLACK_S = 60 };

/* "made N", a line a mirror with its numbers, server and story, "end". */
int ranking_print(const struct ranking *r, struct buf *to, struct error **e)
{
	if (buf_printf(to, e, FIRST_LINE "\nmade %" PRId64 "\n", r->made_s) < 0)
		return -1;
	for (size_t i = 0; i < r->count; i++) {
		const struct ranking_row *row = &r->rows[i];
		if (buf_printf(to, e, "mirror %s %d %" PRId64 " %" PRId64 " %zu %" PRId64 " %s ",
			    mirror_fault_word(row->fault), row->answer_ms, row->marker_s,
			    row->newest_s, row->alike, row->rate, row->server) < 0)
			return -1;
		for (const char *c = row->why; *c; c++)
			if (buf_append(to, *c == '\n' ? " " : c, 1, e) < 0)
				return -1;
		if (buf_puts(to, "\n", e) < 0)
			return -1;
	}
	return buf_puts(to, "end\n", e);
}

/* The word up to the next space; NULL at the end of the line. */
static char *next_word(char **rest)
{
	char *word = *rest ? strsep(rest, " ") : NULL;
	return word && *word ? word : NULL;
}

/* 0, -1: nonsense. */
static int parse_row(char *line, struct ranking_row *to)
{
	char *word[FIELDS];
	int64_t answer_ms, alike;
	struct ranking_row row = {.server = NULL};
	for (size_t i = 0; i < FIELDS; i++)
		if (!(word[i] = next_word(&line)))
			return -1;
	if (strcmp(word[0], "mirror") != 0 || mirror_fault_parse(word[1], &row.fault) < 0 ||
		text_to_int64(word[2], -1, INT_MAX, &answer_ms) < 0 ||
		text_to_int64(word[3], 0, INT64_MAX, &row.marker_s) < 0 ||
		text_to_int64(word[4], 0, INT64_MAX, &row.newest_s) < 0 ||
		text_to_int64(word[5], 0, INT_MAX, &alike) < 0 ||
		text_to_int64(word[6], -1, INT64_MAX, &row.rate) < 0 || !line)
		return -1;
	row.answer_ms = (int)answer_ms;
	row.alike = (size_t)alike;
	row.server = strdup(word[7]);
	row.why = strdup(line);
	*to = row;
	return row.server && row.why ? 0 : -1;
}

static int parse_lines(struct strings *lines, struct ranking *to)
{
	size_t last = lines->count - 1;
	if (lines->count < 3 || strcmp(lines->items[0], FIRST_LINE) != 0 ||
		!text_has_prefix(lines->items[1], "made ") ||
		text_to_int64(lines->items[1] + 5, 1, INT64_MAX, &to->made_s) < 0 ||
		strcmp(lines->items[last], "end") != 0)
		return -1;
	to->rows = calloc(lines->count, sizeof *to->rows);
	for (size_t i = 2; to->rows && i < last; i++) {
		to->count++;
		if (parse_row(lines->items[i], &to->rows[i - 2]) < 0)
			return -1;
	}
	return to->rows ? 0 : -1;
}

int ranking_parse(const char *text, struct ranking *to, struct error **e)
{
	auto_strings lines = {0};
	struct ranking found = {.count = 0};
	if (!text_has_suffix(text, "\nend\n") || strings_split(&lines, text, "\n", e) < 0 ||
		parse_lines(&lines, &found) < 0) {
		ranking_free(&found);
		return error_set(e, ERROR_SYSTEM, EBADMSG, "ranking");
	}
	*to = found;
	return 0;
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Architecture and servers, in whatever order, make the name. */
char *ranking_name(const struct mirrors *m, struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	char hex[DIGEST_HEX_MAX];
	size_t count = mirrors_count(m);
	const char **auto_free servers = calloc(count + 1, sizeof *servers);
	auto_digest *d = digest_new(DIGEST_SHA256, e);
	if (!servers)
		error_set(e, ERROR_SYSTEM, ENOMEM, "ranking");
	if (!servers || !d || digest_update(d, mirrors_arch(m), strlen(mirrors_arch(m)) + 1, e) < 0)
		return NULL;
	for (size_t i = 0; i < count; i++)
		servers[i] = mirrors_server(m, i);
	qsort(servers, count, sizeof *servers, by_text);
	for (size_t i = 0; i < count; i++)
		if (digest_update(d, servers[i], strlen(servers[i]) + 1, e) < 0)
			return NULL;
	if (digest_finish(d, bytes, e) < 0)
		return NULL;
	digest_hex(bytes, 8, hex);
	return text_format(e, "ranking-%s", hex);
}

static int read_file(const char *dir, const char *name, struct buf *to)
{
	struct stat st;
	char *auto_free path = path_join(dir, name, NULL);
	int auto_fd fd =
		path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) : -1;
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		st.st_mode & (S_IWGRP | S_IWOTH) || (st.st_uid != 0 && st.st_uid != geteuid()))
		return -1;
	return fd_read_all(fd, to, NULL);
}

static bool is_of(const struct ranking *r, const struct mirrors *m)
{
	if (r->count != mirrors_count(m))
		return false;
	for (size_t k = 0; k < r->count; k++) { /* each once: mirrors hold none twice */
		size_t found = 0;
		for (size_t i = 0; i < r->count; i++)
			found += strcmp(r->rows[i].server, mirrors_server(m, k)) == 0;
		if (found != 1)
			return false;
	}
	return true;
}

int ranking_load(const char *dir, const struct mirrors *m, int64_t now_s, struct ranking *to,
	struct error **e)
{
	auto_buf text = BUF(TEXT_MAX);
	auto_ranking found = {.count = 0};
	char *auto_free name = ranking_name(m, e);
	if (!name)
		return -1;
	if (read_file(dir, name, &text) < 0 || strlen(buf_text(&text)) != text.length ||
		ranking_parse(buf_text(&text), &found, NULL) < 0 || !is_of(&found, m) ||
		found.made_s > now_s + SLACK_S || now_s - found.made_s >= RANKING_LASTS_S ||
		!ranking_used(&found))
		return 0;
	*to = found;
	found = (struct ranking){.count = 0};
	return 1;
}

int ranking_save(const char *dir, const char *name, const struct ranking *r, struct error **e)
{
	auto_buf text = BUF(TEXT_MAX);
	char *auto_free path = path_join(dir, name, e);
	if (!path || ranking_print(r, &text, e) < 0 || path_make_dirs(AT_FDCWD, dir, 0755, e) < 0 ||
		path_write_file(AT_FDCWD, path, 0644, text.data, text.length, e) < 0)
		return error_wrap(e, "keep the ranking");
	return 0;
}

int ranking_forget(const char *dir, const char *name, struct error **e)
{
	char *auto_free path = path_join(dir, name, e);
	if (!path)
		return -1;
	if (unlinkat(AT_FDCWD, path, 0) < 0 && errno != ENOENT && errno != ENOTDIR)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", path);
	return 0;
}
