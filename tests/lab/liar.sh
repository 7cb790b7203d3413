# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The lying server of tests/tools, with certificates good and bad. Sourced.
#
# liar_up TOP WWW LOG: makes the certificates in TOP, serves WWW; sets port[NAME] and $good, $plain.
# liar_down ends it; an EXIT trap of the caller must call it. Loopback only, no root needed.
# shellcheck disable=SC2154,SC2034 # what the callers read

liar_ca() { # liar_ca NAME
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$liar_top/$1.key" -out "$liar_top/$1.pem" -days 3650 \
		-subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE 2>"$liar_top/openssl.log"
}
liar_cert() { # liar_cert NAME CA DAYS SUBJECT-ALTERNATIVE-NAMES [COMMAND…]: made under COMMAND
	local name=$1 ca=$2 days=$3 san=$4
	shift 4
	openssl req -newkey rsa:2048 -nodes -keyout "$liar_top/$name.key" -out "$liar_top/$name.csr" \
		-subj "/CN=$name" 2>>"$liar_top/openssl.log" &&
		echo "subjectAltName=$san" >"$liar_top/$name.ext" &&
		"$@" openssl x509 -req -in "$liar_top/$name.csr" -CA "$liar_top/$ca.pem" -CAkey "$liar_top/$ca.key" \
			-CAcreateserial -days "$days" -extfile "$liar_top/$name.ext" \
			-out "$liar_top/$name.pem" 2>>"$liar_top/openssl.log"
}
liar_certs() {
	local names=DNS:localhost,DNS:mirror.test,DNS:other.test,DNS:mirror.six.test,DNS:mirror.late.test,IP:127.0.0.1
	liar_ca ca && liar_ca stranger && liar_cert good ca 30 $names && liar_cert alien stranger 3650 $names &&
		liar_cert elsewhere ca 3650 DNS:elsewhere.test && liar_cert expired ca 1 $names faketime -f -9d
}

liar_up() {
	liar_top=$1
	local www=$2 log=$3 name number keys=()
	liar_certs || { cat "$liar_top/openssl.log"; return 1; }
	for name in good alien elsewhere expired; do
		keys+=("$name=$liar_top/$name.pem,$liar_top/$name.key")
	done
	mkfifo "$liar_top/stdin"
	python3 tests/tools/lying-server "$www" "$liar_top/ports" "$log" "${keys[@]}" \
		<"$liar_top/stdin" 2>"$liar_top/server.log" &
	liar_pid=$!
	exec 9>"$liar_top/stdin"
	for _ in $(seq 100); do
		[ ! -e "$liar_top/ports" ] || break
		sleep 0.1
	done
	[ -e "$liar_top/ports" ] || { cat "$liar_top/server.log"; return 1; }
	declare -gA port
	while read -r name number; do port[$name]=$number; done <"$liar_top/ports"
	good=https://localhost:${port[good]} plain=http://localhost:${port[plain]}
}

liar_down() {
	exec 9>&-
	[ -z "${liar_pid:-}" ] || wait "$liar_pid"
}
