#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What LXC's own init starts in a container without systemd: addresses for its links, then the command of
# --init, or a wait for ever. It is udhcpc's script, too, which calls it with one word and the lease in
# variables.
# shellcheck disable=SC2154 # those
here=${0%/*}
busybox=$here/busybox

take_lease() {
	"$busybox" ip address flush dev "$interface"
	"$busybox" ip address add "$ip/${mask:-24}" dev "$interface"
	for gateway in ${router:-}; do
		"$busybox" ip route replace default via "$gateway" dev "$interface"
		break
	done
	[ -n "${dns:-}" ] || return 0
	{
		[ -z "${domain:-}" ] || echo "search $domain"
		for server in $dns; do echo "nameserver $server"; done
	} >/etc/resolv.conf
}

case ${1:-} in
deconfig) exec "$busybox" ip link set "$interface" up ;;
bound | renew) take_lease; exit ;;
?*) exit 0 ;; # leasefail, nak
esac

mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run 2>/dev/null
# Where the links are the host's, we may not even do this, and they are none of our business.
if [ -x "$busybox" ] && "$busybox" ip link set lo up 2>/dev/null; then
	for link in /sys/class/net/eth*; do
		[ -e "$link" ] || continue
		"$busybox" udhcpc -b -t 3 -T 2 -A 10 -i "${link##*/}" -s "$0" >/dev/null 2>&1 &
	done
elif [ ! -x "$busybox" ] && command -v dhcpcd >/dev/null; then
	dhcpcd -q &
fi
if [ -s "$here/command" ]; then
	/bin/sh "$here/command"
	# Process 1 is LXC's init: it ends whatever else runs, and then the container.
	kill -TERM 1
fi
while :; do sleep 86400; done
