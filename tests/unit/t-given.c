/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/path.h"
#include "packages/given.h"

static void files_and_addresses_are_told_from_names(void **state)
{
	static const struct {
		const char *target;
		bool file, address;
	} rows[] = {
		{"lxc", false, false},
		{"extra/lxc", false, false},
		{"lxc<1:7", false, false},
		{"lxc-1-1-any.pkg.tar.zst", true, false},
		{"./a/lxc-1-1-any.pkg.tar", true, false},
		{"https://host/lxc-1-1-any.pkg.tar.xz", true, true},
		{"https://host/lxc", true, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(given_is_meant(rows[i].target), rows[i].file);
		assert_int_equal(given_is_address(rows[i].target), rows[i].address);
	}
}

static int in_directory(void **state)
{
	static char path[32];
	snprintf(path, sizeof path, "/tmp/t-given.XXXXXX");
	*state = path;
	return mkdtemp(path) && chdir(path) == 0 &&
			       path_write_file(AT_FDCWD, "a-1-1-any.pkg.tar", 0644, "x", 1, NULL) ==
				       0
		       ? 0
		       : -1;
}

static int remove_directory(void **state)
{
	unlink("a-1-1-any.pkg.tar");
	unlink("a-1-1-any.pkg.tar.sig");
	return chdir("/") == 0 ? rmdir(*state) : -1;
}

/* Each level with no signature, and with one that is none. */
static void the_level_of_local_files_decides(void **state)
{
	static const struct {
		enum sig_level level;
		bool signature;
		enum error_code code; /* ERROR_NONE: it is taken */
	} rows[] = {
		{SIG_NEVER, false, ERROR_NONE},
		{SIG_NEVER, true, ERROR_NONE},
		{SIG_OPTIONAL, false, ERROR_NONE},
		{SIG_OPTIONAL, true, ERROR_TRUST},
		{SIG_REQUIRED, false, ERROR_TRUST},
		{SIG_REQUIRED, true, ERROR_TRUST},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pacman_conf conf = {.local_file_level = rows[i].level};
		struct packages_context c = {.conf = &conf};
		auto_given given = {NULL, 0};
		auto_error *why = NULL;
		unlink("a-1-1-any.pkg.tar.sig");
		if (rows[i].signature)
			assert_ok(path_write_file(
				AT_FDCWD, "a-1-1-any.pkg.tar.sig", 0644, "no signature", 12, &e));
		int r = given_add(&c, "a-1-1-any.pkg.tar", &given, &why);
		assert_int_equal(error_code(why), rows[i].code);
		assert_int_equal(r, rows[i].code ? -1 : 0);
		assert_int_equal(given.count, rows[i].code ? 0 : 1);
		assert_true(rows[i].code || given_find(&given, "a-1-1-any.pkg.tar"));
	}
}

static void a_file_is_taken_once_and_only_if_it_is_one(void **state)
{
	struct pacman_conf conf = {.local_file_level = SIG_NEVER};
	struct packages_context c = {.conf = &conf};
	auto_given given = {NULL, 0};
	assert_ok(given_add(&c, "a-1-1-any.pkg.tar", &given, &e));
	assert_fails(given_add(&c, "./a-1-1-any.pkg.tar", &given, &e), ERROR_USAGE, "twice");
	assert_fails(given_add(&c, "b-1-1-any.pkg.tar", &given, &e), ERROR_CONFIG, "open b-1-1");
	assert_fails(given_add(&c, "/dev/null", &given, &e), ERROR_CONFIG, "no regular file");
	assert_int_equal(given.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_addresses_are_told_from_names),
		cmocka_unit_test_setup_teardown(
			the_level_of_local_files_decides, in_directory, remove_directory),
		cmocka_unit_test_setup_teardown(
			a_file_is_taken_once_and_only_if_it_is_one, in_directory, remove_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
