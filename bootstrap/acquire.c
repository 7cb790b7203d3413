/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/acquire.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bootstrap/directories.h"
#include "bootstrap/tarball_marks.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"
#include "mirrors/fetch_alike.h"
#include "mirrors/fetch_size.h"

static const uint64_t tarball_limit = 4ULL << 30;

/* The signature that the first mirror which has one gives: where the first mirrors have none. */
static int find_any_version(const struct acquire_context *c, const struct fetch_item *item,
	struct fetch_alike *to, size_t *count, struct error **e)
{
	size_t mirror = SIZE_MAX;
	*to = (struct fetch_alike){.signature = BUF(OPENPGP_SIGNATURE_MAX)};
	int got = fetch_small(&c->source, item, &to->signature, &mirror, e);
	if (got > 0) {
		to->first = mirror;
		to->mirrors = mirror < 64 ? 1ULL << mirror : 0;
		*count = 1;
		return 0;
	}
	buf_free(&to->signature);
	if (got < 0)
		return -1;
	if (c->from->kind == SOURCE_URL) {
		error_set(e, ERROR_TRUST, 0, "there is no %s.sig", c->from->place);
		return error_hint(e, "a tarball without a signature is not used");
	}
	error_set(e, ERROR_TRUST, 0, "no mirror has %s", item->file);
	return error_hint(e, "a tarball without a signature is not used; try another --mirror");
}

static int find_versions(const struct acquire_context *c, struct fetch_alike *versions,
	size_t *count, struct error **e)
{
	char *auto_free name = text_format(e, "%s.sig", c->tarball);
	if (!name)
		return -1;
	struct fetch_item item = {.file = name, .limit = OPENPGP_SIGNATURE_MAX, .metadata = true};
	if (fetch_alike(&c->source, &item, versions, count, e) < 0)
		return -1;
	return *count ? 0 : find_any_version(c, &item, versions, count, e);
}

/* A whole tarball of an earlier run, if it is the one that this signature is for. */
static struct verified *find_earlier(const struct acquire_context *c, const struct buf *signature)
{
	auto_error *why = NULL;
	if (!path_exists(c->directory_fd, c->tarball))
		return NULL;
	char path[4096];
	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", c->directory_fd, c->tarball);
	struct fetched *f = fetched_from_file(path, NULL);
	if (!f)
		return NULL;
	struct verified *v = verified_by_signature(&f, c->keyring, signature->data,
		signature->length, trusted_time_now(&c->source.http->time), &why);
	fetched_free(f);
	/* And not where it could not be read to its end. */
	if (!v && error_code(why) == ERROR_TRUST)
		acquire_discard(c);
	return v;
}

/* With LXC installed the tests' stand-in takes 3.2 times its tarball, Arch Linux ARM about 3 times;
 * the rest is for packages while they are downloaded. */
uint64_t acquire_space(uint64_t size, uint64_t have)
{
	const uint64_t floor = 500000000, rest = 100000000;
	if (!size)
		return floor;
	return (have < size ? size - have : 0) + size / 2 * 7 + rest;
}

