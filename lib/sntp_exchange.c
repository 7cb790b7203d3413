/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange: a name, a socket, a question, the wait for its answer. */
#include "lib/sntp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "lib/dns.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/ticks.h"
#include "lib/trusted_time.h"

/* Datagrams get lost: the question is put this often, the time divided among them. */
enum { TRIES = 3, PORT = 123 };

/* getrandom(2) is of Linux 3.17. Before the pool is full it waits, as TLS beside us does. */
static int random_cookie(uint64_t *to, struct error **e)
{
	if (getrandom(to, sizeof *to, 0) == (ssize_t)sizeof *to)
		return 0;
	int auto_fd fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "/dev/urandom");
	ssize_t n = fd_read(fd, to, sizeof *to, e);
	if (n < 0)
		return -1;
	return n == (ssize_t)sizeof *to ? 0
					: error_set(e, ERROR_SYSTEM, 0, "/dev/urandom is empty");
}

int sntp_name(const char *name, char **host, int *port, struct error **e)
{
	bool bracket = *name == '[';
	bool bare6 = !bracket && dns_is_numeric(name) && strchr(name, ':');
	const char *start = name + bracket;
	size_t length = bare6 ? strlen(name) : strcspn(start, bracket ? "]" : ":");
	const char *after = start + length + (bracket && start[length] == ']');
	int64_t n = PORT;
	if (!length || (bracket && after[-1] != ']') ||
		(*after && (*after != ':' || text_to_int64(after + 1, 1, 65535, &n) < 0))) {
		error_set(e, ERROR_CONFIG, 0, "'%s' is no time server", name);
		return error_hint(
			e, "name one as ntp.example.org, 192.0.2.1:123 or [2001:db8::1]:123");
	}
	char *copy = text_format(e, "%.*s", (int)length, start);
	if (!copy)
		return -1;
	*host = copy;
	*port = (int)n;
	return 0;
}

static int connect_to(const char *address, int port, struct error **e)
{
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	bool six = inet_pton(AF_INET, address, &to4.sin_addr) != 1;
	if (six && inet_pton(AF_INET6, address, &to6.sin6_addr) != 1)
		return error_set(e, ERROR_NETWORK, EINVAL, "%s", address);
	int auto_fd fd =
		socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const void *to = six ? (const void *)&to6 : (const void *)&to4;
	if (fd < 0 || connect(fd, to, six ? sizeof to6 : sizeof to4) < 0)
		return error_set(e, ERROR_NETWORK, errno, "connect to %s", address);
	return take_fd(&fd);
}

/* An exchange under way. */
struct exchange {
	int fd;
	int64_t pivot_s;
	uint64_t cookie; /* of the question sent last */
	int64_t sent_us;
	int strays; /* datagrams that answer no question of ours */
};

static int send_question(struct exchange *x, struct error **e)
{
	unsigned char packet[SNTP_PACKET_SIZE];
	if (random_cookie(&x->cookie, e) < 0)
		return -1;
	sntp_write(packet, x->cookie);
	x->sent_us = trusted_time_boot_us();
	if (send(x->fd, packet, sizeof packet, 0) != (ssize_t)sizeof packet)
		return error_set(e, ERROR_NETWORK, errno, "send");
	return 0;
}

/* 1: an answer was judged well; 0: nothing that counts; -1: it says no. */
static int take_answer(struct exchange *x, int64_t *offset_ms, struct error **e)
{
	unsigned char data[512];
	struct sntp_packet p;
	int64_t unix_ms;
	ssize_t n = recv(x->fd, data, sizeof data, 0);
	int64_t now_us = trusted_time_boot_us();
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return error_set(e, ERROR_NETWORK, errno, "receive");
	if (sntp_read(data, (size_t)n, &p) < 0 || p.originate != x->cookie) {
		x->strays++;
		return 0;
	}
	struct sntp_question q = {x->cookie, now_us - x->sent_us, x->pivot_s};
	if (sntp_judge(&p, &q, &unix_ms, e) < 0)
		return -1;
	*offset_ms = unix_ms - now_us / 1000;
	return 1;
}

static int wait_answer(
	struct exchange *x, int64_t deadline_ms, int64_t *offset_ms, struct error **e)
{
	for (int64_t left; (left = deadline_ms - ticks_ms()) > 0;) {
		struct pollfd p = {x->fd, POLLIN, 0};
		if (interrupt_check(e) < 0)
			return -1;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		int r = take_answer(x, offset_ms, e);
		if (r)
			return r;
	}
	return 0;
}

static int exchange(struct exchange *x, int timeout_ms, int64_t *offset_ms, struct error **e)
{
	int64_t began_ms = ticks_ms();
	for (int i = 1; i <= TRIES; i++) {
		if (send_question(x, e) < 0)
			return -1;
		int r = wait_answer(x, began_ms + (int64_t)timeout_ms * i / TRIES, offset_ms, e);
		if (r)
			return r < 0 ? -1 : 0;
	}
	if (x->strays)
		return error_set(e, ERROR_CLOCK, 0,
			"what answers knows no cookie of ours (%d datagrams)", x->strays);
	return error_set(e, ERROR_NETWORK, ETIMEDOUT, "no answer");
}

int sntp_ask(const struct sntp_server *s, int64_t *offset_ms, struct error **e)
{
	char *auto_free host = NULL;
	auto_strings addresses = {0};
	int64_t deadline_ms = ticks_ms() + s->timeout_ms;
	int port;
	if (sntp_name(s->name, &host, &port, e) < 0 ||
		dns_resolve(s->dns_servers, host, s->timeout_ms / 2, &addresses, e) < 0)
		return -1;
	int auto_fd fd = connect_to(addresses.items[0], port, e);
	if (fd < 0)
		return -1;
	struct exchange x = {.fd = fd, .pivot_s = s->pivot_s};
	return exchange(&x, (int)(deadline_ms - ticks_ms()), offset_ms, e);
}
