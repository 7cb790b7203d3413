/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/place_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/mountinfo.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

/* 1 if something is mounted exactly there: then nothing can be renamed to it. A btrfs subvolume is
 * another device without being mounted, and is taken for a mount point, too: somebody made it for a
 * purpose, and it stays. */
static int is_mount_point(const char *root, struct error **e)
{
	auto_mountinfo mounts = {0};
	char *auto_free above = path_join(root, "..", e);
	struct stat st, parent;
	if (!above)
		return -1;
	if (lstat(root, &st) < 0)
		return errno == ENOENT ? 0 : error_set(e, ERROR_SYSTEM, errno, "%s", root);
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (stat(above, &parent) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", above);
	if (parent.st_dev != st.st_dev || parent.st_ino == st.st_ino)
		return 1;
	/* A bind mount of the same filesystem shows in the table alone. */
	return mountinfo_read(&mounts, 0, e) < 0 ? -1 : mountinfo_at(&mounts, root, NULL) != NULL;
}

int place_names_of(const char *root, struct place_names *names, struct error **e)
{
	struct place_names n = {.root = path_absolute(root, e)};
	int mounted = n.root ? is_mount_point(n.root, e) : -1;
	if (mounted < 0) {
		place_names_free(&n);
		return -1;
	}
	n.mount_point = mounted;
	if (mounted) {
		n.parent = text_copy(n.root, e);
		n.name = text_copy(".", e);
		n.work = text_copy(PLACE_WORK_INSIDE, e);
	} else if (path_split(n.root, &n.parent, &n.name, e) == 0) {
		n.work = text_format(e, ".%s.alarmstrap", n.name);
	}
	if (!n.work || !n.parent || !n.name) {
		place_names_free(&n);
		return -1;
	}
	*names = n;
	return 0;
}

void place_names_free(struct place_names *n)
{
	free(n->root);
	free(n->parent);
	free(n->name);
	free(n->work);
	*n = (struct place_names){0};
}

/* 1 with the work directory open, and whether ROOT is a mount point; 0 where there is none. */
static int open_work(const char *root, int *work, bool *mounted, struct error **e)
{
	struct place_names n;
	if (place_names_of(root, &n, e) < 0)
		return -1;
	char *auto_free path = path_join(n.parent, n.work, e);
	*mounted = n.mount_point;
	place_names_free(&n);
	if (!path)
		return -1;
	*work = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*work >= 0)
		return 1;
	/* What is no directory is none of ours. */
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
		       ? 0
		       : error_set(e, ERROR_SYSTEM, errno, "open %s", path);
}

/* A fresh filesystem has lost+found; a run that was cut off left its work directory. */
bool place_is_content(const char *name)
{
	static const char *const ignored[] = {".", "..", "lost+found", PLACE_WORK_INSIDE};
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (strcmp(ignored[i], name) == 0)
			return false;
	return true;
}

int place_holds_something(int fd, bool mount_point, struct error **e)
{
	if (!mount_point) {
		int empty = path_dir_is_empty(fd, e);
		return empty < 0 ? -1 : !empty;
	}
	int auto_fd again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	if (!dir)
		return error_set(e, ERROR_SYSTEM, errno, "read directory");
	take_fd(&again);
	int found = 0;
	errno = 0; /* only so an end differs from a failure (readdir(3)) */
	for (struct dirent *d; !found && (d = readdir(dir));)
		found = place_is_content(d->d_name);
	int failed = found ? 0 : errno;
	closedir(dir);
	return failed ? error_set(e, ERROR_SYSTEM, failed, "read directory") : found;
}

int place_journal_says(int work_fd, const char *mark, struct error **e)
{
	struct journal_entry j;
	int found = journal_read(work_fd, &j, e);
	return found <= 0 ? found : strcmp(j.stage, mark) == 0;
}

