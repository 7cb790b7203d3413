/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/tar_attributes.h"
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

/* Not ARCHIVE_EXTRACT_UNLINK: together with SECURE_SYMLINKS it deletes symlinks that stand in the
 * way. Not XATTR, ACL, FFLAGS: those are tar_attributes'. */
enum {
	EXTRACT_FLAGS = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
			ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
			ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS,
};

struct extraction {
	struct tar_input in;
	struct archive *disk;
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

/* What went wrong on the disk. Owners and modes that cannot be kept make a root that does not work:
 * they are errors, and libarchive's warnings are of that kind only. */
static int disk_failed(const struct extraction *x, struct error **e)
{
	int errnum = archive_errno(x->disk);
	const char *why = archive_error_string(x->disk);
	enum error_code code = fd_error_code(errnum);
	if (errnum == 0 || errnum == ELOOP) /* "Cannot extract through symlink" */
		code = ERROR_TRUST;
	bool unfit = errnum == EPERM || errnum == EOPNOTSUPP || errnum == EINVAL;
	/* Of a full disk libarchive says "Write failed" only. */
	error_set(e, unfit ? ERROR_ROOT : code, code == ERROR_SPACE ? errnum : 0, "%s: %s", x->name,
		why ? why : "cannot write");
	if (unfit)
		error_hint(e, "the filesystem of ROOT must keep owners, modes and links (ext4, "
			      "f2fs, btrfs, xfs): name a ROOT on such a one");
	return -1;
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
		return error_set(
			e, ERROR_TRUST, 0, "more than %" PRIu64 " entries", x->limits->entries);
	if (size > x->limits->file_bytes)
		return error_set(
			e, ERROR_TRUST, 0, "%s: %" PRIu64 " bytes are too many", x->name, size);
	if (size > x->limits->total_bytes - x->done.bytes)
		return error_set(e, ERROR_TRUST, 0, "unpacks to more than %" PRIu64 " bytes",
			x->limits->total_bytes);
	x->done.bytes += size;
	return check_stream(x, e);
}

/* Content to the disk, or to nowhere. */
static int move_content(struct extraction *x, bool write, struct error **e)
{
	struct tar_piece p;
	int got;
	while ((got = tar_input_piece(&x->in, &p, e)) > 0) {
		if (check_stream(x, e) < 0 || tell(x, false, e) < 0)
			return -1;
		if (write && archive_write_data_block(x->disk, p.data, p.size, p.offset) < 0)
			return disk_failed(x, e);
	}
	return got;
}

static int put_on_disk(struct extraction *x, struct archive_entry *entry, struct error **e)
{
	if (archive_write_header(x->disk, entry) != ARCHIVE_OK)
		return disk_failed(x, e);
	bool content = archive_entry_size(entry) > 0;
	if (move_content(x, content, e) < 0)
		return -1;
	if (archive_write_finish_entry(x->disk) != ARCHIVE_OK)
		return disk_failed(x, e);
	return 0;
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
	if (tar_names_admit(x->names, x->name, S_IFREG, e) < 0)
		return -1;
	archive_entry_copy_hardlink(entry, x->target);
	archive_entry_set_size(entry, 0);
	return put_on_disk(x, entry, e);
}

/* (uid_t)-1 would mean "leave it" to chown(2): a setuid file would stay root's. */
static int check_owner(const struct extraction *x, struct archive_entry *entry, struct error **e)
{
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return error_set(e, ERROR_TRUST, 0, "%s: owner out of range", x->name);
	return 0;
}

static int extract_own(
	struct extraction *x, struct archive_entry *entry, mode_t type, struct error **e)
{
	bool there = strcmp(x->name, ".") == 0 || tar_names_type(x->names, x->name);
	if (tar_names_admit(x->names, x->name, type, e) < 0 || check_owner(x, entry, e) < 0)
		return -1;
	if (type == S_IFDIR && there &&
		tar_attributes_times_later(&x->attributes, x->name, entry, e) < 0)
		return -1;
	if (type == S_IFLNK) {
		const char *to = archive_entry_symlink(entry);
		if (!to || !*to || strlen(to) >= TAR_NAME_MAX)
			return error_set(e, ERROR_TRUST, 0, "%s: symlink to nothing", x->name);
	}
	if (type != S_IFREG)
		archive_entry_set_size(entry, 0);
	if (put_on_disk(x, entry, e) < 0)
		return -1;
	return tar_attributes_set(&x->attributes, x->name, entry, e);
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
	archive_entry_copy_pathname(entry, x->name);
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
		return move_content(x, false, e);
	default:
		return error_set(e, ERROR_TRUST, 0, "%s: an entry of no known type", x->name);
	}
}

static int extract_all(struct extraction *x, struct error **e)
{
	struct archive_entry *entry;
	int got;
	while ((got = tar_input_next(&x->in, &entry, e)) > 0)
		if (extract_entry(x, entry, e) < 0 || tell(x, false, e) < 0)
			return -1;
	if (got < 0)
		return -1;
	/* Directories get their modes and times here: a read-only one takes files until now. */
	snprintf(x->name, sizeof x->name, ".");
	if (archive_write_close(x->disk) != ARCHIVE_OK)
		return disk_failed(x, e);
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
	if (tar_input_open(&x.in, fd, e) < 0)
		return -1;
	int r = -1;
	x.names = tar_names_new(limits->entries, e);
	x.disk = archive_write_disk_new();
	if (!x.disk)
		error_set(e, ERROR_SYSTEM, ENOMEM, "extract");
	/* No lookup of user and group names is set: owners are the archive's numbers. */
	else if (archive_write_disk_set_options(x.disk, EXTRACT_FLAGS) != ARCHIVE_OK)
		disk_failed(&x, e);
	else if (x.names)
		r = extract_all(&x, e);
	tar_attributes_free(&x.attributes);
	if (x.disk)
		archive_write_free(x.disk);
	tar_names_free(x.names);
	tar_input_close(&x.in);
	return r;
}
