# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a full upgrade would do, by databases of 13,000 packages that are at hand: against pacman -Sup.
# shellcheck disable=SC2154 # set by tests/bench/run
solve_tool=$BUILD/tests/tools/packages-tool
[ -x "$solve_tool" ] || bench_die "$solve_tool is missing: make -C $BUILD check TESTS="
large=$bench_dir/large
"$top/tests/mirror/large" "$large" || bench_die "no databases"

ours_solve() { "$solve_tool" --arch x86_64 "$large" upgrade all >"$1/plan"; }
peer_solve() {
	pacman --root "$large" --dbpath "$large/var/lib/pacman" --config "$large/etc/pacman.conf" \
		--gpgdir "$large/nokeys" --logfile /dev/null -Sup >"$1/plan"
}
# Both have found the same packages before it is timed.
mkdir "$bench_dir/ours" "$bench_dir/peer"
ours_solve "$bench_dir/ours" && peer_solve "$bench_dir/peer"
sed -n 's/^[a-z]*\** \([^ ]*\) [^ ]* \([^ ]*\) \([^ ]*\)$/\3 \1-\2/p' "$bench_dir/ours/plan" | grep -v ^download |
	sort >"$bench_dir/ours/names"
sed -n 's|^https://localhost:8443/x86_64/\(.*\)/\(.*\)-x86_64\.pkg\.tar\.xz$|\1 \2|p' "$bench_dir/peer/plan" |
	sort >"$bench_dir/peer/names"
if [ ! -s "$bench_dir/ours/names" ] || ! diff "$bench_dir/ours/names" "$bench_dir/peer/names" >&2; then
	bench_die "ours and the peer's plans differ"
fi
rm -rf --one-file-system "${bench_dir:?}/ours" "$bench_dir/peer"

bench_pairs solve '<=1.1' ours_solve peer_solve
rm -rf --one-file-system "$large"
