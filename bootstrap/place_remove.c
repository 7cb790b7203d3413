/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back: a ROOT and its work directory are deleted.
 *
 * A tree is deleted in no order that a reader could use, so it first gets out of the way: ROOT is
 * renamed into its work directory at once, the top entries of a mount point are moved there after a
 * record that says so. A run that is cut off leaves no ROOT, or one that nothing starts on, and a
 * work directory that tells the next run what to do. */
#include "bootstrap/place_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "chroot/rootfs.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

/* Trees and files that we make in a work directory. Anything else there is not ours, and stays. */
static const char *const our_trees[] = {PLACE_DESTROYED, PLACE_STAGING, PLACE_DOWNLOAD};
static const char *const our_files[] = {PLACE_LOG, "journal.0", "journal.1", "journal.0.part",
	"journal.1.part", "probe", "PROBE", "probe-link", "probe-symlink"};
enum {
	TREES = sizeof our_trees / sizeof *our_trees,
	FILES = sizeof our_files / sizeof *our_files,
};

/* Links are not followed: the record must lie in this very tree. */
static bool has_record(int fd)
{
	auto_buf text = BUF(4096);
	return rootfs_read_file(fd, PLACE_STATE_DIR, PLACE_STATE_NAME, &text, NULL) == 0 &&
	       text_has_prefix(buf_text(&text), PLACE_STATE_MARK);
}

static bool work_is_ours(int work_fd)
{
	for (int i = 0; i < TREES; i++)
		if (path_exists(work_fd, our_trees[i]))
			return true;
	for (int i = 0; i < FILES; i++)
		if (path_exists(work_fd, our_files[i]))
			return true;
	return false;
}

