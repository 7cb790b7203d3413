/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The defence against mirrors that freeze or roll back package databases, which nobody signs.
 *
 * A root remembers of each repository the most that was ever seen of it (ROOT/var/lib/alarmstrap/
 * databases): a database that has fallen behind that by more than mirrors do is refused. And a
 * distribution whose newest package is old is called stale, since a mirror that stands still looks
 * like one for which there is nothing new. Real expiry would need signed databases. */
#ifndef PACKAGES_MARKS_H
#define PACKAGES_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"

enum {
	MARKS_BACKWARD_MAX_S = 3 * 24 * 3600,
	MARKS_SHRINK_MAX_PERCENT = 20,
	MARKS_WARN_S = 14 * 24 * 3600,
	MARKS_REFUSE_S = 60 * 24 * 3600,
};

struct database_mark {
	char *repo;
	int64_t newest_s; /* newest BUILDDATE seen, never later than the day it was seen */
	uint64_t count; /* most packages seen */
};
/* Zero-initialised is empty. */
struct database_marks {
	struct database_mark *items;
	size_t count;
};

/* Those of a root; none where it has none, or none that can be read. */
void marks_read(int root_fd, struct database_marks *to);
int marks_write(int root_fd, const struct database_marks *m, struct error **e) must_check;
void marks_free(struct database_marks *m);
#define auto_marks __attribute__((cleanup(marks_free))) struct database_marks

/* NULL where there is none of this repository. */
const struct database_mark *marks_find(const struct database_marks *m, const char *repo);
/* Raises what is remembered of seen->repo to what was seen; its text is copied. */
int marks_raise(
	struct database_marks *m, const struct database_mark *seen, struct error **e) must_check;
/* What was seen takes the place of what was remembered. */
int marks_replace(
	struct database_marks *m, const struct database_mark *seen, struct error **e) must_check;

/* Pure. ERROR_TRUST for a database that is behind what is remembered; `had` may be NULL. */
int marks_judge(const struct database_mark *had, const struct database_mark *now,
	struct error **e) must_check;
/* Pure: of a distribution whose newest sign of life is of `newest_s`. 0: fresh; 1: to be warned
 * of, with the words in `story`; -1: ERROR_TRUST. */
int marks_judge_age(int64_t newest_s, int64_t now_s, char story[128], struct error **e) must_check;

/* Pure: text of marks, and back (0, or -1 for anything that is not whole). */
int marks_print(const struct database_marks *m, struct buf *to, struct error **e) must_check;
int marks_parse(const char *text, struct database_marks *to);

#endif
