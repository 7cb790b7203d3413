/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "lib/fd.h"
#include "lib/ticks.h"
#include "mirrors/fetch_run.h"

enum { STEP_MS = 50 };

/* "de.mirror.example" of "https://de.mirror.example/$arch/$repo". */
static void host_of(const struct fetch_run *run, size_t mirror, char *to, size_t size)
{
	const char *server = mirrors_server(run->source->mirrors, mirror);
	const char *host = strstr(server, "://");
	host = host ? host + 3 : server;
	snprintf(to, size, "%.*s", (int)strcspn(host, "/"), host);
}

/* Of the files under way the one that is furthest from its end says most about the rest. */
static const struct fetch_stream *main_stream(const struct fetch_run *run)
{
	const struct fetch_stream *best = NULL;
	uint64_t most = 0;
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++) {
		const struct fetch_stream *s = &run->streams[i];
		uint64_t rest = s->job && s->body && s->job->part.total > s->at
					? s->job->part.total - s->at
					: 0;
		if (s->job && s->body && (!best || rest > most)) {
			best = s;
			most = rest;
		}
	}
	return best;
}

static void show_progress(struct fetch_run *run, int64_t now_ms)
{
	enum { SHOW_MS = 50, WINDOW_MS = 5000 };
	struct report_transfer t = {.files = run->count, .files_done = run->ended};
	bool known = true;
	char host[256];
	if (!run->source->report || now_ms - run->shown_ms < SHOW_MS)
		return;
	run->shown_ms = now_ms;
	for (size_t i = 0; i < run->count; i++) {
		const struct fetch_job *j = &run->jobs[i];
		uint64_t at = j->ended ? j->size : fetch_pieces_have(&j->part.pieces);
		t.done += at;
		t.total += j->ended ? at : j->part.total;
		known = known && (j->ended || j->part.total);
	}
	t.total = known ? t.total : 0;
	t.rate = fetch_meter_rate(&run->meter, now_ms, WINDOW_MS);
	const struct fetch_stream *s = main_stream(run);
	if (s) {
		host_of(run, s->mirror, host, sizeof host);
		t.file = s->job->item->file;
		t.file_done = fetch_pieces_have(&s->job->part.pieces);
		t.file_total = s->job->part.total;
		t.mirror = host;
	}
	report_transfer(run->source->report, &t);
}

/* What there is to fetch, where it is known, before it begins. */
static void say_size(const struct fetch_run *run)
{
	uint64_t need = 0, have = 0;
	char needed[32], there[32];
	for (size_t i = 0; i < run->count; i++) {
		const struct fetch_job *j = &run->jobs[i];
		if (j->ended)
			continue;
		uint64_t part = fetch_pieces_have(&j->part.pieces);
		if (!j->part.total)
			return;
		have += part;
		need += j->part.total - part;
	}
	if (!need)
		return;
	size_t count = run->count - run->ended;
	text_size(needed, sizeof needed, need);
	text_size(there, sizeof there, have);
	report_note(run->source->report,
		have ? "%s to fetch in %zu file%s, %s are there already"
		     : "%s to fetch in %zu file%s",
		needed, count, count == 1 ? "" : "s", there);
}

void fetch_job_end(struct fetch_job *j)
{
	j->ended = true;
	j->run->ended++;
	j->run->replan = true;
}

/* The owner judges the product. 1: it is good; 0: it is not, and is gone; -1: the run ends. */
int fetch_job_hand_over(
	struct fetch_job *j, struct fetched **product, struct error **failure, struct error **e)
{
	j->size = fetched_size(*product);
	int r = fetch_job_tell(j, product, failure);
	fetched_free(take(product));
	if (r == 0) {
		char host[256];
		host_of(j->run, j->mirror, host, sizeof host);
		report_file(
			j->run->source->report, j->item->file, j->sources ? host : NULL, j->size);
		fetch_job_end(j);
		return 1;
	}
	if (error_code(*failure) != ERROR_TRUST) {
		if (e && !*e)
			*e = take(failure);
		return -1;
	}
	unlinkat(j->run->dirfd, j->item->file, 0);
	return 0;
}

/* More than one mirror, or an earlier run, had a hand in it: nobody knows whose fault it is. Once
 * more, then, and from one alone. */
static int restart_alone(struct fetch_job *j, const struct error *failure)
{
	j->alone = true;
	report_note(j->run->source->report, "%s: from several sources; once more, from one",
		error_message(failure));
	fetch_part_discard(&j->part);
	j->sources = 0;
	j->resumed = false;
	return 0;
}

static int job_finish(struct fetch_job *j, struct error **e)
{
	auto_error *failure = NULL;
	bool mixed = j->resumed || (j->sources & (j->sources - 1));
	struct fetched *product = fetch_part_finish(&j->part, j->mirror, &failure);
	if (product) {
		int good = fetch_job_hand_over(j, &product, &failure, e);
		if (good)
			return good < 0 ? -1 : 0;
	} else if (!fetch_failure_is_local(failure)) {
		error_wrap(&failure, "%s", mirrors_server(j->run->source->mirrors, j->mirror));
	}
	bool wrong = error_code(failure) == ERROR_TRUST;
	j->run->replan = true;
	if (wrong && mixed)
		return restart_alone(j, failure);
	j->mismatches += wrong;
	j->sources = 0;
	struct fetch_failure f = {.mirror = j->mirror, .error = failure};
	return fetch_job_failed(j, &f, e);
}

