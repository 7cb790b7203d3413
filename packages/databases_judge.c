/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether new databases are what a mirror that is honest and in order would have by now. */
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/trusted_time.h"
#include "mirrors/observe.h"
#include "packages/databases.h"

/* A package of the future comes of a clock that was wrong, or is a lie: it must neither make every
 * later database an old one, nor an old one new for ever. */
static int64_t newest_until(const struct syncdb *db, int64_t now_s)
{
	int64_t newest_s = 0;
	for (size_t i = 0; i < db->count; i++) {
		int64_t date_s = db->packages[i].build_date;
		if (date_s <= now_s && date_s > newest_s)
			newest_s = date_s;
	}
	return newest_s;
}

static struct database_mark mark_of(const struct packages_context *c, const struct syncdb *db)
{
	return (struct database_mark){.repo = db->repo,
		.newest_s = newest_until(db, trusted_time_now(&c->source->http->time)),
		.count = db->count};
}

/* What this root remembers; of what pacman inside has fetched since, too. */
int databases_recall(const struct packages_context *c, struct database_marks *to, struct error **e)
{
	marks_read(rootfs_fd(c->rootfs), to);
	for (size_t i = 0; i < c->conf->repo_count; i++) {
		struct syncdb *old = databases_read_old(c, c->conf->repos[i].name);
		struct database_mark seen = old ? mark_of(c, old) : (struct database_mark){NULL};
		int r = old ? marks_raise(to, &seen, e) : 0;
		syncdb_free(old);
		if (r < 0)
			return -1;
	}
	return 0;
}

int databases_remember(const struct packages_context *c, const struct databases *d,
	struct database_marks *marks, struct error **e)
{
	auto_error *why = NULL;
	for (size_t i = 0; i < d->count; i++) {
		struct database_mark seen = mark_of(c, d->items[i]);
		if ((c->allow_old ? marks_replace(marks, &seen, e) : marks_raise(marks, &seen, e)) <
			0)
			return -1;
	}
	if (marks_write(rootfs_fd(c->rootfs), marks, &why) < 0)
		report_warn(c->report, "what was seen of databases is not remembered: %s",
			error_message(why));
	return 0;
}

/* Refused, or with --allow-old a warning. */
static int judge(
	const struct packages_context *c, int verdict, struct error **why, struct error **e)
{
	if (verdict == 0)
		return 0;
	if (c->allow_old) {
		report_warn(c->report, "%s", error_message(*why));
		return 0;
	}
	if (e && !*e)
		*e = take(why);
	return -1;
}

static int compare_all(const struct packages_context *c, const struct databases *d,
	const struct database_marks *marks, struct error **e)
{
	for (size_t i = 0; i < d->count; i++) {
		auto_error *why = NULL;
		struct database_mark now = mark_of(c, d->items[i]);
		int verdict = marks_judge(marks_find(marks, now.repo), &now, &why);
		if (judge(c, verdict, &why, e) < 0)
			return -1;
	}
	return 0;
}

/* Whether the distribution stands still. Repositories of one's own may: what counts is those that
 * the mirror of [core] has, and where they look old, its marker. */
static int judge_age(const struct packages_context *c, const struct databases *d,
	struct fetched *const *files, struct error **e)
{
	const struct mirrors *m = c->source->mirrors;
	int64_t newest_s = 0, now_s = trusted_time_now(&c->source->http->time);
	size_t mirror = SIZE_MAX;
	char story[128] = "";
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->items[i]->repo, OBSERVE_REPO) == 0)
			mirror = fetched_mirror(files[i]);
	if (mirror == SIZE_MAX)
		return 0;
	for (size_t i = 0; i < d->count; i++) {
		int64_t of_repo_s = newest_until(d->items[i], now_s);
		if (mirrors_serves(m, mirror, d->items[i]->repo) && of_repo_s > newest_s)
			newest_s = of_repo_s;
	}
	if (now_s - newest_s > MARKS_WARN_S) {
		int64_t marker_s = marker_ask(m, mirror, c->source->http);
		if (marker_s > newest_s && marker_s <= now_s + MARKS_BACKWARD_MAX_S)
			newest_s = marker_s;
	}
	auto_error *why = NULL;
	int verdict = marks_judge_age(newest_s, now_s, story, &why);
	if (verdict > 0)
		report_warn(c->report, "%s", story);
	return verdict < 0 ? judge(c, verdict, &why, e) : 0;
}

int databases_judge(const struct packages_context *c, const struct databases *d,
	struct fetched *const *files, const struct database_marks *marks, struct error **e)
{
	if (compare_all(c, d, marks, e) < 0)
		return -1;
	return judge_age(c, d, files, e);
}
