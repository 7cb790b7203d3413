/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/target_check.h"
#include "lib/fd.h"
#include "lib/path.h"

#define GIGABYTE 1000000000ULL
#define GOOD                                                                                       \
	{                                                                                          \
		.symlinks = true, .hard_links = true, .owners = true, .setuid_modes = true,        \
		.case_kept = true, .programs = true, .file_capabilities = true,                    \
		.user_attributes = true, .free_bytes = 10 * GIGABYTE, .free_files = UINT64_MAX     \
	}

static const struct target_look good = {
	.path = (char *)"/card", .facts = GOOD, .exchange = true, .clones = true};

static void none(struct target_look *l)
{
}
static void no_symlinks(struct target_look *l)
{
	l->facts.symlinks = l->facts.owners = false;
}
static void no_programs(struct target_look *l)
{
	l->facts.programs = false;
}
static void case_folded(struct target_look *l)
{
	l->facts.case_kept = false;
}
static void no_modes(struct target_look *l)
{
	l->facts.setuid_modes = l->facts.hard_links = false;
}
static void full(struct target_look *l)
{
	l->facts.free_bytes = GIGABYTE / 2;
}
static void tight(struct target_look *l)
{
	l->facts.free_bytes = 2 * GIGABYTE;
}
static void no_inodes(struct target_look *l)
{
	l->facts.free_files = 100;
}
static void no_capabilities(struct target_look *l)
{
	l->facts.file_capabilities = false;
}
static void plain(struct target_look *l)
{
	l->facts.user_attributes = l->exchange = l->clones = false;
}
static void encrypted(struct target_look *l)
{
	l->refused = ENOKEY;
}
static void read_only(struct target_look *l)
{
	l->refused = EROFS;
}
static void no_space_at_all(struct target_look *l)
{
	l->refused = ENOSPC;
}

static const struct {
	void (*spoil)(struct target_look *l);
	size_t count;
	enum finding_severity severity;
	enum error_code code;
	const char *what, *remedy;
} cases[] = {
	{none, 0},
	{no_symlinks, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "symbolic links, owners", "mkfs.ext4"},
	{no_programs, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "noexec", "mkfs.ext4"},
	{case_folded, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "differ in case", "mkfs.ext4"},
	{no_modes, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "hard links, file modes", "mkfs.ext4"},
	{full, 1, FINDING_NO_BOOTSTRAP, ERROR_SPACE, "500.0 MB free", "free some"},
	{tight, 1, FINDING_LIMITED, ERROR_SPACE, "little space", "--from=packages"},
	{no_inodes, 1, FINDING_NO_BOOTSTRAP, ERROR_SPACE, "100 more files", "free some"},
	{no_capabilities, 1, FINDING_LIMITED, ERROR_ROOT, "no file capabilities", "ext4"},
	{plain, 3, FINDING_NOTE, ERROR_ROOT, "user attributes", ""},
	{encrypted, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "Required key not available",
		"lxc.keyring.session = 0"},
	{read_only, 1, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "Read-only", "can be written to"},
	{no_space_at_all, 1, FINDING_NO_BOOTSTRAP, ERROR_SPACE, "No space", "can be written to"},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_findings f = {0};
		struct target_look look = good;
		cases[i].spoil(&look);
		assert_ok(target_check(&look, &f, &e));
		if (f.count != cases[i].count)
			fail_msg("case %zu: %zu findings", i, f.count);
		if (!f.count)
			continue;
		assert_int_equal(f.items[0].severity, cases[i].severity);
		assert_int_equal(f.items[0].code, cases[i].code);
		if (!strstr(f.items[0].what, cases[i].what) ||
			!strstr(f.items[0].remedy, cases[i].remedy))
			fail_msg("case %zu: %s; %s", i, f.items[0].what, f.items[0].remedy);
		assert_non_null(strstr(f.items[0].how, "/card"));
	}
}

/* A directory that nothing can be made in, and one that is not there. */
static void test_look(void **state)
{
	auto_target_look proc = {.path = NULL};
	struct target_look look;
	assert_ok(target_look("/proc/self/nothing", &proc, &e));
	assert_true(proc.refused == ENOENT || proc.refused == EACCES || proc.refused == EPERM);
	assert_fails(target_look("/nowhere/at/all", &look, &e), ERROR_ROOT, "/nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_look)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
