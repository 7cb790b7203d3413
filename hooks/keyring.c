/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook keyring: makes the rootfs's own pacman trust the keys that its keyring package ships.
 *
 * `pacman-key --init` and `--populate` do it with a private master key made on the spot: it costs
 * entropy, leaves a gpg-agent behind, and in an image that is copied everyone shares the key
 * (GHSA-4h59-f67g-5qxp). The same outcome without one: import the public keys and give those that
 * the keyring names as trusted the owner trust "ultimate" (6 in gpg's export format). */
#include "hooks/hook.h"

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

/* "FPR:4:" lines of NAME-trusted into "FPR:6:" lines of gpg --import-ownertrust. */
static int owner_trust(const char *trusted, struct buf *to, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, trusted, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		size_t length = strspn(lines.items[i], "0123456789ABCDEFabcdef");
		if (length != 40 || lines.items[i][length] != ':')
			continue;
		if (buf_printf(to, e, "%.40s:6:\n", lines.items[i]) < 0)
			return -1;
	}
	return 0;
}

static int keyring_apply(const struct hook_context *c, struct error **e)
{
	auto_buf trusted = BUF(0), owners = BUF(0);
	int got = hook_read_file(c, KEYRINGS NAME "-trusted", &trusted, e);
	if (got < 0 || owner_trust(buf_text(&trusted), &owners, e) < 0)
		return -1;
	if (!owners.length)
		return error_set(e, ERROR_HOOK, 0,
			"the rootfs has no keyring package: " KEYRINGS NAME
			"-trusted names no key");
	/* What pacman-key --init writes, and pacman's gpgme reads. */
	static const char conf[] = "no-greeting\nno-permission-warning\n"
				   "keyserver-options timeout=10\nkeyserver-options import-clean\n"
				   "keyserver-options no-self-sigs-only\n";
	if (hook_write_file(c, GPG_DIR "/gpg.conf", 0644, conf, e) < 0 ||
		hook_write_file(c, GPG_DIR "/gpg-agent.conf", 0644, "disable-scdaemon\n", e) < 0 ||
		hook_write_file(c, GPG_DIR "/ownertrust", 0600, buf_text(&owners), e) < 0)
		return -1;
#define GPG                                                                                        \
	"gpg", "--homedir", GPG_DIR, "--batch", "--quiet", "--no-autostart",                       \
		"--no-permission-warning"
	/* pubring.gpg is there first, as pacman-key does it: gpg then does not make pubring.kbx. A
	 * secring.gpg beside it would start a migration, which wants an agent. */
	static const char *const steps[][16] = {
		{"touch", GPG_DIR "/pubring.gpg", NULL},
		{GPG, "--import", KEYRINGS NAME ".gpg", NULL},
		{GPG, "--import-ownertrust", GPG_DIR "/ownertrust", NULL},
		{GPG, "--check-trustdb", NULL},
		{"chmod", "644", GPG_DIR "/pubring.gpg", GPG_DIR "/trustdb.gpg", NULL},
		{"rm", "-f", GPG_DIR "/ownertrust", GPG_DIR "/pubring.gpg~", NULL},
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (hook_command(c, steps[i], e) < 0)
			return -1;
	return 0;
}

static const char *const keyring_packages[] = {"archlinuxarm-keyring", NULL};

const struct hook hook_keyring = {
	"keyring", HOOK_CONFIGURE, keyring_packages, keyring_check, keyring_apply};
