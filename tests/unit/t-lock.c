/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "packages/lock.h"

static const char LOCK[] = "var/lib/pacman/db.lck";

struct fixture {
	char path[64];
	int fd;
};

static int set_up(void **state)
{
	static struct fixture f;
	snprintf(f.path, sizeof f.path, "/tmp/t-lock.XXXXXX");
	if (!mkdtemp(f.path))
		return -1;
	f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &f;
	return f.fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	unlinkat(f->fd, LOCK, 0);
	unlinkat(f->fd, "var/lib/pacman", AT_REMOVEDIR);
	unlinkat(f->fd, "var/lib", AT_REMOVEDIR);
	unlinkat(f->fd, "var", AT_REMOVEDIR);
	close(f->fd);
	return rmdir(f->path);
}

static void a_free_root_is_kept_from_other_runs(void **state)
{
	const struct fixture *f = *state;
	int auto_fd first = lock_prepare(f->fd, NULL, NULL);
	assert_true(first >= 0);
	assert_fails(lock_prepare(f->fd, NULL, &e), ERROR_BUSY, "lock the package database");
	close(take_fd(&first));
	int auto_fd again = lock_prepare(f->fd, NULL, NULL);
	assert_true(again >= 0);
}

static void a_dead_lock_is_removed_and_a_held_one_is_not(void **state)
{
	const struct fixture *f = *state;
	if (geteuid() != 0)
		skip(); /* others' descriptors cannot be seen: nothing can be told */
	assert_ok(path_make_dirs(f->fd, "var/lib/pacman", 0755, &e));
	int held = openat(f->fd, LOCK, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	assert_true(held >= 0);
	char who[64];
	snprintf(who, sizeof who, "process %d holds", (int)getpid());
	assert_fails(lock_prepare(f->fd, NULL, &e), ERROR_BUSY, who);
	assert_true(path_exists(f->fd, LOCK));
	close(held);
	int auto_fd dir = lock_prepare(f->fd, NULL, NULL);
	assert_true(dir >= 0);
	assert_false(path_exists(f->fd, LOCK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_free_root_is_kept_from_other_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_dead_lock_is_removed_and_a_held_one_is_not, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
