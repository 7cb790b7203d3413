/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pty.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/report.h"
#include "lib/ticks.h"

static const char *const variables[] = {"NO_COLOR", "TERM"};

/* What the voice says goes where stdout and stderr lead: two files, or a terminal for stderr. */
struct heard {
	int saved[2];
	int to[2];
	int master; /* of the terminal; -1: none */
	char out[8192], err[8192];
};

static void listen(struct heard *h, int columns)
{
	struct winsize size = {24, (unsigned short)columns, 0, 0};
	fflush(NULL);
	*h = (struct heard){.master = -1};
	h->to[0] = memfd_create("out", MFD_CLOEXEC);
	h->to[1] = memfd_create("err", MFD_CLOEXEC);
	if (columns) {
		struct termios raw = {0};
		close(h->to[1]);
		assert_int_equal(openpty(&h->master, &h->to[1], NULL, &raw, &size), 0);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(h->to[i] >= 0);
		h->saved[i] = dup(i + 1);
		assert_int_equal(dup2(h->to[i], i + 1), i + 1);
	}
}

static void text_of(int fd, char *to, size_t size)
{
	ssize_t n = pread(fd, to, size - 1, 0);
	to[n > 0 ? n : 0] = '\0';
}

/* "done in 0.3 s" becomes "done in T". */
static void untime(char *text)
{
	for (char *p = text; (p = strstr(p, " in ")); p++) {
		size_t length = strspn(p + 4, "0123456789.");
		if (!length || strncmp(p + 4 + length, " s\n", 3) != 0)
			continue;
		p[4] = 'T';
		memmove(p + 5, p + 4 + length + 2, strlen(p + 4 + length + 2) + 1);
	}
}

/* What is written to a terminal arrives some time later; with its last descriptor closed, the end
 * of it (EIO, pty(7)) comes after all of it. */
static void terminal_text(struct heard *h)
{
	size_t have = 0;
	for (ssize_t n; have < sizeof h->err - 1; have += (size_t)n)
		if ((n = read(h->master, h->err + have, sizeof h->err - 1 - have)) <= 0)
			break;
	h->err[have] = '\0';
	close(h->master);
}

/* Nothing in between may fail the test: it would be unheard. */
static void hear(struct heard *h)
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		dup2(h->saved[i], i + 1);
		close(h->saved[i]);
	}
	text_of(h->to[0], h->out, sizeof h->out);
	if (h->master < 0)
		text_of(h->to[1], h->err, sizeof h->err);
	close(h->to[0]);
	close(h->to[1]);
	if (h->master >= 0)
		terminal_text(h);
	untime(h->err);
}

static struct error *an_error(void)
{
	struct error *e = NULL;
	error_set(&e, ERROR_NETWORK, 0, "fetch \033[31mf");
	error_hint(&e, "try again");
	return e;
}

/* One of each event. */
static void all_events(enum report_voice_name voice)
{
	struct error *e = an_error();
	struct report *r = report_new(voice);
	report_begin(r, "fetch", 2, 9, "fetch %s", "f\033[31m");
	report_progress(r, 50, 100, REPORT_BYTES);
	report_note(r, "a note");
	report_warn(r, "a \033[31mwarning");
	report_end(r, NULL);
	report_begin(r, "stop", 0, 0, "/r");
	report_end(r, e);
	report_result(
		r, "thing", (struct report_field[]){{"name", "one"}, {"address", "10.0.0.1"}}, 2);
	report_result(
		r, "thing", (struct report_field[]){{"name", "three-3"}, {"address", NULL}}, 2);
	report_error(r, e);
	report_free(r);
	error_free(e);
}

static const char table[] = "name     address\n"
			    "one      10.0.0.1\n"
			    "three-3  -\n";

static void plain_is_a_line_an_event(void **state)
{
	struct heard h;
	listen(&h, 0);
	all_events(REPORT_PLAIN);
	hear(&h);
	assert_string_equal(h.out, table);
	assert_string_equal(h.err, "stage 2 of 9: fetch: fetch f\\x1b[31m\n"
				   "note: a note\n"
				   "warning: a \\x1b[31mwarning\n"
				   "fetch: done in T\n"
				   "stop: /r\n"
				   "stop: failed in T\n"
				   "alarmstrap: fetch \\x1b[31mf\n"
				   "hint: try again\n");
}

static void quiet_is_what_is_wrong(void **state)
{
	struct heard h;
	listen(&h, 0);
	all_events(REPORT_QUIET);
	hear(&h);
	assert_string_equal(h.out, table);
	assert_string_equal(h.err, "warning: a \\x1b[31mwarning\n"
				   "alarmstrap: fetch \\x1b[31mf\n"
				   "hint: try again\n");
}

