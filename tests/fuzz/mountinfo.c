/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of mounts: who reads it is about to delete. Input: a path's line, then the table. */
#include "tests/fuzz/fuzz.h"

#include "chroot/mountinfo.h"

/* Callers ask for paths as path_absolute makes them. */
static bool is_plain(const char *path)
{
	size_t length = strlen(path);
	return *path == '/' && !strstr(path, "//") && (length == 1 || path[length - 1] != '/');
}

static void ask(const struct mountinfo *m, const char *path)
{
	size_t count = 0;
	size_t length = strlen(path);
	if (!is_plain(path))
		return;
	const struct mountinfo_entry *below = mountinfo_below(m, path);
	const struct mountinfo_entry *at = mountinfo_at(m, path, &count);
	const struct mountinfo_entry *inside = mountinfo_inside(m, path);
	mountinfo_elsewhere(m, path);
	check(!at == !count && count <= m->count);
	check(!at || below); /* what is mounted on it is below it */
	check(!inside || (below && strlen(inside->target) > length &&
				 strncmp(inside->target, path, length) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mountinfo m = {0};
	struct error *e = NULL;
	char *text = fuzz_text(data, size);
	char *table = strchr(text, '\n');
	if (!table || *text != '/') {
		free(text);
		return 0;
	}
	*table++ = '\0';
	int r = mountinfo_parse(&m, table, &e);
	check((r < 0) == (e != NULL));
	for (size_t i = 0; r == 0 && i < m.count; i++) {
		const struct mountinfo_entry *x = &m.entries[i];
		check(x->device && x->root && x->target && x->type && x->source);
		ask(&m, x->target);
	}
	if (r == 0)
		ask(&m, text);
	mountinfo_free(&m);
	error_free(e);
	free(text);
	return 0;
}