int fetch_job_check(struct fetch_job *j, struct error **e)
{
	if (j->ended || j->streams || !fetch_pieces_complete(&j->part.pieces))
		return 0;
	return job_finish(j, e);
}

/* What is known to be missing has to fit, before the first byte is asked for. */
static int check_space(const struct fetch_run *run, struct error **e)
{
	struct statvfs fs;
	uint64_t need = 0;
	char needed[32], there[32];
	for (size_t i = 0; i < run->count; i++) {
		const struct fetch_job *j = &run->jobs[i];
		uint64_t have = fetch_pieces_have(&j->part.pieces);
		if (!j->ended && j->part.total > have)
			need += j->part.total - have;
	}
	if (fstatvfs(run->dirfd, &fs) < 0 || !fs.f_blocks)
		return 0;
	uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (need <= room)
		return 0;
	text_size(needed, sizeof needed, need);
	text_size(there, sizeof there, room);
	error_set(e, ERROR_SPACE, 0, "%s are to be fetched, %s are free", needed, there);
	return error_hint(e, "free some space, then run the same command again");
}

/* Each product is an open descriptor, and 1,024 are soon used up by a large upgrade. */
static void raise_descriptor_limit(size_t count)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)count + 128;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int job_open(struct fetch_job *j, struct error **e)
{
	const struct fetch_run *run = j->run;
	const struct fetch_item *item = j->item;
	for (const struct fetch_job *other = run->jobs; other < j; other++)
		if (strcmp(other->item->file, item->file) == 0)
			return error_set(
				e, ERROR_TRUST, 0, "%s is to be fetched twice", item->file);
	j->tries = calloc(run->mirror_count, 1);
	if (!j->tries)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
	/* The name is judged before a file is opened by it. */
	char *auto_free url = mirrors_url(run->source->mirrors, 0, item->repo, item->file, e);
	if (!url || fetch_part_init(&j->part, run->dirfd, item, e) < 0)
		return -1;
	j->resumed = fetch_pieces_have(&j->part.pieces) > 0;
	return 0;
}

static int run_open(struct fetch_run *run, const struct fetch_item *items, struct error **e)
{
	run->jobs = calloc(run->count, sizeof *run->jobs);
	run->mirrors = calloc(run->mirror_count, sizeof *run->mirrors);
	if (!run->jobs || !run->mirrors)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
	for (size_t i = 0; i < run->count; i++) {
		run->jobs[i].part.fd = -1;
		run->jobs[i].run = run;
		run->jobs[i].item = &items[i];
	}
	for (size_t i = 0; i < run->count; i++)
		if (job_open(&run->jobs[i], e) < 0)
			return -1;
	size_t most = run->mirror_count < FETCH_MIRRORS_AT_ONCE ? run->mirror_count
								: FETCH_MIRRORS_AT_ONCE;
	fetch_width_init(&run->width, most);
	return 0;
}

/* What is there already. One that its owner refuses is fetched. */
static int run_adopt(struct fetch_run *run, struct error **e)
{
	for (size_t i = 0; i < run->count; i++) {
		auto_error *refused = NULL;
		struct fetch_job *j = &run->jobs[i];
		struct fetched *product = NULL;
		if (fetch_part_adopt(&j->part, &product, e) < 0 ||
			(product && fetch_job_hand_over(j, &product, &refused, e) < 0))
			return -1;
	}
	return 0;
}

static int run_all(struct fetch_run *run, struct error **e)
{
	if (run->ended == run->count)
		return 0;
	say_size(run);
	run->session = http_session_open(run->source->http, e);
	if (!run->session)
		return -1;
	while (run->ended < run->count) {
		if (fetch_plan(run, ticks_ms(), e) < 0 ||
			http_session_step(run->session, STEP_MS, e) < 0)
			return -1;
		show_progress(run, ticks_ms());
	}
	return 0;
}

static void run_close(struct fetch_run *run)
{
	http_session_close(run->session);
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++)
		free(run->streams[i].url);
	for (size_t i = 0; run->jobs && i < run->count; i++) {
		struct fetch_job *j = &run->jobs[i];
		fetch_part_free(&j->part);
		causes_free(&j->causes);
		free(j->tries);
		free(j->hint);
	}
	free(run->jobs);
	free(run->mirrors);
}

int fetch_each(const struct fetch_source *s, int dirfd, const struct fetch_item *items,
	size_t count, const struct fetch_listener *listener, struct error **e)
{
	struct fetch_run run = {.source = s,
		.count = count,
		.dirfd = dirfd,
		.listener = listener,
		.mirror_count = mirrors_count(s->mirrors)};
	if (!count)
		return 0;
	raise_descriptor_limit(count);
	int r = run_open(&run, items, e);
	if (r == 0)
		r = run_adopt(&run, e);
	if (r == 0)
		r = check_space(&run, e);
	if (r == 0)
		r = run_all(&run, e);
	run_close(&run);
	return r;
}

static int keep_product(void *arg, size_t index, struct fetched **file, struct error **e)
{
	struct fetched **out = arg;
	out[index] = take(file);
	return 0;
}

int fetch_files(const struct fetch_source *s, int dirfd, const struct fetch_item *items,
	size_t count, struct fetched **out, struct error **e)
{
	struct fetched **products = calloc(count ? count : 1, sizeof *products);
	if (!products)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
	struct fetch_listener listener = {keep_product, products};
	int r = fetch_each(s, dirfd, items, count, &listener, e);
	for (size_t i = 0; i < count; i++) {
		if (r == 0)
			out[i] = products[i];
		else
			fetched_free(products[i]);
	}
	free(products);
	return r;
}
