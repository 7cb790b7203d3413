/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/openpgp.h"
#include "lib/text.h"

static bool is_url(const char *word)
{
	return text_has_prefix(word, "https://") || text_has_prefix(word, "http://");
}

static struct fetched *open_signature(const struct source *s, struct error **e)
{
	auto_error *why = NULL;
	char *auto_free path = text_format(e, "%s.sig", s->place);
	struct fetched *f = path ? fetched_from_file(path, &why) : NULL;
	if (f || !path)
		return f;
	enum error_code code = error_errno(why) == ENOENT ? ERROR_TRUST : error_code(why);
	error_set(e, code, 0, "%s", error_message(why));
	error_hint(e,
		"a tarball is used with its signature only: put it beside, as %s.sig, from where "
		"the tarball came from",
		s->name);
	return NULL;
}

static struct fetched *open_tarball(const struct source *s, struct error **e)
{
	auto_error *why = NULL;
	struct fetched *f = fetched_from_file(s->place, &why);
	if (f)
		return f;
	if (error_errno(why) == ENOENT && !strchr(s->place, '/')) {
		error_set(e, ERROR_USAGE, 0, "there is no --from=%s, and no such file", s->place);
		error_hint(e, "--from takes mirror, packages, a FILE or a URL");
		return NULL;
	}
	error_set(e, error_code(why), 0, "%s", error_message(why));
	error_hint(e,
		"name a file: it is read twice, to verify and to unpack it, so that a pipe or "
		"a directory will not do");
	return NULL;
}

static int check_file(const struct source *s, struct error **e)
{
	struct fetched *tarball = open_tarball(s, e);
	struct fetched *signature = tarball ? open_signature(s, e) : NULL;
	int r = signature ? 0 : -1;
	fetched_free(tarball);
	fetched_free(signature);
	return r;
}

/* Two hex digits as their octet; -1 for others, and for a NUL. */
static int unescape(const char *digits)
{
	static const char hex[] = "0123456789abcdef";
	const char *high = digits[0] ? strchr(hex, digits[0] | 0x20) : NULL;
	const char *low = high && digits[1] ? strchr(hex, digits[1] | 0x20) : NULL;
	int octet = low ? (int)((high - hex) * 16 + (low - hex)) : 0;
	return octet ? octet : -1;
}

/* Undoes the escapes of a path segment (RFC 3986, 2.1) in place; -1 where one is none, or hides a
 * slash. */
static int unescape_all(char *text)
{
	char *to = text;
	for (const char *c = text; *c;) {
		bool escaped = *c == '%';
		int octet = escaped ? unescape(c + 1) : (unsigned char)*c;
		if (octet < 0 || octet == '/')
			return -1;
		*to++ = (char)octet;
		c += escaped ? 3 : 1;
	}
	*to = '\0';
	return 0;
}

static int no_file(const struct source *s, struct error **e)
{
	error_set(e, ERROR_USAGE, 0, "--from: '%s' names no file", s->place);
	return error_hint(e, "a URL ends in the tarball's name, and the signature is beside it, as "
			     "NAME.sig; else fetch both, and name the file");
}

/* The last segment: its escapes are made again when it is asked for. */
static int name_of_url(struct source *s, struct error **e)
{
	const char *host = strstr(s->place, "://") + 3, *slash = strrchr(host, '/');
	if (!slash || strpbrk(s->place, "$?#"))
		return no_file(s, e);
	s->name = text_copy(slash + 1, e);
	if (!s->name)
		return -1;
	return unescape_all(s->name) < 0 ? no_file(s, e) : 0;
}

static int check_url(struct source *s, struct error **e)
{
	auto_error *why = NULL;
	if (name_of_url(s, e) < 0)
		return -1;
	struct mirrors *m = source_mirrors(s, e);
	char *auto_free url = m ? mirrors_url(m, 0, NULL, s->name, &why) : NULL;
	mirrors_free(m);
	if (!m)
		return -1;
	return url ? 0 : no_file(s, e);
}

static int parse(const char *word, struct source *to, struct error **e)
{
	to->place = text_copy(word, e);
	if (!to->place)
		return -1;
	if (is_url(word)) {
		to->kind = SOURCE_URL;
		return check_url(to, e);
	}
	if (strstr(word, "://"))
		return no_file(to, e);
	const char *slash = strrchr(word, '/');
	to->kind = SOURCE_FILE;
	to->name = text_copy(slash ? slash + 1 : word, e);
	return to->name ? check_file(to, e) : -1;
}

int source_parse(const char *word, struct source *to, struct error **e)
{
	*to = (struct source){.kind = SOURCE_MIRROR};
	if (!word || strcmp(word, "mirror") == 0)
		return 0;
	if (strcmp(word, "packages") == 0) {
		to->kind = SOURCE_PACKAGES;
		return 0;
	}
	if (parse(word, to, e) == 0)
		return 0;
	source_free(to);
	return -1;
}

struct fetched *source_open(const struct source *s, int dirfd, struct report *report,
	struct buf *signature, struct error **e)
{
	struct fetched *beside = open_signature(s, e);
	*signature = BUF(OPENPGP_SIGNATURE_MAX);
	int r = beside ? fd_read_all(fetched_fd(beside), signature, e) : -1;
	fetched_free(beside);
	struct fetched *f = r < 0 ? NULL : open_tarball(s, e);
	if (!f || !fetched_others_may_write(f))
		return f;
	report_note(report, "others may write %s: it is copied first", s->place);
	struct fetched *copy = fetched_copy(f, dirfd, report, e);
	fetched_free(f);
	return copy;
}

struct mirrors *source_mirrors(const struct source *s, struct error **e)
{
	const char *slash = strrchr(s->place, '/');
	char *auto_free directory = text_format(e, "%.*s", (int)(slash - s->place), s->place);
	return directory ? mirrors_of_directory(directory, e) : NULL;
}

void source_free(struct source *s)
{
	free(s->place);
	free(s->name);
	*s = (struct source){.kind = SOURCE_MIRROR};
}
