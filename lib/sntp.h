/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simple Network Time Protocol, version 4 (RFC 4330, RFC 5905): one question, one answer.
 *
 * Nothing here is authenticated. The answer is good enough to refine a time that is known to two
 * minutes from elsewhere, and no more. The rules are pure; the exchange touches the network and is
 * for workers. */
#ifndef LIB_SNTP_H
#define LIB_SNTP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/text.h"

enum { SNTP_PACKET_SIZE = 48 };

/* What a packet says, before any of it is believed. Times are NTP's: seconds since 1900 modulo
 * 2^32, and 2^-32 of a second. */
struct sntp_packet {
	int leap, version, mode, stratum;
	uint32_t root_delay, root_dispersion; /* 16.16 seconds */
	char reference[5]; /* of a kiss-o'-death: its code, made printable */
	uint64_t originate, receive, transmit;
};

/* The local side of an exchange. */
struct sntp_question {
	uint64_t cookie; /* random; sent as transmit time, must come back as originate time */
	int64_t elapsed_us; /* from sending to receiving, on a clock that is never stepped */
	int64_t pivot_s; /* Unix time before which it cannot be: chooses the era */
};

/* Writes the question: version 4, client, and nothing but the cookie. It tells no server what this
 * machine's clock says. */
void sntp_write(unsigned char to[SNTP_PACKET_SIZE], uint64_t cookie);
/* -1 where the datagram is too short. Extension fields and MACs behind the packet are ignored. */
int sntp_read(const void *data, size_t length, struct sntp_packet *to) must_check;

/* Judges the answer: Unix time in milliseconds at the moment of its arrival. ERROR_CLOCK says which
 * rule it breaks; the error's errno is ECONNREFUSED for a kiss-o'-death, after which the server
 * must not be asked again in this run (RFC 5905, section 7.4). */
int sntp_judge(const struct sntp_packet *p, const struct sntp_question *q, int64_t *unix_ms,
	struct error **e) must_check;
/* Pure: the first Unix time at or after `pivot_s` whose NTP seconds are `ntp_s`: eras begin in
 * 1900, 2036 (February 7th) and 2172 (RFC 5905, section 6). */
int64_t sntp_unfold(uint32_t ntp_s, int64_t pivot_s);

/* Asks HOST or HOST:PORT ("[2001:db8::1]:123") and waits at most `timeout_ms`. The socket is
 * connected, so the kernel drops what comes from elsewhere; datagrams without the cookie are passed
 * over. The result is the time at CLOCK_BOOTTIME zero, in milliseconds. */
struct sntp_server {
	const char *name;
	const struct strings *dns_servers;
	int64_t pivot_s;
	int timeout_ms;
};
int sntp_ask(const struct sntp_server *s, int64_t *offset_ms, struct error **e) must_check;
/* Splits the name; *port is 123 where it names none. Free *host. */
int sntp_name(const char *name, char **host, int *port, struct error **e) must_check;

#endif
