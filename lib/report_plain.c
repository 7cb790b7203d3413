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

static void plain_progress(
	FILE *to, const struct report_stage *s, const struct report_progress_now *now)
{
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

const struct report_voice report_voice_plain = {
	.begin = plain_begin, .progress = plain_progress, .line = plain_line, .end = plain_end};

static void quiet_begin(FILE *to, const struct report_stage *s)
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

const struct report_voice report_voice_quiet = {
	.begin = quiet_begin, .progress = plain_progress, .line = quiet_line, .end = quiet_end};
