# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what it sets, its callers use, and the other way round
# SPDX-License-Identifier: GPL-3.0-or-later
# Time on the test LAN: HTTPS hosts with right and wrong certificates, three kinds of real NTP servers,
# clock_liar.py, and a DNS server at 10.77.0.1 that knows them as NAME.test.
#
# Sourced after lab.sh, with top, build and scratch set; nothing of it may set the machine's clock.
# time_servers downloads; time_up starts all, in scratch/lab; time_down, from an EXIT trap, ends it. What
# stands in scratch/lab/www the HTTPS hosts serve.
servers=$build/tests/clock
lab_dir=$scratch/lab
pki=$scratch/pki
lan=10.77.0
without_time=(setpriv --bounding-set -sys_time --inh-caps -sys_time)
declare -A liar_port
to_2036=$(($(date -u -d '2036-03-01 12:00' +%s) - $(date +%s)))

time_down() {
	local name
	for name in nginx liar chronyd ntpsec openntpd dns lan device; do lab_end "$name"; done
}

# Real servers of SNTP, unpacked and not installed: the packages exclude each other, and would take the
# place of the machine's own.
time_servers() {
	local package
	mkdir -p "$servers"
	for package in chrony ntpsec openntpd; do
		[ ! -e "$servers/$package/usr" ] || continue
		(cd "$servers" && { apt-get -qq download "$package" || { apt-get -qq update && apt-get -qq download "$package"; }; } &&
			dpkg-deb -x "$package"_*.deb "$package") >"$servers/$package.log" 2>&1 || return 1
	done
}

# cert NAME ISSUER FROM DAYS WORDS: NAME.pem with its issuers behind it. FROM as faketime wants it.
cert() {
	local name=$1 issuer=$2 from=$3 days=$4 words=$5
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$pki/$name.key" \
		-subj "/CN=$name" -out "$pki/$name.csr" 2>/dev/null || return 1
	printf '%s\n' "$words" >"$pki/$name.ext"
	local sign=(-CA "$pki/$issuer.pem" -CAkey "$pki/$issuer.key" -CAcreateserial)
	[ "$issuer" != "$name" ] || sign=(-signkey "$pki/$name.key")
	faketime "$from" openssl x509 -req -in "$pki/$name.csr" "${sign[@]}" -days "$days" \
		-extfile "$pki/$name.ext" -out "$pki/$name.own" 2>"$pki/log" || return 1
	case $issuer in
	"$name" | root) cat "$pki/$name.own" ;;
	*) cat "$pki/$name.own" "$pki/$issuer.pem" ;;
	esac >"$pki/$name.pem"
}

make_certificates() {
	local ca='basicConstraints=critical,CA:TRUE' name now
	mkdir "$pki"
	now=$(date +%s)
	day() { date -u -d "@$((now + $1 * 86400))" '+%Y-%m-%d %H:%M:%S'; }
	cert root root '2015-01-01 00:00:00' 14000 "$ca" &&
		cert between root '2015-01-01 00:00:00' 13900 "$ca" &&
		cert bygone root "$(day -400)" 399 "$ca" || return 1
	for name in alpha beta gamma delta; do
		cert $name between "$(day -10)" 70 "subjectAltName=DNS:$name.test" || return 1
	done
	cert old between "$(day -90)" 89 'subjectAltName=DNS:old.test' &&
		cert early between "$(day 2)" 90 'subjectAltName=DNS:early.test' &&
		cert self self "$(day -10)" 70 'subjectAltName=DNS:self.test' &&
		cert chain bygone "$(day -10)" 70 'subjectAltName=DNS:chain.test' &&
		cert liar between '2015-01-01 00:00:00' 13800 'subjectAltName=DNS:*.liar.test' &&
		cert thief between "$(day -10)" 300 'subjectAltName=DNS:*.thief.test'
}

write_nginx() {
	local address=11 name
	echo "worker_processes 1; pid $lab_dir/nginx.pid; error_log $lab_dir/nginx.log; events {}"
	echo "http { access_log $lab_dir/nginx.access; client_body_temp_path $lab_dir/t1;"
	echo "proxy_temp_path $lab_dir/t2; fastcgi_temp_path $lab_dir/t3; uwsgi_temp_path $lab_dir/t4;"
	echo "scgi_temp_path $lab_dir/t5;"
	for name in alpha beta gamma delta old early self chain; do
		echo "server { listen $lan.$address:443 ssl; ssl_certificate $pki/$name.pem;"
		echo "ssl_certificate_key $pki/$name.key; location / { root $lab_dir/www; } }"
		address=$((address + 1))
	done
	echo "}"
}

