# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The test LAN: a "device" and a LAN peer, each a network namespace, joined by one wire.
#
# shellcheck disable=SC2154 # lab_tests, the folder tests/, is the caller's
# Sourced by ./demo and the integration tests. The device has the link eth0 (10.77.0.2, default route to
# the peer) and a mirror on its loopback; the peer (10.77.0.1) serves DHCP. The namespaces are held by
# processes and not by names under /run/netns, so that nothing is mounted on the host. Everything is
# ended by pid, by lab_down, which an EXIT trap of the caller must call.

lab_up() { # lab_up DIR MIRROR PORT
	lab_dir=$1 lab_mirror=$2 lab_port=$3
	mkdir -p "$lab_dir"
	# What the program remembers of mirrors and tarballs is this test's alone.
	export STATE_DIRECTORY=$lab_dir/state CACHE_DIRECTORY=$lab_dir/cache
	lab_hold device
	lab_hold lan
	lab_namespaces="$(readlink "/proc/$(lab_pid device)/ns/net") $(readlink "/proc/$(lab_pid lan)/ns/net")"
	lab_wire
	lab_dhcp
	lab_on_device "$lab_tests/mirror/serve" "$lab_mirror" "$lab_dir/nginx" --port "$lab_port"
}

# A process that does nothing but hold a network namespace.
lab_hold() {
	unshare --net sleep infinity </dev/null >/dev/null 2>&1 &
	echo $! >"$lab_dir/$1.pid"
	disown $!
	for _ in $(seq 100); do
		[ "$(readlink "/proc/$(lab_pid "$1")/ns/net")" = "$(readlink /proc/self/ns/net)" ] || return 0
		sleep 0.02
	done
	echo "lab: no network namespace could be made" >&2
	return 1
}

lab_pid() { cat "$lab_dir/$1.pid"; }
lab_on() { nsenter --net="/proc/$(lab_pid "$1")/ns/net" -- "${@:2}"; }
lab_on_device() { lab_on device "$@"; }

lab_wire() {
	lab_on lan ip link add lan0 type veth peer name eth0 netns "$(lab_pid device)"
	lab_on lan ip link set lo up
	lab_on lan ip address add 10.77.0.1/24 dev lan0
	lab_on lan ip link set lan0 up
	lab_on device ip link set lo up
	lab_on device ip address add 10.77.0.2/24 dev eth0
	lab_on device ip link set eth0 up
	lab_on device ip route add default via 10.77.0.1
}

lab_dhcp() {
	lab_on lan dnsmasq --conf-file=/dev/null --port=0 --interface=lan0 --bind-interfaces \
		--dhcp-range=10.77.0.100,10.77.0.199,1h --dhcp-authoritative --no-ping \
		--dhcp-leasefile="$lab_dir/leases" --pid-file="$lab_dir/dnsmasq.pid" \
		--user=root --log-facility="$lab_dir/dnsmasq.log"
}

lab_end() { # ends the process of DIR/NAME.pid, if it is there
	local pid
	pid=$(cat "$lab_dir/$1.pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null || true
	for _ in $(seq 50); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.02
	done
	rm -f "$lab_dir/$1.pid"
}

lab_down() {
	[ -n "${lab_dir:-}" ] || return 0
	[ ! -d "$lab_dir/nginx" ] || "$lab_tests/mirror/serve" --stop "$lab_dir/nginx" || true
	lab_end dnsmasq
	lab_end lan
	lab_end device
}

# What of a run is on the host, as text: compare before and after. Others may be at work on the
# machine, so it is what concerns DIR or the lab's namespaces, and the host's links.
lab_traces() { # lab_traces DIR
	local process
	echo "mounts:"
	grep -F " $1" /proc/self/mountinfo | cut -d' ' -f5- | sort
	echo "links:"
	ip -o link | cut -d: -f2 | sort
	echo "cgroups:"
	for name in ${lab_cgroups:-}; do
		find /sys/fs/cgroup -type d -name "$name" 2>/dev/null
	done
	echo "processes:"
	for process in /proc/[0-9]*; do
		if { tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null | grep -qF -- "$1" ||
			lab_owns "$(readlink "$process/ns/net" 2>/dev/null)"; then
			cat "$process/comm" 2>/dev/null
		fi
	done | grep -vE '^(bash|tr|grep|tee|script|sleep)$' | sort
}

# Whether the traces are those of the file BEFORE, within five seconds: servers of the lab have
# processes that come and go.
lab_left_nothing() { # lab_left_nothing DIR BEFORE
	local _ now
	for _ in $(seq 50); do
		now=$(lab_traces "$1")
		[ "$now" != "$(cat "$2")" ] || return 0
		sleep 0.1
	done
	diff "$2" - <<<"$now"
}

lab_owns() { # lab_owns NET-NAMESPACE
	[ -n "$1" ] && [[ " ${lab_namespaces:-} " = *" $1 "* ]]
}

# The cgroups of an environment carry the device and inode of its root directory.
lab_remember() { # lab_remember ROOT
	lab_cgroups="${lab_cgroups:-} $(lab_cgroup_name "$1")"
}
lab_cgroup_name() { printf 'alarmstrap-%x-%x' "$(stat -c %d "$1")" "$(stat -c %i "$1")"; }
