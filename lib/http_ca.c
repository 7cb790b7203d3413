/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the trusted certificates come from. */
#include "lib/http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"

enum { CA_SIZE_MAX = 8 << 20 };

static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine, Gentoo */
	"/etc/pki/tls/certs/ca-bundle.crt", /* Fedora, RHEL */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem", /* openSUSE */
	"/etc/ssl/cert.pem", /* Alpine, BSD style */
	"/data/data/com.termux/files/usr/etc/tls/cert.pem", /* Termux */
	"/var/lib/ca-certificates/ca-bundle.pem",
};

static int read_bundle(const char *path, char **pem, size_t *length, struct error **e)
{
	auto_buf text = BUF(CA_SIZE_MAX);
	if (path_read_file(AT_FDCWD, path, &text, e) < 0)
		return -1;
	if (!strstr(buf_text(&text), "-----BEGIN CERTIFICATE-----") &&
		!strstr(buf_text(&text), "-----BEGIN TRUSTED CERTIFICATE-----"))
		return error_set(e, ERROR_CONFIG, 0, "%s holds no certificate in PEM", path);
	*length = text.length;
	*pem = buf_take(&text);
	return 0;
}

int http_read_ca(const char *path, char **pem, size_t *length, struct error **e)
{
	const char *named = path ? path : getenv("SSL_CERT_FILE");
	if (named && *named) {
		if (read_bundle(named, pem, length, e) == 0)
			return 0;
		error_wrap(e, "certificates");
		return error_hint(e, "name a PEM file of trusted certificates with --ca-file");
	}
	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++)
		if (read_bundle(bundles[i], pem, length, NULL) == 0)
			return 0;
	error_set(e, ERROR_CONFIG, ENOENT, "certificates of the system");
	return error_hint(e, "name a PEM file of trusted certificates with --ca-file");
}
