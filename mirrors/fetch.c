/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "lib/fd.h"
#include "mirrors/causes.h"
#include "mirrors/fetch_part.h"

/* Files at a time; tries of one mirror for one file that keeps advancing; failures in a row after
 * which a mirror goes to the end of the queue; wrong hashes of one file. */
enum { PARALLEL = 5, TRIES_MAX = 3, DEMOTE_AT = 2, MISMATCHES_MAX = 3 };

struct fetch_run;

struct job {
	struct fetch_run *run;
	const struct fetch_item *item;
	struct fetch_part part;
	unsigned char *tries; /* for each mirror */
	size_t mirror; /* asked in this round */
	char *url; /* there */
	uint64_t began_at; /* bytes it had when the round began */
	bool ended;
	int mismatches;
	struct causes causes; /* of what failed so far */
	enum error_code code; /* what the failures have in common */
	int errnum;
	char *hint; /* the first remedy that a failure named, where one did */
	uint64_t size; /* once it ended */
};

struct fetch_run {
	const struct fetch_source *source;
	const struct fetch_listener *listener;
	int dirfd; /* borrowed */
	struct job *jobs;
	size_t count;
	int *mirror_failures; /* in a row */
	struct job **round; /* the jobs of the batch under way */
	bool end_round; /* a mirror was demoted: plan anew */
};

static size_t mirror_count(const struct fetch_run *run)
{
	return mirrors_count(run->source->mirrors);
}

/* 1: it may be asked; 2: but only after the others; 0: no. */
static int job_may_ask(const struct job *j, size_t mirror)
{
	if (j->tries[mirror] >= TRIES_MAX)
		return 0;
	if (j->item->metadata && !mirrors_is_https(j->run->source->mirrors, mirror))
		return 0;
	return j->run->mirror_failures[mirror] >= DEMOTE_AT ? 2 : 1;
}

/* The next mirror for the job; false: none is left. */
static bool job_choose_mirror(const struct job *j, size_t *mirror)
{
	size_t count = mirror_count(j->run);
	size_t first = j->item->preferred_plus ? j->item->preferred_plus - 1 : 0;
	for (int rank = 1; rank <= 2; rank++) {
		if (first < count && job_may_ask(j, first) == rank) {
			*mirror = first;
			return true;
		}
		for (size_t i = 0; i < count; i++) {
			if (job_may_ask(j, i) != rank)
				continue;
			*mirror = i;
			return true;
		}
	}
	return false;
}

static void show_progress(const struct fetch_run *run)
{
	uint64_t done = 0, total = 0;
	bool known = true;
	for (size_t i = 0; i < run->count; i++) {
		const struct job *j = &run->jobs[i];
		uint64_t at = j->ended ? j->size : j->part.at;
		done += at;
		total += j->ended ? at : j->part.total;
		known = known && (j->ended || j->part.total);
	}
	report_progress(run->source->report, done, known ? total : 0, REPORT_BYTES);
}

static int job_head(void *arg, const struct http_head *head, struct error **e)
{
	struct job *j = arg;
	return fetch_part_begin(&j->part, head, j->url, e);
}

static int job_data(void *arg, const void *data, size_t length, struct error **e)
{
	struct job *j = arg;
	int r = fetch_part_write(&j->part, data, length, e);
	show_progress(j->run);
	return r;
}

/* Every mirror failed: the reasons. */
static int job_give_up(const struct job *j, struct error **e)
{
	auto_buf story = BUF(0);
	if (!j->causes.count) {
		error_set(e, ERROR_CONFIG, 0, "fetch %s: no mirror speaks https", j->item->file);
		return error_hint(e, "name one that does with --mirror=https://…");
	}
	if (causes_tell(&j->causes, &story, e) < 0)
		return -1;
	enum error_code code = j->mismatches ? ERROR_TRUST : j->code;
	error_set(e, code, j->errnum, "fetch %s: %s", j->item->file, buf_text(&story));
	if (j->hint)
		return error_hint(e, "%s", j->hint);
	if (code == ERROR_NETWORK && j->errnum != ENOENT)
		return error_hint(e,
			"check the link, then run the same command again: it resumes; or name "
			"another --mirror");
	return -1;
}

