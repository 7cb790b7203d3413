/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/trusted_time.h"
#include "packages/cache_dirs.h"
#include "packages/rootdir.h"

/* A package whose database entry tells no size. The largest of ALARM's has 2 GB. */
static const uint64_t PACKAGE_MAX_BYTES = 4ULL << 30;
/* What a transaction opens besides the files of the plan. */
enum { OTHER_DESCRIPTORS = 256 };

static const struct pacman_repo *find_repo(const struct pacman_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->repo_count; i++)
		if (strcmp(conf->repos[i].name, name) == 0)
			return &conf->repos[i];
	return NULL;
}

static struct cache *cache_new(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e)
{
	struct cache *cache = calloc(1, sizeof *cache);
	if (cache)
		cache->files = calloc(p->count ? p->count : 1, sizeof *cache->files);
	if (!cache || !cache->files) {
		error_set(e, ERROR_SYSTEM, errno, "plan");
		cache_free(cache);
		return NULL;
	}
	for (size_t i = 0; i < p->count; i++) {
		const struct planned_package *package = &p->packages[i];
		if (!package->repo) /* removed, or a file that the user named */
			continue;
		struct cache_file f = {.package = package,
			.entry = databases_entry(d, package),
			.repo = find_repo(c->conf, package->repo)};
		if (!f.entry || !f.repo) {
			error_set(e, ERROR_PACKAGES, 0, "the plan for %s is not of these databases",
				package->name);
			cache_free(cache);
			return NULL;
		}
		cache->files[cache->count++] = f;
	}
	return cache;
}

/* Each file stays open from its check to its installation, and so does its plain tar. */
static void allow_descriptors(size_t files)
{
	struct rlimit limit;
	rlim_t wanted = 3 * files + OTHER_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* else opening one fails, and says so */
}

int cache_open_directory(const struct packages_context *c, struct error **e)
{
	const struct strings *dirs = &c->conf->cache_dirs;
	if (!c->cache_dir)
		return rootdir_open(
			rootfs_fd(c->rootfs), dirs->count ? dirs->items[0] : PACMAN_CACHE_PATH, e);
	if (path_make_dirs(AT_FDCWD, c->cache_dir, 0755, e) < 0)
		return -1;
	return path_open_dir(AT_FDCWD, c->cache_dir, e);
}

/* Databases of repo-add 6.1 and later hold no signatures: each lies beside its package then. */
static int fetch_signatures(
	const struct packages_context *c, int dir, struct cache *cache, struct error **e)
{
	struct fetch_item *auto_free items = calloc(cache->count, sizeof *items);
	struct fetched **auto_free out = calloc(cache->count, sizeof(struct fetched *));
	struct cache_file **auto_free of = calloc(cache->count, sizeof(struct cache_file *));
	auto_strings names = {0};
	if (!items || !out || !of)
		return error_set(e, ERROR_SYSTEM, errno, "fetch signatures");
	for (size_t i = 0; i < cache->count; i++) {
		struct cache_file *f = &cache->files[i];
		if (f->entry->signature || f->repo->package_level == SIG_NEVER)
			continue;
		char *name = text_format(e, "%s.sig", f->entry->filename);
		if (!name || strings_take(&names, name, e) < 0)
			return -1;
		of[names.count - 1] = f;
	}
	if (names.count == 0)
		return 0;
	for (size_t i = 0; i < names.count; i++)
		items[i] = (struct fetch_item){.repo = of[i]->repo->name,
			.file = names.items[i],
			.limit = OPENPGP_SIGNATURE_MAX,
			.metadata = true,
			.optional = true};
	int result = fetch_files(c->source, dir, items, names.count, out, e);
	for (size_t i = 0; i < names.count; i++)
		of[i]->signature = out[i];
	return result;
}

