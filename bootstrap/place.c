/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/place_look.h"
#include "chroot/environment.h"
#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/syscalls.h"
#include "lib/text.h"

#define STATE_DIR "var/lib/alarmstrap"
#define STAGING "new"
#define DOWNLOAD "download"
/* The journal's word for "every entry of new/ is synced, and is being moved". */
#define MOVING "moving"
#define LOG "log"

struct place {
	struct place_names names;
	char *staging_path, *download_path; /* absolute */
	int parent_fd, work_fd, download_fd;
	bool locked;
	struct target_facts facts;
};

static void place_close(struct place *p)
{
	int *fds[] = {&p->download_fd, &p->work_fd, &p->parent_fd};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
	place_names_free(&p->names);
	free(p->staging_path);
	free(p->download_path);
	free(p);
}

static struct place *place_new(const char *root, struct error **e)
{
	struct place *p = calloc(1, sizeof *p);
	if (!p) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "%s", root);
		return NULL;
	}
	p->parent_fd = p->work_fd = p->download_fd = -1;
	char *auto_free work = NULL;
	if (place_names_of(root, &p->names, e) == 0 &&
		(work = path_join(p->names.parent, p->names.work, e)) &&
		(p->staging_path = path_join(work, STAGING, e)) &&
		(p->download_path = path_join(work, DOWNLOAD, e)))
		return p;
	place_close(p);
	return NULL;
}

static int make_work_dir(struct place *p, struct error **e)
{
	p->parent_fd = open(p->names.parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->parent_fd < 0)
		return error_set(e, ERROR_ROOT, errno, "%s", p->names.parent);
	if (mkdirat(p->parent_fd, p->names.work, 0700) < 0 && errno != EEXIST) {
		error_set(e, errno == ENOSPC ? ERROR_SPACE : ERROR_ROOT, errno, "make %s/%s",
			p->names.parent, p->names.work);
		return error_hint(e, "name a ROOT on a filesystem that can be written to");
	}
	p->work_fd = path_open_dir(p->parent_fd, p->names.work, e);
	return p->work_fd < 0 ? -1 : 0;
}

static int busy(struct place *p, struct error **e)
{
	struct journal_entry j;
	if (journal_read(p->work_fd, &j, NULL) <= 0)
		return error_set(
			e, ERROR_BUSY, 0, "another alarmstrap is working on %s", p->names.root);
	return error_set(e, ERROR_BUSY, 0,
		"another alarmstrap (pid %d) is working on %s, at stage %d of %d (%s)", (int)j.pid,
		p->names.root, j.index, j.count, j.stage);
}

static int open_work_dir(struct place *p, struct error **e)
{
	struct stat st;
	if (make_work_dir(p, e) < 0)
		return -1;
	if (flock(p->work_fd, LOCK_EX | LOCK_NB) < 0)
		return busy(p, e);
	p->locked = true;
	/* The other one may have removed the directory between our open and our lock. */
	if (fstat(p->work_fd, &st) < 0 || st.st_nlink == 0)
		return error_set(
			e, ERROR_BUSY, 0, "another alarmstrap was working on %s", p->names.root);
	if (st.st_uid != geteuid())
		return error_set(e, ERROR_ROOT, 0, "%s/%s belongs to somebody else",
			p->names.parent, p->names.work);
	if (path_make_dirs(p->work_fd, DOWNLOAD, 0700, e) < 0)
		return -1;
	p->download_fd = path_open_dir(p->work_fd, DOWNLOAD, e);
	return p->download_fd < 0 ? -1 : 0;
}

/* An earlier run that was killed may have left an environment on the staging directory. */
static int end_leftover(struct place *p, struct report *report, struct error **e)
{
	struct journal_entry j;
	if (journal_read(p->work_fd, &j, e) > 0)
		report_note(report,
			"an earlier run was cut off at stage %d of %d (%s): it goes on "
			"from what was downloaded",
			j.index, j.count, j.stage);
	if (!path_exists(p->work_fd, STAGING))
		return 0;
	struct rootfs *r = rootfs_open(p->staging_path, NULL);
	struct environment *env = r ? environment_find(r, NULL) : NULL;
	int stopped = env ? environment_stop(env, report, e)
		      : r ? environment_sweep(r, report, e)
			  : 0;
	rootfs_free(r);
	return stopped < 0 ? -1 : tree_delete(p->work_fd, STAGING, NULL, e);
}

struct place *place_open(const char *root, struct report *report, struct error **e)
{
	struct place *p = place_new(root, e);
	if (!p)
		return NULL;
	if (open_work_dir(p, e) == 0 && end_leftover(p, report, e) == 0 &&
		target_probe(p->work_fd, &p->facts, e) == 0 &&
		target_judge(&p->facts, p->names.parent, report, e) == 0)
		return p;
	place_free(p);
	return NULL;
}

const char *place_root(const struct place *p)
{
	return p->names.root;
}

int place_work_fd(const struct place *p)
{
	return p->work_fd;
}

int place_open_log(const struct place *p, struct error **e)
{
	int fd = openat(
		p->work_fd, LOG, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "open the log");
	return fd;
}

