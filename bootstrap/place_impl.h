/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files place*.c share: where things lie, and their names. */
#ifndef BOOTSTRAP_PLACE_IMPL_H
#define BOOTSTRAP_PLACE_IMPL_H

#include <stdbool.h>

#include "bootstrap/place.h"

/* There when ROOT is complete. */
#define PLACE_STATE_DIR "var/lib/alarmstrap"
#define PLACE_STATE_NAME "state"
#define PLACE_STATE_FILE PLACE_STATE_DIR "/" PLACE_STATE_NAME
/* Its first line. */
#define PLACE_STATE_MARK "# written by alarmstrap when ROOT was complete\n"
/* The work directory of a mount point, in itself; that of others is PLACE's `work`. */
#define PLACE_WORK_INSIDE ".alarmstrap"

/* In the work directory, beside the journal: */
#define PLACE_STAGING "new"
#define PLACE_DOWNLOAD "download"
#define PLACE_LOG "log"
/* What is being deleted by destroy; nothing but tree_delete uses it. */
#define PLACE_DESTROYED "destroyed"

/* The journal's words for "every entry of new/ is synced, and is being moved up", and for "what
 * lies here is being deleted". */
#define PLACE_MOVING_MARK "moving"
#define PLACE_ENDING_MARK "destroying"

/* Where things lie. For a mount point `parent` is ROOT itself. */
struct place_names {
	char *root, *parent, *name, *work;
	bool mount_point;
};

struct place {
	struct place_names names;
	char *work_path, *staging_path, *download_path; /* absolute */
	int parent_fd, work_fd, download_fd;
	bool locked;
	bool moving; /* the commit of a mount point has begun: nothing is taken back any more */
	bool remove_root; /* for destroy: ROOT itself, too, not only the work directory */
	struct target_facts facts;
};

int place_names_of(const char *root, struct place_names *names, struct error **e) must_check;
void place_names_free(struct place_names *names);
/* Is `name` one of ROOT's own, at the top of a mount point? lost+found and the work directory are
 * not. */
bool place_is_content(const char *name);
/* 1 where the directory `fd` is not empty; a mount point may hold what is not content. */
int place_holds_something(int fd, bool mount_point, struct error **e) must_check;
/* 1 where the journal of this work directory says that `mark` is being done. */
int place_journal_says(int work_fd, const char *mark, struct error **e) must_check;

/* A place that is neither open nor locked. */
struct place *place_new(const char *root, struct error **e) must_check;
/* Makes, opens and locks the work directory. */
int place_lock(struct place *p, struct error **e) must_check;
/* ERROR_BUSY, with what the journal says of who has the lock. */
int place_busy(int work_fd, const char *root, struct error **e);
/* Moves what lies in the directory `from`, but for what is not content, to `to`. */
int place_move_entries(int from, int to, const char *to_path, struct error **e) must_check;

#endif
