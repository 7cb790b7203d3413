/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration's file: found, and unpacked by a worker. */
#include "doctor/kernel_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/tar.h"
#include "lib/text.h"
#include "lib/worker.h"

/* Debian's largest has 320 KiB. */
enum { TEXT_MAX_BYTES = 4 << 20, TYPE_TEXT = WORKER_TYPE_FIRST };

/* In the worker. */
static int unpack(struct worker_out *out, void *arg, struct error **e)
{
	auto_buf text = BUF(TEXT_MAX_BYTES);
	if (tar_decompress(*(int *)arg, &text, e) < 0)
		return -1;
	for (size_t at = 0, piece; at < text.length; at += piece) {
		piece = text.length - at;
		if (piece > WORKER_RECORD_MAX)
			piece = WORKER_RECORD_MAX;
		if (worker_send(out, TYPE_TEXT, text.data + at, piece, e) < 0)
			return -1;
	}
	return 0;
}

static int read_text(int fd, struct buf *text, struct error **e)
{
	const struct worker_rights rights = {
		.unprivileged = true, .root = -1, .keep = &fd, .keep_count = 1};
	struct worker_record record;
	auto_worker *w = worker_start(&rights, unpack, &fd, e);
	int got = w ? 1 : -1;
	while (got > 0 && (got = worker_next(w, &record, 0, e)) > 0)
		if (record.type != TYPE_TEXT || buf_append(text, record.data, record.length, e) < 0)
			return error_set(e, ERROR_SYSTEM, EBADMSG, "unpack it");
	return got;
}

int kernel_config_read(struct kernel_config *c, const char *path, struct error **e)
{
	auto_buf text = BUF(TEXT_MAX_BYTES);
	struct kernel_config new;
	auto_error *broken = NULL;
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(e, ERROR_CONFIG, errno, "open %s", path);
	/* What cannot be unpacked is no matter of trust here, but a wrong file. */
	if (read_text(fd, &text, &broken) < 0)
		return error_code(broken) == ERROR_INTERRUPTED
			       ? error_set(e, ERROR_INTERRUPTED, 0, "read %s", path)
			       : error_set(e, ERROR_CONFIG, 0, "read %s: %s", path,
					 error_message(broken));
	if (kernel_config_parse(&new, buf_text(&text), e) < 0)
		return error_wrap(e, "%s", path);
	free(new.source);
	new.source = text_copy(path, e);
	if (!new.source) {
		kernel_config_free(&new);
		return -1;
	}
	*c = new;
	return 0;
}

int kernel_config_find(const char *root, const char *release, char **path, struct error **e)
{
	/* In this order, that of the kernel itself first: the others may be of a build that was
	 * not booted. */
	static const char *const places[] = {
		"/proc/config.gz",
		"/boot/config-%s",
		"/lib/modules/%s/config",
		"/lib/modules/%s/build/.config",
	};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		auto_buf name = BUF(0);
		const char *at = strstr(places[i], "%s");
		if (buf_puts(&name, root, e) < 0 ||
			buf_append(&name, places[i],
				at ? (size_t)(at - places[i]) : strlen(places[i]), e) < 0 ||
			(at && buf_printf(&name, e, "%s%s", release, at + 2) < 0))
			return -1;
		if (path_exists(AT_FDCWD, buf_text(&name))) {
			*path = buf_take(&name);
			return 1;
		}
	}
	return 0;
}
