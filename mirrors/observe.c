/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/observe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/ticks.h"
#include "mirrors/observe_database.h"

enum {
	STEP_MS = 50,
	ASKED_MAX = 60, /* of HTTP_REQUESTS_MAX */
	MARKER_MAX = 1024,
	SAMPLED_MAX = 5,
	/* ALARM's core.db has some 200 KB; a mirror is judged by less than it might send. */
	DATABASE_MAX = 4 << 20,
	/* What a database may take that was made to take long, and the measuring after it. */
	READING_MS = 2500,
};

enum doing { IDLE, MARKER, DATABASE, SAMPLE };

struct probe {
	struct observer *of;
	size_t index;
	struct mirror_observation *seen;
	enum doing doing;
	uint32_t id;
	int64_t began_ms;
	struct buf body; /* of the marker, then of the database */
	uint64_t bytes; /* of the sample */
	struct database_facts facts;
};

struct observer {
	const struct mirrors *mirrors;
	const struct observe_limits *limits;
	struct http_session *session;
	struct probe *probes;
	size_t count;
	int64_t began_ms;
	int64_t first_ms; /* when the first had answered in full; 0: none has */
	size_t open;
};

static int64_t elapsed_ms(const struct observer *o)
{
	return ticks_ms() - o->began_ms;
}

static int keep_body(void *arg, const void *data, size_t length, struct error **e)
{
	struct probe *p = arg;
	return buf_append(&p->body, data, length, e);
}

static int count_body(void *arg, const void *data, size_t length, struct error **e)
{
	struct probe *p = arg;
	p->bytes += length;
	return 0;
}

static void blame(
	struct probe *p, enum mirror_fault fault, const struct error *failure, const char *text)
{
	struct mirror_observation *s = p->seen;
	s->fault = fault;
	s->code = error_code(failure);
	snprintf(s->why, sizeof s->why, "%s", text);
	bool own = failure && error_remedy(failure) != error_code_hint(s->code);
	free(s->remedy);
	s->remedy = own ? text_copy(error_remedy(failure), NULL) : NULL;
}

static void take_failure(struct probe *p, const struct http_end *end)
{
	static const enum mirror_fault faults[HTTP_FAULT_COUNT] = {
		[HTTP_FAULT_OTHER] = MIRROR_DEAD,
		[HTTP_FAULT_CERTIFICATE] = MIRROR_CERTIFICATE,
		[HTTP_FAULT_INSECURE] = MIRROR_PLAIN_HTTP,
		[HTTP_FAULT_HTML] = MIRROR_HTML,
	};
	/* Busy is not gone: fetching waits for as long as the mirror asks. */
	blame(p, end->retry_after_s ? MIRROR_LATE : faults[end->fault], end->failure,
		error_message(end->failure));
}

static int on_end(void *arg, struct http_end *end, struct error **e);

/* Takes `url` over, which may be NULL with an error. */
static int ask(
	struct probe *p, enum doing doing, char *url, struct http_request r, struct error **e)
{
	char *auto_free owned = url;
	struct http_ear ear = {{NULL, doing == SAMPLE ? count_body : keep_body, p}, on_end, p};
	r.url = owned;
	r.allow_http = doing != DATABASE;
	if (!owned || http_session_ask(p->of->session, &r, &ear, &p->id, e) < 0)
		return -1;
	p->doing = doing;
	p->began_ms = ticks_ms();
	p->of->open++;
	return 0;
}

static int ask_database(struct probe *p, struct error **e)
{
	const struct mirrors *m = p->of->mirrors;
	p->body = BUF(DATABASE_MAX);
	return ask(p, DATABASE, mirrors_url(m, p->index, OBSERVE_REPO, OBSERVE_REPO ".db", e),
		(struct http_request){.limit = DATABASE_MAX}, e);
}

static void note_complete(struct observer *o)
{
	if (!o->first_ms)
		o->first_ms = ticks_ms();
}

/* A mirror without the marker has answered, too: it may be somebody's own. */
static int marker_over(struct probe *p, const struct http_end *end, struct error **e)
{
	struct mirror_observation *s = p->seen;
	if (end->failure && error_errno(end->failure) != ENOENT) {
		take_failure(p, end);
		return 0;
	}
	s->answer_ms = (int)(ticks_ms() - p->began_ms);
	if (!end->failure)
		s->marker_s = mirror_marker_time(buf_text(&p->body));
	buf_free(&p->body);
	if (s->https && s->compared && p->of->limits->databases)
		return ask_database(p, e);
	if (s->https)
		note_complete(p->of);
	return 0;
}

static void database_over(struct probe *p, const struct http_end *end)
{
	if (!end->failure)
		note_complete(p->of);
	else if (error_errno(end->failure) == ENOENT)
		blame(p, MIRROR_WRONG, end->failure, error_message(end->failure));
	else
		take_failure(p, end);
}

