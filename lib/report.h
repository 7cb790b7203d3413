/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the work tells its user: events go in here, a voice renders them.
 *
 * Producers never print. stdout carries results only; everything else goes to stderr. Voices: tty
 * (one line redrawn at most ten times a second), plain (a line an event), quiet (warnings and
 * errors), json (events and results alike as JSON lines on stdout, doc/report.schema.json). A
 * `struct report *` is passed down, never kept in a global; NULL is allowed everywhere and says
 * nothing. Foreign bytes are escaped here, so producers may pass what they got. */
#ifndef LIB_REPORT_H
#define LIB_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/error.h"

enum report_voice_name { REPORT_AUTO, REPORT_TTY, REPORT_PLAIN, REPORT_QUIET, REPORT_JSON };
enum report_unit { REPORT_BYTES, REPORT_COUNT };

struct report;

/* AUTO is tty where stderr is a terminal that is not dumb. NULL when memory is out. */
struct report *report_new(enum report_voice_name voice);
/* "auto", "tty", "plain", "quiet", "json"; -1 for another word. */
int report_voice_from_word(const char *word, enum report_voice_name *voice);
void report_free(struct report *r);

/* A stage begins: its name ("fetch"), its place ("4 of 9", or 0 of 0), what it does. */
void report_begin(struct report *r, const char *name, int index, int count, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* `total` 0: not known. Cheap: may be called for every block. */
void report_progress(struct report *r, uint64_t done, uint64_t total, enum report_unit unit);
/* A download, which knows more: how fast it is now, and what is on its way from where. `file` and
 * `mirror` may be NULL. */
struct report_transfer {
	uint64_t done, total; /* bytes; total 0: not known */
	uint64_t rate; /* bytes a second, of late */
	size_t files_done, files; /* files 0: no files to count */
	const char *file, *mirror; /* one of those under way */
	uint64_t file_done, file_total;
};
void report_transfer(struct report *r, const struct report_transfer *t);
/* A file is whole, and where its last byte came from; mirror NULL: it was there. */
void report_file(struct report *r, const char *file, const char *mirror, uint64_t size);
void report_note(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_warn(struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The stage that began last ended well, or failed (e not NULL). */
void report_end(struct report *r, const struct error *e);

/* A result: one row of the table `kind`. Rows are printed on stdout when another kind begins, at
 * report_flush and at report_free; columns are those of the kind's first row. */
struct report_field {
	const char *name;
	const char *value;
};
void report_result(
	struct report *r, const char *kind, const struct report_field *fields, size_t count);
/* A result that is a story of its own: people get it as a paragraph, whose heading is the first two
 * values, fields without a value left out; for machines it is as report_result. */
void report_record(
	struct report *r, const char *kind, const struct report_field *fields, size_t count);
/* A result that is a file's text: as it stands for people; for machines a result a line, with one
 * field "line". */
void report_text(struct report *r, const char *kind, const char *text);
void report_flush(struct report *r);
/* The one line on stderr for an error, and its hint. */
void report_error(struct report *r, const struct error *e);

/* From now on everything also goes, plainly, to the log behind `fd`, which is taken over. */
int report_log_to(struct report *r, int fd, struct error **e) must_check;

/* For the voices (lib/report_*.c). */
struct report_progress_now {
	uint64_t done, total;
	enum report_unit unit;
	int64_t elapsed_ms;
	const struct report_transfer *transfer; /* NULL: no download */
};
/* Per second; 0: not known yet. */
uint64_t report_rate(const struct report_progress_now *now);
struct report_stage {
	char *name;
	int index, count;
	char *title;
	int64_t began_ms; /* CLOCK_MONOTONIC */
};
struct report_voice {
	int interval_ms; /* of progress */
	void (*begin)(FILE *to, const struct report_stage *s);
	void (*progress)(
		FILE *to, const struct report_stage *s, const struct report_progress_now *now);
	/* May be NULL. */
	void (*file)(FILE *to, const struct report_stage *s, const char *file, const char *mirror,
		uint64_t size);
	/* kind: "note", "warning", "error", "hint" */
	void (*line)(FILE *to, const char *kind, const char *text);
	void (*end)(
		FILE *to, const struct report_stage *s, const struct error *e, int64_t elapsed_ms);
	/* On stdout. NULL: rows are collected and printed as a table. */
	void (*result)(const char *kind, const struct report_field *fields, size_t count);
	/* On stdout. NULL: two lines, "error" and "hint". */
	void (*error)(const struct error *e);
};
extern const struct report_voice report_voice_plain, report_voice_tty, report_voice_quiet,
	report_voice_json;

#endif
