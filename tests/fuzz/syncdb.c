/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A desc through worker's and parent's half, and the same bytes as a record. What comes out as a
 * package must come out the same when it goes in again. Input: the directory's name on a line, then
 * the desc. */
#include "tests/fuzz/fuzz.h"

#include "mirrors/syncdb_desc.h"

static int through(const char *directory, const char *text, size_t length, struct syncdb_package *p)
{
	auto_buf record = BUF(256 * 1024);
	if (syncdb_desc_encode(directory, text, length, &record, NULL) <= 0)
		return 0;
	int got = syncdb_desc_decode((unsigned char *)record.data, record.length, p, NULL);
	check(got >= 0); /* the worker's half makes records */
	return got;
}

static void check_package(const struct syncdb_package *p)
{
	struct syncdb_package again = {0};
	char directory[512];
	check(!strpbrk(p->name, "/\n%") && !strpbrk(p->version, "/\n") && *p->name != '.');
	check(!strpbrk(p->filename, "/\n") && p->packed_size > 0);
	check(p->signature_length <= 16 * 1024);
	snprintf(directory, sizeof directory, "%s-%s", p->name, p->version);
	check(through(directory, p->desc, strlen(p->desc), &again) == 1);
	check(strcmp(again.desc, p->desc) == 0 && strcmp(again.filename, p->filename) == 0);
	syncdb_package_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct syncdb_package p = {0};
	if (syncdb_desc_decode(data, size, &p, NULL) > 0) {
		check_package(&p);
		syncdb_package_clear(&p);
	}
	const unsigned char *newline = memchr(data, '\n', size);
	if (!newline)
		return 0;
	size_t length = (size_t)(newline - data);
	char *directory = strndup((const char *)data, length);
	if (through(directory, (const char *)newline + 1, size - length - 1, &p) > 0) {
		check_package(&p);
		syncdb_package_clear(&p);
	}
	free(directory);
	return 0;
}