/* Keeps the reason, and code and errno as long as all failures share them. */
static int job_note_failure(struct job *j, const struct error *failure, struct error **e)
{
	bool first = !j->causes.count;
	if (first || error_code(failure) == j->code)
		j->code = error_code(failure);
	else
		j->code = ERROR_NETWORK;
	/* error_set writes ENOENT's text again; other numbers help no caller. */
	bool absent = error_errno(failure) == ENOENT && (first || j->errnum == ENOENT);
	j->errnum = absent ? ENOENT : 0;
	const char *hint = error_remedy(failure);
	if (!j->hint && hint != error_code_hint(error_code(failure)))
		j->hint = text_copy(hint, NULL);
	return causes_add(&j->causes, mirrors_base(j->run->source->mirrors, j->mirror),
		error_message(failure), e);
}

/* How much a failure costs the mirror: for this file, and for all. A try that advanced, or that
 * may have stumbled over our own part, does not bar it from another. */
static void job_blame_mirror(struct job *j, const struct error *failure)
{
	struct fetch_run *run = j->run;
	int errnum = error_errno(failure);
	bool again = errnum != ENOENT && (j->part.at > j->began_at || j->began_at);
	if (errnum == ERANGE) /* the part is longer than the file: from its beginning, then */
		fetch_part_discard(&j->part);
	j->tries[j->mirror] = again ? j->tries[j->mirror] + 1 : TRIES_MAX;
	/* One that answers and lacks this file is no bad mirror for the others. */
	if (errnum == ENOENT || errnum == ERANGE || (again && error_code(failure) == ERROR_TRUST))
		return;
	run->mirror_failures[j->mirror]++;
	run->end_round |= run->mirror_failures[j->mirror] == DEMOTE_AT;
}

static int job_tell(struct job *j, struct fetched **file, struct error **e)
{
	const struct fetch_listener *l = j->run->listener;
	return l->done(l->arg, (size_t)(j - j->run->jobs), file, e);
}

/* 0: another mirror may do; -1: the run ends. */
static int job_failed(struct job *j, const struct error *failure, struct error **e)
{
	struct fetched *none = NULL;
	if (j->item->optional && error_errno(failure) == ENOENT) {
		j->ended = true;
		return job_tell(j, &none, e);
	}
	if (fetch_failure_is_local(failure)) {
		error_set(e, error_code(failure), 0, "%s", error_message(failure));
		return error_hint(e, "%s", error_remedy(failure));
	}
	size_t next;
	if (job_note_failure(j, failure, e) < 0)
		return -1;
	job_blame_mirror(j, failure);
	if (j->mismatches >= MISMATCHES_MAX || !job_choose_mirror(j, &next))
		return job_give_up(j, e);
	report_note(j->run->source->report, "%s; going on with %s", error_message(failure),
		mirrors_server(j->run->source->mirrors, next));
	return 0;
}

