/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/survey.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "bootstrap/directories.h"
#include "bootstrap/hostclock_config.h"
#include "bootstrap/managed.h"
#include "bootstrap/ranked.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/mirrorlist.h"
#include "mirrors/ranking_cache.h"

struct survey {
	const struct survey_options *options;
	struct report *report;
	struct config *config;
	struct managed managed; /* with ROOT */
	struct buf list; /* ROOT's mirrorlist */
	bool has_list; /* and pacman.conf takes its servers from there */
	struct http_settings http;
	struct mirrors *mirrors;
	struct ranked ranked;
};

static int read_list(const char *path, struct strings *to, struct error **e)
{
	auto_buf text = BUF(0);
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	return mirrorlist_parse(buf_text(&text), to, e) < 0 ? error_wrap(e, "%s", path) : 0;
}

static int add_all(struct strings *to, const struct strings *from, struct error **e)
{
	for (size_t i = 0; i < from->count; i++)
		if (!strings_contain(to, from->items[i]) && strings_add(to, from->items[i], e) < 0)
			return -1;
	return 0;
}

/* What the root's list has, those in comments too: who was left out may be good again. Where none
 * of them has TLS, Arch Linux ARM's own are asked, as in a refresh. */
static struct mirrors *of_list(const struct survey *s, struct error **e)
{
	auto_strings servers = {0};
	size_t replaced = 0;
	struct mirrors *conf = mirrors_of_conf(s->managed.conf, s->config->arch, &replaced, e);
	if (!conf || !s->has_list)
		return conf;
	int r = 0;
	for (size_t i = 0; r == 0 && replaced && i < mirrors_count(conf); i++)
		if (strstr(mirrors_server(conf, i), "$repo"))
			r = strings_add(&servers, mirrors_server(conf, i), e);
	mirrors_free(conf);
	if (r < 0 || mirrorlist_servers(buf_text(&s->list), true, &servers, e) < 0)
		return NULL;
	return mirrors_new(&servers, s->config->arch, e);
}

static int find_mirrors(struct survey *s, struct error **e)
{
	auto_strings servers = {0};
	const struct survey_options *o = s->options;
	for (size_t i = 0; i < o->lists.count; i++)
		if (read_list(o->lists.items[i], &servers, e) < 0)
			return -1;
	if ((s->config->mirrors_in_order || !servers.count) &&
		add_all(&servers, &s->config->mirrors, e) < 0)
		return -1;
	s->mirrors = servers.count || !s->managed.conf || !s->managed.conf->repo_count
			     ? mirrors_new(&servers, s->config->arch, e)
			     : of_list(s, e);
	return s->mirrors ? 0 : -1;
}

static int open_root(struct survey *s, struct error **e)
{
	const struct survey_options *o = s->options;
	if (!o->root)
		return 0;
	if (managed_open(&s->managed, o->root, o->container, s->report, e) < 0)
		return -1;
	int found = mirrorlist_read(rootfs_fd(s->managed.rootfs), &s->list, e);
	s->has_list = found > 0 && mirrorlist_is_used(buf_text(&s->list), s->managed.conf);
	return found < 0 ? -1 : 0;
}

static int begin(struct survey *s, struct error **e)
{
	const struct survey_options *o = s->options;
	struct config_options config = o->config;
	if (open_root(s, e) < 0)
		return -1;
	config.looks_only = true;
	if (!config.arch)
		config.arch = s->managed.arch;
	s->config = config_new(o->root ? o->root : "/", &config, e);
	return s->config ? find_mirrors(s, e) : -1;
}

static int find_time(struct survey *s, struct error **e)
{
	int r = hostclock_of_config(s->config, &s->http, s->report, e);
	s->http.rate_limit = 0; /* what is measured is the mirror */
	return r;
}

/* What is known without asking anybody: the clock is as good as it is. */
static int tell(struct survey *s, struct error **e)
{
	auto_ranking kept = {.count = 0};
	int found = ranking_load(directory_cache(), s->mirrors, (int64_t)time(NULL), &kept, e);
	if (found < 0)
		return -1;
	if (found) {
		ranking_show(&kept, s->report);
		return 0;
	}
	for (size_t i = 0; i < mirrors_count(s->mirrors); i++) {
		char *auto_free place = text_format(e, "%zu", i + 1);
		if (!place)
			return -1;
		report_result(s->report, "mirror",
			(struct report_field[]){
				{"place", place}, {"mirror", mirrors_server(s->mirrors, i)}},
			2);
	}
	report_flush(s->report);
	report_note(s->report,
		"nobody has ranked them in the last 24 hours: alarmstrap mirrors%s%s --rank",
		s->options->root ? " " : "", s->options->root ? s->options->root : "");
	return 0;
}

static int write_list(struct survey *s, struct error **e)
{
	const char *root = s->options->root;
	if (!root)
		return 0;
	if (!s->has_list) {
		report_note(s->report,
			"%s" MIRRORLIST_PATH
			" is not where its pacman.conf has the servers from: nothing is written",
			root);
		return 0;
	}
	int r = mirrorlist_write(rootfs_fd(s->managed.rootfs), s->mirrors, &s->ranked.ranking,
		buf_text(&s->list), e);
	if (r >= 0)
		report_note(s->report,
			r ? "%s" MIRRORLIST_PATH " is written"
			  : "%s" MIRRORLIST_PATH " has them in this order already",
			root);
	return r < 0 ? -1 : 0;
}

static int rank(struct survey *s, struct error **e)
{
	const struct ranked_settings settings = {
		.http = &s->http, .report = s->report, .thorough = true};
	report_begin(s->report, "mirrors", 0, 0, "ask %zu mirrors", mirrors_count(s->mirrors));
	auto_error *why = NULL;
	int r = find_time(s, &why);
	if (r == 0)
		r = ranked_mirrors(s->mirrors, &settings, &s->ranked, &why);
	report_flush(s->report);
	report_end(s->report, r < 0 ? why : NULL);
	if (r < 0 && e)
		*e = take(&why);
	return r < 0 ? -1 : write_list(s, e);
}

int survey_run(const struct survey_options *o, struct report *report, struct error **e)
{
	struct survey s = {.options = o, .report = report};
	int r = begin(&s, e);
	if (r == 0)
		r = o->rank && !o->print ? rank(&s, e) : tell(&s, e);
	ranked_free(&s.ranked);
	mirrors_free(s.mirrors);
	buf_free(&s.list);
	managed_close(&s.managed);
	config_free(s.config);
	return r;
}
