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
	auto_buf to = BUF(0);
	assert_ok(container_config(&spec, MACVLAN, &to, &e));
	const char *text = buf_text(&to);
	assert_non_null(strstr(text, "lxc.apparmor.profile = unconfined\n"));
	assert_non_null(strstr(text, "lxc.net.0.type = macvlan\n"));
	assert_non_null(strstr(text, "lxc.net.0.link = eth0\n"));
	assert_null(strstr(text, "somebody"));
	/* each once */
	assert_null(strstr(strstr(text, "lxc.net.0.type") + 1, "lxc.net.0.type"));
}

/* The x of a MAC address become digits, others in each container. */
static void addresses_are_completed(void **state)
{
	const struct container_network network = {NULL};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_inherited),
		cmocka_unit_test(addresses_are_completed),
		cmocka_unit_test(a_link_takes_the_place_of_the_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
