/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "hooks/user.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path.h"

/* An environment is up from after `up` on. */
static const struct user_stage rows[] = {
	{"place", false, false},
	{"fetch", false, false},
	{"up", false, true},
	{"packages", true, true},
};
static const struct user_stages stages = {rows, 4};

struct fixture {
	char dir[128];
	int fd;
	struct strings dirs;
	struct user_hooks hooks;
	struct report *report; /* speaks to a file, `log` */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	strcpy(f->dir, "/tmp/alarmstrap-t-hooks.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
	assert_ok(strings_add(&f->dirs, f->dir, &e));
	f->report = report_new(REPORT_QUIET);
	int log = openat(f->fd, ".log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_ok(report_log_to(f->report, log, &e));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	report_free(f->report);
	user_hooks_free(&f->hooks);
	strings_free(&f->dirs);
	close(f->fd);
	int auto_fd tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(tree_delete(tmp, strrchr(f->dir, '/') + 1, NULL, &e));
	free(f);
	return 0;
}

/* Another directory of hooks, hidden in that of `f`, with which it is deleted. */
static void sub_open(struct fixture *f, const char *name, struct fixture *sub)
{
	*sub = (struct fixture){.fd = -1};
	snprintf(sub->dir, sizeof sub->dir, "%.60s/%.30s", f->dir, name);
	assert_int_equal(mkdir(sub->dir, 0755), 0);
	sub->fd = open(sub->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(sub->fd >= 0);
	assert_ok(strings_add(&sub->dirs, sub->dir, &e));
}

static void sub_close(struct fixture *sub)
{
	user_hooks_free(&sub->hooks);
	strings_free(&sub->dirs);
	close(sub->fd);
}

/* A hook that does `script`. */
static void put(struct fixture *f, const char *path, const char *script)
{
	char *auto_free text = text_format(NULL, "#!/bin/sh\n%s\n", script);
	char *auto_free dir = strndup(path, strcspn(path, "/"));
	assert_true(mkdirat(f->fd, dir, 0755) == 0 || path_exists(f->fd, dir));
	int auto_fd fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_ok(fd_write_all(fd, text, strlen(text), &e));
}

static int read_all(struct fixture *f, struct error **e)
{
	user_hooks_free(&f->hooks);
	return user_hooks_read(&f->hooks, &f->dirs, &stages, e);
}

static int run_at(struct fixture *f, const char *stage, bool after, struct error **e)
{
	struct user_hook_context c = {
		.stage = stage,
		.after = after,
		.arch = "armv7h",
		.timeout_ms = 60000,
		.report = f->report,
	};
	return user_hooks_run(&f->hooks, &c, e);
}

static void assert_logged(struct fixture *f, const char *text)
{
	auto_buf log = BUF(0);
	assert_ok(path_read_file(f->fd, ".log", &log, &e));
	if (!strstr(buf_text(&log), text))
		fail_msg("no '%s' in: %s", text, buf_text(&log));
}

static void moments(void **state)
{
	static const struct {
		const char *word, *stage;
		bool after, inside;
	} cases[] = {
		{"outside-before-place", "place", false, false},
		{"outside-after-packages", "packages", true, false},
		{"inside-after-up", "up", true, true},
		{"inside-before-packages", "packages", false, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct user_moment m = {NULL, false, false};
		assert_ok(user_moment_parse(&stages, cases[i].word, &m, &e));
		assert_string_equal(m.stage, cases[i].stage);
		assert_int_equal(m.after, cases[i].after);
		assert_int_equal(m.inside, cases[i].inside);
	}
}

static void mistyped_moments(void **state)
{
	static const struct {
		const char *word, *message, *hint;
	} cases[] = {
		{"outside-before-fecth", "not a moment", "did you mean outside-before-fetch?"},
		{"insde-after-packages", "not a moment", "did you mean inside-after-packages?"},
		{"outside-befor-up", "not a moment", "did you mean outside-before-up?"},
		{"before-fetch", "not a moment", "stages: place, fetch, up, packages"},
		{"10-user", "not a moment", "outside-before-STAGE"},
		{"outside-before-", "not a moment", "outside-"},
		{"outside-before-fetch-", "not a moment", "did you mean outside-before-fetch?"},
		{"inside-before-up", "no environment is up before stage up", "inside-after-up"},
		{"inside-after-fetch", "no environment is up after stage fetch", "inside-after-up"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_error *e = NULL;
		struct user_moment m = {NULL, false, false};
		assert_int_equal(user_moment_parse(&stages, cases[i].word, &m, &e), -1);
		assert_int_equal(error_code(e), ERROR_CONFIG);
		if (!strstr(error_message(e), cases[i].message) ||
			!strstr(error_remedy(e), cases[i].hint))
			fail_msg("%s: %s; %s", cases[i].word, error_message(e), error_remedy(e));
		assert_null(m.stage);
	}
}

static void order(void **state)
{
	static const char *const wanted[] = {"outside-after-up/10-a", "inside-after-up/20-b",
		"outside-after-up/30-same", "inside-after-up/30-same", "outside-after-up/30-same",
		"outside-after-up/9"};
	struct fixture *f = *state, second;
	sub_open(f, ".second", &second);
	put(f, "inside-after-up/30-same", "");
	put(f, "outside-after-up/9", "");
	put(f, "outside-after-up/30-same", "");
	put(&second, "outside-after-up/30-same", "");
	put(&second, "inside-after-up/20-b", "");
	put(&second, "outside-after-up/10-a", "");
	put(&second, "outside-before-fetch/00-elsewhere", "");
	assert_ok(strings_add(&f->dirs, second.dir, &e));
	assert_ok(read_all(f, &e));
	size_t seen = 0;
	for (size_t i = 0; i < f->hooks.count; i++) {
		if (!user_hook_is_at(&f->hooks.items[i], "up", true))
			continue;
		assert_string_equal(f->hooks.items[i].label, wanted[seen]);
		seen++;
	}
	assert_int_equal(seen, 6);
	assert_int_equal(f->hooks.count, 7);
	sub_close(&second);
}

static void what_is_left_out(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-after-up/.keep", "");
	put(f, ".git/10-x", "");
	int auto_fd readme = openat(f->fd, "README.md", O_WRONLY | O_CREAT, 0644);
	assert_true(readme >= 0);
	assert_ok(read_all(f, &e));
	assert_int_equal(f->hooks.count, 0);
}

/* Each makes one thing wrong with outside-after-up/10-a, or beside it. */
static void make_linked(int fd)
{
	assert_int_equal(symlinkat("10-a", fd, "outside-after-up/20-link"), 0);
}
static void make_linked_dir(int fd)
{
	assert_int_equal(symlinkat("outside-after-up", fd, "outside-before-up"), 0);
}
static void make_unexecutable(int fd)
{
	assert_int_equal(fchmodat(fd, "outside-after-up/10-a", 0644, 0), 0);
}
static void make_writable(int fd)
{
	assert_int_equal(fchmodat(fd, "outside-after-up/10-a", 0775, 0), 0);
}
static void make_dir_writable(int fd)
{
	assert_int_equal(fchmodat(fd, "outside-after-up", 01777, 0), 0);
}
static void make_top_writable(int fd)
{
	assert_int_equal(fchmod(fd, 0757), 0);
}
static void make_backup(int fd)
{
	assert_int_equal(linkat(fd, "outside-after-up/10-a", fd, "outside-after-up/10-a~", 0), 0);
}
static void make_subdir(int fd)
{
	assert_int_equal(mkdirat(fd, "outside-after-up/sub", 0755), 0);
}
static void make_fifo(int fd)
{
	assert_int_equal(mkfifoat(fd, "outside-after-up/20-fifo", 0700), 0);
}
static void make_stray(int fd)
{
	assert_int_equal(linkat(fd, "outside-after-up/10-a", fd, "10-a", 0), 0);
}
static void make_file_of_a_moment(int fd)
{
	assert_int_equal(linkat(fd, "outside-after-up/10-a", fd, "inside-after-up", 0), 0);
}

static void refusals(void **state)
{
	static const struct {
		void (*make)(int fd);
		const char *part;
	} cases[] = {
		{make_linked, "outside-after-up/20-link is a symbolic link"},
		{make_linked_dir, "outside-before-up is a symbolic link"},
		{make_unexecutable, "outside-after-up/10-a is not executable"},
		{make_writable, "outside-after-up/10-a can be written by others (mode 775)"},
		{make_dir_writable, "outside-after-up can be written by others"},
		{make_top_writable, "can be written by others (mode 757)"},
		{make_backup, "10-a~: not a name of a hook"},
		{make_subdir, "outside-after-up/sub is no file"},
		{make_fifo, "outside-after-up/20-fifo is no file"},
		{make_stray, "'10-a' is not a moment"},
		{make_file_of_a_moment, "inside-after-up is no directory"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		char name[16];
		snprintf(name, sizeof name, ".%zu", i);
		sub_open(*state, name, &f);
		put(&f, "outside-after-up/10-a", "");
		assert_ok(read_all(&f, &e));
		assert_int_equal(f.hooks.count, 1);
		cases[i].make(f.fd);
		assert_fails(read_all(&f, &e), ERROR_CONFIG, cases[i].part);
		sub_close(&f);
	}
}

static void of_others(void **state)
{
	struct fixture *f = *state;
	if (geteuid() != 0)
		skip();
	put(f, "outside-after-up/10-a", "");
	assert_int_equal(fchownat(f->fd, "outside-after-up/10-a", 1234, 0, 0), 0);
	assert_fails(read_all(f, &e), ERROR_CONFIG, "10-a belongs to user 1234");
	assert_int_equal(fchownat(f->fd, "outside-after-up/10-a", 0, 0, 0), 0);
	assert_int_equal(fchownat(f->fd, "outside-after-up", 1234, 0, 0), 0);
	assert_fails(read_all(f, &e), ERROR_CONFIG, "outside-after-up belongs to user 1234");
}

static void no_such_directory(void **state)
{
	struct fixture *f = *state;
	assert_ok(strings_add(&f->dirs, "/nothere/hooks", &e));
	assert_fails(read_all(f, &e), ERROR_CONFIG, "/nothere/hooks: No such file");
}

static void environment(void **state)
{
	struct fixture *f = *state;
	setenv("SECRET", "x", 1);
	setenv("ANDROID_ROOT", "/system", 1);
	setenv("DEX2OATBOOTCLASSPATH", "y", 1);
	put(f, "outside-after-fetch/10-env",
		"echo \"$ALARMSTRAP_STAGE $ALARMSTRAP_WHEN $ALARMSTRAP_ARCH "
		"${ALARMSTRAP_ROOT-unset} "
		"$LANG ${SECRET-unset} $ANDROID_ROOT $DEX2OATBOOTCLASSPATH\"\n"
		"[ \"$(pwd)\" = \"$(dirname \"$(readlink -f \"$0\")\")\" ] && echo at home\n"
		"read x || echo nothing to read; echo $#\n"
		"ls /proc/self/fd | tr '\\n' ' '");
	/* A descriptor that a library left open without O_CLOEXEC. */
	int leaked = fcntl(f->fd, F_DUPFD, 100);
	assert_ok(read_all(f, &e));
	assert_ok(run_at(f, "fetch", true, &e));
	close(leaked);
	unsetenv("SECRET");
	unsetenv("ANDROID_ROOT");
	unsetenv("DEX2OATBOOTCLASSPATH");
	assert_logged(f, "outside-after-fetch/10-env: fetch after armv7h unset C.UTF-8 unset "
			 "/system y\n");
	assert_logged(f, "10-env: at home\n");
	assert_logged(f, "10-env: nothing to read\n");
	assert_logged(f, "10-env: 0\n");
	assert_logged(f, "10-env: 0 1 2 3 \n"); /* 3 is the directory that ls reads */
}

static void only_those_of_the_moment_run(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "echo before; exit 1");
	put(f, "outside-after-fetch/10-x", "echo after");
	assert_ok(read_all(f, &e));
	assert_ok(run_at(f, "fetch", true, &e));
	assert_ok(run_at(f, "place", false, &e));
	assert_logged(f, "outside-after-fetch/10-x: after");
	assert_fails(run_at(f, "fetch", false, &e), ERROR_HOOK, "status 1: before");
}

static void a_failure_is_the_end(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "echo first; echo second; exit 7");
	put(f, "outside-before-fetch/20-y", "echo third");
	put(f, "outside-after-fetch/10-none", "");
	put(f, "outside-before-up/10-mute", "exit 9");
	assert_ok(read_all(f, &e));
	assert_fails(run_at(f, "fetch", false, &e), ERROR_HOOK,
		"outside-before-fetch/10-x ended with status 7: second");
	auto_buf log = BUF(0);
	assert_ok(path_read_file(f->fd, ".log", &log, &e));
	assert_null(strstr(buf_text(&log), "third"));
	assert_fails(run_at(f, "up", false, &e), ERROR_HOOK, "10-mute ended with status 9");
}

static void without_interpreter(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "");
	int auto_fd fd = openat(f->fd, "outside-before-fetch/10-x", O_WRONLY | O_TRUNC);
	assert_ok(fd_write_all(fd, "#!/nothere/sh\n", 14, &e));
	close(take_fd(&fd));
	assert_ok(read_all(f, &e));
	auto_error *e = NULL;
	assert_int_equal(run_at(f, "fetch", false, &e), -1);
	assert_non_null(strstr(error_message(e), "status 127: ./10-x: No such file"));
	assert_non_null(strstr(error_remedy(e), "first line"));
}

static void looked_at_again(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "echo ran");
	assert_ok(read_all(f, &e));
	assert_int_equal(fchmodat(f->fd, "outside-before-fetch/10-x", 0777, 0), 0);
	assert_fails(run_at(f, "fetch", false, &e), ERROR_CONFIG, "can be written by others");
	assert_int_equal(unlinkat(f->fd, "outside-before-fetch/10-x", 0), 0);
	assert_fails(run_at(f, "fetch", false, &e), ERROR_CONFIG, "No such file");
}

static void too_slow(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "sleep 100");
	assert_ok(read_all(f, &e));
	struct user_hook_context c = {"fetch", false, "x86_64", NULL, NULL, 50, f->report};
	assert_fails(user_hooks_run(&f->hooks, &c, &e), ERROR_HOOK, "did not end in 0.1 s");
}

static void a_flood_is_cut(void **state)
{
	struct fixture *f = *state;
	put(f, "outside-before-fetch/10-x", "seq 10010");
	assert_ok(read_all(f, &e));
	assert_ok(run_at(f, "fetch", false, &e));
	auto_buf log = BUF(2 << 20);
	assert_ok(path_read_file(f->fd, ".log", &log, &e));
	assert_non_null(strstr(buf_text(&log), ": 10000\n"));
	assert_null(strstr(buf_text(&log), ": 10001\n"));
	assert_non_null(strstr(buf_text(&log), "the rest is left out"));
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
		cmocka_unit_test(mistyped_moments),
		with_dir(order),
		with_dir(what_is_left_out),
		with_dir(refusals),
		with_dir(of_others),
		with_dir(no_such_directory),
		with_dir(environment),
		with_dir(only_those_of_the_moment_run),
		with_dir(a_failure_is_the_end),
		with_dir(without_interpreter),
		with_dir(looked_at_again),
		with_dir(too_slow),
		with_dir(a_flood_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
