/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run was doing, on disk: for the next run after a power cut, and for `status` in another
 * shell.
 *
 * Two slots are written in turn, each with a sequence number and a checksum, each synced: a cut
 * while one is written leaves the other. What it says is a hint where to look; whoever resumes
 * checks again what is on disk, and never believes it. */
#ifndef BOOTSTRAP_JOURNAL_H
#define BOOTSTRAP_JOURNAL_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/error.h"

struct journal_entry {
	uint64_t sequence;
	char stage[32];
	int index, count; /* "4 of 11" */
	pid_t pid; /* of the run, with its start time (proc_start_time) */
	int64_t pid_start;
	int64_t began_s; /* of the stage, Unix time by the system clock */
};

/* The newest entry that is whole: 1, or 0 where there is none. */
int journal_read(int work_fd, struct journal_entry *entry, struct error **e) must_check;
/* Writes the entry as the newest, with the next sequence number and our own pid, and syncs it. */
int journal_write(
	int work_fd, const char *stage, int index, int count, struct error **e) must_check;
void journal_remove(int work_fd);

/* Pure: text of an entry, and back (1, or 0 for anything that is not whole). */
int journal_format(const struct journal_entry *entry, struct buf *to, struct error **e) must_check;
int journal_parse(const char *text, struct journal_entry *entry, struct error **e) must_check;

#endif