/* 1 where the state was found out. */
static int look_at_mount_point(const char *root, int fd, enum place_state *state, struct error **e)
{
	bool mounted;
	int auto_fd work = -1;
	int there = open_work(root, &work, &mounted, e);
	/* A destroy that was cut off may not have come to the record yet. */
	int ending = there > 0 ? place_journal_says(work, PLACE_ENDING_MARK, e) : there;
	int done = ending ? 0 : path_look(fd, PLACE_STATE_FILE, e);
	int moving =
		there > 0 && !ending && !done ? place_journal_says(work, PLACE_MOVING_MARK, e) : 0;
	if (ending < 0 || done < 0 || moving < 0)
		return -1;
	if (!ending && !done && !moving)
		return 0;
	*state = ending ? PLACE_ENDING : done ? PLACE_DONE : PLACE_MOVING;
	return 1;
}

static int not_ours(const char *root, struct error **e)
{
	error_set(e, ERROR_ROOT, 0, "%s is not empty, and no environment of ours", root);
	return error_hint(e, "name a directory that does not exist yet, or is empty");
}

int place_look(const char *root, enum place_state *state, struct error **e)
{
	struct stat st;
	if (lstat(root, &st) < 0 && errno == ENOENT) {
		*state = PLACE_FREE;
		return 0;
	}
	int auto_fd fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		error_set(e, ERROR_ROOT, errno, "%s", root);
		return error_hint(e, "name a directory, or a name that does not exist yet");
	}
	int mounted = is_mount_point(root, e);
	if (mounted < 0)
		return -1;
	int found = mounted ? look_at_mount_point(root, fd, state, e) : 0;
	if (found)
		return found < 0 ? error_wrap(e, "%s", root) : 0;
	int done = path_look(fd, PLACE_STATE_FILE, e);
	if (done < 0)
		return error_wrap(e, "%s", root);
	if (done) {
		*state = PLACE_DONE;
		return 0;
	}
	int full = place_holds_something(fd, mounted, e);
	if (full)
		return full < 0 ? error_wrap(e, "%s", root) : not_ours(root, e);
	*state = PLACE_FREE;
	return 0;
}

int place_under_way(const char *root, struct journal_entry *entry, struct error **e)
{
	bool mounted;
	int auto_fd work = -1;
	int there = open_work(root, &work, &mounted, e);
	if (there <= 0)
		return there;
	/* Whoever works holds the lock; a journal without one is of a run that was cut off. */
	if (flock(work, LOCK_SH | LOCK_NB) == 0)
		return 0;
	int known = journal_read(work, entry, e);
	return known < 0 ? error_wrap(e, "%s", root) : known;
}

static int refuse_cut_off(const char *root, const struct journal_entry *j, struct error **e)
{
	if (!j)
		error_set(e, ERROR_ROOT, 0, "%s is not complete: a bootstrap of it was cut off",
			root);
	else
		error_set(e, ERROR_ROOT, 0,
			"%s is not complete: a bootstrap of it was cut off at stage %d of %d (%s)",
			root, j->index, j->count, j->stage);
	return error_hint(e, "complete it: alarmstrap bootstrap %s", root);
}

/* 1 where ROOT is complete, and not about to be deleted. */
static int is_complete(const char *root, bool mounted, bool ending, struct error **e)
{
	int auto_fd fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(e, ERROR_ROOT, errno, "%s", root);
	/* A mount point is seen before it is complete, and while it is deleted. */
	return mounted && ending ? 0 : path_look(fd, PLACE_STATE_FILE, e);
}

int place_refuse_unfinished(const char *root, struct error **e)
{
	struct journal_entry j;
	bool mounted;
	char *auto_free whole = path_absolute(root, e);
	int auto_fd work = -1;
	int there = whole ? open_work(whole, &work, &mounted, e) : -1;
	if (there <= 0)
		return there;
	int known = journal_read(work, &j, e);
	if (known < 0)
		return error_wrap(e, "%s", root);
	bool ending = known && strcmp(j.stage, PLACE_ENDING_MARK) == 0;
	int complete = is_complete(whole, mounted, ending, e);
	if (complete)
		return complete < 0 ? -1 : 0;
	if (flock(work, LOCK_SH | LOCK_NB) < 0)
		return place_busy(work, whole, e);
	if (ending) {
		error_set(e, ERROR_ROOT, 0, "%s is half deleted", root);
		return error_hint(e, "delete the rest: alarmstrap destroy %s", root);
	}
	/* Downloads alone may lie beside what is somebody else's. */
	return known || mounted ? refuse_cut_off(root, known ? &j : NULL, e) : 0;
}
