/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/ranking.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "mirrors/causes.h"

enum { WHOLE_MS = 9500 };

const struct observe_limits ranking_quick = {.answer_ms = 4000,
	.grace_ms = 1500,
	.whole_ms = WHOLE_MS,
	.databases = true,
	.sample_ms = 1000,
	.sample_bytes = 1 << 20};
const struct observe_limits ranking_whole = {.answer_ms = 4000,
	.whole_ms = WHOLE_MS,
	.databases = true,
	.sample_ms = 1500,
	.sample_bytes = 4 << 20};
/* Longer than a connection may take, so that its own reason is told. */
const struct observe_limits ranking_answers = {
	.answer_ms = 12000, .grace_ms = 1500, .whole_ms = 12000};

static int fill_row(struct ranking_row *to, const struct mirrors *m,
	const struct mirror_observation *seen, const struct mirror_verdict *v, struct error **e)
{
	*to = (struct ranking_row){
		.server = text_copy(mirrors_server(m, v->index), e),
		.fault = v->fault,
		.why = text_copy(v->why, e),
		.code = seen->code,
		.answer_ms = seen->answer_ms,
		.marker_s = seen->marker_s,
		.newest_s = seen->newest_s,
		.alike = v->alike,
		.rate = seen->measured ? (int64_t)(seen->rate & INT64_MAX) : -1,
	};
	if (!to->server || !to->why)
		return -1;
	if (seen->remedy && !(to->remedy = text_copy(seen->remedy, e)))
		return -1;
	return 0;
}

static int fill(struct ranking *to, const struct mirrors *m, const struct mirror_observation *seen,
	int64_t now_s, struct error **e)
{
	size_t count = mirrors_count(m);
	struct mirror_verdict *auto_free order = calloc(count + 1, sizeof *order);
	to->rows = calloc(count + 1, sizeof *to->rows);
	if (!order || !to->rows)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "rank mirrors");
	mirrors_judge(seen, count, now_s, order);
	to->made_s = now_s;
	for (size_t i = 0; i < count; i++) {
		to->count++;
		if (fill_row(&to->rows[i], m, &seen[order[i].index], &order[i], e) < 0)
			return -1;
	}
	return 0;
}

int ranking_make(const struct mirrors *m, const struct http_settings *http,
	const struct observe_limits *limits, struct ranking *to, struct error **e)
{
	struct ranking made = {.count = 0};
	struct observe_limits own = *limits;
	struct mirror_observation *auto_free seen = calloc(mirrors_count(m) + 1, sizeof *seen);
	if (http->rate_limit)
		own.sample_ms = 0; /* it would tell the limit */
	if (!seen)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "rank mirrors");
	if (mirrors_observe(m, http, &own, seen, e) < 0)
		return -1;
	int r = fill(&made, m, seen, trusted_time_now(&http->time), e);
	observe_free(seen, mirrors_count(m));
	if (r < 0)
		ranking_free(&made);
	else
		*to = made;
	return r;
}

size_t ranking_used(const struct ranking *r)
{
	size_t used = 0;
	for (size_t i = 0; i < r->count; i++)
		used += mirror_is_used(r->rows[i].fault);
	return used;
}

/* The server without its variables: what messages name. */
static char *base_of(const struct ranking_row *row, struct error **e)
{
	return text_format(e, "%.*s", (int)strcspn(row->server, "$"), row->server);
}

static bool is_https(const struct ranking_row *row)
{
	return text_has_prefix(row->server, "https://");
}

/* The first row of those that count: databases and signatures come by TLS alone, so that with any
 * https mirror on the list one of them must be left. NULL: one is. */
static const struct ranking_row *first_useless(const struct ranking *r)
{
	const struct ranking_row *first = NULL;
	for (size_t i = 0; i < r->count && !(first && is_https(first)); i++)
		if (!first || is_https(&r->rows[i]))
			first = &r->rows[i];
	for (size_t i = 0; i < r->count; i++)
		if (mirror_is_used(r->rows[i].fault) && is_https(&r->rows[i]) == is_https(first))
			return NULL;
	return first;
}

