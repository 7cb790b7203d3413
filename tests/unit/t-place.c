/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ROOT and its work directory, in a directory below /var/tmp: nothing runs in it and nothing is
 * fetched. What needs mounts runs in a child with a mount namespace of its own. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bootstrap/acquire.h"
#include "bootstrap/place_impl.h"
#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/path.h"

struct scratch {
	char dir[64];
	char root[80], work[96];
};

static int enter_scratch(void **state)
{
	struct scratch *s = calloc(1, sizeof *s);
	*state = s;
	snprintf(s->dir, sizeof s->dir, "/var/tmp/alarmstrap-t-place.XXXXXX");
	if (!mkdtemp(s->dir))
		return -1;
	snprintf(s->root, sizeof s->root, "%s/root", s->dir);
	snprintf(s->work, sizeof s->work, "%s/.root.alarmstrap", s->dir);
	return 0;
}

static int leave_scratch(void **state)
{
	struct scratch *s = *state;
	int top = open("/var/tmp", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(top, s->dir + strlen("/var/tmp/"), NULL, NULL);
	close(top);
	free(s);
	return r;
}

static int open_dir(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void make(const char *root, const char *path, const char *text)
{
	int auto_fd fd = open_dir(root);
	char *parent = NULL, *name = NULL;
	char *auto_free whole = path_join("/", path, NULL);
	assert_ok(path_split(whole, &parent, &name, &e));
	if (parent[1])
		assert_ok(path_make_dirs(fd, parent + 1, 0755, &e));
	assert_ok(path_write_file(fd, path, 0644, text, strlen(text), &e));
	free(parent);
	free(name);
}

static bool there(const char *dir, const char *name)
{
	char *auto_free path = path_join(dir, name, NULL);
	return path_exists(AT_FDCWD, path);
}

static enum place_state look(const struct scratch *s)
{
	enum place_state state = -1;
	assert_ok(place_look(s->root, &state, &e));
	return state;
}

static void finished(const struct scratch *s)
{
	assert_int_equal(mkdir(s->root, 0755), 0);
	make(s->root, PLACE_STATE_FILE, PLACE_STATE_MARK "format = 1\n");
	make(s->root, "usr/bin/sh", "x");
}

static void names_lie_beside_root(void **state)
{
	const struct scratch *s = *state;
	struct place *p = NULL;
	assert_non_null(p = place_new(s->root, NULL));
	assert_string_equal(p->work_path, s->work);
	assert_string_equal(place_root(p), s->root);
	assert_false(p->names.mount_point);
	place_free(p);
	assert_false(path_exists(AT_FDCWD, s->work));
}

static void what_is_content(void **state)
{
	assert_true(place_is_content("usr"));
	assert_true(place_is_content(".alarmstrap-more"));
	assert_false(place_is_content("lost+found"));
	assert_false(place_is_content(".alarmstrap"));
	assert_false(place_is_content("."));
	assert_false(place_is_content(".."));
}

static void looking_tells_what_it_is(void **state)
{
	const struct scratch *s = *state;
	enum place_state ignored;
	assert_int_equal(look(s), PLACE_FREE);
	assert_int_equal(mkdir(s->root, 0755), 0);
	assert_int_equal(look(s), PLACE_FREE);
	make(s->root, "mine", "x");
	assert_fails(place_look(s->root, &ignored, &e), ERROR_ROOT, "not empty");
	make(s->root, PLACE_STATE_FILE, "x");
	assert_int_equal(look(s), PLACE_DONE);
	assert_ok(place_refuse_unfinished(s->root, &e));
}

static void what_is_unfinished_is_told(void **state)
{
	const struct scratch *s = *state;
	assert_ok(place_refuse_unfinished(s->root, &e));
	struct place *p = place_new(s->root, NULL);
	assert_ok(place_lock(p, &e));
	assert_fails(place_refuse_unfinished(s->root, &e), ERROR_BUSY, "is working on");
	assert_ok(journal_write(p->work_fd, "unpack", 6, 11, &e));
	assert_fails(place_refuse_unfinished(s->root, &e), ERROR_BUSY, "at stage 6 of 11");
	place_free(p);
	assert_fails(place_refuse_unfinished(s->root, &e), ERROR_ROOT,
		"not complete: a bootstrap of it was cut off at stage 6 of 11 (unpack)");
	/* An empty ROOT is not complete, either; a finished one is, whatever lies beside it. */
	assert_int_equal(mkdir(s->root, 0755), 0);
	assert_fails(place_refuse_unfinished(s->root, &e), ERROR_ROOT, "not complete");
	make(s->root, PLACE_STATE_FILE, "x");
	assert_ok(place_refuse_unfinished(s->root, &e));
}

/* Whether a run was cut off is not known, which is not the same as "none was". */
static void a_journal_that_cannot_be_read_is_an_error(void **state)
{
	const struct scratch *s = *state;
	struct journal_entry entry;
	assert_int_equal(mkdir(s->root, 0755), 0);
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, "journal.0/file", "x");
	assert_fails(place_refuse_unfinished(s->root, &e), ERROR_SYSTEM, "journal.0");
	int auto_fd locked = open_dir(s->work);
	assert_int_equal(flock(locked, LOCK_EX), 0);
	assert_fails(place_under_way(s->root, &entry, &e), ERROR_SYSTEM, "journal.0");
}

static void no_root_has_the_name_of_a_work_directory(void **state)
{
	const struct scratch *s = *state;
	static const char *const bad[] = {".alarmstrap", ".x.alarmstrap"};
	for (size_t i = 0; i < 2; i++) {
		char *auto_free path = path_join(s->dir, bad[i], NULL);
		struct error *e = NULL;
		assert_null(place_open(path, NULL, &e));
		assert_int_equal(error_code(e), ERROR_ROOT);
		assert_non_null(strstr(error_message(e), "uses such names"));
		error_free(e);
		assert_false(path_exists(AT_FDCWD, path));
	}
}

/* One of them waits for the other only as long as who merely looks takes. */
static void a_second_one_is_told_so(void **state)
{
	const struct scratch *s = *state;
	struct journal_entry entry;
	struct place *first = place_new(s->root, NULL), *second = place_new(s->root, NULL);
	assert_ok(place_lock(first, &e));
	assert_ok(journal_write(first->work_fd, "fetch", 4, 11, &e));
	assert_fails(place_lock(second, &e), ERROR_BUSY, "at stage 4 of 11 (fetch)");
	assert_int_equal(place_under_way(s->root, &entry, NULL), 1);
	assert_int_equal(entry.pid, getpid());
	place_free(second);
	assert_true(path_exists(AT_FDCWD, s->work));
	journal_remove(first->work_fd);
	place_free(first);
	assert_false(path_exists(AT_FDCWD, s->work));
}

static struct tree_deleted removed(const struct scratch *s)
{
	struct tree_deleted done = {0};
	struct place *p = place_open_for_removal(s->root, NULL);
	assert_non_null(p);
	assert_ok(place_remove(p, &done, &e));
	place_free(p);
	assert_false(path_exists(AT_FDCWD, s->root));
	assert_false(path_exists(AT_FDCWD, s->work));
	return done;
}

static void what_is_ours_is_removed(void **state)
{
	const struct scratch *s = *state;
	finished(s);
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, "download/x.part", "x");
	/* root usr bin sh var lib alarmstrap state; download x.part */
	assert_int_equal(removed(s).entries, 10);
}

