/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests/bench: stages of bootstrap without the rest of it.
 *
 * bench-tool acquire SERVER CA KEYRING ARCH DIR
 *
 * The stages fetch, verify and unpack, as bootstrap runs them: the tarball into DIR, its content
 * into DIR/new. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bootstrap/acquire.h"
#include "bootstrap/source.h"
#include "bootstrap/unpack.h"
#include "lib/fd.h"
#include "lib/text.h"

struct words {
	const char *server, *ca, *keyring, *arch, *directory;
};

static int open_directory(const char *path, struct error **e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : error_set(e, ERROR_SYSTEM, errno, "open %s", path);
}

static int staging(const char *directory, struct error **e)
{
	char *auto_free path = text_format(e, "%s/new", directory);
	if (!path)
		return -1;
	if (mkdir(path, 0700) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "create %s", path);
	return open_directory(path, e);
}

static int run(const struct words *w, const struct acquire_context *c, struct error **e)
{
	struct acquired __attribute__((cleanup(acquired_free))) a = {0};
	int auto_fd to = staging(w->directory, e);
	if (to < 0 || acquire_fetch(c, &a, e) < 0 || acquire_verify(c, &a, e) < 0)
		return -1;
	return unpack_rootfs(a.verified, to, c->source.report, e);
}

static int acquire(const struct words *w, struct error **e)
{
	const struct target_facts target = {.free_bytes = UINT64_MAX, .free_files = UINT64_MAX};
	struct http_settings http = {.time = trusted_time_from(time(NULL))};
	auto_strings servers = {0};
	char *auto_free ca = NULL;
	char *auto_free tarball = text_format(e, "ArchLinuxARM-%s-latest.tar.gz", w->arch);
	int auto_fd directory = open_directory(w->directory, e);
	if (!tarball || directory < 0 || strings_add(&servers, w->server, e) < 0 ||
		http_read_ca(w->ca, &ca, &http.ca_pem_length, e) < 0)
		return -1;
	http.ca_pem = ca;
	auto_openpgp_keyring *keyring = openpgp_keyring_read(w->keyring, e);
	struct mirrors *mirrors = keyring ? mirrors_new(&servers, w->arch, e) : NULL;
	if (!mirrors)
		return -1;
	struct report *report = report_new(REPORT_PLAIN);
	const struct source mirror = {.kind = SOURCE_MIRROR};
	const struct acquire_context c = {
		.from = &mirror,
		.source = {.mirrors = mirrors, .http = &http, .report = report},
		.keyring = keyring,
		.tarball = tarball,
		.directory_fd = directory,
		.target = &target,
		.target_path = w->directory,
	};
	int r = run(w, &c, e);
	report_free(report);
	mirrors_free(mirrors);
	return r;
}

int main(int argc, char **argv)
{
	auto_error *e = NULL;
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc != 7 || strcmp(argv[1], "acquire") != 0) {
		fprintf(stderr, "usage: bench-tool acquire SERVER CA KEYRING ARCH DIR\n");
		return 2;
	}
	const struct words w = {argv[2], argv[3], argv[4], argv[5], argv[6]};
	if (acquire(&w, &e) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", error_code_name(error_code(e)), error_message(e));
	return 1;
}
