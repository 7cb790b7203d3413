/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path.h"

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-rootfs.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 && mkdir("r", 0755) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	unlink("link");
	unlink("r/usr/bin/sh");
	unlink("r/bin");
	unlink("r/etc/fifo");
	rmdir("r/usr/bin");
	rmdir("r/usr");
	rmdir("r/etc");
	rmdir("r");
	int r = chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static long open_root(const char *path, struct error **e)
{
	struct rootfs *r = rootfs_open(path, e);
	rootfs_free(r);
	return r ? 0 : -1;
}

static void what_is_missing_is_named(void **state)
{
	assert_fails(open_root("none", &e), ERROR_ROOT, "none");
	assert_fails(open_root("r", &e), ERROR_ROOT, "no usr/");
	assert_ok(path_make_dirs(AT_FDCWD, "r/usr/bin", 0755, &e));
	assert_fails(open_root("r", &e), ERROR_ROOT, "no etc/");
	assert_int_equal(mkdir("r/etc", 0755), 0);
	assert_fails(open_root("r", &e), ERROR_ROOT, "no shell");
	assert_int_equal(symlink("usr/bin", "r/bin"), 0);
	assert_int_equal(symlink("/nowhere/busybox", "r/usr/bin/sh"), 0);
	assert_ok(open_root("r", &e));
	assert_fails(open_root("r/bin/sh", &e), ERROR_ROOT, "sh");
}

static void links_to_it_are_resolved(void **state)
{
	assert_ok(path_make_dirs(AT_FDCWD, "r/usr/bin", 0755, &e));
	assert_int_equal(mkdir("r/etc", 0755), 0);
	assert_ok(path_write_file(AT_FDCWD, "r/usr/bin/sh", 0755, "", 0, &e));
	assert_int_equal(symlink("r", "link"), 0);
	struct error *e = NULL;
	struct rootfs *a = rootfs_open("r/", &e), *b = rootfs_open("link", &e);
	assert_non_null(a);
	assert_non_null(b);
	assert_string_equal(rootfs_path(a), rootfs_path(b));
	assert_int_equal(rootfs_path(a)[0], '/');
	assert_true(path_exists(rootfs_fd(b), "usr"));
	rootfs_free(a);
	rootfs_free(b);
}

static void the_running_root_is_refused(void **state)
{
	assert_fails(open_root("/", &e), ERROR_ROOT, "running system");
	assert_fails(open_root("/usr/..", &e), ERROR_ROOT, "running system");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter_scratch, leave_scratch)
	const struct CMUnitTest tests[] = {
		TEST(what_is_missing_is_named),
		TEST(links_to_it_are_resolved),
		TEST(the_running_root_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
