# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A root from packages alone, base and LXC, with all hooks: against pacman -r and pacstrap, which get the
# same packages from the same mirror over HTTPS and check the same signatures. MIRROR_XZ is a mirror whose
# packages are packed by xz; without it, one is made beside MIRROR.
# shellcheck disable=SC2154 # set by tests/bench/run
arch=$(uname -m)
mirror_xz=${MIRROR_XZ:-${MIRROR%-zst}-xz}
command -v pacstrap >/dev/null || bench_die "pacstrap is missing (arch-install-scripts)"
[ -x "$BUILD/alarmstrap" ] || bench_die "$BUILD/alarmstrap is missing: tests/build $BUILD"
"$top/tests/mirror/make" --arch "$arch" --compress xz --out "$mirror_xz" --port 8443 >&2 ||
	bench_die "no mirror with xz"
targets=(base archlinuxarm-keyring lxc busybox)
# The link that the network of containers is to share.
ip link show eth0 >/dev/null 2>&1 || ip link add eth0 type veth peer name eth1 || bench_die "no link"
ip link set eth0 up

# What both peers need of a mirror: its certificate, which only the system's list can say, its key, and a
# configuration as Arch Linux ARM's is.
peers_trust() { # peers_trust MIRROR
	local repo home=$bench_dir/gnupg
	rm -rf "$home"
	cat /etc/ssl/certs/ca-certificates.crt "$1/ca.pem" >"$bench_dir/certificates"
	mount --bind "$bench_dir/certificates" /etc/ssl/certs/ca-certificates.crt
	mkdir -m 700 "$home" && gpg -q --homedir "$home" --import "$1/keyring.gpg" &&
		echo "$(cat "$1/keyring.fpr"):6:" | gpg -q --homedir "$home" --import-ownertrust &&
		gpg -q --homedir "$home" --check-trustdb && gpgconf --homedir "$home" --kill all
	{
		printf '%s\n' '[options]' "Architecture = $arch" CheckSpace 'ParallelDownloads = 5' \
			'SigLevel = Required DatabaseOptional' "GPGDir = $home"
		for repo in core extra alarm; do printf "[%s]\nServer = https://localhost:8443/\$arch/\$repo\n" $repo; done
	} >"$bench_dir/pacman.conf"
} >/dev/null 2>"$bench_dir/log"
peers_forget() { umount /etc/ssl/certs/ca-certificates.crt; }

ours_bootstrap() {
	"$BUILD/alarmstrap" --report=quiet bootstrap "$1/root" --from packages --mirror https://localhost:8443 \
		--keyring "$mirror/keyring.gpg" --ca-file "$mirror/ca.pem" --link eth0
}
peer_pacman() {
	local root=$1/root
	mkdir -p "$root"/{dev,run,var/lib/pacman,var/log} && mkdir -m 555 "$root"/{proc,sys} &&
		"$top/tests/mirror/inroot" --outside "$root" pacman --root "$root" --config "$bench_dir/pacman.conf" \
			--noconfirm --noprogressbar --cachedir "$root/var/cache/pacman/pkg" --hookdir "$bench_dir/nohooks" \
			--logfile "$root/var/log/pacman.log" -Sy "${targets[@]}"
}
peer_pacstrap() {
	mkdir "$1/root" && pacstrap -C "$bench_dir/pacman.conf" -G -M "$1/root" --noprogressbar "${targets[@]}"
}

# As bench_pairs; but what ours leaves up is stopped before its root is deleted, outside of the time.
install_pairs() { # install_pairs FIGURE GOAL PEER
	local i took pairs='' chosen
	for ((i = 0; i <= ${ROUNDS:-5}; i++)); do
		mkdir "$bench_dir/ours" "$bench_dir/peer"
		bench_time ours_bootstrap "$bench_dir/ours"
		took=$bench_took
		"$BUILD/alarmstrap" --report=quiet stop "$bench_dir/ours/root"
		bench_time "$3" "$bench_dir/peer"
		[ $i -eq 0 ] || pairs+="$took $bench_took"$'\n'
		rm -rf --one-file-system "${bench_dir:?}/ours" "$bench_dir/peer"
	done
	chosen=$(printf %s "$pairs" | awk '{ print $1 / $2, $1, $2 }' | sort -n |
		awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }')
	read -r _ took bench_took <<<"$chosen"
	bench_line "$1" "$2" "$took" "$bench_took" s
}
install_memory() {
	mkdir "$bench_dir/ours" "$bench_dir/peer"
	export -f peer_pacman
	export top bench_dir
	bench_memory "$BUILD/alarmstrap" --report=quiet bootstrap "$bench_dir/ours/root" --from packages \
		--mirror https://localhost:8443 --keyring "$mirror/keyring.gpg" --ca-file "$mirror/ca.pem" --link eth0
	local ours=$bench_peak
	"$BUILD/alarmstrap" --report=quiet stop "$bench_dir/ours/root"
	# shellcheck disable=SC2016 # the inner shell expands it
	bench_memory bash -c 'targets=('"${targets[*]}"'); peer_pacman "$1"' - "$bench_dir/peer"
	bench_line memory '<=1.5' "$ours" "$bench_peak" MiB
	rm -rf --one-file-system "${bench_dir:?}/ours" "$bench_dir/peer"
}

install_bench() { # install_bench MIRROR COMMAND…: serves it meanwhile
	mirror=$1
	mkdir -p "$bench_dir/nginx"
	"$top/tests/mirror/serve" "$mirror" "$bench_dir/nginx" --port 8443 || bench_die "no mirror"
	peers_trust "$mirror" || { cat "$bench_dir/log" >&2; bench_die "no keyring for the peers"; }
	shift
	"$@"
	peers_forget
	"$top/tests/mirror/serve" --stop "$bench_dir/nginx"
}
install_zst() {
	install_pairs install-zst '<=0.40' peer_pacman
	install_pairs install-pacstrap '<=0.40' peer_pacstrap
	install_memory
}
install_bench "$MIRROR" install_zst
install_bench "$mirror_xz" install_pairs install-xz '<=0.50' peer_pacman
