/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "lib/openpgp_internal.h"

#define HEAD "-----BEGIN PGP SIGNATURE-----\n"
#define TAIL "-----END PGP SIGNATURE-----\n"

static void blocks_are_read_strictly(void **state)
{
	static const struct {
		const char *text, *problem, *bytes;
	} cases[] = {
		{HEAD "\naGVsbG8=\n" TAIL, NULL, "hello"},
		{HEAD "\naGVsbG8=\n=R/WJ\n" TAIL, "wrong checksum", NULL},
		{HEAD "\naGVsbG8=\n=EUUJ\n" TAIL, "wrong checksum", NULL},
		{HEAD "\naGVsbG8=\n=R/WK\n" TAIL, NULL, "hello"},
		{HEAD "\naGVsbG8=\n=R/W\n" TAIL, "malformed checksum", NULL},
		{HEAD "\naGVsbG8=\n=R/WK\nAAAA\n" TAIL, "data after the checksum", NULL},
		{HEAD "Comment: a\nVersion: b\n\naGVsbG8=\n" TAIL, NULL, "hello"},
		{HEAD "Comment:\n\naGVs\nbG8=\n" TAIL, NULL, "hello"},
		{"\r\n " HEAD " \r\naGVsbG8=\t\r\n" TAIL " \n", NULL, "hello"},
		{HEAD "\naGVs\n" TAIL HEAD "\nbG8=\n" TAIL, NULL, "hello"},
		{HEAD "\naGVsbG8\n" TAIL, NULL, "hello"},
		{HEAD "\naGVsbG9\n" TAIL, "cut short", NULL}, /* spare bits that are set */
		{HEAD "\naGVsb\n" TAIL, "cut short", NULL},
		{HEAD "\naGV=sbG8=\n" TAIL, "not base64", NULL},
		{HEAD "\naGVsb!8=\n" TAIL, "not base64", NULL},
		{HEAD "\n\n" TAIL, "empty", NULL},
		{HEAD "\n=twTO\n" TAIL, "empty", NULL},
		{HEAD "\naGVsbG8=\n", "no END", NULL},
		{HEAD "aGVsbG8=\n" TAIL, "malformed header", NULL},
		{HEAD, "no blank line", NULL},
		{"x" HEAD "\naGVsbG8=\n" TAIL, "no BEGIN", NULL},
		{HEAD "\naGVsbG8=\n" TAIL "x", "no BEGIN", NULL},
		{"-----BEGIN PGP MESSAGE-----\n\naGVs\n-----END PGP MESSAGE-----\n", "no BEGIN",
			NULL},
		{"", "no BEGIN", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf b = BUF(64);
		struct bytes text = {(const unsigned char *)cases[i].text, strlen(cases[i].text)};
		const char *problem = openpgp_dearmor(text, "SIGNATURE", &b);
		if (!problem != !cases[i].problem ||
			(problem && !strstr(problem, cases[i].problem)))
			fail_msg("case %zu: %s", i, problem ? problem : "taken");
		if (!problem)
			assert_string_equal(buf_text(&b), cases[i].bytes);
	}
}

static void the_limit_holds(void **state)
{
	auto_buf b = BUF(4);
	const char *text = HEAD "\naGVsbG8=\n" TAIL;
	struct bytes bytes = {(const unsigned char *)text, strlen(text)};
	assert_string_equal(openpgp_dearmor(bytes, "SIGNATURE", &b), "armor: too much data");
}

static void text_is_told_from_packets(void **state)
{
	assert_true(openpgp_is_armored((struct bytes){(const unsigned char *)"-", 1}));
	assert_false(openpgp_is_armored((struct bytes){(const unsigned char *)"\x89", 1}));
	assert_false(openpgp_is_armored((struct bytes){NULL, 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_read_strictly),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(text_is_told_from_packets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
