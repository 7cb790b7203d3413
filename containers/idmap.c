/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/idmap.h"

#include <stdio.h>
#include <string.h>

#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

/* Far above what useradd(8) hands out (from 100000), and above Android's users, whose ids grow by
 * 100000 each. The last range ends below 2^31: some filesystems and tools take ids for signed. */
static const uint32_t first_base = 1U << 30, last_base = (1U << 31) - IDMAP_COUNT;

static int number(const char *begin, const char *end, int64_t *to)
{
	char text[32];
	size_t length = (size_t)(end - begin);
	if (length >= sizeof text)
		return -1;
	memcpy(text, begin, length);
	text[length] = '\0';
	return text_to_int64(text_trim(text), 0, UINT32_MAX, to);
}

/* "root:1073741824:65536", subuid(5); the name may be a number. */
static int parse_entry(const char *line, bool *of_root, int64_t *start, int64_t *count)
{
	/* No memory is asked for: an entry that could not be read would count as none, and its ids
	 * as free. */
	const char *first = strchr(line, ':'), *second = first ? strchr(first + 1, ':') : NULL;
	if (!second || first == line || number(first + 1, second, start) < 0 ||
		number(second + 1, strchr(line, '\0'), count) < 0)
		return -1;
	*of_root = text_has_prefix(line, "root:") || text_has_prefix(line, "0:");
	return 0;
}

/* Whether the range that begins at `base` lies within one entry of root's. */
static bool is_roots(const struct strings *lines, int64_t base)
{
	bool of_root;
	int64_t start, count;
	for (size_t i = 0; i < lines->count; i++)
		if (parse_entry(lines->items[i], &of_root, &start, &count) == 0 && of_root &&
			start <= base && start + count >= base + IDMAP_COUNT)
			return true;
	return false;
}

static bool is_free(const struct strings *lines, int64_t base)
{
	bool of_root;
	int64_t start, count;
	for (size_t i = 0; i < lines->count; i++)
		if (parse_entry(lines->items[i], &of_root, &start, &count) == 0 &&
			start < base + IDMAP_COUNT && base < start + count)
			return false;
	return true;
}

/* A range of root's that both files have. */
static bool find_roots(const struct strings *uids, const struct strings *gids, uint32_t *base)
{
	bool of_root;
	int64_t start, count;
	for (size_t i = 0; i < uids->count; i++)
		if (parse_entry(uids->items[i], &of_root, &start, &count) == 0 && of_root &&
			start > 0 && is_roots(uids, start) && is_roots(gids, start)) {
			*base = (uint32_t)start;
			return true;
		}
	return false;
}

static int add_entry(const char *text, uint32_t base, struct buf *to, struct error **e)
{
	size_t length = strlen(text);
	const char *newline = length && text[length - 1] != '\n' ? "\n" : "";
	return buf_printf(to, e, "%s%sroot:%u:%d\n", text, newline, base, IDMAP_COUNT);
}

int idmap_choose(const char *subuid, const char *subgid, struct container_idmap *map,
	struct buf *uids, struct buf *gids, struct error **e)
{
	auto_strings u = {0}, g = {0};
	uint32_t base = first_base;
	if (strings_split(&u, subuid, "\n", e) < 0 || strings_split(&g, subgid, "\n", e) < 0)
		return -1;
	if (!find_roots(&u, &g, &base)) {
		while (base <= last_base && !(is_free(&u, base) && is_free(&g, base)))
			base += IDMAP_COUNT;
		if (base > last_base)
			return error_set(e, ERROR_CONFIG, 0,
				"no 65536 ids are free in the root's /etc/subuid and /etc/subgid");
		if (add_entry(subuid, base, uids, e) < 0 || add_entry(subgid, base, gids, e) < 0)
			return -1;
	}
	*map = (struct container_idmap){base, IDMAP_COUNT};
	return 0;
}

static int read_text(int etc, const char *name, struct buf *to, struct error **e)
{
	int there = path_look(etc, name, e);
	return there <= 0 ? there : rootfs_read_file(etc, ".", name, to, e);
}

static int write_text(int etc, const char *name, const struct buf *text, struct error **e)
{
	return text->length ? path_write_file(etc, name, 0644, text->data, text->length, e) : 0;
}

int idmap_of_root(int root_fd, struct container_idmap *map, struct error **e)
{
	auto_buf uid = BUF(0), gid = BUF(0), new_uid = BUF(0), new_gid = BUF(0);
	struct container_idmap found;
	int auto_fd etc = rootfs_open_dir(root_fd, "etc", 0, e);
	if (etc < 0 || read_text(etc, "subuid", &uid, e) < 0 ||
		read_text(etc, "subgid", &gid, e) < 0 ||
		idmap_choose(buf_text(&uid), buf_text(&gid), &found, &new_uid, &new_gid, e) < 0 ||
		write_text(etc, "subuid", &new_uid, e) < 0 ||
		write_text(etc, "subgid", &new_gid, e) < 0)
		return -1;
	*map = found;
	return 0;
}

bool idmap_is_mapped(const char *text, const struct container_idmap *map)
{
	const uint64_t from = map->base, to = from + map->count;
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		unsigned long long inside, outside, count;
		line += *line == '\n';
		if (sscanf(line, "%llu %llu %llu", &inside, &outside, &count) == 3 &&
			inside <= from && to <= inside + count)
			return true;
	}
	return false;
}

struct container_idmap idmap_of_config(const char *config)
{
	auto_strings lines = {0};
	if (strings_split(&lines, config, "\n", NULL) < 0)
		return (struct container_idmap){0, 0};
	for (size_t i = 0; i < lines.count; i++) {
		unsigned base, count;
		if (sscanf(lines.items[i], " lxc.idmap = u 0 %u %u", &base, &count) == 2)
			return (struct container_idmap){base, count};
	}
	return (struct container_idmap){0, 0};
}
