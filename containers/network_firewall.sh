#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# NAT for the network of containers behind a bridge, and its way through the firewall of the host.
#
#   up BRIDGE SUBNET    sees that the rules are there; those that are, stay
#   down BRIDGE         takes them away, by whatever tool
#
# Everything of ours is a chain or a table called BRIDGE, and jumps to it. Run inside the root, with the
# root's own tools, in the network namespace of the host. Which of them the kernel serves cannot be told
# but by trying.
verb=$1 bridge=$2 subnet=${3-}

# Two worlds that do not see each other: ip_tables and nf_tables. `iptables` is of one or the other.
have() { command -v "$1" >/dev/null 2>&1; }
world_of() {
	case $("$1" -V 2>/dev/null) in
	*nf_tables*) echo nf_tables ;;
	*) echo ip_tables ;;
	esac
}
loaded() { grep -qx "$1" /proc/net/ip_tables_names 2>/dev/null; }
worlds=
for tool in iptables iptables-nft iptables-legacy; do
	have $tool || continue
	world=$(world_of $tool)
	case $worlds in
	*$world*) ;;
	*) worlds="$worlds $world=$tool" ;;
	esac
done
# A table of ip_tables is not looked at where it is not in use: to look would load it.
in_use() { [ "$world" != ip_tables ] || loaded "$1"; }
ipt() { "$tool" -w "$@" 2>/dev/null; }

chain() { # chain TABLE CHAIN: there, and empty
	ipt -t "$1" -N "$2" || ipt -t "$1" -F "$2"
}
jump() { # jump TABLE FROM RULE…: first in its chain
	table=$1 from=$2
	shift 2
	ipt -t "$table" -C "$from" "$@" || ipt -t "$table" -I "$from" 1 "$@"
}
nat_stands() {
	ipt -t nat -C "$bridge" ! -d "$subnet" -j MASQUERADE && ipt -t nat -C POSTROUTING -s "$subnet" -j "$bridge"
}
nat() {
	nat_stands && return 0
	chain nat "$bridge" && ipt -t nat -A "$bridge" ! -d "$subnet" -j MASQUERADE &&
		jump nat POSTROUTING -s "$subnet" -j "$bridge"
}
# A firewall that drops what it does not know, as docker's, ufw's or a phone's. Where nothing is filtered
# nothing is added.
filters() {
	rules=$(ipt -S "$1") || return 1
	[ "$rules" != "-P $1 ACCEPT" ]
}
accept() {
	if filters FORWARD; then
		ipt -C FORWARD -j "$bridge" || {
			# What comes back, or where the kernel cannot tell that apart, what comes.
			chain filter "$bridge" && ipt -A "$bridge" -i "$bridge" -j ACCEPT && {
				ipt -A "$bridge" -o "$bridge" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT ||
					ipt -A "$bridge" -o "$bridge" -j ACCEPT
			} && jump filter FORWARD -j "$bridge"
		}
	fi
	if filters INPUT; then
		ipt -C INPUT -i "$bridge" -j "$bridge-in" || {
			chain filter "$bridge-in" && ipt -A "$bridge-in" -p udp --dport 67 -j ACCEPT &&
				ipt -A "$bridge-in" -p udp --dport 53 -j ACCEPT &&
				ipt -A "$bridge-in" -p tcp --dport 53 -j ACCEPT &&
				ipt -A "$bridge-in" -p icmp -j ACCEPT &&
				jump filter INPUT -i "$bridge" -j "$bridge-in"
		}
	fi
}
nft_nat() {
	nft list table ip "$bridge" 2>/dev/null | grep -qF "saddr $subnet ip daddr != $subnet masquerade" && return 0
	printf '%s\n' "add table ip $bridge" "delete table ip $bridge" "table ip $bridge {" \
		"chain postrouting {" "type nat hook postrouting priority 100;" \
		"ip saddr $subnet ip daddr != $subnet masquerade" "}" "}" | nft -f - 2>/dev/null
}
up() {
	natted=no tried=
	# A table of our own goes without a trace.
	if have nft; then
		tried=' nft'
		! nft_nat || natted=yes
	fi
	for pair in $worlds; do
		world=${pair%=*} tool=${pair#*=} tried="$tried ${pair#*=}"
		[ $natted = yes ] || ! nat || natted=yes
		! in_use filter || accept
	done
	[ $natted = no ] || return 0
	[ -n "$tried" ] || { echo missing; return 1; }
	echo "none of$tried can do NAT on this kernel"
	return 1
}

unjump() { # unjump TABLE FROM: every rule that jumps to a chain of ours
	ipt -t "$1" -S "$2" | sed -n "s/^-A \(.* -j $bridge\(-in\)\{0,1\}\)\$/\1/p" | while read -r rule; do
		# shellcheck disable=SC2086 # its words
		ipt -t "$1" -D $rule
	done
}
down() {
	for pair in $worlds; do
		world=${pair%=*} tool=${pair#*=}
		! in_use nat || unjump nat POSTROUTING
		! in_use filter || { unjump filter FORWARD; unjump filter INPUT; }
		for table in nat filter; do
			in_use $table || continue
			for name in "$bridge" "$bridge-in"; do
				ipt -t $table -S "$name" >/dev/null || continue
				ipt -t $table -F "$name"
				ipt -t $table -X "$name"
			done
		done
	done
	! have nft || nft delete table ip "$bridge" 2>/dev/null
	return 0
}
"$verb"
