/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request of a run: asked, heard, ended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/ticks.h"
#include "mirrors/fetch_run.h"

static uint64_t bit_of(size_t mirror)
{
	return mirror < 64 ? 1ULL << mirror : 0;
}

/* Another stream on the same bytes. */
static struct fetch_stream *find_rival(struct fetch_run *run, const struct fetch_stream *s)
{
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++) {
		struct fetch_stream *other = &run->streams[i];
		if (other != s && other->job == s->job && other->at == s->at)
			return other;
	}
	return NULL;
}

void fetch_stream_end(struct fetch_run *run, struct fetch_stream *s)
{
	struct fetch_piece *piece = fetch_pieces_at(&s->job->part.pieces, s->at);
	struct fetch_stream *rival = find_rival(run, s);
	if (piece && !rival)
		piece->taken = false;
	if (rival)
		rival->hedged = false;
	s->job->streams--;
	run->stream_count--;
	run->mirrors[s->mirror].streams--;
	run->replan = true;
	free(s->url);
	*s = (struct fetch_stream){0};
}

static void stream_cancel(struct fetch_run *run, struct fetch_stream *s)
{
	http_session_cancel(run->session, s->id);
	fetch_stream_end(run, s);
}

/* It answered first: nobody need wait for the same any longer. */
static void cancel_rivals(struct fetch_stream *s)
{
	struct fetch_run *run = s->job->run;
	for (struct fetch_stream *other; (other = find_rival(run, s));) {
		if (other->hedged) /* asked earlier, and still silent */
			run->mirrors[other->mirror].failures++;
		stream_cancel(run, other);
	}
}

static int stream_head(void *arg, const struct http_head *head, struct error **e)
{
	struct fetch_stream *s = arg;
	struct fetch_job *j = s->job;
	struct fetch_mirror *m = &j->run->mirrors[s->mirror];
	m->answered = true;
	m->multiplexed = head->multiplexed;
	m->late = false;
	j->run->replan = true;
	m->no_ranges |= !head->from && s->first;
	cancel_rivals(s);
	bool anew = fetch_part_begins_anew(&j->part, head);
	if (anew && j->streams > 1)
		return error_set(e, ERROR_NETWORK, 0, "%s: sends no part of a file", s->url);
	if (fetch_part_begin(&j->part, head, s->url, e) < 0)
		return -1;
	if (anew) {
		j->sources = 0;
		j->resumed = false;
	}
	s->at = s->first = head->from;
	s->body = true;
	j->sources |= bit_of(s->mirror);
	return 0;
}

static int stream_data(void *arg, const void *data, size_t length, struct error **e)
{
	struct fetch_stream *s = arg;
	struct fetch_job *j = s->job;
	struct fetch_run *run = j->run;
	if (fetch_part_write(&j->part, &s->at, data, length, e) < 0)
		return -1;
	fetch_meter_add(&run->meter, ticks_ms(), length);
	run->received += length;
	run->mirrors[s->mirror].failures = 0;
	if (s->at > s->first)
		j->mirror = s->mirror;
	uint64_t end = s->asked_end ? s->asked_end : j->part.total;
	if (s->at == end || !j->part.total)
		return 0;
	/* Its piece was shortened meanwhile, and the rest is another's. */
	if (fetch_pieces_at(&j->part.pieces, s->at) && !find_rival(run, s))
		return 0;
	stream_cancel(run, s);
	return fetch_job_check(j, e);
}

static int stream_failed(struct fetch_stream *s, struct http_end *end, struct error **e)
{
	struct fetch_job *j = s->job;
	struct fetch_failure failure = {s->mirror, end->failure, s->body && s->at > s->first,
		s->first > 0, end->retry_after_s};
	fetch_stream_end(j->run, s);
	return fetch_job_failed(j, &failure, e);
}

static int stream_over(void *arg, struct http_end *end, struct error **e)
{
	struct fetch_stream *s = arg;
	struct fetch_job *j = s->job;
	if (end->failure)
		return stream_failed(s, end, e);
	struct fetch_piece *piece = fetch_pieces_at(&j->part.pieces, s->at);
	/* Of a body without a length its end is the file's. */
	if (!j->part.total && piece) {
		fetch_pieces_set_total(&j->part.pieces, s->at);
		piece->taken = false;
	}
	fetch_stream_end(j->run, s);
	return fetch_job_check(j, e);
}

static struct fetch_stream *free_stream(struct fetch_run *run)
{
	for (size_t i = 0; i < FETCH_STREAMS_MAX; i++)
		if (!run->streams[i].job)
			return &run->streams[i];
	return NULL;
}

/* The piece at `at`, whether somebody waits for it or nobody. */
static struct fetch_piece *piece_at(struct fetch_job *j, uint64_t at)
{
	for (size_t i = 0; i < j->part.pieces.count; i++)
		if (j->part.pieces.items[i].at == at)
			return &j->part.pieces.items[i];
	return NULL;
}

static int ask(struct fetch_stream *s, const char *if_etag, struct error **e)
{
	struct fetch_job *j = s->job;
	const struct fetch_item *item = j->item;
	struct http_request request = {.url = s->url,
		.limit = item->limit,
		.size = item->size ? item->size
			: s->first ? j->part.total
				   : 0,
		.offset = s->first,
		.end = s->asked_end,
		.if_etag = if_etag,
		.allow_http = !item->metadata};
	struct http_ear ear = {{stream_head, stream_data, s}, stream_over, s};
	return http_session_ask(j->run->session, &request, &ear, &s->id, e);
}

int fetch_stream_begin(struct fetch_job *j, size_t mirror, uint64_t at, struct error **e)
{
	struct fetch_run *run = j->run;
	struct fetch_stream *s = free_stream(run);
	struct fetch_piece *piece = piece_at(j, at);
	char *url = mirrors_url(run->source->mirrors, mirror, j->item->repo, j->item->file, e);
	if (!url || !s || !piece) {
		free(url);
		return -1;
	}
	struct fetch_resume resume = fetch_resume_decide(j->item,
		fetch_pieces_have(&j->part.pieces), &j->part.meta, url, fetch_is_alike(j, mirror));
	bool mixed = j->alone && (j->resumed || (j->sources & ~bit_of(mirror)));
	bool anew = !j->streams && (resume.anew || mixed);
	/* Of one piece, what is there stays until another beginning comes. */
	if (anew && j->part.pieces.count > 1) {
		fetch_part_discard(&j->part);
		piece = &j->part.pieces.items[0];
	}
	bool last = piece->end == FETCH_END_UNKNOWN || piece->end == j->part.total;
	*s = (struct fetch_stream){.job = j,
		.mirror = mirror,
		.url = url,
		.first = anew ? 0 : at,
		.at = piece->at,
		.asked_end = last || anew ? 0 : piece->end,
		.began_ms = ticks_ms()};
	piece->taken = true;
	j->streams++;
	run->stream_count++;
	run->mirrors[mirror].streams++;
	if (ask(s, anew ? NULL : resume.if_etag, e) == 0)
		return 0;
	fetch_stream_end(run, s);
	return -1;
}
