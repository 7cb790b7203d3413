/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "containers/config.h"

static const char MACVLAN[] = "# written by somebody\n"
			      "lxc.net.0.type = macvlan\n"
			      "lxc.net.0.link = eth0\n"
			      "lxc.net.0.hwaddr = 00:16:3e:xx:xx:xx\n"
			      "lxc.apparmor.profile = unconfined\n";

static void defaults_are_inherited(void **state)
{
	const struct container_spec spec = {.name = "one"};
	const struct container_facts facts = {.any_cgroup = true};
	auto_buf to = BUF(0);
	assert_ok(container_config(&spec, &facts, MACVLAN, &to, &e));
	const char *text = buf_text(&to);
	assert_non_null(strstr(text, "lxc.apparmor.profile = unconfined\n"));
	assert_non_null(strstr(text, "lxc.net.0.type = macvlan\n"));
	assert_non_null(strstr(text, "lxc.net.0.link = eth0\n"));
	assert_null(strstr(text, "somebody"));
	assert_null(strstr(text, "lxc.idmap"));
	assert_null(strstr(text, "cgroup"));
	assert_null(strstr(text, "lxc.start.auto"));
	/* each once */
	assert_null(strstr(strstr(text, "lxc.net.0.type") + 1, "lxc.net.0.type"));
}

/* The x of a MAC address become digits, others in each container. */
static void addresses_are_completed(void **state)
{
	const struct container_network network = {.link = NULL};
	auto_buf one = BUF(0), two = BUF(0);
	assert_ok(container_network_config(&network, MACVLAN, &one, &e));
	assert_ok(container_network_config(&network, MACVLAN, &two, &e));
	const char *at = strstr(buf_text(&one), "hwaddr = 00:16:3e:");
	assert_non_null(at);
	assert_int_equal(strspn(at + 9, "0123456789abcdef:"), 17);
	assert_string_not_equal(buf_text(&one), buf_text(&two));
}

static void a_link_takes_the_place_of_the_default(void **state)
{
	const struct container_network other = {.link = "wlan7"};
	auto_buf to = BUF(0), none = BUF(0);
	assert_ok(container_network_config(&other, MACVLAN, &to, &e));
	assert_non_null(strstr(buf_text(&to), "lxc.net.0.link = wlan7\n"));
	assert_null(strstr(buf_text(&to), "eth0"));
	assert_fails(container_network_config(&other, "lxc.net.0.type = empty\n", &none, &e),
		ERROR_CONFIG, "no network that uses a link");
}

/* A limit's key is that of the hierarchy which has its controller, and of no other. */
static void limits_follow_the_controllers(void **state)
{
	const struct container_spec spec = {.name = "one",
		.limits = {.memory_bytes = 64 << 20, .thousandths_cpu = 1500, .pids = 77}};
	static const struct {
		enum cgroup_version where;
		const char *lines[4];
		const char *never;
	} rows[] = {
		{CGROUP_IN_V1,
			{"lxc.cgroup.memory.limit_in_bytes = 67108864\n",
				"lxc.cgroup.cpu.cfs_period_us = 100000\n",
				"lxc.cgroup.cpu.cfs_quota_us = 150000\n",
				"lxc.cgroup.pids.max = 77\n"},
			"cgroup2"},
		{CGROUP_IN_V2,
			{"lxc.cgroup2.memory.max = 67108864\n",
				"lxc.cgroup2.cpu.max = 150000 100000\n",
				"lxc.cgroup2.pids.max = 77\n", "lxc"},
			"lxc.cgroup."},
	};
	for (size_t i = 0; i < 2; i++) {
		const struct container_facts facts = {
			.memory = rows[i].where, .cpu = rows[i].where, .pids = rows[i].where};
		auto_buf to = BUF(0);
		assert_ok(container_config(&spec, &facts, "", &to, &e));
		for (size_t k = 0; k < 4; k++)
			assert_non_null(strstr(buf_text(&to), rows[i].lines[k]));
		assert_null(strstr(buf_text(&to), rows[i].never));
	}
}

