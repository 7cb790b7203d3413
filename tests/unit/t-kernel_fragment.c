/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "doctor/kernel_fragment.h"
#include "doctor/kernel_options.h"
#include "lib/text.h"

static const struct {
	const char *text, *release;
	const char *with, *without; /* lines, by spaces */
} cases[] = {
	{"CONFIG_A=y\n", "3.10.0",
		"CONFIG_DEVPTS_MULTIPLE_INSTANCES=y CONFIG_RESOURCE_COUNTERS=y CONFIG_MEMCG=y "
		"CONFIG_NF_NAT_IPV4=y CONFIG_NF_CONNTRACK_IPV4=y CONFIG_MACVLAN=y CONFIG_VETH=y",
		"CONFIG_CGROUP_PIDS=y CONFIG_CGROUP_BPF=y CONFIG_CPUSETS_V1=y CONFIG_IP_NF_NAT=y "
		"CONFIG_NETFILTER_XTABLES_LEGACY=y CONFIG_PID_IN_CONTEXTIDR=y CONFIG_NF_TABLES=y"},
	{"CONFIG_A=y\n", "6.18.0",
		"CONFIG_CGROUP_PIDS=y CONFIG_CGROUP_BPF=y CONFIG_BPF_SYSCALL=y CONFIG_IP_NF_NAT=y "
		"CONFIG_NETFILTER_XTABLES_LEGACY=y CONFIG_IP_NF_IPTABLES_LEGACY=y",
		"CONFIG_DEVPTS_MULTIPLE_INSTANCES=y CONFIG_RESOURCE_COUNTERS=y "
		"CONFIG_NF_NAT_IPV4=y CONFIG_CFQ_GROUP_IOSCHED=y CONFIG_BTRFS_FS=y"},
	{"CONFIG_VETH=m\nCONFIG_NETDEVICES=y\n", "6.1.0", "CONFIG_MACVLAN=y CONFIG_NET_CORE=y",
		"CONFIG_VETH=y CONFIG_NETDEVICES=y"},
	{"CONFIG_ANDROID_PARANOID_NETWORK=y\n", "3.10.0", "", "CONFIG_ANDROID_PARANOID_NETWORK=y"},
};

/* Whether it stands there as a line of its own. */
static bool has_line(const char *text, const char *line)
{
	auto_strings lines = {0};
	assert_ok(strings_split(&lines, text, "\n", &e));
	return strings_contain(&lines, line);
}

static void test_cases(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_kernel_config c = {0};
		auto_buf text = BUF(0);
		auto_strings with = {0}, without = {0};
		struct kernel_release r;
		assert_ok(kernel_config_parse(&c, cases[i].text, &e));
		assert_ok(kernel_release_parse(cases[i].release, &r, &e));
		assert_ok(kernel_fragment_write(&c, &r, &text, &e));
		assert_ok(strings_split(&with, cases[i].with, " ", &e));
		assert_ok(strings_split(&without, cases[i].without, " ", &e));
		for (size_t k = 0; k < with.count; k++)
			if (!has_line(buf_text(&text), with.items[k]))
				fail_msg("%s: no %s", cases[i].release, with.items[k]);
		for (size_t k = 0; k < without.count; k++)
			if (has_line(buf_text(&text), without.items[k]))
				fail_msg("%s: %s", cases[i].release, without.items[k]);
	}
}

/* With the fragment in it, a configuration lacks nothing that is required or wanted; and no line of
 * it is there twice. */
static void test_closed(void **state)
{
	static const char *const releases[] = {
		"2.6.32", "3.10.0", "4.4.0", "4.19.0", "5.10.0", "6.12.0", "7.2.0"};
	for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
		auto_kernel_config before = {0}, after = {0};
		auto_buf text = BUF(0), twice = BUF(0);
		auto_strings lines = {0}, seen = {0};
		struct kernel_release r;
		assert_ok(kernel_config_parse(&before, "# CONFIG_A is not set\n", &e));
		assert_ok(kernel_release_parse(releases[i], &r, &e));
		assert_ok(kernel_fragment_write(&before, &r, &text, &e));
		assert_ok(strings_split(&lines, buf_text(&text), "\n", &e));
		for (size_t k = 0; k < lines.count; k++) {
			assert_true(text_has_prefix(lines.items[k], "# optional") ||
				    !strings_contain(&seen, lines.items[k]));
			assert_ok(strings_add(&seen, lines.items[k], &e));
		}
		assert_ok(kernel_config_parse(&after, buf_text(&text), &e));
		for (size_t k = 0; k < kernel_options_count; k++) {
			const struct kernel_option *o = &kernel_options[k];
			enum kernel_option_state s = kernel_option_judge(o, &after, r.version);
			if (o->level <= OPTION_WANTED && s != OPTION_OBSOLETE)
				assert_int_equal(s, OPTION_BUILT_IN);
		}
		assert_ok(kernel_fragment_write(&after, &r, &twice, &e));
		assert_null(strstr(buf_text(&twice), "\nCONFIG_"));
	}
}

static void test_gki(void **state)
{
	auto_kernel_config c = {0};
	auto_buf text = BUF(0);
	struct kernel_release r;
	assert_ok(kernel_config_parse(&c, "CONFIG_A=y\n", &e));
	assert_ok(kernel_release_parse("5.10.149-android13-4-g1", &r, &e));
	assert_fails(kernel_fragment_write(&c, &r, &text, &e), ERROR_KERNEL, "bootlooped");
	assert_int_equal(text.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases),
		cmocka_unit_test(test_closed), cmocka_unit_test(test_gki)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