int ranking_check(const struct ranking *r, struct error **e)
{
	auto_causes causes = {NULL, 0};
	auto_buf story = BUF(0);
	const struct ranking_row *first = first_useless(r);
	if (!first)
		return 0;
	enum error_code code = first->code;
	for (size_t i = 0; i < r->count; i++) {
		const struct ranking_row *row = &r->rows[i];
		if (is_https(first) && !is_https(row))
			continue;
		char *auto_free base = base_of(row, e);
		if (row->code != code)
			code = ERROR_NETWORK;
		if (!base || causes_add(&causes, base, row->why, e) < 0)
			return -1;
	}
	if (causes_tell(&causes, &story, e) < 0)
		return -1;
	code = code == ERROR_NONE ? ERROR_NETWORK : code;
	error_set(e, code, 0, "no mirror answers: %s", buf_text(&story));
	if (code == ERROR_TRUST)
		return error_hint(e,
			"is the time right? 'alarmstrap clock' tells; --cacert names other "
			"certificates");
	if (code == ERROR_NETWORK && causes.count == 1 && first->remedy)
		return error_hint(e, "%s", first->remedy);
	return error_hint(e, "check the link, the DNS (--dns=1.1.1.1) and --mirror");
}

static const struct ranking_row *row_of(const struct ranking *r, const char *server)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->rows[i].server, server) == 0)
			return &r->rows[i];
	return NULL;
}

static size_t index_of(const struct mirrors *m, const char *server)
{
	size_t i = 0;
	while (i < mirrors_count(m) && strcmp(mirrors_server(m, i), server) != 0)
		i++;
	return i;
}

int ranking_apply(const struct ranking *r, struct mirrors *m, bool all, struct error **e)
{
	size_t count = mirrors_count(m), placed = 0, used = 0;
	size_t *auto_free order = calloc(count + 1, sizeof *order);
	if (!order)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "rank mirrors");
	for (size_t i = 0; i < r->count; i++) {
		size_t at = index_of(m, r->rows[i].server);
		if (at == count)
			continue;
		order[placed++] = at;
		if (all || mirror_is_used(r->rows[i].fault))
			used = placed;
	}
	return mirrors_arrange(m, order, placed, used, e);
}

int ranking_drop(const struct ranking *r, struct mirrors *m, struct error **e)
{
	size_t count = mirrors_count(m), placed = 0, used = 0;
	size_t *auto_free order = calloc(count + 1, sizeof *order);
	if (!order)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "mirrors");
	for (int good = 1; good >= 0; good--) {
		for (size_t i = 0; i < count; i++) {
			const struct ranking_row *row = row_of(r, mirrors_server(m, i));
			if ((!row || mirror_is_used(row->fault)) == good)
				order[placed++] = i;
		}
		used = good ? placed : used;
	}
	return mirrors_arrange(m, order, placed, used, e);
}

void ranking_tell(const struct ranking *r, struct report *report)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct ranking_row *row = &r->rows[i];
		char *auto_free base = base_of(row, NULL);
		if (mirror_is_used(row->fault) || !base)
			continue;
		/* Failures of the network name the host themselves. */
		if (row->fault == MIRROR_STALE || row->fault == MIRROR_SLOW ||
			!strstr(row->why, ": "))
			report_note(report, "mirror left out: %s: %s", base, row->why);
		else
			report_note(report, "mirror left out: %s", row->why);
	}
}

static const char *show_time(char to[32], int64_t at_s)
{
	struct tm t;
	time_t when = (time_t)at_s;
	if (!at_s || !gmtime_r(&when, &t) || !strftime(to, 32, "%Y-%m-%dT%H:%M:%SZ", &t))
		snprintf(to, 32, "-");
	return to;
}

static const char *show_number(char to[24], int64_t number)
{
	if (number < 0)
		snprintf(to, 24, "-");
	else
		snprintf(to, 24, "%" PRId64, number);
	return to;
}

void ranking_show(const struct ranking *r, struct report *report)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct ranking_row *row = &r->rows[i];
		char place[24], marker[32], newest[32], answer[24], rate[24], alike[24];
		bool used = mirror_is_used(row->fault);
		int64_t kb = row->rate < 0 ? -1 : row->rate / 1000;
		report_result(report, "mirror",
			(struct report_field[]){
				{"place", show_number(place, used ? (int64_t)i + 1 : -1)},
				{"mirror", row->server},
				{"verdict", mirror_fault_word(row->fault)},
				{"ms", show_number(answer, row->answer_ms)},
				{"kB/s", show_number(rate, kb)},
				{"synced", show_time(marker, row->marker_s)},
				{"newest", show_time(newest, row->newest_s)},
				{"alike",
					show_number(alike, row->alike ? (int64_t)row->alike : -1)},
				{"why", *row->why ? row->why : "-"},
			},
			9);
	}
}

void ranking_free(struct ranking *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->rows[i].server);
		free(r->rows[i].why);
		free(r->rows[i].remedy);
	}
	free(r->rows);
	*r = (struct ranking){.count = 0};
}
