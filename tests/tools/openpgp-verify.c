/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of lib/openpgp against other implementations.
 *
 *     openpgp-verify KEYRING SIGNATURE FILE NOW
 *     openpgp-verify --batch       the same four, tab-separated, a line each on stdin
 *     openpgp-verify --list KEYRING NOW
 *
 * One line an answer: "accept FINGERPRINT SIGNED_AT USER_ID" or "reject CODE MESSAGE". Status 0 for
 * accepted (--batch, --list: for having run), 1 for rejected, 2 for misuse. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/openpgp.h"
#include "lib/openpgp_internal.h"
#include "lib/text.h"

static int verify(const char *keyring, const char *signature, const char *file, int64_t now_s,
	struct openpgp_result *result, struct error **e)
{
	auto_openpgp_keyring *k = openpgp_keyring_read(keyring, e);
	int auto_fd signature_fd = open(signature, O_RDONLY | O_CLOEXEC);
	int auto_fd fd = open(file, O_RDONLY | O_CLOEXEC);
	auto_buf bytes = BUF(0);
	if (!k || fd_read_all(signature_fd, &bytes, e) < 0)
		return -1;
	return openpgp_verify_fd(k, bytes.data, bytes.length, fd, now_s, result, e);
}

static int answer(const char *keyring, const char *signature, const char *file, const char *now)
{
	int64_t now_s;
	struct openpgp_result result;
	auto_error *e = NULL;
	if (text_to_int64(now, 0, INT64_MAX / 2, &now_s) < 0) {
		puts("reject USAGE not a time");
		return 1;
	}
	if (verify(keyring, signature, file, now_s, &result, &e) == 0) {
		printf("accept %s %lld %s\n", result.fingerprint, (long long)result.signed_at,
			result.user_id);
		return 0;
	}
	printf("reject %s %s\n", error_code_name(error_code(e)), error_message(e));
	return 1;
}

static int batch(void)
{
	char line[4096];
	while (fgets(line, sizeof line, stdin)) {
		auto_strings words = {0};
		if (strings_split(&words, line, "\t\n", NULL) < 0 || words.count != 4)
			return 2;
		answer(words.items[0], words.items[1], words.items[2], words.items[3]);
	}
	return 0;
}

/* What the ring's keys are fit for: to be held against `gpg --with-colons --show-keys`. */
static int list(const char *keyring, const char *now)
{
	auto_error *e = NULL;
	int64_t now_s;
	auto_openpgp_keyring *k = openpgp_keyring_read(keyring, &e);
	if (!k || text_to_int64(now, 0, INT64_MAX / 2, &now_s) < 0) {
		printf("reject %s\n", error_message(e));
		return 1;
	}
	for (size_t i = 0; i < k->count; i++) {
		const struct openpgp_key *key = &k->keys[i];
		const char *why;
		if (openpgp_trust_judge(k, &k->keys[key->primary], now_s, &why, &e) < 0)
			return 1;
		printf("%s %s %s%s%s%s%s %s\n", key->primary == i ? "pub" : "sub", key->hex,
			key->bound ? "b" : "-", key->may_sign ? "s" : "-", key->revoked ? "r" : "-",
			key->expires_s <= now_s ? "e" : "-", why ? "-" : "t",
			key->unusable ? key->unusable : "");
	}
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--batch") == 0)
		return batch();
	if (argc == 4 && strcmp(argv[1], "--list") == 0)
		return list(argv[2], argv[3]);
	if (argc == 5)
		return answer(argv[1], argv[2], argv[3], argv[4]);
	fputs("usage: openpgp-verify KEYRING SIGNATURE FILE NOW | --batch | --list KEYRING NOW\n",
		stderr);
	return 2;
}
