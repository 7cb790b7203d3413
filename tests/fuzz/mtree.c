/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A package's mtree, from the database of a ROOT that is anybody's. */
#include "tests/fuzz/fuzz.h"

#include <sys/stat.h>

#include "packages/mtree.h"

static void look_at(const struct mtree_entry *x)
{
	size_t length = strlen(x->path);
	check(length && x->path[0] != '/');
	check(x->type != S_IFLNK || x->link);
	check(!x->link || strlen(x->link) < 16384);
	check(x->mode <= 07777);
	check(x->size <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF(1 << 20);
	struct mtree m = {0};
	struct error *e = NULL;
	if (buf_append(&text, data, size, &e) < 0) {
		error_free(e);
		return 0;
	}
	int r = mtree_parse(&m, &text, &e);
	check((r < 0) == (e != NULL));
	check(r == 0 || (!m.entries && !m.count));
	check(!text.data);
	for (size_t i = 0; i < m.count; i++)
		look_at(&m.entries[i]);
	mtree_free(&m);
	error_free(e);
	return 0;
}
