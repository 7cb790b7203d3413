/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_bounds.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bootstrap/directories.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

enum { DAY_S = 86400, YEARS_VALID = 15 };

struct hostclock_bounds hostclock_bounds_from(
	int64_t source_s, int64_t saved_s, int64_t android_s, size_t time_size)
{
	struct hostclock_bounds b = {source_s, source_s + (int64_t)YEARS_VALID * 365 * DAY_S,
		"the day this program was made"};
	if (time_size < 8 && b.ceiling_s > INT32_MAX)
		b.ceiling_s = INT32_MAX;
	if (android_s > b.floor_s && android_s <= b.ceiling_s) {
		b.floor_s = android_s;
		b.floor_is = "the day this Android was made";
	}
	if (saved_s > b.floor_s && saved_s <= b.ceiling_s) {
		b.floor_s = saved_s;
		b.floor_is = "the time that an earlier run learned";
	}
	return b;
}

bool hostclock_possible(const struct hostclock_bounds *b, int64_t unix_s)
{
	return unix_s >= b->floor_s && unix_s <= b->ceiling_s;
}

int64_t hostclock_saved(const char *path)
{
	auto_buf text = BUF(64);
	struct stat st;
	int64_t saved_s;
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		st.st_mode & (S_IWGRP | S_IWOTH))
		return 0;
	if (fd_read_all(fd, &text, NULL) < 0 || !text.length)
		return 0;
	return text_to_int64(text_trim(text.data), 1, INT64_MAX, &saved_s) == 0 ? saved_s : 0;
}

static char *saved_path(const char *path, struct error **e)
{
	return path ? text_copy(path, e) : text_format(e, "%s/time", directory_state());
}

int hostclock_save(const char *path, int64_t unix_s, struct error **e)
{
	char text[32];
	char *auto_free directory = NULL, *auto_free name = NULL;
	char *auto_free to = saved_path(path, e);
	if (!to)
		return -1;
	if (hostclock_saved(to) >= unix_s)
		return 0;
	int n = snprintf(text, sizeof text, "%" PRId64 "\n", unix_s);
	if (path_split(to, &directory, &name, e) < 0 ||
		path_make_dirs(AT_FDCWD, directory, 0755, e) < 0 ||
		path_write_file(AT_FDCWD, to, 0644, text, (size_t)n, e) < 0)
		return error_wrap(e, "save the time");
	return 0;
}

int64_t hostclock_android_date(const char *build_prop)
{
	static const char key[] = "ro.build.date.utc=";
	for (const char *line = build_prop; line; line = strchr(line, '\n')) {
		char digits[20];
		int64_t n;
		line += *line == '\n';
		if (!text_has_prefix(line, key))
			continue;
		const char *value = line + strlen(key);
		snprintf(digits, sizeof digits, "%.*s", (int)strspn(value, "0123456789"), value);
		return text_to_int64(digits, 1, INT64_MAX, &n) == 0 ? n : 0;
	}
	return 0;
}

/* Where its build.prop names no date, the file's own is as good: it lies on a read-only image. */
static int64_t android_date(void)
{
	static const char path[] = "/system/build.prop";
	auto_buf text = BUF(0);
	struct stat st;
	if (stat(path, &st) < 0)
		return 0;
	int64_t date_s = path_read_file(AT_FDCWD, path, &text, NULL) == 0
				 ? hostclock_android_date(buf_text(&text))
				 : 0;
	return date_s ? date_s : (int64_t)st.st_mtime;
}

struct hostclock_bounds hostclock_bounds(const char *path)
{
	char *auto_free saved = saved_path(path, NULL);
	int64_t saved_s = saved ? hostclock_saved(saved) : 0;
	return hostclock_bounds_from(SOURCE_DATE, saved_s, android_date(), sizeof(time_t));
}
