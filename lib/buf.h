/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A byte buffer that grows up to a limit set at its birth, and is always NUL-terminated once it
 * holds anything. The owner calls buf_free (or declares it auto_buf). */
#ifndef LIB_BUF_H
#define LIB_BUF_H

#include <stddef.h>

#include "lib/error.h"

struct buf {
	char *data;
	size_t length; /* bytes in use, without the final NUL */
	size_t capacity;
	size_t limit; /* most bytes it may ever hold; 0 means BUF_LIMIT */
};

/* The limit of a buffer that names none. */
enum { BUF_LIMIT = 1 << 20 };

#define BUF(limit_bytes) ((struct buf){NULL, 0, 0, (limit_bytes)})

/* All fail with ERROR_SYSTEM: ENOMEM, or EFBIG past the limit; the buffer is then unchanged. */
int buf_append(struct buf *b, const void *data, size_t length, struct error **e) must_check;
int buf_puts(struct buf *b, const char *text, struct error **e) must_check;
int buf_printf(struct buf *b, struct error **e, const char *format, ...)
	__attribute__((format(printf, 3, 4))) must_check;
/* Room for `extra` more bytes; returns where they go, NULL on error. Add to length yourself. */
char *buf_reserve(struct buf *b, size_t extra, struct error **e) must_check;
/* Hands the bytes out; the buffer is empty again. NULL if nothing was ever put in. */
char *buf_take(struct buf *b);
/* The text, "" for an empty buffer. */
const char *buf_text(const struct buf *b);
void buf_clear(struct buf *b);
void buf_free(struct buf *b);
#define auto_buf __attribute__((cleanup(buf_free))) struct buf

#endif
