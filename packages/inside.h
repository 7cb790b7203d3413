/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child inside the environment that may call libalpm, and the pipe on which it answers.
 *
 * Where no environment is up, it is a child in the rootfs that looks and changes nothing.
 * It has a mount namespace of its own: over pacman's sync directory lie the databases as syncdb
 * wrote them and a package cache whose names lead to descriptors that the parent verified. Nothing
 * of the root's is loaded into it: name services, locales and OpenSSL are settled before it enters.
 */
#ifndef PACKAGES_INSIDE_H
#define PACKAGES_INSIDE_H

#include <stdbool.h>

#include "packages/databases.h"
#include "packages/wire.h"

/* Where the child finds what was laid there for it. */
#define INSIDE_DB_PATH                                                                             \
	"/"                                                                                        \
	"var/lib/pacman"
#define INSIDE_SYNC_PATH INSIDE_DB_PATH "/sync"
#define INSIDE_CACHE_PATH INSIDE_SYNC_PATH "/.verified"
#define INSIDE_GIVEN_PATH INSIDE_SYNC_PATH "/.given"

/* A file that libalpm may open: its name in the package cache, and the descriptor it leads to. */
struct inside_file {
	const char *name;
	int fd;
};

struct inside_setting {
	const struct packages_context *context;
	const struct databases *databases;
	const struct inside_file *files;
	size_t file_count;
	const struct given_packages *given; /* below INSIDE_GIVEN_PATH; may be NULL */
	const int *keep; /* descriptors for the body's own use */
	size_t keep_count;
};

/* The child's work; `out` is where wire_send_* write. */
typedef int inside_body(int out, void *arg, struct error **e);

struct inside;

struct inside *inside_start(
	const struct inside_setting *s, inside_body *body, void *arg, struct error **e) must_check;
/* An interrupt then does not end the wait: the child hears of it and ends when it can. */
void inside_let_finish(struct inside *i);
/* Where questions go: to be called for each. NULL: they are an error. */
typedef int inside_question(void *arg, const struct package_question *q, struct error **e);
void inside_on_question(struct inside *i, inside_question *take, void *arg);
/* Likewise for the rows of a query. */
typedef int inside_row(void *arg, const struct strings *values, struct error **e);
void inside_on_row(struct inside *i, inside_row *take, void *arg);
/* The next package of a plan or the end of it: notes, warnings and progress have gone to the
 * report. 1 with *p filled, 0 the child ended well, -1 with its error. */
int inside_next(struct inside *i, struct planned_package *p, struct error **e) must_check;
/* Kills the child where it still runs. */
void inside_free(struct inside *i);

#endif
