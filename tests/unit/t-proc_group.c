/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/proc_group.h"
#include "lib/ticks.h"

/* No buf: where its memory fails, the pid of a daemon would be lost, and the daemon left. */
struct said {
	char text[512];
};

static void add_line(void *arg, const char *line)
{
	struct said *s = arg;
	size_t length = strlen(s->text);
	snprintf(s->text + length, sizeof s->text - length, "%s|", line);
}

static int shell(void *arg)
{
	const char *argv[] = {"/bin/sh", "-c", arg, NULL};
	return proc_exec(argv, NULL);
}

/* Runs a script to its end; its lines, each with a '|' behind it. */
static int attend(
	const char *script, int limit_ms, struct said *lines, int *status, struct error **e)
{
	int auto_fd output = -1;
	pid_t pid = proc_fork(shell, (void *)script, 0, &output, e);
	if (pid < 0)
		return -1;
	struct proc_group g = {pid, output, add_line, lines, limit_ms ? ticks_ms() + limit_ms : 0};
	return proc_group_attend(&g, status, e);
}

static void lines_and_status(void **state)
{
	static const struct {
		const char *script, *lines;
		int status;
	} cases[] = {
		{"true", "", 0},
		{"echo a; echo b >&2; exit 3", "a|b|", 3},
		{"printf 'no end'", "no end|", 0},
		{"printf 'a\\r\\n\\nb\\n'", "a||b|", 0},
		{"exec >&- 2>&-; exit 4", "", 4},
		{"kill -KILL $$", "", 137},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct said lines = {""};
		int status = -1;
		assert_ok(attend(cases[i].script, 0, &lines, &status, &e));
		assert_string_equal(lines.text, cases[i].lines);
		assert_int_equal(status, cases[i].status);
	}
}

static void assert_gone(const char *pid)
{
	/* SIGKILL was sent; init may take a moment to reap. */
	for (int i = 0; i < 200; i++) {
		if (kill(atoi(pid), 0) < 0 && errno == ESRCH)
			return;
		char path[64], text[256] = "";
		snprintf(path, sizeof path, "/proc/%d/stat", atoi(pid));
		FILE *stat = fopen(path, "r");
		bool dead = !stat || !fgets(text, sizeof text, stat) || strstr(text, ") Z ");
		if (stat)
			fclose(stat);
		if (dead)
			return;
		ticks_sleep_ms(5);
	}
	fail_msg("process %s lives", pid);
}

/* It holds the output open, too. */
static void what_is_left_behind_is_killed(void **state)
{
	struct said lines = {""};
	int status = -1;
	int64_t began = ticks_ms();
	assert_ok(attend("sleep 100 & echo $!", 0, &lines, &status, &e));
	assert_int_equal(status, 0);
	assert_true(ticks_ms() - began < 50000);
	assert_gone(lines.text);
}

static void a_daemon_holds_nobody_up(void **state)
{
	struct said lines = {""};
	int status = -1;
	int64_t began = ticks_ms();
	char script[200];
	/* The file tells when setsid(1) has done its work: before, the daemon is one of us. It ends
	 * with this test, also where its pid does not arrive. */
	snprintf(script, sizeof script,
		"f=$(mktemp); setsid sh -c \"rm $f; while kill -0 %d; do sleep 0.1; done\" & p=$!; "
		"while [ -e $f ]; do :; done; echo $p",
		(int)getpid());
	assert_ok(attend(script, 0, &lines, &status, &e));
	assert_true(ticks_ms() - began < 15000);
	assert_int_equal(status, 0);
	assert_true(atoi(lines.text) > 1);
	assert_int_equal(kill(atoi(lines.text), SIGKILL), 0);
}

static void the_limit_ends_all(void **state)
{
	struct said lines = {""};
	int status = -1;
	int64_t began = ticks_ms();
	assert_fails(attend("trap 'echo bye; exit' TERM; sleep 100 & echo $!; wait", 300, &lines,
			     &status, &e),
		ERROR_SYSTEM, "timed out");
	assert_true(ticks_ms() - began < 50000);
	assert_int_equal(status, -1);
	assert_non_null(strstr(lines.text, "|bye|"));
	assert_gone(lines.text);
}

static void an_interrupt_ends_all(void **state)
{
	struct said lines = {""};
	int status = -1;
	char script[64];
	assert_ok(interrupt_install(&e));
	snprintf(script, sizeof script, "kill -INT %d; sleep 100", (int)getpid());
	assert_fails(attend(script, 0, &lines, &status, &e), ERROR_INTERRUPTED, "SIGINT");
	interrupt_forget();
	interrupt_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_status),
		cmocka_unit_test(what_is_left_behind_is_killed),
		cmocka_unit_test(a_daemon_holds_nobody_up),
		cmocka_unit_test(the_limit_ends_all),
		cmocka_unit_test(an_interrupt_ends_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
