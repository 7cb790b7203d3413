/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "mirrors/causes.h"

enum { MOST = 4 };

static void each_cause_is_told_once(void **state)
{
	static const struct {
		const char *mirrors[MOST][2]; /* base, message */
		const char *told;
	} rows[] = {
		{{{NULL}}, ""},
		{{{"https://a.org", "connect to a.org: refused"}}, "connect to a.org: refused"},
		{{{"https://a.org", "connect to a.org: refused"},
			 {"http://b.org:81/x", "connect to b.org: refused"}},
			"connect to a.org: refused (and 1 other likewise)"},
		{{{"https://a.org", "connect to a.org: refused"},
			 {"http://b.org", "connect to b.org: refused"},
			 {"http://c.org", "resolve c.org: no such host"},
			 {"http://d.org", "connect to d.org: refused"}},
			"connect to a.org: refused (and 2 others likewise); resolve c.org: no such "
			"host"},
		{{{"https://a.org/x", "https://a.org/x/core/f: not found"},
			 {"http://b.org", "http://b.org/core/f: not found"}},
			"https://a.org/x/core/f: not found (and 1 other likewise)"},
		/* The same mirror again. */
		{{{"https://a.org", "a.org: 5 bytes"}, {"https://b.org", "b.org: 5 bytes"},
			 {"https://b.org", "b.org: 5 bytes"}, {"https://a.org", "a.org: 5 bytes"}},
			"a.org: 5 bytes (and 1 other likewise)"},
		{{{"https://a.org", "a.org: 5 bytes"}, {"https://a.org", "a.org: 6 bytes"}},
			"a.org: 5 bytes; a.org: 6 bytes"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_causes c = {NULL, 0};
		auto_buf told = BUF(0);
		for (size_t k = 0; k < MOST && rows[i].mirrors[k][0]; k++)
			assert_ok(causes_add(&c, rows[i].mirrors[k][0], rows[i].mirrors[k][1], &e));
		assert_ok(causes_tell(&c, &told, &e));
		assert_string_equal(buf_text(&told), rows[i].told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_cause_is_told_once)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
