/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The acts of a bootstrap from a tarball: fetch, verify, unpack. */
#include "bootstrap/flow.h"
#include "bootstrap/hostclock_bounds.h"
#include "bootstrap/unpack.h"
#include "lib/fd.h"
#include "mirrors/pacman_conf.h"

static struct acquire_context acquire_context_of(struct flow *f)
{
	return (struct acquire_context){
		.source = {f->origin ? f->origin : f->mirrors, &f->http, f->report},
		.keyring = f->config->keyring,
		.from = &f->config->source,
		.tarball = f->config->tarball,
		.directory_fd = place_download_fd(f->place),
		.target = place_facts(f->place),
		.target_path = place_root(f->place),
		.allow_old = f->config->allow_old,
	};
}

int flow_fetch_tarball(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct acquire_context c = acquire_context_of(f);
	return acquire_fetch(&c, &f->acquired, e);
}

/* It is at least as late as when the tarball was signed, so no later run believes a clock before
 * that. Never later than now: the signer's clock may be ahead. */
static void learn_time(struct flow *f)
{
	auto_error *e = NULL;
	int64_t signed_s = verified_signer(f->acquired.verified)->signed_at;
	int64_t now_s = trusted_time_now(&f->http.time);
	if (hostclock_save(f->config->clock.time_file, signed_s < now_s ? signed_s : now_s, &e) < 0)
		report_note(f->report, "%s", error_message(e));
}

int flow_verify_tarball(void *arg, struct error **e)
{
	struct flow *f = arg;
	struct acquire_context c = acquire_context_of(f);
	if (acquire_verify(&c, &f->acquired, e) < 0)
		return -1;
	learn_time(f);
	return 0;
}

/* What was unpacked and is no root: it is the tarball that is wrong then, and not ROOT. */
static struct rootfs *open_unpacked(const char *path, struct error **e)
{
	auto_error *why = NULL;
	struct rootfs *r = rootfs_open(path, &why);
	if (r)
		return r;
	if (error_code(why) == ERROR_ROOT)
		error_set(e, ERROR_TRUST, 0, "the tarball is signed, but %s", error_message(why));
	else if (e)
		*e = take(&why);
	return NULL;
}

/* A tarball of the user's may be for another machine; its own pacman.conf says for which. */
static int check_arch(const struct flow *f, struct error **e)
{
	const char *ours = f->config->arch;
	auto_pacman_conf *conf = pacman_conf_read(rootfs_fd(f->rootfs), "/etc/pacman.conf", NULL);
	const struct strings *theirs = conf ? &conf->architectures : NULL;
	if (!theirs || !theirs->count || strings_contain(theirs, "auto") ||
		strings_contain(theirs, ours))
		return 0;
	error_set(e, ERROR_CONFIG, 0, "the tarball is for %s, and not for %s", theirs->items[0],
		ours);
	return error_hint(e, "name another tarball, or say --arch=%s", theirs->items[0]);
}

static int unpack(struct flow *f, struct error **e)
{
	int auto_fd staging = place_make_staging(f->place, e);
	f->staged = staging >= 0;
	if (staging < 0 || unpack_rootfs(f->acquired.verified, staging, f->report, e) < 0)
		return -1;
	f->rootfs = open_unpacked(place_staging_path(f->place), e);
	if (!f->rootfs || check_arch(f, e) < 0)
		return -1;
	return flow_look_over(f, e);
}

int flow_unpack_tarball(void *arg, struct error **e)
{
	struct flow *f = arg;
	auto_error *why = NULL;
	if (unpack(f, &why) == 0)
		return 0;
	if (error_code(why) == ERROR_TRUST) {
		struct acquire_context c = acquire_context_of(f);
		acquire_discard(&c);
	}
	if (e)
		*e = take(&why);
	return -1;
}
