/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "containers/config.h"
#include "containers/network_choice.h"
#include "containers/network_netlink.h"
#include "containers/network_place.h"
#include "containers/network_subnet.h"

static void words(void **state)
{
	static const enum network_mode modes[] = {
		NETWORK_AUTO, NETWORK_MACVLAN, NETWORK_VETH, NETWORK_NONE, NETWORK_HOST};
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		enum network_mode mode = NETWORK_INHERIT;
		assert_ok(network_mode_parse(network_mode_word(modes[i]), &mode, &e));
		assert_int_equal(mode, modes[i]);
	}
	enum network_mode unchanged = NETWORK_HOST;
	assert_fails(network_mode_parse("bridge", &unchanged, &e), ERROR_USAGE, "'bridge'");
	assert_int_equal(unchanged, NETWORK_HOST);
}

static void automatic(void **state)
{
	static const struct {
		struct network_facts facts;
		enum network_mode taken;
		const char *link, *reason, *warning;
	} cases[] = {
		{{"eth0", false, false, 0}, NETWORK_MACVLAN, "eth0", "eth0 is wired", ""},
		{{"wlan0", false, true, 0}, NETWORK_VETH, "", "wlan0 is wireless", ""},
		{{"wlan0", true, true, 0}, NETWORK_VETH, "", "wlan0 is wireless", ""},
		{{"eth0", false, false, EOPNOTSUPP}, NETWORK_VETH, "", "cannot carry", ""},
		{{"rmnet0", false, false, EINVAL}, NETWORK_VETH, "", "rmnet0", ""},
		{{"", false, false, 0}, NETWORK_NONE, "", "", "no default route"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct network_choice c;
		assert_ok(network_decide(NETWORK_AUTO, &cases[i].facts, &c, &e));
		assert_int_equal(c.mode, cases[i].taken);
		assert_string_equal(c.link, cases[i].link);
		assert_non_null(strstr(c.reason, cases[i].reason));
		assert_non_null(strstr(c.warning, cases[i].warning));
	}
}

static void chosen(void **state)
{
	const struct network_facts wireless = {"wlan0", true, true, 0};
	const struct network_facts nothing = {"", false, false, 0};
	const struct network_facts unable = {"eth0", true, false, EOPNOTSUPP};
	struct network_choice c = {.mode = NETWORK_AUTO};
	assert_ok(network_decide(NETWORK_MACVLAN, &wireless, &c, &e));
	assert_string_equal(c.link, "wlan0");
	assert_non_null(strstr(c.warning, "access points refuse"));
	assert_fails(network_decide(NETWORK_MACVLAN, &nothing, &c, &e), ERROR_CONFIG, "which link");
	assert_fails(network_decide(NETWORK_MACVLAN, &unable, &c, &e), ERROR_KERNEL, "eth0");
	assert_ok(network_decide(NETWORK_VETH, &nothing, &c, &e));
	assert_int_equal(c.mode, NETWORK_VETH);
	assert_string_equal(c.warning, "");
	assert_ok(network_decide(NETWORK_HOST, &nothing, &c, &e));
	assert_int_equal(c.mode, NETWORK_HOST);
}

static void lines(void **state)
{
	static const struct {
		struct container_network network;
		const char *has, *lacks;
	} cases[] = {
		{{NETWORK_MACVLAN, "eth7"}, "lxc.net.0.link = eth7\n", "veth"},
		{{NETWORK_MACVLAN, "eth7"}, "lxc.net.0.macvlan.mode = bridge\n", "x:"},
		{{NETWORK_VETH, "lxc-1"}, "lxc.net.0.link = lxc-1\n", "eth0\nlxc.net.0.link"},
		{{NETWORK_VETH, "lxc-1"}, "lxc.net.0.type = veth\n", "macvlan"},
		{{NETWORK_NONE, NULL}, "lxc.net.0.type = empty\n", "link"},
		{{NETWORK_HOST, NULL}, "lxc.net.0.type = none\n", "link"},
		{{NETWORK_HOST, NULL}, NETWORK_HOST_LIMIT "\n", "link"},
	};
	static const char defaults[] = "lxc.net.0.type = phys\nlxc.net.0.link = usb0\n";
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf to = BUF(0);
		assert_ok(container_network_config(&cases[i].network, defaults, &to, &e));
		assert_non_null(strstr(buf_text(&to), cases[i].has));
		assert_null(strstr(buf_text(&to), cases[i].lacks));
		assert_null(strstr(buf_text(&to), "usb0"));
	}
}

/* Where all share the host's network, one that does not must not inherit that limit. */
static void limit_of_host_is_not_inherited(void **state)
{
	static const char defaults[] = "lxc.net.0.type = none\n" NETWORK_HOST_LIMIT "\n";
	struct container_spec spec = {.name = "one"};
	auto_buf heir = BUF(0), other = BUF(0);
	const struct container_facts facts = {.seccomp = false};
	assert_ok(container_config(&spec, &facts, defaults, &heir, &e));
	assert_non_null(strstr(buf_text(&heir), NETWORK_HOST_LIMIT));
	spec.network = (struct container_network){NETWORK_VETH, "lxc-1"};
	assert_ok(container_config(&spec, &facts, defaults, &other, &e));
	assert_null(strstr(buf_text(&other), NETWORK_HOST_LIMIT));
}

