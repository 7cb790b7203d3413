# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The files of the stand-in root against its packages' mtrees, all of them in the page cache.
# shellcheck disable=SC2154 # set by tests/bench/run
tarball=$(echo "$MIRROR"/www/os/ArchLinuxARM-*-latest.tar.gz)
[ -f "$tarball" ] || bench_die "MIRROR=$MIRROR holds no tarball: tests/mirror/make makes one"
root=$bench_dir/root
mkdir "$root"
bsdtar -xpf "$tarball" --numeric-owner -C "$root" 2>"$bench_dir/log" || bench_die "the tarball was not unpacked"
printf '[options]\nArchitecture = auto\n' >"$root/etc/pacman.conf"

ours_verify() { "$BUILD/alarmstrap" --report=quiet verify "$root"; }
peer_verify() {
	pacman -r "$root" --dbpath "$root/var/lib/pacman" --config "$root/etc/pacman.conf" -Qkk
}
bench_pairs verify '<=0.5' ours_verify peer_verify
rm -rf --one-file-system "$root"
