/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base64.h"

#include <stdint.h>
#include <string.h>

/* A database has ten million of them: each is told by ranges, not looked up in the alphabet. */
static inline int base64_digit(unsigned char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t base64_decode(const char *text, unsigned char *to)
{
	size_t length = strlen(text), used = 0;
	if (!length || length % 4)
		return 0;
	size_t padding = (text[length - 1] == '=') + (size_t)(text[length - 2] == '=');
	uint32_t bits = 0;
	for (size_t i = 0; i < length; i++) {
		int digit = i < length - padding ? base64_digit((unsigned char)text[i]) : 0;
		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 3)
			continue;
		to[used++] = (unsigned char)(bits >> 16);
		to[used++] = (unsigned char)(bits >> 8);
		to[used++] = (unsigned char)bits;
	}
	return used - padding;
}
