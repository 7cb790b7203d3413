/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hook contract: what makes a bare rootfs into an environment for containers, step by step.
 *
 * A shipped hook is one row: its name, when it runs, the packages it needs, a check whether it has
 * been done, and the act. Rows of stage `unpack` run once, on what was just unpacked and nothing
 * has run in; rows of stage `environment` after every start of the environment, rows of stage
 * `configure` once the packages of all hooks are installed. Acts run inside the environment,
 * through chroot/, or reach for files by lib/path_inside, so that no symlink of the rootfs leads
 * out of it. */
#ifndef HOOKS_HOOK_H
#define HOOKS_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "chroot/cgroup_layout.h"
#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "hooks/identity.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

enum hook_stage { HOOK_UNPACK, HOOK_ENVIRONMENT, HOOK_CONFIGURE };

struct hook_context;

/* What the user chose, as far as a hook needs it. */
struct hook_settings {
	const struct strings *dns_servers; /* --dns */
	const char *link; /* --link, NULL: the link of the default route */
	const char *network; /* --network, NULL: auto */
	/* Adds the lines `lxc.net.*` for new containers: containers/ decides, bootstrap/ hands it
	 * in. For rows of stage `configure`. */
	int (*network_lines)(const struct hook_context *c, struct buf *to, struct error **e);
	const struct binds *binds; /* --bind, for the start itself; may be NULL */
	const char *cgroup_layout; /* --cgroup-layout, for the start itself; NULL: not given */
	/* NULL: nothing is asked for, or ROOT is finished and its user's to change. */
	const struct identity *identity;
};

struct hook_context {
	const struct rootfs *rootfs;
	const struct environment *environment; /* NULL at stage `unpack` */
	const struct hook_settings *settings;
	enum cgroup_layout layout; /* of the environment */
	struct report *report;
};

struct hook {
	const char *name;
	enum hook_stage stage;
	const char *const *packages; /* NULL-terminated; may be NULL */
	/* 1: nothing to do, 0: apply. NULL: always apply. */
	int (*check)(const struct hook_context *c, struct error **e);
	int (*apply)(const struct hook_context *c, struct error **e);
};

/* In the order they run. */
extern const struct hook hook_identity_strip, hook_cgroups, hook_dns, hook_etc, hook_identity,
	hook_keyring, hook_sandbox, hook_lxc, hook_network;
extern const struct hook *const hooks_shipped[];
extern const size_t hooks_shipped_count;

/* Runs the rows of one stage. ERROR codes come from the act, wrapped with the hook's name. */
int hooks_run(enum hook_stage stage, const struct hook_context *c, struct error **e) must_check;
/* Adds the packages that the rows need. */
int hooks_packages(struct strings *to, struct error **e) must_check;

/* ERROR_CONFIG unless there is a network link of this name, where we are. */
int hook_check_link(const char *link, struct error **e) must_check;

/* For acts: writes a file inside the environment, at an absolute path there, replacing whatever is
 * at its name (a symlink itself, not its target); parents are made. */
int hook_write_file(const struct hook_context *c, const char *path, mode_t mode, const char *text,
	struct error **e) must_check;
/* For checks: the file's text, read inside. 1 read, 0 absent. */
int hook_read_file(const struct hook_context *c, const char *path, struct buf *to,
	struct error **e) must_check;
/* For acts: runs argv inside; its lines become notes only when it fails (status not 0, ERROR_HOOK).
 */
int hook_command(
	const struct hook_context *c, const char *const *argv, struct error **e) must_check;

#endif
