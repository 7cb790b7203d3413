/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "lib/fd.h"
#include "lib/report.h"

/* What `speak` makes a plain report write to a descriptor, as text. */
static void heard(int fd, void (*speak)(struct report *), struct buf *text)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	fflush(NULL);
	int auto_fd kept = dup(fd);
	assert_true(dup2(fileno(file), fd) >= 0);
	struct report *r = report_new(REPORT_PLAIN);
	speak(r);
	report_free(r);
	fflush(NULL);
	dup2(kept, fd);
	assert_int_equal(lseek(fileno(file), 0, SEEK_SET), 0);
	assert_ok(fd_read_all(fileno(file), text, &e));
	fclose(file);
}

static void two_rows(struct report *r)
{
	report_result(
		r, "kind", (struct report_field[]){{"name", "caf\xc3\xa9"}, {"state", "up"}}, 2);
	report_result(r, "kind", (struct report_field[]){{"name", "plain"}, {"state", "down"}}, 2);
}

static void columns_count_characters(void **state)
{
	auto_buf text = BUF(0);
	heard(STDOUT_FILENO, two_rows, &text);
	assert_string_equal(buf_text(&text), "name   state\ncaf\xc3\xa9   up\nplain  down\n");
}

static void late_log(struct report *r)
{
	int ends[2];
	char line[64];
	assert_int_equal(pipe(ends), 0);
	report_begin(r, "place", 1, 2, "look");
	assert_ok(report_log_to(r, ends[1], &e));
	report_note(r, "seen");
	ssize_t n = read(ends[0], line, sizeof line - 1);
	close(ends[0]);
	assert_true(n > 0);
	line[n] = '\0';
	assert_non_null(strstr(line, "stage 1 of 2: place: look\n"));
}

static void a_log_begins_with_the_stage_under_way(void **state)
{
	auto_buf text = BUF(0);
	heard(STDERR_FILENO, late_log, &text);
	assert_non_null(strstr(buf_text(&text), "note: seen\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(a_log_begins_with_the_stage_under_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
