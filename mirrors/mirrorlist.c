/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/mirrorlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "mirrors/observe.h"

#define FIRST_LINE                                                                                 \
	"# Ranked by alarmstrap, which writes this file anew; remove this line to keep yours.\n"
#define BEFORE_LINE "# What stood here before:\n"
enum { TEXT_MAX = 1 << 20 };

int mirrorlist_read(int root_fd, struct buf *to, struct error **e)
{
	auto_error *why = NULL;
	int auto_fd fd =
		path_open_inside(root_fd, MIRRORLIST_PATH, O_RDONLY | O_NONBLOCK | O_NOCTTY, &why);
	*to = BUF(TEXT_MAX);
	if (fd < 0 && error_errno(why) == ENOENT)
		return 0;
	if (fd < 0) {
		if (e)
			*e = take(&why);
		return -1;
	}
	return fd_read_all(fd, to, e) < 0 ? error_wrap(e, MIRRORLIST_PATH) : 1;
}

bool mirrorlist_is_ours(const char *text)
{
	return text_has_prefix(text, FIRST_LINE);
}

/* "Server = URL" as its URL; NULL for anything else. Changes the line. */
static const char *server_of(char *line, bool all)
{
	line = text_trim(line);
	if (all && *line == '#')
		line = text_trim(line + strspn(line, "# \t"));
	char *value = text_has_prefix(line, "Server") ? strchr(line, '=') : NULL;
	if (!value)
		return NULL;
	*value++ = '\0';
	value = text_trim(value);
	bool is_url = text_has_prefix(value, "https://") || text_has_prefix(value, "http://");
	return strcmp(text_trim(line), "Server") == 0 && *value && (!all || is_url) ? value : NULL;
}

int mirrorlist_servers(const char *text, bool all, struct strings *to, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *server = server_of(lines.items[i], all);
		if (server && !strings_contain(to, server) && strings_add(to, server, e) < 0)
			return -1;
	}
	return 0;
}

static bool equal(const struct strings *a, const struct strings *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

bool mirrorlist_is_used(const char *text, const struct pacman_conf *conf)
{
	auto_strings servers = {0};
	if (mirrorlist_servers(text, false, &servers, NULL) < 0)
		return false;
	for (size_t i = 0; i < conf->repo_count; i++)
		if (strcmp(conf->repos[i].name, OBSERVE_REPO) == 0)
			return servers.count && equal(&servers, &conf->repos[i].servers);
	return false;
}

/* What a list of the whole distribution can hold. */
static bool is_for_all(const char *server)
{
	return strstr(server, "$repo") != NULL;
}

static const struct ranking_row *row_of(const struct ranking *r, const char *server)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->rows[i].server, server) == 0)
			return &r->rows[i];
	return NULL;
}

static int add_servers(
	const struct mirrors *m, const struct ranking *r, struct strings *to, struct error **e)
{
	for (size_t i = 0; i < mirrors_count(m); i++) {
		const char *server = mirrors_server(m, i);
		const struct ranking_row *row = row_of(r, server);
		if (is_for_all(server) && mirrors_serves(m, i, OBSERVE_REPO) &&
			(!row || mirror_is_used(row->fault)) && strings_add(to, server, e) < 0)
			return -1;
	}
	return 0;
}

/* What servers say of themselves may hold anything. */
static int put_comment(struct buf *to, const char *text, struct error **e)
{
	auto_buf shown = BUF(0);
	if (text_render(&shown, text, e) < 0)
		return -1;
	return buf_printf(to, e, "# %s\n", buf_text(&shown));
}

static int put_left_out(
	struct buf *to, const struct ranking *r, const struct strings *used, struct error **e)
{
	char day[16] = "";
	struct tm t;
	time_t when = (time_t)r->made_s;
	bool any = false;
	if (gmtime_r(&when, &t))
		strftime(day, sizeof day, "%Y-%m-%d", &t);
	for (size_t i = 0; i < r->count; i++) {
		const struct ranking_row *row = &r->rows[i];
		if (!is_for_all(row->server) || strings_contain(used, row->server))
			continue;
		if ((!any && buf_printf(to, e, "\n# Left out on %s:\n", day) < 0) ||
			put_comment(to, row->why, e) < 0 ||
			buf_printf(to, e, "#Server = %s\n", row->server) < 0)
			return -1;
		any = true;
	}
	return 0;
}

/* Those that an earlier ranking left out, and this one did not ask. */
static int put_earlier(struct buf *to, const struct ranking *r, const struct strings *used,
	const char *before, struct error **e)
{
	auto_strings servers = {0};
	const char *end = strstr(before, BEFORE_LINE);
	bool any = false;
	if (!mirrorlist_is_ours(before))
		return 0;
	char *auto_free ours =
		text_format(e, "%.*s", end ? (int)(end - before) : (int)strlen(before), before);
	if (!ours || mirrorlist_servers(ours, true, &servers, e) < 0)
		return -1;
	for (size_t i = 0; i < servers.count; i++) {
		const char *server = servers.items[i];
		if (strings_contain(used, server) || row_of(r, server))
			continue;
		if ((!any && buf_puts(to, "\n# Left out before:\n", e) < 0) ||
			buf_printf(to, e, "#Server = %s\n", server) < 0)
			return -1;
		any = true;
	}
	return 0;
}

/* Nothing of it counts any more, and nothing is lost. */
static int put_before(struct buf *to, const char *before, struct error **e)
{
	auto_strings lines = {0};
	const char *from = mirrorlist_is_ours(before) ? strstr(before, BEFORE_LINE) : before;
	if (!from || !*from)
		return 0;
	if (from != before)
		return buf_printf(to, e, "\n%s", from);
	if (strings_split(&lines, before, "\n", e) < 0 || buf_puts(to, "\n" BEFORE_LINE, e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (buf_printf(to, e, "%s%s\n", *lines.items[i] == '#' ? "" : "#", lines.items[i]) <
			0)
			return -1;
	return 0;
}

int mirrorlist_print(const struct mirrors *m, const struct ranking *r, const char *before,
	struct buf *to, struct error **e)
{
	auto_strings used = {0};
	if (add_servers(m, r, &used, e) < 0 || buf_puts(to, FIRST_LINE, e) < 0)
		return -1;
	for (size_t i = 0; i < used.count; i++)
		if (buf_printf(to, e, "Server = %s\n", used.items[i]) < 0)
			return -1;
	if (put_left_out(to, r, &used, e) < 0 || put_earlier(to, r, &used, before, e) < 0)
		return -1;
	return put_before(to, before, e);
}

static int replace(int root_fd, const struct buf *text, struct error **e)
{
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(root_fd, MIRRORLIST_PATH, &name, e);
	if (dir < 0)
		return -1;
	return path_write_file(dir, name, 0644, text->data, text->length, e);
}

int mirrorlist_write(int root_fd, const struct mirrors *m, const struct ranking *r,
	const char *before, struct error **e)
{
	auto_strings now = {0}, wanted = {0};
	auto_buf text = BUF(TEXT_MAX);
	if (mirrorlist_servers(before, false, &now, e) < 0 || add_servers(m, r, &wanted, e) < 0)
		return -1;
	if (!wanted.count || equal(&now, &wanted))
		return 0;
	if (mirrorlist_print(m, r, before, &text, e) < 0 || replace(root_fd, &text, e) < 0)
		return error_wrap(e, MIRRORLIST_PATH);
	return 1;
}