static void bridge_names(void **state)
{
	char a[IFNAMSIZ], b[IFNAMSIZ];
	struct stat one = {.st_dev = 1, .st_ino = 2}, two = {.st_dev = 1, .st_ino = 3};
	network_bridge_name(a, "/var/lib/lxc-1a2b3c4d", &one);
	assert_string_equal(a, "lxc-1a2b3c4d");
	network_bridge_name(a, "/var/lib/lxc", &one);
	network_bridge_name(b, "/var/lib/lxc", &two);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), strlen("lxc-1a2b3c4d"));
	network_bridge_name(a, "/srv/lxc-of-a-very-long-name", &one);
	assert_int_equal(strlen(a), strlen("lxc-1a2b3c4d"));
	network_bridge_name(a, "/srv/lxc-", &one);
	assert_int_equal(strlen(a), strlen("lxc-1a2b3c4d"));
}

static struct subnet choose(const struct subnet *taken, size_t count)
{
	struct subnet s = {0, 0};
	assert_ok(subnet_choose(&s, "lxc-1a2b3c4d", taken, count, &e));
	return s;
}

static void subnets(void **state)
{
	char text[SUBNET_TEXT];
	const struct subnet ways_out[] = {{0, 0}, {0, 1}, {0x80000000, 1}};
	struct subnet first = choose(NULL, 0), again = choose(ways_out, 3);
	assert_int_equal(first.bits, SUBNET_BITS);
	assert_int_equal(first.address >> 24, 10);
	assert_int_equal(first.address, again.address);
	/* a host in it, itself, what holds it: taken */
	const struct subnet host = {first.address + 77, 32},
			    wide = {first.address & 0xffff0000, 16};
	assert_int_not_equal(choose(&host, 1).address, first.address);
	assert_int_not_equal(choose(&first, 1).address, first.address);
	assert_int_not_equal(choose(&wide, 1).address >> 16, first.address >> 16);
	/* a company's VPN */
	const struct subnet all[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}};
	assert_int_equal(choose(all, 1).address >> 20, 0xac1);
	assert_int_equal(choose(all, 2).address >> 16, 0xc0a8);
	struct subnet none = {1, 2};
	assert_fails(subnet_choose(&none, "x", all, 3, &e), ERROR_CONTAINER, "private network");
	assert_int_equal(none.address, 1);
	subnet_format(text, &(struct subnet){0x0a010200, 24}, 0, 0);
	assert_string_equal(text, "10.1.2.0/24");
	subnet_format(text, &(struct subnet){0x0a010200, 24}, 254, 1);
	assert_string_equal(text, "10.1.2.254");
}

/* Names of one network must not differ from run to run, and other names have others. */
static void subnets_by_name(void **state)
{
	struct subnet a, b;
	assert_ok(subnet_choose(&a, "lxc-00000001", NULL, 0, &e));
	assert_ok(subnet_choose(&b, "lxc-00000002", NULL, 0, &e));
	assert_int_not_equal(a.address, b.address);
}

/* As the kernel would read it: header, fixed part, attributes, a nest. */
static void messages(void **state)
{
	struct netlink_message m;
	const struct ifinfomsg fixed = {.ifi_index = 7};
	netlink_begin(&m, RTM_NEWLINK, NLM_F_CREATE, &fixed, sizeof fixed);
	netlink_put_text(&m, IFLA_IFNAME, "abc");
	struct rtattr *nest = netlink_nest(&m, IFLA_LINKINFO);
	netlink_put_u32(&m, 1, 42);
	netlink_nest_end(&m, nest);
	netlink_put_u32(&m, IFLA_MTU, 1400);
	const struct rtattr *name = netlink_find(&m.head, sizeof fixed, IFLA_IFNAME);
	assert_string_equal(RTA_DATA(name), "abc");
	assert_int_equal(netlink_u32(netlink_find(&m.head, sizeof fixed, IFLA_MTU)), 1400);
	assert_int_equal(nest->rta_len, RTA_LENGTH(RTA_SPACE(4)));
	assert_null(netlink_find(&m.head, sizeof fixed, IFLA_LINK));
	assert_int_equal(netlink_u32(NULL), 0);
	/* too short to hold even the fixed part */
	m.head.nlmsg_len = NLMSG_LENGTH(2);
	assert_null(netlink_find(&m.head, sizeof fixed, IFLA_IFNAME));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(automatic),
		cmocka_unit_test(chosen),
		cmocka_unit_test(lines),
		cmocka_unit_test(limit_of_host_is_not_inherited),
		cmocka_unit_test(bridge_names),
		cmocka_unit_test(subnets),
		cmocka_unit_test(subnets_by_name),
		cmocka_unit_test(messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
