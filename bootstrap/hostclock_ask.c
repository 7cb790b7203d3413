/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/http_date.h"
#include "lib/sntp.h"
#include "lib/ticks.h"
#include "lib/worker.h"

enum { TYPE_TIME = WORKER_TYPE_FIRST };
/* What a worker may take beyond its own limits before it is given up. */
enum { GRACE_MS = 1000 };
/* No time in milliseconds, and no difference of two, is larger. */
static const int64_t sane_ms = (int64_t)1 << 52;

/* The one record: fixed sizes, no padding. */
struct wire_time {
	int64_t offset_ms, not_before_s, not_after_s;
	int32_t holds;
	char why[92];
};

struct job {
	const struct hostclock_question *question;
	const char *name;
};

static int send_time(struct worker_out *out, const struct http_date *d, struct error **e)
{
	struct wire_time t = {d->offset_ms, d->not_before_s, d->not_after_s, d->holds, ""};
	snprintf(t.why, sizeof t.why, "%.*s", (int)sizeof t.why - 1, d->why);
	return worker_send(out, TYPE_TIME, &t, sizeof t, e);
}

static int ask_host(struct worker_out *out, void *arg, struct error **e)
{
	const struct job *j = arg;
	struct http_date_request r = {j->question->http, j->name, j->question->timeout_ms};
	struct http_date d;
	return http_date_ask(&r, &d, e) < 0 ? -1 : send_time(out, &d, e);
}

static int ask_server(struct worker_out *out, void *arg, struct error **e)
{
	const struct job *j = arg;
	struct sntp_server s = {j->name, &j->question->http->dns_servers, j->question->floor_s,
		j->question->timeout_ms};
	struct http_date d = {.holds = true};
	return sntp_ask(&s, &d.offset_ms, e) < 0 ? -1 : send_time(out, &d, e);
}

static struct worker *start(const struct hostclock_question *q, const struct hostclock_answer *a,
	worker_body *body, struct error **e)
{
	struct worker_rights rights = {.unprivileged = true, .network = true, .root = -1};
	struct job j = {q, a->name};
	return worker_start(&rights, body, &j, e); /* the child has its own copy of j */
}

static int take_time(const struct worker_record *rec, struct hostclock_answer *a, struct error **e)
{
	struct wire_time t;
	if (rec->type != TYPE_TIME || rec->length != sizeof t)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	memcpy(&t, rec->data, sizeof t);
	if (t.offset_ms < -sane_ms || t.offset_ms > sane_ms || t.not_before_s > t.not_after_s ||
		(t.holds != 0 && t.holds != 1) || !memchr(t.why, '\0', sizeof t.why))
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	a->unix_ms = t.offset_ms; /* moved to a common moment later */
	a->not_before_s = t.not_before_s;
	a->not_after_s = t.not_after_s;
	a->holds = t.holds;
	snprintf(a->why, sizeof a->why, "%s", t.why);
	a->came = true;
	return 0;
}

/* One worker's end. A failure of its own is the answer's `why`. */
static int collect(
	struct worker *w, int64_t deadline_ms, struct hostclock_answer *a, struct error **e)
{
	struct error *failure = NULL;
	struct worker_record rec;
	int64_t left = deadline_ms - ticks_ms();
	int got = worker_next(w, &rec, left > 0 ? (int)left : 1, &failure);
	if (got == 1)
		got = take_time(&rec, a, &failure);
	else if (got == 0)
		got = error_set(&failure, ERROR_SYSTEM, 0, "no answer");
	if (got < 0 && error_code(failure) == ERROR_INTERRUPTED) {
		*e = failure;
		return -1;
	}
	if (got < 0)
		snprintf(a->why, sizeof a->why, "%s", error_message(failure));
	error_free(failure);
	return 0;
}

struct crew {
	struct worker *hosts[HOSTCLOCK_HOSTS_MAX], *servers[HOSTCLOCK_HOSTS_MAX];
};

static int start_all(const struct hostclock_question *q, const struct hostclock_answers *a,
	struct crew *c, struct error **e)
{
	for (size_t i = 0; i < a->host_count; i++)
		if (!(c->hosts[i] = start(q, &a->hosts[i], ask_host, e)))
			return -1;
	for (size_t i = 0; i < a->server_count; i++)
		if (!(c->servers[i] = start(q, &a->servers[i], ask_server, e)))
			return -1;
	return 0;
}

static int collect_all(const struct hostclock_question *q, struct hostclock_answers *a,
	const struct crew *c, struct error **e)
{
	int64_t deadline_ms = ticks_ms() + q->timeout_ms + GRACE_MS;
	size_t total = a->host_count + a->server_count;
	for (size_t i = 0; i < a->host_count; i++) {
		if (collect(c->hosts[i], deadline_ms, &a->hosts[i], e) < 0)
			return -1;
		report_progress(q->report, i + 1, total, REPORT_COUNT);
	}
	for (size_t i = 0; i < a->server_count; i++) {
		if (collect(c->servers[i], deadline_ms, &a->servers[i], e) < 0)
			return -1;
		report_progress(q->report, a->host_count + i + 1, total, REPORT_COUNT);
	}
	return 0;
}

int hostclock_ask(
	const struct hostclock_question *q, struct hostclock_answers *answers, struct error **e)
{
	struct crew c = {.hosts = {NULL}};
	int r = start_all(q, answers, &c, e);
	if (r == 0)
		r = collect_all(q, answers, &c, e);
	for (size_t i = 0; i < HOSTCLOCK_HOSTS_MAX; i++) {
		worker_free(c.hosts[i]);
		worker_free(c.servers[i]);
	}
	int64_t boot_ms = trusted_time_boot_us() / 1000;
	for (size_t i = 0; i < answers->host_count; i++)
		answers->hosts[i].unix_ms += boot_ms;
	for (size_t i = 0; i < answers->server_count; i++)
		answers->servers[i].unix_ms += boot_ms;
	return r;
}
