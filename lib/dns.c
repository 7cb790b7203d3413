/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <ares.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/ticks.h"

/* One try of one server; c-ares doubles it from round to round. */
enum { TRY_MS = 2000, TRIES = 2, DNS_PORT = 53 };
/* RFC 8305, section 3, "Resolution Delay": so long an answer waits for that of the other family. */
enum { RESOLUTION_DELAY_MS = 50 };

/* Asked where the system names none: Cloudflare, Quad9, Google. */
static const char builtin[] = "1.1.1.1:53,9.9.9.9:53,8.8.8.8:53,[2606:4700:4700::1111]:53,"
			      "[2620:fe::fe]:53,[2001:4860:4860::8888]:53";
static const char resolv_conf[] = "/etc/resolv.conf";

/* A and AAAA are asked for apart: there are resolvers, and middle boxes, that never answer one. */
struct question {
	struct entry *of;
	int family;
	bool answered;
	int status; /* ARES_… */
	struct strings addresses;
};

struct entry {
	struct dns_name name;
	int64_t deadline_ms; /* of both; brought forward by the first answer */
	int status; /* ARES_… of a failure */
	struct question questions[2]; /* IPv6 first (RFC 6724, section 2.1) */
	struct entry *next;
};

struct dns {
	ares_channel channel;
	bool has_channel, builtin;
	int timeout_ms;
	struct entry *entries;
	struct pollfd fds[DNS_FDS_MAX];
	size_t fd_count;
};

bool dns_is_numeric(const char *host)
{
	unsigned char bytes[16];
	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

int dns_server_parse(const char *text, struct buf *to, struct error **e)
{
	unsigned char bytes[16];
	char address[INET6_ADDRSTRLEN + 1] = "";
	int64_t port = DNS_PORT;
	bool bracket = text[0] == '[';
	/* A bare IPv6 address has colons of its own, so a port needs the brackets (RFC 3986). */
	bool bare6 = inet_pton(AF_INET6, text, bytes) == 1;
	const char *start = text + bracket;
	size_t length = bare6 ? strlen(text) : strcspn(start, bracket ? "]" : ":");
	const char *after = start + length + (bracket && start[length] == ']');
	if (length < sizeof address)
		memcpy(address, start, length);
	bool good = inet_pton(bare6 || bracket ? AF_INET6 : AF_INET, address, bytes) == 1 &&
		    (!bracket || after[-1] == ']') &&
		    (!*after || (*after == ':' && after[1] != '-' &&
					text_to_int64(after + 1, 1, 65535, &port) == 0));
	if (!good) {
		error_set(e, ERROR_CONFIG, 0, "'%s' is no DNS server", text);
		return error_hint(e, "name one as 1.1.1.1, 192.0.2.1:5353 or [2001:db8::1]:53");
	}
	return buf_printf(to, e, bare6 || bracket ? "[%s]:%d" : "%s:%d", address, (int)port);
}

bool dns_conf_has_server(const char *text)
{
	static const char word[] = "nameserver";
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\r\n");
		const char *rest = line + strlen(word);
		if (!text_has_prefix(line, word) || (*rest != ' ' && *rest != '\t'))
			continue;
		rest += strspn(rest, " \t");
		if (*rest && *rest != '\n' && *rest != '\r')
			return true;
	}
	return false;
}

static bool system_has_server(void)
{
	auto_buf text = BUF(64 * 1024);
	return path_read_file(AT_FDCWD, resolv_conf, &text, NULL) == 0 &&
	       dns_conf_has_server(buf_text(&text));
}

/* c-ares tells which of its sockets to watch, and for what. */
static void socket_changed(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns *d = arg;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	size_t i = 0;
	while (i < d->fd_count && d->fds[i].fd != fd)
		i++;
	if (i == DNS_FDS_MAX) /* its answer is then missed, and the query times out */
		return;
	if (!events && i < d->fd_count)
		d->fds[i] = d->fds[--d->fd_count];
	else if (events)
		d->fds[i] = (struct pollfd){fd, events, 0};
	if (events && i == d->fd_count)
		d->fd_count++;
}

