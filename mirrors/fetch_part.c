/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"

int fetch_part_init(
	struct fetch_part *p, int dirfd, const struct fetch_item *item, struct error **e)
{
	struct stat st;
	*p = (struct fetch_part){.dirfd = dirfd, .item = item, .fd = -1};
	p->name = text_format(e, "%s.part", item->file);
	p->meta_name = text_format(e, "%s.part.meta", item->file);
	if (!p->name || !p->meta_name)
		return -1;
	p->total = item->size;
	bool there = fstatat(dirfd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
	fetch_part_read_meta(p, there ? (uint64_t)st.st_size : 0);
	return 0;
}

/* What is hashed is hashed from the beginning. */
static int begin_digests(struct fetch_part *p, struct error **e)
{
	unsigned kinds = p->item->digests;
	if (p->item->sha256)
		kinds |= 1u << DIGEST_SHA256;
	digest_set_free(p->digests);
	p->hashed = 0;
	p->digests = digest_set_new(kinds, e);
	return p->digests ? 0 : -1;
}

void fetch_part_discard(struct fetch_part *p)
{
	if (p->fd >= 0)
		close(take_fd(&p->fd));
	unlinkat(p->dirfd, p->name, 0);
	unlinkat(p->dirfd, p->meta_name, 0);
	fetch_meta_free(&p->meta);
	digest_set_free(take(&p->digests));
	p->meta_length = 0;
	p->hashed = p->unsaved = p->unsynced = 0;
	p->total = p->item->size;
	fetch_pieces_one(&p->pieces, 0, p->total);
}

void fetch_part_free(struct fetch_part *p)
{
	const char *url = p->meta.url ? p->meta.url : "";
	uint64_t have = p->name ? fetch_pieces_have(&p->pieces) : 0;
	bool begun = p->name && p->meta_name && (p->fd >= 0 || have);
	if (begun && fetch_resume_decide(p->item, have, &p->meta, url, true).anew)
		fetch_part_discard(p);
	else if (p->fd >= 0 && (p->pieces.count > 1 || p->meta.have_count) &&
		 fetch_part_save(p, NULL) < 0)
		fetch_part_discard(p); /* without its sidecar it would pass for what it is not */
	if (p->fd >= 0)
		close(p->fd);
	fetch_meta_free(&p->meta);
	digest_set_free(p->digests);
	free(p->name);
	free(p->meta_name);
	*p = (struct fetch_part){.fd = -1};
}

/* The space error says how much is missing. */
static int write_failed(const struct fetch_part *p, int errnum, struct error **e)
{
	char size[32];
	uint64_t have = fetch_pieces_have(&p->pieces);
	uint64_t rest = p->total > have ? p->total - have : 0;
	text_size(size, sizeof size, rest);
	error_set(e, fd_error_code(errnum), errnum, "write %s", p->name);
	if (fd_error_code(errnum) != ERROR_SPACE || !rest)
		return -1;
	return error_hint(e, "free %s, then run the same command again: it resumes", size);
}

static int open_part(struct fetch_part *p, struct error **e)
{
	if (p->fd >= 0)
		return 0;
	p->fd = openat(p->dirfd, p->name,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	struct stat st;
	if (p->fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", p->name);
	if (fstat(p->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(e, ERROR_SYSTEM, 0, "%s is no regular file", p->name);
	return p->digests ? 0 : begin_digests(p, e);
}

/* The bytes before `to` that were not hashed as they came: those of an earlier run, or of a piece
 * that was fetched out of its order. */
static int catch_up(struct fetch_part *p, uint64_t to, struct error **e)
{
	if (p->hashed >= to)
		return 0;
	if (digest_set_range(p->digests, p->fd, p->hashed, to, e) < 0)
		return error_wrap(e, "%s", p->name);
	p->hashed = to;
	return 0;
}

static int begin_anew(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	if (ftruncate(p->fd, 0) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "truncate %s", p->name);
	p->total = p->item->size ? p->item->size : head->total;
	fetch_pieces_one(&p->pieces, 0, p->total);
	p->pieces.items[0].taken = true;
	if (begin_digests(p, e) < 0)
		return -1;
	return fetch_part_new_meta(p, head, url, e);
}

bool fetch_part_begins_anew(const struct fetch_part *p, const struct http_head *head)
{
	/* In several pieces, one from 0 to the next is as good as any. */
	return !head->from && (p->pieces.count == 1 || p->pieces.items[0].at);
}

int fetch_part_begin(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	if (open_part(p, e) < 0)
		return -1;
	if (fetch_part_begins_anew(p, head))
		return begin_anew(p, head, url, e);
	bool decided = p->item->sha256 || (p->item->version && p->meta.version &&
						  strcmp(p->item->version, p->meta.version) == 0);
	bool other = head->etag && p->meta.etag && *p->meta.etag &&
		     strcmp(head->etag, p->meta.etag) != 0;
	bool misfit = p->total && head->total && head->total != p->total;
	if (misfit || (!decided && other) || !fetch_pieces_at(&p->pieces, head->from)) {
		if (!decided)
			fetch_part_discard(p);
		return error_set(e, ERROR_NETWORK, 0, "%s: the rest of another file", url);
	}
	if (!p->total && head->total) {
		p->total = head->total;
		fetch_pieces_set_total(&p->pieces, p->total);
	}
	/* A hash came without a sidecar from the earlier run. */
	if (!p->meta.url && p->item->sha256)
		return fetch_part_new_meta(p, head, url, e);
	return 0;
}

static int write_all(
	struct fetch_part *p, uint64_t at, const void *data, size_t length, struct error **e)
{
	for (size_t done = 0; done < length;) {
		ssize_t n =
			pwrite(p->fd, (const char *)data + done, length - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return write_failed(p, errno, e);
		done += (size_t)n;
	}
	return 0;
}

int fetch_part_write(
	struct fetch_part *p, uint64_t *at, const void *data, size_t length, struct error **e)
{
	uint64_t most = p->item->size ? p->item->size : p->item->limit;
	struct fetch_piece *piece = fetch_pieces_at(&p->pieces, *at);
	if (!piece || p->fd < 0)
		return error_set(e, ERROR_NETWORK, 0, "%s: bytes that nobody wants", p->item->file);
	bool whole = piece->end == FETCH_END_UNKNOWN || (p->total && piece->end == p->total);
	if (length > piece->end - *at && !whole)
		length = (size_t)(piece->end - *at);
	if (*at > most || length > most - *at || length > piece->end - *at)
		return error_set(e, ERROR_NETWORK, 0, "%s: more than %" PRIu64 " bytes",
			p->item->file, p->total ? p->total : most);
	if (write_all(p, *at, data, length, e) < 0)
		return -1;
	bool first = piece == &p->pieces.items[0];
	if (first &&
		(catch_up(p, *at, e) < 0 || digest_set_update(p->digests, data, length, e) < 0))
		return -1;
	*at += length;
	if (first)
		p->hashed = *at;
	fetch_pieces_advance(&p->pieces, piece, length);
	return fetch_part_wrote(p, length, e);
}

static int check_hash(struct fetch_part *p, struct error **e)
{
	char hex[DIGEST_HEX_MAX];
	if (!p->item->sha256)
		return 0;
	if (digest_set_hex(p->digests, DIGEST_SHA256, hex, e) < 0)
		return -1;
	if (strcmp(hex, p->item->sha256) == 0)
		return 0;
	fetch_part_discard(p);
	return error_set(
		e, ERROR_TRUST, 0, "its SHA-256 is %.16s… instead of %.16s…", hex, p->item->sha256);
}

static struct fetched *make_product(
	struct fetch_part *p, uint64_t size, size_t mirror, struct error **e)
{
	if (renameat(p->dirfd, p->name, p->dirfd, p->item->file) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "rename %s", p->name);
		return NULL;
	}
	unlinkat(p->dirfd, p->meta_name, 0);
	fetch_meta_free(&p->meta);
	fetch_pieces_one(&p->pieces, 0, p->item->size);
	struct fetched *f = fetched_new(&p->fd, p->item->file, size, mirror, e);
	if (f)
		fetched_set_digests(f, &p->digests);
	return f;
}

struct fetched *fetch_part_finish(struct fetch_part *p, size_t mirror, struct error **e)
{
	uint64_t size = fetch_pieces_have(&p->pieces);
	bool whole = p->pieces.count == 1 && (!p->item->size || size == p->item->size);
	if (!whole || p->fd < 0) {
		error_set(e, ERROR_NETWORK, 0, "%s: %" PRIu64 " bytes instead of %" PRIu64,
			p->item->file, size, p->item->size);
		return NULL;
	}
	/* Behind it may lie what an earlier run wrote and a power cut made doubtful. */
	if (ftruncate(p->fd, (off_t)size) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "truncate %s", p->name);
		return NULL;
	}
	if (catch_up(p, size, e) < 0 || check_hash(p, e) < 0)
		return NULL;
	return make_product(p, size, mirror, e);
}

/* Whether the open file is what the item wants. 1, 0, -1. */
static int is_wanted(struct fetch_part *p, int fd, uint64_t *size, struct error **e)
{
	char hex[DIGEST_HEX_MAX];
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return 0;
	*size = (uint64_t)st.st_size;
	if (*size > p->item->limit || (p->item->size && *size != p->item->size))
		return 0;
	if (begin_digests(p, e) < 0 || digest_set_range(p->digests, fd, 0, *size, e) < 0 ||
		digest_set_hex(p->digests, DIGEST_SHA256, hex, e) < 0)
		return error_wrap(e, "%s", p->item->file);
	if (strcmp(hex, p->item->sha256) == 0)
		return 1;
	digest_set_free(take(&p->digests));
	return 0;
}

int fetch_part_adopt(struct fetch_part *p, struct fetched **out, struct error **e)
{
	enum { FLAGS = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
	uint64_t size = 0, have = fetch_pieces_have(&p->pieces);
	if (!p->item->sha256)
		return 0;
	int auto_fd fd = openat(p->dirfd, p->item->file, O_RDONLY | FLAGS);
	int there = fd >= 0 ? is_wanted(p, fd, &size, e) : 0;
	if (there > 0) {
		*out = fetched_new(&fd, p->item->file, size, 0, e);
		if (!*out)
			return -1;
		fetched_set_digests(*out, &p->digests);
		return 1;
	}
	if (there < 0 || !have || p->pieces.count > 1 || (p->item->size && have != p->item->size))
		return there;
	p->fd = openat(p->dirfd, p->name, O_RDWR | FLAGS);
	int whole = p->fd >= 0 ? is_wanted(p, p->fd, &size, e) : 0;
	if (whole <= 0) {
		if (p->fd >= 0)
			close(take_fd(&p->fd));
		return whole;
	}
	*out = make_product(p, size, 0, e);
	return *out ? 1 : -1;
}
