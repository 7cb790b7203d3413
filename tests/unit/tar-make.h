/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tar archives written by hand, byte by byte: no library would write the hostile ones.
 * Formats: POSIX pax ("ustar Interchange Format"), GNU tar's manual ("Basic Tar Format"). */
#ifndef TESTS_UNIT_TAR_MAKE_H
#define TESTS_UNIT_TAR_MAKE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "tests/unit/unit.h"

struct made {
	const char *path;
	char type; /* '0' file, '1' hard link, '2' symlink, … ; 'x': data is pax records, KEY=VALUE
		      lines */
	unsigned mode;
	const char *link;
	const char *data;
	size_t length; /* of data where it holds NULs or there is none */
	unsigned uid, gid;
	unsigned long long claimed; /* a size that is a lie */
	bool gnu;
};

/* Most bytes of an archive here. */
enum { MADE_LIMIT = 64 << 20, MADE_TIME = 1700000000 };

static inline void make_header(struct buf *to, const struct made *m, unsigned long long size)
{
	unsigned char h[512] = {0};
	unsigned mode = m->mode ? m->mode : m->type == '5' ? 0755 : 0644;
	memcpy(h, m->path, strnlen(m->path, 100));
	snprintf((char *)h + 100, 8, "%07o", mode & 07777777);
	snprintf((char *)h + 108, 8, "%07o", m->uid & 07777777);
	snprintf((char *)h + 116, 8, "%07o", m->gid & 07777777);
	if (size >> 33) { /* base-256 */
		h[124] = 0x80;
		for (int i = 0; i < 8; i++)
			h[128 + i] = (unsigned char)(size >> (56 - 8 * i));
	} else {
		snprintf((char *)h + 124, 12, "%011llo", size & 077777777777);
	}
	snprintf((char *)h + 136, 12, "%011o", MADE_TIME);
	h[156] = (unsigned char)m->type;
	if (m->link)
		memcpy(h + 157, m->link, strnlen(m->link, 100));
	memcpy(h + 257, m->gnu ? "ustar  " : "ustar\00000", 8);
	memset(h + 148, ' ', 8);
	unsigned sum = 0;
	for (int i = 0; i < 512; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum & 0777777);
	assert_ok(buf_append(to, h, sizeof h, &e));
}

static inline void make_body(struct buf *to, const void *data, size_t length)
{
	static const char zeros[512];
	assert_ok(buf_append(to, data, length, &e));
	assert_ok(buf_append(to, zeros, (512 - length % 512) % 512, &e));
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
static inline void make_pax_record(struct buf *to, const char *text, size_t length)
{
	char front[32];
	size_t digits = 0, total;
	do
		total = length + 2 + ++digits;
	while ((size_t)snprintf(front, sizeof front, "%zu", total) != digits);
	assert_ok(buf_printf(to, &e, "%s ", front));
	assert_ok(buf_append(to, text, length, &e));
	assert_ok(buf_append(to, "\n", 1, &e));
}

/* A pax header of the records in `text`, a line each. */
static inline void make_pax(struct buf *to, const char *text, size_t length)
{
	auto_buf body = BUF(MADE_LIMIT);
	for (const char *end = text + length; text < end;) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		make_pax_record(&body, text, (size_t)(stop - text));
		text = stop + 1;
	}
	make_header(to, &(struct made){.path = "PaxHeaders/x", .type = 'x'}, body.length);
	make_body(to, body.data, body.length);
}

static inline void make_entry(struct buf *to, const struct made *m)
{
	size_t length = m->length ? m->length : m->data ? strlen(m->data) : 0;
	if (m->type == 'x') {
		make_pax(to, m->data, length);
		return;
	}
	make_header(to, m, m->claimed ? m->claimed : length);
	if (m->data)
		make_body(to, m->data, length);
}

/* VFS_CAP_REVISION_2 with cap_net_raw (capability.h). */
static const unsigned char capability[20] = {1, 0, 0, 2, 0, 0x20};
static inline void make_capability(struct buf *archive)
{
	static const char key[] = "SCHILY.xattr.security.capability=";
	char record[sizeof key - 1 + sizeof capability];
	memcpy(record, key, sizeof key - 1);
	memcpy(record + sizeof key - 1, capability, sizeof capability);
	make_pax(archive, record, sizeof record);
}

static inline void make_end(struct buf *to)
{
	static const char zeros[1024];
	assert_ok(buf_append(to, zeros, sizeof zeros, &e));
}

/* Up to the first entry without a type. */
static inline void make_archive(struct buf *to, const struct made *entries)
{
	for (; entries->type; entries++)
		make_entry(to, entries);
	make_end(to);
}

/* A descriptor of a file in memory with these bytes; the caller's. */
static inline int make_file(const void *data, size_t length)
{
	int fd = memfd_create("archive", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(fd_write_all(fd, data, length, &e));
	return fd;
}

/* The same through a command: "gzip -c", "xz -c", "cat"; -1 where it fails. */
static inline int make_packed(const char *filter, int fd)
{
	char command[256];
	int out = memfd_create("packed", MFD_CLOEXEC);
	snprintf(command, sizeof command, "%s </proc/%d/fd/%d >/proc/%d/fd/%d 2>/dev/null", filter,
		(int)getpid(), fd, (int)getpid(), out);
	if (system(command) == 0)
		return out;
	close(out);
	return -1;
}

#endif
