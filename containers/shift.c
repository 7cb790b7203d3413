/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/shift.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/interrupt.h"

/* Descriptors and stack are spent on each level; no system nests so deep. */
enum { DEPTH_MAX = 200, XATTR_MAX = 4096 };

/* linux/capability.h: revisions in the upper byte of the first word; all words little-endian. */
enum { CAPABILITY_V2_SIZE = 20, REVISION_2 = 0x02, REVISION_3 = 0x03 };
/* linux/posix_acl_xattr.h: a version, then entries {tag 16, permissions 16, id 32}. */
enum { ACL_HEADER = 4, ACL_ENTRY = 8, ACL_USER = 0x02, ACL_GROUP = 0x08 };

struct walk {
	const struct container_idmap *map;
	dev_t device;
	struct shift_done done;
	int depth;
};

uint32_t shift_id(const struct container_idmap *map, uint32_t id)
{
	return id < map->count ? map->base + id : id;
}

static uint32_t get_le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_le32(unsigned char *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

size_t shift_capability(const struct container_idmap *map, const unsigned char *value, size_t size,
	unsigned char to[SHIFT_CAPABILITY_SIZE])
{
	if (size != CAPABILITY_V2_SIZE || value[3] != REVISION_2)
		return 0;
	memcpy(to, value, CAPABILITY_V2_SIZE);
	to[3] = REVISION_3;
	put_le32(to + CAPABILITY_V2_SIZE, map->base);
	return SHIFT_CAPABILITY_SIZE;
}

int shift_acl(const struct container_idmap *map, unsigned char *value, size_t size)
{
	int changed = 0;
	for (size_t at = ACL_HEADER; at + ACL_ENTRY <= size; at += ACL_ENTRY) {
		unsigned tag = value[at] | (unsigned)value[at + 1] << 8;
		uint32_t id = get_le32(value + at + 4);
		if ((tag != ACL_USER && tag != ACL_GROUP) || shift_id(map, id) == id)
			continue;
		put_le32(value + at + 4, shift_id(map, id));
		changed = 1;
	}
	return changed;
}

static int shift_acls(const struct walk *w, int fd, const char *name, struct error **e)
{
	static const char *const names[] = {"system.posix_acl_access", "system.posix_acl_default"};
	for (size_t i = 0; i < 2; i++) {
		unsigned char value[XATTR_MAX];
		ssize_t size = fgetxattr(fd, names[i], value, sizeof value);
		if (size > 0 && shift_acl(w->map, value, (size_t)size) &&
			fsetxattr(fd, names[i], value, (size_t)size, 0) < 0)
			return error_set(e, fd_error_code(errno), errno, "ACL of %s", name);
	}
	return 0;
}

/* chown(2) takes away setuid, setgid and capabilities. */
static int give_file(
	struct walk *w, int fd, const struct stat *st, const char *name, struct error **e)
{
	unsigned char value[XATTR_MAX], shifted[SHIFT_CAPABILITY_SIZE];
	ssize_t size = S_ISREG(st->st_mode)
			       ? fgetxattr(fd, "security.capability", value, sizeof value)
			       : 0;
	size_t want = size > 0 ? shift_capability(w->map, value, (size_t)size, shifted) : 0;
	uid_t uid = shift_id(w->map, st->st_uid);
	gid_t gid = shift_id(w->map, st->st_gid);
	if ((uid != st->st_uid || gid != st->st_gid) && fchown(fd, uid, gid) < 0)
		return error_set(e, fd_error_code(errno), errno, "chown %s", name);
	if ((st->st_mode & (S_ISUID | S_ISGID)) && fchmod(fd, st->st_mode & 07777) < 0)
		return error_set(e, fd_error_code(errno), errno, "chmod %s", name);
	if (want && fsetxattr(fd, "security.capability", shifted, want, 0) < 0)
		w->done.lost_capabilities++;
	return shift_acls(w, fd, name, e);
}

static int give_name(
	struct walk *w, int dir, const char *name, const struct stat *st, struct error **e)
{
	uid_t uid = shift_id(w->map, st->st_uid);
	gid_t gid = shift_id(w->map, st->st_gid);
	if ((uid != st->st_uid || gid != st->st_gid) &&
		fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(e, fd_error_code(errno), errno, "chown %s", name);
	return 0;
}

static int walk_dir(struct walk *w, int fd, struct error **e);

static int walk_entry(struct walk *w, int dir, const char *name, struct error **e)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", name);
	if (st.st_dev != w->device)
		return 0;
	bool differs = shift_id(w->map, st.st_uid) != st.st_uid ||
		       shift_id(w->map, st.st_gid) != st.st_gid;
	w->done.entries++;
	w->done.shifted += differs;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return give_name(w, dir, name, &st, e);
	/* A directory's own owner says nothing of what lies in it, nor a program's of its
	 * capabilities. */
	if (!differs && S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		return 0;
	int auto_fd fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "open %s", name);
	if (give_file(w, fd, &st, name, e) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? walk_dir(w, fd, e) : 0;
}

static int walk_names(struct walk *w, DIR *dir, struct error **e)
{
	for (struct dirent *d; (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
			(interrupt_check(e) < 0 || walk_entry(w, dirfd(dir), d->d_name, e) < 0))
			return -1;
	return 0;
}

static int walk_dir(struct walk *w, int fd, struct error **e)
{
	if (++w->depth > DEPTH_MAX)
		return error_set(e, ERROR_ROOT, 0, "directories lie in each other too deep");
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again >= 0 ? fdopendir(again) : NULL;
	if (!dir) {
		error_set(e, ERROR_SYSTEM, errno, "read a directory");
		if (again >= 0)
			close(again);
		return -1;
	}
	int r = walk_names(w, dir, e);
	closedir(dir);
	w->depth--;
	return r;
}

int shift_tree(int fd, const struct container_idmap *map, struct shift_done *done, struct error **e)
{
	struct walk w = {.map = map};
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "container's rootfs");
	w.device = st.st_dev;
	if (give_file(&w, fd, &st, "/", e) < 0 || walk_dir(&w, fd, e) < 0)
		return error_wrap(e, "give the rootfs to the container's users");
	*done = w.done;
	return 0;
}
