/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "doctor/kernel_check.h"
#include "doctor/kernel_options.h"
#include "lib/text.h"

static const struct kernel_option *find(const char *name)
{
	for (size_t i = 0; i < kernel_options_count; i++)
		if (strcmp(kernel_options[i].name, name) == 0)
			return &kernel_options[i];
	fail_msg("no %s in the table", name);
	return NULL;
}

static const unsigned versions[] = {KERNEL_26(32), KERNEL(3, 0), KERNEL(3, 10), KERNEL(3, 18),
	KERNEL(4, 4), KERNEL(4, 9), KERNEL(4, 20), KERNEL(5, 4), KERNEL(5, 10), KERNEL(6, 1),
	KERNEL(6, 12), KERNEL(7, 2), KERNEL(10, 0)};
enum { VERSIONS = sizeof versions / sizeof *versions };

/* What the post of 2014 switched on, and USER_NS, which it left off on purpose: what becomes of
 * each from version to version. x: it is there, '-': obsolete. */
static const struct {
	const char *name, *fate;
} seed[] = {
	{"IPC_NS", "xxxxxxxxxxxxx"},
	{"PID_NS", "xxxxxxxxxxxxx"},
	{"NET_NS", "xxxxxxxxxxxxx"},
	{"UTS_NS", "xxxxxxxxxxxxx"},
	{"USER_NS", "xxxxxxxxxxxxx"},
	{"VETH", "xxxxxxxxxxxxx"},
	{"MACVLAN", "xxxxxxxxxxxxx"},
	{"VLAN_8021Q", "xxxxxxxxxxxxx"},
	{"CGROUP_DEVICE", "xxxxxxxxxxxxx"},
	{"CGROUP_CPUACCT", "xxxxxxxxxxxxx"},
	{"CGROUP_FREEZER", "xxxxxxxxxxxxx"},
	{"BTRFS_FS", "xxxxxxxxxxxxx"},
	{"EXT4_FS_POSIX_ACL", "xxxxxxxxxxxxx"},
	{"EXT4_FS_SECURITY", "xxxxxxxxxxxxx"},
	{"CPUSETS", "xxxxxxxxxxxxx"},
	{"PID_IN_CONTEXTIDR", "--xxxxxxxxxxx"},
	{"DEVPTS_MULTIPLE_INSTANCES", "xxxxx--------"},
	{"RESOURCE_COUNTERS", "xxxx---------"},
	{"MEMCG", "--xxxxxxxxxxx"},
	{"MEMCG_SWAP", "--xxxxxx-----"},
	{"CGROUP_PERF", "-xxxxxxxxxxxx"},
	{"NETFILTER_XT_MATCH_ADDRTYPE", "-xxxxxxxxxxxx"},
	{"BLK_CGROUP", "-xxxxxxxxxxxx"},
	{"CFQ_GROUP_IOSCHED", "xxxxxxx------"},
	/* What came instead. */
	{"CPUSETS_V1", "----------xxx"},
	{"MEMCG_V1", "----------xxx"},
	{"CGROUP_MEM_RES_CTLR", "xx-----------"},
	{"CGROUP_NET_PRIO", "---xxxxxxxxxx"},
	{"NETPRIO_CGROUP", "--x----------"},
	{"NF_NAT_IPV4", "--xxxxx------"},
	{"BFQ_GROUP_IOSCHED", "------xxxxxxx"},
	{"CGROUP_BPF", "------xxxxxxx"},
	{"CGROUP_PIDS", "----xxxxxxxxx"},
	{"SECURITY_LANDLOCK", "---------xxxx"},
};

static void test_seed(void **state)
{
	for (size_t i = 0; i < sizeof seed / sizeof *seed; i++) {
		const struct kernel_option *o = find(seed[i].name);
		char fate[VERSIONS + 1] = "";
		for (size_t k = 0; k < VERSIONS; k++)
			fate[k] = kernel_option_exists(o, versions[k]) ? 'x' : '-';
		if (strcmp(fate, seed[i].fate) != 0)
			fail_msg("%s: %s, not %s", o->name, fate, seed[i].fate);
		/* Whoever looks for it is told what became of it. */
		assert_true(!strchr(fate, '-') || o->else_ || o->level == OPTION_USELESS ||
			    o->since < KERNEL(3, 0));
	}
	assert_int_equal(find("PID_IN_CONTEXTIDR")->level, OPTION_USELESS);
	assert_int_equal(find("USER_NS")->level, OPTION_OPTIONAL);
}

