/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors: closed by scope, read and written whole, EINTR dealt with. */
#ifndef LIB_FD_H
#define LIB_FD_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/error.h"

static inline void fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}
/* int auto_fd x = -1;  char *auto_free p = NULL; */
#define auto_fd __attribute__((cleanup(fd_cleanup)))
#define auto_free __attribute__((cleanup(free_cleanup)))

/* Moves a pointer out of an auto_free variable. */
#define take(p)                                                                                    \
	({                                                                                         \
		__typeof__(*(p)) taken_ = *(p);                                                    \
		*(p) = NULL;                                                                       \
		taken_;                                                                            \
	})
/* Moves a descriptor out of an auto_fd variable. */
static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Reads to the end into `to` (its limit holds). */
int fd_read_all(int fd, struct buf *to, struct error **e) must_check;
/* Up to `size` bytes, less only at the end of the file. */
ssize_t fd_read(int fd, void *data, size_t size, struct error **e) must_check;
int fd_write_all(int fd, const void *data, size_t length, struct error **e) must_check;
/* From `from` at its offset to `to`, to the end; the number of bytes. */
int64_t fd_copy(int from, int to, struct error **e) must_check;
/* fsync and close with both results looked at; *fd is -1 afterwards. For files that were written.
 */
int fd_close_synced(int *fd, struct error **e) must_check;
/* ERROR_SPACE for ENOSPC and EDQUOT, else ERROR_SYSTEM: the code of a failed write. */
enum error_code fd_error_code(int errnum);
/* Closes every descriptor >= 3 but those listed (count of them). For a child just forked. */
void fd_close_others(const int *keep, size_t count);

#endif
