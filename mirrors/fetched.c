/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The product of fetching: an open file that nobody trusts yet. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/text.h"
#include "mirrors/fetch_part.h"

struct fetched {
	int fd;
	char *name;
	uint64_t size;
	size_t mirror;
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
	*f = (struct fetched){take_fd(fd), copy, size, mirror};
	return f;
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
	free(f->name);
	free(f);
}