static void what_an_earlier_removal_left_is_removed(void **state)
{
	const struct scratch *s = *state;
	finished(s);
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, PLACE_DESTROYED "/usr/bin/sh", "x");
	assert_int_equal(removed(s).entries, 12);
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, PLACE_STAGING "/usr/bin/sh", "x");
	make(s->work, "journal.1.part", "x");
	assert_int_equal(removed(s).entries, 4);
}

static int open_removal(const struct scratch *s, struct error **e)
{
	struct place *p = place_open_for_removal(s->root, e);
	place_free(p);
	return p ? 0 : -1;
}

static void what_is_not_ours_is_not(void **state)
{
	const struct scratch *s = *state;
	assert_fails(open_removal(s, &e), ERROR_ROOT, "no ROOT of ours");
	assert_int_equal(mkdir(s->root, 0755), 0);
	assert_fails(open_removal(s, &e), ERROR_ROOT, "no ROOT of ours");
	make(s->root, "mine", "x");
	assert_fails(open_removal(s, &e), ERROR_ROOT, "no record");
	/* Leftovers beside it do not make it ours. */
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, PLACE_STAGING "/usr/bin/sh", "x");
	assert_fails(open_removal(s, &e), ERROR_ROOT, "no record");
	make(s->root, PLACE_STATE_FILE, "somebody else's\n");
	assert_fails(open_removal(s, &e), ERROR_ROOT, "no record");
	assert_true(there(s->root, "mine"));
}