static void a_map_and_an_autostart_are_lines(void **state)
{
	const struct container_spec spec = {
		.name = "one", .idmap = {1 << 30, IDMAP_COUNT}, .autostart = true};
	const struct container_facts facts = {.any_cgroup = false};
	auto_buf to = BUF(0);
	assert_ok(container_config(&spec, &facts, "", &to, &e));
	assert_string_equal(buf_text(&to), "lxc.idmap = u 0 1073741824 65536\n"
					   "lxc.idmap = g 0 1073741824 65536\n"
					   "lxc.start.auto = 1\n");
	struct container_idmap map = idmap_of_config(buf_text(&to));
	assert_int_equal(map.base, 1 << 30);
	assert_int_equal(map.count, IDMAP_COUNT);
	assert_int_equal(idmap_of_config("lxc.uts.name = one\n").count, 0);
}

static void own_containers_have_an_init_and_bounds(void **state)
{
	struct container_spec spec = {.name = "one", .init = CONTAINER_INIT_SYSTEMD};
	struct container_facts facts = {
		.any_cgroup = true, .devices = CGROUP_IN_V1, .seccomp = true};
	auto_buf privileged = BUF(0), mapped = BUF(0);
	assert_ok(container_config_own(&spec, &facts, "/var/lib/lxc/one/rootfs", &privileged, &e));
	const char *text = buf_text(&privileged);
	assert_non_null(strstr(text, "lxc.rootfs.path = dir:/var/lib/lxc/one/rootfs\n"));
	assert_non_null(strstr(text, "lxc.uts.name = one\n"));
	assert_non_null(strstr(text, "lxc.init.cmd = /usr/lib/systemd/systemd\n"));
	assert_non_null(strstr(text, "lxc.signal.halt = SIGRTMIN+3\n"));
	assert_non_null(strstr(text, "lxc.cgroup.devices.deny = a\n"));
	assert_non_null(strstr(text, "lxc.seccomp.profile = "));
	assert_non_null(strstr(text, "lxc.cap.drop = mac_admin"));
	/* A user namespace bounds its root by itself, and LXC cannot set devices from there. */
	spec.idmap = (struct container_idmap){1 << 30, IDMAP_COUNT};
	spec.init = CONTAINER_INIT_LXC;
	facts.any_cgroup = false;
	assert_ok(container_config_own(&spec, &facts, "/x", &mapped, &e));
	assert_null(strstr(buf_text(&mapped), "devices"));
	assert_null(strstr(buf_text(&mapped), "cap.drop"));
	assert_null(strstr(buf_text(&mapped), "cgroup:"));
	assert_non_null(strstr(buf_text(&mapped), "/init.lxc --name one -- "));
}

/* Without ids of its own sysfs is the container's; with them and the host's network it cannot be.
 */
static void the_hosts_network_brings_its_sysfs(void **state)
{
	struct container_spec spec = {.name = "one", .idmap = {1 << 30, IDMAP_COUNT}};
	const struct container_facts facts = {.any_cgroup = true};
	auto_buf shared = BUF(0), own = BUF(0), privileged = BUF(0);
	assert_ok(buf_puts(&shared, "lxc.net.0.type=none\n", &e));
	assert_ok(container_config_own(&spec, &facts, "/x", &shared, &e));
	assert_non_null(
		strstr(buf_text(&shared), "lxc.mount.entry = /sys sys none rbind,ro 0 0\n"));
	assert_non_null(strstr(buf_text(&shared), "cgroup:mixed:force proc:mixed\n"));
	assert_ok(buf_puts(&own, "lxc.net.0.type = empty\n", &e));
	assert_ok(container_config_own(&spec, &facts, "/x", &own, &e));
	assert_non_null(strstr(buf_text(&own), "sys:mixed\n"));
	spec.idmap.count = 0;
	assert_ok(buf_puts(&privileged, "lxc.net.0.type = none\n", &e));
	assert_ok(container_config_own(&spec, &facts, "/x", &privileged, &e));
	assert_non_null(strstr(buf_text(&privileged), "sys:mixed\n"));
	assert_false(
		container_config_shares_network("lxc.net.0.name = none\nlxc.uts.type = none\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_inherited),
		cmocka_unit_test(addresses_are_completed),
		cmocka_unit_test(a_link_takes_the_place_of_the_default),
		cmocka_unit_test(limits_follow_the_controllers),
		cmocka_unit_test(a_map_and_an_autostart_are_lines),
		cmocka_unit_test(the_hosts_network_brings_its_sysfs),
		cmocka_unit_test(own_containers_have_an_init_and_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
