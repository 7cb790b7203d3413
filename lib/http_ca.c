/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the trusted certificates come from. */
#include "lib/http.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"

enum { CA_SIZE_MAX = 8 << 20, CA_FILE_MAX = 256 << 10 };

static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine, Gentoo */
	"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora, RHEL */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem", /* openSUSE */
	"/etc/ssl/cert.pem", /* Alpine, BSD style */
	"/data/data/com.termux/files/usr/etc/tls/cert.pem", /* Termux */
	"/var/lib/ca-certificates/ca-bundle.pem",
};

/* Android 14 and later have theirs in a module; the older place is still there, and old. */
static const char *const android[] = {
	"/apex/com.android.conscrypt/cacerts",
	"/system/etc/security/cacerts",
};

static const char begin_certificate[] = "-----BEGIN CERTIFICATE-----";

static int read_bundle(const char *path, char **pem, size_t *length, struct error **e)
{
	auto_buf text = BUF(CA_SIZE_MAX);
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	if (!strstr(buf_text(&text), begin_certificate) &&
		!strstr(buf_text(&text), "-----BEGIN TRUSTED CERTIFICATE-----"))
		return error_set(e, ERROR_CONFIG, 0, "%s holds no certificate in PEM", path);
	*length = text.length;
	*pem = buf_take(&text);
	return 0;
}

/* Every file of a directory: Android names them by the old hash of the subject ("5ed36f99.0"), by
 * which OpenSSL's CApath finds none. 1: some were found; 0: none. */
int http_read_ca_dir(const char *path, char **pem, size_t *length, struct error **e)
{
	auto_buf text = BUF(CA_SIZE_MAX);
	DIR *d = opendir(path);
	if (!d)
		return 0;
	int r = 0;
	for (struct dirent *one; r == 0 && (one = readdir(d));) {
		auto_buf file = BUF(CA_FILE_MAX);
		if (*one->d_name == '.' || path_read_file(dirfd(d), one->d_name, &file, NULL) < 0 ||
			!strstr(buf_text(&file), begin_certificate))
			continue;
		if (buf_append(&text, file.data, file.length, e) < 0 ||
			buf_puts(&text, "\n", e) < 0)
			r = -1;
	}
	closedir(d);
	if (r < 0)
		return error_wrap(e, "%s", path);
	if (!text.length)
		return 0;
	*length = text.length;
	*pem = buf_take(&text);
	return 1;
}

static int read_system(char **pem, size_t *length)
{
	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
		if (read_bundle(bundles[i], pem, length, NULL) == 0)
			return 1;
	return 0;
}

static int read_android(char **pem, size_t *length, struct error **e)
{
	int found = 0;
	for (size_t i = 0; i < sizeof android / sizeof *android && found == 0; i++)
		found = http_read_ca_dir(android[i], pem, length, e);
	return found;
}

int http_read_ca(const char *choice, char **pem, size_t *length, struct error **e)
{
	bool system = choice && strcmp(choice, "system") == 0;
	bool of_android = choice && strcmp(choice, "android") == 0;
	const char *named = choice ? choice : getenv("SSL_CERT_FILE");
	int found = 0;
	if (named && *named && !system && !of_android) {
		if (read_bundle(named, pem, length, e) == 0)
			return 0;
		error_wrap(e, "certificates");
		return error_hint(e, "name a PEM file of trusted certificates with --cacert");
	}
	if (!of_android)
		found = read_system(pem, length);
	if (!found && !system)
		found = read_android(pem, length, e);
	if (found)
		return found < 0 ? -1 : 0;
	error_set(e, ERROR_CONFIG, ENOENT, "certificates of %s",
		of_android ? "Android" : "the system");
	return error_hint(e, "name a PEM file of trusted certificates with --cacert");
}
