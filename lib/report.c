/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "lib/ticks.h"

struct row {
	char **values;
};

struct report {
	const struct report_voice *voice;
	FILE *log; /* spoken to plainly; NULL: none */
	struct report_stage stage;
	int64_t drawn_ms, logged_ms;
	char *kind; /* of the rows that wait */
	char **columns;
	size_t width; /* number of columns */
	struct row *rows;
	size_t row_count;
};

static const struct report_voice *voice_named(enum report_voice_name name)
{
	if (name == REPORT_AUTO) {
		const char *term = getenv("TERM");
		bool dumb = !term || !*term || strcmp(term, "dumb") == 0;
		name = isatty(STDERR_FILENO) && !dumb ? REPORT_TTY : REPORT_PLAIN;
	}
	switch (name) {
	case REPORT_TTY:
		return &report_voice_tty;
	case REPORT_QUIET:
		return &report_voice_quiet;
	case REPORT_JSON:
		return &report_voice_json;
	default:
		return &report_voice_plain;
	}
}

int report_voice_from_word(const char *word, enum report_voice_name *voice)
{
	static const char *const words[] = {
		[REPORT_AUTO] = "auto",
		[REPORT_TTY] = "tty",
		[REPORT_PLAIN] = "plain",
		[REPORT_QUIET] = "quiet",
		[REPORT_JSON] = "json",
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], word) == 0) {
			*voice = (enum report_voice_name)i;
			return 0;
		}
	return -1;
}

struct report *report_new(enum report_voice_name voice)
{
	struct report *r = calloc(1, sizeof *r);
	if (r)
		r->voice = voice_named(voice);
	return r;
}

/* The text as it may be shown; "" when memory is out. The caller frees buf. */
__attribute__((format(printf, 2, 0))) static const char *rendered(
	struct buf *to, const char *format, va_list args)
{
	char *raw = NULL;
	if (vasprintf(&raw, format, args) < 0)
		return "";
	int r = text_render(to, raw, NULL);
	free(raw);
	return r < 0 ? "" : buf_text(to);
}

static void stage_clear(struct report_stage *s)
{
	free(s->name);
	free(s->title);
	*s = (struct report_stage){0};
}

void report_begin(struct report *r, const char *name, int index, int count, const char *format, ...)
{
	if (!r)
		return;
	stage_clear(&r->stage);
	auto_buf title = BUF(0);
	va_list args;
	va_start(args, format);
	const char *text = rendered(&title, format, args);
	va_end(args);
	r->stage = (struct report_stage){strdup(name), index, count, strdup(text), ticks_ms()};
	/* A log's line comes when there is something to tell; a terminal's at once. */
	r->logged_ms = r->stage.began_ms;
	r->drawn_ms = r->voice->interval_ms > 1000 ? r->stage.began_ms : 0;
	if (!r->stage.name || !r->stage.title) {
		stage_clear(&r->stage);
		return;
	}
	r->voice->begin(stderr, &r->stage);
	if (r->log)
		report_voice_plain.begin(r->log, &r->stage);
}

uint64_t report_rate(const struct report_progress_now *now)
{
	if (now->transfer)
		return now->transfer->rate;
	return now->elapsed_ms > 500 ? now->done * 1000 / (uint64_t)now->elapsed_ms : 0;
}

static void tell_progress(struct report *r, struct report_progress_now *p)
{
	if (!r || !r->stage.name)
		return;
	int64_t now_ms = ticks_ms();
	p->elapsed_ms = now_ms - r->stage.began_ms;
	if (now_ms - r->drawn_ms >= r->voice->interval_ms) {
		r->drawn_ms = now_ms;
		r->voice->progress(stderr, &r->stage, p);
	}
	if (r->log && now_ms - r->logged_ms >= report_voice_plain.interval_ms) {
		r->logged_ms = now_ms;
		report_voice_plain.progress(r->log, &r->stage, p);
	}
}

void report_progress(struct report *r, uint64_t done, uint64_t total, enum report_unit unit)
{
	struct report_progress_now p = {.done = done, .total = total, .unit = unit};
	tell_progress(r, &p);
}

