/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/marks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

#define DIRECTORY "var/lib/alarmstrap"
#define NAME "databases"
#define FIRST_LINE "alarmstrap databases 1"
enum { TEXT_MAX = 64 * 1024, FIELDS = 4, DAY_S = 24 * 3600 };

static void format_day(int64_t seconds, char to[16])
{
	struct tm t;
	time_t when = (time_t)seconds;
	if (!gmtime_r(&when, &t) || !strftime(to, 16, "%Y-%m-%d", &t))
		snprintf(to, 16, "?");
}

static struct database_mark *find(const struct database_marks *m, const char *repo)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->items[i].repo, repo) == 0)
			return &m->items[i];
	return NULL;
}

const struct database_mark *marks_find(const struct database_marks *m, const char *repo)
{
	return find(m, repo);
}

static struct database_mark *find_or_add(
	struct database_marks *m, const char *repo, struct error **e)
{
	struct database_mark *at = find(m, repo);
	if (at)
		return at;
	struct database_mark *more = reallocarray(m->items, m->count + 1, sizeof *more);
	if (more)
		m->items = more;
	char *name = more ? text_copy(repo, e) : NULL;
	if (!more)
		error_set(e, ERROR_SYSTEM, ENOMEM, "databases");
	if (!name)
		return NULL;
	m->items[m->count] = (struct database_mark){.repo = name};
	return &m->items[m->count++];
}

int marks_raise(struct database_marks *m, const struct database_mark *seen, struct error **e)
{
	struct database_mark *at = find_or_add(m, seen->repo, e);
	if (!at)
		return -1;
	if (seen->newest_s > at->newest_s)
		at->newest_s = seen->newest_s;
	if (seen->count > at->count)
		at->count = seen->count;
	return 0;
}

int marks_replace(struct database_marks *m, const struct database_mark *seen, struct error **e)
{
	struct database_mark *at = find_or_add(m, seen->repo, e);
	if (!at)
		return -1;
	at->newest_s = seen->newest_s;
	at->count = seen->count;
	return 0;
}

static int refuse(const char *repo, struct error **e)
{
	return error_hint(e,
		"another mirror may be right ('alarmstrap mirrors --rank' compares them); if you "
		"know that %s.db has gone back, --allow-old takes it",
		repo);
}

int marks_judge(const struct database_mark *had, const struct database_mark *now, struct error **e)
{
	char before[16], here[16];
	if (!had)
		return 0;
	if (had->newest_s - now->newest_s > MARKS_BACKWARD_MAX_S) {
		format_day(had->newest_s, before);
		format_day(now->newest_s, here);
		error_set(e, ERROR_TRUST, 0,
			"the mirror's %s.db ends at %s, and this root has seen packages of %s: it "
			"is older",
			now->repo, here, before);
		return refuse(now->repo, e);
	}
	if (now->count * 100 < had->count * (100 - MARKS_SHRINK_MAX_PERCENT)) {
		error_set(e, ERROR_TRUST, 0,
			"the mirror's %s.db has %" PRIu64
			" packages, and this root has seen %" PRIu64 ": too many are gone",
			now->repo, now->count, had->count);
		return refuse(now->repo, e);
	}
	return 0;
}

int marks_judge_age(int64_t newest_s, int64_t now_s, char story[128], struct error **e)
{
	char day[16];
	int64_t age_s = now_s - newest_s;
	if (age_s <= MARKS_WARN_S)
		return 0;
	format_day(newest_s, day);
	snprintf(story, 128, "nothing at the mirrors is newer than %s, %" PRId64 " days ago", day,
		age_s / DAY_S);
	if (age_s <= MARKS_REFUSE_S)
		return 1;
	error_set(e, ERROR_TRUST, 0, "%s: they are stale", story);
	return error_hint(e,
		"look for others with 'alarmstrap mirrors --rank'; if there is nothing newer, "
		"--allow-old takes it");
}

int marks_print(const struct database_marks *m, struct buf *to, struct error **e)
{
	if (buf_puts(to, FIRST_LINE "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		const struct database_mark *one = &m->items[i];
		if (buf_printf(to, e, "repo %" PRId64 " %" PRIu64 " %s\n", one->newest_s,
			    one->count, one->repo) < 0)
			return -1;
	}
	return buf_puts(to, "end\n", e);
}

static int parse_line(char *line, struct database_marks *to)
{
	char *word[FIELDS];
	int64_t count;
	struct database_mark one = {.repo = NULL};
	for (size_t i = 0; i < FIELDS; i++) {
		word[i] = i + 1 < FIELDS ? strsep(&line, " ") : line;
		if (!word[i] || !*word[i])
			return -1;
	}
	if (strcmp(word[0], "repo") != 0 ||
		text_to_int64(word[1], 0, INT64_MAX, &one.newest_s) < 0 ||
		text_to_int64(word[2], 0, INT32_MAX, &count) < 0 || find(to, word[3]))
		return -1;
	one.repo = word[3];
	one.count = (uint64_t)count;
	return marks_raise(to, &one, NULL);
}

int marks_parse(const char *text, struct database_marks *to)
{
	auto_strings lines = {0};
	struct database_marks found = {NULL, 0};
	if (!text_has_suffix(text, "\nend\n") || strings_split(&lines, text, "\n", NULL) < 0 ||
		strcmp(lines.items[0], FIRST_LINE) != 0)
		return -1;
	for (size_t i = 1; i + 1 < lines.count; i++)
		if (parse_line(lines.items[i], &found) < 0) {
			marks_free(&found);
			return -1;
		}
	*to = found;
	return 0;
}

void marks_read(int root_fd, struct database_marks *to)
{
	auto_buf text = BUF(TEXT_MAX);
	*to = (struct database_marks){NULL, 0};
	if (rootfs_read_file(root_fd, DIRECTORY, NAME, &text, NULL) < 0 ||
		strlen(buf_text(&text)) != text.length || marks_parse(buf_text(&text), to) < 0)
		*to = (struct database_marks){NULL, 0};
}

int marks_write(int root_fd, const struct database_marks *m, struct error **e)
{
	auto_buf text = BUF(TEXT_MAX);
	int auto_fd dir = rootfs_open_dir(root_fd, DIRECTORY, 1, e);
	if (dir < 0 || marks_print(m, &text, e) < 0)
		return -1;
	return path_write_file(dir, NAME, 0644, text.data, text.length, e);
}

void marks_free(struct database_marks *m)
{
	for (size_t i = 0; i < m->count; i++)
		free(m->items[i].repo);
	free(m->items);
	*m = (struct database_marks){NULL, 0};
}
