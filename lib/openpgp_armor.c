/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ASCII armor (RFC 9580, 6), read strictly. */
#include <stdio.h>

#include "lib/openpgp_internal.h"

bool openpgp_is_armored(struct bytes b)
{
	return b.length && !(b.data[0] & 0x80);
}

static bool armor_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void armor_skip_space(struct bytes *text)
{
	while (text->length && armor_is_space(text->data[0])) {
		text->data++;
		text->length--;
	}
}

/* The next line without its end and trailing white space (6.2.1 allows some). -1 at the end. */
static int armor_line(struct bytes *text, struct bytes *line)
{
	if (!text->length)
		return -1;
	const unsigned char *newline = memchr(text->data, '\n', text->length);
	size_t length = newline ? (size_t)(newline - text->data) : text->length;
	*line = (struct bytes){text->data, length};
	text->data += length + (newline ? 1 : 0);
	text->length -= length + (newline ? 1 : 0);
	while (line->length && armor_is_space(line->data[line->length - 1]))
		line->length--;
	return 0;
}

static int armor_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct armor_decoder {
	uint32_t pending; /* bits not yet written */
	unsigned bits;
	bool padded; /* after '=' nothing may follow */
};

/* Decodes a line of base64 and appends to `to`. */
static const char *armor_decode(struct armor_decoder *a, struct bytes line, struct buf *to)
{
	for (size_t i = 0; i < line.length; i++) {
		if (line.data[i] == '=' && a->bits && i + 2 >= line.length) {
			a->padded = true;
			continue;
		}
		int value = armor_value(line.data[i]);
		if (value < 0 || a->padded)
			return "armor: not base64";
		a->pending = (a->pending << 6 | (uint32_t)value) & 0xffff;
		a->bits += 6;
		if (a->bits < 8)
			continue;
		a->bits -= 8;
		unsigned char octet = a->pending >> a->bits & 0xff;
		if (buf_append(to, &octet, 1, NULL) < 0)
			return "armor: too much data";
	}
	return NULL;
}

/* 6.1.1: the example code of the section, bit by bit. */
static uint32_t armor_crc24(const unsigned char *data, size_t length)
{
	uint32_t crc = 0xb704ce;
	for (size_t i = 0; i < length; i++) {
		crc ^= (uint32_t)data[i] << 16;
		for (int bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if (crc & 0x1000000)
				crc ^= 0x1864cfb;
		}
	}
	return crc & 0xffffff;
}

static const char *armor_check_crc(struct bytes line, const char *data, size_t length)
{
	auto_buf crc = BUF(3);
	struct armor_decoder a = {0};
	struct bytes digits = {line.data + 1, line.length - 1};
	if (digits.length != 4 || armor_decode(&a, digits, &crc) || crc.length != 3)
		return "armor: malformed checksum";
	uint32_t expected = armor_crc24((const unsigned char *)data, length);
	const unsigned char *got = (const unsigned char *)crc.data;
	if (((uint32_t)got[0] << 16 | (uint32_t)got[1] << 8 | got[2]) != expected)
		return "armor: wrong checksum";
	return NULL;
}

/* From after the blank line to the tail line. */
static const char *armor_body(struct bytes *text, const char *tail, struct buf *to)
{
	struct armor_decoder a = {0};
	struct bytes line;
	size_t start = to->length;
	bool checked = false;
	while (armor_line(text, &line) == 0) {
		const char *problem = NULL;
		if (bytes_equal(line, tail, strlen(tail))) {
			if (to->length == start)
				return "armor: empty";
			/* Bits that are left over belong to no octet: 2 or 4 of them, and zero. */
			if (a.bits == 6 || (a.pending & ((1U << a.bits) - 1)))
				return "armor: cut short";
			return NULL;
		}
		if (checked)
			return "armor: data after the checksum";
		if (line.length && line.data[0] == '=') {
			checked = true;
			problem = armor_check_crc(line, buf_text(to) + start, to->length - start);
		} else {
			problem = armor_decode(&a, line, to);
		}
		if (problem)
			return problem;
	}
	return "armor: no END line";
}

const char *openpgp_dearmor(struct bytes text, const char *kind, struct buf *to)
{
	char head[64], tail[64];
	snprintf(head, sizeof head, "-----BEGIN PGP %s-----", kind);
	snprintf(tail, sizeof tail, "-----END PGP %s-----", kind);
	armor_skip_space(&text);
	do {
		struct bytes line;
		if (armor_line(&text, &line) < 0 || !bytes_equal(line, head, strlen(head)))
			return "armor: no BEGIN line where one must be";
		/* 6.2.2: headers ("Comment: …") to the first blank line; they mean nothing. */
		do {
			if (armor_line(&text, &line) < 0)
				return "armor: no blank line after the headers";
			if (line.length && !memchr(line.data, ':', line.length))
				return "armor: malformed header";
		} while (line.length);
		const char *problem = armor_body(&text, tail, to);
		if (problem)
			return problem;
		armor_skip_space(&text);
	} while (text.length);
	return NULL;
}
