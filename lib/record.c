/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/record.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"

enum { TYPE_END = 1, TYPE_ERROR = 2 };
enum { POLL_MS = 250 };

struct header {
	uint32_t type;
	uint32_t length;
};

/* The error as it crosses the pipe: fixed numbers, then message and hint, each NUL-terminated. */
struct error_record {
	int32_t code;
	int32_t errnum;
	char text[4096];
};

int record_send(int fd, uint32_t type, const void *data, size_t length, struct error **e)
{
	struct header h = {type, (uint32_t)length};
	if (length > RECORD_MAX)
		return error_set(e, ERROR_SYSTEM, EMSGSIZE, "record of %zu bytes", length);
	if (fd_write_all(fd, &h, sizeof h, e) < 0)
		return -1;
	return length ? fd_write_all(fd, data, length, e) : 0;
}

int record_send_end(int fd, const struct error *failure, struct error **e)
{
	if (!failure)
		return record_send(fd, TYPE_END, NULL, 0, e);
	struct error_record r = {(int32_t)error_code(failure), error_errno(failure), ""};
	size_t half = sizeof r.text / 2;
	snprintf(r.text, half, "%s", error_message(failure));
	size_t used = strlen(r.text) + 1;
	const char *hint = error_remedy(failure);
	snprintf(r.text + used, half, "%s", hint ? hint : "");
	used += strlen(r.text + used) + 1;
	return record_send(fd, TYPE_ERROR, &r, offsetof(struct error_record, text) + used, e);
}

/* Reads exactly `size` bytes. 0 at an end of file before the first byte. */
static int read_exactly(const struct record_reader *r, void *to, size_t size, struct error **e)
{
	size_t done = 0;
	while (done < size) {
		if (r->waiting && r->waiting(r->arg, e) < 0)
			return -1;
		struct pollfd p = {r->fd, POLLIN, 0};
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		ssize_t n = read(r->fd, (char *)to + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, ERROR_SYSTEM, errno, "read from a child");
		if (n == 0 && done == 0)
			return 0;
		if (n == 0)
			return error_set(e, ERROR_SYSTEM, 0, "a child ended in mid-record");
		done += (size_t)n;
	}
	return 1;
}

static enum record_outcome take_error(
	const struct record_reader *in, uint32_t length, struct error **e)
{
	struct error_record r;
	if (length < offsetof(struct error_record, text) + 2 || length > sizeof r) {
		error_set(e, ERROR_SYSTEM, EBADMSG, "read from a child");
		return RECORD_FAILED;
	}
	memcpy(&r, in->data, length);
	/* The text ends within what was sent: behind it lies our own stack. */
	((char *)&r)[length - 1] = '\0';
	const char *hint = r.text + strlen(r.text) + 1;
	if (r.code <= ERROR_NONE || !error_code_name((enum error_code)r.code))
		r.code = ERROR_SYSTEM;
	/* The message holds errno's text already. */
	error_set(e, (enum error_code)r.code, 0, "%s", r.text);
	if (hint < (char *)&r + length && *hint)
		error_hint(e, "%s", hint);
	return RECORD_UNWELL;
}

enum record_outcome record_next(
	const struct record_reader *r, struct record *record, struct error **e)
{
	struct header h;
	int got = read_exactly(r, &h, sizeof h, e);
	if (got <= 0)
		return got < 0 ? RECORD_FAILED : RECORD_CUT;
	if (h.length > RECORD_MAX) {
		error_set(e, ERROR_SYSTEM, EBADMSG, "read from a child");
		return RECORD_FAILED;
	}
	if (h.length && (got = read_exactly(r, r->data, h.length, e)) <= 0) {
		error_set(e, ERROR_SYSTEM, 0, "a child ended in mid-record");
		return RECORD_FAILED;
	}
	r->data[h.length] = '\0';
	if (h.type == TYPE_END)
		return RECORD_ENDED;
	if (h.type == TYPE_ERROR)
		return take_error(r, h.length, e);
	*record = (struct record){h.type, h.length, r->data};
	return RECORD_GOT;
}
