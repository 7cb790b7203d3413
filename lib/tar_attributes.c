/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_attributes.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/text.h"

#define CAPABILITY "security.capability"
#define ACL_ACCESS "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"

enum { LATE_BYTES_MAX = 16 << 20, XATTR_VALUE_MAX = 64 * 1024 };

struct tar_late_attribute {
	struct tar_late_attribute *next;
	char *path;
	char *name;
	size_t size;
	unsigned char value[];
};

struct attribute {
	const char *name;
	const void *value;
	size_t size;
};

static bool is_kept(const char *name)
{
	return strcmp(name, CAPABILITY) == 0 || text_has_prefix(name, "user.") ||
	       strcmp(name, ACL_ACCESS) == 0 || strcmp(name, ACL_DEFAULT) == 0;
}

/* A filesystem without attributes, or without room for this one (ext4 says ENOSPC for both kinds of
 * full), is no reason to go without the rest. */
static int set_now(
	struct tar_attributes *a, const char *path, const struct attribute *x, struct error **e)
{
	if (lsetxattr(path, x->name, x->value, x->size, 0) == 0)
		return 0;
	if (errno == EIO || errno == ENOMEM)
		return error_set(e, ERROR_SYSTEM, errno, "%s: set %s", path, x->name);
	a->counts->dropped_attributes++;
	if (strcmp(x->name, CAPABILITY) == 0)
		a->counts->dropped_capabilities++;
	return 0;
}

static int set_later(
	struct tar_attributes *a, const char *path, const struct attribute *x, struct error **e)
{
	a->late_bytes += sizeof *a->late + x->size + strlen(path) + strlen(x->name);
	if (a->late_bytes > LATE_BYTES_MAX)
		return error_set(e, ERROR_TRUST, 0, "too many attributes of directories");
	struct tar_late_attribute *late = calloc(1, sizeof *late + x->size);
	if (!late || !(late->path = strdup(path)) || !(late->name = strdup(x->name))) {
		if (late)
			free(late->path);
		free(late);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "extract");
	}
	late->size = x->size;
	if (x->size)
		memcpy(late->value, x->value, x->size);
	if (!a->late)
		a->late_end = &a->late;
	*a->late_end = late;
	a->late_end = &late->next;
	return 0;
}

struct target {
	const char *path;
	bool directory;
	uint64_t bytes; /* of attributes so far */
};

static int set_one(
	struct tar_attributes *a, struct target *t, const struct attribute *x, struct error **e)
{
	t->bytes += strlen(x->name) + x->size;
	if (t->bytes > a->limit || x->size > XATTR_VALUE_MAX)
		return error_set(e, ERROR_TRUST, 0, "%s: its attributes are too large", t->path);
	return t->directory ? set_later(a, t->path, x, e) : set_now(a, t->path, x, e);
}

static int set_xattrs(
	struct tar_attributes *a, struct target *t, struct archive_entry *entry, struct error **e)
{
	struct attribute x;
	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &x.name, &x.value, &x.size) == ARCHIVE_OK) {
		if (!x.name || !is_kept(x.name)) {
			a->counts->dropped_attributes++;
			continue;
		}
		if (set_one(a, t, &x, e) < 0)
			return -1;
	}
	return 0;
}

static uint16_t acl_tag(int tag)
{
	switch (tag) {
	case ARCHIVE_ENTRY_ACL_USER_OBJ:
		return ACL_USER_OBJ;
	case ARCHIVE_ENTRY_ACL_USER:
		return ACL_USER;
	case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
		return ACL_GROUP_OBJ;
	case ARCHIVE_ENTRY_ACL_GROUP:
		return ACL_GROUP;
	case ARCHIVE_ENTRY_ACL_MASK:
		return ACL_MASK;
	case ARCHIVE_ENTRY_ACL_OTHER:
		return ACL_OTHER;
	default:
		return 0;
	}
}

static int acl_order(const void *left, const void *right)
{
	const struct posix_acl_xattr_entry *a = left, *b = right;
	unsigned x = le16toh(a->e_tag), y = le16toh(b->e_tag);
	if (x == y) {
		x = le32toh(a->e_id);
		y = le32toh(b->e_id);
	}
	return (x > y) - (x < y);
}

/* The kernel's form (linux/posix_acl_xattr.h): a version, then the entries in the order of their
 * tags. 1 where there are some, 0 none, -1 where the archive's cannot be expressed. */
static int read_acl(struct archive_entry *entry, int kind, struct buf *to)
{
	const struct posix_acl_xattr_header header = {htole32(POSIX_ACL_XATTR_VERSION)};
	int type, permissions, tag, id;
	const char *name;
	if (archive_entry_acl_reset(entry, kind) == 0)
		return 0;
	if (buf_append(to, &header, sizeof header, NULL) < 0)
		return -1;
	while (archive_entry_acl_next(entry, kind, &type, &permissions, &tag, &id, &name) ==
		ARCHIVE_OK) {
		bool named = tag == ARCHIVE_ENTRY_ACL_USER || tag == ARCHIVE_ENTRY_ACL_GROUP;
		struct posix_acl_xattr_entry x = {
			.e_tag = htole16(acl_tag(tag)),
			.e_perm = htole16((uint16_t)(permissions & 7)),
			.e_id = htole32(named ? (uint32_t)id : (uint32_t)ACL_UNDEFINED_ID),
		};
		/* Only a name, no number: whose number it would be here nobody knows. */
		if (!x.e_tag || (named && id < 0) || buf_append(to, &x, sizeof x, NULL) < 0)
			return -1;
	}
	qsort(to->data + sizeof header,
		(to->length - sizeof header) / sizeof(struct posix_acl_xattr_entry),
		sizeof(struct posix_acl_xattr_entry), acl_order);
	return 1;
}

static int set_acl(struct tar_attributes *a, struct target *t, struct archive_entry *entry,
	int kind, struct error **e)
{
	auto_buf value = BUF(XATTR_VALUE_MAX);
	int got = read_acl(entry, kind, &value);
	if (got < 0)
		a->counts->dropped_attributes++;
	if (got <= 0)
		return 0;
	bool access = kind == ARCHIVE_ENTRY_ACL_TYPE_ACCESS;
	struct attribute x = {access ? ACL_ACCESS : ACL_DEFAULT, value.data, value.length};
	return set_one(a, t, &x, e);
}

int tar_attributes_set(
	struct tar_attributes *a, const char *name, struct archive_entry *entry, struct error **e)
{
	struct target t = {name, archive_entry_filetype(entry) == AE_IFDIR, 0};
	/* File flags (chattr): an immutable file could not even be deleted again. */
	if (archive_entry_fflags_text(entry) ||
		archive_entry_acl_types(entry) & ARCHIVE_ENTRY_ACL_TYPE_NFS4)
		a->counts->dropped_attributes++;
	if (set_xattrs(a, &t, entry, e) < 0 ||
		set_acl(a, &t, entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, e) < 0)
		return -1;
	return set_acl(a, &t, entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, e);
}

int tar_attributes_finish(struct tar_attributes *a, struct error **e)
{
	for (struct tar_late_attribute *l = a->late; l; l = l->next) {
		struct attribute x = {l->name, l->value, l->size};
		if (set_now(a, l->path, &x, e) < 0)
			return -1;
	}
	return 0;
}

void tar_attributes_free(struct tar_attributes *a)
{
	for (struct tar_late_attribute *l = a->late, *next; l; l = next) {
		next = l->next;
		free(l->path);
		free(l->name);
		free(l);
	}
	a->late = NULL;
}
