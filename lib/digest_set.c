/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/digest_set.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"

enum { CHUNK = 128 * 1024 };

struct digest_set {
	struct digest *digests[DIGEST_KINDS];
};

struct digest_set *digest_set_new(unsigned kinds, struct error **e)
{
	struct digest_set *s = calloc(1, sizeof *s);
	if (!s) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "digest");
		return NULL;
	}
	for (unsigned kind = 0; kind < DIGEST_KINDS; kind++) {
		if (!(kinds >> kind & 1))
			continue;
		s->digests[kind] = digest_new((enum digest_kind)kind, e);
		if (!s->digests[kind]) {
			digest_set_free(s);
			return NULL;
		}
	}
	return s;
}

int digest_set_update(struct digest_set *s, const void *data, size_t length, struct error **e)
{
	for (unsigned kind = 0; kind < DIGEST_KINDS; kind++)
		if (s->digests[kind] && digest_update(s->digests[kind], data, length, e) < 0)
			return -1;
	return 0;
}

int digest_set_range(struct digest_set *s, int fd, uint64_t from, uint64_t to, struct error **e)
{
	char *auto_free chunk = malloc(CHUNK);
	if (!chunk)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "digest a file");
	while (from < to) {
		uint64_t left = to - from;
		ssize_t n = pread(fd, chunk, left < CHUNK ? (size_t)left : CHUNK, (off_t)from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(e, ERROR_SYSTEM, n < 0 ? errno : EIO, "read at %llu",
				(unsigned long long)from);
		if (digest_set_update(s, chunk, (size_t)n, e) < 0)
			return -1;
		from += (uint64_t)n;
	}
	return 0;
}

const struct digest *digest_set_get(const struct digest_set *s, enum digest_kind kind)
{
	return s ? s->digests[kind] : NULL;
}

int digest_set_hex(const struct digest_set *s, enum digest_kind kind, char hex[DIGEST_HEX_MAX],
	struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	auto_digest *d = digest_copy(s->digests[kind], e);
	if (!d || digest_finish(d, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(kind), hex);
	return 0;
}

void digest_set_free(struct digest_set *s)
{
	if (!s)
		return;
	for (unsigned kind = 0; kind < DIGEST_KINDS; kind++)
		digest_free(s->digests[kind]);
	free(s);
}
