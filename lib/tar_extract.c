/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tar_attributes.h"
#include "lib/tar_disk.h"
#include "lib/tar_input.h"
#include "lib/tar_names.h"

const struct tar_limits tar_limits_default = {
	.entries = 500000,
	.total_bytes = UINT64_C(16) << 30,
	.file_bytes = UINT64_C(4) << 30,
	.ratio = 40,
	.attribute_bytes = 64 * 1024,
};

enum {
	/* A small archive is mostly padding and packs as well as any bomb: the ratio counts from
	 * here on. */
	RATIO_FREE_BYTES = 4 << 20,
	PROGRESS_BYTES = 512 * 1024,
};

struct extraction {
	struct tar_input in;
	struct tar_disk disk;
	struct tar_names *names;
	struct tar_attributes attributes;
	const struct tar_limits *limits;
	struct tar_extracted done;
	tar_progress *progress;
	void *arg;
	uint64_t told_at; /* read_bytes when progress was last called */
	char name[TAR_NAME_MAX];
	char target[TAR_NAME_MAX];
};

static int tell(struct extraction *x, bool last, struct error **e)
{
	x->done.read_bytes = tar_input_packed(&x->in);
	if (!x->progress || (!last && x->done.read_bytes - x->told_at < PROGRESS_BYTES))
		return 0;
	x->told_at = x->done.read_bytes;
	return x->progress(x->arg, &x->done, e);
}

static int check_stream(const struct extraction *x, struct error **e)
{
	uint64_t packed = tar_input_packed(&x->in), unpacked = tar_input_unpacked(&x->in);
	if (unpacked > RATIO_FREE_BYTES &&
		(unpacked - RATIO_FREE_BYTES) / (packed + 1) >= x->limits->ratio)
		return error_set(e, ERROR_TRUST, 0,
			"%s: %" PRIu64 " bytes unpack to more than %" PRIu64, x->name, packed,
			unpacked);
	return 0;
}

static int count_entry(struct extraction *x, uint64_t size, struct error **e)
{
	if (++x->done.entries > x->limits->entries)
		return error_set(e, ERROR_TRUST, 0, "%s: more than %" PRIu64 " entries", x->name,
			x->limits->entries);
	if (size > x->limits->file_bytes)
		return error_set(
			e, ERROR_TRUST, 0, "%s: %" PRIu64 " bytes are too many", x->name, size);
	if (size > x->limits->total_bytes - x->done.bytes)
		return error_set(e, ERROR_TRUST, 0, "%s: unpacks to more than %" PRIu64 " bytes",
			x->name, x->limits->total_bytes);
	x->done.bytes += size;
	return check_stream(x, e);
}

/* Content to the file, which is of `size`, or to nowhere. */
static int move_content(
	struct extraction *x, struct tar_file *file, uint64_t size, struct error **e)
{
	struct tar_piece p;
	int got;
	while ((got = tar_input_piece(&x->in, &p, e)) > 0) {
		if (check_stream(x, e) < 0 || tell(x, false, e) < 0)
			return -1;
		if (!file)
			continue;
		/* The map of a sparse file may lie: its size is what the limits were held against.
		 */
		if (p.offset < 0 || (uint64_t)p.offset > size || p.size > size - (uint64_t)p.offset)
			return error_set(
				e, ERROR_TRUST, 0, "%s: it has content beyond its size", x->name);
		if (tar_file_write(file, p.data, p.size, p.offset, e) < 0)
			return -1;
	}
	return got < 0 ? error_wrap(e, "%s", x->name) : got;
}

static int put_file(
	struct extraction *x, const struct tar_item *item, int64_t size, struct error **e)
{
	struct tar_file __attribute__((cleanup(tar_file_close))) file = {.fd = -1};
	if (tar_disk_create(&x->disk, item, &file, e) < 0)
		return -1;
	if (move_content(x, &file, (uint64_t)size, e) < 0)
		return -1;
	return tar_file_complete(&file, size, e);
}

/* pax allows a hard link to carry its target's content again; it is the target's already. */
static int extract_link(
	struct extraction *x, struct archive_entry *entry, const char *to, struct error **e)
{
	if (tar_name_clean(to, x->target, e) < 0)
		return error_wrap(e, "%s: hard link", x->name);
	if (tar_names_type(x->names, x->target) != S_IFREG || strcmp(x->name, x->target) == 0)
		return error_set(e, ERROR_TRUST, 0,
			"%s: hard link to '%s', which is no earlier regular file", x->name,
			x->target);
	bool again = tar_names_type(x->names, x->name);
	if (tar_names_admit(x->names, x->name, S_IFREG, e) < 0)
		return -1;
	const struct tar_item item = {.name = x->name, .again = again};
	if (tar_disk_link(&x->disk, &item, x->target, e) < 0)
		return -1;
	return move_content(x, NULL, 0, e);
}

