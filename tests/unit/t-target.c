/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "chroot/target.h"
#include "lib/fd.h"
#include "lib/path.h"

static const struct target_facts good = {
	.symlinks = true,
	.hard_links = true,
	.owners = true,
	.setuid_modes = true,
	.case_kept = true,
	.programs = true,
	.file_capabilities = true,
	.user_attributes = true,
	.free_bytes = 5000000000,
	.free_files = 1000000,
};

static void a_good_target_will_do(void **state)
{
	assert_ok(target_judge(&good, "/d", NULL, &e));
	assert_ok(target_judge_space(&good, "/d", 5000000000, &e));
}

static void all_that_is_missing_is_said_at_once(void **state)
{
	struct target_facts f = good;
	f.symlinks = f.owners = f.programs = false;
	auto_error *why = NULL;
	assert_int_equal(target_judge(&f, "/sdcard", NULL, &why), -1);
	assert_int_equal(error_code(why), ERROR_ROOT);
	const char *parts[] = {"/sdcard", "symbolic links", "owners", "noexec"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_non_null(strstr(error_message(why), parts[i]));
	assert_null(strstr(error_message(why), "hard links"));
	assert_non_null(strstr(error_remedy(why), "ext4"));
}

static void lost_capabilities_are_no_reason(void **state)
{
	struct target_facts f = good;
	f.file_capabilities = f.user_attributes = false;
	assert_ok(target_judge(&f, "/d", NULL, &e));
}

static void space_is_bytes_and_inodes(void **state)
{
	struct target_facts f = good;
	assert_fails(target_judge_space(&f, "/d", 5000000001, &e), ERROR_SPACE, "5.0 GB free");
	f.free_files = 10;
	assert_fails(target_judge_space(&f, "/d", 1, &e), ERROR_SPACE, "10 more files");
}

static void trying_leaves_nothing(void **state)
{
	char dir[] = "/var/tmp/alarmstrap-t-target.XXXXXX";
	struct target_facts f = {0};
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	int auto_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int tried = target_probe(fd, &f, NULL);
	int empty = path_dir_is_empty(fd, NULL);
	rmdir(dir);
	assert_int_equal(tried, 0);
	assert_int_equal(empty, 1);
	assert_true(f.symlinks && f.hard_links && f.owners && f.setuid_modes && f.case_kept);
	assert_true(f.free_bytes > 0);
}

/* target_probe runs a copy of this very program, with --version: that must end at once. */
int main(int argc, char **argv)
{
	if (argc > 1)
		return 0;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_target_will_do),
		cmocka_unit_test(all_that_is_missing_is_said_at_once),
		cmocka_unit_test(lost_capabilities_are_no_reason),
		cmocka_unit_test(space_is_bytes_and_inodes),
		cmocka_unit_test(trying_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
