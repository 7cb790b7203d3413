/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/link_add.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"

enum { REQUEST_BYTES = 256 };

struct request {
	struct nlmsghdr head;
	struct ifinfomsg link;
	char attributes[REQUEST_BYTES];
};

/* Appends one; a nest, whose length is not known yet, has no data. */
static struct rtattr *put(struct request *r, unsigned short type, const void *data, size_t length)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->head.nlmsg_len));
	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(a), data, length);
	r->head.nlmsg_len = (unsigned)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
	return a;
}

/* The kernel's answer to a request with NLM_F_ACK: an error of 0, or -errno. */
static int read_answer(int fd)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char more[4096];
	} answer;
	ssize_t got = recv(fd, &answer, sizeof answer, 0);
	if (got < 0)
		return -1;
	if ((size_t)got < sizeof answer.head + sizeof answer.error ||
		answer.head.nlmsg_type != NLMSG_ERROR) {
		errno = EBADMSG;
		return -1;
	}
	errno = -answer.error.error;
	return answer.error.error ? -1 : 0;
}

int link_add(const char *name, const char *kind, unsigned lower)
{
	struct request r = {
		.head = {.nlmsg_len = NLMSG_LENGTH(sizeof r.link),
			.nlmsg_type = RTM_NEWLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
			.nlmsg_seq = 1}};
	int auto_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	put(&r, IFLA_IFNAME, name, strlen(name) + 1);
	if (lower)
		put(&r, IFLA_LINK, &lower, sizeof lower);
	struct rtattr *nest = put(&r, IFLA_LINKINFO, NULL, 0);
	put(&r, IFLA_INFO_KIND, kind, strlen(kind) + 1);
	nest->rta_len = (unsigned short)((char *)&r + r.head.nlmsg_len - (char *)nest);
	if (send(fd, &r, r.head.nlmsg_len, 0) < 0)
		return -1;
	return read_answer(fd);
}
