/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/text.h"

#define CHECKSUM "sha256 = "
static const char *const slots[] = {"journal.0", "journal.1"};

static int checksum(const char *text, size_t length, char hex[DIGEST_HEX_MAX], struct error **e)
{
	unsigned char bytes[DIGEST_SIZE_MAX];
	auto_digest *d = digest_new(DIGEST_SHA256, e);
	if (!d || digest_update(d, text, length, e) < 0 || digest_finish(d, bytes, e) < 0)
		return -1;
	digest_hex(bytes, digest_size(DIGEST_SHA256), hex);
	return 0;
}

int journal_format(const struct journal_entry *entry, struct buf *to, struct error **e)
{
	char hex[DIGEST_HEX_MAX];
	buf_clear(to);
	if (buf_printf(to, e,
		    "format = 1\nsequence = %" PRIu64 "\nstage = %s\nindex = %d\ncount = %d\n"
		    "pid = %d\nstart = %" PRId64 "\nbegan = %" PRId64 "\n",
		    entry->sequence, entry->stage, entry->index, entry->count, (int)entry->pid,
		    entry->pid_start, entry->began_s) < 0 ||
		checksum(to->data, to->length, hex, e) < 0)
		return -1;
	return buf_printf(to, e, CHECKSUM "%s\n", hex);
}

int journal_parse(const char *text, struct journal_entry *entry, struct error **e)
{
	struct journal_entry found = {0};
	char hex[DIGEST_HEX_MAX];
	int pid, used = 0;
	const char *sum = strstr(text, CHECKSUM);
	if (!sum)
		return 0;
	/* What could not be checked is not broken for that: the run it tells of may be at work. */
	if (checksum(text, (size_t)(sum - text), hex, e) < 0)
		return -1;
	sum += strlen(CHECKSUM);
	size_t length = strlen(hex);
	if (strncmp(sum, hex, length) != 0 || strcmp(sum + length, "\n") != 0)
		return 0;
	if (sscanf(text,
		    "format = 1\nsequence = %" SCNu64 "\nstage = %31s\nindex = %d\ncount = %d\n"
		    "pid = %d\nstart = %" SCNd64 "\nbegan = %" SCNd64 "\n%n",
		    &found.sequence, found.stage, &found.index, &found.count, &pid,
		    &found.pid_start, &found.began_s, &used) != 7 ||
		!used)
		return 0;
	found.pid = pid;
	*entry = found;
	return 1;
}

int journal_read(int work_fd, struct journal_entry *entry, struct error **e)
{
	int found = 0;
	for (size_t i = 0; i < 2; i++) {
		auto_buf text = BUF(4096);
		struct journal_entry one;
		int there = path_look(work_fd, slots[i], e);
		if (there == 0)
			continue;
		if (there < 0 || path_read_file(work_fd, slots[i], &text, e) < 0)
			return error_wrap(e, "journal");
		int whole = journal_parse(buf_text(&text), &one, e);
		if (whole < 0)
			return error_wrap(e, "journal");
		if (!whole)
			continue;
		if (!found || one.sequence > entry->sequence)
			*entry = one;
		found = 1;
	}
	return found;
}

int journal_write(int work_fd, const char *stage, int index, int count, struct error **e)
{
	struct journal_entry last = {0}, next = {0};
	auto_buf text = BUF(4096);
	if (journal_read(work_fd, &last, e) < 0)
		return -1;
	next.sequence = last.sequence + 1;
	snprintf(next.stage, sizeof next.stage, "%s", stage);
	next.index = index;
	next.count = count;
	next.pid = getpid();
	next.pid_start = proc_start_time(next.pid);
	next.began_s = (int64_t)time(NULL);
	if (journal_format(&next, &text, e) < 0 ||
		path_write_file(
			work_fd, slots[next.sequence % 2], 0600, text.data, text.length, e) < 0)
		return error_wrap(e, "journal");
	return 0;
}

void journal_remove(int work_fd)
{
	for (size_t i = 0; i < 2; i++)
		unlinkat(work_fd, slots[i], 0);
}
