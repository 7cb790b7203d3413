/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "lib/base64.h"

/* RFC 4648 section 10, and bytes that are no text. */
static void known_texts(void **state)
{
	static const struct {
		const char *text, *bytes;
	} cases[] = {
		{"Zg==", "f"},
		{"Zm8=", "fo"},
		{"Zm9v", "foo"},
		{"Zm9vYmFy", "foobar"},
		{"+/+/", "\xfb\xff\xbf"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char to[16];
		assert_int_equal(base64_decode(cases[i].text, to), strlen(cases[i].bytes));
		assert_memory_equal(to, cases[i].bytes, strlen(cases[i].bytes));
	}
}

static void anything_else_is_nothing(void **state)
{
	static const char *const cases[] = {
		"", "Z", "Zg", "Zg=", "Zm9vY", "Zm9v Zm9v", "Zm-_", "====", "Z===", "Zg==Zg=="};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char to[16];
		assert_int_equal(base64_decode(cases[i], to), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts),
		cmocka_unit_test(anything_else_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
