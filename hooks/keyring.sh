#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# keyring trust|before|after: written by alarmstrap; it makes pacman trust the keys of Arch Linux ARM.
#
# `pacman-key --populate` signs the keys with a secret master key. This root has none: in an image that
# is copied, everyone would share it. So `trust` imports the public keys and gives those that the keyring
# package names as trusted the owner trust "ultimate" (6 in gpg's export format).
#
# The keyring package's own scriptlet runs pacman-key --populate all the same. `before` and `after` stand
# around each transaction that brings keyrings (/etc/pacman.d/hooks): the one makes a key to sign with,
# unless you made one (pacman-key --init), the other throws its secret half away.
set -u
home=/etc/pacman.d/gnupg
keyring=/usr/share/pacman/keyrings/archlinuxarm
ours=$home/alarmstrap-throwaway
patience_s=60

# Without an agent, which would stay behind: there is nothing secret to ask it for.
gpg_alone() { gpg --homedir "$home" --batch --quiet --no-autostart --no-permission-warning "$@"; }

fail() {
	echo "alarmstrap: $*" >&2
	exit 1
}

secret_keys() { find "$home/private-keys-v1.d" -name '*.key' 2>/dev/null; }

# Lines "FINGERPRINT:4:" of NAME-trusted, and of NAME-revoked "FINGERPRINT", to bare fingerprints.
fingerprints() {
	[ ! -e "$1" ] || sed -n 's/^\([0-9A-Fa-f]\{40\}\)\(:.*\)\{0,1\}$/\1/p' "$1"
}

trusted() {
	fingerprints "$keyring-trusted" | while read -r key; do
		fingerprints "$keyring-revoked" | grep -qix "$key" || echo "$key:6:"
	done
}

# pacman-key disables revoked keys, which may still be signed by a trusted one. To have no such key is
# the same, and needs no terminal dialogue.
delete_revoked() {
	fingerprints "$keyring-revoked" | while read -r key; do
		! gpg_alone --list-keys "$key" >/dev/null 2>&1 || gpg_alone --yes --delete-keys "$key" || exit 1
	done
}

trust() {
	owners=$(trusted)
	[ -n "$owners" ] || fail "$keyring-trusted is absent or names no key"
	# pubring.gpg is there first, as pacman-key does it: gpg then does not make pubring.kbx. A secring.gpg
	# beside it would start a migration, which wants an agent.
	touch "$home/pubring.gpg" && gpg_alone --import "$keyring.gpg" && delete_revoked &&
		echo "$owners" | gpg_alone --import-ownertrust && gpg_alone --check-trustdb &&
		chmod 644 "$home/pubring.gpg" "$home/trustdb.gpg" && rm -f "$home/pubring.gpg~" && return
	fail "the keys of $keyring.gpg could not be made trusted"
}

# A transaction must not fail, nor hang where a kernel has no randomness yet: what pacman-key cannot do
# then, `after` does.
before() {
	[ -s "$home/trustdb.gpg" ] && [ -z "$(secret_keys)" ] || return 0
	timeout "$patience_s" gpg --homedir "$home" --batch --quiet --no-permission-warning --pinentry-mode loopback \
		--passphrase '' --quick-generate-key "a key of one transaction, thrown away <pacman@localhost>" \
		ed25519 sign never >/dev/null 2>&1 || echo "no key could be made; pacman-key will complain of it"
	secret_keys >"$ours"
}

throw_away() {
	gpgconf --homedir "$home" --kill gpg-agent
	while read -r key; do rm -f "$key"; done <"$ours"
	rm -rf "$home/openpgp-revocs.d" "$ours"
}

after() {
	[ ! -e "$ours" ] || throw_away
	# With a secret key of one's own, pacman-key did it all.
	[ -n "$(secret_keys)" ] || [ ! -e "$home/trustdb.gpg" ] || trust
}

case ${1-} in
trust | before | after) "$1" ;;
*) fail "usage: $0 trust|before|after" ;;
esac
