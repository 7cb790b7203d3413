/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/sntp.h"

#define UNIX_IN_NTP 2208988800LL
#define NOW 1769860800LL /* 2026-01-31 12:00:00 */
#define COOKIE 0x0123456789abcdefULL
#define S(seconds) ((uint64_t)((seconds) + UNIX_IN_NTP) << 32)

/* A good answer of a stratum 2 server, 20 ms away, which thought for 1 ms. */
static const struct sntp_packet good = {
	.leap = 0,
	.version = 4,
	.mode = 4,
	.stratum = 2,
	.root_delay = 0x0800, /* 31 ms */
	.root_dispersion = 0x0400,
	.reference = "GPS",
	.originate = COOKIE,
	.receive = S(NOW),
	.transmit = S(NOW) + 4294967, /* + 1 ms */
};
static const struct sntp_question question = {COOKIE, 21000, NOW - 86400};

static void a_good_answer_is_the_time_plus_half_the_way(void **state)
{
	int64_t unix_ms = 0;
	assert_ok(sntp_judge(&good, &question, &unix_ms, &e));
	assert_in_range(unix_ms, NOW * 1000 + 10, NOW * 1000 + 12);
}

static void the_question_tells_nothing_but_its_cookie(void **state)
{
	unsigned char p[SNTP_PACKET_SIZE];
	static const unsigned char cookie[8] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
	sntp_write(p, COOKIE);
	assert_int_equal(p[0], 0x23); /* LI 0, version 4, mode 3 */
	for (int i = 1; i < 40; i++)
		assert_int_equal(p[i], 0);
	assert_memory_equal(p + 40, cookie, 8);
}

static void packets_are_read(void **state)
{
	unsigned char p[SNTP_PACKET_SIZE + 20] = {
		0xdc, 3, 6, 0xe9, 0, 1, 0, 0, 0, 2, 0, 0, 'D', 'E', 7, 'Y'};
	struct sntp_packet got;
	p[24] = 1, p[39] = 2, p[47] = 3;
	for (size_t length = 0; length < SNTP_PACKET_SIZE; length++)
		assert_int_equal(sntp_read(p, length, &got), -1);
	assert_int_equal(sntp_read(p, sizeof p, &got), 0);
	assert_int_equal(got.leap, 3);
	assert_int_equal(got.version, 3);
	assert_int_equal(got.mode, 4);
	assert_int_equal(got.stratum, 3);
	assert_int_equal(got.root_delay, 0x10000);
	assert_int_equal(got.root_dispersion, 0x20000);
	assert_string_equal(got.reference, "DE?Y");
	assert_true(got.originate == (uint64_t)1 << 56);
	assert_true(got.receive == 2);
	assert_true(got.transmit == 3);
}

/* Each row breaks one rule of the good answer. */
static void answers_that_break_a_rule(void **state)
{
	struct row {
		struct sntp_packet p;
		int64_t elapsed_us;
		const char *says;
		int errnum;
	} rows[] = {
		{good, 21000, "wrong cookie", 0},
		{good, 21000, "not a server's answer (mode 3)", 0},
		{good, 21000, "not a server's answer (mode 5)", 0},
		{good, 21000, "version 2", 0},
		{good, 21000, "version 5", 0},
		{good, 21000, "kiss-o'-death RATE", ECONNREFUSED},
		{good, 21000, "LI 3", 0},
		{good, 21000, "stratum 16", 0},
		{good, 21000, "times are empty", 0},
		{good, 21000, "times are empty", 0},
		{good, 21000, "root distance", 0},
		{good, 21000, "root distance", 0},
		{good, 21000, "negative delay", 0},
		{good, 5000, "negative delay", 0},
		{good, 2100000, "longer than 2 s", 0},
		{good, 21000, "LI 3", 0},
		{good, 21000, "stratum 0", 0},
	};
	rows[0].p.originate ^= 1;
	rows[1].p.mode = 3;
	rows[2].p.mode = 5;
	rows[3].p.version = 2;
	rows[4].p.version = 5;
	rows[5].p.stratum = 0;
	memcpy(rows[5].p.reference, "RATE", 5);
	rows[5].p.leap = 3; /* as a kiss has it: the kiss is the story */
	rows[6].p.leap = 3;
	rows[7].p.stratum = 16;
	rows[8].p.receive = 0;
	rows[9].p.transmit = 0;
	rows[10].p.root_dispersion = 5 << 16;
	rows[11].p.root_delay = 0xffffffff;
	rows[12].p.transmit = rows[12].p.receive - 1000000000;
	rows[13].p.transmit = rows[13].p.receive + (10 * 4294967);
	/* OpenNTPD before its first synchronisation: no kiss. */
	rows[15].p.stratum = rows[16].p.stratum = 0, rows[15].p.leap = 3;
	memcpy(rows[15].p.reference, "????", 5);
	memcpy(rows[16].p.reference, "????", 5);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sntp_question q = {COOKIE, rows[i].elapsed_us, NOW - 86400};
		auto_error *e = NULL;
		int64_t unix_ms = 7;
		assert_int_equal(sntp_judge(&rows[i].p, &q, &unix_ms, &e), -1);
		assert_int_equal(unix_ms, 7);
		assert_int_equal(error_code(e), ERROR_CLOCK);
		assert_int_equal(error_errno(e), rows[i].errnum);
		if (!strstr(error_message(e), rows[i].says))
			fail_msg("row %zu: '%s' does not hold '%s'", i, error_message(e),
				rows[i].says);
	}
}

