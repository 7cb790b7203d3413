# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154,SC2034 # what tests/bench/run sets, and what the files beside this one read
#
# What the files beside this one measure by. Sourced by tests/bench/run, which sets:
#   top        the project's folder
#   bench_name the figure's first word
#   bench_dir  an empty directory on tmpfs, deleted afterwards

bench_die() {
	echo "bench: $*" >&2
	exit 1
}

# Wall clock of a command in seconds, in $bench_took. What it says is shown only where it fails.
bench_time() { # bench_time COMMAND…
	local began=$EPOCHREALTIME
	"$@" >"$bench_dir/log" 2>&1 || { cat "$bench_dir/log" >&2; bench_die "$* failed"; }
	local ended=$EPOCHREALTIME
	bench_took=$(awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.3f", b - a }')
}

# Runs OURS and PEER in turn, each with an empty directory of its own as last word, and prints the line
# of the pair with the median ratio. GOAL: "<=0.85" or ">=2".
bench_pairs() { # bench_pairs FIGURE GOAL OURS PEER
	local figure=$1 goal=$2 ours=$3 peer=$4 i took pairs=''
	for ((i = 0; i <= ${ROUNDS:-5}; i++)); do
		bench_once "$ours"
		took=$bench_took
		bench_once "$peer"
		[ $i -eq 0 ] || pairs+="$took $bench_took"$'\n'
	done
	local chosen
	chosen=$(printf %s "$pairs" | awk '{ print $1 / $2, $1, $2 }' | sort -n |
		awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }')
	read -r _ took bench_took <<<"$chosen"
	bench_line "$figure" "$goal" "$took" "$bench_took" s
}
bench_once() {
	mkdir "$bench_dir/once" || bench_die "no room for a run"
	bench_time "$1" "$bench_dir/once"
	rm -rf --one-file-system "${bench_dir:?}/once"
}

# The line of two values in UNIT, judged by their ratio.
bench_line() { # bench_line FIGURE GOAL OURS PEER UNIT
	awk -v name="$bench_name/$1" -v goal="$2" -v ours="$3" -v peer="$4" -v unit="$5" '
		BEGIN { ratio = ours / peer; bound = substr(goal, 3) + 0
			good = substr(goal, 1, 2) == "<=" ? ratio <= bound : ratio >= bound
			printf "bench %s ours=%s%s peer=%s%s ratio=%.3f goal%s %s\n", name, ours, unit,
				peer, unit, ratio, goal, good ? "ok" : "short" }'
}
# The same where the goal is a value of its own, in UNIT, and not a ratio.
bench_value() { # bench_value FIGURE GOAL OURS PEER UNIT
	awk -v name="$bench_name/$1" -v goal="$2" -v ours="$3" -v peer="$4" -v unit="$5" '
		BEGIN { bound = substr(goal, 3) + 0
			good = substr(goal, 1, 2) == "<=" ? ours <= bound : ours >= bound
			printf "bench %s ours=%s%s peer=%s%s ratio=%.3f goal%s%s %s\n", name, ours, unit,
				peer, unit, ours / peer, goal, unit, good ? "ok" : "short" }'
}

# Peak memory of a command and all that it starts, in MiB, in $bench_peak: the sum of each process's.
bench_memory() { # bench_memory COMMAND…
	bench_peak=$(python3 "$top/tests/bench/memory.py" "$@" 2>"$bench_dir/log") ||
		{ cat "$bench_dir/log" >&2; bench_die "$* failed"; }
}
