/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords of a rootfs that was just unpacked: what came with the tarball is known to everybody,
 * and is taken away. */
#ifndef HOOKS_LOGINS_H
#define HOOKS_LOGINS_H

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/text.h"

/* Pure: a list of "USER:HASH" lines, as chpasswd -e reads them, from `text`. HASH is of crypt(5).
 * ERROR_CONFIG names the number of the line, and never what stands in it. */
int logins_parse(const char *text, struct strings *given, struct error **e) must_check;
/* The same of a file of the host's. */
int logins_read(const char *path, struct strings *given, struct error **e) must_check;

/* Pure: the text of a shadow(5) file in which those given have their password, and no other has
 * one. Names of those that lost one, or needed none, are added to `locked`. ERROR_CONFIG where one
 * that was given is missing. */
int logins_shadow(const char *shadow, const struct strings *given, struct buf *to,
	struct strings *locked, struct error **e) must_check;
/* Pure: the same of a passwd(5) file, where "x" sends to the shadow. */
int logins_passwd(const char *passwd, const char *shadow, struct buf *to, struct strings *locked,
	struct error **e) must_check;

/* Both, in the etc/ below root_fd; owners and modes stay. `locked` has each name once. */
int logins_replace(int root_fd, const struct strings *given, struct strings *locked,
	struct error **e) must_check;

#endif
