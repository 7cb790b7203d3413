/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mirror is asked for what, and when. */
#include <string.h>

#include "mirrors/fetch_run.h"

enum {
	PATIENCE_MS = 2000,
	/* Streams at a mirror: before it answered, over HTTP/1.1 (each a connection), over HTTP/2
	 * (all in one), and over HTTP/1.1 where it is slow. */
	STREAMS_UNKNOWN = 1,
	STREAMS_HTTP1 = 2,
	STREAMS_HTTP2 = 5,
	STREAMS_SLOW = 4,
	SLOW_BYTES_PER_S = 1000 * 1000,
	RATE_WINDOW_MS = 2000,
	/* Less is not worth a request of its own. */
	SPLIT_BYTES = 512 * 1024,
	PLAN_MS = 100,
};

int fetch_patience_ms(const struct fetch_run *run)
{
	int first_byte_ms = run->source->http->first_byte_timeout_ms;
	return first_byte_ms && first_byte_ms / 2 < PATIENCE_MS ? first_byte_ms / 2 : PATIENCE_MS;
}

bool fetch_is_alike(const struct fetch_job *j, size_t mirror)
{
	return j->item->version && mirror < 64 && (j->item->alike >> mirror & 1);
}

/* Whether what is there can be continued at the mirror. */
static bool may_continue(const struct fetch_job *j, size_t mirror)
{
	uint64_t others = mirror < 64 ? ~(1ULL << mirror) : ~0ULL;
	if (j->alone && ((j->sources & others) || j->resumed))
		return false;
	if (j->item->sha256)
		return true;
	return fetch_is_alike(j, mirror);
}

/* 1: it may be asked; 2: but only after the others; 0: no. */
static int rank_of(const struct fetch_job *j, size_t mirror)
{
	const struct fetch_mirror *m = &j->run->mirrors[mirror];
	if (j->tries[mirror] >= FETCH_TRIES_MAX)
		return 0;
	if (!mirrors_serves(j->run->source->mirrors, mirror, j->item->repo))
		return 0;
	if (j->item->metadata && !mirrors_is_https(j->run->source->mirrors, mirror))
		return 0;
	bool other = j->item->version && j->item->alike && !fetch_is_alike(j, mirror);
	return m->failures >= FETCH_DEMOTE_AT || m->late || other ? 2 : 1;
}

/* The mirrors for the job, best first; those that rest are left out and *wait_ms says how long the
 * first of them does. */
static size_t list_mirrors(
	const struct fetch_job *j, int64_t now_ms, size_t *list, size_t room, int *wait_ms)
{
	const struct fetch_run *run = j->run;
	size_t count = 0, first = j->item->preferred_plus ? j->item->preferred_plus - 1 : 0;
	*wait_ms = 0;
	for (int rank = 1; rank <= 2; rank++)
		for (size_t i = 0; i <= run->mirror_count && count < room; i++) {
			size_t mirror = i ? i - 1 : first;
			if ((i && mirror == first) || mirror >= run->mirror_count ||
				rank_of(j, mirror) != rank)
				continue;
			int64_t left_ms = run->mirrors[mirror].rest_until_ms - now_ms;
			if (left_ms <= 0)
				list[count++] = mirror;
			else if (!*wait_ms || left_ms < *wait_ms)
				*wait_ms = (int)left_ms;
		}
	return count;
}

bool fetch_choose_mirror(const struct fetch_job *j, int64_t now_ms, size_t *mirror, int *wait_ms)
{
	return list_mirrors(j, now_ms, mirror, 1, wait_ms) > 0;
}

static bool is_slow(const struct fetch_run *run, int64_t now_ms)
{
	const struct fetch_meter *m = &run->meter;
	return m->first_ms && now_ms - m->first_ms >= RATE_WINDOW_MS &&
	       fetch_meter_rate(m, now_ms, RATE_WINDOW_MS) < SLOW_BYTES_PER_S;
}

static size_t room_at(const struct fetch_run *run, size_t mirror, int64_t now_ms)
{
	const struct fetch_mirror *m = &run->mirrors[mirror];
	size_t most = !m->answered	     ? STREAMS_UNKNOWN
		      : m->multiplexed	     ? STREAMS_HTTP2
		      : is_slow(run, now_ms) ? STREAMS_SLOW
					     : STREAMS_HTTP1;
	return most > m->streams ? most - m->streams : 0;
}

static bool asks_already(const struct fetch_job *j, size_t mirror)
{
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++)
		if (j->run->streams[i].job == j && j->run->streams[i].mirror == mirror)
			return true;
	return false;
}

