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
#include "lib/path.h"
#include "lib/text.h"

enum { META_SIZE_MAX = 16 * 1024, CHUNK = 64 * 1024 };

void fetch_meta_free(struct fetch_meta *m)
{
	free(m->url);
	free(m->etag);
	*m = (struct fetch_meta){0};
}

int fetch_meta_print(const struct fetch_meta *m, struct buf *to, struct error **e)
{
	return buf_printf(
		to, e, "url %s\netag %s\ntotal %" PRIu64 "\nend\n", m->url, m->etag, m->total);
}

/* Three lines and the word that says the file was written whole. */
int fetch_meta_parse(const char *text, struct fetch_meta *to, struct error **e)
{
	auto_strings lines = {0};
	int64_t total;
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	if (lines.count != 4 || !text_has_prefix(lines.items[0], "url ") ||
		!text_has_prefix(lines.items[1], "etag ") ||
		!text_has_prefix(lines.items[2], "total ") || strcmp(lines.items[3], "end") != 0 ||
		text_to_int64(lines.items[2] + 6, 0, INT64_MAX, &total) < 0)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "sidecar");
	char *url = text_copy(lines.items[0] + 4, e);
	char *etag = text_copy(lines.items[1] + 5, e);
	if (!url || !etag) {
		free(url);
		free(etag);
		return -1;
	}
	*to = (struct fetch_meta){url, etag, (uint64_t)total};
	return 0;
}

/* A weak ETag (W/"…") promises no equal bytes (RFC 9110, section 8.8.1). */
static bool etag_is_strong(const char *etag)
{
	return etag && etag[0] == '"';
}

struct fetch_resume fetch_resume_decide(const struct fetch_item *item, uint64_t part_size,
	const struct fetch_meta *meta, const char *url)
{
	struct fetch_resume anew = {0, NULL};
	if (!part_size || part_size >= item->limit || (item->size && part_size >= item->size))
		return anew;
	if (item->sha256) /* whoever the rest comes from: the hash decides */
		return (struct fetch_resume){part_size, NULL};
	if (!meta->url || strcmp(meta->url, url) != 0 || !etag_is_strong(meta->etag) ||
		(meta->total && part_size >= meta->total))
		return anew;
	return (struct fetch_resume){part_size, meta->etag};
}

