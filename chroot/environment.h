/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment: a rootfs with a holder process, mounts of its own, and nothing on the host.
 *
 * The holder is pid 1 of its own pid namespace and holds a private mount namespace in which the
 * rootfs is `/`. When it dies, processes, mounts and the containers' links die with it; what is
 * left is empty cgroups, which stop and the next start sweep. */
#ifndef CHROOT_ENVIRONMENT_H
#define CHROOT_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chroot/binds.h"
#include "chroot/cgroup_layout.h"
#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/proc.h"
#include "lib/report.h"
#include "lib/text.h"

struct environment;

struct environment_options {
	/* CGROUP_UNIFIED for LXC 7: the holder then starts in a cgroup namespace. Where the host is
	 * all cgroup2 it does so anyway. */
	enum cgroup_layout layout;
	/* It lives no longer than the process that starts it: when that is killed, everything goes,
	 * cgroups included. For a staging directory. */
	bool tethered;
	/* Enter the root by MS_MOVE, as on an initramfs, where pivot_root(2) fails. For tests. */
	bool move_root;
	/* Shown in it while it is up; may be NULL. */
	const struct binds *binds;
};

/* Starts a holder for `r`. ERROR_BUSY names the pid of one that is up already, or of another start
 * or stop at work: both take a flock(2) on the rootfs directory, so a caller must hold none there.
 * `options` NULL: none. cgroups are not mounted yet: that is the hook `cgroups` (chroot/cgroups.h
 * has the mechanism). */
struct environment *environment_start(const struct rootfs *r,
	const struct environment_options *options, struct report *report,
	struct error **e) must_check;
/* The environment that is up on this rootfs. NULL without an error where none is. Anybody may have
 * written the record in the rootfs: it is believed only when the process's root is this directory.
 */
struct environment *environment_find(const struct rootfs *r, struct error **e) must_check;
/* Adds the path of every rootfs that has an environment up, as this mount namespace shows it. */
int environment_list(struct strings *paths, struct error **e) must_check;
/* Ends every process in it (SIGTERM to the holder's children, then SIGKILL of the holder), waits
 * until the namespaces are gone, removes the cgroups. Frees it, also on error. */
int environment_stop(struct environment *env, struct report *report, struct error **e) must_check;
/* Where none is up: removes the record and the cgroups that one which was killed left behind.
 * ERROR_BUSY where one is up. */
int environment_sweep(const struct rootfs *r, struct report *report, struct error **e) must_check;
/* Frees the handle only; the environment stays up. */
void environment_free(struct environment *env);

pid_t environment_holder(const struct environment *env);
int64_t environment_started_at(const struct environment *env); /* Unix time by the system clock */
/* False on a kernel without pid namespaces (Android's GKI kernels): commands run in it, containers
 * do not. */
bool environment_has_pid_namespace(const struct environment *env);
/* Those in its mount namespace, its holder and us left out; containers have namespaces of their
 * own. */
int environment_count_processes(const struct environment *env);
const char *environment_path(const struct environment *env); /* the rootfs's */

/* Runs `body` in a forked child that has joined the environment (cwd and root `/` there, the
 * environment variables of a fresh root shell). As proc_fork otherwise. The pid to wait for: a
 * process outside that passes on SIGTERM and SIGHUP and the exit status; when it is killed, so is
 * the child. */
pid_t environment_fork(const struct environment *env, proc_body *body, void *arg, int keep_stdin,
	int *output, struct error **e) must_check;
/* Runs argv inside to its end, as proc_run does. */
int environment_run(const struct environment *env, const char *const *argv, proc_line *line,
	void *arg, int *status, struct error **e) must_check;

struct enter_options {
	const char *user; /* NULL: root; a name or a number of the rootfs's own etc/passwd */
	const char *cwd; /* NULL: / */
	const struct strings *variables; /* "NAME=value"; may be NULL */
	const struct binds *binds; /* for this command alone; may be NULL */
};
/* For people: argv (NULL: the user's shell) with stdio of ours; where stdin and stdout are
 * terminals, on a pty of the environment's devpts with window size and signals passed on. *status
 * is the command's. `o` may be NULL. */
int environment_enter(const struct environment *env, const char *const *argv,
	const struct enter_options *o, int *status, struct error **e) must_check;

#endif
