/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libalpm bridge: what is wanted, solved against the mirrors, fetched, verified, installed.
 *
 * libalpm runs in a child inside the environment with a mount namespace of its own: over its sync
 * directory lies a tmpfs with databases that syncdb wrote anew, and its package cache holds only
 * files whose signature was verified. It never touches the network. Three steps, three types: a
 * plan is made without changing anything, its files are fetched and verified, only then it is
 * committed. */
#ifndef PACKAGES_PACKAGES_H
#define PACKAGES_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chroot/environment.h"
#include "chroot/rootfs.h"
#include "lib/error.h"
#include "lib/openpgp.h"
#include "lib/report.h"
#include "mirrors/fetch.h"
#include "mirrors/pacman_conf.h"

struct packages_context {
	const struct rootfs *rootfs;
	const struct environment *environment;
	const struct fetch_source *source;
	const struct openpgp_keyring *keyring;
	const struct pacman_conf *conf; /* the root's own */
	const char *cache_dir; /* extra cache on the host, NULL: ROOT's var/cache/pacman/pkg */
	struct report *report;
	const char *arch; /* what "auto" means; NULL: the source's */
	bool allow_old; /* databases that are older than they may be are a warning */
};
/* Where nothing is fetched, `source` and `keyring` may be NULL, but `arch` not; where nothing is
 * committed, `environment`. */
static inline const char *packages_arch(const struct packages_context *c)
{
	return c->arch ? c->arch : mirrors_arch(c->source->mirrors);
}

/* The databases of every repository of the conf, fetched and read. They become ROOT's own once all
 * of them are good. ERROR_TRUST for one that is older than what ROOT has seen (packages/marks.h),
 * at up to three mirrors. */
struct databases;
struct databases *databases_sync(const struct packages_context *c, struct error **e) must_check;
/* The same, and ROOT keeps those that it has. */
struct databases *databases_look(const struct packages_context *c, struct error **e) must_check;
/* Those that ROOT has from its last refresh; what it lacks is left out. Needs no source. */
struct databases *databases_remembered(
	const struct packages_context *c, struct error **e) must_check;
size_t databases_count(const struct databases *d);
void databases_free(struct databases *d);

/* Packages that the user named by their files, each verified as the conf's LocalFileSigLevel says
 * (packages/given.h). */
struct given_packages;

/* A question of libalpm's while it plans. `id` names it for good ("conflict a b"); the answer is
 * "yes" or "no", or the name of one of `choices`. */
struct package_question {
	const char *id, *text, *usual; /* the usual answer */
	struct strings choices; /* none: yes or no */
};
/* malloc'd answer; NULL with an error, or without one for the usual. */
typedef char *package_ask(void *arg, const struct package_question *q, struct error **e);

enum package_operation { PACKAGES_INSTALL, PACKAGES_REFRESH, PACKAGES_UNINSTALL };

/* What is asked for, in pacman's words. A plan borrows everything in it. */
struct package_wish {
	enum package_operation operation;
	const struct strings *targets; /* names, provisions, groups, "lxc<1:7"; may be NULL */
	const struct given_packages *given; /* may be NULL */
	bool needed, asdeps, asexplicit;
	bool downgrade; /* of a refresh: to what the mirror has, though it is older */
	bool recursive, unneeded, cascade, nosave; /* of an uninstall */
	const struct strings *ignore, *ignore_group, *overwrite; /* may be NULL */
	package_ask *ask; /* NULL: the usual answers, as of pacman --noconfirm */
	void *ask_arg;
};

