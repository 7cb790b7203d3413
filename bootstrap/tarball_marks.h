/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The defence against who serves an old tarball: what is called -latest, and what an URL gives, is
 * signed, but nothing in it says that there is a newer one. So the host remembers of each name and
 * signer the newest signature that was good (/var/lib/alarmstrap/tarballs). */
#ifndef BOOTSTRAP_TARBALL_MARKS_H
#define BOOTSTRAP_TARBALL_MARKS_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/openpgp.h"

enum { TARBALL_BACKWARD_MAX_S = 3 * 24 * 3600, TARBALL_WARN_S = 60 * 24 * 3600 };

/* The newest signature of `name` by this signer that is remembered in `dir`; 0: none. */
int64_t tarball_newest(const char *dir, const char *name, const char *fingerprint);
/* Pure. ERROR_TRUST where it was signed long before the one that is remembered. */
int tarball_judge(
	int64_t remembered_s, const char *name, int64_t signed_s, struct error **e) must_check;
/* Remembers it, unless a later one is: with `replace` in any case. */
int tarball_remember(const char *dir, const char *name, const struct openpgp_result *signer,
	int replace, struct error **e) must_check;

#endif
