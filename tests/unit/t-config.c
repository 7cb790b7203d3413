/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "bootstrap/config.h"
#include "lib/fd.h"

static void architectures(void **state)
{
	const char *arch = NULL, *tarball = NULL;
	assert_int_equal(config_arch("armv7l", &arch, &tarball), 0);
	assert_string_equal(arch, "armv7h");
	assert_string_equal(tarball, "ArchLinuxARM-armv7-latest.tar.gz");
	assert_int_equal(config_arch("aarch64", &arch, &tarball), 0);
	assert_string_equal(tarball, "ArchLinuxARM-aarch64-latest.tar.gz");
	assert_int_equal(config_arch("riscv64", &arch, &tarball), -1);
	assert_string_equal(arch, "aarch64");
}

/* Writes a configuration file and reads it with `o`; the file's name is in o->config. */
static struct config *with_file(const char *text, struct config_options *o, struct error **e)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----\n";
	char conf[] = "/tmp/alarmstrap-t-config.XXXXXX", ca[] = "/tmp/alarmstrap-t-ca.XXXXXX";
	int auto_fd conf_fd = mkstemp(conf);
	int auto_fd ca_fd = mkstemp(ca);
	assert_int_equal(fd_write_all(conf_fd, text, strlen(text), NULL), 0);
	assert_int_equal(fd_write_all(ca_fd, pem, sizeof pem - 1, NULL), 0);
	o->config = conf;
	o->ca_file = ca;
	struct config *c = config_new("/nothere", o, e);
	unlink(conf);
	unlink(ca);
	return c;
}

static void the_file_says_what_the_line_leaves_open(void **state)
{
	struct error *e = NULL;
	struct config_options o = {.link = "wlan0"};
	assert_int_equal(strings_add(&o.hook_dirs, "/h/a", NULL), 0);
	struct config *c =
		with_file("[options]\nArchitecture = auto\nCacheDir = /var/cache/x/\n"
			  "[alarmstrap]\nPackage = nano vim\nContainer = one\n"
			  "Link = eth1\nHookDir = /h/b\nHookTimeout = 7\nLimitRate = 3k\n"
			  "[core]\nServer "
			  "= https://m/$arch/$repo\n",
			&o, &e);
	if (!c)
		fail_msg("%s", error_message(e));
	assert_string_equal(c->link, "wlan0");
	assert_string_equal(c->cache_dir, "/var/cache/x/");
	assert_int_equal(c->packages.count, 2);
	assert_string_equal(c->packages.items[1], "vim");
	assert_string_equal(c->containers.items[0], "one");
	assert_int_equal(c->mirrors.count, 1);
	assert_string_equal(c->mirrors.items[0], "https://m/$arch/$repo");
	assert_string_equal(openpgp_keyring_fingerprint(c->keyring, 0),
		"68B3537F39A313B3E574D06777193F152BDBE6A6");
	assert_int_equal(c->hook_dirs.count, 2);
	assert_string_equal(c->hook_dirs.items[0], "/h/a");
	assert_string_equal(c->hook_dirs.items[1], "/h/b");
	assert_int_equal(c->hook_timeout_ms, 7000);
	assert_int_equal(c->rate_limit, 3072);
	config_free(c);
	strings_free(&o.hook_dirs);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{"[alarmstrap]\nColour = red\n", "Colour"},
		{"[alarmstrap]\nContainer = -x\n", "'-x' is no name"},
		{"[options]\nArchitecture = riscv64\n", "riscv64"},
		{"[alarmstrap]\nHookTimeout = 0\n", "'0' is no time limit"},
		{"[alarmstrap]\nLimitRate = fast\n", "'fast' is no rate"},
		{"[alarmstrap]\nHookTimeout = 5m\n", "'5m' is no time limit"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_error *e = NULL;
		struct config_options o = {0};
		struct config *c = with_file(cases[i].text, &o, &e);
		assert_null(c);
		if (!strstr(error_message(e), cases[i].part))
			fail_msg("'%s' does not hold '%s'", error_message(e), cases[i].part);
	}
}

static void where_a_root_comes_from(void **state)
{
	static const struct {
		const char *word;
		bool good, packages;
	} cases[] = {
		{NULL, true, false},
		{"mirror", true, false},
		{"packages", true, true},
		{"package", false, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_error *e = NULL;
		struct config_options o = {.from = cases[i].word};
		struct config *c = with_file("[options]\n", &o, &e);
		assert_int_equal(c != NULL, cases[i].good);
		if (c)
			assert_int_equal(c->source.kind == SOURCE_PACKAGES, cases[i].packages);
		else
			assert_int_equal(error_code(e), ERROR_USAGE);
		config_free(c);
	}
}

static void rates(void **state)
{
	static const struct {
		const char *text;
		uint64_t rate; /* 0: refused */
	} rows[] = {{"1", 1}, {"65536", 65536}, {"500k", 512000}, {"500K", 512000}, {"2M", 2 << 20},
		{"1G", 1 << 30}, {"0", 0}, {"", 0}, {"k", 0}, {"-1", 0}, {"1.5M", 0}, {"2Mb", 0},
		{"2 M", 0}, {"99999999999G", 0}, {"99999999999999999999999999", 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t rate = 0;
		int r = config_rate(rows[i].text, &rate);
		if (r != (rows[i].rate ? 0 : -1) || rate != rows[i].rate)
			fail_msg("'%s'", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(architectures),
		cmocka_unit_test(the_file_says_what_the_line_leaves_open),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(where_a_root_comes_from),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