int place_download_fd(const struct place *p)
{
	return p->download_fd;
}

const char *place_download_path(const struct place *p)
{
	return p->download_path;
}

const char *place_staging_path(const struct place *p)
{
	return p->staging_path;
}

const struct target_facts *place_facts(const struct place *p)
{
	return &p->facts;
}

int place_make_staging(struct place *p, struct error **e)
{
	if (mkdirat(p->work_fd, STAGING, 0755) < 0)
		return error_set(e, fd_error_code(errno), errno, "make %s", p->staging_path);
	return path_open_dir(p->work_fd, STAGING, e);
}

/* The record that tells a finished ROOT from any other directory. */
static int write_state(int root_fd, struct error **e)
{
	static const char text[] = "# written by alarmstrap when ROOT was complete\n"
				   "format = 1\n"
				   "made-by = alarmstrap " PACKAGE_VERSION "\n";
	if (path_make_dirs(root_fd, STATE_DIR, 0755, e) < 0)
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
	if (sys_renameat2(p->work_fd, STAGING, p->parent_fd, name, NOREPLACE) == 0)
		return 0;
	/* Before 3.15, or a filesystem without it: the name was found absent just above, and the
	 * plain rename replaces at most an empty directory. */
	if ((errno == ENOSYS || errno == EINVAL) &&
		renameat(p->work_fd, STAGING, p->parent_fd, name) == 0)
		return 0;
	return error_set(e, ERROR_ROOT, errno, "rename the finished tree to %s", p->names.root);
}

/* Moves what is left in new/ up into ROOT; entries moved by an earlier run are there already. */
static int move_entries(struct place *p, struct error **e)
{
	int auto_fd staging = path_open_dir(p->work_fd, STAGING, e);
	if (staging < 0)
		return -1;
	int again = openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_set(e, ERROR_SYSTEM, errno, "read %s", p->staging_path);
	int r = 0;
	for (struct dirent *d; r == 0 && (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (renameat(staging, d->d_name, p->parent_fd, d->d_name) < 0)
			r = error_set(
				e, ERROR_ROOT, errno, "move %s into %s", d->d_name, p->names.root);
	}
	closedir(dir);
	return r;
}

static int move_into_place(struct place *p, struct error **e)
{
	struct stat st;
	if (fstatat(p->work_fd, STAGING, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		(move_entries(p, e) < 0 || fchmodat(p->parent_fd, ".", st.st_mode & 07777, 0) < 0))
		return error_set(e, ERROR_SYSTEM, errno, "%s", p->names.root);
	if (sync_all(p->parent_fd, p->names.root, e) < 0)
		return -1;
	unlinkat(p->work_fd, STAGING, AT_REMOVEDIR);
	return write_state(p->parent_fd, e);
}

static int commit_mount_point(struct place *p, struct error **e)
{
	if (sync_all(p->work_fd, p->staging_path, e) < 0 ||
		journal_write(p->work_fd, MOVING, 1, 1, e) < 0)
		return -1;
	return move_into_place(p, e);
}

static int commit_directory(struct place *p, struct error **e)
{
	int auto_fd staging = path_open_dir(p->work_fd, STAGING, e);
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
	if (logs < 0 || renameat(p->work_fd, LOG, logs, "alarmstrap.log") < 0)
		unlinkat(p->work_fd, LOG, 0);
}

static void remove_work(struct place *p)
{
	move_log(p);
	/* ROOT is complete: what cannot be removed here costs space, and the next run tries again.
	 */
	if (tree_delete(p->work_fd, DOWNLOAD, NULL, NULL) == 0)
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
	report_note(report, "the commit of %s was cut off: it is completed now", root);
	int r = open_work_dir(p, e) < 0 ? -1 : move_into_place(p, e);
	if (r == 0)
		remove_work(p);
	place_free(p);
	return r;
}

void place_sweep(const char *root)
{
	struct place *p = place_new(root, NULL);
	struct stat st;
	if (!p)
		return;
	char *auto_free work = path_join(p->names.parent, p->names.work, NULL);
	if (work && lstat(work, &st) == 0 && open_work_dir(p, NULL) == 0)
		remove_work(p);
	place_free(p);
}

void place_discard(struct place *p, struct report *report)
{
	auto_error *e = NULL;
	if (tree_delete(p->work_fd, STAGING, NULL, &e) < 0)
		report_warn(report, "%s stays: %s", p->staging_path, error_message(e));
	else
		journal_remove(p->work_fd);
	/* Who saw the terminal to the end needs no log. */
	if (!interrupt_hung_up())
		unlinkat(p->work_fd, LOG, 0);
}

void place_free(struct place *p)
{
	if (!p)
		return;
	/* Only what is empty goes; downloads stay for the next run. Without the lock it is all
	 * somebody else's. */
	if (p->locked) {
		unlinkat(p->work_fd, DOWNLOAD, AT_REMOVEDIR);
		unlinkat(p->parent_fd, p->names.work, AT_REMOVEDIR);
	}
	place_close(p);
}
