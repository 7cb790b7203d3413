/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User namespaces, for unprivileged containers. */
#ifndef CHROOT_USERNS_H
#define CHROOT_USERNS_H

#include "chroot/environment.h"
#include "lib/error.h"

/* Makes one inside the environment, in a child that ends at once: 1 it can be, 0 not (a kernel
 * without CONFIG_USER_NS, user.max_user_namespaces, a root that is not `/`). */
int userns_works(const struct environment *env, struct error **e) must_check;

#endif
