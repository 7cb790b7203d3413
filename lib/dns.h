/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to addresses by c-ares, so that every build finds hosts in the same way.
 *
 * C libraries ask loopback where there is no /etc/resolv.conf, as on a bare device. Here the
 * servers are: those given, else those of /etc/resolv.conf, else well-known public ones. /etc/hosts
 * and "localhost" (RFC 6761) are honoured. Touches the network: for workers. */
#ifndef LIB_DNS_H
#define LIB_DNS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/text.h"

/* One name and what became of it. Owned by its struct dns; addresses are text ("192.0.2.1",
 * "2001:db8::1"), in the order in which to try them (RFC 6724). */
enum dns_state { DNS_PENDING, DNS_FOUND, DNS_FAILED };
struct dns_name {
	char *host;
	enum dns_state state;
	struct strings addresses;
};

struct dns;

/* `servers`: "ip" or "ip:port" ("[ip6]:port"), may be empty. A name not answered in `timeout_ms`
 * has failed. ERROR_CONFIG for a server that is no address. */
struct dns *dns_new(const struct strings *servers, int timeout_ms, struct error **e) must_check;
void dns_free(struct dns *d);
void dns_cleanup(struct dns **d);
#define auto_dns __attribute__((cleanup(dns_cleanup))) struct dns

/* Starts looking for `host`, once: later calls return the same. Never waits. NULL when memory is
 * out. Numeric hosts are found at once. */
const struct dns_name *dns_ask(struct dns *d, const char *host, struct error **e) must_check;
/* The story of a DNS_FAILED name: ERROR_NETWORK "resolve HOST: …". */
int dns_failure(const struct dns *d, const struct dns_name *name, struct error **e);

/* For the owner's poll loop: fills up to DNS_FDS_MAX entries, lowers *timeout_ms where needed. */
enum { DNS_FDS_MAX = 16 };
size_t dns_poll(const struct dns *d, struct pollfd fds[DNS_FDS_MAX], int *timeout_ms);
/* After the poll, whatever it returned. */
void dns_step(struct dns *d, const struct pollfd *fds, size_t count);

/* All of it at once, waiting: the addresses are appended. */
int dns_resolve(const struct strings *servers, const char *host, int timeout_ms,
	struct strings *addresses, struct error **e) must_check;

bool dns_is_numeric(const char *host);
/* Appends "ip:port" as c-ares reads it; ERROR_CONFIG for what is none. */
int dns_server_parse(const char *text, struct buf *to, struct error **e) must_check;
/* Whether resolv.conf(5)'s text names a server. */
bool dns_conf_has_server(const char *text);

#endif
