/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal's voice: one line redrawn in place, with rate and time left. */
#include "lib/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/text.h"

/* https://no-color.org: any non-empty value switches colour off. */
static const char *paint(const char *sequence)
{
	const char *no = getenv("NO_COLOR");
	return no && *no ? "" : sequence;
}

static size_t columns(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

static void place(char *to, size_t size, const struct report_stage *s)
{
	if (s->count)
		snprintf(to, size, "[%d/%d] ", s->index, s->count);
	else
		to[0] = '\0';
}

/* Bytes of the first `count` characters: a UTF-8 character goes on with bytes 10xxxxxx. */
static int bytes_of(const char *text, size_t count)
{
	const char *p = text;
	for (; *p; p++)
		if (((unsigned char)*p & 0xc0) != 0x80 && count-- == 0)
			break;
	return (int)(p - text);
}

static void redraw(FILE *to, const char *line)
{
	fprintf(to, "\r\033[K%.*s", bytes_of(line, columns() - 1), line);
	fflush(to);
}

static void tty_begin(FILE *to, const struct report_stage *s)
{
	char at[32], line[512];
	place(at, sizeof at, s);
	snprintf(line, sizeof line, "%s%s: %s", at, s->name, s->title);
	redraw(to, line);
}

/* What is on its way from where; the line is cut at the terminal's width. */
static void describe(char *to, size_t size, const struct report_transfer *t)
{
	char part[32] = "";
	*to = '\0';
	if (!t || !t->file)
		return;
	if (t->file_total)
		snprintf(part, sizeof part, " %d %%", (int)(t->file_done * 100 / t->file_total));
	snprintf(to, size, "; %s%s%s%s", t->file, t->files > 1 ? part : "",
		t->mirror ? " from " : "", t->mirror ? t->mirror : "");
}

static void tty_progress(
	FILE *to, const struct report_stage *s, const struct report_progress_now *now)
{
	uint64_t done = now->done, total = now->total;
	char at[32], amount[80], rate[64] = "", left[64] = "", line[512], what[256], a[32], b[32];
	place(at, sizeof at, s);
	uint64_t per_second = report_rate(now);
	if (now->unit == REPORT_BYTES) {
		text_size(a, sizeof a, done);
		text_size(b, sizeof b, total);
		snprintf(amount, sizeof amount, total ? "%s of %s" : "%s", a, b);
		text_size(a, sizeof a, per_second);
		if (per_second)
			snprintf(rate, sizeof rate, ", %s/s", a);
	} else {
		snprintf(amount, sizeof amount, total ? "%llu of %llu" : "%llu",
			(unsigned long long)done, (unsigned long long)total);
	}
	if (per_second && total > done) {
		text_duration(a, sizeof a, (int64_t)((total - done) * 1000 / per_second));
		snprintf(left, sizeof left, ", %s left", a);
	}
	describe(what, sizeof what, now->transfer);
	snprintf(line, sizeof line, "%s%s: %s%s%s%s", at, s->name, amount, rate, left, what);
	redraw(to, line);
}

static void tty_line(FILE *to, const char *kind, const char *text)
{
	const char *colour = strcmp(kind, "error") == 0	    ? paint("\033[1;31m")
			     : strcmp(kind, "warning") == 0 ? paint("\033[1;33m")
							    : paint("\033[1m");
	if (strcmp(kind, "error") == 0)
		kind = "alarmstrap";
	fprintf(to, "\r\033[K%s%s:%s %s\n", colour, kind, paint("\033[0m"), text);
}

static void tty_end(
	FILE *to, const struct report_stage *s, const struct error *e, int64_t elapsed_ms)
{
	char at[32], time[32];
	place(at, sizeof at, s);
	text_duration(time, sizeof time, elapsed_ms);
	fprintf(to, "\r\033[K%s%s%s%s: %s (%s)\n", at, e ? paint("\033[31m") : paint("\033[32m"),
		s->name, paint("\033[0m"), e ? "failed" : s->title, time);
}

const struct report_voice report_voice_tty = {.interval_ms = 100,
	.begin = tty_begin,
	.progress = tty_progress,
	.line = tty_line,
	.end = tty_end};
