/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/text.h"

struct tar_writer {
	struct archive *archive;
	struct archive_entry *entry;
	int fd; /* -1: what is written now goes nowhere */
	int failed; /* errno of a write that failed */
};

static la_ssize_t write_block(struct archive *a, void *arg, const void *data, size_t length)
{
	struct tar_writer *t = arg;
	ssize_t n;
	if (t->fd < 0)
		return (la_ssize_t)length;
	do
		n = write(t->fd, data, length);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		t->failed = errno;
		archive_set_error(a, errno, "write");
	}
	return n;
}

static int failed(const struct tar_writer *t, struct error **e)
{
	if (t->failed)
		return error_set(e, fd_error_code(t->failed), t->failed, "write archive");
	const char *why = archive_error_string(t->archive);
	return error_set(e, ERROR_SYSTEM, 0, "write archive: %s", why ? why : "failed");
}

struct tar_writer *tar_writer_open(int fd, struct error **e)
{
	struct tar_writer *t = calloc(1, sizeof *t);
	if (!t || !(t->archive = archive_write_new()) || !(t->entry = archive_entry_new())) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "write archive");
		tar_writer_free(t);
		return NULL;
	}
	t->fd = fd;
	/* GNU's: names are bytes of any length, where pax would want them in UTF-8. */
	if (archive_write_set_format_gnutar(t->archive) != ARCHIVE_OK ||
		archive_write_open(t->archive, t, NULL, write_block, NULL) != ARCHIVE_OK) {
		failed(t, e);
		tar_writer_free(t);
		return NULL;
	}
	return t;
}

int tar_writer_add(
	struct tar_writer *t, const char *path, const void *data, size_t length, struct error **e)
{
	bool directory = text_has_suffix(path, "/");
	archive_entry_clear(t->entry);
	archive_entry_copy_pathname(t->entry, path);
	archive_entry_set_filetype(t->entry, directory ? AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(t->entry, directory ? 0755 : 0644);
	archive_entry_set_size(t->entry, directory ? 0 : (la_int64_t)length);
	/* The same input gives the same bytes: no owner, no date. */
	archive_entry_set_mtime(t->entry, 0, 0);
	if (archive_write_header(t->archive, t->entry) != ARCHIVE_OK)
		return failed(t, e);
	if (!directory && archive_write_data(t->archive, data, length) != (la_ssize_t)length)
		return failed(t, e);
	return 0;
}

int tar_writer_close(struct tar_writer *t, struct error **e)
{
	return archive_write_close(t->archive) == ARCHIVE_OK ? 0 : failed(t, e);
}

void tar_writer_free(struct tar_writer *t)
{
	if (!t)
		return;
	/* Not closed: an error path. The free would write an end mark, as if all were well. */
	t->fd = -1;
	archive_write_free(t->archive);
	archive_entry_free(t->entry);
	free(t);
}
