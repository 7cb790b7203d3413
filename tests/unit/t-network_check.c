/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>

#include "doctor/network_check.h"

static const struct {
	struct network_look look;
	const char *what, *how; /* NULL: nothing to say */
} cases[] = {
	{{.resolved = true}, NULL, NULL},
	{{.resolved = false, .dns_error = "resolve a.example: timeout"}, "names are not resolved",
		"timeout"},
	{{.resolved = true, .connect_errno = ECONNREFUSED}, "a.example cannot be reached",
		"refused"},
	{{.resolved = true, .connect_errno = ENETUNREACH}, "a.example cannot be reached",
		"unreachable"},
};

static void test_check(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_findings f = {0};
		assert_ok(network_check(&cases[i].look, "a.example", &f, &e));
		assert_int_equal(f.count, cases[i].what ? 1 : 0);
		if (!cases[i].what)
			continue;
		assert_int_equal(f.items[0].severity, FINDING_LIMITED);
		assert_string_equal(f.items[0].what, cases[i].what);
		assert_non_null(strstr(f.items[0].how, cases[i].how));
	}
}

/* A port that nobody listens at; localhost needs no server. */
static void test_look(void **state)
{
	struct network_look look;
	assert_ok(network_look("localhost", 1, &look, &e));
	assert_true(look.resolved);
	assert_int_not_equal(look.connect_errno, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check), cmocka_unit_test(test_look)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
