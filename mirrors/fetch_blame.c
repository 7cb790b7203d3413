/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a failure costs the mirror, the file and the run, and the story that is told of it. */
#include <errno.h>
#include <string.h>

#include "lib/ticks.h"
#include "mirrors/fetch_run.h"

enum {
	/* The network was there in this run and is gone: so often it is waited for, longer each
	 * time, half a minute in all. */
	ROUNDS_MAX = 5,
	ROUND_MS = 1000,
	/* A mirror that wants to be left alone for longer is as good as none. */
	REST_MAX_S = 60,
};

int fetch_job_tell(struct fetch_job *j, struct fetched **file, struct error **e)
{
	const struct fetch_listener *l = j->run->listener;
	return l->done(l->arg, (size_t)(j - j->run->jobs), file, e);
}

/* Every mirror failed: the reasons. */
static int job_give_up(const struct fetch_job *j, struct error **e)
{
	auto_buf story = BUF(0);
	if (!j->causes.count) {
		error_set(e, ERROR_CONFIG, 0, "fetch %s: no mirror speaks https", j->item->file);
		return error_hint(e, "name one that does with --mirror=https://…");
	}
	if (causes_tell(&j->causes, &story, e) < 0)
		return -1;
	enum error_code code = j->mismatches ? ERROR_TRUST : j->code;
	error_set_plain(e, code, j->errnum, "fetch %s: %s", j->item->file, buf_text(&story));
	if (j->hint)
		return error_hint(e, "%s", j->hint);
	if (code == ERROR_NETWORK && j->errnum != ENOENT)
		return error_hint(e,
			"check the link, then run the same command again: it resumes; or name "
			"another --mirror");
	return -1;
}

static bool is_unreachable(const struct error *failure)
{
	int errnum = error_errno(failure);
	return errnum == ENETUNREACH || errnum == EHOSTUNREACH || errnum == ENETDOWN ||
	       errnum == ECONNREFUSED;
}

/* Keeps the reason, and code and errno as long as all failures share them. */
static int note_failure(
	struct fetch_job *j, size_t mirror, const struct error *failure, struct error **e)
{
	bool first = !j->causes.count;
	if (first || error_code(failure) == j->code)
		j->code = error_code(failure);
	else
		j->code = ERROR_NETWORK;
	/* Other numbers help no caller. */
	bool absent = error_errno(failure) == ENOENT && (first || j->errnum == ENOENT);
	j->errnum = absent ? ENOENT : 0;
	j->unreachable = is_unreachable(failure);
	const char *hint = error_remedy(failure);
	if (!j->hint && hint != error_code_hint(error_code(failure)))
		j->hint = text_copy(hint, NULL);
	return causes_add(&j->causes, mirrors_base(j->run->source->mirrors, mirror),
		error_message(failure), e);
}

/* How much a failure costs the mirror: for this file, and for all. A try that advanced, or that
 * may have stumbled over our own part, does not bar it from another. */
static void blame_mirror(struct fetch_job *j, const struct fetch_failure *f)
{
	struct fetch_mirror *m = &j->run->mirrors[f->mirror];
	int errnum = error_errno(f->error);
	if (errnum == ERANGE && !j->streams) /* the part is longer than the file */
		fetch_part_discard(&j->part);
	bool waits = f->retry_after_s && f->retry_after_s <= REST_MAX_S;
	bool again = errnum != ENOENT && (f->advanced || f->resumed || waits);
	j->tries[f->mirror] = again ? (unsigned char)(j->tries[f->mirror] + 1) : FETCH_TRIES_MAX;
	/* It was silent once, and would be waited for as long again: another first. */
	if (errnum == ETIMEDOUT)
		m->late = true;
	if (waits)
		m->rest_until_ms = ticks_ms() + f->retry_after_s * 1000;
	/* One that answers and lacks this file is no bad mirror for the others. */
	if (errnum == ENOENT || errnum == ERANGE || waits ||
		(again && error_code(f->error) == ERROR_TRUST))
		return;
	m->failures++;
}

int fetch_job_failed(struct fetch_job *j, const struct fetch_failure *f, struct error **e)
{
	struct fetch_run *run = j->run;
	struct fetched *none = NULL;
	size_t next;
	int wait_ms;
	run->replan = true;
	if (j->item->optional && error_errno(f->error) == ENOENT && !j->streams) {
		fetch_job_end(j);
		return fetch_job_tell(j, &none, e);
	}
	if (fetch_failure_is_local(f->error)) {
		error_set(e, error_code(f->error), 0, "%s", error_message(f->error));
		return error_hint(e, "%s", error_remedy(f->error));
	}
	if (note_failure(j, f->mirror, f->error, e) < 0)
		return -1;
	blame_mirror(j, f);
	if (j->mismatches >= FETCH_MISMATCHES_MAX)
		return job_give_up(j, e);
	if (j->streams)
		return 0;
	if (fetch_choose_mirror(j, ticks_ms(), &next, &wait_ms))
		report_note(run->source->report, "%s; going on with %s", error_message(f->error),
			mirrors_server(run->source->mirrors, next));
	else if (wait_ms)
		report_note(run->source->report, "%s; asking again in %d s",
			error_message(f->error), (wait_ms + 999) / 1000);
	return 0;
}

int fetch_job_exhausted(struct fetch_job *j, int64_t now_ms, struct error **e)
{
	struct fetch_run *run = j->run;
	if (!run->received || !j->unreachable || j->rounds >= ROUNDS_MAX)
		return job_give_up(j, e);
	int64_t wait_ms = (int64_t)ROUND_MS << j->rounds++;
	memset(j->tries, 0, run->mirror_count);
	j->retry_at_ms = now_ms + wait_ms;
	report_note(run->source->report, "%s: the network is gone; trying again in %d s",
		j->item->file, (int)(wait_ms / 1000));
	return 0;
}
