/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs mirrors/fetch from words, for tests/integration/fetch.
 *
 *   fetch-tool [OPTION…] files|small|probe [REPO:FILE:LIMIT:SIZE:SHA256]…
 *
 * An empty REPO is os/; an empty SIZE or SHA256 is not known. Prints a line a product: name, size,
 * mirror, and the SHA-256 of what lies behind the descriptor; or "NAME absent". */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/fetch.h"
#include "mirrors/ranking.h"
#include "tests/tools/mirror-tool.h"

enum { ITEMS_MAX = 256 };

struct tool {
	struct mirror_tool base;
	const char *dir;
	struct fetch_item template;
	struct fetch_item items[ITEMS_MAX];
	size_t count;
	struct fetched *products[ITEMS_MAX];
	int refuse; /* products still to be refused */
	const char *judge; /* the SHA-256 that the owner wants, which the item does not tell */
	bool brief; /* print no digest: nothing is read again */
	bool tell; /* print the name of each file as it is whole */
};

static const struct option long_options[] = {
	{"ca", required_argument, NULL, 'c'},
	{"time", required_argument, NULL, 't'},
	{"dir", required_argument, NULL, 'd'},
	{"mirror", required_argument, NULL, 'm'},
	{"dns", required_argument, NULL, 'n'},
	{"connect-ms", required_argument, NULL, 'C'},
	{"first-byte-ms", required_argument, NULL, 'F'},
	{"stall-ms", required_argument, NULL, 'S'},
	{"preferred", required_argument, NULL, 'p'},
	{"judge", required_argument, NULL, 'j'},
	{"version", required_argument, NULL, 'v'},
	{"alike", required_argument, NULL, 'a'},
	{"limit-rate", required_argument, NULL, 'l'},
	{"refuse", required_argument, NULL, 'r'},
	{"brief", no_argument, NULL, 'b'},
	{"tell", no_argument, NULL, 'T'},
	{"metadata", no_argument, NULL, 'M'},
	{"optional", no_argument, NULL, 'O'},
	{0},
};

static int take_option(struct tool *t, int letter, const char *value, struct error **e)
{
	int number = value ? atoi(value) : 0;
	switch (letter) {
	case 'c':
		return mirror_tool_trust(&t->base, value, e);
	case 't':
		t->base.http.time = trusted_time_from(atoll(value));
		return 0;
	case 'd':
		t->dir = value;
		return 0;
	case 'm':
		return strings_add(&t->base.servers, value, e);
	case 'n':
		return strings_add(&t->base.http.dns_servers, value, e);
	case 'C':
		t->base.http.connect_timeout_ms = number;
		return 0;
	case 'F':
		t->base.http.first_byte_timeout_ms = number;
		return 0;
	case 'S':
		t->base.http.stall_timeout_ms = number;
		return 0;
	case 'p':
		t->template.preferred_plus = (uint64_t)number;
		return 0;
	case 'j':
		t->judge = value;
		return 0;
	case 'v':
		t->template.version = value;
		return 0;
	case 'a':
		t->template.alike = (uint64_t)number;
		return 0;
	case 'l':
		t->base.http.rate_limit = (uint64_t)number;
		return 0;
	case 'r':
		t->refuse = number;
		return 0;
	case 'b':
		t->brief = true;
		return 0;
	case 'T':
		t->tell = true;
		return 0;
	case 'M':
		t->template.metadata = true;
		return 0;
	case 'O':
		t->template.optional = true;
		return 0;
	default:
		return error_set(e, ERROR_USAGE, 0, "see the head of fetch-tool.c");
	}
}

static int take_item(struct tool *t, char *text, struct error **e)
{
	char *parts[5];
	for (size_t i = 0; i < 5; i++)
		parts[i] = strsep(&text, ":");
	if (!parts[4] || t->count == ITEMS_MAX)
		return error_set(e, ERROR_USAGE, 0, "REPO:FILE:LIMIT:SIZE:SHA256");
	struct fetch_item *item = &t->items[t->count++];
	*item = t->template;
	item->repo = *parts[0] ? parts[0] : NULL;
	item->file = parts[1];
	item->limit = strtoull(parts[2], NULL, 10);
	item->size = strtoull(parts[3], NULL, 10);
	item->sha256 = *parts[4] ? parts[4] : NULL;
	return 0;
}

