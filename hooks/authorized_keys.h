/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file authorized_keys of sshd(8): who may log in by SSH. */
#ifndef HOOKS_AUTHORIZED_KEYS_H
#define HOOKS_AUTHORIZED_KEYS_H

#include "chroot/users.h"
#include "lib/error.h"
#include "lib/text.h"

/* Pure: the lines of `text` that hold a key, white space at their ends cut, each once. ERROR_CONFIG
 * names the number of a line that is none, and refuses private keys. */
int authorized_keys_parse(const char *text, struct strings *keys, struct error **e) must_check;
/* The same of a file of the host's; also for one without any key. */
int authorized_keys_read(const char *path, struct strings *keys, struct error **e) must_check;

/* Adds to the user's .ssh/authorized_keys below root_fd the keys that it lacks; the file and its
 * directory, made where they are absent, are the user's and nobody else may read them. No symbolic
 * link is followed from the home on. For a root that nothing of its own runs in. */
int authorized_keys_add(int root_fd, const struct user *user, const struct strings *keys,
	struct error **e) must_check;

#endif
