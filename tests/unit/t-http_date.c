/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "lib/http_date.h"

static void dates(void **state)
{
	static const struct {
		const char *text;
		int64_t unix_s; /* -1: refused */
	} rows[] = {
		{"Sat, 31 Jan 2026 12:00:00 GMT", 1769860800},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
		{"Sat, 31 Dec 2016 23:59:60 GMT", 1483228799}, /* a leap second */
		{"Thu, 07 Feb 2036 06:28:16 GMT", 2085978496},
		{"Sun, 07 Feb 2106 06:28:16 GMT", 4294967296},
		{"Sat, 31 Jan 2026 12:00:00 UTC", -1},
		{"Sat, 31 Jan 2026 12:00:00", -1},
		{"Sat, 31 Jan 2026 12:00:00 GMT ", -1},
		{"sat, 31 Jan 2026 12:00:00 GMT", -1},
		{"Sat, 31 Jam 2026 12:00:00 GMT", -1},
		{"Sat, 30 Feb 2026 00:00:00 GMT", -1},
		{"Sat, 30 Feb 2026 12:00:00 GMT", -1},
		{"Sun, 29 Feb 2026 12:00:00 GMT", -1},
		{"Sat, 00 Jan 2026 12:00:00 GMT", -1},
		{"Sat, 32 Jan 2026 12:00:00 GMT", -1},
		{"Sat, 31 Jan 2026 24:00:00 GMT", -1},
		{"Sat, 31 Jan 2026 12:60:00 GMT", -1},
		{"Sat, 31 Jan 2026 12:00:61 GMT", -1},
		{"Wed, 31 Dec 1969 23:59:59 GMT", -1},
		{"Saturday, 31-Jan-26 12:00:00 GMT", -1},
		{"Sat Jan 31 12:00:00 2026", -1},
		{"Sat, -1 Jan 2026 12:00:00 GMT", -1},
		{"", -1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t got = -1;
		int r = http_date_parse(rows[i].text, &got);
		if (got != rows[i].unix_s || r != (rows[i].unix_s < 0 ? -1 : 0))
			fail_msg("'%s' gave %d, %lld", rows[i].text, r, (long long)got);
	}
}

static void ages(void **state)
{
	static const struct {
		const char *text;
		int64_t age_s;
	} rows[] = {{"0", 0}, {"59", 59}, {"0100", 100}, {"86400", 86400}, {"86401", -1}, {"", -1},
		{"-1", -1}, {"+1", -1}, {" 1", -1}, {"1 ", -1}, {"1.5", -1},
		{"99999999999999999999", -1}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t got = -1;
		assert_int_equal(
			http_date_parse_age(rows[i].text, 86400, &got), rows[i].age_s < 0 ? -1 : 0);
		assert_int_equal(got, rows[i].age_s);
	}
}

static void headers(void **state)
{
	static const struct {
		const char *lines[6];
		int64_t unix_s;
		const char *says;
	} rows[] = {
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n", "\r\n"},
			1769860800, NULL},
		{{"HTTP/1.1 301 Moved\r\n", "dAtE:Sat, 31 Jan 2026 12:00:00 GMT \t\r\n"},
			1769860800, NULL},
		/* out of a cache */
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n",
			 "Age: 3600\r\n"},
			1769864400, NULL},
		/* what came before the last status line is another answer's */
		{{"HTTP/1.1 103 Early Hints\r\n", "Date: Sat, 31 Jan 2015 12:00:00 GMT\r\n",
			 "Age: 9\r\n", "HTTP/1.1 200 OK\r\n",
			 "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n"},
			1769860800, NULL},
		{{"HTTP/1.1 200 OK\r\n", "X-Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n"}, 0,
			"no date"},
		{{"HTTP/1.1 200 OK\r\n", "Date: soon\r\n"}, 0, "cannot be read ('soon')"},
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n",
			 "Date: Sat, 31 Jan 2015 12:00:00 GMT\r\n"},
			0, "cannot be read"},
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n", "Age: 1e3\r\n"},
			0, "comes from a cache"},
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n",
			 "Age: 99999\r\n"},
			0, "comes from a cache"},
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT\r\n", "Age: 1\r\n",
			 "Age: 2\r\n"},
			0, "comes from a cache"},
		{{"HTTP/1.1 200 OK\r\n", "Date: Sat, 31 Jan 2026 12:00:00 GMT, and a great many "
					 "words after it that fit "
					 "nowhere at all\r\n"},
			0, "cannot be read"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_date_header h = {.has_date = false};
		auto_error *e = NULL;
		int64_t got = 0;
		for (size_t k = 0; k < 6 && rows[i].lines[k]; k++)
			http_date_header_line(&h, rows[i].lines[k], strlen(rows[i].lines[k]));
		assert_int_equal(http_date_header_time(&h, &got, &e), rows[i].says ? -1 : 0);
		assert_int_equal(got, rows[i].unix_s);
		if (rows[i].says && !strstr(error_message(e), rows[i].says))
			fail_msg("'%s' does not hold '%s'", error_message(e), rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates),
		cmocka_unit_test(ages),
		cmocka_unit_test(headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