static void read_meta(struct fetch_part *p)
{
	auto_buf text = BUF(META_SIZE_MAX);
	if (p->at && !p->item->sha256 && path_read_file(p->dirfd, p->meta_name, &text, NULL) == 0 &&
		fetch_meta_parse(buf_text(&text), &p->meta, NULL) < 0)
		fetch_meta_free(&p->meta);
}

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
	if (fstatat(dirfd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		p->at = (uint64_t)st.st_size;
	read_meta(p);
	return 0;
}

void fetch_part_discard(struct fetch_part *p)
{
	if (p->fd >= 0)
		close(take_fd(&p->fd));
	unlinkat(p->dirfd, p->name, 0);
	unlinkat(p->dirfd, p->meta_name, 0);
	fetch_meta_free(&p->meta);
	p->at = 0;
	p->total = p->item->size;
}

void fetch_part_free(struct fetch_part *p)
{
	const char *url = p->meta.url ? p->meta.url : "";
	bool begun = p->name && p->meta_name && (p->fd >= 0 || p->at);
	if (begun && !fetch_resume_decide(p->item, p->at, &p->meta, url).offset)
		fetch_part_discard(p);
	if (p->fd >= 0)
		close(p->fd);
	fetch_meta_free(&p->meta);
	digest_free(p->digest);
	free(p->name);
	free(p->meta_name);
	*p = (struct fetch_part){.fd = -1};
}

/* The space error says how much is missing. */
static int write_failed(const struct fetch_part *p, int errnum, struct error **e)
{
	char size[32];
	uint64_t rest = p->total > p->at ? p->total - p->at : 0;
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
	return 0;
}

static int hash_again(struct fetch_part *p, struct error **e)
{
	char *auto_free chunk = malloc(CHUNK);
	if (!chunk)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "%s", p->name);
	for (uint64_t done = 0; done < p->at;) {
		uint64_t left = p->at - done;
		ssize_t n = pread(p->fd, chunk, left < CHUNK ? (size_t)left : CHUNK, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(e, ERROR_SYSTEM, n < 0 ? errno : EIO, "read %s", p->name);
		if (digest_update(p->digest, chunk, (size_t)n, e) < 0)
			return -1;
		done += (uint64_t)n;
	}
	return 0;
}

static int begin_digest(struct fetch_part *p, struct error **e)
{
	if (!p->item->sha256)
		return 0;
	digest_free(p->digest);
	p->digest = digest_new(DIGEST_SHA256, e);
	return p->digest ? hash_again(p, e) : -1;
}

/* Without an ETag there is nothing to continue by, and with a hash no need of it. Not synced: a
 * torn one does not parse, and then the file begins anew. */
static int write_meta(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	auto_buf text = BUF(META_SIZE_MAX);
	fetch_meta_free(&p->meta);
	unlinkat(p->dirfd, p->meta_name, 0);
	if (p->item->sha256 || !etag_is_strong(head->etag))
		return 0;
	p->meta.url = text_copy(url, e);
	p->meta.etag = text_copy(head->etag, e);
	p->meta.total = head->total;
	if (!p->meta.url || !p->meta.etag || fetch_meta_print(&p->meta, &text, e) < 0)
		return -1;
	int auto_fd fd = openat(
		p->dirfd, p->meta_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", p->meta_name);
	return fd_write_all(fd, text.data, text.length, e) < 0 ? error_wrap(e, "%s", p->meta_name)
							       : 0;
}

int fetch_part_begin(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	if (open_part(p, e) < 0)
		return -1;
	bool other = head->etag && p->meta.etag && strcmp(head->etag, p->meta.etag) != 0;
	if (head->from && (head->from != p->at || (!p->item->sha256 && other))) {
		fetch_part_discard(p);
		return error_set(e, ERROR_NETWORK, 0, "%s: the rest of another file", url);
	}
	if (!head->from && ftruncate(p->fd, 0) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "truncate %s", p->name);
	p->at = head->from;
	if (head->total)
		p->total = head->total;
	if (begin_digest(p, e) < 0)
		return -1;
	return head->from ? 0 : write_meta(p, head, url, e);
}

int fetch_part_write(struct fetch_part *p, const void *data, size_t length, struct error **e)
{
	uint64_t most = p->item->size ? p->item->size : p->item->limit;
	if (p->at > most || length > most - p->at)
		return error_set(e, ERROR_NETWORK, 0, "%s: more than %" PRIu64 " bytes",
			p->item->file, most);
	for (size_t done = 0; done < length;) {
		ssize_t n = pwrite(p->fd, (const char *)data + done, length - done, (off_t)p->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return write_failed(p, errno, e);
		if (p->digest &&
			digest_update(p->digest, (const char *)data + done, (size_t)n, e) < 0)
			return -1;
		done += (size_t)n;
		p->at += (uint64_t)n;
	}
	return 0;
}

static int check_hash(struct fetch_part *p, struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	char hex[DIGEST_HEX_MAX];
	if (!p->item->sha256)
		return 0;
	if (digest_finish(p->digest, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(DIGEST_SHA256), hex);
	if (strcmp(hex, p->item->sha256) == 0)
		return 0;
	fetch_part_discard(p);
	return error_set(
		e, ERROR_TRUST, 0, "its SHA-256 is %.16s… instead of %.16s…", hex, p->item->sha256);
}

static struct fetched *make_product(struct fetch_part *p, size_t mirror, struct error **e)
{
	if (renameat(p->dirfd, p->name, p->dirfd, p->item->file) < 0) {
		error_set(e, ERROR_SYSTEM, errno, "rename %s", p->name);
		return NULL;
	}
	unlinkat(p->dirfd, p->meta_name, 0);
	uint64_t size = p->at;
	p->at = 0;
	return fetched_new(&p->fd, p->item->file, size, mirror, e);
}

struct fetched *fetch_part_finish(struct fetch_part *p, size_t mirror, struct error **e)
{
	if (p->item->size && p->at != p->item->size) {
		error_set(e, ERROR_NETWORK, 0, "%s: %" PRIu64 " bytes instead of %" PRIu64,
			p->item->file, p->at, p->item->size);
		return NULL;
	}
	return check_hash(p, e) < 0 ? NULL : make_product(p, mirror, e);
}

/* Whether the open file is what the item wants. 1, 0, -1. */
static int is_wanted(const struct fetch_part *p, int fd, uint64_t *size, struct error **e)
{
	char hex[DIGEST_HEX_MAX];
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return 0;
	*size = (uint64_t)st.st_size;
	if (*size > p->item->limit || (p->item->size && *size != p->item->size))
		return 0;
	if (digest_fd_hex(DIGEST_SHA256, fd, hex, e) < 0)
		return error_wrap(e, "%s", p->item->file);
	return strcmp(hex, p->item->sha256) == 0;
}

int fetch_part_adopt(struct fetch_part *p, struct fetched **out, struct error **e)
{
	enum { FLAGS = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
	uint64_t size = 0;
	if (!p->item->sha256)
		return 0;
	int auto_fd fd = openat(p->dirfd, p->item->file, O_RDONLY | FLAGS);
	int there = fd >= 0 ? is_wanted(p, fd, &size, e) : 0;
	if (there > 0) {
		*out = fetched_new(&fd, p->item->file, size, 0, e);
		return *out ? 1 : -1;
	}
	if (there < 0 || !p->at || (p->item->size && p->at != p->item->size))
		return there;
	p->fd = openat(p->dirfd, p->name, O_RDWR | FLAGS);
	int whole = p->fd >= 0 ? is_wanted(p, p->fd, &size, e) : 0;
	if (whole <= 0)
		return whole;
	*out = make_product(p, 0, e);
	return *out ? 1 : -1;
}
