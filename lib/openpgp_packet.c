/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Framing of OpenPGP packets, subpackets and integers. */
#include "lib/openpgp_internal.h"

int bytes_take(struct bytes *from, size_t length, struct bytes *to)
{
	if (from->length < length)
		return -1;
	*to = (struct bytes){from->data, length};
	from->data += length;
	from->length -= length;
	return 0;
}

int bytes_number(struct bytes *from, size_t octets, uint32_t *to)
{
	struct bytes b;
	if (bytes_take(from, octets, &b) < 0)
		return -1;
	uint32_t n = 0;
	for (size_t i = 0; i < octets; i++)
		n = n << 8 | b.data[i];
	*to = n;
	return 0;
}

/* One octet below 192, five for 255, two else, the first of them below `two_end`. */
static int variable_length(struct bytes *from, uint32_t two_end, uint32_t *length)
{
	uint32_t first, second;
	if (bytes_number(from, 1, &first) < 0)
		return -1;
	if (first < 192) {
		*length = first;
		return 0;
	}
	if (first == 255)
		return bytes_number(from, 4, length);
	if (first >= two_end || bytes_number(from, 1, &second) < 0)
		return -1;
	*length = ((first - 192) << 8) + second + 192;
	return 0;
}

/* 4.2.1; the partial lengths of 4.2.1.4 are for data packets only: keys and signatures have none.
 */
static int packet_new_length(struct bytes *from, uint32_t *length)
{
	return variable_length(from, 224, length);
}

int openpgp_packet_next(struct bytes *from, struct openpgp_packet *to)
{
	uint32_t head, length;
	struct bytes rest = *from;
	if (!rest.length)
		return 0;
	if (bytes_number(&rest, 1, &head) < 0 || !(head & 0x80))
		return -1;
	int tag;
	if (head & 0x40) {
		tag = head & 0x3f;
		if (packet_new_length(&rest, &length) < 0)
			return -1;
	} else { /* 4.2.2, the legacy format; length type 3 means "to the end" and is refused */
		tag = head >> 2 & 15;
		if ((head & 3) == 3 || bytes_number(&rest, (size_t)1 << (head & 3), &length) < 0)
			return -1;
	}
	struct bytes body;
	if (tag == 0 || bytes_take(&rest, length, &body) < 0)
		return -1;
	*to = (struct openpgp_packet){tag, body};
	*from = rest;
	return 1;
}

/* 5.2.3.7: there are no partial ones, so that two octets go to 254. */
static int subpacket_length(struct bytes *from, uint32_t *length)
{
	return variable_length(from, 255, length);
}

int openpgp_subpacket_next(struct bytes *from, struct openpgp_subpacket *to)
{
	struct bytes rest = *from, body;
	uint32_t length, type;
	if (!rest.length)
		return 0;
	/* The length counts the octet of the type, so 0 is malformed. */
	if (subpacket_length(&rest, &length) < 0 || bytes_take(&rest, length, &body) < 0 ||
		bytes_number(&body, 1, &type) < 0)
		return -1;
	*to = (struct openpgp_subpacket){
		.type = type & 0x7f, .critical = type & 0x80, .body = body};
	*from = rest;
	return 1;
}

int openpgp_mpi(struct bytes *from, struct bytes *to, bool *canonical)
{
	struct bytes rest = *from, number;
	uint32_t bits;
	if (bytes_number(&rest, 2, &bits) < 0 || bytes_take(&rest, (bits + 7) / 8, &number) < 0)
		return -1;
	if (canonical)
		*canonical = bits > 0 && number.data[0] >> ((bits - 1) % 8) == 1;
	*to = number;
	*from = rest;
	return 0;
}
