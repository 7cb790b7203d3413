/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mirrors of a run, in the order they are asked: product of the stage `mirrors`. */
#ifndef MIRRORS_MIRRORS_H
#define MIRRORS_MIRRORS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/text.h"

struct mirrors;

/* From definitions in pacman's syntax ("https://host/$arch/$repo") or bare bases ("https://host");
 * where `servers` is empty, ALARM's own hosts that speak HTTPS. https stands first, http last. For
 * `arch` ("aarch64"). ERROR_CONFIG for what is no http(s) URL. */
struct mirrors *mirrors_new(
	const struct strings *servers, const char *arch, struct error **e) must_check;
/* The one directory https://host/path that files of no repository are fetched from, by their names;
 * it has no repositories. ERROR_CONFIG for what is no http(s) URL. */
struct mirrors *mirrors_of_directory(const char *url, struct error **e) must_check;
/* From the Server lines of a root's pacman.conf: each serves the repositories that name it, and is
 * used as it stands there. A repository whose servers all lack TLS is asked of ALARM's own hosts,
 * since its database is not signed: their number goes to *replaced. ERROR_CONFIG for one without a
 * server, and for a server that is no http(s) URL. */
struct pacman_conf;
struct mirrors *mirrors_of_conf(const struct pacman_conf *conf, const char *arch, size_t *replaced,
	struct error **e) must_check;
/* Puts the mirrors into a new order: `order` has `count` indices, each of them once. Only the first
 * `used` stay, and of the others those that alone serve some repository, at the end. */
int mirrors_arrange(struct mirrors *m, const size_t *order, size_t count, size_t used,
	struct error **e) must_check;

size_t mirrors_count(const struct mirrors *m);
const char *mirrors_arch(const struct mirrors *m);
/* The i-th mirror in pacman's syntax, for a mirrorlist. */
const char *mirrors_server(const struct mirrors *m, size_t i);
/* Its URL without the variables, "https://host/base". */
const char *mirrors_base(const struct mirrors *m, size_t i);
/* Whether what it sends comes over TLS: databases and signatures are asked of such mirrors only. */
bool mirrors_is_https(const struct mirrors *m, size_t i);
/* Whether it sends whoever asks to another host, which may be another one every time. */
bool mirrors_roams(const struct mirrors *m, size_t i);
/* malloc'd URL of $arch/sync: a marker of a few bytes, by which ALARM's own operators watch their
 * mirrors. */
char *mirrors_marker_url(const struct mirrors *m, size_t i, struct error **e) must_check;
/* Whether it is to be asked for files of this repository (NULL: os/). */
bool mirrors_serves(const struct mirrors *m, size_t i, const char *repo);
/* malloc'd URL of `file` in repository `repo`, or in os/ where repo is NULL. Names
 * are escaped as RFC 3986 demands; ERROR_TRUST for one that is no plain file name. */
char *mirrors_url(const struct mirrors *m, size_t i, const char *repo, const char *file,
	struct error **e) must_check;
void mirrors_free(struct mirrors *m);

#endif
