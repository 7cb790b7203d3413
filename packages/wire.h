/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the child inside the environment tells its parent, as fields in a record.
 *
 * The child reads a foreign root's package database as root: it may be anybody's by the time it
 * speaks. So every field is bounded, and names must be ones that a package may have. */
#ifndef PACKAGES_WIRE_H
#define PACKAGES_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"
#include "lib/record.h"
#include "packages/packages.h"

enum wire_type {
	WIRE_PACKAGE = RECORD_TYPE_FIRST, /* one struct planned_package */
	WIRE_NOTE, /* text for report_note */
	WIRE_WARNING, /* text for report_warn */
	WIRE_PROGRESS, /* packages done, packages in all */
	WIRE_ROW, /* of a query: texts for report_result */
	WIRE_QUESTION, /* one struct package_question, answered as usual for the moment */
};
enum { WIRE_TEXT_MAX = 16 * 1024 };

/* The child's side: one whole record each. */
int wire_send_package(int fd, const struct planned_package *p, struct error **e) must_check;
int wire_send_question(int fd, const struct package_question *q, struct error **e) must_check;
/* `count` texts, each cut where it is too long. */
int wire_send_row(int fd, const char *const *values, size_t count, struct error **e) must_check;
int wire_send_text(int fd, enum wire_type type, const char *text, struct error **e) must_check;
int wire_send_progress(int fd, uint64_t done, uint64_t total, struct error **e) must_check;

/* The parent's side: ERROR_SYSTEM for a record that is not what its type says. *p is filled with
 * malloc'd strings; packed_size is 0. */
int wire_read_package(
	const struct record *r, struct planned_package *p, struct error **e) must_check;
int wire_read_progress(
	const struct record *r, uint64_t *done, uint64_t *total, struct error **e) must_check;
/* id, text and usual point into `texts`, which is filled. */
int wire_read_question(const struct record *r, struct package_question *q, struct strings *texts,
	struct error **e) must_check;
int wire_read_row(const struct record *r, struct strings *values, struct error **e) must_check;
/* The text in the record itself; NULL for a bad one. */
const char *wire_read_text(const struct record *r, struct error **e) must_check;

void planned_package_free(struct planned_package *p);

#endif
