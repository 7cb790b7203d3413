/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives made by hand, extracted as bootstrap does it: chrooted, in a worker. */
#ifndef TESTS_UNIT_TAR_WORKER_H
#define TESTS_UNIT_TAR_WORKER_H

#include "tests/unit/tar-make.h"
#include "tests/unit/tar-tree.h"

#include "lib/tar.h"
#include "lib/worker.h"

enum { TYPE_DONE = WORKER_TYPE_FIRST };

struct job {
	int fd;
	const struct tar_limits *limits;
};

static inline int keep_done(void *arg, const struct tar_extracted *so_far, struct error **e)
{
	*(struct tar_extracted *)arg = *so_far;
	return 0;
}

static inline int extract_body(struct worker_out *out, void *arg, struct error **e)
{
	const struct job *job = arg;
	struct tar_extracted done = {0};
	umask(022);
	if (tar_extract(job->fd, job->limits, keep_done, &done, e) < 0)
		return -1;
	return worker_send(out, TYPE_DONE, &done, sizeof done, e);
}

/* Extracts into the tree; 0, or -1 with the worker's error. */
static inline int extract_fd(const struct tree *t, int fd, const struct tar_limits *limits,
	struct tar_extracted *done, struct error **e)
{
	struct job job = {fd, limits ? limits : &tar_limits_default};
	const struct worker_rights rights = {.root = t->fd, .keep = &fd, .keep_count = 1};
	struct worker_record record;
	auto_worker *w = worker_start(&rights, extract_body, &job, e);
	int got = w ? worker_next(w, &record, 60000, e) : -1;
	if (got <= 0)
		return -1;
	assert_int_equal(record.length, sizeof *done);
	if (done)
		memcpy(done, record.data, sizeof *done);
	return worker_next(w, &record, 60000, e);
}

static inline int extract_buf(const struct tree *t, const struct buf *archive,
	struct tar_extracted *done, struct error **e)
{
	int auto_fd fd = make_file(archive->data, archive->length);
	return extract_fd(t, fd, NULL, done, e);
}

static inline int extract_made(const struct tree *t, const struct made *entries,
	struct tar_extracted *done, struct error **e)
{
	auto_buf archive = BUF(MADE_LIMIT);
	make_archive(&archive, entries);
	return extract_buf(t, &archive, done, e);
}

static inline void need_root(void)
{
	if (geteuid() != 0)
		skip();
}

/* What lies there must be this; "@" stands for the time of the archive's entries. */
static inline void assert_tree(const struct tree *t, bool with_root, const char *expected)
{
	auto_buf got = BUF(0), want = BUF(0);
	tree_list(t, with_root, &got);
	for (const char *p = expected; *p; p++)
		if (*p == '@')
			assert_ok(buf_printf(&want, &e, "%d", MADE_TIME));
		else
			assert_ok(buf_append(&want, p, 1, &e));
	assert_string_equal(buf_text(&got), buf_text(&want));
}

/* One of "this|that": what libarchive 3.6 and 3.8 say, and what they let us say, differs. */
static inline bool says_one(const char *message, const char *texts)
{
	char text[128];
	for (;; texts++) {
		size_t length = strcspn(texts, "|");
		snprintf(text, sizeof text, "%.*s", (int)length, texts);
		if (strstr(message, text))
			return true;
		texts += length;
		if (!*texts)
			return false;
	}
}

#define FILE_X(name)                                                                               \
	{                                                                                          \
		.path = name, .type = '0', .data = "x"                                             \
	}
#define DIR(name)                                                                                  \
	{                                                                                          \
		.path = name, .type = '5'                                                          \
	}

static const struct made three_files[] = {FILE_X("a"), FILE_X("b"), FILE_X("c/d/e"), {0}};

#endif