/* The list for c-ares; empty: it shall read resolv.conf itself. */
static int server_list(
	struct dns *d, const struct strings *servers, struct buf *list, struct error **e)
{
	for (size_t i = 0; servers && i < servers->count; i++)
		if ((i && buf_puts(list, ",", e) < 0) ||
			dns_server_parse(servers->items[i], list, e) < 0)
			return -1;
	if (list->length || system_has_server())
		return 0;
	d->builtin = true;
	return buf_puts(list, builtin, e);
}

static int open_channel(struct dns *d, const char *list, struct error **e)
{
	char none[] = "/dev/null", lookups[] = "fb"; /* files, then DNS */
	struct ares_options options = {
		.timeout = TRY_MS,
		.tries = TRIES,
		.lookups = lookups,
		.sock_state_cb = socket_changed,
		.sock_state_cb_data = d,
		.resolvconf_path = none,
	};
	int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
	if (*list)
		mask |= ARES_OPT_RESOLVCONF;
	int r = ares_library_init(ARES_LIB_INIT_ALL);
	if (r == ARES_SUCCESS)
		r = ares_init_options(&d->channel, &options, mask);
	d->has_channel = r == ARES_SUCCESS;
	if (r == ARES_SUCCESS && *list)
		r = ares_set_servers_ports_csv(d->channel, list);
	if (r != ARES_SUCCESS)
		return error_set(e, ERROR_SYSTEM, 0, "start the resolver: %s", ares_strerror(r));
	return 0;
}

struct dns *dns_new(const struct strings *servers, int timeout_ms, struct error **e)
{
	auto_buf list = BUF(0);
	struct dns *d = calloc(1, sizeof *d);
	if (!d) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "start the resolver");
		return NULL;
	}
	d->timeout_ms = timeout_ms;
	if (server_list(d, servers, &list, e) == 0 && open_channel(d, buf_text(&list), e) == 0)
		return d;
	dns_free(d);
	return NULL;
}

void dns_free(struct dns *d)
{
	if (!d)
		return;
	if (d->has_channel) /* calls the callbacks of what is pending */
		ares_destroy(d->channel);
	ares_library_cleanup();
	for (struct entry *next, *n = d->entries; n; n = next) {
		next = n->next;
		free(n->name.host);
		strings_free(&n->name.addresses);
		for (size_t i = 0; i < 2; i++)
			strings_free(&n->questions[i].addresses);
		free(n);
	}
	free(d);
}

void dns_cleanup(struct dns **d)
{
	dns_free(*d);
}

