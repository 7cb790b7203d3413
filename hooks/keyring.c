/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook keyring: makes the rootfs's own pacman trust the keys that its keyring package ships.
 *
 * `pacman-key --init` and `--populate` do it with a private master key made on the spot: it costs
 * entropy, leaves a gpg-agent behind, and in an image that is copied everyone shares the key
 * (GHSA-4h59-f67g-5qxp). The same outcome without one: import the public keys and give those that
 * the keyring names as trusted the owner trust "ultimate" (6 in gpg's export format). */
#include "hooks/hook.h"

#include <stdio.h>
#include <string.h>

#include "lib/buf.h"

#define KEYRINGS "/usr/share/pacman/keyrings/"
#define NAME "archlinuxarm"
#define GPG_DIR "/etc/pacman.d/gnupg"

static int keyring_check(const struct hook_context *c, struct error **e)
{
	auto_buf trust = BUF(0), ring = BUF(64 << 20);
	int r = hook_read_file(c, GPG_DIR "/trustdb.gpg", &trust, e);
	if (r > 0)
		r = hook_read_file(c, GPG_DIR "/pubring.gpg", &ring, e);
	return r > 0 && ring.length > 0 ? 1 : r < 0 ? -1 : 0;
}

/* The fingerprint that a line begins with: 40 hex digits. -1 where there is none. */
static int fingerprint_of(const char *line, char to[41])
{
	size_t length = strspn(line, "0123456789ABCDEFabcdef");
	if (length != 40)
		return -1;
	snprintf(to, 41, "%.40s", line);
	return 0;
}

/* "FPR:4:" lines of NAME-trusted into "FPR:6:" lines of gpg --import-ownertrust. */
static int owner_trust(
	const char *trusted, const struct strings *revoked, struct buf *to, struct error **e)
{
	auto_strings lines = {0};
	char fingerprint[41];
	if (strings_split(&lines, trusted, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (fingerprint_of(lines.items[i], fingerprint) == 0 && lines.items[i][40] == ':' &&
			!strings_contain(revoked, fingerprint) &&
			buf_printf(to, e, "%s:6:\n", fingerprint) < 0)
			return -1;
	return 0;
}

/* The fingerprints of NAME-revoked; the file may be absent. */
static int read_revoked(const struct hook_context *c, struct strings *to, struct error **e)
{
	auto_buf text = BUF(0);
	auto_strings lines = {0};
	char fingerprint[41];
	if (hook_read_file(c, KEYRINGS NAME "-revoked", &text, e) < 0 ||
		strings_split(&lines, buf_text(&text), "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (fingerprint_of(lines.items[i], fingerprint) == 0 &&
			strings_add(to, fingerprint, e) < 0)
			return -1;
	return 0;
}

static int write_settings(const struct hook_context *c, struct error **e)
{
	/* What pacman-key --init writes, and pacman's gpgme reads. */
	static const char conf[] = "no-greeting\nno-permission-warning\n"
				   "keyserver-options timeout=10\nkeyserver-options import-clean\n"
				   "keyserver-options no-self-sigs-only\n";
	if (hook_write_file(c, GPG_DIR "/gpg.conf", 0644, conf, e) < 0)
		return -1;
	return hook_write_file(c, GPG_DIR "/gpg-agent.conf", 0644, "disable-scdaemon\n", e);
}

/* clang-format off */
#define GPG \
	"gpg", "--homedir", GPG_DIR, "--batch", "--quiet", "--no-autostart", \
	"--no-permission-warning"
/* clang-format on */

static int run_all(const struct hook_context *c, const char *const (*steps)[16], size_t count,
	struct error **e)
{
	for (size_t i = 0; i < count; i++)
		if (hook_command(c, steps[i], e) < 0)
			return -1;
	return 0;
}

/* pacman-key --populate disables the keys of NAME-revoked, which may still be signed by a trusted
 * one. To have no such key is the same, and needs no terminal dialogue. */
static int delete_revoked(
	const struct hook_context *c, const struct strings *revoked, struct error **e)
{
	for (size_t i = 0; i < revoked->count; i++) {
		const char *key = revoked->items[i];
		const char *const look[] = {GPG, "--list-keys", key, NULL};
		const char *const delete[] = {GPG, "--yes", "--delete-keys", key, NULL};
		int status = 0;
		if (environment_run(c->environment, look, NULL, NULL, &status, e) < 0 ||
			(status == 0 && hook_command(c, delete, e) < 0))
			return -1;
	}
	return 0;
}

static int import(const struct hook_context *c, const struct strings *revoked, struct error **e)
{
	/* pubring.gpg is there first, as pacman-key does it: gpg then does not make pubring.kbx. A
	 * secring.gpg beside it would start a migration, which wants an agent. */
	static const char *const keys[][16] = {
		{"touch", GPG_DIR "/pubring.gpg", NULL},
		{GPG, "--import", KEYRINGS NAME ".gpg", NULL},
	};
	static const char *const trust[][16] = {
		{GPG, "--import-ownertrust", GPG_DIR "/ownertrust", NULL},
		{GPG, "--check-trustdb", NULL},
		{"chmod", "644", GPG_DIR "/pubring.gpg", GPG_DIR "/trustdb.gpg", NULL},
		{"rm", "-f", GPG_DIR "/ownertrust", GPG_DIR "/pubring.gpg~", NULL},
	};
	if (run_all(c, keys, sizeof keys / sizeof *keys, e) < 0 ||
		delete_revoked(c, revoked, e) < 0)
		return -1;
	return run_all(c, trust, sizeof trust / sizeof *trust, e);
}

static int keyring_apply(const struct hook_context *c, struct error **e)
{
	auto_buf trusted = BUF(0), owners = BUF(0);
	auto_strings revoked = {0};
	if (hook_read_file(c, KEYRINGS NAME "-trusted", &trusted, e) < 0 ||
		read_revoked(c, &revoked, e) < 0 ||
		owner_trust(buf_text(&trusted), &revoked, &owners, e) < 0)
		return -1;
	if (!owners.length) {
		error_set(e, ERROR_HOOK, 0, KEYRINGS NAME "-trusted is absent or names no key");
		return error_hint(e, "is archlinuxarm-keyring installed, and whole?");
	}
	if (write_settings(c, e) < 0 ||
		hook_write_file(c, GPG_DIR "/ownertrust", 0600, buf_text(&owners), e) < 0)
		return -1;
	return import(c, &revoked, e);
}

static const char *const keyring_packages[] = {"archlinuxarm-keyring", NULL};

const struct hook hook_keyring = {
	"keyring", HOOK_CONFIGURE, keyring_packages, keyring_check, keyring_apply};
