/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mirrorlist, then each of its servers as a mirror, and the URLs that come of it. Input: a file's
 * name on a line (as a database may claim one), then the list. */
#include "tests/fuzz/fuzz.h"

#include "lib/fd.h"
#include "lib/text.h"
#include "mirrors/mirrorlist.h"
#include "mirrors/mirrors.h"
#include "mirrors/pacman_conf.h"
#include "mirrors/ranking_cache.h"
#include "packages/marks.h"

static void urls(const struct mirrors *m, const char *file)
{
	for (size_t i = 0; i < mirrors_count(m); i++) {
		struct error *e = NULL;
		char *auto_free url = mirrors_url(m, i, "core", file, &e);
		check(!url == (e != NULL));
		error_free(e);
		if (!url)
			continue;
		check(text_has_prefix(url, mirrors_is_https(m, i) ? "https://" : "http://"));
		for (const char *c = url; *c; c++)
			check(*c > ' ' && *c < 0x7f && *c != '?' && *c != '#');
		/* The host is the list's, whatever the file is called. */
		const char *host = strstr(url, "://") + 3,
			   *other = strstr(mirrors_server(m, i), "://") + 3;
		size_t length = strcspn(other, "/");
		check(strncmp(host, other, length) == 0 && host[length] == '/');
	}
}

/* What we keep ourselves: a list that we wrote, rankings, marks of databases. */
static void kept(const char *text)
{
	auto_strings active = {0}, all = {0};
	struct ranking ranking;
	struct database_marks marks;
	check(mirrorlist_servers(text, false, &active, NULL) == 0);
	check(mirrorlist_servers(text, true, &all, NULL) == 0);
	if (ranking_parse(text, &ranking, NULL) == 0) {
		auto_buf again = BUF(0);
		check(ranking_used(&ranking) <= ranking.count);
		check(ranking_print(&ranking, &again, NULL) == 0);
		ranking_free(&ranking);
	}
	if (marks_parse(text, &marks) == 0)
		marks_free(&marks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_strings servers = {0};
	char *auto_free text = fuzz_text(data, size);
	char *list = strchr(text, '\n');
	struct error *e = NULL;
	if (!list)
		return 0;
	*list++ = '\0';
	kept(list);
	int r = mirrorlist_parse(list, &servers, &e);
	check((r < 0) == (e != NULL));
	error_clear(&e);
	for (size_t i = 0; r == 0 && i < servers.count; i++) {
		struct strings one = {&servers.items[i], 1};
		struct mirrors *m = mirrors_new(&one, "aarch64", &e);
		check(!m == (e != NULL));
		error_clear(&e);
		if (m)
			urls(m, text);
		mirrors_free(m);
	}
	return 0;
}