/* The signature's bytes into `to`; nothing where there is none. */
static int read_signature(const struct cache_file *f, struct buf *to, struct error **e)
{
	if (f->entry->signature)
		return buf_append(to, f->entry->signature, f->entry->signature_length, e);
	if (!f->signature)
		return 0;
	uint64_t size = fetched_size(f->signature);
	char *at = size <= OPENPGP_SIGNATURE_MAX ? buf_reserve(to, (size_t)size, e) : NULL;
	if (!at)
		return error_set(e, ERROR_TRUST, EFBIG, "%s", fetched_name(f->signature));
	ssize_t n = pread(fetched_fd(f->signature), at, (size_t)size, 0);
	if (n < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", fetched_name(f->signature));
	to->length += (size_t)n;
	return 0;
}

/* Which digests its signature is over: made while the package is written, it is not read again. */
static int digests_of(const struct cache_file *f, unsigned *kinds, struct error **e)
{
	auto_buf signature = BUF(OPENPGP_SIGNATURE_MAX);
	if (f->repo->package_level != SIG_NEVER && read_signature(f, &signature, e) < 0)
		return -1;
	*kinds = signature.length ? openpgp_digest_kinds(signature.data, signature.length) : 0;
	return 0;
}

/* pacman's SigLevel: `Required` is what ALARM ships; a root whose owner wrote less gets less. */
static int verify(const struct packages_context *c, struct cache_file *f, struct error **e)
{
	enum sig_level level = f->repo->package_level;
	if (level == SIG_NEVER)
		return 0;
	auto_buf signature = BUF(OPENPGP_SIGNATURE_MAX);
	if (read_signature(f, &signature, e) < 0)
		return -1;
	if (signature.length == 0 && level == SIG_OPTIONAL)
		return 0;
	if (signature.length == 0) {
		error_set(e, ERROR_TRUST, 0, "%s: there is no signature", f->entry->filename);
		return error_hint(e, "nothing was installed; try another --mirror");
	}
	f->verified = verified_by_signature(&f->fetched, c->keyring, signature.data,
		signature.length, trusted_time_now(&c->source->http->time), e);
	if (!f->verified)
		return error_wrap(e, "%s", f->entry->filename);
	return 0;
}

static void warn_unverified(const struct packages_context *c, const struct cache *cache)
{
	for (size_t r = 0; r < c->conf->repo_count; r++) {
		const struct pacman_repo *repo = &c->conf->repos[r];
		size_t count = 0;
		for (size_t i = 0; i < cache->count; i++)
			count += cache->files[i].repo == repo && !cache->files[i].verified;
		if (count)
			report_warn(c->report,
				"%zu packages of [%s] are not signed, and SigLevel in pacman.conf "
				"lets them through",
				count, repo->name);
	}
}

/* A package whose signature cannot be had is refused before anything large is fetched. */
static int check_signatures(const struct cache *cache, struct error **e)
{
	for (size_t i = 0; i < cache->count; i++) {
		const struct cache_file *f = &cache->files[i];
		if (f->repo->package_level != SIG_REQUIRED || f->entry->signature || f->signature)
			continue;
		error_set(e, ERROR_TRUST, 0, "%s: there is no signature", f->entry->filename);
		return error_hint(e, "nothing was installed; try another --mirror");
	}
	return 0;
}

struct filling {
	const struct packages_context *context;
	struct cache *cache;
	struct error *failure; /* what no other mirror can mend */
};

/* Each package as soon as it is whole: verified, and handed on to be unpacked, while others are
 * still under way. */
static int take_package(void *arg, size_t index, struct fetched **file, struct error **e)
{
	struct filling *fill = arg;
	struct cache_file *f = &fill->cache->files[index];
	/* Not secret: pacman in the root reads them, too. */
	if (fchmod(fetched_fd(*file), 0644) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "%s", f->entry->filename);
	f->fetched = take(file);
	if (verify(fill->context, f, f->entry->sha256 ? &fill->failure : e) < 0) {
		if (!f->entry->sha256) {
			*file = take(&f->fetched);
			return -1;
		}
		/* The very file that the database names: others would send the same. */
		return error_set(e, ERROR_SYSTEM, ECANCELED, "%s", f->entry->filename);
	}
	ahead_add(fill->cache->ahead, index, cache_file_fd(f), f->entry->installed_size);
	return 0;
}

static int fetch_packages(
	const struct packages_context *c, int dir, struct cache *cache, struct error **e)
{
	struct filling fill = {c, cache, NULL};
	const struct fetch_listener listener = {take_package, &fill};
	struct fetch_item *auto_free items = calloc(cache->count, sizeof *items);
	if (!items)
		return error_set(e, ERROR_SYSTEM, errno, "fetch packages");
	for (size_t i = 0; i < cache->count; i++) {
		const struct syncdb_package *s = cache->files[i].entry;
		items[i] = (struct fetch_item){.repo = cache->files[i].repo->name,
			.file = s->filename,
			.limit = s->packed_size ? s->packed_size : PACKAGE_MAX_BYTES,
			.size = s->packed_size,
			.sha256 = s->sha256};
		if (digests_of(&cache->files[i], &items[i].digests, e) < 0)
			return -1;
	}
	auto_error *why = NULL;
	int result = fetch_each(c->source, dir, items, cache->count, &listener, &why);
	struct error *told = fill.failure ? fill.failure : take(&why);
	if (e)
		*e = told;
	else
		error_free(told);
	return result;
}

/* What is left of the filesystem once the packages are there and installed is not all ours: half of
 * it, and no more than makes a difference. */
static uint64_t space_for_ahead(const struct package_plan *p, int dir)
{
	const uint64_t most = 256 << 20;
	struct statvfs v;
	if (fstatvfs(dir, &v) < 0)
		return 0;
	uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
	uint64_t need = p->download_size + p->installed_size + p->installed_size / 8;
	uint64_t half = room > need ? (room - need) / 2 : 0;
	return half < most ? half : most;
}

static int fill(const struct packages_context *c, const struct package_plan *p, struct cache *cache,
	struct error **e)
{
	if (cache->count == 0)
		return 0;
	int auto_fd dir = cache_open_directory(c, e);
	if (dir < 0)
		return -1;
	allow_descriptors(cache->count);
	if (cache_dirs_gather(c, dir, cache, e) < 0)
		return -1;
	if (fetch_signatures(c, dir, cache, e) < 0 || check_signatures(cache, e) < 0)
		return error_wrap(e, "packages");
	const struct ahead_settings settings = {cache->count, dir, space_for_ahead(p, dir)};
	auto_error *why = NULL;
	cache->ahead = ahead_start(&settings, &why);
	if (why) /* it is a help, and no more */
		report_note(c->report, "%s", error_message(why));
	return fetch_packages(c, dir, cache, e) < 0 ? error_wrap(e, "packages") : 0;
}

struct cache *cache_fetch(const struct packages_context *c, const struct databases *d,
	const struct package_plan *p, struct error **e)
{
	struct cache *cache = cache_new(c, d, p, e);
	if (cache && fill(c, p, cache, e) == 0)
		return cache;
	cache_free(cache);
	return NULL;
}

int cache_verify(const struct packages_context *c, struct cache *cache, struct error **e)
{
	for (size_t i = 0; i < cache->count; i++) {
		struct cache_file *f = &cache->files[i];
		if (!f->verified && verify(c, f, e) < 0)
			return -1;
	}
	warn_unverified(c, cache);
	return 0;
}

int cache_file_fd(const struct cache_file *f)
{
	return f->verified ? verified_fd(f->verified) : fetched_fd(f->fetched);
}

void cache_free(struct cache *cache)
{
	if (!cache)
		return;
	ahead_free(cache->ahead);
	for (size_t i = 0; i < cache->count; i++) {
		fetched_free(cache->files[i].fetched);
		fetched_free(cache->files[i].signature);
		verified_free(cache->files[i].verified);
	}
	free(cache->files);
	free(cache);
}
