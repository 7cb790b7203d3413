/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a ROOT comes into being: beside it, and all at once.
 *
 * For /data/alarm the work lies in /data/.alarm.alarmstrap (mode 0700, locked while somebody
 * works): `download/` holds what was fetched, `new/` is the staging directory, `journal.*` says
 * what was being done. On commit `new` is renamed to ROOT; a rename on one filesystem happens or
 * does not (rename(2)), so no half-written ROOT is ever seen.
 *
 * A ROOT that is a mount point (a card, an image) cannot be renamed to (EBUSY). There the work lies
 * in ROOT/.alarmstrap, and commit moves the top entries one by one, after a record that says so;
 * until the last one is moved there is no state record, nothing starts on it, and the next run goes
 * on. destroy does it the other way round: its directory and lost+found stay.
 *
 * What was downloaded outlives a failure, the staging directory does not. */
#ifndef BOOTSTRAP_PLACE_H
#define BOOTSTRAP_PLACE_H

#include <stdbool.h>

#include "bootstrap/journal.h"
#include "chroot/target.h"
#include "chroot/tree.h"
#include "lib/error.h"
#include "lib/report.h"

struct place;

enum place_state {
	PLACE_FREE, /* absent or empty, or begun by an earlier run */
	PLACE_MOVING, /* a mount point in the midst of its commit */
	PLACE_DONE, /* a finished ROOT of ours */
	PLACE_ENDING, /* a mount point in the midst of its destroy */
};

/* Looks at ROOT without touching anything. -1 with ERROR_ROOT where it is something else. */
int place_look(const char *root, enum place_state *state, struct error **e) must_check;

/* Makes and locks the work directory; a staging directory left by an earlier run is ended and
 * deleted. ERROR_BUSY, with its pid and stage, where somebody else works on this ROOT; ERROR_ROOT
 * where the filesystem cannot carry a root. */
struct place *place_open(const char *root, struct report *report, struct error **e) must_check;
const char *place_root(const struct place *p);
int place_work_fd(const struct place *p); /* borrowed; the journal's */
/* Opens the log beside ROOT; a descriptor of the caller's. On commit the file moves into ROOT, to
 * var/log/alarmstrap.log; on failure it stays only where the terminal vanished meanwhile. */
int place_open_log(const struct place *p, struct error **e) must_check;
int place_download_fd(const struct place *p); /* borrowed */
const char *place_download_path(const struct place *p);
const char *place_staging_path(const struct place *p);
const struct target_facts *place_facts(const struct place *p);

/* Makes the empty staging directory; a descriptor of the caller's. */
int place_make_staging(struct place *p, struct error **e) must_check;
/* Writes the state record, syncs the filesystem, and makes the staging directory ROOT. Nothing may
 * be mounted there or run in it any more. Then deletes the downloads. */
int place_commit(struct place *p, struct error **e) must_check;
/* For PLACE_MOVING: ends the commit that was cut off. */
int place_finish(const char *root, struct report *report, struct error **e) must_check;
/* For PLACE_DONE: removes what a run left that was cut off after its commit. */
void place_sweep(const char *root);
/* Deletes the staging directory if there is one; keeps downloads. For failures: what cannot be
 * deleted is a warning. */
void place_discard(struct place *p, struct report *report);
/* Unlocks and frees; removes the work directory where nothing is left in it. */
void place_free(struct place *p);

/* What a run that is under way on this ROOT is doing: 1 with the entry, 0 where none is. */
int place_under_way(const char *root, struct journal_entry *entry, struct error **e) must_check;
/* ERROR_BUSY for a ROOT that a run is making or deleting, ERROR_ROOT for one whose run was cut off:
 * it must not be started. */
int place_refuse_unfinished(const char *root, struct error **e) must_check;

/* Ends the environment on the directory `path`, if one is up, and what one that was killed left. An
 * absent directory is fine. */
int place_end_environment(const char *path, struct report *report, struct error **e) must_check;
/* For destroy: finds what is ours of ROOT, and changes nothing. ERROR_ROOT where nothing is,
 * ERROR_BUSY with its name where something is mounted in it or in the work directory, or a run is
 * under way. */
struct place *place_open_for_removal(const char *root, struct error **e) must_check;
/* ROOT itself, or NULL where only the work directory is left to remove. Borrowed. */
const char *place_removal_root(const struct place *p);
/* What the removal frees, about: hard links are told apart only as it goes. */
void place_measure(const struct place *p, struct tree_deleted *size);
/* Takes the lock, moves ROOT aside so that nobody ever sees half of it, and deletes it with the
 * work directory. What was cut off can be run again. No environment may be up on it. */
int place_remove(struct place *p, struct tree_deleted *deleted, struct error **e) must_check;

#endif
