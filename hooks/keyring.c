/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook keyring: makes the rootfs's own pacman trust the keys that its keyring package ships.
 *
 * `pacman-key --init` and `--populate` do it with a private master key made on the spot: it costs
 * entropy, leaves a gpg-agent behind, and in an image that is copied everyone shares the key
 * (GHSA-4h59-f67g-5qxp). hooks/keyring.sh does without. It stays in the root, since it is also
 * needed around each later transaction of pacman's that brings another keyring. */
#include "hooks/hook.h"

#include <string.h>

#include "hooks/keyring_script.h"
#include "lib/buf.h"

#define GPG_DIR "/etc/pacman.d/gnupg"
#define SCRIPT "/usr/local/lib/alarmstrap/keyring"

/* alpm-hooks(5). */
#define ALPM_HOOK(description, when, word)                                                         \
	"# written by alarmstrap\n"                                                                \
	"[Trigger]\n"                                                                              \
	"Operation = Install\n"                                                                    \
	"Operation = Upgrade\n"                                                                    \
	"Type = Path\n"                                                                            \
	"Target = usr/share/pacman/keyrings/*\n"                                                   \
	"\n"                                                                                       \
	"[Action]\n"                                                                               \
	"Description = " description "...\n"                                                       \
	"When = " when "\n"                                                                        \
	"Exec = " SCRIPT " " word "\n"

/* pacman-key --init writes what pacman's gpgme reads into gpg.conf. */
static const struct {
	const char *path;
	mode_t mode;
	const char *text;
} files[] = {
	{GPG_DIR "/gpg.conf", 0644,
		"no-greeting\nno-permission-warning\nkeyserver-options timeout=10\n"
		"keyserver-options import-clean\nkeyserver-options no-self-sigs-only\n"},
	{GPG_DIR "/gpg-agent.conf", 0644, "disable-scdaemon\n"},
	{"/etc/pacman.d/hooks/alarmstrap-keyring-before.hook", 0644,
		ALPM_HOOK("Making a key for pacman-key to sign with", "PreTransaction", "before")},
	{"/etc/pacman.d/hooks/alarmstrap-keyring-after.hook", 0644,
		ALPM_HOOK("Throwing its secret half away, trusting the keyring's keys",
			"PostTransaction", "after")},
	{SCRIPT, 0755, keyring_script},
};

static int keyring_check(const struct hook_context *c, struct error **e)
{
	auto_buf trust = BUF(0), ring = BUF(64 << 20), script = BUF(0);
	int r = hook_read_file(c, GPG_DIR "/trustdb.gpg", &trust, e);
	if (r > 0)
		r = hook_read_file(c, GPG_DIR "/pubring.gpg", &ring, e);
	if (r > 0)
		r = hook_read_file(c, SCRIPT, &script, e);
	return r > 0 ? ring.length > 0 && strcmp(buf_text(&script), keyring_script) == 0 : r;
}

static int keyring_apply(const struct hook_context *c, struct error **e)
{
	static const char *const trust[] = {SCRIPT, "trust", NULL};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (hook_write_file(c, files[i].path, files[i].mode, files[i].text, e) < 0)
			return -1;
	return hook_command(c, trust, e) < 0
		       ? error_hint(e, "is archlinuxarm-keyring installed, and whole?")
		       : 0;
}

static const char *const keyring_packages[] = {"archlinuxarm-keyring", NULL};

const struct hook hook_keyring = {
	"keyring", HOOK_CONFIGURE, keyring_packages, keyring_check, keyring_apply};
