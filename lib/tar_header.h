/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mode in an entry's own tar header, looked up beside libarchive.
 *
 * Since 3.8 libarchive reads a pax header before the entry's own, and a mode that came of an ACL
 * stays: with a default ACL alone that is none at all, and no ACL knows setuid, setgid and sticky.
 * systemd gives /var/log/journal both. For lib/tar*.c only. */
#ifndef LIB_TAR_HEADER_H
#define LIB_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tar_header {
	uint64_t start; /* of the entry in the tar stream, its extended headers included */
	uint64_t at; /* where its next header is looked for */
	bool found;
	mode_t mode; /* where found: 07777 of it */
};

/* The next entry begins at this byte of the tar stream. */
void tar_header_begin(struct tar_header *h, uint64_t start);
/* These bytes are at `at` of the stream. What is not looked at is not found. */
void tar_header_look(struct tar_header *h, uint64_t at, const unsigned char *data, size_t length);

#endif
