/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The voice for machines: every event and result is one JSON object on a line of stdout. The schema
 * is doc/report.schema.json; a change that breaks readers counts REPORT_VERSION up. */
#include "lib/report.h"

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/text.h"

enum { REPORT_VERSION = 1 };

static struct json_object *event(const char *name)
{
	struct json_object *o = json_object_new();
	json_put_number(o, "version", REPORT_VERSION);
	json_put_text(o, "event", name);
	return o;
}

static struct json_object *stage_event(const char *name, const struct report_stage *s)
{
	struct json_object *o = event(name);
	json_put_text(o, "stage", s->name);
	return o;
}

static void json_begin(FILE *to, const struct report_stage *s)
{
	struct json_object *o = stage_event("begin", s);
	if (s->count) {
		json_put_number(o, "index", s->index);
		json_put_number(o, "count", s->count);
	}
	json_put_text(o, "title", s->title);
	json_print_line(o, stdout);
}

static void put_transfer(struct json_object *o, const struct report_transfer *t)
{
	if (!t)
		return;
	json_put_number(o, "rate", (int64_t)t->rate);
	json_put_number(o, "files_done", (int64_t)t->files_done);
	json_put_number(o, "files", (int64_t)t->files);
	if (!t->file)
		return;
	json_put_text(o, "file", t->file);
	json_put_number(o, "file_done", (int64_t)t->file_done);
	if (t->file_total)
		json_put_number(o, "file_total", (int64_t)t->file_total);
	if (t->mirror)
		json_put_text(o, "mirror", t->mirror);
}

static void json_progress(
	FILE *to, const struct report_stage *s, const struct report_progress_now *now)
{
	struct json_object *o = stage_event("progress", s);
	json_put_number(o, "done", (int64_t)now->done);
	if (now->total)
		json_put_number(o, "total", (int64_t)now->total);
	json_put_text(o, "unit", now->unit == REPORT_BYTES ? "bytes" : "items");
	json_put_number(o, "milliseconds", now->elapsed_ms);
	put_transfer(o, now->transfer);
	json_print_line(o, stdout);
}

static void json_file(
	FILE *to, const struct report_stage *s, const char *file, const char *mirror, uint64_t size)
{
	struct json_object *o = stage_event("file", s);
	json_put_text(o, "file", file);
	if (mirror)
		json_put_text(o, "mirror", mirror);
	json_put_number(o, "bytes", (int64_t)size);
	json_print_line(o, stdout);
}

static void json_line(FILE *to, const char *kind, const char *text)
{
	struct json_object *o = event(kind);
	json_put_text(o, "text", text);
	json_print_line(o, stdout);
}

static void json_end(
	FILE *to, const struct report_stage *s, const struct error *e, int64_t elapsed_ms)
{
	struct json_object *o = stage_event("end", s);
	json_put_flag(o, "ok", !e);
	json_put_number(o, "milliseconds", elapsed_ms);
	json_print_line(o, stdout);
}

static void json_result(const char *kind, const struct report_field *fields, size_t count)
{
	struct json_object *o = event("result"), *values = json_object_new();
	for (size_t i = 0; i < count; i++)
		json_put_text(values, fields[i].name, fields[i].value);
	json_put_text(o, "kind", kind);
	json_put_object(o, "fields", values);
	json_print_line(o, stdout);
}

/* Foreign bytes in a message are made fit for a terminal here as in the other voices. */
static void put_shown(struct json_object *o, const char *key, const char *text)
{
	auto_buf shown = BUF(0);
	if (text && text_render(&shown, text, NULL) == 0)
		json_put_text(o, key, buf_text(&shown));
}

static void json_error(const struct error *e)
{
	struct json_object *o = event("error");
	json_put_text(o, "code", error_code_name(error_code(e)));
	json_put_number(o, "status", error_exit_status(e));
	put_shown(o, "message", error_message(e));
	put_shown(o, "hint", error_remedy(e));
	json_print_line(o, stdout);
}

const struct report_voice report_voice_json = {
	.interval_ms = 100,
	.file = json_file,
	.begin = json_begin,
	.progress = json_progress,
	.line = json_line,
	.end = json_end,
	.result = json_result,
	.error = json_error,
};
