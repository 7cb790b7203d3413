/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/destroy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "bootstrap/place.h"
#include "bootstrap/start.h"
#include "chroot/environment.h"
#include "lib/fd.h"
#include "lib/interrupt.h"

/* 1 with the environment, 0 where none is up. */
static int find_environment(const char *root, struct environment **env, struct error **e)
{
	auto_error *failure = NULL;
	struct rootfs *r = rootfs_open_damaged(root, e);
	if (!r)
		return -1;
	*env = environment_find(r, &failure);
	rootfs_free(r);
	if (!failure)
		return *env != NULL;
	if (e && !*e)
		*e = take(&failure);
	return -1;
}

static int is_up(const char *root, struct error **e)
{
	struct environment *env = NULL;
	int up = find_environment(root, &env, e);
	environment_free(env);
	return up;
}

static int end_environment(const char *root, struct report *report, struct error **e)
{
	struct environment *env = NULL;
	int up = find_environment(root, &env, e);
	if (up > 0 && stop_environment(env, report, e) < 0)
		return -1;
	/* One that was killed left its cgroups, too. */
	return up < 0 ? -1 : place_end_environment(root, report, e);
}

static int put_question(const struct place *p, destroy_ask *ask, void *arg, struct error **e)
{
	struct tree_deleted size;
	int up = place_removal_root(p) ? is_up(place_removal_root(p), e) : 0;
	if (up < 0)
		return -1;
	place_measure(p, &size);
	struct destroy_question q = {place_root(p), !place_removal_root(p), up, size.bytes};
	return ask(arg, &q, e);
}

/* Ends what runs on ROOT and takes the lock that each start takes (chroot/environment.h): nothing
 * starts there any more. The descriptor that holds it, AT_FDCWD where there is no ROOT. */
static int end_and_lock(const char *root, struct report *report, struct error **e)
{
	if (!root)
		return AT_FDCWD;
	if (end_environment(root, report, e) < 0)
		return -1;
	int auto_fd fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, ERROR_ROOT, errno, "%s", root);
	int up = flock(fd, LOCK_EX | LOCK_NB) < 0 ? 1 : is_up(root, e);
	if (up)
		return up < 0 ? -1
			      : error_set(e, ERROR_BUSY, 0,
					"somebody is starting an environment on %s", root);
	return take_fd(&fd);
}

static void tell(const char *root, const struct tree_deleted *d, struct report *report)
{
	char entries[24], bytes[24];
	snprintf(entries, sizeof entries, "%" PRIu64, d->entries);
	snprintf(bytes, sizeof bytes, "%" PRIu64, d->bytes);
	report_result(report, "destroyed",
		(struct report_field[]){{"root", root}, {"entries", entries}, {"bytes", bytes}}, 3);
}

static int destroy_place(struct place *p, struct report *report, struct error **e)
{
	struct tree_deleted deleted;
	int lock = end_and_lock(place_removal_root(p), report, e);
	if (lock == -1 || place_end_environment(place_staging_path(p), report, e) < 0) {
		fd_cleanup(&lock);
		return -1;
	}
	int r = place_remove(p, &deleted, e);
	fd_cleanup(&lock);
	if (r == 0)
		tell(place_root(p), &deleted, report);
	return r;
}

int destroy_run(
	const char *root, destroy_ask *ask, void *arg, struct report *report, struct error **e)
{
	auto_error *failure = NULL;
	if (geteuid() != 0)
		return error_set(e, ERROR_PRIVILEGE, 0, "destroy needs root");
	struct place *p = place_open_for_removal(root, e);
	int yes = p && ask ? put_question(p, ask, arg, e) : p ? 1 : -1;
	if (yes <= 0) {
		place_free(p);
		return yes;
	}
	report_begin(report, "destroy", 0, 0, "%s", place_root(p));
	int r = interrupt_check(&failure) < 0 ? -1 : destroy_place(p, report, &failure);
	report_end(report, failure);
	place_free(p);
	if (r < 0 && e && !*e)
		*e = take(&failure);
	return r < 0 ? -1 : 1;
}