enum package_action {
	PACKAGE_INSTALL,
	PACKAGE_UPGRADE,
	PACKAGE_REINSTALL,
	PACKAGE_REMOVE,
	PACKAGE_DOWNGRADE, /* the repository's is older than what is installed */
};
struct planned_package {
	enum package_action action;
	bool asked; /* a target itself, and not what a target needs */
	char *name, *version, *old_version; /* old NULL on install, version NULL on remove */
	char *repo, *filename; /* repo NULL: removed, or a file that the user named */
	uint64_t packed_size, installed_size, old_size;
};
struct package_plan {
	struct planned_package *packages;
	size_t count;
	uint64_t download_size, installed_size; /* of all that comes */
	uint64_t old_size; /* of all that goes */
	struct package_wish wish;
	struct strings answers; /* "ID=ANSWER" of what was asked */
};
/* What the wish would do. An empty plan is no error. ERROR_PACKAGES names what cannot be found or
 * solved. Nothing is changed, and no environment is needed. */
struct package_plan *package_plan_make(const struct packages_context *c, const struct databases *d,
	const struct package_wish *wish, struct error **e) must_check;
/* The common wish: to install `targets`; `needed`: what is up to date is left out. */
struct package_plan *package_plan_install(const struct packages_context *c,
	const struct databases *d, const struct strings *targets, bool needed,
	struct error **e) must_check;
void package_plan_free(struct package_plan *p);

/* Fetches and verifies each file of the plan, then commits it by libalpm. Scriptlets' and hooks'
 * output goes to the report line by line; one that fails is ERROR_PACKAGES although libalpm calls
 * it success. */
int package_plan_commit(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e) must_check;

/* The steps of the commit one by one, for who shows them as stages. The files of a plan: fetched,
 * then each with a good signature (or none, where the conf asks for none: that is a warning). */
struct cache;
struct cache *cache_fetch(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e) must_check;
/* ERROR_TRUST for a file whose signature is bad, or missing where the conf demands one. */
int cache_verify(
	const struct packages_context *c, struct cache *cache, struct error **e) must_check;
int package_plan_commit_cached(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, const struct cache *cache, struct error **e) must_check;
void cache_free(struct cache *cache);

/* The pacman.conf that a root will have, before there is one: of the package `pacman` in [core],
 * fetched and verified. The context's own conf is not looked at. What it includes is left out: that
 * are its mirrors, which we choose ourselves. */
struct pacman_conf *package_shipped_conf(
	const struct packages_context *c, struct error **e) must_check;

/* What is to be found out about installed packages; all of it by pacman's database alone. */
enum package_query_kind {
	QUERY_PACKAGES, /* those named, or all that pass the filters */
	QUERY_UPGRADES, /* those of which the remembered databases have a newer version */
	QUERY_OWNS, /* which package a file belongs to */
	QUERY_LIST, /* the files of packages */
	QUERY_WHY, /* why packages are installed */
};
struct package_query {
	enum package_query_kind kind;
	const struct strings *words; /* packages; for QUERY_OWNS files as the root sees them */
	bool explicit, deps, unrequired, foreign; /* filters, all of which must hold */
};
/* One result row each, to the context's report; the number of rows. Changes nothing and needs no
 * environment. ERROR_PACKAGES for a word that is not installed, or a file that nobody owns. */
int package_query(const struct packages_context *c, const struct databases *d,
	const struct package_query *q, struct error **e) must_check;

/* What `clean` removes. */
struct package_clean {
	bool all; /* every package, not only those that CleanMethod of the conf lets go */
	bool print; /* tell, and remove nothing */
	int (*proceed)(void *arg, size_t count, uint64_t bytes, struct error **e); /* or NULL */
	void *arg;
};
/* Package files that are not needed any more, parts of downloads, and databases of repositories
 * that the conf does not name. One result row each. 1 done, 0 `proceed` did not want it. */
int package_clean(const struct packages_context *c, const struct package_clean *what,
	struct error **e) must_check;

/* Version of an installed package, malloc'd; NULL without an error where it is not installed. Reads
 * ROOT's local database by descriptor, without libalpm. */
char *package_installed_version(
	const struct rootfs *r, const char *name, struct error **e) must_check;

#endif
