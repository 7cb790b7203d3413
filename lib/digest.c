/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "lib/fd.h"
#include "lib/interrupt.h"

struct digest {
	EVP_MD_CTX *context;
};

enum { DIGEST_CHUNK = 128 * 1024 };

static const EVP_MD *digest_algorithm(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA384:
		return EVP_sha384();
	case DIGEST_SHA512:
		return EVP_sha512();
	case DIGEST_SHA1:
		return EVP_sha1();
	}
	return NULL;
}

/* OpenSSL gives no errno: what fails here is memory, or a provider that was not found. */
static int digest_failed(struct error **e, const char *what)
{
	char reason[256];
	ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
	ERR_clear_error();
	return error_set(e, ERROR_SYSTEM, 0, "%s: %s", what, reason);
}

static struct digest *digest_alloc(struct error **e)
{
	struct digest *d = calloc(1, sizeof *d);
	if (!d) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "digest");
		return NULL;
	}
	d->context = EVP_MD_CTX_new();
	if (!d->context) {
		digest_failed(e, "digest");
		digest_free(d);
		return NULL;
	}
	return d;
}

struct digest *digest_new(enum digest_kind kind, struct error **e)
{
	auto_digest *d = digest_alloc(e);
	if (!d)
		return NULL;
	if (EVP_DigestInit_ex(d->context, digest_algorithm(kind), NULL) != 1) {
		digest_failed(e, "start a digest");
		return NULL;
	}
	return take(&d);
}

struct digest *digest_copy(const struct digest *d, struct error **e)
{
	auto_digest *copy = digest_alloc(e);
	if (!copy)
		return NULL;
	if (EVP_MD_CTX_copy_ex(copy->context, d->context) != 1) {
		digest_failed(e, "copy a digest");
		return NULL;
	}
	return take(&copy);
}

int digest_update(struct digest *d, const void *data, size_t length, struct error **e)
{
	if (EVP_DigestUpdate(d->context, data, length) != 1)
		return digest_failed(e, "digest");
	return 0;
}

int digest_finish(struct digest *d, unsigned char out[DIGEST_SIZE_MAX], struct error **e)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned length;
	if (EVP_DigestFinal_ex(d->context, bytes, &length) != 1 || length > DIGEST_SIZE_MAX)
		return digest_failed(e, "end a digest");
	for (unsigned i = 0; i < length; i++)
		out[i] = bytes[i];
	return 0;
}

size_t digest_size(enum digest_kind kind)
{
	static const size_t sizes[] = {[DIGEST_SHA256] = 32,
		[DIGEST_SHA384] = 48,
		[DIGEST_SHA512] = 64,
		[DIGEST_SHA1] = 20};
	return sizes[kind];
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->context);
	free(d);
}

void digest_cleanup(struct digest **d)
{
	digest_free(*d);
}

int digest_fd(struct digest *d, int fd, struct error **e)
{
	unsigned char *auto_free chunk = malloc(DIGEST_CHUNK);
	if (!chunk)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "digest a file");
	for (off_t offset = 0;;) {
		/* A tarball on a slow card takes a minute. */
		if (interrupt_check(e) < 0)
			return -1;
		ssize_t n = pread(fd, chunk, DIGEST_CHUNK, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, ERROR_SYSTEM, errno, "read at %lld", (long long)offset);
		if (n == 0)
			return 0;
		if (digest_update(d, chunk, (size_t)n, e) < 0)
			return -1;
		offset += n;
	}
}

int digest_fd_hex(enum digest_kind kind, int fd, char hex[DIGEST_HEX_MAX], struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	auto_digest *d = digest_new(kind, e);
	if (!d || digest_fd(d, fd, e) < 0 || digest_finish(d, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(kind), hex);
	return 0;
}

void digest_hex(const unsigned char *bytes, size_t length, char *hex)
{
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	hex[2 * length] = '\0';
}
