/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/cgroup_layout.h"
#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/path.h"

static void words(void **state)
{
	static const struct {
		const char *word;
		enum cgroup_layout layout;
	} known[] = {{"auto", CGROUP_AUTO}, {"unified", CGROUP_UNIFIED}, {"v1", CGROUP_V1},
		{"hybrid", CGROUP_HYBRID}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		enum cgroup_layout got = CGROUP_AUTO;
		assert_ok(cgroup_layout_parse(known[i].word, &got, &e));
		assert_int_equal(got, known[i].layout);
	}
	enum cgroup_layout got = CGROUP_V1;
	assert_fails(cgroup_layout_parse("v2", &got, &e), ERROR_CONFIG, "called 'v2'");
	assert_int_equal(got, CGROUP_V1);
}

static int make_scratch(void **state)
{
	char *dir = strdup("/tmp/alarmstrap-t-layout.XXXXXX");
	*state = mkdtemp(dir);
	return *state && chdir(*state) == 0 && mkdir("root", 0755) == 0 ? 0 : -1;
}

static int end_scratch(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);
	int r = tree_delete(here, "root", NULL, NULL);
	close(here);
	r += chdir("/") == 0 && rmdir(*state) == 0 ? 0 : -1;
	free(*state);
	return r;
}

#define KEPT "root/var/lib/alarmstrap/cgroup-layout"

static void a_choice_is_kept(void **state)
{
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	assert_int_equal(cgroup_layout_kept(root), CGROUP_AUTO);
	assert_ok(cgroup_layout_keep(root, CGROUP_AUTO, &e));
	assert_ok(cgroup_layout_keep(root, CGROUP_HYBRID, &e));
	assert_int_equal(cgroup_layout_kept(root), CGROUP_HYBRID);
	assert_ok(cgroup_layout_keep(root, CGROUP_UNIFIED, &e));
	assert_int_equal(cgroup_layout_kept(root), CGROUP_UNIFIED);
	assert_ok(cgroup_layout_keep(root, CGROUP_AUTO, &e));
	assert_int_equal(cgroup_layout_kept(root), CGROUP_AUTO);
	assert_false(path_exists(AT_FDCWD, KEPT));
}

/* Whoever is root inside can write there: no more than a choice comes of it. */
static void what_is_no_word_is_none(void **state)
{
	static const char *const texts[] = {"", "v3\n", "v1 v2\n",
		"v1                                                                            \n"};
	int auto_fd root = open("root", O_RDONLY | O_DIRECTORY);
	assert_ok(cgroup_layout_keep(root, CGROUP_V1, &e));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_ok(path_write_file(AT_FDCWD, KEPT, 0644, texts[i], strlen(texts[i]), &e));
		assert_int_equal(cgroup_layout_kept(root), CGROUP_AUTO);
	}
	assert_int_equal(unlink(KEPT), 0);
	assert_int_equal(mkfifo(KEPT, 0644), 0);
	assert_int_equal(cgroup_layout_kept(root), CGROUP_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test_setup_teardown(a_choice_is_kept, make_scratch, end_scratch),
		cmocka_unit_test_setup_teardown(what_is_no_word_is_none, make_scratch, end_scratch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
