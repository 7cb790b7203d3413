/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_header.h"

#include <string.h>

/* POSIX pax, "ustar Interchange Format": where fields lie in a header's block. */
enum { BLOCK = 512, MODE_AT = 100, SIZE_AT = 124, SUM_AT = 148, TYPE_AT = 156 };
enum { MODE_LENGTH = 8, SIZE_LENGTH = 12, SUM_LENGTH = 8 };

/* Octal digits, after spaces and up to anything else. */
static uint64_t number(const unsigned char *field, size_t length)
{
	uint64_t value = 0;
	size_t i = 0;
	while (i < length && field[i] == ' ')
		i++;
	for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	return value;
}

/* The sum of all bytes, with its own field as spaces. Old tars added them as signed. */
static bool sum_is_right(const unsigned char *block)
{
	int plain = 0, as_signed = 0;
	for (size_t i = 0; i < BLOCK; i++) {
		bool own = i >= SUM_AT && i < SUM_AT + SUM_LENGTH;
		plain += own ? ' ' : block[i];
		as_signed += own ? ' ' : (signed char)block[i];
	}
	int64_t sum = (int64_t)number(block + SUM_AT, SUM_LENGTH);
	return sum == plain || sum == as_signed;
}

/* Headers of POSIX, GNU and Solaris tar that, with their body, belong to the entry after them. */
static bool comes_before_an_entry(unsigned char type)
{
	return type && strchr("xgLKXAV", type);
}

void tar_header_begin(struct tar_header *h, uint64_t start)
{
	*h = (struct tar_header){.start = start, .at = start};
}

void tar_header_look(struct tar_header *h, uint64_t at, const unsigned char *data, size_t length)
{
	while (!h->found && h->at >= at && h->at - at < length && length - (h->at - at) >= BLOCK) {
		const unsigned char *block = data + (h->at - at);
		if (!sum_is_right(block)) {
			h->at = UINT64_MAX; /* never */
		} else if (comes_before_an_entry(block[TYPE_AT])) {
			uint64_t body = number(block + SIZE_AT, SIZE_LENGTH);
			h->at += BLOCK + (body + BLOCK - 1) / BLOCK * BLOCK;
		} else {
			h->mode = (mode_t)number(block + MODE_AT, MODE_LENGTH) & 07777;
			h->found = true;
		}
	}
}
