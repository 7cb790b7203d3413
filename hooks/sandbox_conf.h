/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of pacman.conf(5) concerns pacman's sandbox, read and amended as text. Pure. */
#ifndef HOOKS_SANDBOX_CONF_H
#define HOOKS_SANDBOX_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/* What is taken from the sandbox. Each row of `words` knows its pacman, another only warns. */
struct sandbox_lack {
	const char *words[2]; /* directives to add; NULL: no more */
	bool no_user; /* DownloadUser goes */
	const char *because; /* what the kernel lacks, for people */
};

/* Appends `conf` as it was before us: without the lines that sandbox_conf_write put in. */
int sandbox_conf_original(const char *conf, struct buf *to, struct error **e) must_check;
/* Appends an original `conf`, amended. */
int sandbox_conf_write(const char *conf, const struct sandbox_lack *lack, struct buf *to,
	struct error **e) must_check;
/* The DownloadUser of the conf; false where there is none. */
bool sandbox_conf_user(const char *conf, char *name, size_t size);
/* Appends a pacman.conf whose options are those of `conf` that concern downloads, whose files are
 * below `directory` and whose one repository, `probe`, is that directory. */
int sandbox_conf_probe(
	const char *conf, const char *directory, struct buf *to, struct error **e) must_check;

#endif
