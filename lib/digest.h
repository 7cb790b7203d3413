/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message digests by OpenSSL: streaming, copied in mid-stream, hex. */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

enum digest_kind { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA1 };
enum { DIGEST_SIZE_MAX = 64, DIGEST_HEX_MAX = 2 * DIGEST_SIZE_MAX + 1 };

struct digest;

struct digest *digest_new(enum digest_kind kind, struct error **e) must_check;
struct digest *digest_copy(const struct digest *d, struct error **e) must_check;
int digest_update(struct digest *d, const void *data, size_t length, struct error **e) must_check;
/* Writes digest_size(kind) bytes; the digest cannot be updated afterwards. */
int digest_finish(
	struct digest *d, unsigned char out[DIGEST_SIZE_MAX], struct error **e) must_check;
size_t digest_size(enum digest_kind kind);
void digest_free(struct digest *d);
void digest_cleanup(struct digest **d);
#define auto_digest __attribute__((cleanup(digest_cleanup))) struct digest

/* Feeds the whole file behind fd, read by pread from 0: the offset is not touched. */
int digest_fd(struct digest *d, int fd, struct error **e) must_check;
/* Lower-case hex of the whole file behind fd, read by pread from 0: the offset is not touched. */
int digest_fd_hex(
	enum digest_kind kind, int fd, char hex[DIGEST_HEX_MAX], struct error **e) must_check;
void digest_hex(const unsigned char *bytes, size_t length, char *hex);

#endif
