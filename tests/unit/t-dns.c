/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/dns.h"
#include "lib/fd.h"
#include "lib/proc.h"
#include "lib/ticks.h"

static void servers_with_and_without_ports(void **state)
{
	static const char *const good[][2] = {
		{"1.1.1.1", "1.1.1.1:53"},
		{"1.1.1.1:5353", "1.1.1.1:5353"},
		{"::1", "[::1]:53"},
		{"[::1]", "[::1]:53"},
		{"[2001:db8::1]:54", "[2001:db8::1]:54"},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		auto_buf to = BUF(0);
		assert_ok(dns_server_parse(good[i][0], &to, &e));
		assert_string_equal(buf_text(&to), good[i][1]);
	}
	static const char *const bad[] = {"", "dns", "1.1.1", "1.1.1.1:", "1.1.1.1:0",
		"1.1.1.1:65536", "1.1.1.1:53x", "1.1.1.1:-53", "[::1", "[1.1.1.1]:53", "[::1]53",
		"::1,1.1.1.1", "[::1]:", "1.1.1.1,2.2.2.2",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222:3333"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		auto_buf to = BUF(0);
		assert_fails(dns_server_parse(bad[i], &to, &e), ERROR_CONFIG, "is no DNS server");
	}
}

static void what_names_a_server(void **state)
{
	static const struct {
		const char *text;
		bool has;
	} rows[] = {
		{"", false},
		{"# nameserver 1.1.1.1\n", false},
		{"search lan\noptions edns0\n", false},
		{"nameserver\n", false},
		{"nameserver \nsearch lan", false},
		{"nameservers 1.1.1.1", false},
		{"nameserver 1.1.1.1", true},
		{"search lan\n\tnameserver\t::1\n", true},
		{";x\r\n\r\nnameserver 10.0.0.1\r\n", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(dns_conf_has_server(rows[i].text), rows[i].has);
}

static void no_server_is_asked_for_these(void **state)
{
	auto_strings none = {0};
	static const char *const rows[][2] = {
		{"192.0.2.7", "192.0.2.7"},
		{"2001:db8::7", "2001:db8::7"},
		{"localhost", "127.0.0.1"},
		{"a.LOCALHOST", "127.0.0.1"},
	};
	/* Port 1 of loopback answers nobody. */
	auto_strings servers = {0};
	assert_ok(strings_add(&servers, "127.0.0.1:1", &e));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_strings found = {0};
		assert_ok(dns_resolve(&servers, rows[i][0], 1000, &found, &e));
		assert_string_equal(found.items[0], rows[i][1]);
	}
	assert_fails(dns_resolve(&servers, "mylocalhost", 2000, &none, &e), ERROR_NETWORK,
		"resolve mylocalhost: ");
}

/* Answers A with 192.0.2.99 and AAAA with nothing (RFC 1035, section 4.1); names that begin with
 * 'x' get NXDOMAIN, with 'w' to AAAA alone (RFC 4074, section 4.2), with 'q' no answer at all, with
 * 'h' none to AAAA. */
static int serve(void *arg)
{
	int fd = *(int *)arg;
	unsigned char m[512];
	struct sockaddr_in from;
	for (;;) {
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(fd, m, 256, 0, (struct sockaddr *)&from, &size);
		if (n < 17)
			continue;
		size_t end = 12;
		while (end < (size_t)n && m[end])
			end += m[end] + 1u;
		unsigned char type = m[end + 2];
		end += 5;
		if (m[13] == 'q' || (m[13] == 'h' && type == 28))
			continue;
		m[2] = 0x81;
		m[3] = m[13] == 'x' || (m[13] == 'w' && type == 28) ? 0x83 : 0x80;
		memset(m + 6, 0, 6);
		if (type == 1 && m[13] != 'x') {
			static const unsigned char a[] = {
				0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 99};
			m[7] = 1;
			memcpy(m + end, a, sizeof a);
			end += sizeof a;
		}
		sendto(fd, m, end, 0, (struct sockaddr *)&from, size);
	}
	return 0;
}

static void a_server_on_loopback_is_asked(void **state)
{
	int auto_fd fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	pid_t pid;
	assert_ok(pid = proc_fork(serve, &fd, 0, NULL, &e));
	char server[32];
	snprintf(server, sizeof server, "127.0.0.1:%d", ntohs(at.sin_port));
	auto_strings servers = {0}, found = {0}, half = {0}, wrongly = {0}, none = {0};
	struct error *a = NULL, *b = NULL, *c = NULL;
	int r = strings_add(&servers, server, &a);
	int good = dns_resolve(&servers, "mirror.example.", 5000, &found, &a);
	int64_t began_ms = ticks_ms();
	int halved = dns_resolve(&servers, "half.example.", 5000, &half, &a);
	int64_t took_ms = ticks_ms() - began_ms;
	int wrong = dns_resolve(&servers, "wrong.example.", 5000, &wrongly, &a);
	int missing = dns_resolve(&servers, "x.example.", 5000, &none, &b);
	int silent = dns_resolve(&servers, "quiet.example.", 300, &none, &c);
	proc_kill(pid);
	assert_int_equal(r, 0);
	if (good < 0 || halved < 0 || wrong < 0)
		fail_msg("%s", error_message(a));
	/* RFC 8305: the answer there is waits 50 ms for the other, not until the deadline. */
	assert_int_equal(half.count, 1);
	assert_string_equal(half.items[0], "192.0.2.99");
	assert_in_range(took_ms, 50, 2500);
	assert_int_equal(wrongly.count, 1);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0], "192.0.2.99");
	assert_int_equal(missing, -1);
	assert_non_null(strstr(error_message(b), "resolve x.example.: no such host"));
	assert_int_equal(silent, -1);
	assert_non_null(strstr(error_message(c), "resolve quiet.example.: no DNS server answers"));
	error_free(b);
	error_free(c);
}

static void names_are_asked_once(void **state)
{
	struct error *e = NULL;
	auto_strings servers = {0};
	assert_int_equal(strings_add(&servers, "127.0.0.1:1", &e), 0);
	auto_dns *d = dns_new(&servers, 1000, &e);
	assert_non_null(d);
	const struct dns_name *n = dns_ask(d, "localhost", &e);
	assert_ptr_equal(n, dns_ask(d, "LocalHost", &e));
	assert_int_equal(n->addresses.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_with_and_without_ports),
		cmocka_unit_test(what_names_a_server),
		cmocka_unit_test(no_server_is_asked_for_these),
		cmocka_unit_test(a_server_on_loopback_is_asked),
		cmocka_unit_test(names_are_asked_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
