/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/environment_record.h"
#include "lib/fd.h"
#include "lib/path.h"

static void what_is_written_is_read(void **state)
{
	struct environment_record in = {
		4711, 123456789012, 4026532177, "8aa0d6a5-9b78-4a1f-89ee-3ce9f0752aac"};
	struct environment_record out;
	auto_buf text = BUF(0);
	assert_ok(environment_record_format(&in, &text, &e));
	assert_ok(environment_record_parse(&out, buf_text(&text), &e));
	assert_int_equal(out.pid, in.pid);
	assert_int_equal(out.start_time, in.start_time);
	assert_int_equal(out.mount_namespace, in.mount_namespace);
	assert_string_equal(out.boot_id, in.boot_id);
}

static void forged_records_are_refused(void **state)
{
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{"", "incomplete"},
		{"pid 5\n", "incomplete"},
		{"start_time 5\n", "incomplete"},
		{"pid 1\nstart_time 5\n", "bad"},
		{"pid -5\nstart_time 5\n", "bad"},
		{"pid 99999999999\nstart_time 5\n", "bad"},
		{"pid 5x\nstart_time 5\n", "bad"},
		{"pid 5\nstart_time -1\n", "bad"},
		{"pid\n", "bad"},
		{"pid 5\nstart_time 5\nmount_namespace mnt\n", "bad"},
		{"pid 5\nstart_time 5\nboot_id 8aa0d6a5-9b78-4a1f-89ee-3ce9f0752aacX\n", "bad"},
	};
	struct environment_record out = {.pid = 42};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_fails(environment_record_parse(&out, cases[i].text, &e), ERROR_CONFIG,
			cases[i].part);
	assert_int_equal(out.pid, 42);
	assert_ok(environment_record_parse(&out, "later 1\npid 5\nstart_time 0\n", &e));
	assert_int_equal(out.pid, 5);
	assert_string_equal(out.boot_id, "");
}

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-record.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	static const char *const files[] = {"root/var/lib/alarmstrap/holder", "outside/holder",
		"outside/lib/alarmstrap/holder", "root/var"};
	static const char *const dirs[] = {"root/var/lib/alarmstrap", "root/var/lib", "root/var",
		"root", "outside/lib/alarmstrap", "outside/lib", "outside"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		rmdir(dirs[i]);
	int r = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static void a_root_keeps_it(void **state)
{
	struct environment_record in = {4711, 99, 0, ""}, out;
	assert_int_equal(mkdir("root", 0755), 0);
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	assert_fails(environment_record_read(root, &out, &e), ERROR_CONFIG, "var");
	assert_ok(environment_record_write(root, &in, &e));
	assert_ok(environment_record_read(root, &out, &e));
	assert_int_equal(out.pid, 4711);
	environment_record_remove(root);
	assert_false(path_exists(root, "var/lib/alarmstrap/holder"));
	environment_record_remove(root);
}

/* A rootfs whose var leads out of it must not make us write there. */
static void links_are_not_followed(void **state)
{
	struct environment_record in = {4711, 99, 0, ""}, out;
	assert_int_equal(mkdir("root", 0755), 0);
	assert_int_equal(mkdir("outside", 0755), 0);
	assert_int_equal(symlink("../outside", "root/var"), 0);
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	assert_fails(environment_record_write(root, &in, &e), ERROR_SYSTEM, "var");
	assert_false(path_exists(AT_FDCWD, "outside/lib"));
	assert_int_equal(unlink("root/var"), 0);
	assert_ok(environment_record_write(root, &in, &e));
	assert_int_equal(rename("root/var/lib/alarmstrap/holder", "outside/holder"), 0);
	assert_int_equal(
		symlink("../../../../outside/holder", "root/var/lib/alarmstrap/holder"), 0);
	assert_fails(environment_record_read(root, &out, &e), ERROR_SYSTEM, "holder");
	assert_int_equal(unlink("root/var/lib/alarmstrap/holder"), 0);
	assert_int_equal(mkfifo("root/var/lib/alarmstrap/holder", 0644), 0);
	assert_fails(environment_record_read(root, &out, &e), ERROR_CONFIG, "no regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(forged_records_are_refused),
		cmocka_unit_test_setup_teardown(a_root_keeps_it, enter_scratch, leave_scratch),
		cmocka_unit_test_setup_teardown(
			links_are_not_followed, enter_scratch, leave_scratch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