static void json_leaves_stderr_alone(void **state)
{
	struct heard h;
	listen(&h, 0);
	all_events(REPORT_JSON);
	hear(&h);
	assert_string_equal(h.err, "");
	size_t lines = 0;
	for (const char *p = h.out; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 10);
	assert_null(strchr(h.out, '\033'));
	assert_non_null(strstr(h.out, "\"fields\":{\"name\":\"three-3\",\"address\":null}"));
}

static void the_terminal_has_one_line_redrawn(void **state)
{
	struct heard h;
	unsetenv("NO_COLOR");
	listen(&h, 80);
	all_events(REPORT_TTY);
	hear(&h);
	assert_string_equal(h.out, table);
	static const char first[] = "\r\033[K[2/9] fetch: fetch f\\x1b[31m\r\033[K";
	assert_int_equal(strncmp(h.err, first, strlen(first)), 0);
	assert_non_null(strstr(h.err, "50 B of 100 B"));
	assert_non_null(strstr(h.err, "\033[1;33mwarning:\033[0m a \\x1b[31mwarning\n"));
	assert_non_null(strstr(h.err, "\033[1;31malarmstrap:\033[0m fetch \\x1b[31mf\n"));
}

static void no_color_is_obeyed(void **state)
{
	struct heard h;
	setenv("NO_COLOR", "1", 1);
	listen(&h, 80);
	all_events(REPORT_TTY);
	hear(&h);
	unsetenv("NO_COLOR");
	for (const char *p = h.err; (p = strchr(p, '\033')); p++)
		if (p[1] != '[' || p[2] != 'K')
			fail_msg("a sequence that is no erasure: %.10s", p + 1);
	/* Empty is as good as unset (https://no-color.org). */
	setenv("NO_COLOR", "", 1);
	listen(&h, 80);
	all_events(REPORT_TTY);
	hear(&h);
	unsetenv("NO_COLOR");
	assert_non_null(strstr(h.err, "\033[1;31m"));
}