static void take_addresses(struct question *q, const struct ares_addrinfo *result)
{
	for (const struct ares_addrinfo_node *a = result->nodes; a; a = a->ai_next) {
		char text[INET6_ADDRSTRLEN];
		const void *bytes =
			a->ai_family == AF_INET
				? (const void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr
				: (const void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr;
		if (!inet_ntop(a->ai_family, bytes, text, sizeof text) ||
			strings_contain(&q->addresses, text))
			continue;
		if (strings_add(&q->addresses, text, NULL) < 0)
			return;
	}
}

/* What is known, IPv6 first: where it has no route, the connect fails at once. */
static void list_addresses(struct entry *n)
{
	strings_free(&n->name.addresses);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < n->questions[i].addresses.count; k++)
			if (strings_add(&n->name.addresses, n->questions[i].addresses.items[k],
				    NULL) < 0)
				return;
}

static void fail(struct entry *n, int status)
{
	n->name.state = DNS_FAILED;
	n->status = status;
}

/* Both answered, or one did and the time of the other is up. An answer that comes later still is
 * good for those who ask again. */
static void judge(struct entry *n, int64_t now_ms)
{
	const struct question *a = &n->questions[0], *b = &n->questions[1];
	bool over = now_ms >= n->deadline_ms || (a->answered && b->answered);
	list_addresses(n);
	if (n->name.addresses.count && (over || n->name.state != DNS_PENDING))
		n->name.state = DNS_FOUND;
	else if (n->name.state != DNS_PENDING)
		return;
	/* A name that does not exist has no record of any type (RFC 8020); but there are servers
	 * that say so of AAAA where there is an A (RFC 4074, section 4.2). */
	else if (b->status == ARES_ENOTFOUND)
		fail(n, ARES_ENOTFOUND);
	else if (over && !(a->answered && b->answered))
		fail(n, ARES_ETIMEOUT);
	else if (over)
		fail(n, a->status == ARES_SUCCESS || a->status == ARES_ENODATA ? b->status
									       : a->status);
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct question *q = arg;
	struct entry *n = q->of;
	int64_t now_ms = ticks_ms();
	q->answered = true;
	q->status = status;
	if (status == ARES_SUCCESS && result)
		take_addresses(q, result);
	if (result)
		ares_freeaddrinfo(result);
	if (status == ARES_EDESTRUCTION)
		return;
	if (q->addresses.count && now_ms + RESOLUTION_DELAY_MS < n->deadline_ms)
		n->deadline_ms = now_ms + RESOLUTION_DELAY_MS;
	if (q->status == ARES_SUCCESS && !q->addresses.count)
		q->status = ARES_ENODATA;
	judge(n, now_ms);
}

static bool is_localhost(const char *host)
{
	static const char word[] = "localhost";
	size_t length = strlen(host), tail = strlen(word);
	return length >= tail && strcasecmp(host + length - tail, word) == 0 &&
	       (length == tail || host[length - tail - 1] == '.');
}

/* RFC 6761, section 6.3: never asked of a server. */
static int answer_localhost(struct entry *n, struct error **e)
{
	n->name.state = DNS_FOUND;
	return strings_add(&n->name.addresses, "127.0.0.1", e) < 0
		       ? -1
		       : strings_add(&n->name.addresses, "::1", e);
}

static int ask(struct dns *d, struct entry *n, struct error **e)
{
	if (dns_is_numeric(n->name.host)) {
		n->name.state = DNS_FOUND;
		return strings_add(&n->name.addresses, n->name.host, e);
	}
	if (is_localhost(n->name.host))
		return answer_localhost(n, e);
	for (size_t i = 0; i < 2; i++) {
		struct question *q = &n->questions[i];
		*q = (struct question){.of = n, .family = i ? AF_INET : AF_INET6};
		struct ares_addrinfo_hints hints = {
			.ai_family = q->family, .ai_socktype = SOCK_STREAM};
		ares_getaddrinfo(d->channel, n->name.host, NULL, &hints, answered, q);
	}
	return 0;
}

const struct dns_name *dns_ask(struct dns *d, const char *host, struct error **e)
{
	for (struct entry *n = d->entries; n; n = n->next)
		if (strcasecmp(n->name.host, host) == 0)
			return &n->name;
	struct entry *n = calloc(1, sizeof *n);
	char *copy = text_copy(host, e);
	if (!n || !copy) {
		free(n);
		free(copy);
		error_set(e, ERROR_SYSTEM, ENOMEM, "resolve %s", host);
		return NULL;
	}
	n->name.host = copy;
	n->deadline_ms = ticks_ms() + d->timeout_ms;
	n->next = d->entries;
	d->entries = n;
	return ask(d, n, e) < 0 ? NULL : &n->name;
}

/* A connect of UDP sends nothing, it only looks for a route. */
static bool has_route(void)
{
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(DNS_PORT)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT)};
	inet_pton(AF_INET, "9.9.9.9", &to4.sin_addr);
	inet_pton(AF_INET6, "2620:fe::fe", &to6.sin6_addr);
	int auto_fd a = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int auto_fd b = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return (a >= 0 && connect(a, (struct sockaddr *)&to4, sizeof to4) == 0) ||
	       (b >= 0 && connect(b, (struct sockaddr *)&to6, sizeof to6) == 0);
}

