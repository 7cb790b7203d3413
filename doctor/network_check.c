/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/network_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/dns.h"
#include "lib/fd.h"
#include "lib/text.h"
#include "lib/worker.h"

/* Together five seconds, less some for the worker itself. */
enum { DNS_MS = 2500, CONNECT_MS = 1000, ADDRESSES = 2, TYPE_LOOK = WORKER_TYPE_FIRST };
enum { WORKER_MS = 5000 };

struct question {
	const char *host;
	int port;
};

static socklen_t address_of(const char *text, int port, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	memset(to, 0, sizeof *to);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof *v6;
	}
	return 0;
}

/* 0, or the errno of the attempt. */
static int try_connect(const char *address, int port)
{
	struct sockaddr_storage to;
	int failure = 0;
	socklen_t length = address_of(address, port, &to), size = sizeof failure;
	if (!length)
		return EAFNOSUPPORT;
	int auto_fd fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (connect(fd, (struct sockaddr *)&to, length) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	struct pollfd p = {fd, POLLOUT, 0};
	if (poll(&p, 1, CONNECT_MS) <= 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) < 0 ? errno : failure;
}

/* In the worker: as another user, which is who downloads. */
static int ask(struct worker_out *out, void *arg, struct error **e)
{
	const struct question *q = arg;
	struct network_look look = {.resolved = false};
	auto_strings addresses = {0};
	auto_error *failure = NULL;
	const struct strings none = {0};
	look.resolved = dns_resolve(&none, q->host, DNS_MS, &addresses, &failure) == 0;
	if (!look.resolved)
		snprintf(look.dns_error, sizeof look.dns_error, "%s", error_message(failure));
	for (size_t i = 0; look.resolved && i < addresses.count && i < ADDRESSES; i++) {
		look.connect_errno = try_connect(addresses.items[i], q->port);
		if (!look.connect_errno)
			break;
	}
	return worker_send(out, TYPE_LOOK, &look, sizeof look, e);
}

int network_look(const char *host, int port, struct network_look *look, struct error **e)
{
	struct question q = {host, port};
	const struct worker_rights rights = {.unprivileged = true, .network = true, .root = -1};
	struct worker_record record;
	struct network_look got;
	auto_worker *w = worker_start(&rights, ask, &q, e);
	if (!w || worker_next(w, &record, WORKER_MS, e) < 0)
		return -1;
	if (record.type != TYPE_LOOK || record.length != sizeof got)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "look at the network");
	memcpy(&got, record.data, sizeof got);
	got.dns_error[sizeof got.dns_error - 1] = '\0';
	*look = got;
	return 0;
}

int network_check(
	const struct network_look *look, const char *host, struct findings *to, struct error **e)
{
	char *auto_free what = look->resolved ? text_format(e, "%s cannot be reached", host)
					      : text_format(e, "names are not resolved");
	if (!what)
		return -1;
	const struct finding_texts names = {
		.what = what,
		.why = "nothing can be downloaded by its name",
		.how = look->dns_error,
		.remedy = "name a DNS server that answers: --dns=1.1.1.1",
	};
	const struct finding_texts connection = {
		.what = what,
		.why = "it may be that host alone; else nothing can be downloaded",
		.how = strerror(look->connect_errno),
		.remedy = "check the link and a firewall, or name another mirror: --mirror=URL",
	};
	if (!look->resolved)
		return findings_add(to, FINDING_LIMITED, ERROR_NETWORK, &names, e);
	return look->connect_errno
		       ? findings_add(to, FINDING_LIMITED, ERROR_NETWORK, &connection, e)
		       : 0;
}
