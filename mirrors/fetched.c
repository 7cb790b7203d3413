/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product of fetching: an open file that nobody trusts yet. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/text.h"
#include "mirrors/fetch_part.h"

struct fetched {
	int fd;
	char *name;
	uint64_t size;
	size_t mirror;
	struct digest_set *digests; /* NULL: none were made */
};

struct fetched *fetched_new(
	int *fd, const char *name, uint64_t size, size_t mirror, struct error **e)
{
	struct fetched *f = calloc(1, sizeof *f);
	char *copy = strdup(name);
	if (!f || !copy) {
		free(f);
		free(copy);
		error_set(e, ERROR_SYSTEM, ENOMEM, "%s", name);
		return NULL;
	}
	*f = (struct fetched){take_fd(fd), copy, size, mirror, NULL};
	return f;
}

void fetched_set_digests(struct fetched *f, struct digest_set **digests)
{
	f->digests = take(digests);
}

const struct digest *fetched_digest(const struct fetched *f, enum digest_kind kind)
{
	return digest_set_get(f->digests, kind);
}

struct fetched *fetched_from_file(const char *path, struct error **e)
{
	/* O_NONBLOCK: a FIFO would hang the open. It means nothing to a regular file. */
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		error_set(e, errno == ENOENT ? ERROR_CONFIG : ERROR_SYSTEM, errno, "open %s", path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(e, ERROR_CONFIG, 0, "%s is no regular file", path);
		return NULL;
	}
	const char *slash = strrchr(path, '/');
	return fetched_new(&fd, slash ? slash + 1 : path, (uint64_t)st.st_size, 0, e);
}

bool fetched_others_may_write(const struct fetched *f)
{
	struct stat st;
	if (fstat(f->fd, &st) < 0)
		return true;
	return (st.st_uid != 0 && st.st_uid != geteuid()) || st.st_mode & (S_IWGRP | S_IWOTH);
}

/* Made with a name, which goes at once: O_TMPFILE is not everywhere. */
static int open_nameless(const char *name, int dirfd, struct error **e)
{
	char *auto_free path = text_format(e, ".%s.%d", name, (int)getpid());
	if (!path)
		return -1;
	int fd = openat(dirfd, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", path);
	unlinkat(dirfd, path, 0);
	return fd;
}

struct fetched *fetched_copy(
	const struct fetched *f, int dirfd, struct report *report, struct error **e)
{
	enum { PIECE_BYTES = 1 << 20 };
	char *auto_free piece = malloc(PIECE_BYTES);
	int auto_fd fd = piece ? open_nameless(f->name, dirfd, e) : -1;
	uint64_t at = 0;
	ssize_t n = -1;
	if (!piece)
		error_set(e, ERROR_SYSTEM, ENOMEM, "copy %s", f->name);
	while (fd >= 0 && interrupt_check(e) == 0) {
		n = pread(f->fd, piece, PIECE_BYTES, (off_t)at);
		if (n < 0)
			error_set(e, ERROR_SYSTEM, errno, "read %s", f->name);
		if (n <= 0)
			break;
		if (fd_write_all(fd, piece, (size_t)n, e) < 0) {
			n = -1;
			break;
		}
		at += (uint64_t)n;
		report_progress(report, at, f->size, REPORT_BYTES);
		n = -1;
	}
	return n == 0 ? fetched_new(&fd, f->name, at, 0, e) : NULL;
}

int fetched_fd(const struct fetched *f)
{
	return f->fd;
}

const char *fetched_name(const struct fetched *f)
{
	return f->name;
}

uint64_t fetched_size(const struct fetched *f)
{
	return f->size;
}

size_t fetched_mirror(const struct fetched *f)
{
	return f->mirror;
}

void fetched_free(struct fetched *f)
{
	if (!f)
		return;
	close(f->fd);
	digest_set_free(f->digests);
	free(f->name);
	free(f);
}