on_lan() { lab_on lan "${without_time[@]}" "$@"; }
in_background() { # in_background NAME COMMAND…
	local name=$1 space
	shift
	space=/proc/$(lab_pid lan)/ns/net
	# Each of these becomes the next, so that the pid is the program's.
	nsenter --net="$space" -- "${without_time[@]}" "$@" </dev/null >"$lab_dir/$name.out" 2>&1 &
	echo $! >"$lab_dir/$name.pid"
	disown $!
}

start_dns() {
	local names=() address=11 name
	for name in alpha beta gamma delta old early self chain; do
		names+=("--address=/$name.test/$lan.$address")
		address=$((address + 1))
	done
	in_background dns dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --local=/test/ \
		--listen-address=$lan.1 --bind-interfaces --user=root --pid-file= "${names[@]}" \
		--address=/wrong.test/$lan.11 --address=/liar.test/$lan.50 --address=/thief.test/$lan.51 \
		--address=/dead.test/203.0.113.7
}

start_liar() {
	local port=1001 how words=()
	words+=(https "$lan.50" "$pki/liar.pem" "$pki/liar.key")
	words+=(https "$lan.51" "$pki/thief.pem" "$pki/thief.key")
	for how in kiss cookie stray leap stratum mode distance slow silent plus=5 plus=31536000 \
		"plus=$to_2036"; do
		words+=(sntp "$lan.50" "$port" "$how")
		liar_port[$how]=$lan.50:$port
		port=$((port + 1))
	done
	: >"$lab_dir/asked"
	in_background liar python3 "$top/tests/integration/clock_liar.py" "$lab_dir/asked" "${words[@]}"
}

start_ntp() {
	printf '%s\n' 'local stratum 8' 'allow all' "bindaddress $lan.21" 'cmdport 0' \
		"pidfile $lab_dir/chronyd.own" >"$lab_dir/chronyd.conf"
	in_background chronyd "$servers/chrony/usr/sbin/chronyd" -x -d -u root -f "$lab_dir/chronyd.conf"
	printf '%s\n' 'refclock local minpoll 3 maxpoll 3 stratum 5' 'tos orphan 6 orphanwait 1 minsane 1' \
		'restrict default' 'interface ignore wildcard' 'interface ignore all' \
		"interface listen $lan.22" 'interface listen 127.0.0.1' >"$lab_dir/ntpsec.conf"
	in_background ntpsec "$servers/ntpsec/usr/sbin/ntpd" -n -c "$lab_dir/ntpsec.conf"
	# OpenNTPD wants a user and a directory of its own: it gets them where nobody else sees them. As it
	# may not adjust the clock, it never calls itself synchronised: a real LI 3.
	printf '%s\n' "listen on $lan.23" "servers $lan.21" >"$lab_dir/openntpd.conf"
	{ cat /etc/passwd; echo "ntpd:x:65533:65533::$scratch/openntpd:/bin/false"; } >"$lab_dir/passwd"
	{ cat /etc/group; echo 'ntpd:x:65533:'; } >"$lab_dir/group"
	mkdir -m 755 "$scratch/openntpd"
	# shellcheck disable=SC2016 # the inner shell expands them
	in_background openntpd unshare --mount bash -c '
		mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group &&
		mount -t tmpfs none /var/lib && mkdir -p /var/lib/openntpd/run /var/lib/openntpd/db &&
		exec "$2" -d -f "$1/openntpd.conf"' - "$lab_dir" "$servers/openntpd/usr/sbin/openntpd"
}

time_up() {
	local address
	mkdir -p "$lab_dir"
	lab_hold device && lab_hold lan && lab_wire || return 1
	for address in 11 12 13 14 15 16 17 18 21 22 23 50 51; do
		lab_on lan ip address add $lan.$address/24 dev lan0 || return 1
	done
	make_certificates || { cat "$pki/log"; return 1; }
	write_nginx >"$lab_dir/nginx.conf"
	on_lan nginx -c "$lab_dir/nginx.conf" || return 1
	start_dns
	start_liar
	start_ntp
}