/* The owner judges the product. 1: it is good; 0: it is not, and is gone; -1: the run ends. */
static int job_hand_over(
	struct job *j, struct fetched **product, struct error **failure, struct error **e)
{
	j->size = fetched_size(*product);
	int r = job_tell(j, product, failure);
	fetched_free(take(product));
	if (r == 0) {
		j->ended = true;
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

static int job_finish(struct job *j, struct error **e)
{
	auto_error *failure = NULL;
	struct fetched *product = fetch_part_finish(&j->part, j->mirror, &failure);
	if (product) {
		int good = job_hand_over(j, &product, &failure, e);
		if (good < 0)
			return -1;
		if (good)
			j->run->mirror_failures[j->mirror] = 0;
		if (good)
			return 0;
	} else if (!fetch_failure_is_local(failure)) {
		error_wrap(&failure, "%s", j->url);
	}
	j->mismatches += error_code(failure) == ERROR_TRUST;
	return job_failed(j, failure, e);
}

static int run_done(void *arg, size_t index, const struct error *failure, struct error **e)
{
	struct fetch_run *run = arg;
	struct job *j = run->round[index];
	int r = failure ? job_failed(j, failure, e) : job_finish(j, e);
	if (r < 0)
		return -1;
	/* What was under way keeps its part and goes on in the next round. */
	if (run->end_round)
		return error_set(e, ERROR_NETWORK, EAGAIN, "next round");
	return 0;
}

static int job_plan(struct job *j, struct http_transfer *to, struct error **e)
{
	if (!job_choose_mirror(j, &j->mirror))
		return job_give_up(j, e);
	free(j->url);
	j->url = mirrors_url(j->run->source->mirrors, j->mirror, j->item->repo, j->item->file, e);
	if (!j->url)
		return -1;
	struct fetch_resume resume =
		fetch_resume_decide(j->item, j->part.at, &j->part.meta, j->url);
	j->began_at = resume.offset;
	*to = (struct http_transfer){
		.request = {.url = j->url,
			.limit = j->item->limit,
			.size = j->item->size,
			.offset = resume.offset,
			.if_etag = resume.if_etag,
			.allow_http = !j->item->metadata},
		.sink = {job_head, job_data, j},
	};
	return 0;
}

/* One batch with each unfinished file at its best mirror. 1: all are through; 0: another round. */
static int run_round(struct fetch_run *run, struct error **e)
{
	struct http_transfer *auto_free transfers = calloc(run->count, sizeof *transfers);
	size_t count = 0;
	if (!transfers)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
	for (size_t i = 0; i < run->count; i++) {
		struct job *j = &run->jobs[i];
		if (j->ended)
			continue;
		run->round[count] = j;
		if (job_plan(j, &transfers[count++], e) < 0)
			return -1;
	}
	if (!count)
		return 1;
	struct error *cause = NULL;
	struct http_batch batch = {transfers, count, PARALLEL, run_done, run};
	run->end_round = false;
	if (http_get_all(run->source->http, &batch, &cause) == 0)
		return 0;
	if (run->end_round && error_errno(cause) == EAGAIN) {
		error_free(cause);
		return 0;
	}
	if (e && !*e)
		*e = cause;
	else
		error_free(cause);
	return -1;
}

/* What is known to be missing has to fit, before the first byte is asked for. */
static int check_space(const struct fetch_run *run, int dirfd, struct error **e)
{
	struct statvfs fs;
	uint64_t need = 0;
	char needed[32], there[32];
	for (size_t i = 0; i < run->count; i++) {
		const struct job *j = &run->jobs[i];
		if (!j->ended && j->part.total > j->part.at)
			need += j->part.total - j->part.at;
	}
	if (fstatvfs(dirfd, &fs) < 0 || !fs.f_blocks)
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

static int run_open(
	struct fetch_run *run, int dirfd, const struct fetch_item *items, struct error **e)
{
	run->jobs = calloc(run->count, sizeof *run->jobs);
	run->round = calloc(run->count, sizeof *run->round);
	run->mirror_failures = calloc(mirror_count(run), sizeof *run->mirror_failures);
	if (!run->jobs || !run->round || !run->mirror_failures)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
	for (size_t i = 0; i < run->count; i++)
		run->jobs[i].part.fd = -1;
	for (size_t i = 0; i < run->count; i++) {
		struct job *j = &run->jobs[i];
		for (size_t k = 0; k < i; k++)
			if (strcmp(items[k].file, items[i].file) == 0)
				return error_set(e, ERROR_TRUST, 0, "%s is to be fetched twice",
					items[i].file);
		j->run = run;
		j->item = &items[i];
		j->tries = calloc(mirror_count(run), 1);
		if (!j->tries)
			return error_set(e, ERROR_SYSTEM, ENOMEM, "fetch");
		/* The name is judged before a file is opened by it. */
		j->url = mirrors_url(run->source->mirrors, 0, j->item->repo, j->item->file, e);
		if (!j->url || fetch_part_init(&j->part, dirfd, j->item, e) < 0)
			return -1;
	}
	return 0;
}

/* What is there already. One that its owner refuses is fetched. */
static int run_adopt(struct fetch_run *run, struct error **e)
{
	for (size_t i = 0; i < run->count; i++) {
		auto_error *refused = NULL;
		struct job *j = &run->jobs[i];
		struct fetched *product = NULL;
		if (fetch_part_adopt(&j->part, &product, e) < 0 ||
			(product && job_hand_over(j, &product, &refused, e) < 0))
			return -1;
	}
	return 0;
}

static void run_close(struct fetch_run *run)
{
	for (size_t i = 0; run->jobs && i < run->count; i++) {
		struct job *j = &run->jobs[i];
		fetch_part_free(&j->part);
		causes_free(&j->causes);
		free(j->tries);
		free(j->url);
		free(j->hint);
	}
	free(run->jobs);
	free(run->round);
	free(run->mirror_failures);
}

int fetch_each(const struct fetch_source *s, int dirfd, const struct fetch_item *items,
	size_t count, const struct fetch_listener *listener, struct error **e)
{
	struct fetch_run run = {.source = s, .count = count, .dirfd = dirfd, .listener = listener};
	if (!count)
		return 0;
	raise_descriptor_limit(count);
	int r = run_open(&run, dirfd, items, e);
	if (r == 0)
		r = run_adopt(&run, e);
	if (r == 0)
		r = check_space(&run, dirfd, e);
	while (r == 0)
		r = run_round(&run, e);
	run_close(&run);
	return r < 0 ? -1 : 0;
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
