/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/http.h"

#define PEM(text) "-----BEGIN CERTIFICATE-----\n" text "\n-----END CERTIFICATE-----\n"

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int auto_fd fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* As Android has them: one file a certificate, named by a hash that OpenSSL no longer computes, the
 * text after the PEM. */
static void every_file_of_a_directory(void **state)
{
	static const char *const names[] = {"5ed36f99.0", "5ed36f99.1", "README", ".hidden"};
	char dir[] = "/tmp/t-http_ca.XXXXXX", *pem = NULL;
	size_t length = 0;
	int found;
	assert_non_null(mkdtemp(dir));
	assert_ok(found = http_read_ca_dir(dir, &pem, &length, &e));
	assert_int_equal(found, 0);
	put(dir, names[0], PEM("one") "Certificate: words\n");
	put(dir, names[1], PEM("two"));
	put(dir, names[2], "no certificate\n");
	put(dir, names[3], PEM("hidden"));
	assert_ok(found = http_read_ca_dir(dir, &pem, &length, &e));
	for (size_t i = 0; i < 4; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	assert_int_equal(found, 1);
	assert_int_equal(strlen(pem), length);
	assert_non_null(strstr(pem, PEM("one")));
	assert_non_null(strstr(pem, PEM("two")));
	assert_null(strstr(pem, "no certificate"));
	assert_null(strstr(pem, "hidden"));
	free(pem);
}

static int read_ca(const char *choice, struct error **e)
{
	char *pem = NULL;
	size_t length = 0;
	int r = http_read_ca(choice, &pem, &length, e);
	free(pem);
	return r;
}

static void what_is_no_store(void **state)
{
	assert_fails(read_ca("/nonexistent", &e), ERROR_CONFIG, "/nonexistent");
	assert_fails(read_ca("/dev/null", &e), ERROR_CONFIG, "holds no certificate in PEM");
	if (access("/system/etc/security/cacerts", F_OK) < 0)
		assert_fails(read_ca("android", &e), ERROR_CONFIG, "certificates of Android");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_of_a_directory),
		cmocka_unit_test(what_is_no_store),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
