/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/target.h"
#include "lib/fd.h"
#include "lib/interrupt.h"

static const struct target_facts good = {.symlinks = true,
	.hard_links = true,
	.owners = true,
	.setuid_modes = true,
	.case_kept = true,
	.programs = true,
	.file_capabilities = true,
	.user_attributes = true,
	.free_bytes = 1000000000,
	.free_files = 100000};

static void what_is_needed_is_named(void **state)
{
	static const struct {
		size_t offset;
		const char *named;
	} needs[] = {
		{offsetof(struct target_facts, symlinks), "no symbolic links"},
		{offsetof(struct target_facts, hard_links), "no hard links"},
		{offsetof(struct target_facts, owners), "no owners"},
		{offsetof(struct target_facts, setuid_modes), "no file modes"},
		{offsetof(struct target_facts, case_kept), "case"},
		{offsetof(struct target_facts, programs), "noexec"},
	};
	assert_ok(target_judge(&good, "/r", NULL, &e));
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		struct target_facts f = good;
		*(bool *)((char *)&f + needs[i].offset) = false;
		assert_fails(target_judge(&f, "/r", NULL, &e), ERROR_ROOT, needs[i].named);
	}
}

static void all_that_is_missing_is_named_at_once(void **state)
{
	struct target_facts none = {.free_bytes = 1};
	assert_fails(target_judge(&none, "/card", NULL, &e), ERROR_ROOT,
		"/card has no symbolic links, hard links, owners, file modes, ");
}

static void capabilities_are_not_needed(void **state)
{
	struct target_facts f = good;
	f.file_capabilities = f.user_attributes = false;
	assert_ok(target_judge(&f, "/r", NULL, &e));
}

static void space_is_judged_to_the_byte(void **state)
{
	struct target_facts f = good;
	assert_ok(target_judge_space(&f, "/r", 1000000000, &e));
	assert_fails(target_judge_space(&f, "/r", 1000000001, &e), ERROR_SPACE, "1.0 GB free");
	assert_fails(target_judge_space(&f, "/r", 3700000000, &e), ERROR_SPACE,
		"about 3.7 GB are needed");
	f.free_files = 2000;
	assert_fails(target_judge_space(&f, "/r", 1, &e), ERROR_SPACE, "2000 more files");
	f.free_files = UINT64_MAX; /* not counted */
	f.free_bytes = UINT64_MAX;
	assert_ok(target_judge_space(&f, "/r", UINT64_MAX, &e));
}

static int count_entries(int fd)
{
	DIR *dir = fdopendir(dup(fd));
	int count = 0;
	assert_non_null(dir);
	rewinddir(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* "." and ".." */
}

/* Of this machine's own disk, which carries a root. */
static void the_probe_finds_out_and_leaves_nothing(void **state)
{
	struct target_facts f = {0};
	if (geteuid() != 0)
		skip(); /* owners and namespaces need root */
	char name[] = "/var/tmp/alarmstrap-t-target.XXXXXX";
	assert_non_null(mkdtemp(name));
	int auto_fd fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* What a probe that was killed left is in nobody's way. */
	assert_int_equal(symlinkat("/", fd, "probe"), 0);
	assert_int_equal(symlinkat("/", fd, "probe-symlink"), 0);
	assert_ok(target_probe(fd, &f, &e));
	assert_int_equal(count_entries(fd), 0);
	assert_true(f.symlinks && f.hard_links && f.owners && f.setuid_modes && f.case_kept);
	assert_true(f.programs);
	assert_true(f.free_bytes > 0 && f.free_files > 0);
	assert_int_equal(rmdir(name), 0);
}

/* Else it would be taken for one that runs no programs. */
static void an_interrupt_is_no_fact(void **state)
{
	struct target_facts f = {0};
	char name[] = "/var/tmp/alarmstrap-t-target.XXXXXX";
	assert_non_null(mkdtemp(name));
	int auto_fd fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(interrupt_install(&e));
	raise(SIGINT);
	assert_fails(target_probe(fd, &f, &e), ERROR_INTERRUPTED, "SIGINT");
	interrupt_forget();
	interrupt_reset();
	assert_int_equal(count_entries(fd), 0);
	assert_int_equal(rmdir(name), 0);
}

static void what_cannot_be_written_is_said(void **state)
{
	struct target_facts f = {0};
	int auto_fd fd = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error *e = NULL;
	assert_int_equal(target_probe(fd, &f, &e), -1);
	assert_non_null(strstr(error_message(e), "try to write there"));
	assert_non_null(strstr(error_remedy(e), "can be written"));
	error_free(e);
}

/* The probe runs a copy of the calling program with --version: without this each copy would probe
 * again, without end. */
int main(int argc, char **argv)
{
	if (argc > 1)
		return strcmp(argv[1], "--version") == 0 ? 0 : 2;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_is_named),
		cmocka_unit_test(all_that_is_missing_is_named_at_once),
		cmocka_unit_test(capabilities_are_not_needed),
		cmocka_unit_test(space_is_judged_to_the_byte),
		cmocka_unit_test(the_probe_finds_out_and_leaves_nothing),
		cmocka_unit_test(an_interrupt_is_no_fact),
		cmocka_unit_test(what_cannot_be_written_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
