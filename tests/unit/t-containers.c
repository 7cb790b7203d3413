/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "containers/containers.h"
#include "containers/lxc.h"

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
	assert_non_null(strstr(
		container_remedy("ERROR conf - lxc_pivot_root: Invalid argument"), "mount point"));
	assert_non_null(strstr(container_remedy("Unsupported cgroup layout (hybrid)"), "cgroup2"));
	assert_null(container_remedy("all is well"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lxc_says_and_we_explain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