/* Names of files come from a database, mirrors from a list: both are foreign. */
void report_transfer(struct report *r, const struct report_transfer *t)
{
	auto_buf file = BUF(0), mirror = BUF(0);
	struct report_transfer shown = *t;
	struct report_progress_now p = {
		.done = t->done, .total = t->total, .unit = REPORT_BYTES, .transfer = &shown};
	if ((t->file && text_render(&file, t->file, NULL) < 0) ||
		(t->mirror && text_render(&mirror, t->mirror, NULL) < 0))
		return;
	shown.file = t->file ? buf_text(&file) : NULL;
	shown.mirror = t->mirror ? buf_text(&mirror) : NULL;
	tell_progress(r, &p);
}

void report_file(struct report *r, const char *file, const char *mirror, uint64_t size)
{
	auto_buf name = BUF(0), from = BUF(0);
	if (!r || !r->stage.name || !r->voice->file || text_render(&name, file, NULL) < 0 ||
		(mirror && text_render(&from, mirror, NULL) < 0))
		return;
	r->voice->file(stderr, &r->stage, buf_text(&name), mirror ? buf_text(&from) : NULL, size);
}

__attribute__((format(printf, 3, 0))) static void report_line(
	struct report *r, const char *kind, const char *format, va_list args)
{
	if (!r)
		return;
	auto_buf text = BUF(0);
	const char *shown = rendered(&text, format, args);
	r->voice->line(stderr, kind, shown);
	if (r->log)
		report_voice_plain.line(r->log, kind, shown);
}

void report_note(struct report *r, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report_line(r, "note", format, args);
	va_end(args);
}

void report_warn(struct report *r, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report_line(r, "warning", format, args);
	va_end(args);
}

void report_end(struct report *r, const struct error *e)
{
	if (!r || !r->stage.name)
		return;
	int64_t elapsed_ms = ticks_ms() - r->stage.began_ms;
	r->voice->end(stderr, &r->stage, e, elapsed_ms);
	if (r->log)
		report_voice_plain.end(r->log, &r->stage, e, elapsed_ms);
	stage_clear(&r->stage);
}

static void say(const struct report_voice *voice, FILE *to, const char *kind, const char *text)
{
	auto_buf shown = BUF(0);
	if (text_render(&shown, text, NULL) == 0)
		voice->line(to, kind, buf_text(&shown));
}

static void say_error(const struct report_voice *voice, FILE *to, const struct error *e)
{
	say(voice, to, "error", error_message(e));
	if (error_remedy(e))
		say(voice, to, "hint", error_remedy(e));
}

void report_error(struct report *r, const struct error *e)
{
	if (!r || !e)
		return;
	if (r->voice->error)
		r->voice->error(e);
	else
		say_error(r->voice, stderr, e);
	if (r->log)
		say_error(&report_voice_plain, r->log, e);
}

int report_log_to(struct report *r, int fd, struct error **e)
{
	if (!r) {
		close(fd);
		return 0;
	}
	FILE *log = fdopen(fd, "a");
	if (!log) {
		close(fd);
		return error_set(e, ERROR_SYSTEM, errno, "open the log");
	}
	if (r->log)
		fclose(r->log);
	r->log = log;
	setvbuf(log, NULL, _IOLBF, 0);
	/* The stage that is under way stands at its head. */
	if (r->stage.name)
		report_voice_plain.begin(log, &r->stage);
	return 0;
}

static void free_values(char **values, size_t count)
{
	for (size_t i = 0; values && i < count; i++)
		free(values[i]);
	free(values);
}

