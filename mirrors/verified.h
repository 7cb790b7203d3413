/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file whose signature was good: the only thing that unpacking and installing accept. */
#ifndef MIRRORS_VERIFIED_H
#define MIRRORS_VERIFIED_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/openpgp.h"
#include "mirrors/fetch.h"

struct verified;

/* Checks the detached signature over the very descriptor that is handed on. Takes *f over (it is
 * NULL afterwards) when it succeeds; on ERROR_TRUST *f stays the caller's. */
struct verified *verified_by_signature(struct fetched **f, const struct openpgp_keyring *keyring,
	const void *signature, size_t length, int64_t now_s, struct error **e) must_check;

int verified_fd(const struct verified *v);
const char *verified_name(const struct verified *v);
uint64_t verified_size(const struct verified *v);
const struct openpgp_result *verified_signer(const struct verified *v);
void verified_free(struct verified *v);

#endif
