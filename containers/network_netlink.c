/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/network_netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/fd.h"

enum { ANSWER_BYTES = 32 * 1024, ANSWER_S = 10 };

void netlink_begin(struct netlink_message *m, int type, int flags, const void *fixed, size_t size)
{
	memset(m, 0, sizeof *m);
	m->head.nlmsg_type = (uint16_t)type;
	m->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	m->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&m->head), fixed, size);
}

/* Where the next attribute goes. All are short and few: a message has room for them. */
static struct rtattr *next(struct netlink_message *m, int type, size_t size)
{
	size_t at = NLMSG_ALIGN(m->head.nlmsg_len);
	struct rtattr *a = (struct rtattr *)(m->bytes + at);
	if (at + RTA_SPACE(size) > sizeof m->bytes)
		return NULL;
	a->rta_type = (uint16_t)type;
	a->rta_len = (uint16_t)RTA_LENGTH(size);
	m->head.nlmsg_len = (uint32_t)(at + RTA_LENGTH(size));
	return a;
}

void netlink_put(struct netlink_message *m, int type, const void *data, size_t size)
{
	struct rtattr *a = next(m, type, size);
	if (a && size)
		memcpy(RTA_DATA(a), data, size);
}

void netlink_put_text(struct netlink_message *m, int type, const char *text)
{
	netlink_put(m, type, text, strlen(text) + 1);
}

void netlink_put_u32(struct netlink_message *m, int type, uint32_t value)
{
	netlink_put(m, type, &value, sizeof value);
}

struct rtattr *netlink_nest(struct netlink_message *m, int type)
{
	return next(m, type, 0);
}

void netlink_nest_end(struct netlink_message *m, struct rtattr *nest)
{
	if (nest)
		nest->rta_len = (uint16_t)(m->bytes + m->head.nlmsg_len - (char *)nest);
}

int netlink_open(uint32_t groups, struct error **e)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	struct timeval patience = {.tv_sec = ANSWER_S};
	int auto_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		(!groups &&
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0))
		return error_set(e, ERROR_SYSTEM, errno, "talk to the kernel's network");
	return take_fd(&fd);
}

static int error_of(const struct nlmsghdr *h)
{
	const struct nlmsgerr *answer = NLMSG_DATA(h);
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof *answer))
		return EPROTO;
	return -answer->error;
}

/* The messages of one read. 1: that was all, 0: more come, -1 with errno. */
static int take_messages(char *bytes, ssize_t length, netlink_each *each, void *arg)
{
	int left = (int)length;
	for (struct nlmsghdr *h = (struct nlmsghdr *)bytes; NLMSG_OK(h, (unsigned)left);
		h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			errno = error_of(h);
			return errno ? -1 : 1;
		}
		if (each)
			each(arg, h);
	}
	return 0;
}

static int converse(int fd, struct netlink_message *m, netlink_each *each, void *arg)
{
	_Alignas(struct nlmsghdr) char bytes[ANSWER_BYTES];
	if (send(fd, m, m->head.nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t length = recv(fd, bytes, sizeof bytes, 0);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return -1;
		int done = take_messages(bytes, length, each, arg);
		if (done)
			return done < 0 ? -1 : 0;
	}
}

int netlink_order(int fd, struct netlink_message *m)
{
	m->head.nlmsg_flags |= NLM_F_ACK;
	return converse(fd, m, NULL, NULL);
}

int netlink_list(int fd, struct netlink_message *m, netlink_each *each, void *arg)
{
	m->head.nlmsg_flags |= NLM_F_DUMP;
	return converse(fd, m, each, arg);
}

const struct rtattr *netlink_find(const struct nlmsghdr *answer, size_t size, int type)
{
	if (answer->nlmsg_len < NLMSG_LENGTH(size))
		return NULL;
	int left = (int)(answer->nlmsg_len - NLMSG_SPACE(size));
	const char *first = (const char *)NLMSG_DATA(answer) + NLMSG_ALIGN(size);
	for (const struct rtattr *a = (const struct rtattr *)first; RTA_OK(a, left);
		a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

uint32_t netlink_u32(const struct rtattr *a)
{
	uint32_t value = 0;
	if (a && RTA_PAYLOAD(a) >= sizeof value)
		memcpy(&value, RTA_DATA(a), sizeof value);
	return value;
}