/* The least busy of the mirrors in use that has room for a stream of the job. */
static bool find_room(const struct fetch_job *j, int64_t now_ms, bool idle_only, size_t *mirror)
{
	size_t list[FETCH_MIRRORS_AT_ONCE];
	const struct fetch_run *run = j->run;
	int wait_ms;
	bool found = false;
	size_t count = list_mirrors(j, now_ms, list, run->width.now, &wait_ms);
	for (size_t i = 0; i < count; i++) {
		size_t busy = run->mirrors[list[i]].streams;
		if (!room_at(run, list[i], now_ms) || (idle_only && busy) ||
			(found && busy >= run->mirrors[*mirror].streams))
			continue;
		*mirror = list[i];
		found = true;
	}
	return found;
}

/* A piece that nobody works on. 1: a stream began; 0: there is nothing to do for the job now. */
static int begin_piece(struct fetch_job *j, int64_t now_ms, struct error **e)
{
	struct fetch_piece *piece = fetch_pieces_untaken(&j->part.pieces);
	size_t mirror;
	if (!piece || !find_room(j, now_ms, false, &mirror))
		return 0;
	/* Beside other streams only a mirror will do that can continue what they do. */
	if (j->streams && (!may_continue(j, mirror) || j->run->mirrors[mirror].no_ranges))
		return 0;
	return fetch_stream_begin(j, mirror, piece->at, e) < 0 ? -1 : 1;
}

/* A mirror in use is idle: it takes the second half of what is missing somewhere. */
static int begin_split(struct fetch_job *j, int64_t now_ms, struct error **e)
{
	size_t mirror;
	if (!j->streams || !j->part.total || j->part.fd < 0 || !j->part.meta.url || j->alone ||
		!find_room(j, now_ms, true, &mirror) || !may_continue(j, mirror) ||
		j->run->mirrors[mirror].no_ranges)
		return 0;
	struct fetch_piece *piece = fetch_pieces_split(&j->part.pieces, SPLIT_BYTES);
	if (!piece)
		return 0;
	/* From now on the file's length does not say what is there. */
	if (fetch_part_save(&j->part, e) < 0)
		return -1;
	return fetch_stream_begin(j, mirror, piece->at, e) < 0 ? -1 : 1;
}

/* A stream that waits for its answer for long: the same is asked of another mirror, and whoever
 * answers first goes on. */
static int begin_hedge(struct fetch_stream *s, int64_t now_ms, struct error **e)
{
	struct fetch_job *j = s->job;
	size_t list[64];
	int wait_ms;
	if (s->body || s->hedged || now_ms - s->began_ms < fetch_patience_ms(j->run))
		return 0;
	j->run->mirrors[s->mirror].late = true;
	size_t count = list_mirrors(j, now_ms, list, 64, &wait_ms);
	for (size_t i = 0; i < count; i++) {
		if (asks_already(j, list[i]) || !room_at(j->run, list[i], now_ms) ||
			(j->streams > 1 && !may_continue(j, list[i])))
			continue;
		s->hedged = true;
		return fetch_stream_begin(j, list[i], s->at, e);
	}
	return 0;
}

static int hedge_all(struct fetch_run *run, int64_t now_ms, struct error **e)
{
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++)
		if (run->streams[i].job && run->stream_count < FETCH_STREAMS_MAX &&
			begin_hedge(&run->streams[i], now_ms, e) < 0)
			return -1;
	return 0;
}

/* A job that nothing is under way for: is there anybody left to ask? */
static int check_job(struct fetch_job *j, int64_t now_ms, struct error **e)
{
	size_t mirror;
	int wait_ms;
	if (j->streams || fetch_choose_mirror(j, now_ms, &mirror, &wait_ms) || wait_ms)
		return 0;
	return fetch_job_exhausted(j, now_ms, e);
}

static int begin_all(struct fetch_run *run, int64_t now_ms,
	int (*begin)(struct fetch_job *, int64_t, struct error **), struct error **e)
{
	for (size_t i = 0; i < run->count && run->stream_count < FETCH_STREAMS_MAX; i++) {
		struct fetch_job *j = &run->jobs[i];
		int begun = 1;
		if (j->ended || now_ms < j->retry_at_ms)
			continue;
		if (check_job(j, now_ms, e) < 0)
			return -1;
		while (begun > 0 && run->stream_count < FETCH_STREAMS_MAX)
			begun = begin(j, now_ms, e);
		if (begun < 0)
			return -1;
	}
	return 0;
}

int fetch_plan(struct fetch_run *run, int64_t now_ms, struct error **e)
{
	if (!run->replan && now_ms - run->planned_ms < PLAN_MS)
		return 0;
	run->replan = false;
	run->planned_ms = now_ms;
	fetch_width_judge(&run->width, now_ms, &run->meter);
	if (hedge_all(run, now_ms, e) < 0 || begin_all(run, now_ms, begin_piece, e) < 0)
		return -1;
	return run->width.now > 1 ? begin_all(run, now_ms, begin_split, e) : 0;
}
