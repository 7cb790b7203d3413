/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/place_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrap/start.h"
#include "chroot/environment.h"
#include "chroot/tree.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/path_inside.h"
#include "lib/syscalls.h"
#include "lib/text.h"
#include "lib/ticks.h"

static void place_close(struct place *p)
{
	int *fds[] = {&p->download_fd, &p->work_fd, &p->parent_fd};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (*fds[i] >= 0)
			close(take_fd(fds[i]));
	place_names_free(&p->names);
	free(p->work_path);
	free(p->staging_path);
	free(p->download_path);
	free(p);
}

struct place *place_new(const char *root, struct error **e)
{
	struct place *p = calloc(1, sizeof *p);
	if (!p) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "%s", root);
		return NULL;
	}
	p->parent_fd = p->work_fd = p->download_fd = -1;
	if (place_names_of(root, &p->names, e) == 0 &&
		(p->work_path = path_join(p->names.parent, p->names.work, e)) &&
		(p->staging_path = path_join(p->work_path, PLACE_STAGING, e)) &&
		(p->download_path = path_join(p->work_path, PLACE_DOWNLOAD, e)))
		return p;
	place_close(p);
	return NULL;
}

static int cannot_make(struct place *p, int errnum, struct error **e)
{
	enum error_code code = fd_error_code(errnum);
	if (code == ERROR_SPACE)
		return error_set(e, code, errnum, "make %s", p->work_path);
	error_set(e, ERROR_ROOT, errnum, "make %s", p->work_path);
	if (errnum == ENAMETOOLONG)
		return error_hint(e, "name a ROOT with a shorter name");
	return error_hint(e, errnum == EROFS
				     ? "mount its filesystem read-write, or name another ROOT"
				     : "name a ROOT on a filesystem that can be written to");
}

int place_busy(int work_fd, const char *root, struct error **e)
{
	struct journal_entry j;
	if (journal_read(work_fd, &j, NULL) <= 0)
		return error_set(e, ERROR_BUSY, 0, "another alarmstrap is working on %s", root);
	return error_set(e, ERROR_BUSY, 0,
		"another alarmstrap (pid %d) is working on %s, at stage %d of %d (%s)", (int)j.pid,
		root, j.index, j.count, j.stage);
}

/* 1: locked; 0: try again: somebody has it, or the directory vanished between our open and our lock
 * and the lock is worth nothing. */
