/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom to ask for the time, and how many must agree: built in, or as the configuration says.
 *
 *	[alarmstrap]
 *	TimeHost = quad9 https://9.9.9.9/
 *	NtpServer = 0.arch.pool.ntp.org
 *	TimeQuorum = 3 2
 *	TimeFile = /var/lib/alarmstrap/time */
#ifndef BOOTSTRAP_HOSTCLOCK_SOURCES_H
#define BOOTSTRAP_HOSTCLOCK_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/text.h"

enum { HOSTCLOCK_HOSTS_MAX = 32 };

/* An HTTPS host and who runs it: hosts of one operator have one voice. */
struct hostclock_host {
	const char *operator_name, *url;
};

struct hostclock_quorum {
	int hosts, operators;
	bool chosen; /* by the user: then it holds to the letter */
};

/* Zero-initialised: the built-in ones. Hosts replace the built-in hosts and servers, servers the
 * built-in servers. */
struct hostclock_sources {
	struct strings host_words; /* operator and URL in turn */
	struct strings ntp;
	struct hostclock_quorum quorum; /* hosts 0: the built-in 3 of 2 */
	char *time_file; /* NULL: "time" in directory_state() */
};

/* One "Key = value" of [alarmstrap]. 1: taken; 0: no word of the clock's; -1: ERROR_CONFIG. */
int hostclock_sources_line(struct hostclock_sources *s, const char *key, const char *value,
	struct error **e) must_check;
void hostclock_sources_free(struct hostclock_sources *s);
#define auto_hostclock_sources                                                                     \
	__attribute__((cleanup(hostclock_sources_free))) struct hostclock_sources

/* The hosts in force; how many. `to` borrows from `s`. */
size_t hostclock_sources_hosts(
	const struct hostclock_sources *s, struct hostclock_host to[HOSTCLOCK_HOSTS_MAX]);
/* The NTP servers in force; `to` borrows from `s`. */
size_t hostclock_sources_ntp(
	const struct hostclock_sources *s, const char *to[HOSTCLOCK_HOSTS_MAX]);
struct hostclock_quorum hostclock_sources_quorum(const struct hostclock_sources *s);

#endif
