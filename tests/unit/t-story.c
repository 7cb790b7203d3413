/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "packages/story.h"

static alpm_depmissing_t *missing(const char *target, const char *want, const char *cause)
{
	alpm_depmissing_t *m = calloc(1, sizeof *m);
	m->target = strdup(target);
	m->depend = alpm_dep_from_string(want);
	m->causingpkg = cause ? strdup(cause) : NULL;
	return m;
}

static alpm_fileconflict_t *file(
	alpm_fileconflicttype_t type, const char *target, const char *path, const char *other)
{
	alpm_fileconflict_t *c = calloc(1, sizeof *c);
	c->type = type;
	c->target = strdup(target);
	c->file = strdup(path);
	c->ctarget = strdup(other);
	return c;
}

static void missing_dependencies_are_listed(void **state)
{
	struct story s = {.number = ALPM_ERR_UNSATISFIED_DEPS};
	s.data = alpm_list_add(s.data, missing("lxc", "libfoo.so>=2", NULL));
	s.data = alpm_list_add(s.data, missing("dbus", "glibc<2", "glibc"));
	assert_fails(story_of_prepare(&s, &e), ERROR_PACKAGES,
		"could not satisfy dependencies: lxc needs libfoo.so>=2, which no repository has; "
		"removing glibc breaks dbus, which needs glibc<2");
	story_free(&s);
	assert_null(s.data);
}

static void a_long_list_is_cut(void **state)
{
	struct story s = {.number = ALPM_ERR_PKG_INVALID_ARCH};
	for (int i = 0; i < 11; i++)
		s.data = alpm_list_add(s.data, strdup("p-1-1-armv7h"));
	struct error *e = NULL;
	assert_int_equal(story_of_prepare(&s, &e), -1);
	assert_non_null(strstr(error_message(e), "p-1-1-armv7h; and 3 more"));
	assert_non_null(strstr(error_remedy(e), "Architecture"));
	error_free(e);
	story_free(&s);
}

static void files_in_the_way_are_named(void **state)
{
	struct story s = {.number = ALPM_ERR_FILE_CONFLICTS};
	s.data = alpm_list_add(
		s.data, file(ALPM_FILECONFLICT_FILESYSTEM, "lxc", "/usr/bin/lxc", ""));
	s.data = alpm_list_add(s.data, file(ALPM_FILECONFLICT_FILESYSTEM, "lxc", "/etc/x", "base"));
	s.data = alpm_list_add(s.data, file(ALPM_FILECONFLICT_TARGET, "a", "/y", "b"));
	assert_fails(story_of_commit(&s, &e), ERROR_PACKAGES,
		"/usr/bin/lxc of lxc is there already, owned by no package; "
		"/etc/x of lxc is there already, owned by base; /y is in both a and b");
	story_free(&s);
}

static void codes_follow_the_cause(void **state)
{
	static const struct {
		alpm_errno_t number;
		enum error_code code;
	} rows[] = {
		{ALPM_ERR_DISK_SPACE, ERROR_SPACE},
		{ALPM_ERR_PKG_INVALID_CHECKSUM, ERROR_TRUST},
		{ALPM_ERR_PKG_INVALID_SIG, ERROR_TRUST},
		{ALPM_ERR_TRANS_HOOK_FAILED, ERROR_PACKAGES},
		{ALPM_ERR_TRANS_ABORT, ERROR_PACKAGES},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct story s = {.number = rows[i].number};
		struct error *e = NULL;
		assert_int_equal(story_of_commit(&s, &e), -1);
		assert_int_equal(error_code(e), rows[i].code);
		assert_string_equal(error_message(e), alpm_strerror(rows[i].number));
		error_free(e);
	}
}

static void an_unknown_target_names_the_repositories(void **state)
{
	assert_fails(story_of_target("nosuch", "core, extra, alarm", &e), ERROR_PACKAGES,
		"package 'nosuch' is in no repository (core, extra, alarm)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_dependencies_are_listed),
		cmocka_unit_test(a_long_list_is_cut),
		cmocka_unit_test(files_in_the_way_are_named),
		cmocka_unit_test(codes_follow_the_cause),
		cmocka_unit_test(an_unknown_target_names_the_repositories),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