static uint64_t rate_of(const struct probe *p)
{
	int64_t took_ms = ticks_ms() - p->began_ms;
	return p->bytes * 1000 / (uint64_t)(took_ms > 0 ? took_ms : 1);
}

static void sample_over(struct probe *p, const struct http_end *end)
{
	/* Another version of the database is no reason to have this file. */
	bool lacks = end->failure && error_errno(end->failure) == ENOENT;
	if (lacks && p->facts.file)
		blame(p, MIRROR_WRONG, end->failure, error_message(end->failure));
	else if (end->failure && !lacks)
		take_failure(p, end);
	p->seen->measured = !end->failure;
	p->seen->rate = end->failure ? 0 : rate_of(p);
}

static int on_end(void *arg, struct http_end *end, struct error **e)
{
	struct probe *p = arg;
	enum doing was = p->doing;
	p->doing = IDLE;
	p->of->open--;
	if (was == MARKER)
		return marker_over(p, end, e);
	if (was == DATABASE)
		database_over(p, end);
	else
		sample_over(p, end);
	return 0;
}

static int ask_markers(struct observer *o, struct error **e)
{
	for (size_t i = 0; i < o->count; i++) {
		struct probe *p = &o->probes[i];
		if (i >= ASKED_MAX) {
			blame(p, MIRROR_LATE, NULL, "not asked: there are many before it");
			continue;
		}
		p->body = BUF(MARKER_MAX);
		if (ask(p, MARKER, mirrors_marker_url(o->mirrors, i, e),
			    (struct http_request){.limit = MARKER_MAX}, e) < 0)
			return -1;
	}
	return 0;
}

static bool is_over(const struct observer *o)
{
	const struct observe_limits *l = o->limits;
	int64_t now_ms = elapsed_ms(o);
	if (!o->open || now_ms >= l->whole_ms)
		return true;
	if (!o->first_ms)
		return false;
	return now_ms >= l->answer_ms || (l->grace_ms && ticks_ms() - o->first_ms >= l->grace_ms);
}

/* What did not come in time. */
static void give_up(struct observer *o)
{
	int64_t waited_ms = elapsed_ms(o);
	bool hurried = waited_ms < o->limits->answer_ms;
	char text[80];
	for (size_t i = 0; i < o->count; i++) {
		struct probe *p = &o->probes[i];
		if (p->doing == IDLE)
			continue;
		http_session_cancel(o->session, p->id);
		o->open--;
		snprintf(text, sizeof text, "no answer in %d.%d s", (int)(waited_ms / 1000),
			(int)(waited_ms % 1000 / 100));
		/* Where all are slow it is our own link. */
		p->seen->late = p->doing == DATABASE && !hurried &&
				waited_ms > 3 * (o->first_ms - o->began_ms);
		if (p->doing == MARKER && !hurried)
			blame(p, MIRROR_DEAD, NULL, text);
		else if (!p->seen->late)
			blame(p, MIRROR_LATE, NULL, text);
		if (p->seen->fault == MIRROR_DEAD)
			p->seen->code = ERROR_NETWORK;
		p->doing = IDLE;
	}
}

static int hear_answers(struct observer *o, struct error **e)
{
	while (!is_over(o))
		if (http_session_step(o->session, STEP_MS, e) < 0)
			return -1;
	give_up(o);
	return 0;
}

/* The same bytes are read once. */
static int read_databases(struct observer *o, struct error **e)
{
	for (size_t i = 0; i < o->count; i++) {
		struct probe *p = &o->probes[i];
		auto_error *why = NULL;
		if (p->seen->fault != MIRROR_GOOD || p->seen->late || !p->body.length)
			continue;
		if (elapsed_ms(o) > o->limits->whole_ms - READING_MS) {
			blame(p, MIRROR_LATE, NULL, "its database was not read: no time was left");
			continue;
		}
		if (database_hash(&p->body, p->seen->database, e) < 0)
			return -1;
		size_t same = 0;
		while (same < i && strcmp(o->probes[same].seen->database, p->seen->database) != 0)
			same++;
		int r = same < i ? database_facts_copy(&p->facts, &o->probes[same].facts, &why)
				 : database_look(&p->body, &p->facts, &why);
		if (r < 0 && error_code(why) == ERROR_INTERRUPTED) {
			if (e)
				*e = take(&why);
			return -1;
		}
		if (r < 0) {
			*p->seen->database = '\0';
			/* What we cannot read for reasons of our own is not the mirror's fault. */
			blame(p, error_code(why) == ERROR_TRUST ? MIRROR_WRONG : MIRROR_LATE, why,
				error_message(why));
		}
		p->seen->newest_s = p->facts.newest_s;
		buf_free(&p->body);
	}
	return 0;
}

