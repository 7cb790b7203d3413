/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain voice: a line an event on stderr, for logs and pipes; and the quiet one. */
#include "lib/report.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

static void plain_begin(FILE *to, const struct report_stage *s)
{
	if (s->count)
		fprintf(to, "stage %d of %d: %s: %s\n", s->index, s->count, s->name, s->title);
	else
		fprintf(to, "%s: %s\n", s->name, s->title);
}

/* "fetch: 120.0 MB of 312.0 MB, 2.1 MB/s, 2 min 5 s left, 34 of 118 files" */
static void plain_progress(
	FILE *to, const struct report_stage *s, const struct report_progress_now *now)
{
	const struct report_transfer *t = now->transfer;
	char done[32], total[32], rate[32], left[32];
	if (!t)
		return;
	text_size(done, sizeof done, now->done);
	text_size(total, sizeof total, now->total);
	text_size(rate, sizeof rate, t->rate);
	fprintf(to, now->total ? "%s: %s of %s, %s/s" : "%s: %s", s->name, done, total, rate);
	if (t->rate && now->total > now->done) {
		text_duration(
			left, sizeof left, (int64_t)((now->total - now->done) * 1000 / t->rate));
		fprintf(to, ", %s left", left);
	}
	if (t->files > 1)
		fprintf(to, ", %zu of %zu files", t->files_done, t->files);
	fputc('\n', to);
	fflush(to);
}

static void plain_line(FILE *to, const char *kind, const char *text)
{
	if (strcmp(kind, "error") == 0)
		kind = "alarmstrap";
	fprintf(to, "%s: %s\n", kind, text);
}

static void plain_end(
	FILE *to, const struct report_stage *s, const struct error *e, int64_t elapsed_ms)
{
	char time[32];
	text_duration(time, sizeof time, elapsed_ms);
	fprintf(to, "%s: %s in %s\n", s->name, e ? "failed" : "done", time);
}

const struct report_voice report_voice_plain = {.interval_ms = 15000,
	.begin = plain_begin,
	.progress = plain_progress,
	.line = plain_line,
	.end = plain_end};

static void quiet_begin(FILE *to, const struct report_stage *s)
{
}

static void quiet_progress(
	FILE *to, const struct report_stage *s, const struct report_progress_now *now)
{
}

static void quiet_line(FILE *to, const char *kind, const char *text)
{
	if (strcmp(kind, "note") != 0)
		plain_line(to, kind, text);
}

static void quiet_end(
	FILE *to, const struct report_stage *s, const struct error *e, int64_t elapsed_ms)
{
}

const struct report_voice report_voice_quiet = {.interval_ms = 15000,
	.begin = quiet_begin,
	.progress = quiet_progress,
	.line = quiet_line,
	.end = quiet_end};
