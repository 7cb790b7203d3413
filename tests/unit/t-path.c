/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-path.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	unlink("f");
	rmdir("a/b");
	rmdir("a");
	int r = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static void files_are_written_whole(void **state)
{
	struct stat st;
	assert_ok(path_write_file(AT_FDCWD, "f", 0640, "one\n", 4, &e));
	assert_ok(path_write_file(AT_FDCWD, "f", 0600, "two\n", 4, &e));
	auto_buf b = BUF(0);
	assert_ok(path_read_file(AT_FDCWD, "f", &b, &e));
	assert_string_equal(buf_text(&b), "two\n");
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(path_exists(AT_FDCWD, "f.part"));
	auto_buf small = BUF(3);
	assert_fails(path_read_file(AT_FDCWD, "f", &small, &e), ERROR_SYSTEM, "more than 3 bytes");
	auto_buf exact = BUF(4);
	assert_ok(path_read_file(AT_FDCWD, "f", &exact, &e));
	assert_fails(path_read_file(AT_FDCWD, "none", &b, &e), ERROR_CONFIG, "open none");
}

static void directories_are_made_and_looked_at(void **state)
{
	assert_ok(path_make_dirs(AT_FDCWD, "a/b", 0755, &e));
	assert_ok(path_make_dirs(AT_FDCWD, "a/b", 0755, &e));
	int auto_fd a = open("a", O_RDONLY | O_DIRECTORY);
	int auto_fd b = open("a/b", O_RDONLY | O_DIRECTORY);
	struct error *e = NULL;
	assert_int_equal(path_dir_is_empty(a, &e), 0);
	assert_int_equal(path_dir_is_empty(b, &e), 1);
}

static void absolute_paths_need_not_exist(void **state)
{
	struct error *e = NULL;
	char *auto_free here = path_absolute(".", &e);
	char *auto_free there = path_absolute("new/", &e);
	char *auto_free joined = path_join(here, "new", &e);
	assert_string_equal(there, joined);
	char *auto_free top = path_absolute("/nothere", &e);
	assert_string_equal(top, "/nothere");
	assert_null(path_absolute("no/such/dir", &e));
	assert_int_equal(error_code(e), ERROR_ROOT);
	error_clear(&e);
	assert_null(path_absolute("/proc/version/below", &e));
	assert_int_equal(error_code(e), ERROR_ROOT);
	error_clear(&e);
	assert_null(path_absolute("", &e));
	assert_int_equal(error_code(e), ERROR_USAGE);
	error_free(e);
}

static void what_cannot_be_told_is_an_error(void **state)
{
	char name[400];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	assert_int_equal(path_look(AT_FDCWD, "/", NULL), 1);
	assert_int_equal(path_look(AT_FDCWD, "/nowhere/at/all", NULL), 0);
	assert_int_equal(path_look(AT_FDCWD, "/dev/null/x", NULL), 0);
	assert_fails(path_look(AT_FDCWD, name, &e), ERROR_SYSTEM, "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_written_whole),
		cmocka_unit_test(directories_are_made_and_looked_at),
		cmocka_unit_test(absolute_paths_need_not_exist),
		cmocka_unit_test(what_cannot_be_told_is_an_error),
	};
	return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
