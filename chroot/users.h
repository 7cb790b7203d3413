/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and groups of a rootfs, from the texts of its etc/passwd and etc/group (passwd(5),
 * group(5)). By hand: getpwnam(3) would load the host's NSS modules, or the rootfs's. */
#ifndef CHROOT_USERS_H
#define CHROOT_USERS_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/error.h"

enum { USERS_TEXT = 256, USERS_GROUPS = 64 };

struct user {
	char name[USERS_TEXT];
	uid_t uid;
	gid_t gid;
	char home[USERS_TEXT];
	char shell[USERS_TEXT]; /* "" where none is given */
	gid_t groups[USERS_GROUPS]; /* with the primary one */
	size_t group_count;
};

/* `name` may be a number, too. root is known even where passwd does not name it; anybody else who
 * is missing is ERROR_CONFIG. */
int users_find(
	struct user *user, const char *passwd, const char *name, struct error **e) must_check;
/* Fills groups with those that name the user; what is more than fits is dropped. */
int users_groups(struct user *user, const char *group, struct error **e) must_check;

#endif
