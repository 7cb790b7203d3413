/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "doctor/kernel_config.h"
#include "lib/fd.h"

#define HEAD                                                                                       \
	"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.1.176 Kernel "           \
	"Configuration\n#\n"

static const struct {
	const char *what, *text, *name, *value; /* value NULL: not named */
	bool has;
} lines[] = {
	{"built in", "CONFIG_VETH=y\n", "VETH", "y", true},
	{"a module", "CONFIG_VETH=m\n", "VETH", "m", true},
	{"off", "# CONFIG_VETH is not set\n", "VETH", "n", false},
	{"not named", "CONFIG_VETH=y\n", "VET", NULL, false},
	{"a longer name", "CONFIG_VETH_X=y\n", "VETH", NULL, false},
	{"anchored: the name in mid-line", "CONFIG_A=y\nXCONFIG_VETH=y\n", "VETH", NULL, false},
	{"anchored: in a comment", "CONFIG_A=y\n# CONFIG_VETH=y\n", "VETH", NULL, false},
	{"anchored: in a text", "CONFIG_CMDLINE=\"CONFIG_VETH=y\"\n", "VETH", NULL, false},
	{"a value that begins so", "CONFIG_VETH=yes\n", "VETH", "yes", false},
	{"a pipe is no value", "CONFIG_VETH=|\n", "VETH", "|", false},
	{"a number", "CONFIG_HZ=100\n", "HZ", "100", false},
	{"the later line holds", "CONFIG_VETH=y\n# CONFIG_VETH is not set\n", "VETH", "n", false},
	{"the later line holds, again", "# CONFIG_VETH is not set\nCONFIG_VETH=m\n", "VETH", "m",
		true},
	{"no newline at the end", "CONFIG_A=y\nCONFIG_VETH=y", "VETH", "y", true},
	{"lines of another system", "CONFIG_A=y\r\nCONFIG_VETH=y\r\n", "VETH", "y", true},
	{"no name", "CONFIG_=y\nCONFIG_A=y\n", "", NULL, false},
	{"no equals sign", "CONFIG_VETH\nCONFIG_A=y\n", "VETH", NULL, false},
};

static void test_lines(void **state)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		auto_kernel_config c = {0};
		assert_ok(kernel_config_parse(&c, lines[i].text, &e));
		const char *value = kernel_config_value(&c, lines[i].name);
		if (!lines[i].value)
			assert_null(value);
		else
			assert_string_equal(value ? value : "not named", lines[i].value);
		assert_int_equal(kernel_config_has(&c, lines[i].name), lines[i].has);
	}
}

static const struct {
	const char *text, *release, *architecture;
	bool whole;
} heads[] = {
	{HEAD "CONFIG_A=y\n", "6.1.176", "arm64", true},
	{"CONFIG_A=y\n", NULL, NULL, false},
	{"#\n# Automatically generated make config: don't edit\n# Linux kernel version: 2.6.32\n"
	 "# Mon Mar 1\nCONFIG_A=y\n",
		"2.6.32", NULL, true},
	{"# Linux/arm 3.10.0 Kernel Configuration\nCONFIG_A=y\n", "3.10.0", "arm", false},
	{"# Linux/arm64 is a system\nCONFIG_A=y\n", NULL, NULL, false},
};

static void same(const char *got, const char *want)
{
	assert_string_equal(got ? got : "none", want ? want : "none");
}

static void test_heads(void **state)
{
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		auto_kernel_config c = {0};
		assert_ok(kernel_config_parse(&c, heads[i].text, &e));
		same(c.release, heads[i].release);
		same(c.architecture, heads[i].architecture);
		assert_int_equal(c.whole, heads[i].whole);
	}
}

static void test_strange(void **state)
{
	struct kernel_config c;
	assert_fails(kernel_config_parse(&c, "", &e), ERROR_CONFIG, "no configuration");
	assert_fails(kernel_config_parse(&c, "<html>\n", &e), ERROR_CONFIG, "no configuration");
}

/* gzip -n of "CONFIG_VETH=m\n". */
static const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
	0x73, 0xf6, 0xf7, 0x73, 0xf3, 0x74, 0x8f, 0x0f, 0x73, 0x0d, 0xf1, 0xb0, 0xcd, 0xe5, 0x02,
	0x00, 0x43, 0x2f, 0xfd, 0x55, 0x0e, 0x00, 0x00, 0x00};

static void write_file(const char *path, const void *data, size_t length)
{
	int auto_fd fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, data, length) == (ssize_t)length);
}

static void test_files(void **state)
{
	char path[] = "/tmp/alarmstrap-t-XXXXXX";
	int auto_fd made = mkstemp(path);
	assert_true(made >= 0);
	auto_kernel_config plain = {0}, gz = {0};
	struct kernel_config c;
	write_file(path, "CONFIG_VETH=y\n", 14);
	assert_ok(kernel_config_read(&plain, path, &e));
	assert_string_equal(plain.source, path);
	assert_string_equal(kernel_config_value(&plain, "VETH"), "y");
	write_file(path, packed, sizeof packed);
	assert_ok(kernel_config_read(&gz, path, &e));
	assert_string_equal(kernel_config_value(&gz, "VETH"), "m");
	write_file(path, packed, sizeof packed - 12);
	assert_fails(kernel_config_read(&c, path, &e), ERROR_CONFIG, path);
	write_file(path, "", 0);
	assert_fails(kernel_config_read(&c, path, &e), ERROR_CONFIG, path);
	unlink(path);
	assert_fails(kernel_config_read(&c, path, &e), ERROR_CONFIG, "No such file");
	assert_fails(kernel_config_read(&c, "/tmp", &e), ERROR_CONFIG, "/tmp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),
		cmocka_unit_test(test_heads), cmocka_unit_test(test_strange),
		cmocka_unit_test(test_files)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
