/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64 back into bytes (RFC 4648 section 4). */
#ifndef LIB_BASE64_H
#define LIB_BASE64_H

#include <stddef.h>

/* `text` is one line, padded. The bytes written to `to`, which has room for strlen(text); 0 for
 * anything that is not base64, and for nothing. */
size_t base64_decode(const char *text, unsigned char *to);

#endif