/* Characters, not bytes: continuation bytes of UTF-8 take no place (RFC 3629, section 3). */
static size_t shown_width(const char *text)
{
	size_t width = 0;
	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void print_row(char **values, const size_t *widths, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		printf("%s%*s  ", values[i], (int)(widths[i] - shown_width(values[i])), "");
	printf("%s\n", values[count - 1]);
}

static void print_table(const struct report *r)
{
	size_t *auto_free widths = calloc(r->width, sizeof *widths);
	if (!widths)
		return;
	for (size_t i = 0; i < r->width; i++) {
		widths[i] = shown_width(r->columns[i]);
		for (size_t k = 0; k < r->row_count; k++)
			if (shown_width(r->rows[k].values[i]) > widths[i])
				widths[i] = shown_width(r->rows[k].values[i]);
	}
	print_row(r->columns, widths, r->width);
	for (size_t k = 0; k < r->row_count; k++)
		print_row(r->rows[k].values, widths, r->width);
	fflush(stdout);
}

void report_flush(struct report *r)
{
	if (!r || !r->kind)
		return;
	if (r->row_count)
		print_table(r);
	for (size_t k = 0; k < r->row_count; k++)
		free_values(r->rows[k].values, r->width);
	free(r->rows);
	free_values(r->columns, r->width);
	free(r->kind);
	r->kind = NULL;
	r->columns = NULL;
	r->rows = NULL;
	r->width = r->row_count = 0;
}

/* Copies of one side of the fields; NULL when memory is out. */
static char **copies(const struct report_field *fields, size_t count, bool names)
{
	char **to = calloc(count, sizeof *to);
	for (size_t i = 0; to && i < count; i++) {
		auto_buf shown = BUF(0);
		const char *text = names ? fields[i].name : fields[i].value;
		if (text_render(&shown, text && *text ? text : "-", NULL) < 0 ||
			!(to[i] = buf_take(&shown))) {
			free_values(to, count);
			return NULL;
		}
	}
	return to;
}

static bool new_kind(
	struct report *r, const char *kind, const struct report_field *fields, size_t count)
{
	report_flush(r);
	char *name = strdup(kind);
	char **columns = copies(fields, count, true);
	if (!name || !columns) {
		free(name);
		free_values(columns, count);
		return false;
	}
	r->kind = name;
	r->columns = columns;
	r->width = count;
	return true;
}

void report_result(
	struct report *r, const char *kind, const struct report_field *fields, size_t count)
{
	if (!r || !count)
		return;
	if (r->voice->result) {
		r->voice->result(kind, fields, count);
		return;
	}
	bool same = r->kind && strcmp(r->kind, kind) == 0 && r->width == count;
	if (!same && !new_kind(r, kind, fields, count))
		return;
	struct row *rows = reallocarray(r->rows, r->row_count + 1, sizeof *rows);
	if (!rows)
		return;
	r->rows = rows;
	rows[r->row_count].values = copies(fields, count, false);
	if (rows[r->row_count].values)
		r->row_count++;
}

void report_record(
	struct report *r, const char *kind, const struct report_field *fields, size_t count)
{
	if (!r || count < 2)
		return;
	if (r->voice->result) {
		r->voice->result(kind, fields, count);
		return;
	}
	report_flush(r);
	for (size_t i = 0; i < count; i++) {
		auto_buf shown = BUF(0);
		if (!fields[i].value || !*fields[i].value ||
			text_render(&shown, fields[i].value, NULL) < 0)
			continue;
		if (i < 2)
			printf("%s%s", buf_text(&shown), i == 0 ? ": " : "");
		else
			printf("\n    %s: %s", fields[i].name, buf_text(&shown));
	}
	putchar('\n');
	fflush(stdout);
}

void report_text(struct report *r, const char *kind, const char *text)
{
	auto_strings lines = {0};
	if (!r)
		return;
	report_flush(r);
	if (!r->voice->result) {
		fputs(text, stdout);
		fflush(stdout);
		return;
	}
	if (strings_split(&lines, text, "\n", NULL) < 0)
		return;
	for (size_t i = 0; i < lines.count; i++)
		r->voice->result(kind, &(struct report_field){"line", lines.items[i]}, 1);
}

void report_free(struct report *r)
{
	if (!r)
		return;
	report_flush(r);
	stage_clear(&r->stage);
	if (r->log)
		fclose(r->log);
	free(r);
}
