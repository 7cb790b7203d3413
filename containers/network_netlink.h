/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions and orders to the kernel's network, rtnetlink(7), without a program: a device may have
 * no `ip`, and what is left behind must be found though the root that made it is damaged. */
#ifndef CONTAINERS_NETWORK_NETLINK_H
#define CONTAINERS_NETWORK_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* One message: a header, a fixed part, attributes. All of ours fit. */
struct netlink_message {
	union {
		struct nlmsghdr head;
		char bytes[1024];
	};
};
void netlink_begin(struct netlink_message *m, int type, int flags, const void *fixed, size_t size);
void netlink_put(struct netlink_message *m, int type, const void *data, size_t size);
void netlink_put_text(struct netlink_message *m, int type, const char *text);
void netlink_put_u32(struct netlink_message *m, int type, uint32_t value);
/* Attributes within an attribute: what is put between the two belongs to it. */
struct rtattr *netlink_nest(struct netlink_message *m, int type);
void netlink_nest_end(struct netlink_message *m, struct rtattr *nest);

/* `groups`: RTMGRP_* of the events to hear, or 0. A descriptor, or -1 with ERROR_SYSTEM. */
int netlink_open(uint32_t groups, struct error **e) must_check;
/* Sends it and waits for the answer: 0, or -1 with the kernel's errno. */
int netlink_order(int fd, struct netlink_message *m) must_check;
/* Sends a question of which the answer is many messages; each of them to `each`. 0, or -1 with
 * errno. */
typedef void netlink_each(void *arg, const struct nlmsghdr *answer);
int netlink_list(int fd, struct netlink_message *m, netlink_each *each, void *arg) must_check;

/* The attribute of that type among those after a fixed part of `size` bytes; NULL where there is
 * none. */
const struct rtattr *netlink_find(const struct nlmsghdr *answer, size_t size, int type);
/* Its value; 0 for NULL and for one that is too short. */
uint32_t netlink_u32(const struct rtattr *a);

#endif