/* A package to measure by: of its own database, or of the best one's. */
static const struct database_facts *sample_for(const struct observer *o, size_t i, size_t best)
{
	const struct database_facts *own = &o->probes[i].facts;
	return own->file ? own : &o->probes[best].facts;
}

static int ask_samples(struct observer *o, const struct mirror_verdict *order, struct error **e)
{
	size_t asked = 0;
	for (size_t i = 0; i < o->count && asked < SAMPLED_MAX; i++) {
		struct probe *p = &o->probes[order[i].index];
		const struct database_facts *f = sample_for(o, order[i].index, order[0].index);
		if (order[i].fault != MIRROR_GOOD || !p->seen->compared || !f->file)
			continue;
		uint64_t end = f->size < o->limits->sample_bytes ? 0 : o->limits->sample_bytes;
		if (ask(p, SAMPLE, mirrors_url(o->mirrors, p->index, OBSERVE_REPO, f->file, e),
			    (struct http_request){.limit = f->size, .size = f->size, .end = end},
			    e) < 0)
			return -1;
		asked++;
	}
	return 0;
}

static void end_samples(struct observer *o)
{
	for (size_t i = 0; i < o->count; i++) {
		struct probe *p = &o->probes[i];
		if (p->doing != SAMPLE)
			continue;
		p->seen->measured = true;
		p->seen->rate = rate_of(p);
		http_session_cancel(o->session, p->id);
		p->doing = IDLE;
		o->open--;
	}
}

/* All at once: one after the other they would take too long, and who is slow beside others is so
 * alone. */
static int measure(struct observer *o, int64_t now_s, struct error **e)
{
	struct mirror_observation *seen = o->probes[0].seen;
	struct mirror_verdict *auto_free order = calloc(o->count, sizeof *order);
	if (!order)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "rank mirrors");
	mirrors_judge(seen, o->count, now_s, order);
	size_t good = 0;
	for (size_t i = 0; i < o->count; i++)
		good += order[i].fault == MIRROR_GOOD && seen[order[i].index].compared;
	if (good < 2)
		return 0;
	int64_t until_ms = ticks_ms() + o->limits->sample_ms;
	int64_t last_ms = o->began_ms + o->limits->whole_ms;
	if (until_ms > last_ms)
		return 0;
	if (ask_samples(o, order, e) < 0)
		return -1;
	while (o->open && ticks_ms() < until_ms)
		if (http_session_step(o->session, STEP_MS, e) < 0)
			return -1;
	end_samples(o);
	return 0;
}

static int run(struct observer *o, const struct http_settings *http, struct error **e)
{
	o->session = http_session_open(http, e);
	if (!o->session || ask_markers(o, e) < 0 || hear_answers(o, e) < 0 ||
		read_databases(o, e) < 0)
		return -1;
	return o->limits->sample_ms ? measure(o, trusted_time_now(&http->time), e) : 0;
}

int mirrors_observe(const struct mirrors *m, const struct http_settings *http,
	const struct observe_limits *limits, struct mirror_observation *seen, struct error **e)
{
	struct observer o = {
		.mirrors = m, .limits = limits, .count = mirrors_count(m), .began_ms = ticks_ms()};
	if (!o.count)
		return 0;
	o.probes = calloc(o.count, sizeof *o.probes);
	if (!o.probes)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "rank mirrors");
	for (size_t i = 0; i < o.count; i++) {
		seen[i] = (struct mirror_observation){.https = mirrors_is_https(m, i),
			.roams = mirrors_roams(m, i),
			.compared = mirrors_serves(m, i, OBSERVE_REPO),
			.answer_ms = -1};
		o.probes[i] = (struct probe){.of = &o, .index = i, .seen = &seen[i]};
	}
	int r = run(&o, http, e);
	http_session_close(o.session);
	for (size_t i = 0; i < o.count; i++) {
		buf_free(&o.probes[i].body);
		database_facts_free(&o.probes[i].facts);
	}
	free(o.probes);
	if (r < 0)
		observe_free(seen, o.count);
	return r < 0 ? error_wrap(e, "rank mirrors") : 0;
}

static int take_marker(void *arg, const void *data, size_t length, struct error **e)
{
	return buf_append(arg, data, length, e);
}

int64_t marker_ask(const struct mirrors *m, size_t i, const struct http_settings *http)
{
	auto_buf text = BUF(MARKER_MAX);
	char *auto_free url = mirrors_marker_url(m, i, NULL);
	const struct http_request r = {.url = url, .limit = MARKER_MAX};
	const struct http_sink sink = {NULL, take_marker, &text};
	if (!url || http_get(http, &r, &sink, NULL) < 0)
		return 0;
	return mirror_marker_time(buf_text(&text));
}

void observe_free(struct mirror_observation *seen, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(seen[i].remedy);
		seen[i].remedy = NULL;
	}
}
