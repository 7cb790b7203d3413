/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of the work: the staging directory becomes ROOT. */
#include "bootstrap/place_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/syscalls.h"

/* The record that tells a finished ROOT from any other directory. */
static int write_state(int root_fd, struct error **e)
{
	static const char text[] = PLACE_STATE_MARK "format = 1\n"
						    "made-by = alarmstrap " PACKAGE_VERSION "\n";
	if (path_make_dirs(root_fd, PLACE_STATE_DIR, 0755, e) < 0)
		return -1;
	return path_write_file(root_fd, PLACE_STATE_FILE, 0644, text, sizeof text - 1, e);
}

static int sync_all(int fd, const char *path, struct error **e)
{
	if (sys_syncfs(fd) < 0)
		return error_set(e, fd_error_code(errno), errno, "sync %s", path);
	return 0;
}

static int rename_into_place(struct place *p, struct error **e)
{
	enum { NOREPLACE = 1 };
	const char *name = p->names.name;
	/* An empty ROOT was allowed; with NOREPLACE a rename onto a directory that is there fails.
	 */
	if (unlinkat(p->parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_set(e, ERROR_ROOT, errno, "replace the empty %s", p->names.root);
	if (sys_renameat2(p->work_fd, PLACE_STAGING, p->parent_fd, name, NOREPLACE) == 0)
		return 0;
	/* Before 3.15, or a filesystem without it: the name was found absent just above, and the
	 * plain rename replaces at most an empty directory. */
	if ((errno == ENOSYS || errno == EINVAL) &&
		renameat(p->work_fd, PLACE_STAGING, p->parent_fd, name) == 0)
		return 0;
	return error_set(e, ERROR_ROOT, errno, "rename the finished tree to %s", p->names.root);
}

/* 1 something was moved, 0 nothing is left to move. */
static int move_some(DIR *dir, int from, int to, const char *to_path, struct error **e)
{
	int moved = 0;
	rewinddir(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		if (!place_is_content(d->d_name))
			continue;
		if (renameat(from, d->d_name, to, d->d_name) < 0)
			return error_set(e, errno == EBUSY ? ERROR_BUSY : fd_error_code(errno),
				errno, "move %s to %s", d->d_name, to_path);
		moved = 1;
	}
	return moved;
}

/* POSIX leaves open what readdir says of a directory that changes: read again until it is empty. */
int place_move_entries(int from, int to, const char *to_path, struct error **e)
{
	int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir) {
		error_set(e, ERROR_SYSTEM, errno, "read what is to be moved to %s", to_path);
		fd_cleanup(&again);
		return -1;
	}
	do
		r = move_some(dir, from, to, to_path, e);
	while (r > 0);
	closedir(dir);
	return r;
}

/* The top directory itself cannot be moved: its owner and mode are. */
static int dress_root(struct place *p, int staging, struct error **e)
{
	struct stat st;
	if (fstat(staging, &st) < 0 || fchown(p->parent_fd, st.st_uid, st.st_gid) < 0 ||
		fchmod(p->parent_fd, st.st_mode & 07777) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "owner and mode of %s", p->names.root);
	return 0;
}

/* Moves what is left in new/ up into ROOT; entries moved by an earlier run are there already. */
static int move_staging(struct place *p, struct error **e)
{
	int auto_fd staging = path_open_dir(p->work_fd, PLACE_STAGING, e);
	if (staging < 0)
		return -1;
	/* The tarball's own lost+found makes way for the filesystem's. */
	if (tree_delete(staging, "lost+found", NULL, e) < 0 ||
		place_move_entries(staging, p->parent_fd, p->names.root, e) < 0 ||
		dress_root(p, staging, e) < 0)
		return -1;
	if (unlinkat(p->work_fd, PLACE_STAGING, AT_REMOVEDIR) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", p->staging_path);
	return 0;
}

/* Everything on disk before the record says that it is. */
static int move_into_place(struct place *p, struct error **e)
{
	if (path_exists(p->work_fd, PLACE_STAGING) && move_staging(p, e) < 0)
		return -1;
	return sync_all(p->parent_fd, p->names.root, e) < 0 ? -1 : write_state(p->parent_fd, e);
}

static int commit_mount_point(struct place *p, struct error **e)
{
	if (sync_all(p->work_fd, p->staging_path, e) < 0 ||
		journal_write(p->work_fd, PLACE_MOVING_MARK, 1, 1, e) < 0)
		return -1;
	p->moving = true;
	return move_into_place(p, e);
}

static int commit_directory(struct place *p, struct error **e)
{
	int auto_fd staging = path_open_dir(p->work_fd, PLACE_STAGING, e);
	/* Everything on disk before the name says that it is. */
	if (staging < 0 || write_state(staging, e) < 0 || sync_all(staging, p->staging_path, e) < 0)
		return -1;
	if (rename_into_place(p, e) < 0)
		return -1;
	return path_sync_dir(p->parent_fd, e);
}

/* Whoever has it open goes on writing to it there. */
static void move_log(struct place *p)
{
	int auto_fd root = openat(
		p->parent_fd, p->names.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int auto_fd logs =
		root < 0 ? -1 : path_open_inside(root, "/var/log", O_RDONLY | O_DIRECTORY, NULL);
	if (logs < 0 || renameat(p->work_fd, PLACE_LOG, logs, "alarmstrap.log") < 0)
		unlinkat(p->work_fd, PLACE_LOG, 0);
}

static void remove_work(struct place *p)
{
	move_log(p);
	/* ROOT is complete: what cannot be removed here costs space, and the next run tries again.
	 */
	if (tree_delete(p->work_fd, PLACE_DOWNLOAD, NULL, NULL) == 0)
		journal_remove(p->work_fd);
}

int place_commit(struct place *p, struct error **e)
{
	int r = p->names.mount_point ? commit_mount_point(p, e) : commit_directory(p, e);
	if (r < 0)
		return error_wrap(e, "commit %s", p->names.root);
	remove_work(p);
	return 0;
}

int place_finish(const char *root, struct report *report, struct error **e)
{
	struct place *p = place_new(root, e);
	if (!p)
		return -1;
	int r = place_lock(p, e);
	if (r == 0) {
		report_note(report, "the commit of %s was cut off: it is completed now", root);
		r = move_into_place(p, e);
	}
	if (r == 0)
		remove_work(p);
	else
		error_wrap(e, "commit %s", root);
	place_free(p);
	return r;
}

void place_sweep(const char *root)
{
	struct place *p = place_new(root, NULL);
	if (p && path_exists(AT_FDCWD, p->work_path) && place_lock(p, NULL) == 0)
		remove_work(p);
	place_free(p);
}
