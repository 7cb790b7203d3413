/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packet and its rules. */
#include "lib/sntp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { VERSION_SENT = 4, MODE_CLIENT = 3, MODE_SERVER = 4, LEAP_UNKNOWN = 3, STRATUM_MAX = 15 };
/* 1970 in NTP's seconds. */
static const int64_t UNIX_IN_NTP = 2208988800;
/* Beyond these an answer says too little (RFC 5905: MAXDIST and the like, with room for phones). */
static const int64_t ROOT_DISTANCE_MAX_US = 5000000, DELAY_MAX_US = 2000000;

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const unsigned char *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

void sntp_write(unsigned char to[SNTP_PACKET_SIZE], uint64_t cookie)
{
	memset(to, 0, SNTP_PACKET_SIZE);
	to[0] = VERSION_SENT << 3 | MODE_CLIENT;
	for (int i = 0; i < 8; i++)
		to[40 + i] = (unsigned char)(cookie >> (56 - 8 * i));
}

/* RFC 5905, figure 8. */
int sntp_read(const void *data, size_t length, struct sntp_packet *to)
{
	const unsigned char *p = data;
	if (length < SNTP_PACKET_SIZE)
		return -1;
	*to = (struct sntp_packet){
		.leap = p[0] >> 6,
		.version = p[0] >> 3 & 7,
		.mode = p[0] & 7,
		.stratum = p[1],
		.root_delay = be32(p + 4),
		.root_dispersion = be32(p + 8),
		.originate = be64(p + 24),
		.receive = be64(p + 32),
		.transmit = be64(p + 40),
	};
	for (int i = 0; i < 4; i++)
		to->reference[i] = p[12 + i] > ' ' && p[12 + i] <= '~' ? (char)p[12 + i] : '?';
	return 0;
}

int64_t sntp_unfold(uint32_t ntp_s, int64_t pivot_s)
{
	/* Unsigned arithmetic is modulo 2^32, as the protocol's. */
	uint32_t ahead = ntp_s - (uint32_t)(pivot_s + UNIX_IN_NTP);
	return pivot_s + ahead;
}

/* 16.16 seconds. */
static int64_t short_us(uint32_t v)
{
	return (int64_t)((uint64_t)v * 1000000 >> 16);
}

/* Between two NTP times near each other, across an era's end too. */
static int64_t between_us(uint64_t from, uint64_t to)
{
	int64_t d = (int64_t)(to - from);
	return (d >> 32) * 1000000 + (int64_t)((uint64_t)(uint32_t)d * 1000000 >> 32);
}

static int refuse(struct error **e, const char *what)
{
	return error_set(e, ERROR_CLOCK, 0, "%s", what);
}

static int check_header(
	const struct sntp_packet *p, const struct sntp_question *q, struct error **e)
{
	if (p->originate != q->cookie)
		return refuse(e, "it answers another question (wrong cookie)");
	if (p->mode != MODE_SERVER)
		return error_set(e, ERROR_CLOCK, 0, "not a server's answer (mode %d)", p->mode);
	if (p->version != 3 && p->version != 4)
		return error_set(e, ERROR_CLOCK, 0, "version %d of the protocol", p->version);
	/* A kiss has a code of four letters; with none, stratum 0 is a server that has just begun.
	 */
	if (p->stratum == 0 && !strchr(p->reference, '?'))
		return error_set(
			e, ERROR_CLOCK, ECONNREFUSED, "it refuses: kiss-o'-death %s", p->reference);
	if (p->leap == LEAP_UNKNOWN)
		return refuse(e, "its clock is not synchronised (LI 3)");
	if (p->stratum == 0 || p->stratum > STRATUM_MAX)
		return error_set(e, ERROR_CLOCK, 0, "stratum %d, unsynchronised", p->stratum);
	if (!p->receive || !p->transmit)
		return refuse(e, "its times are empty");
	return 0;
}

int sntp_judge(const struct sntp_packet *p, const struct sntp_question *q, int64_t *unix_ms,
	struct error **e)
{
	if (check_header(p, q, e) < 0)
		return -1;
	int64_t distance = short_us(p->root_delay) / 2 + short_us(p->root_dispersion);
	if (distance > ROOT_DISTANCE_MAX_US)
		return refuse(e, "its own time is uncertain by more than 5 s (root distance)");
	int64_t inside = between_us(p->receive, p->transmit);
	int64_t delay = q->elapsed_us - inside;
	/* A server that stamps coarsely may seem to have taken a little longer than it did. */
	if (inside < 0 || delay < -1000)
		return refuse(e, "its times contradict each other (negative delay)");
	if (delay > DELAY_MAX_US)
		return refuse(e, "its answer took longer than 2 s");
	int64_t fraction_ms = (int64_t)((uint64_t)(uint32_t)p->transmit * 1000 >> 32);
	int64_t half_ms = delay > 0 ? delay / 2000 : 0;
	*unix_ms = sntp_unfold((uint32_t)(p->transmit >> 32), q->pivot_s) * 1000 + fraction_ms +
		   half_ms;
	return 0;
}
