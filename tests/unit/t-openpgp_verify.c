/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays tests/cases/openpgp: what tests/integration/openpgp --write-fixtures left, each compared
 * with gpgv when it was written. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "lib/digest_set.h"
#include "lib/fd.h"
#include "lib/openpgp.h"
#include "lib/text.h"

enum { CASES_MIN = 80 };

struct blob {
	unsigned char *data;
	size_t length;
};

struct fixture {
	char expect[256];
	int64_t now_s;
	struct blob keyring, signature, data;
	struct blob trusted, revoked; /* no data: no such list */
};

static void blob_from_hex(struct blob *to, const char *hex)
{
	size_t length = strlen(hex) / 2;
	free(to->data);
	/* Of the exact size: a sanitizer sees one octet read too many. */
	to->data = malloc(length ? length : 1);
	assert_non_null(to->data);
	to->length = length;
	for (size_t i = 0; i < length; i++) {
		char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
		char *end;
		to->data[i] = (unsigned char)strtoul(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
	}
}

static void fixture_line(struct fixture *f, const char *line)
{
	if (text_has_prefix(line, "expect: "))
		snprintf(f->expect, sizeof f->expect, "%.255s", line + 8);
	else if (text_has_prefix(line, "now: "))
		assert_int_equal(text_to_int64(line + 5, 0, INT64_MAX, &f->now_s), 0);
	else if (text_has_prefix(line, "keyring: "))
		blob_from_hex(&f->keyring, line + 9);
	else if (text_has_prefix(line, "signature: "))
		blob_from_hex(&f->signature, line + 11);
	else if (text_has_prefix(line, "data: "))
		blob_from_hex(&f->data, line + 6);
	else if (text_has_prefix(line, "trusted: "))
		blob_from_hex(&f->trusted, line + 9);
	else if (text_has_prefix(line, "revoked: "))
		blob_from_hex(&f->revoked, line + 9);
	else
		fail_msg("unknown line: %s", line);
}

static void fixture_read(struct fixture *f, const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[512], line[16384];
	snprintf(path, sizeof path, "%s/tests/cases/openpgp/%s", top ? top : ".", name);
	FILE *in = fopen(path, "re");
	if (!in)
		fail_msg("%s cannot be opened", path);
	*f = (struct fixture){0};
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		fixture_line(f, line);
	}
	fclose(in);
	assert_true(f->expect[0] && f->keyring.data && f->signature.data && f->data.data);
}

static void fixture_free(struct fixture *f)
{
	free(f->keyring.data);
	free(f->signature.data);
	free(f->data.data);
	free(f->trusted.data);
	free(f->revoked.data);
}

/* The list as a string; NULL where there is none. */
static char *fixture_list(const struct blob *b)
{
	return b->data ? strndup((const char *)b->data, b->length) : NULL;
}

static int fixture_verify(const struct fixture *f, struct openpgp_result *result, struct error **e)
{
	auto_openpgp_keyring *k = openpgp_keyring_parse(f->keyring.data, f->keyring.length, e);
	char *auto_free trusted = fixture_list(&f->trusted);
	char *auto_free revoked = fixture_list(&f->revoked);
	if (!k || openpgp_keyring_restrict(k, trusted, revoked, e) < 0)
		return -1;
	return openpgp_verify_data(k, f->signature.data, f->signature.length, f->data.data,
		f->data.length, f->now_s, result, e);
}

static void fixture_check(const struct fixture *f, const char *name)
{
	struct openpgp_result result;
	auto_error *e = NULL;
	int r = fixture_verify(f, &result, &e);
	if (strcmp(f->expect, "accept") == 0) {
		if (r < 0)
			fail_msg("%s: refused: %s", name, error_message(e));
		assert_int_equal(strlen(result.fingerprint), 40);
		assert_true(result.signed_at <= f->now_s + 24 * 3600);
		return;
	}
	if (r == 0)
		fail_msg("%s: taken", name);
	const char *code = error_code(e) == ERROR_TRUST ? "TRUST " : "CONFIG ";
	assert_true(text_has_prefix(f->expect, code));
	if (!strstr(error_message(e), f->expect + strlen(code)))
		fail_msg("%s: '%s'", name, error_message(e));
}

static void cases_end_as_they_must(void **state)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	snprintf(path, sizeof path, "%s/tests/cases/openpgp", top ? top : ".");
	DIR *directory = opendir(path);
	if (!directory)
		fail_msg("%s cannot be opened", path);
	int count = 0;
	for (struct dirent *d; (d = readdir(directory));) {
		if (!text_has_suffix(d->d_name, ".case"))
			continue;
		struct fixture f;
		fixture_read(&f, d->d_name);
		fixture_check(&f, d->d_name);
		fixture_free(&f);
		count++;
	}
	closedir(directory);
	assert_in_range(count, CASES_MIN, 10000);
}

