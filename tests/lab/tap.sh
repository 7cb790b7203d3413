# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Counting checks in shell scripts: each prints a line, tap_end prints the totals and gives the status.
#
# Sourced. A check is a command: `check NAME COMMAND…` is ok when it exits 0; its output is shown only
# when it does not.

tap_passed=0 tap_failed=0 tap_skipped=0

check() {
	local name=$1 output tap_began=${EPOCHREALTIME/[.,]/}
	shift
	if output=$("$@" 2>&1); then
		echo "ok: $name$(tap_took "$tap_began")"
		tap_passed=$((tap_passed + 1))
	else
		echo "not ok: $name ($*)"
		printf '%s\n' "$output" | tail -n 30 | sed 's/^/    /'
		tap_failed=$((tap_failed + 1))
	fi
}

# " (3.2 s)" where it took a second or more since then: what to look at when a part grows slow.
tap_took() { # tap_took MICROSECONDS
	local tenths=$(((${EPOCHREALTIME/[.,]/} - $1) / 100000))
	[ $tenths -lt 10 ] || echo " ($((tenths / 10)).$((tenths % 10)) s)"
}

skip() { # skip NAME REASON
	echo "skip: $1: $2"
	tap_skipped=$((tap_skipped + 1))
}

equal() { [ "$1" = "$2" ] || { echo "got '$1', not '$2'"; return 1; }; }
contains() { # contains FILE TEXT
	grep -qF -- "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; return 1; }
}
absent() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
same_file() { diff "$1" "$2"; }

tap_end() {
	echo "$tap_passed passed, $tap_failed failed, $tap_skipped skipped"
	[ $tap_failed -eq 0 ]
}
