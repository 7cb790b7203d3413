/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "containers/containers.h"
#include "containers/lxc.h"
#include "containers/lxc_demands.h"

static void names(void **state)
{
	static const char *const good[] = {"one", "web-1", "A.b_c", "7"};
	static const char *const bad[] = {"", "-x", ".x", "_x", "a b", "a/b", "..", "a\n",
		"caf\xc3\xa9", "0123456789012345678901234567890123456789012345678901234567890123"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_ok(container_check_name(good[i], &e));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(container_check_name(bad[i], &e), ERROR_USAGE, "is no name");
}

static void lxc_says_and_we_explain(void **state)
{
	static const struct {
		const char *line, *missing, *remedy;
	} rows[] = {
		{"ERROR conf - lxc_pivot_root: Invalid argument", "mount point", "stop and start"},
		{"ERROR cgfsng - Unsupported cgroup layout (hybrid)", "cgroup2", "unified"},
		{"ERROR    start - start.c:lxc_init:845 - Failed to initialize cgroup driver",
			"no cgroups", "stop and start"},
		{"ERROR conf - newuidmap failed to write mapping \"newuidmap: uid range [0-65536) "
		 "-> [5-65541) not allowed\"",
			"/etc/subuid", "root:FIRST:65536"},
		{"ERROR start - No such file or directory - Failed to exec \"/sbin/init\"", "init",
			"--init"},
		{"ERROR cgfsng - Failed to setup limits for the \"memory\" controller. The "
		 "controller seems to be unused",
			"controller", "lxc.cgroup"},
		{"ERROR conf - Permission denied - Could not access /var/lib/x. Please grant it x "
		 "access, or add an ACL for the container root",
			"may not reach", "chmod o+x"},
		{"ERROR network - Failed to create macvlan", "macvlan", "another link"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct lxc_cause *c = lxc_cause_find(rows[i].line);
		assert_non_null(c);
		assert_non_null(strstr(c->missing, rows[i].missing));
		assert_non_null(strstr(c->remedy, rows[i].remedy));
	}
	assert_null(lxc_cause_find("all is well"));
}

/* What is missing, what to do, and LXC's own line after it: of the first that is known. */
static void an_error_is_a_story(void **state)
{
	auto_error *known = NULL, *unknown = NULL;
	auto_lxc l = LXC;
	snprintf(
		l.line, sizeof l.line, "lxc-start one 2026 ERROR    conf - Failed to mount rootfs");
	l.cause = lxc_cause_find(l.line);
	assert_int_equal(lxc_failed(&l, "start", "one", &known), -1);
	assert_string_equal(
		error_message(known), "start container one: the container's rootfs is not there");
	assert_non_null(strstr(error_remedy(known),
		"lxc.rootfs.path in the container's config (LXC said: conf - Failed to mount "
		"rootfs)"));
	auto_lxc other = LXC;
	assert_ok(buf_puts(&other.output, "lxc-start 1 ERROR  start - something new\nmore\n", &e));
	assert_int_equal(lxc_failed(&other, "start", "one", &unknown), -1);
	assert_string_equal(error_message(unknown), "start container one: start - something new");
}

static void lxc_seven_has_demands(void **state)
{
	assert_false(lxc_is_seven(NULL));
	assert_false(lxc_is_seven("1:5.0.2-1"));
	assert_false(lxc_is_seven("6.0.4-2"));
	assert_true(lxc_is_seven("1:7.0.0-1"));
	assert_true(lxc_is_seven("10.1-1"));
	assert_null(lxc_seven_lacks_of(true, true, true));
	assert_non_null(strstr(lxc_seven_lacks_of(false, true, true), "clone3"));
	assert_non_null(strstr(lxc_seven_lacks_of(true, false, true), "mount_setattr"));
	assert_non_null(strstr(lxc_seven_lacks_of(true, true, false), "cgroup2"));
	/* As on an old kernel, however new this one is. */
	assert_int_equal(setenv("ALARMSTRAP_ENOSYS", "1", 1), 0);
	assert_non_null(lxc_seven_lacks());
	assert_int_equal(unsetenv("ALARMSTRAP_ENOSYS"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lxc_says_and_we_explain),
		cmocka_unit_test(an_error_is_a_story),
		cmocka_unit_test(lxc_seven_has_demands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