static int print_product(const struct fetch_item *item, const struct fetched *f, struct error **e)
{
	char hex[DIGEST_HEX_MAX];
	if (!f) {
		printf("%s absent\n", item->file);
		return 0;
	}
	if (digest_fd_hex(DIGEST_SHA256, fetched_fd(f), hex, e) < 0)
		return -1;
	printf("%s %" PRIu64 " %zu %s\n", fetched_name(f), fetched_size(f), fetched_mirror(f), hex);
	return 0;
}

static int take_product(void *arg, size_t index, struct fetched **file, struct error **e)
{
	struct tool *t = arg;
	if (t->tell)
		printf("done %s\n", t->items[index].file);
	if (t->refuse > 0) {
		t->refuse--;
		return error_set(e, ERROR_TRUST, 0, "%s: refused", t->items[index].file);
	}
	char hex[DIGEST_HEX_MAX];
	if (t->judge && *file) {
		if (digest_fd_hex(DIGEST_SHA256, fetched_fd(*file), hex, e) < 0)
			return -1;
		if (strcmp(hex, t->judge) != 0)
			return error_set(e, ERROR_TRUST, 0, "%s: its SHA-256 is %.16s…",
				t->items[index].file, hex);
	}
	t->products[index] = take(file);
	return 0;
}

static int run_files(struct tool *t, const struct fetch_source *s, struct error **e)
{
	struct fetch_listener listener = {take_product, t};
	int auto_fd dir = path_open_dir(AT_FDCWD, t->dir, e);
	if (dir < 0)
		return -1;
	report_begin(t->base.report, "fetch", 0, 0, "%zu files", t->count);
	int r = fetch_each(s, dir, t->items, t->count, &listener, e);
	report_end(t->base.report, e ? *e : NULL);
	for (size_t i = 0; i < t->count; i++) {
		if (r == 0 && !t->brief)
			r = print_product(&t->items[i], t->products[i], e);
		fetched_free(t->products[i]);
	}
	return r;
}

static int run_small(struct tool *t, const struct fetch_source *s, struct error **e)
{
	auto_buf text = BUF(0);
	size_t mirror = t->template.preferred_plus ? t->template.preferred_plus - 1 : SIZE_MAX;
	int got = fetch_small(s, &t->items[0], &text, &mirror, e);
	if (got > 0)
		printf("%zu bytes from %zu\n", text.length, mirror);
	if (got == 0)
		printf("absent\n");
	return got < 0 ? -1 : 0;
}

static int run_probe(
	struct tool *t, struct mirrors *m, const struct fetch_source *s, struct error **e)
{
	auto_ranking r = {.count = 0};
	if (ranking_make(m, s->http, &ranking_answers, &r, e) < 0 || ranking_check(&r, e) < 0 ||
		ranking_drop(&r, m, e) < 0)
		return -1;
	ranking_tell(&r, t->base.report);
	for (size_t i = 0; i < mirrors_count(m); i++)
		printf("%s\n", mirrors_server(m, i));
	return 0;
}

static int run(struct tool *t, const char *verb, struct error **e)
{
	struct mirrors *m = mirror_tool_mirrors(&t->base, "aarch64", e);
	if (!m)
		return -1;
	struct fetch_source s = {m, &t->base.http, t->base.report};
	int r;
	if (strcmp(verb, "files") == 0)
		r = run_files(t, &s, e);
	else if (strcmp(verb, "small") == 0 && t->count)
		r = run_small(t, &s, e);
	else if (strcmp(verb, "probe") == 0)
		r = run_probe(t, m, &s, e);
	else
		r = error_set(e, ERROR_USAGE, 0, "files, small or probe");
	mirrors_free(m);
	return r;
}

static int parse(struct tool *t, int argc, char **argv, struct error **e)
{
	for (int c; (c = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
		if (take_option(t, c, optarg, e) < 0)
			return -1;
	for (int i = optind + 1; i < argc; i++)
		if (take_item(t, argv[i], e) < 0)
			return -1;
	if (optind >= argc)
		return error_set(e, ERROR_USAGE, 0, "no verb");
	return 0;
}

int main(int argc, char **argv)
{
	auto_error *e = NULL;
	struct tool t = {.dir = "."};
	int r = mirror_tool_begin(&t.base, &e);
	if (r == 0)
		r = parse(&t, argc, argv, &e);
	if (r == 0)
		r = run(&t, argv[optind], &e);
	if (r < 0)
		printf("%s\n", error_code_name(error_code(e)));
	return mirror_tool_end(&t.base, e);
}