/* In every version memory is limited by exactly one option, and no option depends on one that the
 * table does not have there. */
static void test_table(void **state)
{
	for (size_t k = 0; k < VERSIONS; k++)
		assert_int_equal(
			kernel_option_exists(find("MEMCG"), versions[k]) +
				kernel_option_exists(find("CGROUP_MEM_RES_CTLR"), versions[k]),
			1);
	for (size_t i = 0; i < kernel_options_count; i++) {
		const struct kernel_option *o = &kernel_options[i];
		assert_ptr_equal(find(o->name), o); /* no name twice */
		assert_true(*o->why && strncmp(o->name, "CONFIG", 6) != 0);
		assert_true(!o->until || o->since < o->until);
		assert_non_null(kernel_option_level_word(o->level));
	}
}

static const struct {
	const char *what, *text;
	const char *name;
	unsigned version;
	enum kernel_option_state state;
} states[] = {
	{"built in", "CONFIG_VETH=y\n", "VETH", KERNEL(6, 1), OPTION_BUILT_IN},
	{"module", "CONFIG_VETH=m\n", "VETH", KERNEL(6, 1), OPTION_MODULE},
	{"off", "# CONFIG_VETH is not set\n", "VETH", KERNEL(6, 1), OPTION_MISSING},
	{"not named by a whole configuration", "# Automatically generated file\nCONFIG_A=y\n",
		"VETH", KERNEL(6, 1), OPTION_MISSING},
	{"not named by a defconfig", "CONFIG_A=y\n", "VETH", KERNEL(6, 1), OPTION_DEFAULT},
	{"off in a defconfig", "# CONFIG_VETH is not set\n", "VETH", KERNEL(6, 1), OPTION_MISSING},
	{"gone", "CONFIG_A=y\n", "DEVPTS_MULTIPLE_INSTANCES", KERNEL(4, 7), OPTION_OBSOLETE},
	{"not gone yet", "# CONFIG_DEVPTS_MULTIPLE_INSTANCES is not set\n",
		"DEVPTS_MULTIPLE_INSTANCES", KERNEL(4, 6), OPTION_MISSING},
	{"not there yet", "CONFIG_A=y\n", "CGROUP_PIDS", KERNEL(4, 2), OPTION_OBSOLETE},
	{"not missed: nft does it, where iptables cannot be had (7.2 with PREEMPT_RT)",
		"# CONFIG_IP_NF_TARGET_MASQUERADE is not set\nCONFIG_NFT_MASQ=m\n",
		"IP_NF_TARGET_MASQUERADE", KERNEL(7, 2), OPTION_SERVED},
	{"missed: neither", "# CONFIG_IP_NF_TARGET_MASQUERADE is not set\n",
		"IP_NF_TARGET_MASQUERADE", KERNEL(7, 2), OPTION_MISSING},
	{"neither y nor m", "CONFIG_VETH=yes\n", "VETH", KERNEL(6, 1), OPTION_MISSING},
};

static void test_states(void **state)
{
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		auto_kernel_config c = {0};
		assert_ok(kernel_config_parse(&c, states[i].text, &e));
		enum kernel_option_state got =
			kernel_option_judge(find(states[i].name), &c, states[i].version);
		if (got != states[i].state)
			fail_msg("%s: %s", states[i].what, kernel_option_state_word(got));
	}
}

/* A whole configuration with every option on, but for the lines in `text`. */
static void all_but(struct kernel_config *c, const char *text)
{
	auto_buf all = BUF(0);
	assert_ok(buf_puts(&all, "# Automatically generated file\n", &e));
	for (size_t i = 0; i < kernel_options_count; i++)
		if (kernel_options[i].level < OPTION_USELESS)
			assert_ok(buf_printf(&all, &e, "CONFIG_%s=y\n", kernel_options[i].name));
	assert_ok(buf_puts(&all, text, &e));
	assert_ok(kernel_config_parse(c, buf_text(&all), &e));
}

