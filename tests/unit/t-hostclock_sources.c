/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <string.h>

#include "bootstrap/hostclock_sources.h"
#include "lib/text.h"

static void the_built_in_ones_are_a_quorum_and_more(void **state)
{
	struct hostclock_sources s = {.time_file = NULL};
	struct hostclock_host hosts[HOSTCLOCK_HOSTS_MAX];
	const char *servers[HOSTCLOCK_HOSTS_MAX];
	size_t count = hostclock_sources_hosts(&s, hosts), operators = 0;
	struct hostclock_quorum q = hostclock_sources_quorum(&s);
	assert_true(count >= 5);
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < i && strcmp(hosts[k].operator_name, hosts[i].operator_name) != 0)
			k++;
		operators += k == i;
		assert_true(text_has_prefix(hosts[i].url, "https://"));
	}
	assert_true(operators >= 3);
	assert_true(q.hosts == 3 && q.operators == 2 && !q.chosen);
	assert_true(hostclock_sources_ntp(&s, servers) >= 3);
}

static void lines_of_the_configuration(void **state)
{
	static const struct {
		const char *key, *value, *says; /* NULL: taken */
	} rows[] = {
		{"TimeHost", "mine https://10.0.0.1/", NULL},
		{"TimeHost", "mine\thttps://two.example/", NULL},
		{"TimeHost", "https://10.0.0.1/", "is no operator and https URL"},
		{"TimeHost", "mine http://10.0.0.1/", "is no operator and https URL"},
		{"TimeHost", "mine https://", "is no operator and https URL"},
		{"TimeHost", "mine https://a/ https://b/", "is no operator and https URL"},
		{"TimeHost", "", "is no operator and https URL"},
		{"NtpServer", "10.0.0.1 ntp.example:1123", NULL},
		{"NtpServer", "ntp.example:x", "is no time server"},
		{"TimeQuorum", "2 1", NULL},
		{"TimeQuorum", "1", "is no number of hosts and operators"},
		{"TimeQuorum", "0 0", "is no number of hosts and operators"},
		{"TimeQuorum", "2 3", "is no number of hosts and operators"},
		{"TimeQuorum", "99 1", "is no number of hosts and operators"},
		{"TimeFile", "/data/time", NULL},
		{"TimeFile", "time", "is no absolute path"},
	};
	auto_hostclock_sources s = {.time_file = NULL};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_error *e = NULL;
		int r = hostclock_sources_line(&s, rows[i].key, rows[i].value, &e);
		assert_int_equal(r, rows[i].says ? -1 : 1);
		if (rows[i].says && !strstr(error_message(e), rows[i].says))
			fail_msg("'%s' does not hold '%s'", error_message(e), rows[i].says);
		assert_true(!rows[i].says || error_code(e) == ERROR_CONFIG);
	}
	struct hostclock_host hosts[HOSTCLOCK_HOSTS_MAX];
	const char *servers[HOSTCLOCK_HOSTS_MAX];
	struct hostclock_quorum q = hostclock_sources_quorum(&s);
	assert_int_equal(hostclock_sources_hosts(&s, hosts), 2);
	assert_string_equal(hosts[1].operator_name, "mine");
	assert_string_equal(hosts[1].url, "https://two.example/");
	assert_int_equal(hostclock_sources_ntp(&s, servers), 2);
	assert_string_equal(servers[1], "ntp.example:1123");
	assert_true(q.hosts == 2 && q.operators == 1 && q.chosen);
	assert_string_equal(s.time_file, "/data/time");
	assert_int_equal(hostclock_sources_line(&s, "Container", "c1", NULL), 0);
}

static void hosts_of_ones_own_are_asked_alone(void **state)
{
	auto_hostclock_sources s = {.time_file = NULL};
	struct hostclock_host hosts[HOSTCLOCK_HOSTS_MAX];
	const char *servers[HOSTCLOCK_HOSTS_MAX];
	assert_int_equal(hostclock_sources_line(&s, "TimeHost", "mine https://10.0.0.1/", NULL), 1);
	assert_int_equal(hostclock_sources_hosts(&s, hosts), 1);
	assert_int_equal(hostclock_sources_ntp(&s, servers), 0);
}

static void servers_of_ones_own_leave_the_hosts(void **state)
{
	auto_hostclock_sources s = {.time_file = NULL};
	struct hostclock_host hosts[HOSTCLOCK_HOSTS_MAX];
	const char *servers[HOSTCLOCK_HOSTS_MAX];
	assert_int_equal(hostclock_sources_line(&s, "NtpServer", "10.0.0.1", NULL), 1);
	assert_true(hostclock_sources_hosts(&s, hosts) >= 5);
	assert_int_equal(hostclock_sources_ntp(&s, servers), 1);
}

static void there_is_an_end_to_hosts(void **state)
{
	auto_hostclock_sources s = {.time_file = NULL};
	for (int i = 0; i < HOSTCLOCK_HOSTS_MAX; i++) {
		assert_int_equal(hostclock_sources_line(&s, "TimeHost", "a https://a/", NULL), 1);
		assert_int_equal(hostclock_sources_line(&s, "NtpServer", "a", NULL), 1);
	}
	assert_fails(hostclock_sources_line(&s, "TimeHost", "a https://a/", &e), ERROR_CONFIG,
		"more than");
	assert_fails(hostclock_sources_line(&s, "NtpServer", "a", &e), ERROR_CONFIG, "more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_built_in_ones_are_a_quorum_and_more),
		cmocka_unit_test(lines_of_the_configuration),
		cmocka_unit_test(hosts_of_ones_own_are_asked_alone),
		cmocka_unit_test(servers_of_ones_own_leave_the_hosts),
		cmocka_unit_test(there_is_an_end_to_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