static void what_is_not_ours_in_the_work_directory_stays(void **state)
{
	const struct scratch *s = *state;
	struct tree_deleted done;
	finished(s);
	assert_int_equal(mkdir(s->work, 0700), 0);
	make(s->work, "mine", "x");
	struct place *p = place_open_for_removal(s->root, NULL);
	assert_non_null(p);
	assert_fails(place_remove(p, &done, &e), ERROR_ROOT, "not empty");
	place_free(p);
	assert_true(there(s->work, "mine"));
}

/* In a child with a tmpfs at ROOT, which is what a mounted card is like. The lines that fail print
 * themselves; the exit status tells. */
#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                 \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void in_mounted_root(const struct scratch *s, void (*body)(const struct scratch *s))
{
	if (geteuid() != 0)
		skip(); /* mounting needs root */
	pid_t pid = fork();
	if (pid == 0) {
		must(mkdir(s->root, 0755) == 0);
		if (unshare(CLONE_NEWNS) < 0)
			_exit(77);
		must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
		must(mount("none", s->root, "tmpfs", 0, NULL) == 0);
		body(s);
		_exit(0);
	}
	int raw = 0;
	assert_int_equal(waitpid(pid, &raw, 0), pid);
	assert_true(WIFEXITED(raw));
	if (WEXITSTATUS(raw) == 77)
		skip(); /* no namespaces */
	assert_int_equal(WEXITSTATUS(raw), 0);
}

static struct place *staged(const struct scratch *s)
{
	struct place *p = place_new(s->root, NULL);
	must(p && p->names.mount_point);
	must(place_lock(p, NULL) == 0);
	int fd = place_make_staging(p, NULL);
	must(fd >= 0 && fchown(fd, 7, 8) == 0 && fchmod(fd, 0711) == 0);
	must(mkdirat(fd, "usr", 0755) == 0 && mkdirat(fd, "var", 0755) == 0);
	must(mkdirat(fd, "lost+found", 0755) == 0);
	must(path_write_file(fd, "usr/file", 0644, "x", 1, NULL) == 0);
	close(fd);
	return p;
}

static void commits(const struct scratch *s)
{
	struct stat st;
	struct place *p = staged(s);
	must(place_refuse_unfinished(s->root, NULL) < 0);
	must(place_commit(p, NULL) == 0);
	place_free(p);
	must(look(s) == PLACE_DONE && place_refuse_unfinished(s->root, NULL) == 0);
	must(there(s->root, "usr/file") && !there(s->root, PLACE_WORK_INSIDE));
	must(!there(s->root, "lost+found"));
	must(stat(s->root, &st) == 0 && st.st_uid == 7 && st.st_gid == 8 &&
		(st.st_mode & 07777) == 0711);
}

static void finishes(const struct scratch *s)
{
	struct place *p = staged(s);
	struct error *e = NULL;
	must(journal_write(p->work_fd, PLACE_MOVING_MARK, 1, 1, NULL) == 0);
	must(renameat(p->work_fd, PLACE_STAGING "/usr", p->parent_fd, "usr") == 0);
	place_free(p);
	must(look(s) == PLACE_MOVING);
	must(place_refuse_unfinished(s->root, &e) < 0 && strstr(error_message(e), "not complete"));
	error_free(e);
	must(place_finish(s->root, NULL, NULL) == 0);
	must(look(s) == PLACE_DONE && there(s->root, "usr/file") && there(s->root, "var"));
	must(!there(s->root, PLACE_WORK_INSIDE));
	/* Once more does no harm: two may have been told to finish it. */
	must(place_finish(s->root, NULL, NULL) == 0);
	must(there(s->root, "usr/file"));
}

/* A move that fails: what was moved stays moved, and the record with it. */
static void takes_nothing_back(const struct scratch *s)
{
	struct place *p = staged(s);
	must(mkdirat(p->parent_fd, "var", 0755) == 0 &&
		path_write_file(p->parent_fd, "var/mine", 0644, "x", 1, NULL) == 0);
	must(place_commit(p, NULL) < 0);
	place_discard(p, NULL);
	place_free(p);
	must(look(s) == PLACE_MOVING);
	must(there(s->root, "usr/file") || there(s->root, PLACE_WORK_INSIDE "/new/usr/file"));
	must(there(s->root, PLACE_WORK_INSIDE "/new/var"));
}