static void edges_that_are_allowed(void **state)
{
	struct sntp_packet p = good;
	int64_t unix_ms;
	p.version = 3, p.stratum = 15, p.leap = 2;
	p.root_delay = 0x10000 * 4, p.root_dispersion = 0x10000 * 3 - 1;
	assert_ok(sntp_judge(&p, &(struct sntp_question){COOKIE, 2000900, NOW}, &unix_ms, &e));
	/* A server whose clock is coarser than the way is long. */
	assert_ok(sntp_judge(&p, &(struct sntp_question){COOKIE, 100, NOW}, &unix_ms, &e));
	assert_in_range(unix_ms, NOW * 1000, NOW * 1000 + 1);
}

static void eras_are_unfolded_from_the_floor(void **state)
{
	static const struct {
		int64_t truth, pivot;
	} rows[] = {
		{NOW, NOW}, {NOW, NOW - 1}, {NOW + 86400 * 365, NOW},
		{2085978495, NOW}, /* 2036-02-07 06:28:15, the last second of era 0 */
		{2085978496, NOW}, /* the first of era 1 */
		{2085978497, 2085978497}, {2085978496, 2085978495},
		{4294967296, NOW}, /* 2106-02-07, past 32 bits of Unix time */
		{NOW + 4294967295LL, NOW}, {6380945792, 6380945000}, /* 2172, era 2 */
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint32_t ntp = (uint32_t)(rows[i].truth + UNIX_IN_NTP);
		if (sntp_unfold(ntp, rows[i].pivot) != rows[i].truth)
			fail_msg("row %zu: %lld", i, (long long)sntp_unfold(ntp, rows[i].pivot));
	}
	/* Before the floor: it lands far beyond the ceiling, not in the past. */
	assert_true(sntp_unfold((uint32_t)(NOW - 5 + UNIX_IN_NTP), NOW) == NOW - 5 + 4294967296LL);
}

static void an_exchange_across_the_era(void **state)
{
	struct sntp_packet p = good;
	int64_t unix_ms;
	p.receive = S(2085978495) | 0xffff0000u; /* 15 µs before the era ends */
	p.transmit = 1; /* just after */
	assert_ok(sntp_judge(&p, &question, &unix_ms, &e));
	assert_in_range(unix_ms, 2085978496LL * 1000 + 10, 2085978496LL * 1000 + 11);
}

static void names_of_servers(void **state)
{
	static const struct {
		const char *name, *host;
		int port;
	} rows[] = {{"ntp.example.org", "ntp.example.org", 123},
		{"192.0.2.1:1123", "192.0.2.1", 1123}, {"2001:db8::1", "2001:db8::1", 123},
		{"[2001:db8::1]", "2001:db8::1", 123}, {"[2001:db8::1]:99", "2001:db8::1", 99}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *host = NULL;
		int port = 0;
		assert_ok(sntp_name(rows[i].name, &host, &port, &e));
		assert_string_equal(host, rows[i].host);
		assert_int_equal(port, rows[i].port);
		free(host);
	}
	static const char *const bad[] = {
		"", ":123", "a:0", "a:65536", "a:b", "[::1", "[::1]x", "[]"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *host;
		int port;
		assert_fails(
			sntp_name(bad[i], &host, &port, &e), ERROR_CONFIG, "is no time server");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_answer_is_the_time_plus_half_the_way),
		cmocka_unit_test(the_question_tells_nothing_but_its_cookie),
		cmocka_unit_test(packets_are_read),
		cmocka_unit_test(answers_that_break_a_rule),
		cmocka_unit_test(edges_that_are_allowed),
		cmocka_unit_test(eras_are_unfolded_from_the_floor),
		cmocka_unit_test(an_exchange_across_the_era),
		cmocka_unit_test(names_of_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
