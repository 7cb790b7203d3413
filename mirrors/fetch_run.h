/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside mirrors/fetch*: one call of fetch_each while it lasts.
 *
 * A job is a file, a stream is a request for a piece of it at one mirror. fetch_plan.c decides
 * which stream is to begin next, fetch_stream.c takes what comes, fetch_blame.c deals with
 * failures. */
#ifndef MIRRORS_FETCH_RUN_H
#define MIRRORS_FETCH_RUN_H

#include "mirrors/causes.h"
#include "mirrors/fetch_pace.h"
#include "mirrors/fetch_part.h"

enum {
	FETCH_STREAMS_MAX = 12, /* in all */
	FETCH_MIRRORS_AT_ONCE = 3,
	/* Tries of one mirror for one file that keeps advancing; failures in a row after which a
	 * mirror goes to the end of the queue; wrong hashes of one file. */
	FETCH_TRIES_MAX = 3,
	FETCH_DEMOTE_AT = 2,
	FETCH_MISMATCHES_MAX = 3,
};

struct fetch_run;

struct fetch_job {
	struct fetch_run *run;
	const struct fetch_item *item;
	struct fetch_part part;
	unsigned char *tries; /* for each mirror */
	size_t streams; /* that work on it */
	size_t mirror; /* where its last byte came from */
	uint64_t sources; /* bits of the mirrors whose bytes are in the part */
	bool resumed; /* so are those of an earlier run */
	bool alone; /* no mixing of mirrors any more: a mixture was wrong */
	bool ended;
	int mismatches, rounds;
	int64_t retry_at_ms; /* no stream before; 0: now */
	struct causes causes; /* of what failed so far */
	enum error_code code; /* what the failures have in common */
	int errnum;
	bool unreachable; /* the last failure was for want of a network */
	char *hint; /* the first remedy that a failure named, where one did */
	uint64_t size; /* once it ended */
};

struct fetch_stream {
	struct fetch_job *job; /* NULL: not in use */
	size_t mirror;
	uint32_t id;
	char *url;
	uint64_t first, at, asked_end; /* asked_end: 0, to the end of the file */
	int64_t began_ms;
	bool body; /* the header came */
	bool hedged; /* it is late, and another stream tries the same elsewhere */
};

struct fetch_mirror {
	int failures; /* in a row */
	size_t streams;
	bool answered, multiplexed;
	bool late; /* lets us wait for an answer */
	bool no_ranges; /* sends the whole where a part is asked for */
	int64_t rest_until_ms; /* it asked not to be asked before */
};

struct fetch_run {
	const struct fetch_source *source;
	const struct fetch_listener *listener;
	int dirfd; /* borrowed */
	struct http_session *session;
	struct fetch_job *jobs;
	size_t count, ended;
	struct fetch_mirror *mirrors;
	size_t mirror_count;
	struct fetch_stream streams[FETCH_STREAMS_MAX];
	size_t stream_count;
	struct fetch_meter meter;
	struct fetch_width width;
	uint64_t received; /* bytes in this run */
	int64_t planned_ms, shown_ms;
	bool replan;
};

/* fetch_plan.c: begins what is to be begun. */
int fetch_plan(struct fetch_run *run, int64_t now_ms, struct error **e) must_check;
/* The mirror to ask next for the job; false: none is left, or (*wait_ms set) none now. */
bool fetch_choose_mirror(const struct fetch_job *j, int64_t now_ms, size_t *mirror, int *wait_ms);
/* Whether the mirror has the very version that the item names. */
bool fetch_is_alike(const struct fetch_job *j, size_t mirror);

/* fetch_stream.c. `piece` is taken by it; NULL: the piece that another stream waits for, too. */
int fetch_stream_begin(
	struct fetch_job *j, size_t mirror, uint64_t at, struct error **e) must_check;
/* Ends it; its piece is free again, unless another stream is on it. */
void fetch_stream_end(struct fetch_run *run, struct fetch_stream *s);
/* What the file has is whole? Then it is handed over. */
int fetch_job_check(struct fetch_job *j, struct error **e) must_check;

/* fetch_blame.c. A stream of the job failed at `mirror`, having got `got` bytes. 0: another mirror
 * may do; -1: the run ends. */
struct fetch_failure {
	size_t mirror;
	const struct error *error;
	bool advanced, resumed;
	int retry_after_s;
};
int fetch_job_failed(
	struct fetch_job *j, const struct fetch_failure *f, struct error **e) must_check;
/* No mirror is left for it. 0: later, perhaps. */
int fetch_job_exhausted(struct fetch_job *j, int64_t now_ms, struct error **e) must_check;
int fetch_job_tell(struct fetch_job *j, struct fetched **file, struct error **e) must_check;
/* fetch.c: the owner judges the product. 1: good; 0: it is not, and is gone; -1: the run ends. */
int fetch_job_hand_over(struct fetch_job *j, struct fetched **product, struct error **failure,
	struct error **e) must_check;
void fetch_job_end(struct fetch_job *j);
/* How long to wait for an answer before another mirror is asked, too. */
int fetch_patience_ms(const struct fetch_run *run);

#endif