static void auto_asks_the_terminal(void **state)
{
	static const struct {
		const char *term;
		int columns;
		bool redraws;
	} cases[] = {
		{"linux", 80, true},
		{"linux", 0, false},
		{"dumb", 80, false},
		{"", 80, false},
		{NULL, 80, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heard h;
		if (cases[i].term)
			setenv("TERM", cases[i].term, 1);
		else
			unsetenv("TERM");
		listen(&h, cases[i].columns);
		all_events(REPORT_AUTO);
		hear(&h);
		assert_int_equal(strchr(h.err, '\r') != NULL, cases[i].redraws);
		assert_int_equal(strchr(h.err, '\033') != NULL, cases[i].redraws);
	}
}

/* A character that is cut in two makes the rest of the line unreadable. */
static void a_narrow_terminal_cuts_between_characters(void **state)
{
	struct heard h;
	listen(&h, 24);
	struct report *r = report_new(REPORT_TTY);
	report_begin(r, "x", 0, 0, "%s", "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöü");
	report_free(r);
	hear(&h);
	assert_string_equal(h.err, "\r\033[Kx: äöüäöüäöüäöüäöüäöüäö");
}

static void progress_is_drawn_ten_times_a_second(void **state)
{
	static const enum report_voice_name voices[] = {REPORT_TTY, REPORT_JSON};
	for (size_t i = 0; i < sizeof voices / sizeof *voices; i++) {
		struct heard h;
		int drawn = 0;
		uint64_t done = 0;
		listen(&h, 80);
		struct report *r = report_new(voices[i]);
		report_begin(r, "fetch", 1, 1, "f");
		int64_t began = ticks_ms();
		for (int64_t end = began + 250; ticks_ms() < end;)
			report_progress(r, ++done, 0, REPORT_COUNT);
		int64_t took = ticks_ms() - began;
		report_free(r);
		hear(&h);
		const char *text = voices[i] == REPORT_JSON ? h.out : h.err;
		const char *mark = voices[i] == REPORT_JSON ? "\"progress\"" : "\r";
		for (const char *p = text; (p = strstr(p, mark)); p++)
			drawn++;
		drawn -= voices[i] == REPORT_TTY; /* the beginning */
		assert_in_range(drawn, 1, (uint64_t)took / 100 + 1);
	}
}

static void a_download(enum report_voice_name voice)
{
	struct report_transfer t = {.done = 45000000,
		.total = 300000000,
		.rate = 2000000,
		.files = 118,
		.files_done = 34,
		.file = "a\033b.pkg",
		.mirror = "de.test",
		.file_done = 12,
		.file_total = 48};
	struct report *r = report_new(voice);
	report_begin(r, "fetch", 0, 0, "f");
	report_transfer(r, &t);
	report_file(r, "c.pkg", "fr.test", 7);
	report_file(r, "d.pkg", NULL, 8);
	report_free(r);
}

static void a_download_says_what_comes_from_where(void **state)
{
	struct heard h;
	listen(&h, 120);
	a_download(REPORT_TTY);
	hear(&h);
	assert_non_null(strstr(h.err, "fetch: 45.0 MB of 300.0 MB, 2.0 MB/s, 2 min 7 s left; "
				      "a\\x1bb.pkg 25 % from de.test"));
	listen(&h, 0);
	a_download(REPORT_JSON);
	hear(&h);
	assert_non_null(strstr(h.out, "\"rate\":2000000"));
	assert_non_null(strstr(h.out, "\"mirror\":\"de.test\""));
	assert_non_null(strstr(h.out, "\"event\":\"file\""));
	assert_non_null(strstr(h.out, "\"file\":\"c.pkg\",\"mirror\":\"fr.test\",\"bytes\":7"));
	assert_non_null(strstr(h.out, "\"file\":\"d.pkg\",\"bytes\":8"));
	/* In a log it comes now and then, not at once. */
	listen(&h, 0);
	a_download(REPORT_PLAIN);
	hear(&h);
	assert_string_equal(h.err, "fetch: f\n");
	listen(&h, 0);
	struct report_transfer t = {
		.done = 45000000, .total = 300000000, .rate = 2000000, .files = 118};
	struct report_progress_now now = {
		.done = t.done, .total = t.total, .unit = REPORT_BYTES, .transfer = &t};
	struct report_stage stage = {.name = (char *)"fetch"};
	report_voice_plain.progress(stderr, &stage, &now);
	t.rate = 0;
	t.files = 1;
	now.total = 0;
	report_voice_plain.progress(stderr, &stage, &now);
	hear(&h);
	assert_string_equal(h.err, "fetch: 45.0 MB of 300.0 MB, 2.0 MB/s, 2 min 7 s left, 0 of "
				   "118 files\nfetch: 45.0 MB\n");
}

static void the_log_has_all_that_plain_says(void **state)
{
	struct heard h;
	char log[4096];
	int fd = memfd_create("log", MFD_CLOEXEC);
	int auto_fd copy = dup(fd);
	listen(&h, 0);
	struct error *e = an_error(), *failed = NULL;
	struct report *r = report_new(REPORT_QUIET);
	report_begin(r, "place", 1, 2, "look");
	int result = report_log_to(r, fd, &failed);
	report_note(r, "a \033note");
	report_end(r, NULL);
	report_error(r, e);
	report_free(r);
	error_free(e);
	hear(&h);
	assert_int_equal(result, 0);
	text_of(copy, log, sizeof log);
	untime(log);
	assert_string_equal(log, "stage 1 of 2: place: look\n"
				 "note: a \\x1bnote\n"
				 "place: done in T\n"
				 "alarmstrap: fetch \\x1b[31mf\n"
				 "hint: try again\n");
}

static void nobody_listens(void **state)
{
	report_begin(NULL, "x", 0, 0, "x");
	report_progress(NULL, 1, 1, REPORT_COUNT);
	report_note(NULL, "x");
	report_warn(NULL, "x");
	report_end(NULL, NULL);
	report_result(NULL, "x", NULL, 0);
	report_error(NULL, NULL);
	report_flush(NULL);
	assert_ok(report_log_to(NULL, dup(STDOUT_FILENO), &e));
	report_free(NULL);
}

static void voices_have_names(void **state)
{
	enum report_voice_name voice;
	assert_int_equal(report_voice_from_word("json", &voice), 0);
	assert_int_equal(voice, REPORT_JSON);
	assert_int_equal(report_voice_from_word("jso", &voice), -1);
	assert_int_equal(voice, REPORT_JSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_is_a_line_an_event),
		cmocka_unit_test(quiet_is_what_is_wrong),
		cmocka_unit_test(json_leaves_stderr_alone),
		cmocka_unit_test(the_terminal_has_one_line_redrawn),
		cmocka_unit_test(no_color_is_obeyed),
		cmocka_unit_test(auto_asks_the_terminal),
		cmocka_unit_test(a_narrow_terminal_cuts_between_characters),
		cmocka_unit_test(progress_is_drawn_ten_times_a_second),
		cmocka_unit_test(a_download_says_what_comes_from_where),
		cmocka_unit_test(the_log_has_all_that_plain_says),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(voices_have_names),
	};
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		unsetenv(variables[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
