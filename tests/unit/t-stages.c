/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "bootstrap/bootstrap.h"
#include "bootstrap/container.h"
#include "bootstrap/stages.h"
#include "bootstrap/transaction.h"

static int add_digit(void *flow, struct error **e)
{
	*(int *)flow = *(int *)flow * 10 + 1;
	return 0;
}

static int refuse(void *flow, struct error **e)
{
	return error_set(e, ERROR_NETWORK, 0, "no");
}

static void every_need_of_bootstrap_was_given(void **state)
{
	assert_int_equal(stages_first_unmet(bootstrap_stages(false)), -1);
	assert_int_equal(stages_first_unmet(bootstrap_stages(true)), -1);
}

static void every_need_of_a_transaction_was_given(void **state)
{
	static const enum package_operation all[] = {
		PACKAGES_INSTALL, PACKAGES_REFRESH, PACKAGES_UNINSTALL};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const struct stages *s = transaction_stages(all[i]);
		assert_int_equal(stages_first_unmet(s), -1);
		/* The plan comes before anything is changed. */
		assert_string_equal(s->rows[s->count - 5].name, "plan");
	}
}

static void every_need_of_a_container_was_given(void **state)
{
	for (int source = CONTAINER_PACKAGES; source <= CONTAINER_TEMPLATE; source++)
		assert_int_equal(stages_first_unmet(container_stages(source)), -1);
}

static void an_unmet_need_is_found(void **state)
{
	const struct stage rows[] = {
		{"a", "", 1, 2, add_digit},
		{"b", "", 2 | 4, 8, add_digit},
		{"c", "", 8, 16, add_digit},
	};
	assert_int_equal(
		stages_first_unmet(&(struct stages){.rows = rows, .count = 3, .given = 1 | 4}), -1);
	assert_int_equal(
		stages_first_unmet(&(struct stages){.rows = rows, .count = 3, .given = 1}), 1);
	assert_int_equal(stages_first_unmet(&(struct stages){.rows = rows, .count = 3}), 0);
}

static void nothing_runs_after_a_failure(void **state)
{
	const struct stage rows[] = {
		{"a", "", 0, 0, add_digit},
		{"b", "", 0, 0, refuse},
		{"c", "", 0, 0, add_digit},
	};
	const struct stages table = {.rows = rows, .count = 3};
	int flow = 0;
	assert_fails(stages_run(&table, &flow, NULL, &e), ERROR_NETWORK, "no");
	assert_int_equal(flow, 1);
}

static void the_table_is_the_documented_one(void **state)
{
	static const char *const names[] = {"place", "clock", "mirrors", "fetch", "verify",
		"unpack", "environment", "packages", "hooks", "commit", "containers"};
	for (int from_packages = 0; from_packages <= 1; from_packages++) {
		const struct stages *s = bootstrap_stages(from_packages);
		assert_int_equal(s->count, sizeof names / sizeof *names);
		for (size_t i = 0; i < s->count; i++)
			assert_string_equal(s->rows[i].name, names[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_need_of_bootstrap_was_given),
		cmocka_unit_test(every_need_of_a_transaction_was_given),
		cmocka_unit_test(every_need_of_a_container_was_given),
		cmocka_unit_test(an_unmet_need_is_found),
		cmocka_unit_test(nothing_runs_after_a_failure),
		cmocka_unit_test(the_table_is_the_documented_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
