/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "bootstrap/base.h"

static void space_counts_what_is_missing(void **state)
{
	const uint64_t mb = 1000000;
	uint64_t all = base_space(80 * mb, 0, 240 * mb);
	assert_true(all > (80 + 240) * mb);
	assert_true(all < 2 * (80 + 240) * mb);
	assert_int_equal(base_space(80 * mb, 30 * mb, 240 * mb), all - 30 * mb);
	/* A cache may hold more than is needed. */
	assert_int_equal(base_space(80 * mb, 500 * mb, 240 * mb), all - 80 * mb);
	assert_true(base_space(0, 0, 0) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(space_counts_what_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
