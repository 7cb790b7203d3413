/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base64.h"

#include <stdint.h>
#include <string.h>

/* Of each byte one more than its digit; 0 for what is none. A database has ten million of them, so
 * four are judged at once. */
/* clang-format off */
static const uint8_t digits[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['/'] = 64,
};
/* clang-format on */

/* Four digits to three bytes; -1 where one is none. */
static inline int decode_four(const unsigned char *text, unsigned char *to)
{
	uint32_t a = digits[text[0]], b = digits[text[1]], c = digits[text[2]], d = digits[text[3]];
	if (!a || !b || !c || !d)
		return -1;
	uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	to[0] = (unsigned char)(bits >> 16);
	to[1] = (unsigned char)(bits >> 8);
	to[2] = (unsigned char)bits;
	return 0;
}

size_t base64_decode(const char *text, unsigned char *to)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = strlen(text);
	if (!length || length % 4)
		return 0;
	size_t padding = (text[length - 1] == '=') + (size_t)(text[length - 2] == '=');
	const unsigned char *last = at + length - 4;
	unsigned char *out = to;
	for (; at < last; at += 4, out += 3)
		if (decode_four(at, out) < 0)
			return 0;
	unsigned char end[4] = {at[0], at[1], at[2], at[3]};
	memset(end + 4 - padding, 'A', padding);
	return decode_four(end, out) < 0 ? 0 : (size_t)(out - to) + 3 - padding;
}
