/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/given.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/trusted_time.h"
#include "packages/cache.h"

/* The largest of ALARM's packages has 2 GB. */
static const uint64_t GIVEN_MAX_BYTES = 4ULL << 30;

bool given_is_address(const char *target)
{
	return strstr(target, "://") != NULL;
}

/* ".pkg.tar" stands in every name that makepkg gives (makepkg.conf(5), PKGEXT), and in no name of a
 * package. */
bool given_is_meant(const char *target)
{
	return given_is_address(target) || strstr(target, ".pkg.tar");
}

const struct given_package *given_find(const struct given_packages *g, const char *name)
{
	for (size_t i = 0; g && i < g->count; i++)
		if (strcmp(g->items[i].name, name) == 0)
			return &g->items[i];
	return NULL;
}

int given_fd(const struct given_package *g)
{
	return g->verified ? verified_fd(g->verified) : fetched_fd(g->fetched);
}

static int to_file(void *arg, const void *data, size_t length, struct error **e)
{
	return fd_write_all(*(const int *)arg, data, length, e);
}

static int to_buffer(void *arg, const void *data, size_t length, struct error **e)
{
	return buf_append(arg, data, length, e);
}

static int write_part(const struct packages_context *c, const char *url, int dir, const char *part,
	struct error **e)
{
	int auto_fd fd =
		openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(e, fd_error_code(errno), errno, "create %s", part);
	struct http_request request = {.url = url, .limit = GIVEN_MAX_BYTES};
	struct http_sink sink = {NULL, to_file, &fd};
	return http_get(c->source->http, &request, &sink, e);
}

/* Into the cache, as pacman does it, under its own name. */
static struct fetched *fetch_address(
	const struct packages_context *c, const char *url, struct error **e)
{
	const char *name = strrchr(url, '/') + 1;
	if (!*name || *name == '.' || strpbrk(name, "?#%")) {
		error_set(e, ERROR_USAGE, 0, "%s names no file", url);
		return NULL;
	}
	int auto_fd dir = cache_open_directory(c, e);
	char *auto_free part = text_format(e, "%s.part", name);
	if (dir < 0 || !part)
		return NULL;
	int r = write_part(c, url, dir, part, e);
	if (r == 0 && renameat(dir, part, dir, name) < 0)
		r = error_set(e, ERROR_SYSTEM, errno, "rename %s", part);
	if (r < 0) {
		unlinkat(dir, part, 0);
		return NULL;
	}
	char *auto_free path = text_format(e, "/proc/self/fd/%d/%s", dir, name);
	return path ? fetched_from_file(path, e) : NULL;
}

/* FILE.sig or ADDRESS.sig, appended to `to`; nothing where there is none. */
static int read_signature(
	const struct packages_context *c, const char *target, struct buf *to, struct error **e)
{
	char *auto_free name = text_format(e, "%s.sig", target);
	if (!name)
		return -1;
	if (!given_is_address(target))
		return path_exists(AT_FDCWD, name) ? path_read_file(AT_FDCWD, name, to, e) : 0;
	auto_error *absent = NULL;
	struct http_request request = {.url = name, .limit = OPENPGP_SIGNATURE_MAX};
	struct http_sink sink = {NULL, to_buffer, to};
	if (http_get(c->source->http, &request, &sink, &absent) == 0)
		return 0;
	if (error_errno(absent) == ENOENT)
		return 0;
	return error_set(e, error_code(absent), 0, "%s", error_message(absent));
}

static int64_t now(const struct packages_context *c)
{
	return c->source ? trusted_time_now(&c->source->http->time) : (int64_t)time(NULL);
}

static int verify(const struct packages_context *c, const char *target, struct given_package *g,
	struct error **e)
{
	bool address = given_is_address(target);
	enum sig_level level = address ? c->conf->remote_file_level : c->conf->local_file_level;
	auto_buf signature = BUF(OPENPGP_SIGNATURE_MAX);
	if (level == SIG_NEVER)
		return 0;
	if (read_signature(c, target, &signature, e) < 0)
		return -1;
	if (signature.length == 0 && level == SIG_OPTIONAL) {
		report_warn(
			c->report, "%s is not signed, and pacman.conf lets it through", g->name);
		return 0;
	}
	if (signature.length == 0) {
		error_set(e, ERROR_TRUST, 0, "%s: there is no signature", target);
		return error_hint(e, "pacman.conf in the root demands one (%s)",
			address ? "RemoteFileSigLevel" : "LocalFileSigLevel");
	}
	g->verified = verified_by_signature(
		&g->fetched, c->keyring, signature.data, signature.length, now(c), e);
	return g->verified ? 0 : error_wrap(e, "%s", target);
}

static void clear(struct given_package *g)
{
	free(g->name);
	fetched_free(g->fetched);
	verified_free(g->verified);
}

int given_add(const struct packages_context *c, const char *target, struct given_packages *to,
	struct error **e)
{
	struct given_package g = {NULL};
	g.fetched = given_is_address(target) ? fetch_address(c, target, e)
					     : fetched_from_file(target, e);
	g.name = g.fetched ? text_copy(fetched_name(g.fetched), e) : NULL;
	struct given_package *grown =
		g.name ? reallocarray(to->items, to->count + 1, sizeof *grown) : NULL;
	if (grown)
		to->items = grown;
	if (g.name && given_find(to, g.name))
		error_set(e, ERROR_USAGE, 0, "%s is named twice", g.name);
	else if (grown && verify(c, target, &g, e) == 0) {
		to->items[to->count++] = g;
		return 0;
	}
	clear(&g);
	return error_set(e, ERROR_SYSTEM, ENOMEM, "%s", target);
}

void given_free(struct given_packages *g)
{
	for (size_t i = 0; i < g->count; i++)
		clear(&g->items[i]);
	free(g->items);
	*g = (struct given_packages){NULL, 0};
}