int dns_failure(const struct dns *d, const struct dns_name *name, struct error **e)
{
	const struct entry *n = (const struct entry *)name; /* its first member */
	const char *asked = d->builtin ? " (asked 1.1.1.1, 9.9.9.9, 8.8.8.8)" : "";
	bool unknown = n->status == ARES_ENOTFOUND || n->status == ARES_ENODATA;
	if (unknown)
		error_set(e, ERROR_NETWORK, 0, "resolve %s: no such host%s", name->host, asked);
	else if (n->status == ARES_ETIMEOUT || n->status == ARES_ECONNREFUSED)
		error_set(e, ERROR_NETWORK, 0, "resolve %s: no DNS server answers%s", name->host,
			asked);
	else
		error_set(e, ERROR_NETWORK, 0, "resolve %s: %s%s", name->host,
			ares_strerror(n->status), asked);
	if (!has_route())
		return error_hint(e,
			"no default route; bring a link up (dhcpcd eth0), then run the same "
			"command again: it resumes");
	if (unknown)
		return error_hint(e, "check the name, or ask another server with --dns=1.1.1.1");
	return error_hint(e, "name a server that answers, as with --dns=1.1.1.1");
}

size_t dns_poll(const struct dns *d, struct pollfd fds[DNS_FDS_MAX], int *timeout_ms)
{
	struct timeval most = {*timeout_ms / 1000, *timeout_ms % 1000 * 1000}, t;
	struct timeval *next = ares_timeout(d->channel, &most, &t);
	int ms = (int)(next->tv_sec * 1000 + (next->tv_usec + 999) / 1000);
	if (ms < *timeout_ms)
		*timeout_ms = ms;
	for (const struct entry *n = d->entries; n; n = n->next) {
		int64_t left_ms = n->deadline_ms - ticks_ms();
		if (n->name.state == DNS_PENDING && left_ms < *timeout_ms)
			*timeout_ms = left_ms > 0 ? (int)left_ms : 0;
	}
	memcpy(fds, d->fds, d->fd_count * sizeof *fds);
	return d->fd_count;
}

void dns_step(struct dns *d, const struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool in = fds[i].revents & (POLLIN | POLLERR | POLLHUP);
		bool out = fds[i].revents & POLLOUT;
		if (in || out)
			ares_process_fd(d->channel, in ? fds[i].fd : ARES_SOCKET_BAD,
				out ? fds[i].fd : ARES_SOCKET_BAD);
	}
	/* With no descriptor it looks at its timers. */
	ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	for (struct entry *n = d->entries; n; n = n->next)
		if (n->name.state == DNS_PENDING && ticks_ms() >= n->deadline_ms)
			judge(n, ticks_ms());
}

int dns_resolve(const struct strings *servers, const char *host, int timeout_ms,
	struct strings *addresses, struct error **e)
{
	auto_dns *d = dns_new(servers, timeout_ms, e);
	const struct dns_name *name = d ? dns_ask(d, host, e) : NULL;
	if (!name)
		return -1;
	while (name->state == DNS_PENDING) {
		struct pollfd fds[DNS_FDS_MAX];
		int wait_ms = 250;
		size_t count = dns_poll(d, fds, &wait_ms);
		if (poll(fds, count, wait_ms) < 0)
			count = 0;
		if (interrupt_check(e) < 0)
			return -1;
		dns_step(d, fds, count);
	}
	if (name->state == DNS_FAILED)
		return dns_failure(d, name, e);
	for (size_t i = 0; i < name->addresses.count; i++)
		if (strings_add(addresses, name->addresses.items[i], e) < 0)
			return -1;
	return 0;
}
