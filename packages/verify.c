/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parent's side: starts the worker and believes none of its records unread. */
#include "packages/verify.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "lib/fd.h"
#include "packages/rootdir.h"
#include "packages/verify_inside.h"

static int bad_record(struct error **e)
{
	return error_set(e, ERROR_SYSTEM, EBADMSG, "read what the verifying worker sent");
}

/* The text at *at, which a NUL ends before `end`; NULL where none does. */
static const char *next_text(const unsigned char **at, const unsigned char *end)
{
	const char *text = (const char *)*at;
	const unsigned char *nul = memchr(*at, '\0', (size_t)(end - *at));
	if (!nul)
		return NULL;
	*at = nul + 1;
	return text;
}

static int take_finding(
	const struct verify_request *r, const struct worker_record *record, struct error **e)
{
	struct verify_head head;
	struct verify_finding f = {0};
	const char **const texts[] = {&f.package, &f.path, &f.expected, &f.found};
	const unsigned char *at = record->data + sizeof head, *end = record->data + record->length;
	if (record->length < sizeof head)
		return bad_record(e);
	memcpy(&head, record->data, sizeof head);
	if (head.what >= VERIFY_WHATS || head.backup > 1)
		return bad_record(e);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!(*texts[i] = next_text(&at, end)))
			return bad_record(e);
	if (at != end)
		return bad_record(e);
	f.what = verify_words[head.what];
	f.backup = head.backup;
	return r->found ? r->found(r->arg, &f, e) : 0;
}

static int take_record(const struct verify_request *r, const struct worker_record *record,
	struct verify_counts *counts, struct error **e)
{
	uint64_t both[2];
	switch (record->type) {
	case VERIFY_RECORD_PROGRESS:
		if (record->length != sizeof both)
			return bad_record(e);
		memcpy(both, record->data, sizeof both);
		report_progress(r->report, both[0], both[1], REPORT_COUNT);
		return 0;
	case VERIFY_RECORD_NO_MTREE:
		report_warn(r->report,
			"%s: it came without an mtree; nothing is known of its files",
			(const char *)record->data);
		return 0;
	case VERIFY_RECORD_FINDING:
		return take_finding(r, record, e);
	case VERIFY_RECORD_COUNTS:
		if (record->length != sizeof *counts)
			return bad_record(e);
		memcpy(counts, record->data, sizeof *counts);
		return 0;
	default:
		return bad_record(e);
	}
}

static int run_worker(const struct verify_request *r, struct verify_job *job,
	struct verify_counts *counts, struct error **e)
{
	/* To read what is root's or nobody's, and nothing else. */
	const struct worker_rights rights = {
		.root = rootfs_fd(r->rootfs),
		.capabilities = UINT64_C(1) << CAP_DAC_READ_SEARCH,
	};
	struct worker_record record;
	int got;
	auto_worker *w = worker_start(&rights, verify_inside, job, e);
	if (!w)
		return -1;
	while ((got = worker_next(w, &record, 0, e)) > 0)
		if (take_record(r, &record, counts, e) < 0)
			return -1;
	return got;
}

int verify_packages(const struct verify_request *r, struct verify_counts *counts, struct error **e)
{
	static const struct strings nothing;
	struct verify_counts got = {0};
	const char *db_path = r->conf ? r->conf->db_path : NULL;
	struct verify_job job = {
		.db_path = db_path && *db_path == '/' ? db_path : "/" PACMAN_DB_PATH,
		.names = r->names ? r->names : &nothing,
		.no_extract = r->conf ? &r->conf->no_extract : &nothing,
		.owner_base = r->owner_base,
		.owner_count = r->owner_count,
	};
	if (run_worker(r, &job, &got, e) < 0)
		return error_wrap(e, "verify %s", rootfs_path(r->rootfs));
	*counts = got;
	return 0;
}
