/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/fetch_meta.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/path.h"
#include "lib/text.h"

void fetch_meta_free(struct fetch_meta *m)
{
	free(m->url);
	free(m->etag);
	free(m->version);
	*m = (struct fetch_meta){0};
}

int fetch_meta_print(const struct fetch_meta *m, struct buf *to, struct error **e)
{
	if (buf_printf(to, e,
		    "url %s\netag %s\nversion %s\ntotal %" PRIu64 "\nboot %s\nsynced %" PRIu64 "\n",
		    m->url, m->etag, m->version, m->total, m->boot, m->synced) < 0)
		return -1;
	for (size_t i = 0; i < m->have_count; i++)
		if (buf_printf(to, e, "have %" PRIu64 " %" PRIu64 "\n", m->have[i].from,
			    m->have[i].end) < 0)
			return -1;
	return buf_puts(to, "end\n", e);
}

static int take_text(char **to, const char *value)
{
	if (*to)
		return -1;
	*to = strdup(value);
	return *to ? 0 : -1;
}

static int take_number(uint64_t *to, const char *value)
{
	int64_t number;
	if (text_to_int64(value, 0, INT64_MAX, &number) < 0)
		return -1;
	*to = (uint64_t)number;
	return 0;
}

/* In their order, without touching each other. */
static int take_range(struct fetch_meta *m, char *value)
{
	struct fetch_range r;
	char *space = strchr(value, ' ');
	if (!space || m->have_count == FETCH_PIECES_MAX)
		return -1;
	*space = '\0';
	if (take_number(&r.from, value) < 0 || take_number(&r.end, space + 1) < 0 ||
		r.end <= r.from || (m->have_count && r.from <= m->have[m->have_count - 1].end))
		return -1;
	m->have[m->have_count++] = r;
	return 0;
}

static int take_line(struct fetch_meta *m, char *line)
{
	char *value = strchr(line, ' ');
	if (!value)
		return -1;
	*value++ = '\0';
	if (strcmp(line, "url") == 0)
		return take_text(&m->url, value);
	if (strcmp(line, "etag") == 0)
		return take_text(&m->etag, value);
	if (strcmp(line, "version") == 0)
		return take_text(&m->version, value);
	if (strcmp(line, "total") == 0)
		return take_number(&m->total, value);
	if (strcmp(line, "synced") == 0)
		return take_number(&m->synced, value);
	if (strcmp(line, "have") == 0)
		return take_range(m, value);
	if (strcmp(line, "boot") != 0 || strlen(value) >= sizeof m->boot)
		return -1;
	snprintf(m->boot, sizeof m->boot, "%s", value);
	return 0;
}

int fetch_meta_parse(const char *text, struct fetch_meta *to, struct error **e)
{
	auto_strings lines = {0};
	struct fetch_meta m = {0};
	if (strings_split(&lines, text, "\n", e) < 0)
		return -1;
	bool good = lines.count && strcmp(lines.items[lines.count - 1], "end") == 0;
	/* The line's own end, too: a torn "end" could be another word's beginning. */
	const char *end = strstr(text, "\nend\n");
	for (size_t i = 0; good && i + 1 < lines.count; i++)
		good = take_line(&m, lines.items[i]) == 0;
	if (good && end && m.url && m.etag && m.version) {
		*to = m;
		return 0;
	}
	fetch_meta_free(&m);
	return error_set(e, ERROR_SYSTEM, EBADMSG, "sidecar");
}

void fetch_meta_boot(char to[40])
{
	auto_buf text = BUF(256);
	*to = '\0';
	if (path_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", &text, NULL) == 0)
		snprintf(to, 40, "%.*s", (int)strcspn(buf_text(&text), " \n"), buf_text(&text));
}
