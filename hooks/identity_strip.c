/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hook identity, right after the unpacking: takes out what a tarball shares with every device that
 * it was unpacked on. Nothing has run in the root yet, so what comes later, hooks of the user's and
 * packages, is the device's own and stays. */
#include "hooks/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chroot/tree.h"
#include "hooks/hook.h"
#include "hooks/logins.h"
#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path_inside.h"

#define PACMAN_KEYRING "/etc/pacman.d/gnupg"

static const char *const shared[] = {
	"/etc/machine-id", /* machine-id(5) */
	"/var/lib/dbus/machine-id",
	"/etc/ssh/ssh_host_*",
	"/var/lib/systemd/random-seed", /* systemd-random-seed(8) */
	"/var/lib/systemd/credential.secret", /* systemd-creds(1) */
	"/etc/dhcpcd.duid", /* dhcpcd(8), and where it lies today */
	"/var/lib/dhcpcd/duid",
	"/var/lib/dhcpcd/secret",
	"/var/lib/NetworkManager/secret_key",
};

static bool is_absent(const struct error *e)
{
	return error_errno(e) == ENOENT || error_errno(e) == ENOTDIR;
}

/* The name itself goes, and not what it links to. An empty file says nothing and stays. */
static int remove_file(int root_fd, const char *path, struct strings *removed, struct error **e)
{
	auto_error *why = NULL;
	char *auto_free name = NULL;
	struct stat st;
	int auto_fd dir = path_open_parent_inside(root_fd, path, &name, &why);
	if (dir < 0 && is_absent(why))
		return 0;
	if (dir < 0) {
		if (e)
			*e = take(&why);
		return -1;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_set(e, ERROR_SYSTEM, errno, "%s", path);
	if (S_ISREG(st.st_mode) && st.st_size == 0)
		return 0;
	if (unlinkat(dir, name, 0) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "remove %s", path);
	return strings_add(removed, path, e);
}

/* gpg 2.1 and later, and before. */
static int has_private_key(int root_fd, struct error **e)
{
	auto_strings found = {0};
	struct stat st;
	if (path_glob_inside(root_fd, PACMAN_KEYRING "/private-keys-v1.d/*.key", &found, e) < 0)
		return -1;
	int auto_fd old = path_open_inside(root_fd, PACMAN_KEYRING "/secring.gpg", O_PATH, NULL);
	return found.count > 0 || (old >= 0 && fstat(old, &st) == 0 && st.st_size > 0);
}

/* Whoever has the tarball can sign keys with it (GHSA-4h59-f67g-5qxp), and what it signed is in the
 * keyring: all of that goes, and the hook keyring makes one without. */
static int remove_keyring(int root_fd, struct strings *removed, struct error **e)
{
	int has = has_private_key(root_fd, e);
	if (has <= 0)
		return has;
	char *auto_free name = NULL;
	int auto_fd dir = path_open_parent_inside(root_fd, PACMAN_KEYRING, &name, e);
	if (dir < 0 || tree_delete(dir, name, NULL, e) < 0)
		return -1;
	return strings_add(removed, PACMAN_KEYRING, e);
}

int identity_strip(int root_fd, struct strings *removed, struct error **e)
{
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		auto_strings found = {0};
		if (path_glob_inside(root_fd, shared[i], &found, e) < 0)
			return -1;
		for (size_t k = 0; k < found.count; k++)
			if (remove_file(root_fd, found.items[k], removed, e) < 0)
				return -1;
	}
	return remove_keyring(root_fd, removed, e);
}

/* "a, b, c" as one note. */
static int tell(const struct hook_context *c, const char *what, const struct strings *list,
	struct error **e)
{
	auto_buf text = BUF(0);
	for (size_t i = 0; i < list->count; i++)
		if (buf_printf(&text, e, "%s%s", i ? ", " : "", list->items[i]) < 0)
			return -1;
	if (list->count)
		report_note(c->report, "%s: %s", what, buf_text(&text));
	return 0;
}

static int strip_apply(const struct hook_context *c, struct error **e)
{
	auto_strings removed = {0}, locked = {0};
	const struct identity *wish = c->settings->identity;
	int fd = rootfs_fd(c->rootfs);
	if (identity_strip(fd, &removed, e) < 0 ||
		logins_replace(fd, wish ? &wish->passwords : NULL, &locked, e) < 0)
		return -1;
	if (tell(c, "taken out, since every device must have its own", &removed, e) < 0)
		return -1;
	return tell(
		c, "no password lets in any more, since everybody knows the tarball's", &locked, e);
}

const struct hook hook_identity_strip = {"identity", HOOK_UNPACK, NULL, NULL, strip_apply};
