/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "lib/fd.h"
#include "lib/openpgp_internal.h"

/* A copy that ends where the bytes end, so that a sanitizer sees one read too many. */
static unsigned char *exact(const void *data, size_t length)
{
	unsigned char *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, data, length);
	return copy;
}

static void packets_are_framed(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		int result, tag;
		size_t body, left;
	} cases[] = {
		{"empty", "", 0, 0, 0, 0, 0},
		{"new, one octet", "\xc2\x01x.", 4, 1, 2, 1, 1},
		{"new, empty body", "\xc2\x00", 2, 1, 2, 0, 0},
		{"new, five octets", "\xc2\xff\0\0\0\x02xy", 8, 1, 2, 2, 0},
		{"legacy, one octet", "\x88\x01x", 3, 1, 2, 1, 0},
		{"legacy, two octets", "\x89\0\x01x", 4, 1, 2, 1, 0},
		{"legacy, four octets", "\x8a\0\0\0\x01x", 6, 1, 2, 1, 0},
		{"legacy, to the end", "\x8bx", 2, -1, 0, 0, 0},
		{"partial", "\xc2\xe1xy\x01z", 6, -1, 0, 0, 0},
		{"reserved type", "\xc0\x00", 2, -1, 0, 0, 0},
		{"bit 7 missing", "\x42\x01x", 3, -1, 0, 0, 0},
		{"head only", "\xc2", 1, -1, 0, 0, 0},
		{"cut body", "\xc2\x02x", 3, -1, 0, 0, 0},
		{"cut length", "\xc2\xff\0\0\0", 5, -1, 0, 0, 0},
		{"cut two-octet length", "\xc2\xc0", 2, -1, 0, 0, 0},
		{"length past everything", "\xc2\xff\xff\xff\xff\xffx", 7, -1, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char *auto_free copy = exact(cases[i].bytes, cases[i].length);
		struct bytes from = {copy, cases[i].length};
		struct openpgp_packet p = {0};
		int r = openpgp_packet_next(&from, &p);
		if (r != cases[i].result || p.tag != cases[i].tag || p.body.length != cases[i].body)
			fail_msg("%s: %d, tag %d, %zu octets", cases[i].name, r, p.tag,
				p.body.length);
		if (r < 0) /* an error moves nothing */
			assert_int_equal(from.length, cases[i].length);
		else
			assert_int_equal(from.length, cases[i].left);
	}
}

static void long_lengths_add_up(void **state)
{
	/* 4.2.1.2: 0xc5 0xfb is 1723. The longest two-octet length of a subpacket is 16319. */
	unsigned char bytes[3 + 16319] = {0xc2, 0xc5, 0xfb};
	struct bytes from = {bytes, 3 + 1723};
	struct openpgp_packet p;
	assert_int_equal(openpgp_packet_next(&from, &p), 1);
	assert_int_equal(p.body.length, 1723);
	/* 4.2.1.4: 0xe0 would start a partial length, though there are octets for any reading. */
	memcpy(bytes, "\xc2\xe0\x00", 3);
	from = (struct bytes){bytes, sizeof bytes};
	assert_int_equal(openpgp_packet_next(&from, &p), -1);
	bytes[0] = 0xfe;
	bytes[1] = 0xff;
	struct openpgp_subpacket s;
	from = (struct bytes){bytes, 2 + 16319};
	assert_int_equal(openpgp_subpacket_next(&from, &s), 1);
	assert_int_equal(s.body.length, 16318);
	from = (struct bytes){bytes, 2 + 16318};
	assert_int_equal(openpgp_subpacket_next(&from, &s), -1);
}

static void subpackets_are_framed(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		int result, type;
		bool critical;
	} cases[] = {
		{"", 0, 0, 0, false},
		{"\x02\x02x", 3, 1, 2, false},
		{"\x02\x82x", 3, 1, 2, true},
		{"\x01\x02", 2, 1, 2, false},
		{"\xff\0\0\0\x02\x10x", 7, 1, 16, false},
		{"\x00", 1, -1, 0, false},
		{"\x02\x02", 2, -1, 0, false},
		{"\xff\xff\xff\xff\xff\x02", 6, -1, 0, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char *auto_free copy = exact(cases[i].bytes, cases[i].length);
		struct bytes from = {copy, cases[i].length};
		struct openpgp_subpacket s = {0};
		assert_int_equal(openpgp_subpacket_next(&from, &s), cases[i].result);
		assert_int_equal(s.type, cases[i].type);
		assert_int_equal(s.critical, cases[i].critical);
	}
}

static void integers_are_read_and_judged(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		int result;
		bool canonical;
	} cases[] = {
		{"\x00\x01\x01", 3, 0, true}, /* the examples of 3.2 */
		{"\x00\x09\x01\xff", 4, 0, true},
		{"\x00\x09\x00\xff", 4, 0, false},
		{"\x00\x08\x01", 3, 0, false},
		{"\x00\x01\x81", 3, 0, false}, /* bits above the count */
		{"\x00\x00", 2, 0, false},
		{"\x00\x09\x01", 3, -1, false},
		{"\x00", 1, -1, false},
		{"\xff\xff\x01", 3, -1, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned char *auto_free copy = exact(cases[i].bytes, cases[i].length);
		struct bytes from = {copy, cases[i].length}, number;
		bool canonical = false;
		assert_int_equal(openpgp_mpi(&from, &number, &canonical), cases[i].result);
		assert_int_equal(canonical, cases[i].canonical);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_framed),
		cmocka_unit_test(long_lengths_add_up),
		cmocka_unit_test(subpackets_are_framed),
		cmocka_unit_test(integers_are_read_and_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