static void removes(const struct scratch *s)
{
	struct tree_deleted done;
	struct place *p = staged(s);
	must(place_commit(p, NULL) == 0);
	place_free(p);
	int fd = open_dir(s->root);
	must(mkdirat(fd, "lost+found", 0700) == 0);
	p = place_open_for_removal(s->root, NULL);
	must(p && place_remove(p, &done, NULL) == 0);
	place_free(p);
	must(there(s->root, "lost+found") && !there(s->root, "usr"));
	must(!there(s->root, PLACE_WORK_INSIDE));
	must(look(s) == PLACE_FREE);
	close(fd);
}

static void refuses_half_deleted(const struct scratch *s)
{
	struct error *e = NULL;
	struct tree_deleted done;
	struct place *p = staged(s);
	must(place_commit(p, NULL) == 0);
	place_free(p);
	p = place_new(s->root, NULL);
	must(place_lock(p, NULL) == 0);
	must(journal_write(p->work_fd, PLACE_ENDING_MARK, 1, 1, NULL) == 0);
	place_free(p);
	must(look(s) == PLACE_ENDING);
	must(place_refuse_unfinished(s->root, &e) < 0 && strstr(error_message(e), "half deleted"));
	error_free(e);
	p = place_open_for_removal(s->root, NULL);
	must(p && place_remove(p, &done, NULL) == 0);
	place_free(p);
	must(look(s) == PLACE_FREE);
}

static void names_what_is_mounted_below(const struct scratch *s)
{
	struct error *e = NULL;
	struct place *p = staged(s);
	must(place_commit(p, NULL) == 0);
	place_free(p);
	char *below = path_join(s->root, "var", NULL);
	must(mount("none", below, "tmpfs", 0, NULL) == 0);
	must(!place_open_for_removal(s->root, &e) && error_code(e) == ERROR_BUSY);
	must(strstr(error_message(e), below) != NULL);
	error_free(e);
	free(below);
}

/* The same filesystem: the devices are equal, and only the table of mounts tells. */
static void knows_a_bind_mount(const struct scratch *s)
{
	must(umount(s->root) == 0 && mount(s->root, s->root, NULL, MS_BIND, NULL) == 0);
	struct place *p = place_new(s->root, NULL);
	must(p && p->names.mount_point);
	place_free(p);
}

#define MOUNTED(body)                                                                              \
	static void mounted_root_##body(void **state)                                              \
	{                                                                                          \
		in_mounted_root(*state, body);                                                     \
	}
MOUNTED(commits)
MOUNTED(finishes)
MOUNTED(takes_nothing_back)
MOUNTED(removes)
MOUNTED(refuses_half_deleted)
MOUNTED(names_what_is_mounted_below)
MOUNTED(knows_a_bind_mount)

static void space_for_a_tarball(void **state)
{
	static const struct {
		uint64_t size, have, want;
	} table[] = {
		{0, 0, 500000000}, /* not known */
		{0, 1000, 500000000}, {800000000, 0, 800000000 + 2800000000 + 100000000},
		{800000000, 300000000, 500000000 + 2800000000 + 100000000},
		{800000000, 800000000, 2800000000 + 100000000},
		{800000000, 900000000, 2800000000 + 100000000}, /* of another version */
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(acquire_space(table[i].size, table[i].have), table[i].want);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter_scratch, leave_scratch)
	const struct CMUnitTest tests[] = {
		TEST(names_lie_beside_root),
		cmocka_unit_test(what_is_content),
		TEST(looking_tells_what_it_is),
		TEST(what_is_unfinished_is_told),
		TEST(a_journal_that_cannot_be_read_is_an_error),
		TEST(no_root_has_the_name_of_a_work_directory),
		TEST(a_second_one_is_told_so),
		TEST(what_is_ours_is_removed),
		TEST(what_an_earlier_removal_left_is_removed),
		TEST(what_is_not_ours_is_not),
		TEST(what_is_not_ours_in_the_work_directory_stays),
		TEST(mounted_root_commits),
		TEST(mounted_root_finishes),
		TEST(mounted_root_takes_nothing_back),
		TEST(mounted_root_removes),
		TEST(mounted_root_refuses_half_deleted),
		TEST(mounted_root_names_what_is_mounted_below),
		TEST(mounted_root_knows_a_bind_mount),
		cmocka_unit_test(space_for_a_tarball),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
