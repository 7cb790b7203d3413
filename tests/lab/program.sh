# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what it sets, its callers use, and the other way round
# SPDX-License-Identifier: GPL-3.0-or-later
# The opening of each test that runs the program itself: names, a directory, the end, the contract.
#
# Sourced first, as . "$(dirname "$0")/../lab/program.sh". Brings lab.sh and tap.sh along, and sets
#
#   top, build, alarmstrap, mirror, port, arch, tarball
#   scratch   a directory for this test: what runs in the directories in it is stopped in the end, and it is
#             deleted, unless something is mounted there
#   long      yes with ALARMSTRAP_TEST_LONG=yes
#
# BUILD: the build directory; ALARMSTRAP: the program; MIRROR: the mirror's folder. A test whose end takes
# more has a function end_more.
name=${0##*/}
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab_tests=$top/tests
# shellcheck source=tests/lab/lab.sh
. "$top/tests/lab/lab.sh"
# shellcheck source=tests/lab/tap.sh
. "$top/tests/lab/tap.sh"
build=${BUILD:-$top/build}
alarmstrap=${ALARMSTRAP:-$build/alarmstrap}
mirror=${MIRROR:-$build/tests/mirror/bookworm-x86_64-zst}
long=${ALARMSTRAP_TEST_LONG:-no}
arch=x86_64 port=8443
tarball=ArchLinuxARM-$arch-latest.tar.gz
[ "$(id -u)" = 0 ] || { echo "$name: needs root" >&2; exit 2; }
[ -x "$alarmstrap" ] || { echo "$name: no program at $alarmstrap" >&2; exit 2; }
scratch=$(mktemp -d "/var/tmp/alarmstrap-$name.XXXXXX")
# What the program remembers of the time, of mirrors and tarballs is this test's alone.
export STATE_DIRECTORY=$scratch/state CACHE_DIRECTORY=$scratch/cache

stop_all() {
	local dir
	for dir in "$scratch"/*/; do
		[ ! -d "$dir/etc" ] || "$alarmstrap" --report=quiet stop "$dir" >/dev/null 2>&1
	done
}
end_program() {
	trap - EXIT INT TERM
	stop_all
	! declare -F end_more >/dev/null || end_more
	lab_down
	if grep -qF " $scratch/" /proc/self/mountinfo; then
		echo "$name: a mount is left below $scratch; nothing is deleted" >&2
	else
		rm -rf --one-file-system "$scratch"
	fi
}
trap end_program EXIT
trap 'exit 130' INT TERM

# The mirror, and a device that can ask it.
begin_lab() {
	"$top/tests/mirror/make" --out "$mirror" --port $port >"$scratch/make.log" 2>&1 ||
		{ cat "$scratch/make.log"; exit 2; }
	lab_up "$scratch/lab" "$mirror" $port || exit 2
}

# The program, on the device where there is a lab; stdout to $scratch/out, stderr to $scratch/err. It is a
# child by exec, so that in the background its parent is $!, or $! is the program itself.
wrapper=() # in front of it, such as strace
report=plain
run() {
	${lab_dir:+lab_on_device} "${wrapper[@]}" "$alarmstrap" --report=$report "$@" \
		>"$scratch/out" 2>"$scratch/err" </dev/null
}
# With the test's trust. use_port, use_ca, use_link (with --link=) stand for the usual ones.
bootstrap() { # bootstrap ROOT OPTIONS…
	# shellcheck disable=SC2086 # no word at all where use_link is empty
	run bootstrap "$@" --mirror "https://localhost:${use_port:-$port}" --keyring "$mirror/keyring.gpg" \
		--ca-file "${use_ca:-$mirror/ca.pem}" ${use_link---link=eth0}
}
inside() { run enter "$root" -- "$@"; }
shown() { "$@" || { echo "status $?"; cat "$scratch/out" "$scratch/err"; return 1; }; }
exits() { # exits STATUS COMMAND…
	local want=$1
	shift
	"$@"
	equal $? "$want" || { cat "$scratch/err"; return 1; }
}

# The contract for every failure: this status, one error line with TEXT, one hint.
fails() { # fails STATUS TEXT COMMAND…
	fails_somehow "$1" "${@:3}" && contains "$scratch/line" "$2"
}
fails_like() { # fails_like STATUS REGULAR-EXPRESSION COMMAND…
	fails_somehow "$1" "${@:3}" || return 1
	grep -qE -- "$2" "$scratch/line" || { echo "no '$2':"; cat "$scratch/line"; return 1; }
}
fails_somehow() { # fails_somehow STATUS COMMAND…; the line is in $scratch/line
	exits "$@" || return 1
	grep '^alarmstrap: ' "$scratch/err" >"$scratch/line"
	equal "$(wc -l <"$scratch/line") $(grep -c '^hint: ' "$scratch/err")" "1 1" || { cat "$scratch/err"; return 1; }
}

# Runs COMMAND in the background, sends it SIGNAL as soon as CONDITION holds (a command of one word), and
# gives its status.
signalled_when() { # signalled_when SIGNAL CONDITION COMMAND…
	local signal=$1 condition=$2 pid i
	"${@:3}" &
	pid=$!
	for ((i = 0; i < 3000; i++)); do
		if $condition; then
			# The shell's child may be the program, by exec, or its parent.
			pkill "-$signal" -P $pid -x alarmstrap || kill "-$signal" $pid
			break
		fi
		kill -0 $pid 2>/dev/null || break
		sleep 0.01
	done
	wait $pid
}
soon() { # soon COMMAND…: within ten seconds
	local i
	for ((i = 0; i < 500; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}
same_tree() { "$top/tests/lab/tree" compare "$1" "$2"; }

# The cgroups of an environment carry the device and inode of its root directory.
cgroups_of() {
	[ -d "$1" ] || return 0
	find /sys/fs/cgroup -type d -name "$(lab_cgroup_name "$1")" 2>/dev/null
}
