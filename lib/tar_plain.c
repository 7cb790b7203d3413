/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar.h"

#include <archive.h>

#include "lib/fd.h"
#include "lib/tar_input.h"

static int copy(struct tar_input *in, const struct tar_plain *p, struct error **e)
{
	struct tar_piece piece;
	uint64_t written = 0;
	int got;
	while ((got = tar_input_piece(in, &piece, e)) > 0) {
		if (piece.size > p->limit - written)
			return error_set(e, ERROR_TRUST, 0, "unpacks to more than %llu bytes",
				(unsigned long long)p->limit);
		if (fd_write_all(p->to, piece.data, piece.size, e) < 0)
			return -1;
		written += piece.size;
		if (p->advanced && p->advanced(p->arg, written, e) < 0)
			return -1;
	}
	return got < 0 ? -1 : 1;
}

int tar_plain(const struct tar_plain *p, struct error **e)
{
	struct tar_input in;
	if (tar_input_open_raw(&in, p->from, e) < 0)
		return -1;
	/* The descriptor counts as one filter. */
	int result = archive_filter_count(in.archive) > 1 ? copy(&in, p, e) : 0;
	tar_input_close(&in);
	return result;
}
