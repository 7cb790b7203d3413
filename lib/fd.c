/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

enum error_code fd_error_code(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT ? ERROR_SPACE : ERROR_SYSTEM;
}

ssize_t fd_read(int fd, void *data, size_t size, struct error **e)
{
	size_t done = 0;
	while (done < size) {
		ssize_t n = read(fd, (char *)data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, ERROR_SYSTEM, errno, "read");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int fd_read_all(int fd, struct buf *to, struct error **e)
{
	for (;;) {
		char *at = buf_reserve(to, CHUNK, NULL);
		char one[1];
		ssize_t n;
		if (at) {
			n = fd_read(fd, at, CHUNK, e);
		} else { /* near the limit: byte by byte, so that the limit itself still fits */
			n = fd_read(fd, one, 1, e);
			if (n > 0 && buf_append(to, one, 1, e) < 0)
				return -1;
			if (n > 0)
				continue;
		}
		if (n < 0)
			return -1;
		if (n == 0)
			return buf_append(to, "", 0, e);
		to->length += (size_t)n;
		to->data[to->length] = '\0';
	}
}

int fd_write_all(int fd, const void *data, size_t length, struct error **e)
{
	size_t done = 0;
	while (done < length) {
		ssize_t n = write(fd, (const char *)data + done, length - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, fd_error_code(errno), errno, "write");
		done += (size_t)n;
	}
	return 0;
}

int64_t fd_copy(int from, int to, struct error **e)
{
	char *auto_free chunk = malloc(CHUNK);
	if (!chunk)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "copy");
	int64_t total = 0;
	for (;;) {
		ssize_t n = fd_read(from, chunk, CHUNK, e);
		if (n < 0)
			return -1;
		if (n == 0)
			return total;
		if (fd_write_all(to, chunk, (size_t)n, e) < 0)
			return -1;
		total += n;
	}
}

int fd_close_synced(int *fd, struct error **e)
{
	int given = take_fd(fd);
	int failed = 0;
	if (fsync(given) < 0 && errno != EINVAL && errno != EROFS)
		failed = errno;
	/* After EINTR the descriptor is gone on Linux all the same (close(2)). */
	if (close(given) < 0 && errno != EINTR && !failed)
		failed = errno;
	return failed ? error_set(e, fd_error_code(failed), failed, "write to disk") : 0;
}

static bool fd_in(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

void fd_close_others(const int *keep, size_t count)
{
	DIR *dir = opendir("/proc/self/fd");
	if (!dir) { /* no /proc yet, as on a device just booted */
		long most = sysconf(_SC_OPEN_MAX);
		for (int fd = 3; fd < (most > 0 && most < 4096 ? most : 4096); fd++)
			if (!fd_in(fd, keep, count))
				close(fd);
		return;
	}
	for (struct dirent *d; (d = readdir(dir));) {
		int fd = atoi(d->d_name);
		if (fd >= 3 && fd != dirfd(dir) && !fd_in(fd, keep, count))
			close(fd);
	}
	closedir(dir);
}
