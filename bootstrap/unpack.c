/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/tar.h"
#include "lib/worker.h"

enum { TYPE_PROGRESS = WORKER_TYPE_FIRST };

#define CAP(name) (UINT64_C(1) << (name))

static int send_progress(void *arg, const struct tar_extracted *so_far, struct error **e)
{
	return worker_send(arg, TYPE_PROGRESS, so_far, sizeof *so_far, e);
}

/* In the worker, whose root is the staging directory. */
static int extract(struct worker_out *out, void *arg, struct error **e)
{
	const int *fd = arg;
	/* For directories that the archive names only as parents. */
	umask(022);
	return tar_extract(*fd, &tar_limits_default, send_progress, out, e);
}

static int take_progress(const struct worker_record *record, uint64_t size,
	struct tar_extracted *done, struct error **e)
{
	if (record->type != TYPE_PROGRESS || record->length != sizeof *done)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	memcpy(done, record->data, sizeof *done);
	if (done->read_bytes > size)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "worker");
	return 0;
}

/* As long as it takes: a slow card may stall for minutes, and Ctrl-C works all the while. */
static int follow(struct worker *w, uint64_t size, struct report *report,
	struct tar_extracted *done, struct error **e)
{
	struct worker_record record;
	int got;
	while ((got = worker_next(w, &record, 0, e)) > 0) {
		if (take_progress(&record, size, done, e) < 0)
			return -1;
		report_progress(report, done->read_bytes, size, REPORT_BYTES);
	}
	return got;
}

static void tell_left_out(const struct tar_extracted *done, struct report *report)
{
	uint64_t others = done->dropped_attributes - done->dropped_capabilities;
	if (done->skipped_nodes)
		report_note(report, "%" PRIu64 " device nodes, FIFOs or sockets were left out",
			done->skipped_nodes);
	if (done->dropped_attributes > done->dropped_capabilities)
		report_note(report, "%" PRIu64 " extended attributes were left out", others);
	if (done->dropped_capabilities)
		report_warn(report,
			"this filesystem refuses file capabilities: %" PRIu64
			" programs (such as ping) will work for root only",
			done->dropped_capabilities);
}

int unpack_rootfs(const struct verified *v, int staging_fd, struct report *report, struct error **e)
{
	int fd = verified_fd(v);
	const struct worker_rights rights = {
		.root = staging_fd,
		.capabilities = CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) |
				CAP(CAP_FSETID) | CAP(CAP_SETFCAP),
		.keep = &fd,
		.keep_count = 1,
	};
	struct tar_extracted done = {0};
	auto_worker *w = worker_start(&rights, extract, &fd, e);
	if (!w || follow(w, verified_size(v), report, &done, e) < 0)
		return error_wrap(e, "unpack %s", verified_name(v));
	tell_left_out(&done, report);
	return 0;
}
