/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and directories of the host shown inside an environment: --bind HOST:GUEST[:ro].
 *
 * With `start` they are bound before the root is entered, by mount(2) alone, and stay while the
 * environment is up. With `enter` only that command sees them: a detached copy made outside
 * (open_tree(2), Linux 5.2) is attached in a mount namespace that the command has to itself.
 * Nothing spreads back to the host either way. */
#ifndef CHROOT_BINDS_H
#define CHROOT_BINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/text.h"

enum { BINDS_MAX = 64 };

struct bind {
	char *source; /* absolute, on the host */
	char *target; /* absolute, in the environment */
	bool read_only; /* with all that is mounted below */
};
struct binds {
	struct bind items[BINDS_MAX];
	size_t count;
};

/* Reads "HOST:GUEST", "HOST:GUEST:ro" or "HOST:GUEST:rw". A relative HOST begins at the cwd.
 * ERROR_USAGE for another form, a GUEST that is not absolute or holds "..", or the environment's
 * own /; ERROR_CONFIG for a HOST that is not there. */
int binds_add(struct binds *b, const char *text, struct error **e) must_check;
void binds_free(struct binds *b);
#define auto_binds __attribute__((cleanup(binds_free))) struct binds

/* Whether a target lies in what every environment mounts anew (/proc, /sys, /dev, /run), where
 * binds_mount would be covered. ERROR_USAGE says which. */
int binds_refuse_covered(const struct binds *b, struct error **e) must_check;
/* In a private mount namespace that still shows the host: binds each below the root directory
 * `root_fd`, which must be open on the mount that is to become the root. Targets that are missing
 * are made. */
int binds_mount(const struct binds *b, int root_fd, struct error **e) must_check;

/* Outside: fds[i] becomes a detached copy of items[i]; -1 where not yet. ERROR_KERNEL before 5.2.
 */
int binds_open(const struct binds *b, int fds[BINDS_MAX], struct error **e) must_check;
/* Inside: a mount namespace of our own, and each copy attached in it; closes them. */
int binds_attach(const struct binds *b, int fds[BINDS_MAX], struct error **e) must_check;
void binds_close(int fds[BINDS_MAX]);

#endif
