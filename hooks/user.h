/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks of the user's own: executables that run before and after the stages of a flow.
 *
 * They lie in a directory of the user's as
 *
 *     DIR/outside-before-fetch/10-battery
 *     DIR/inside-after-packages/20-user
 *
 * where the directory's name says where, when and at which stage, each a word of a short list: a
 * mistyped one is an error before anything starts, and nothing that was meant for the inside runs
 * outside because a word was left out. All hooks of one moment run in the order of their names
 * (bytes), whatever side and directory they come from. doc/hooks.md is the contract. */
#ifndef HOOKS_USER_H
#define HOOKS_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "chroot/environment.h"
#include "lib/error.h"
#include "lib/report.h"
#include "lib/text.h"

enum { USER_HOOK_TIMEOUT_S = 600, USER_HOOK_TIMEOUT_MAX_S = 24 * 3600 };

/* A stage that hooks may name, and whether an environment is up just before and after it. Names
 * are borrowed for as long as hooks read with them are used. */
struct user_stage {
	const char *name;
	bool inside_before, inside_after;
};
struct user_stages {
	const struct user_stage *items;
	size_t count;
};

struct user_moment {
	const char *stage;
	bool after, inside;
};
/* Pure: "inside-after-packages". ERROR_CONFIG for what is no moment of these stages. */
int user_moment_parse(const struct user_stages *stages, const char *word, struct user_moment *m,
	struct error **e) must_check;

struct user_hook {
	struct user_moment moment;
	char *path; /* for people */
	const char *label; /* its end: "inside-after-packages/20-user" */
	const char *name; /* its end: "20-user" */
	size_t rank; /* of its DIR */
	int dir_fd; /* of the directory that it lies in: what was checked is what runs */
};
/* In the order in which those of one moment run. Zero-initialised is empty. */
struct user_hooks {
	struct user_hook *items;
	size_t count;
};

/* Reads the directories, runs nothing. ERROR_CONFIG for anything in them that is not a hook that
 * may run: a symlink, a file that is not executable, one that others than root and the caller can
 * write. Names that begin with a dot, and README* in DIR itself, are left out. */
int user_hooks_read(struct user_hooks *hooks, const struct strings *dirs,
	const struct user_stages *stages, struct error **e) must_check;
void user_hooks_free(struct user_hooks *hooks);
bool user_hook_is_at(const struct user_hook *h, const char *stage, bool after);
/* Looks at the file again, as user_hooks_read did. */
int user_hook_check(const struct user_hook *h, struct error **e) must_check;

struct user_hook_context {
	const char *stage;
	bool after;
	const char *arch;
	const char *root; /* the rootfs as it stands; NULL: there is none yet */
	const struct environment *environment; /* NULL: none is up */
	int timeout_ms;
	struct report *report;
};
/* Runs those of one moment, one after the other; each line they write becomes a note. ERROR_HOOK at
 * the first that ends with another status than 0 or does not end in time. (hooks/user_run.c) */
int user_hooks_run(const struct user_hooks *hooks, const struct user_hook_context *c,
	struct error **e) must_check;

#endif