/* (uid_t)-1 would mean "leave it" to chown(2): a setuid file would stay root's. */
static int check_owner(const struct extraction *x, struct archive_entry *entry, struct error **e)
{
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return error_set(e, ERROR_TRUST, 0, "%s: owner out of range", x->name);
	return 0;
}

static struct tar_item item_of(const struct extraction *x, struct archive_entry *entry)
{
	struct tar_item item = {
		.name = x->name,
		.again = strcmp(x->name, ".") == 0 || tar_names_type(x->names, x->name),
		.mode = tar_input_mode(&x->in, entry),
		.uid = (uid_t)archive_entry_uid(entry),
		.gid = (gid_t)archive_entry_gid(entry),
		.times = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}},
	};
	if (archive_entry_atime_is_set(entry))
		item.times[0] = (struct timespec){
			archive_entry_atime(entry), archive_entry_atime_nsec(entry)};
	if (archive_entry_mtime_is_set(entry))
		item.times[1] = (struct timespec){
			archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
	return item;
}

static int put_symlink(
	struct extraction *x, const struct tar_item *item, const char *to, struct error **e)
{
	if (!to || !*to || strlen(to) >= TAR_NAME_MAX)
		return error_set(e, ERROR_TRUST, 0, "%s: symlink to nothing", x->name);
	if (tar_disk_symlink(&x->disk, item, to, e) < 0)
		return -1;
	return move_content(x, NULL, 0, e);
}

static int put_directory(struct extraction *x, const struct tar_item *item, struct error **e)
{
	return tar_disk_directory(&x->disk, item, e) < 0 ? -1 : move_content(x, NULL, 0, e);
}

static int extract_own(
	struct extraction *x, struct archive_entry *entry, mode_t type, struct error **e)
{
	const struct tar_item item = item_of(x, entry);
	int r;
	if (tar_names_admit(x->names, x->name, type, e) < 0 || check_owner(x, entry, e) < 0)
		return -1;
	if (type == S_IFLNK)
		r = put_symlink(x, &item, archive_entry_symlink(entry), e);
	else if (type == S_IFDIR)
		r = put_directory(x, &item, e);
	else
		r = put_file(x, &item, archive_entry_size(entry), e);
	return r < 0 ? -1 : tar_attributes_set(&x->attributes, x->name, entry, e);
}

static int extract_entry(struct extraction *x, struct archive_entry *entry, struct error **e)
{
	x->name[0] = '\0';
	if (tar_name_clean(archive_entry_pathname(entry), x->name, e) < 0)
		return -1;
	mode_t type = archive_entry_filetype(entry);
	const char *link = archive_entry_hardlink(entry);
	int64_t size = archive_entry_size(entry);
	if (size < 0)
		return error_set(e, ERROR_TRUST, 0, "%s: broken size", x->name);
	if (count_entry(x, (uint64_t)size, e) < 0)
		return -1;
	if (link)
		return extract_link(x, entry, link, e);
	switch (type) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
		return extract_own(x, entry, type, e);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		x->done.skipped_nodes++;
		if (tar_names_admit(x->names, x->name, type, e) < 0)
			return -1;
		return move_content(x, NULL, 0, e);
	default:
		return error_set(e, ERROR_TRUST, 0, "%s: an entry of no known type", x->name);
	}
}

/* A header that cannot be read may have a name all the same; else it comes after one that has. */
static int name_broken(const struct extraction *x, struct archive_entry *entry, struct error **e)
{
	char name[TAR_NAME_MAX];
	if (entry && tar_name_clean(archive_entry_pathname(entry), name, NULL) == 0)
		return error_wrap(e, "%s", name);
	return x->name[0] ? error_wrap(e, "after %s", x->name) : -1;
}

static int extract_all(struct extraction *x, struct error **e)
{
	struct archive_entry *entry;
	int got;
	while ((got = tar_input_next(&x->in, &entry, e)) > 0)
		if (extract_entry(x, entry, e) < 0 || tell(x, false, e) < 0)
			return -1;
	if (got < 0)
		return name_broken(x, entry, e);
	if (tar_disk_finish(&x->disk, e) < 0)
		return -1;
	if (tar_attributes_finish(&x->attributes, e) < 0)
		return -1;
	x->done.dropped_attributes += x->in.warnings;
	return tell(x, true, e);
}

int tar_extract(int fd, const struct tar_limits *limits, tar_progress *progress, void *arg,
	struct error **e)
{
	struct extraction x = {.limits = limits, .progress = progress, .arg = arg};
	x.attributes.limit = limits->attribute_bytes;
	x.attributes.counts = &x.done;
	if (tar_input_open_ahead(&x.in, fd, e) < 0)
		return -1;
	x.names = tar_names_new(limits->entries, e);
	int r = x.names ? extract_all(&x, e) : -1;
	tar_attributes_free(&x.attributes);
	tar_disk_free(&x.disk);
	tar_names_free(x.names);
	tar_input_close(&x.in);
	return r;
}
