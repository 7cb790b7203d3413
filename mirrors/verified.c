/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/verified.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/digest_set.h"
#include "lib/fd.h"

struct verified {
	struct fetched *file;
	struct openpgp_result signer;
};

struct verified *verified_by_signature(struct fetched **f, const struct openpgp_keyring *keyring,
	const void *signature, size_t length, int64_t now_s, struct error **e)
{
	struct verified *auto_free v = calloc(1, sizeof *v);
	if (!v) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "verify %s", fetched_name(*f));
		return NULL;
	}
	const struct digest *known[DIGEST_KINDS];
	for (int kind = 0; kind < DIGEST_KINDS; kind++)
		known[kind] = fetched_digest(*f, (enum digest_kind)kind);
	if (openpgp_verify_known(
		    keyring, signature, length, fetched_fd(*f), known, now_s, &v->signer, e) < 0) {
		error_wrap(e, "verify %s", fetched_name(*f));
		return NULL;
	}
	v->file = take(f);
	return take(&v);
}

int verified_fd(const struct verified *v)
{
	return fetched_fd(v->file);
}

const char *verified_name(const struct verified *v)
{
	return fetched_name(v->file);
}

uint64_t verified_size(const struct verified *v)
{
	return fetched_size(v->file);
}

const struct openpgp_result *verified_signer(const struct verified *v)
{
	return &v->signer;
}

void verified_free(struct verified *v)
{
	if (!v)
		return;
	fetched_free(v->file);
	free(v);
}
