/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "chroot/hostname.h"

static void names(void **state)
{
	static const struct {
		const char *text, *name; /* NULL: none */
	} cases[] = {
		{"alarm\n", "alarm"},
		{"alarm", "alarm"},
		{"# by hand\n\n  # again\n kitchen.example \nother\n", "kitchen.example"},
		{"", NULL},
		{"\n\n", NULL},
		{"# only\n", NULL},
		{"a;b\n", NULL},
		{"\x1b[2J\n", NULL},
		{"0123456789012345678901234567890123456789012345678901234567890123",
			"0123456789012345678901234567890123456789012345678901234567890123"},
		{"01234567890123456789012345678901234567890123456789012345678901234", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[HOSTNAME_SIZE] = "before";
		int r = hostname_from(cases[i].text, name);
		assert_int_equal(r, cases[i].name ? 0 : -1);
		assert_string_equal(name, cases[i].name ? cases[i].name : "before");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
