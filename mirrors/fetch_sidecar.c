/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the sidecar of a part is written and read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "mirrors/fetch_part.h"

enum {
	/* So much may be lost by a kill while a part is in several pieces; by a power cut. */
	SAVE_BYTES = 1 << 20,
	SYNC_BYTES = 32 << 20,
	FLUSH_BYTES = 4 << 20,
	PAD_BYTES = 512,
};

/* A weak ETag (W/"…") promises no equal bytes (RFC 9110, section 8.8.1). */
bool fetch_etag_is_strong(const char *etag)
{
	return etag && etag[0] == '"';
}

struct fetch_resume fetch_resume_decide(const struct fetch_item *item, uint64_t have,
	const struct fetch_meta *meta, const char *url, bool alike)
{
	struct fetch_resume anew = {.anew = true}, on = {.anew = false};
	if (!have || have >= item->limit || (item->size && have >= item->size) ||
		(meta->total && have >= meta->total))
		return anew;
	if (item->sha256) /* whoever the rest comes from: the hash decides */
		return on;
	if (item->version && alike && meta->version && strcmp(meta->version, item->version) == 0)
		return on;
	if (!meta->url || strcmp(meta->url, url) != 0 || !fetch_etag_is_strong(meta->etag))
		return anew;
	on.if_etag = meta->etag;
	return on;
}

/* Small files with a hash need none: their length says how much is there, the hash whether it is
 * good. */
static bool needs_meta(const struct fetch_part *p)
{
	if (p->pieces.count > 1)
		return true;
	return p->meta.url && (!p->item->sha256 || p->total > SYNC_BYTES);
}

void fetch_part_read_meta(struct fetch_part *p, uint64_t size)
{
	auto_buf text = BUF(FETCH_META_SIZE_MAX);
	char boot[40];
	fetch_meta_boot(boot);
	if (size && path_read_file(p->dirfd, p->meta_name, &text, NULL) == 0 &&
		fetch_meta_parse(buf_text(&text), &p->meta, NULL) < 0)
		fetch_meta_free(&p->meta);
	if (p->meta.url && p->item->size && p->meta.total != p->item->size)
		fetch_meta_free(&p->meta);
	if (p->meta.total)
		p->total = p->meta.total;
	p->meta_length = text.length;
	bool same_boot = *boot && strcmp(boot, p->meta.boot) == 0;
	uint64_t have = size;
	if (p->meta.url && !same_boot && p->meta.synced < size)
		have = p->meta.synced;
	if (p->total && have > p->total)
		have = 0;
	fetch_pieces_one(&p->pieces, have, p->total);
	if (p->meta.have_count && same_boot && fetch_pieces_from(&p->pieces, &p->meta, size) < 0)
		fetch_pieces_one(&p->pieces, 0, p->total);
}

/* What can be continued by nothing needs no sidecar. */
int fetch_part_new_meta(
	struct fetch_part *p, const struct http_head *head, const char *url, struct error **e)
{
	const struct fetch_item *item = p->item;
	const char *etag = fetch_etag_is_strong(head->etag) ? head->etag : "";
	fetch_meta_free(&p->meta);
	unlinkat(p->dirfd, p->meta_name, 0);
	p->meta_length = 0;
	p->unsaved = p->unsynced = 0;
	if (!item->sha256 && !item->version && !*etag)
		return 0;
	fetch_meta_boot(p->meta.boot);
	p->meta.url = text_copy(url, e);
	p->meta.etag = text_copy(etag, e);
	p->meta.version = text_copy(item->version ? item->version : "", e);
	p->meta.total = p->total;
	if (!p->meta.url || !p->meta.etag || !p->meta.version)
		return -1;
	return needs_meta(p) ? fetch_part_save(p, e) : 0;
}

static void list_ranges(struct fetch_part *p)
{
	p->meta.have_count = 0;
	if (p->pieces.count == 1)
		return;
	for (size_t i = 0; i < p->pieces.count; i++) {
		const struct fetch_piece *one = &p->pieces.items[i];
		if (one->at > one->from)
			p->meta.have[p->meta.have_count++] =
				(struct fetch_range){one->from, one->at};
	}
}

/* One write of at least the old length: a kill leaves the old text or the new. Not synced: one that
 * a power cut tore does not parse, and then the file begins anew. */
int fetch_part_save(struct fetch_part *p, struct error **e)
{
	auto_buf text = BUF(FETCH_META_SIZE_MAX);
	list_ranges(p);
	p->meta.total = p->total;
	p->unsaved = 0;
	if (fetch_meta_print(&p->meta, &text, e) < 0)
		return -1;
	while (text.length < p->meta_length || text.length % PAD_BYTES)
		if (buf_puts(&text, "\n", e) < 0)
			return -1;
	int auto_fd fd =
		openat(p->dirfd, p->meta_name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", p->meta_name);
	p->meta_length = text.length;
	return fd_write_all(fd, text.data, text.length, e) < 0 ? error_wrap(e, "%s", p->meta_name)
							       : 0;
}

/* Writing to the disk is begun early, so that there is little to wait for when it must be done. */
static int sync_part(struct fetch_part *p, struct error **e)
{
	if (p->unsynced < SYNC_BYTES)
		return 0;
	if (fdatasync(p->fd) < 0)
		return error_set(e, fd_error_code(errno), errno, "write %s", p->name);
	p->unsynced = 0;
	p->meta.synced = p->pieces.items[0].at;
	return fetch_part_save(p, e);
}

int fetch_part_wrote(struct fetch_part *p, size_t length, struct error **e)
{
	uint64_t before = p->unsynced;
	p->unsynced += length;
	p->unsaved += length;
	if (!needs_meta(p))
		return 0;
	if (before / FLUSH_BYTES != p->unsynced / FLUSH_BYTES)
		sync_file_range(p->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (sync_part(p, e) < 0)
		return -1;
	bool several = p->pieces.count > 1 || p->meta.have_count;
	return several && p->unsaved >= SAVE_BYTES ? fetch_part_save(p, e) : 0;
}