/* RSA of 2048 bits: with SHA-256, and with SHA-512. */
static void a_demand_is_kept(void **state)
{
	static const struct {
		const char *name;
		size_t bits;
		enum digest_kind digest;
		const char *why; /* NULL: taken */
	} rows[] = {
		{"algorithms-rsa-digest-10.case", 2048, DIGEST_SHA512, NULL},
		{"algorithms-rsa-digest-10.case", 1024, DIGEST_SHA512, NULL},
		{"algorithms-rsa-digest-10.case", 4096, DIGEST_SHA512, "not of the kind"},
		{"algorithms-rsa-digest-8.case", 2048, DIGEST_SHA512, "its digest is not the one"},
		{"algorithms-ed25519-digest-10.case", 2048, DIGEST_SHA512, "not of the kind"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture f;
		auto_error *e = NULL;
		fixture_read(&f, rows[i].name);
		auto_openpgp_keyring *k =
			openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
		openpgp_keyring_demand(k, rows[i].bits, rows[i].digest);
		int r = openpgp_verify_data(k, f.signature.data, f.signature.length, f.data.data,
			f.data.length, f.now_s, NULL, &e);
		fixture_free(&f);
		assert_int_equal(r, rows[i].why ? -1 : 0);
		assert_true(!rows[i].why || strstr(error_message(e), rows[i].why));
	}
}

/* What is found out of each signature, and what follows from all. */
static void findings_are_told_one_by_one(void **state)
{
	static const struct {
		const char *name;
		size_t count;
		enum openpgp_verdict verdicts[2];
		const char *refusal; /* NULL: taken */
	} rows[] = {
		{"several-two-good.case", 2, {OPENPGP_GOOD, OPENPGP_GOOD}, NULL},
		{"several-good-bad.case", 2, {OPENPGP_GOOD, OPENPGP_BAD}, "not what was signed"},
		{"several-bad-good.case", 2, {OPENPGP_BAD, OPENPGP_GOOD}, "not what was signed"},
		{"several-good-unknown.case", 2, {OPENPGP_GOOD, OPENPGP_UNKNOWN}, NULL},
		{"several-only-unknown.case", 2, {OPENPGP_UNKNOWN, OPENPGP_UNKNOWN}, "not in the"},
		{"self-signatures-none.case", 1, {OPENPGP_REFUSED}, "no self-signature"},
		{"subkeys-good.case", 1, {OPENPGP_GOOD}, NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture f;
		struct openpgp_findings found;
		fixture_read(&f, rows[i].name);
		auto_openpgp_keyring *k =
			openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
		int auto_fd fd = memfd_create("data", MFD_CLOEXEC);
		assert_ok(fd_write_all(fd, f.data.data, f.data.length, &e));
		const struct openpgp_examination x = {
			k, f.signature.data, f.signature.length, f.now_s};
		assert_ok(openpgp_examine_fd(&x, fd, &found, &e));
		assert_int_equal(found.count, rows[i].count);
		for (size_t n = 0; n < found.count; n++) {
			const struct openpgp_finding *one = &found.items[n];
			assert_int_equal(one->verdict, rows[i].verdicts[n]);
			assert_int_equal(strlen(one->fingerprint), 40);
			assert_int_equal(one->signed_at, 1600000000);
			assert_true(!one->why == (one->verdict == OPENPGP_GOOD));
			assert_true(!*one->user_id == (one->verdict == OPENPGP_UNKNOWN || i == 5));
			assert_non_null(strstr(one->method, ", SHA-"));
		}
		assert_true(!found.refusal == !rows[i].refusal);
		assert_true(
			!found.refusal || strstr(error_message(found.refusal), rows[i].refusal));
		error_free(found.refusal);
		fixture_free(&f);
	}
}

/* Whatever is cut off or flipped: no octet may be read past the end, and what is cut is refused. */
static void damage_is_survived(void **state)
{
	static const char *const names[] = {"several-two-good.case", "subkeys-good.case",
		"algorithms-p384-digest-9.case", "armor-ed25519-digest-8.case"};
	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		struct fixture f;
		fixture_read(&f, names[n]);
		struct fixture part = f;
		for (size_t i = 0; i + 1 < f.signature.length; i++) {
			part.signature.data = malloc(i ? i : 1);
			memcpy(part.signature.data, f.signature.data, i);
			part.signature.length = i;
			/* Cut between two signatures, the first is whole. */
			if (fixture_verify(&part, NULL, NULL) == 0)
				assert_int_equal(n, 0);
			free(part.signature.data);
		}
		part.signature = f.signature;
		for (size_t i = 0; i < f.keyring.length; i += 3) {
			f.keyring.data[i] ^= (unsigned char)(1U << i % 8);
			(void)!fixture_verify(&f, NULL, NULL);
			f.keyring.data[i] ^= (unsigned char)(1U << i % 8);
			part.keyring.data = malloc(i ? i : 1);
			memcpy(part.keyring.data, f.keyring.data, i);
			part.keyring.length = i;
			(void)!fixture_verify(&part, NULL, NULL);
			free(part.keyring.data);
		}
		fixture_free(&f);
	}
}

static void the_result_names_the_primary_key(void **state)
{
	struct fixture f;
	struct openpgp_result result;
	fixture_read(&f, "subkeys-good.case");
	assert_ok(fixture_verify(&f, &result, &e));
	assert_string_equal(result.user_id, "Test <test@example.org>");
	assert_int_equal(result.signed_at, 1600000000);
	auto_openpgp_keyring *k = openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
	assert_non_null(k);
	assert_string_equal(result.fingerprint, openpgp_keyring_fingerprint(k, 0));
	assert_null(openpgp_keyring_fingerprint(k, 1));
	fixture_free(&f);
}

static void a_refusal_leaves_the_result_alone(void **state)
{
	struct fixture f;
	struct openpgp_result result = {.signed_at = 7};
	fixture_read(&f, "tampered-data-rsa-8-changed.case");
	assert_fails(fixture_verify(&f, &result, &e), ERROR_TRUST, "not what was signed");
	assert_int_equal(result.signed_at, 7);
	fixture_free(&f);
}

static void a_descriptor_keeps_its_offset(void **state)
{
	struct fixture f;
	fixture_read(&f, "several-two-good.case");
	auto_openpgp_keyring *k = openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
	assert_non_null(k);
	int auto_fd fd = memfd_create("signed", MFD_CLOEXEC);
	assert_ok(fd_write_all(fd, f.data.data, f.data.length, &e));
	assert_ok(
		openpgp_verify_fd(k, f.signature.data, f.signature.length, fd, f.now_s, NULL, &e));
	assert_int_equal(lseek(fd, 0, SEEK_CUR), (long)f.data.length);
	assert_ok(fd_write_all(fd, ".", 1, &e));
	assert_fails(
		openpgp_verify_fd(k, f.signature.data, f.signature.length, fd, f.now_s, NULL, &e),
		ERROR_TRUST, "not what was signed");
	fixture_free(&f);
}

/* Digests that were made as the file came: the file itself is not read. */
static void digests_made_before_serve_as_well(void **state)
{
	struct fixture f;
	fixture_read(&f, "several-two-good.case");
	auto_openpgp_keyring *k = openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
	assert_non_null(k);
	unsigned kinds = openpgp_digest_kinds(f.signature.data, f.signature.length);
	assert_true(kinds);
	assert_int_equal(openpgp_digest_kinds("x", 1), 0);
	for (int wrong = 0; wrong < 2; wrong++) {
		struct digest_set *set = digest_set_new(kinds, NULL);
		const struct digest *known[DIGEST_KINDS];
		assert_non_null(set);
		assert_ok(digest_set_update(set, f.data.data, f.data.length, &e));
		if (wrong)
			assert_ok(digest_set_update(set, ".", 1, &e));
		for (int kind = 0; kind < DIGEST_KINDS; kind++)
			known[kind] = digest_set_get(set, (enum digest_kind)kind);
		if (wrong)
			assert_fails(openpgp_verify_known(k, f.signature.data, f.signature.length,
					     -1, known, f.now_s, NULL, &e),
				ERROR_TRUST, "not what was signed");
		else
			assert_ok(openpgp_verify_known(k, f.signature.data, f.signature.length, -1,
				known, f.now_s, NULL, &e));
		digest_set_free(set);
	}
	fixture_free(&f);
}

static void reading_that_fails_is_no_verdict(void **state)
{
	struct fixture f;
	fixture_read(&f, "algorithms-ed25519-digest-10.case");
	auto_openpgp_keyring *k = openpgp_keyring_parse(f.keyring.data, f.keyring.length, NULL);
	assert_non_null(k);
	assert_fails(
		openpgp_verify_fd(k, f.signature.data, f.signature.length, -1, f.now_s, NULL, &e),
		ERROR_SYSTEM, "Bad file");
	fixture_free(&f);
}

static void large_signatures_are_refused(void **state)
{
	struct fixture f;
	fixture_read(&f, "algorithms-ed25519-digest-10.case");
	free(f.signature.data);
	f.signature.length = OPENPGP_SIGNATURE_MAX + 1;
	f.signature.data = calloc(1, f.signature.length);
	assert_fails(fixture_verify(&f, NULL, &e), ERROR_TRUST, "more than");
	f.signature.length = 0;
	assert_fails(fixture_verify(&f, NULL, &e), ERROR_TRUST, "no signature");
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_end_as_they_must),
		cmocka_unit_test(a_demand_is_kept),
		cmocka_unit_test(findings_are_told_one_by_one),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(the_result_names_the_primary_key),
		cmocka_unit_test(a_refusal_leaves_the_result_alone),
		cmocka_unit_test(a_descriptor_keeps_its_offset),
		cmocka_unit_test(digests_made_before_serve_as_well),
		cmocka_unit_test(reading_that_fails_is_no_verdict),
		cmocka_unit_test(large_signatures_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
