/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/path.h"

static void make_file(const char *path, size_t size)
{
	int auto_fd fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(write(fd, "x", 1), 1);
}

static int enter_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-tree.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 && mkdir("tree", 0755) == 0 ? 0 : -1;
}

static int leave_scratch(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(here, "tree", NULL, NULL) + tree_delete(here, "outside", NULL, NULL);
	close(here);
	r += chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

static int delete_tree(struct tree_deleted *done, struct error **e)
{
	int auto_fd here = open(".", O_RDONLY | O_DIRECTORY);
	return tree_delete(here, "tree", done, e);
}

static void measure_tree(struct tree_deleted *size)
{
	int auto_fd here = open(".", O_RDONLY | O_DIRECTORY);
	tree_measure(here, "tree", size);
}

static void everything_goes_and_is_counted(void **state)
{
	struct tree_deleted done, size;
	struct stat f, g;
	assert_int_equal(mkdir("outside", 0755), 0);
	make_file("outside/kept", 10);
	assert_int_equal(mkdir("tree/a", 0755), 0);
	assert_int_equal(mkdir("tree/a/b", 0), 0);
	make_file("tree/a/f", 1000);
	make_file("tree/g", 24);
	assert_int_equal(link("tree/g", "tree/a/g2"), 0);
	assert_int_equal(link("outside/kept", "tree/kept"), 0);
	assert_int_equal(symlink("../outside", "tree/out"), 0);
	assert_int_equal(symlink("/", "tree/root"), 0);
	assert_int_equal(mkfifo("tree/fifo", 0600), 0);
	assert_int_equal(stat("tree/a/f", &f), 0);
	assert_int_equal(stat("tree/g", &g), 0);
	measure_tree(&size);
	assert_int_equal(size.entries, 10);
	assert_ok(delete_tree(&done, &e));
	assert_false(path_exists(AT_FDCWD, "tree"));
	assert_true(path_exists(AT_FDCWD, "outside/kept"));
	assert_int_equal(done.entries, 10);
	/* The last link of g, not that of kept. */
	assert_int_equal(done.bytes, (uint64_t)(f.st_blocks + g.st_blocks) * 512);
}

static void what_is_absent_is_fine(void **state)
{
	struct tree_deleted done;
	assert_ok(delete_tree(&done, &e));
	assert_ok(delete_tree(&done, &e));
	assert_int_equal(done.entries, 0);
}

static void bad_names_are_refused(void **state)
{
	static const char *const names[] = {"", ".", "..", "a/b", "/"};
	int auto_fd here = open(".", O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_fails(tree_delete(here, names[i], NULL, &e), ERROR_ROOT, "cannot");
}

/* The path of such a tree is longer than PATH_MAX, and its depth exceeds the descriptors. */
static void depth_is_no_matter(void **state)
{
	struct rlimit before, few;
	int at = open("tree", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(mkdirat(at, "deep", 0755), 0);
		int next = openat(at, "deep", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(mkdir("tree/.deep-0", 0755), 0);
	make_file("tree/.deep-0/in-the-way", 1);
	make_file("tree/.deep-1", 1);
	struct tree_deleted done;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 256;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_ok(delete_tree(&done, &e));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(done.entries, 3004);
	assert_false(path_exists(AT_FDCWD, "tree"));
}

/* In a child with a mount namespace of its own: the exit status says what was wrong. */
static int with_mount(const char *target, const char *file)
{
	struct error *e = NULL;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	if (mount("outside", target, NULL, MS_BIND, NULL) < 0)
		return 1;
	if (delete_tree(NULL, &e) == 0)
		return 2;
	if (error_code(e) != ERROR_BUSY || !strstr(error_message(e), target))
		return 3;
	if (access("outside/kept", F_OK) < 0)
		return 4;
	return access(file, F_OK) < 0 ? 5 : 0;
}

static void refuses_mount_at(const char *target)
{
	assert_int_equal(mkdir("outside", 0755), 0);
	make_file("outside/kept", 1);
	assert_int_equal(mkdir("tree/with space", 0755), 0);
	make_file("tree/first", 1);
	pid_t pid = fork();
	if (pid == 0)
		_exit(with_mount(target, strcmp(target, "tree") == 0 ? "tree/kept" : "tree/first"));
	int raw = 0;
	assert_int_equal(waitpid(pid, &raw, 0), pid);
	assert_true(WIFEXITED(raw));
	if (WEXITSTATUS(raw) == 77)
		skip(); /* mounting needs root */
	assert_int_equal(WEXITSTATUS(raw), 0);
}

static void a_mount_below_is_not_touched(void **state)
{
	refuses_mount_at("tree/with space");
}

static void a_mount_itself_is_not_touched(void **state)
{
	refuses_mount_at("tree");
}

static void immutable_files_are_named(void **state)
{
	int flags = FS_IMMUTABLE_FL;
	make_file("tree/fixed", 1);
	int auto_fd fd = open("tree/fixed", O_RDONLY);
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0)
		skip(); /* needs root and a filesystem that has them */
	struct error *e = NULL;
	int result = delete_tree(NULL, &e);
	flags = 0;
	assert_int_equal(ioctl(fd, FS_IOC_SETFLAGS, &flags), 0);
	assert_int_equal(result, -1);
	assert_non_null(strstr(error_message(e), "tree: delete fixed"));
	assert_non_null(strstr(error_remedy(e), "chattr"));
	error_free(e);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter_scratch, leave_scratch)
	const struct CMUnitTest tests[] = {
		TEST(everything_goes_and_is_counted),
		TEST(what_is_absent_is_fine),
		TEST(bad_names_are_refused),
		TEST(depth_is_no_matter),
		TEST(a_mount_below_is_not_touched),
		TEST(a_mount_itself_is_not_touched),
		TEST(immutable_files_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
