/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/signature.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bootstrap/alarm_keyring.h"
#include "bootstrap/hostclock.h"
#include "bootstrap/hostclock_bounds.h"
#include "lib/fd.h"
#include "lib/gpgv.h"
#include "lib/text.h"
#include "mirrors/fetch.h"

enum { MINUTE_S = 60 };

/* By --time, or by a clock that can be right: one at 1970 would call each signature one from the
 * future. */
static int find_time(const char *given, int64_t *now_s, struct error **e)
{
	char shown[32], least[32], most[32];
	*now_s = given ? hostclock_parse(given) : time(NULL);
	if (given && *now_s < 0) {
		error_set(e, ERROR_USAGE, 0, "'%s' is no time", given);
		return error_hint(e, "write it like 2026-01-31T12:00:00Z");
	}
	const struct hostclock_bounds b = hostclock_bounds(NULL);
	if (given || hostclock_possible(&b, *now_s))
		return 0;
	hostclock_format(shown, *now_s);
	hostclock_format(least, b.floor_s);
	hostclock_format(most, b.ceiling_s);
	error_set(e, ERROR_CLOCK, 0, "the clock says %s, which cannot be: it is between %s and %s",
		shown, least, most);
	return error_hint(e, "set it (alarmstrap clock --set), or give the time with --time");
}

static int read_signature(const char *file, const char *signature, struct buf *to, struct error **e)
{
	char *auto_free beside = signature ? NULL : text_format(e, "%s.sig", file);
	const char *path = signature ? signature : beside;
	struct fetched *f = path ? fetched_from_file(path, e) : NULL;
	int r = f ? fd_read_all(fetched_fd(f), to, e) : -1;
	fetched_free(f);
	if (r == 0)
		return 0;
	if (!signature && (text_has_suffix(file, ".sig") || text_has_suffix(file, ".asc")))
		return error_hint(
			e, "%s looks like a signature: name the file it is for, first", file);
	if (!signature)
		return error_hint(
			e, "name the file that holds the signature: alarmstrap signature FILE SIG");
	return -1;
}

static void show(const struct openpgp_findings *f, struct report *report)
{
	static const char *const verdicts[] = {[OPENPGP_GOOD] = "good",
		[OPENPGP_UNKNOWN] = "unknown",
		[OPENPGP_REFUSED] = "refused",
		[OPENPGP_BAD] = "bad"};
	for (size_t i = 0; i < f->count; i++) {
		const struct openpgp_finding *x = &f->items[i];
		char when[32] = "";
		if (x->signed_at >= 0)
			hostclock_format(when, x->signed_at);
		report_result(report, "signature",
			(struct report_field[]){{"verdict", verdicts[x->verdict]},
				{"signer", x->fingerprint}, {"name", x->user_id}, {"signed", when},
				{"method", x->method}, {"why", x->why ? x->why : ""}},
			6);
	}
	report_flush(report);
}

/* Its word is shown; where the two differ it is an error. */
static int ask_gpgv(const struct openpgp_examination *x, int fd, const struct error *refusal,
	struct report *report, struct error **e)
{
	struct gpgv_opinion o = {.there = false};
	if (gpgv_ask(x, fd, &o, e) < 0)
		return -1;
	if (!o.there) {
		report_warn(report, "there is no gpgv here to ask (Debian package gpgv)");
		return 0;
	}
	int64_t off_s = time(NULL) - x->now_s;
	if (off_s < -MINUTE_S || off_s > MINUTE_S)
		report_note(report, "gpgv judges by the system's clock, and not at --time");
	report_result(report, "opinion",
		(struct report_field[]){
			{"by", "gpgv"}, {"verdict", o.good ? "good" : "not good"}, {"why", o.why}},
		3);
	report_flush(report);
	if (o.good == !refusal)
		return 0;
	if (o.good)
		return error_set(e, ERROR_TRUST, 0, "gpgv calls it good, and we do not: %s",
			error_message(refusal));
	return error_set(e, ERROR_TRUST, 0, "the signature is good, but gpgv disagrees: %s", o.why);
}

static int show_all(const struct openpgp_examination *x, const struct fetched *file, bool second,
	struct report *report, struct error **e)
{
	struct openpgp_findings found;
	if (openpgp_examine_fd(x, fetched_fd(file), &found, e) < 0) {
		error_wrap(e, "%s", fetched_name(file));
		return error_hint(e, "is the second file a signature, of the first?");
	}
	auto_error *refusal = found.refusal;
	show(&found, report);
	if (second && ask_gpgv(x, fetched_fd(file), refusal, report, e) < 0)
		return error_wrap(e, "%s", fetched_name(file));
	if (!refusal)
		return 0;
	error_set(e, error_code(refusal), 0, "%s: %s", fetched_name(file), error_message(refusal));
	return error_hint(e, "do not use the file; was the right ring named with --keyring?");
}

int signature_show(const char *file, const char *signature, const struct signature_options *o,
	struct report *report, struct error **e)
{
	struct openpgp_examination x = {.keyring = NULL};
	auto_buf bytes = BUF(OPENPGP_SIGNATURE_MAX);
	if (find_time(o->time, &x.now_s, e) < 0)
		return -1;
	auto_openpgp_keyring *ring =
		o->keyring ? openpgp_keyring_read(o->keyring, e) : alarm_keyring_open(e);
	struct fetched *f = ring ? fetched_from_file(file, e) : NULL;
	int r = f ? read_signature(file, signature, &bytes, e) : -1;
	if (r == 0) {
		x.keyring = ring;
		x.signature = bytes.data;
		x.length = bytes.length;
		r = show_all(&x, f, o->second_opinion, report, e);
	}
	fetched_free(f);
	return r;
}