static int try_lock(struct place *p, struct error **e)
{
	struct stat st, named;
	if (mkdirat(p->parent_fd, p->names.work, 0700) < 0 && errno != EEXIST)
		return cannot_make(p, errno, e);
	p->work_fd = path_open_dir(p->parent_fd, p->names.work, e);
	if (p->work_fd < 0)
		return -1;
	if (fstat(p->work_fd, &st) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", p->work_path);
	if (st.st_uid != geteuid())
		return error_set(e, ERROR_ROOT, 0, "%s belongs to somebody else", p->work_path);
	if (flock(p->work_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? 0
			       : error_set(e, ERROR_SYSTEM, errno, "lock %s", p->work_path);
	if (fstatat(p->parent_fd, p->names.work, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
		named.st_ino != st.st_ino || named.st_dev != st.st_dev)
		return 0;
	p->locked = true;
	return 1;
}

/* Who only looks (place_under_way) has the lock for a moment, too. */
int place_lock(struct place *p, struct error **e)
{
	enum { TRIES = 10, PAUSE_MS = 20 };
	p->parent_fd = open(p->names.parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->parent_fd < 0)
		return error_set(e, ERROR_ROOT, errno, "%s", p->names.parent);
	for (int i = 0; i < TRIES; i++) {
		if (i) {
			close(take_fd(&p->work_fd));
			ticks_sleep_ms(PAUSE_MS);
		}
		int locked = try_lock(p, e);
		if (locked)
			return locked < 0 ? -1 : 0;
	}
	return place_busy(p->work_fd, p->names.root, e);
}

static int open_download(struct place *p, struct error **e)
{
	if (path_make_dirs(p->work_fd, PLACE_DOWNLOAD, 0700, e) < 0)
		return -1;
	p->download_fd = path_open_dir(p->work_fd, PLACE_DOWNLOAD, e);
	return p->download_fd < 0 ? -1 : 0;
}

int place_end_environment(const char *path, struct report *report, struct error **e)
{
	auto_error *failure = NULL;
	if (!path_exists(AT_FDCWD, path))
		return 0;
	struct rootfs *r = rootfs_open_damaged(path, e);
	if (!r)
		return -1;
	int done = -1;
	struct environment *env = environment_find(r, &failure);
	if (env)
		done = environment_stop(env, report, e);
	else if (!failure)
		done = sweep_environment(r, report, e);
	else if (e && !*e)
		*e = take(&failure);
	rootfs_free(r);
	return done;
}

/* An earlier run that was killed may have left an environment on the staging directory, and a
 * destroy what it had not deleted yet. */
static int end_leftover(struct place *p, struct report *report, struct error **e)
{
	struct journal_entry j;
	int known = journal_read(p->work_fd, &j, e);
	if (known < 0)
		return -1;
	if (known && strcmp(j.stage, PLACE_ENDING_MARK) != 0)
		report_note(report,
			"an earlier run was cut off at stage %d of %d (%s): it goes on "
			"from what was downloaded",
			j.index, j.count, j.stage);
	if (place_end_environment(p->staging_path, report, e) < 0 ||
		tree_delete(p->work_fd, PLACE_STAGING, NULL, e) < 0 ||
		tree_delete(p->work_fd, PLACE_DESTROYED, NULL, e) < 0)
		return error_wrap(e, "clear %s", p->work_path);
	return 0;
}

/* Another run may have committed between our first look and our lock. */
static int still_free(const struct place *p, struct error **e)
{
	enum place_state state;
	if (place_look(p->names.root, &state, e) < 0)
		return -1;
	if (state == PLACE_FREE)
		return 0;
	error_set(e, ERROR_BUSY, 0, "another alarmstrap was working on %s, and ended just now",
		p->names.root);
	return error_hint(e, "run the same command again");
}

/* The work directory of another ROOT may come to be there. */
static int refuse_name_of_work(const struct place *p, struct error **e)
{
	const char *name = strrchr(p->names.root, '/') + 1;
	if (*name != '.' || !text_has_suffix(name, PLACE_WORK_INSIDE))
		return 0;
	error_set(e, ERROR_ROOT, 0, "%s: alarmstrap itself uses such names", p->names.root);
	return error_hint(e, "name a ROOT that does not end in " PLACE_WORK_INSIDE);
}

struct place *place_open(const char *root, struct report *report, struct error **e)
{
	struct place *p = place_new(root, e);
	if (!p)
		return NULL;
	if (refuse_name_of_work(p, e) == 0 && place_lock(p, e) == 0 && still_free(p, e) == 0 &&
		end_leftover(p, report, e) == 0 && open_download(p, e) == 0 &&
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
	int fd = openat(p->work_fd, PLACE_LOG,
		O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
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
	if (mkdirat(p->work_fd, PLACE_STAGING, 0755) < 0)
		return error_set(e, fd_error_code(errno), errno, "make %s", p->staging_path);
	return path_open_dir(p->work_fd, PLACE_STAGING, e);
}

void place_discard(struct place *p, struct report *report)
{
	auto_error *e = NULL;
	/* Half of it is ROOT's already: only forward leads out, and the record says so. */
	if (p->moving)
		return;
	if (tree_delete(p->work_fd, PLACE_STAGING, NULL, &e) < 0)
		report_warn(report, "%s stays: %s", p->staging_path, error_message(e));
	else
		journal_remove(p->work_fd);
	/* Who saw the terminal to the end needs no log. */
	if (!interrupt_hung_up())
		unlinkat(p->work_fd, PLACE_LOG, 0);
}

void place_free(struct place *p)
{
	if (!p)
		return;
	/* Only what is empty goes; downloads stay for the next run. Without the lock it is all
	 * somebody else's. */
	if (p->locked) {
		unlinkat(p->work_fd, PLACE_DOWNLOAD, AT_REMOVEDIR);
		unlinkat(p->parent_fd, p->names.work, AT_REMOVEDIR);
	}
	place_close(p);
}