static uint64_t bytes_there(const struct acquire_context *c)
{
	char *auto_free part = text_format(NULL, "%s.part", c->tarball);
	struct stat st;
	return part && fstatat(c->directory_fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0
		       ? (uint64_t)st.st_size
		       : 0;
}

static int check_space(
	const struct acquire_context *c, const struct fetch_item *item, struct error **e)
{
	uint64_t size = 0;
	char text[32];
	if (fetch_size(&c->source, item, &size, e) < 0)
		return -1;
	text_size(text, sizeof text, size);
	if (size)
		report_note(c->source.report, "%s has %s", c->tarball, text);
	return target_judge_space(
		c->target, c->target_path, acquire_space(size, bytes_there(c)), e);
}

static void hint_at_keyring(struct error **why)
{
	error_hint(why,
		"name the keyring that has its signer: --keyring=FILE; 'alarmstrap signature "
		"FILE' tells who that is");
}

/* The file is judged as soon as it is whole: a mirror whose tarball is not what was signed is as
 * bad as a silent one, and the next is asked. */
struct judge {
	const struct acquire_context *context;
	struct acquired *acquired;
};

static int judge_tarball(void *arg, size_t index, struct fetched **file, struct error **e)
{
	const struct judge *j = arg;
	const struct acquire_context *c = j->context;
	struct acquired *a = j->acquired;
	a->verified = verified_by_signature(file, c->keyring, a->signature.data,
		a->signature.length, trusted_time_now(&c->source.http->time), e);
	return a->verified ? 0 : -1;
}

static int fetch_tarball(const struct acquire_context *c, const struct fetch_item *item,
	struct acquired *a, struct error **e)
{
	struct judge judge = {c, a};
	struct fetch_listener listener = {judge_tarball, &judge};
	return fetch_each(&c->source, c->directory_fd, item, 1, &listener, e);
}

/* One version of the tarball, from the mirrors that have it. 1: there; 0: another may do. */
static int acquire_version(const struct acquire_context *c, const struct fetch_alike *version,
	struct acquired *a, struct error **why, struct error **e)
{
	a->signature.length = 0;
	if (buf_append(&a->signature, version->signature.data, version->signature.length, e) < 0)
		return -1;
	a->verified = find_earlier(c, &a->signature);
	if (a->verified) {
		uint64_t size = verified_size(a->verified);
		report_note(c->source.report, "%s was fetched by an earlier run", c->tarball);
		int r = target_judge_space(c->target, c->target_path, acquire_space(size, size), e);
		return r < 0 ? -1 : 1;
	}
	struct fetch_item item = {.file = c->tarball,
		.limit = tarball_limit,
		.digests = openpgp_digest_kinds(a->signature.data, a->signature.length),
		.version = *version->version ? version->version : NULL,
		.alike = version->mirrors,
		.preferred_plus = version->first + 1};
	if (check_space(c, &item, e) < 0)
		return -1;
	error_clear(why);
	if (fetch_tarball(c, &item, a, why) == 0)
		return 1;
	return error_code(*why) == ERROR_TRUST ? 0 : -1;
}

/* What it is remembered by. An URL may hold a password. */
static int mark_name(const struct acquire_context *c, struct buf *to, struct error **e)
{
	return text_render(to, c->from->kind == SOURCE_URL ? c->from->place : c->tarball, e);
}

/* A tarball that is signed, but older than one that was seen: another version may do. 1: it will
 * do. */
static int judge_age(
	const struct acquire_context *c, struct acquired *a, struct error **why, struct error **e)
{
	const struct openpgp_result *signer = verified_signer(a->verified);
	struct error *old = NULL;
	auto_buf name = BUF(0);
	if (mark_name(c, &name, e) < 0)
		return -1;
	int64_t newest_s = tarball_newest(directory_state(), buf_text(&name), signer->fingerprint);
	if (tarball_judge(newest_s, c->tarball, signer->signed_at, &old) == 0)
		return 1;
	if (c->allow_old) {
		report_warn(c->source.report, "%s", error_message(old));
		error_free(old);
		return 1;
	}
	error_clear(why);
	*why = old;
	verified_free(take(&a->verified));
	return 0;
}

static void remember(const struct acquire_context *c, const struct acquired *a)
{
	auto_error *why = NULL;
	auto_buf name = BUF(0);
	if (mark_name(c, &name, &why) < 0 ||
		tarball_remember(directory_state(), buf_text(&name), verified_signer(a->verified),
			c->allow_old, &why) < 0)
		report_note(
			c->source.report, "the tarball is not remembered: %s", error_message(why));
}

static int take_file(const struct acquire_context *c, struct acquired *a, struct error **e)
{
	a->fetched = source_open(c->from, c->directory_fd, c->source.report, &a->signature, e);
	if (!a->fetched)
		return -1;
	uint64_t size = fetched_size(a->fetched);
	return target_judge_space(c->target, c->target_path, acquire_space(size, size), e);
}

int acquire_fetch(const struct acquire_context *c, struct acquired *a, struct error **e)
{
	if (c->from->kind == SOURCE_FILE)
		return take_file(c, a, e);
	struct fetch_alike versions[FETCH_ALIKE_MAX];
	auto_error *why = NULL;
	size_t count = 0;
	int got = 0;
	if (find_versions(c, versions, &count, e) < 0)
		return -1;
	a->signature = BUF(OPENPGP_SIGNATURE_MAX);
	for (size_t i = 0; i < count && got == 0; i++) {
		got = acquire_version(c, &versions[i], a, &why, e);
		if (got > 0)
			got = judge_age(c, a, &why, e);
	}
	fetch_alike_free(versions, count);
	if (got > 0)
		return 0;
	if (got == 0 && c->from->kind != SOURCE_MIRROR)
		hint_at_keyring(&why);
	if (why && e && !*e)
		*e = take(&why);
	return -1;
}

static void tell_signer(const struct acquire_context *c, const struct verified *v)
{
	const struct openpgp_result *r = verified_signer(v);
	char day[16];
	time_t when = (time_t)r->signed_at;
	struct tm t;
	gmtime_r(&when, &t);
	strftime(day, sizeof day, "%Y-%m-%d", &t);
	report_note(c->source.report, "signed on %s by %s (%s)", day, r->user_id, r->fingerprint);
	int64_t age_s = trusted_time_now(&c->source.http->time) - r->signed_at;
	if (age_s > TARBALL_WARN_S)
		report_warn(c->source.report,
			"the tarball is %d days old; once it stands, bring it up to date: "
			"alarmstrap "
			"refresh %s",
			(int)(age_s / (24 * 3600)), c->target_path);
}

int acquire_verify(const struct acquire_context *c, struct acquired *a, struct error **e)
{
	auto_error *why = NULL;
	if (!a->verified)
		a->verified = verified_by_signature(&a->fetched, c->keyring, a->signature.data,
			a->signature.length, trusted_time_now(&c->source.http->time), &why);
	if (!a->verified) {
		hint_at_keyring(&why);
		if (e)
			*e = take(&why);
		return -1;
	}
	tell_signer(c, a->verified);
	if (c->from->kind != SOURCE_FILE)
		remember(c, a);
	return 0;
}

void acquire_discard(const struct acquire_context *c)
{
	if (c->from->kind != SOURCE_FILE) /* that one is the user's */
		unlinkat(c->directory_fd, c->tarball, 0);
}

void acquired_free(struct acquired *a)
{
	buf_free(&a->signature);
	fetched_free(a->fetched);
	verified_free(a->verified);
	*a = (struct acquired){0};
}