static int open_work(const struct place *p)
{
	return open(p->work_path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int is_half_done(const struct place *p, struct error **e)
{
	int auto_fd work = p->names.mount_point ? open_work(p) : -1;
	if (work < 0)
		return 0;
	int moving = place_journal_says(work, PLACE_MOVING_MARK, e);
	return moving ? moving : place_journal_says(work, PLACE_ENDING_MARK, e);
}

static int refuse(
	const struct place *p, const struct mountinfo_entry *m, const char *how, struct error **e)
{
	error_set(e, ERROR_BUSY, 0, "%s is not deleted: %s (%s) %s %s", p->names.root, m->source,
		m->type, how, m->target);
	return error_hint(e, "run 'umount %s' first", m->target);
}

/* The mount at ROOT is right where it is the one that ROOT was made on: a whole filesystem, or a
 * subvolume of btrfs (the inode of each one's top is 256). A bind mount may have been made over a
 * finished ROOT later, and shows what is somebody else's. */
static int refuse_mount_at(
	const struct place *p, const struct mountinfo_entry *at, size_t count, struct error **e)
{
	enum { BTRFS_TOP = 256 };
	struct stat st;
	if (count > 1)
		return refuse(p, at, "lies over another mount at", e);
	if (strcmp(at->root, "/") == 0)
		return 0;
	if (lstat(p->names.root, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", p->names.root);
	if (strcmp(at->type, "btrfs") == 0 && st.st_ino == BTRFS_TOP)
		return 0;
	error_set(e, ERROR_BUSY, 0, "%s is not deleted: it is a bind mount of %s on %s (%s)",
		p->names.root, at->root, at->source, at->type);
	return error_hint(e, "run 'umount %s', and destroy the directory itself", p->names.root);
}

static int refuse_mounts(const struct place *p, const struct mountinfo *mounts, struct error **e)
{
	const struct mountinfo_entry *m;
	size_t count;
	if ((m = mountinfo_below(mounts, p->work_path)))
		return refuse(p, m, "is mounted at", e);
	if ((m = mountinfo_at(mounts, p->names.root, &count)) &&
		refuse_mount_at(p, m, count, e) < 0)
		return -1;
	if ((m = mountinfo_inside(mounts, p->names.root)))
		return refuse(p, m, "is mounted at", e);
	if (p->remove_root && (m = mountinfo_elsewhere(mounts, p->names.root)))
		return refuse(p, m, "shows what lies in it at", e);
	return 0;
}

static int refuse_running_system(const struct place *p, struct error **e)
{
	int there = path_look(AT_FDCWD, p->names.root, e);
	if (there <= 0)
		return there;
	struct rootfs *r = rootfs_open_damaged(p->names.root, e);
	rootfs_free(r);
	return r ? 0 : -1;
}

/* Decides whether ROOT itself goes. What holds no record of ours is never deleted. */
static int look_at_root(struct place *p, const struct mountinfo *mounts, struct error **e)
{
	int there = path_look(AT_FDCWD, p->names.root, e);
	if (there <= 0)
		return there;
	struct rootfs *r = rootfs_open_damaged(p->names.root, e);
	if (!r)
		return -1;
	int ours = has_record(rootfs_fd(r)) ? 1 : is_half_done(p, e);
	int full = ours ? 0 : place_holds_something(rootfs_fd(r), p->names.mount_point, e);
	rootfs_free(r);
	if (ours < 0)
		return error_wrap(e, "%s", p->names.root);
	p->remove_root = ours;
	if (full <= 0)
		return full;
	const struct mountinfo_entry *at = mountinfo_at(mounts, p->names.root, NULL);
	error_set(e, ERROR_ROOT, 0, "%s is no ROOT of ours: %s%s has no record (%s)", p->names.root,
		at ? at->source : "it", at ? ", mounted there," : "", PLACE_STATE_FILE);
	return error_hint(e, "only what alarmstrap made is deleted; look at what lies there");
}

static int look_at_work(const struct place *p, const struct mountinfo *mounts, struct error **e)
{
	int auto_fd work = open_work(p);
	if (work >= 0 && flock(work, LOCK_SH | LOCK_NB) < 0)
		return place_busy(work, p->names.root, e);
	if (p->remove_root || (work >= 0 && work_is_ours(work)))
		return 0;
	const struct mountinfo_entry *at = mountinfo_at(mounts, p->names.root, NULL);
	return error_set(e, ERROR_ROOT, 0, "there is no ROOT of ours at %s%s%s", p->names.root,
		at ? ", where this is mounted: " : "", at ? at->source : "");
}

struct place *place_open_for_removal(const char *root, struct error **e)
{
	auto_mountinfo mounts = {0};
	if (mountinfo_read(&mounts, 0, e) < 0)
		return NULL;
	struct place *p = place_new(root, e);
	/* What is mounted comes first: it may be what hides our record. */
	if (p && refuse_running_system(p, e) == 0 && refuse_mounts(p, &mounts, e) == 0 &&
		look_at_root(p, &mounts, e) == 0 && look_at_work(p, &mounts, e) == 0 &&
		refuse_mounts(p, &mounts, e) == 0)
		return p;
	place_free(p);
	return NULL;
}

const char *place_removal_root(const struct place *p)
{
	return p->remove_root ? p->names.root : NULL;
}

void place_measure(const struct place *p, struct tree_deleted *size)
{
	struct tree_deleted root = {0}, work = {0};
	int auto_fd parent = open(p->names.parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->remove_root)
		tree_measure(parent, p->names.name, &root);
	/* That of a mount point lies in it. */
	if (!p->remove_root || !p->names.mount_point)
		tree_measure(parent, p->names.work, &work);
	*size = (struct tree_deleted){root.entries + work.entries, root.bytes + work.bytes};
}

/* A full disk is the best of reasons to destroy, and not even a directory can be made on it: caches
 * go first. */
static int make_room(const struct place *p, struct error **e)
{
	int auto_fd root = path_open_dir(AT_FDCWD, p->names.root, e);
	int auto_fd var = root < 0 ? -1 : rootfs_open_dir(root, "var", 0, e);
	return var < 0 ? -1 : tree_delete(var, "cache", NULL, e);
}

static int delete_tree(int fd, const char *name, struct tree_deleted *sum, struct error **e)
{
	struct tree_deleted one = {0};
	if (tree_delete(fd, name, &one, e) < 0)
		return -1;
	sum->entries += one.entries;
	sum->bytes += one.bytes;
	return 0;
}

/* Deletes what lies in the directory but for `keep`. */
static int delete_others(int fd, const char *keep, struct tree_deleted *sum, struct error **e)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir) {
		error_set(e, ERROR_SYSTEM, errno, "read what is to be deleted");
		fd_cleanup(&again);
		return -1;
	}
	for (struct dirent *d; r == 0 && (d = readdir(dir));)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
			strcmp(d->d_name, keep) != 0)
			r = delete_tree(fd, d->d_name, sum, e);
	closedir(dir);
	return r;
}

/* Where ROOT lies in the lower layer of an overlay its directories cannot be renamed (EXDEV). Then
 * it is deleted where it is: its programs first, so that nothing starts on it, and its record
 * last, so that the next run knows it. */
static int delete_in_place(const struct place *p, struct tree_deleted *sum, struct error **e)
{
	static const char *const way[] = {"var", "lib", "alarmstrap", PLACE_STATE_NAME};
	int auto_fd at = path_open_dir(p->parent_fd, p->names.name, e);
	if (at < 0 || delete_tree(at, "usr", sum, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
		if (delete_others(at, way[i], sum, e) < 0)
			return -1;
		int next = i + 1 < sizeof way / sizeof *way ? path_open_dir(at, way[i], e) : -2;
		if (next == -1)
			return -1;
		close(at);
		at = next;
	}
	return delete_tree(p->parent_fd, p->names.name, sum, e);
}

static int cannot_set_aside(const struct place *p, int errnum, struct error **e)
{
	const char *root = p->names.root;
	/* Nothing has happened yet. */
	journal_remove(p->work_fd);
	error_set(e, errnum == EBUSY ? ERROR_BUSY : fd_error_code(errnum), errnum, "move it to %s",
		p->work_path);
	if (errnum == EBUSY)
		return error_hint(e, "something was mounted there meanwhile: 'umount %s'", root);
	return errnum == EPERM ? error_hint(e, "is it immutable? 'chattr -i -a %s'", root) : -1;
}

static int set_directory_aside(const struct place *p, struct tree_deleted *sum, struct error **e)
{
	auto_error *ignored = NULL;
	/* The record is for people: a ROOT that is set aside needs none. */
	if (journal_write(p->work_fd, PLACE_ENDING_MARK, 1, 1, &ignored) < 0)
		error_clear(&ignored);
	if (renameat(p->parent_fd, p->names.name, p->work_fd, PLACE_DESTROYED) == 0)
		return path_sync_dir(p->parent_fd, e);
	return errno == EXDEV ? delete_in_place(p, sum, e) : cannot_set_aside(p, errno, e);
}

static int set_content_aside(const struct place *p, struct error **e)
{
	if (journal_write(p->work_fd, PLACE_ENDING_MARK, 1, 1, e) < 0)
		return -1;
	if (mkdirat(p->work_fd, PLACE_DESTROYED, 0700) < 0 && errno != EEXIST)
		return error_set(
			e, fd_error_code(errno), errno, "make a directory in %s", p->work_path);
	int auto_fd to = path_open_dir(p->work_fd, PLACE_DESTROYED, e);
	return to < 0 ? -1 : place_move_entries(p->parent_fd, to, p->work_path, e);
}

/* The journal goes last: it says that there is something to end. */
static int delete_work(struct place *p, struct tree_deleted *sum, struct error **e)
{
	for (int i = 0; i < TREES; i++)
		if (delete_tree(p->work_fd, our_trees[i], sum, e) < 0)
			return -1;
	for (int i = 0; i < FILES; i++)
		if (unlinkat(p->work_fd, our_files[i], 0) < 0 && errno != ENOENT)
			return error_set(e, ERROR_SYSTEM, errno, "delete %s", our_files[i]);
	if (unlinkat(p->parent_fd, p->names.work, AT_REMOVEDIR) < 0) {
		error_set(e, ERROR_ROOT, errno, "remove %s", p->work_path);
		return errno == ENOTEMPTY
			       ? error_hint(e, "something in it is not ours: move it away")
			       : -1;
	}
	/* From here on the name may be somebody else's. */
	p->locked = false;
	return path_sync_dir(p->parent_fd, e);
}

static int set_aside(struct place *p, struct tree_deleted *sum, struct error **e)
{
	/* What an earlier run set aside makes way first. */
	if (delete_tree(p->work_fd, PLACE_DESTROYED, sum, e) < 0)
		return -1;
	return p->names.mount_point ? set_content_aside(p, e) : set_directory_aside(p, sum, e);
}

static int lock_and_set_aside(struct place *p, struct tree_deleted *sum, struct error **e)
{
	auto_mountinfo mounts = {0};
	/* Looked at again, now that no other of us can change it: the answer to a question may have
	 * taken its time. */
	if ((!p->locked && place_lock(p, e) < 0) || mountinfo_read(&mounts, 0, e) < 0 ||
		refuse_mounts(p, &mounts, e) < 0)
		return -1;
	return p->remove_root ? set_aside(p, sum, e) : 0;
}

int place_remove(struct place *p, struct tree_deleted *deleted, struct error **e)
{
	auto_error *failure = NULL;
	struct tree_deleted sum = {0};
	int r = lock_and_set_aside(p, &sum, &failure);
	if (r < 0 && error_code(failure) == ERROR_SPACE && p->remove_root) {
		error_clear(&failure);
		r = make_room(p, &failure) < 0 ? -1 : lock_and_set_aside(p, &sum, &failure);
	}
	if (r == 0)
		r = delete_work(p, &sum, &failure);
	if (r == 0)
		*deleted = sum;
	else if (e && !*e)
		*e = take(&failure);
	return r == 0 ? 0 : error_wrap(e, "delete %s", p->names.root);
}