static const struct {
	const char *text, *release, *loadable;
	size_t count;
	enum finding_severity severity; /* of the first */
	const char *what, *remedy; /* of the first */
} checks[] = {
	{"", "6.1.0", "", 0},
	{"# CONFIG_PID_NS is not set\n", "6.1.0", "", 1, FINDING_NO_CONTAINERS,
		"CONFIG_PID_NS is missing", "CONFIG_PID_NS=y"},
	{"# CONFIG_MACVLAN is not set\n", "6.1.0", "", 1, FINDING_LIMITED,
		"CONFIG_MACVLAN is missing", "=y or =m"},
	{"# CONFIG_BTRFS_FS is not set\n", "6.1.0", "", 1, FINDING_NOTE,
		"CONFIG_BTRFS_FS is missing", "CONFIG_BTRFS_FS=y"},
	{"# CONFIG_PID_NS is not set\n", "5.10.149-android13-4-g1", "", 1, FINDING_NO_CONTAINERS,
		"CONFIG_PID_NS", "this very phone"},
	{"# CONFIG_CGROUP_PIDS is not set\n", "4.2.0", "", 0},
	{"# CONFIG_PID_IN_CONTEXTIDR is not set\n", "6.1.0", "", 0},
	{"CONFIG_ANDROID_PARANOID_NETWORK=y\n", "3.10.0", "", 1, FINDING_LIMITED,
		"PARANOID_NETWORK is on", "without CONFIG_ANDROID"},
	{"CONFIG_VETH=m\n", "6.1.0", "kernel/drivers/net/veth.ko.xz:", 0},
	{"CONFIG_VETH=m\n", "6.1.0", "kernel/drivers/net/other.ko:", 1, FINDING_LIMITED,
		"the module veth is not installed", "depmod"},
};

static void test_checks(void **state)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		auto_kernel_config c = {0};
		auto_findings f = {0};
		auto_modules m = {0};
		struct kernel_release r;
		all_but(&c, checks[i].text);
		assert_ok(kernel_release_parse(checks[i].release, &r, &e));
		assert_ok(modules_parse(&m, "", checks[i].loadable, "", &e));
		const struct kernel_facts k = {.config = &c, .release = &r, .modules = &m};
		assert_ok(kernel_check(&k, &f, &e));
		if (f.count != checks[i].count)
			fail_msg("%s %s: %zu, %s", checks[i].release, checks[i].text, f.count,
				f.count ? f.items[0].what : "");
		if (!f.count)
			continue;
		assert_int_equal(f.items[0].severity, checks[i].severity);
		assert_non_null(strstr(f.items[0].what, checks[i].what));
		assert_non_null(strstr(f.items[0].remedy, checks[i].remedy));
	}
}

/* Another machine's modules are not ours to look for. */
static void test_other_machine(void **state)
{
	auto_kernel_config c = {0};
	auto_findings f = {0};
	struct kernel_release r = {.version = KERNEL(6, 1)};
	all_but(&c, "CONFIG_VETH=m\n");
	const struct kernel_facts k = {.config = &c, .release = &r};
	assert_ok(kernel_check(&k, &f, &e));
	assert_int_equal(f.count, 0);
}

static void test_defconfig(void **state)
{
	auto_kernel_config c = {0};
	auto_findings f = {0};
	struct kernel_release r = {.version = KERNEL(6, 1)};
	assert_ok(kernel_config_parse(&c, "CONFIG_A=y\n# CONFIG_VETH is not set\n", &e));
	const struct kernel_facts k = {.config = &c, .release = &r};
	assert_ok(kernel_check(&k, &f, &e));
	assert_int_equal(f.count, 2);
	assert_non_null(strstr(f.items[0].what, "defconfig"));
	assert_string_equal(f.items[1].what, "CONFIG_VETH is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_seed),
		cmocka_unit_test(test_table), cmocka_unit_test(test_states),
		cmocka_unit_test(test_checks), cmocka_unit_test(test_other_machine),
		cmocka_unit_test(test_defconfig)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
