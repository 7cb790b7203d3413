/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/syncdb_desc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base64.h"
#include "lib/fd.h"
#include "lib/text.h"

enum {
	NAME_MAX_BYTES = 120,
	VERSION_MAX_BYTES = 120,
	ARCH_MAX_BYTES = 32,
	VALUE_MAX_BYTES = 8 * 1024,
	SIGNATURE_MAX_BYTES = 16 * 1024,
	SIGNATURE_TEXT_MAX = (SIGNATURE_MAX_BYTES + 2) / 3 * 4,
	DESC_MAX_BYTES = 256 * 1024,
};
#define PACKED_SIZE_MAX (INT64_C(16) << 30)
#define INSTALLED_SIZE_MAX (INT64_C(1) << 40)
#define BUILD_DATE_MAX (INT64_C(1) << 40)

/* In the order of pacman's repo-add. MD5SUM is left out: it proves nothing and nothing asks for it.
 */
#define FIELDS(X)                                                                                  \
	X(FILENAME, ONE)                                                                           \
	X(NAME, ONE)                                                                               \
	X(BASE, ONE)                                                                               \
	X(VERSION, ONE)                                                                            \
	X(DESC, ONE)                                                                               \
	X(GROUPS, LIST)                                                                            \
	X(CSIZE, ONE)                                                                              \
	X(ISIZE, ONE)                                                                              \
	X(SHA256SUM, ONE)                                                                          \
	X(PGPSIG, ONE)                                                                             \
	X(URL, ONE)                                                                                \
	X(LICENSE, LIST)                                                                           \
	X(ARCH, ONE)                                                                               \
	X(BUILDDATE, ONE)                                                                          \
	X(PACKAGER, ONE)                                                                           \
	X(REPLACES, LIST)                                                                          \
	X(CONFLICTS, LIST)                                                                         \
	X(PROVIDES, LIST)                                                                          \
	X(DEPENDS, LIST)                                                                           \
	X(OPTDEPENDS, LIST)                                                                        \
	X(MAKEDEPENDS, LIST)                                                                       \
	X(CHECKDEPENDS, LIST)

enum { ONE, LIST };
enum field {
#define X(name, kind) FIELD_##name,
	FIELDS(X)
#undef X
	/* Not in the text: the directory it lay in. */
	FIELD_DIRECTORY,
	FIELD_COUNT,
	FIELD_NONE,
};
static const struct {
	const char *name;
	int kind;
} fields[FIELD_COUNT] = {
#define X(name, kind) {#name, kind},
	FIELDS(X)
#undef X
		{NULL, ONE},
};

/* The worker's side. A record is a row of values: field, length, bytes. */
struct value_header {
	uint32_t field;
	uint32_t length;
};

static int put_value(
	struct buf *record, enum field field, const char *value, size_t length, struct error **e)
{
	struct value_header h = {field, (uint32_t)length};
	if (buf_append(record, &h, sizeof h, e) < 0)
		return -1;
	return buf_append(record, value, length, e);
}

/* The field that a line like "%NAME%" opens; FIELD_NONE for one we do not know. */
static enum field field_of(const char *line, size_t length)
{
	for (int i = 0; i < FIELD_DIRECTORY; i++)
		if (strlen(fields[i].name) == length - 2 &&
			memcmp(fields[i].name, line + 1, length - 2) == 0)
			return (enum field)i;
	return FIELD_NONE;
}

static bool is_heading(const char *line, size_t length)
{
	return length > 2 && line[0] == '%' && line[length - 1] == '%';
}

int syncdb_desc_encode(const char *directory, const char *text, size_t length, struct buf *record,
	struct error **e)
{
	enum field current = FIELD_NONE;
	if (memchr(text, '\0', length))
		return 0;
	if (put_value(record, FIELD_DIRECTORY, directory, strlen(directory), e) < 0)
		return -1;
	for (const char *line = text, *end = text + length; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((newline ? newline : end) - line);
		if (!n)
			current = FIELD_NONE;
		else if (is_heading(line, n))
			current = field_of(line, n);
		else if (current != FIELD_NONE && put_value(record, current, line, n, e) < 0)
			return -1;
		line += n + 1;
	}
	return 1;
}

/* The parent's side. */
struct value {
	enum field field;
	const char *bytes;
	size_t length;
};

/* Steps through a checked record. False at its end. */
static bool next_value(const unsigned char **at, const unsigned char *end, struct value *v)
{
	struct value_header h;
	if (*at == end)
		return false;
	memcpy(&h, *at, sizeof h);
	*v = (struct value){(enum field)h.field, (const char *)*at + sizeof h, h.length};
	*at += sizeof h + h.length;
	return true;
}

static bool is_record(const unsigned char *record, size_t length)
{
	struct value_header h;
	while (length) {
		if (length < sizeof h)
			return false;
		memcpy(&h, record, sizeof h);
		if (h.field >= FIELD_COUNT || h.length > length - sizeof h)
			return false;
		record += sizeof h + h.length;
		length -= sizeof h + h.length;
	}
	return true;
}

/* No byte that would end the line or the field in the text formed anew, or reach a terminal as a
 * command. An empty value would end a list. */
static bool is_line(const struct value *v)
{
	size_t most = v->field == FIELD_PGPSIG ? SIGNATURE_TEXT_MAX : VALUE_MAX_BYTES;
	if (!v->length || v->length > most || is_heading(v->bytes, v->length))
		return false;
	/* The longest by far; its own alphabet is checked when it is decoded. */
	if (v->field == FIELD_PGPSIG)
		return true;
	for (size_t i = 0; i < v->length; i++) {
		unsigned char c = (unsigned char)v->bytes[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool holds_only(const char *text, const char *more)
{
	for (; *text; text++)
		if (!(*text >= 'a' && *text <= 'z') && !(*text >= 'A' && *text <= 'Z') &&
			!(*text >= '0' && *text <= '9') && !strchr(more, *text))
			return false;
	return true;
}

/* PKGBUILD(5): letters, digits and @ . _ + -, not beginning with a hyphen or a dot. */
static bool is_name(const char *text)
{
	return *text && *text != '-' && *text != '.' && strlen(text) <= NAME_MAX_BYTES &&
	       holds_only(text, "@._+-");
}

static bool is_number(const char *text, size_t length, bool dots)
{
	if (!length || text[0] == '.' || text[length - 1] == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!(text[i] >= '0' && text[i] <= '9') && !(dots && text[i] == '.'))
			return false;
	return true;
}

/* [EPOCH:]PKGVER-PKGREL; PKGBUILD(5): pkgver holds no colon, slash, hyphen or white space. */
static bool is_version(const char *text)
{
	const char *colon = strchr(text, ':'), *hyphen = strrchr(text, '-');
	if (strlen(text) > VERSION_MAX_BYTES || !hyphen)
		return false;
	if (colon && (colon > hyphen || !is_number(text, (size_t)(colon - text), false)))
		return false;
	const char *version = colon ? colon + 1 : text;
	if (version == hyphen || !is_number(hyphen + 1, strlen(hyphen + 1), true))
		return false;
	for (const char *p = version; p < hyphen; p++)
		if (*p <= ' ' || *p > '~' || strchr(":/-", *p))
			return false;
	return true;
}

/* NAME-VERSION-ARCH.pkg.tar.EXT. Some mirrors cannot have the epoch's colon in a file name. */
static bool is_filename(const char *text, const struct syncdb_package *p)
{
	static const char *const endings[] = {".pkg.tar.xz", ".pkg.tar.zst", ".pkg.tar.gz"};
	auto_buf want = BUF(0);
	if (buf_printf(&want, NULL, "%s-%s-%s", p->name, p->version, p->arch) < 0 ||
		strlen(text) <= want.length)
		return false;
	for (size_t i = 0; i < want.length; i++)
		if (text[i] != want.data[i] &&
			!(want.data[i] == ':' && (text[i] == '.' || text[i] == '_')))
			return false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcmp(text + want.length, endings[i]) == 0)
			return true;
	return false;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* The fields that have one value, each NUL-terminated; NULL where absent. */
struct singles {
	char *text[FIELD_COUNT];
};

static void singles_cleanup(struct singles *s)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		free(s->text[i]);
}

/* 1, 0 where a value is not fit or comes twice. */
static int collect(const unsigned char *record, size_t length, struct singles *s, struct error **e)
{
	struct value v;
	for (const unsigned char *at = record; next_value(&at, record + length, &v);) {
		if (!is_line(&v))
			return 0;
		if (fields[v.field].kind == LIST)
			continue;
		if (s->text[v.field])
			return 0;
		s->text[v.field] = strndup(v.bytes, v.length);
		if (!s->text[v.field])
			return error_set(e, ERROR_SYSTEM, ENOMEM, "read database");
	}
	return 1;
}

static bool is_directory_of(const char *directory, const struct syncdb_package *p)
{
	size_t n = strlen(p->name);
	return directory && strncmp(directory, p->name, n) == 0 && directory[n] == '-' &&
	       strcmp(directory + n + 1, p->version) == 0;
}

static bool take_numbers(const struct singles *s, struct syncdb_package *p)
{
	int64_t packed, installed;
	const char *csize = s->text[FIELD_CSIZE], *isize = s->text[FIELD_ISIZE];
	const char *date = s->text[FIELD_BUILDDATE];
	if (!csize || text_to_int64(csize, 1, PACKED_SIZE_MAX, &packed) < 0 || !isize ||
		text_to_int64(isize, 0, INSTALLED_SIZE_MAX, &installed) < 0)
		return false;
	if (date && text_to_int64(date, 0, BUILD_DATE_MAX, &p->build_date) < 0)
		return false;
	p->packed_size = (uint64_t)packed;
	p->installed_size = (uint64_t)installed;
	return true;
}

static int take_signature(const struct singles *s, struct syncdb_package *p, struct error **e)
{
	const char *text = s->text[FIELD_PGPSIG];
	if (!text)
		return 1;
	p->signature = malloc(strlen(text) + 3);
	if (!p->signature)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read database");
	p->signature_length = base64_decode(text, p->signature);
	return p->signature_length > 0 && p->signature_length <= SIGNATURE_MAX_BYTES;
}

static int take_singles(struct singles *s, struct syncdb_package *p, struct error **e)
{
	p->name = take(&s->text[FIELD_NAME]);
	p->version = take(&s->text[FIELD_VERSION]);
	p->filename = take(&s->text[FIELD_FILENAME]);
	p->arch = take(&s->text[FIELD_ARCH]);
	p->sha256 = take(&s->text[FIELD_SHA256SUM]);
	if (!p->name || !is_name(p->name) || !p->version || !is_version(p->version) || !p->arch ||
		strlen(p->arch) > ARCH_MAX_BYTES || !holds_only(p->arch, "_"))
		return 0;
	if (!p->filename || !is_filename(p->filename, p) || (p->sha256 && !is_sha256(p->sha256)))
		return 0;
	if (!is_directory_of(s->text[FIELD_DIRECTORY], p) || !take_numbers(s, p))
		return 0;
	return take_signature(s, p, e);
}

static int form_heading(struct buf *to, const char *name, struct error **e)
{
	return buf_append(to, "%", 1, e) < 0 || buf_append(to, name, strlen(name), e) < 0
		       ? -1
		       : buf_append(to, "%\n", 2, e);
}

/* One field as pacman writes it: the heading, its values, an empty line. */
static int form_field(struct buf *to, enum field field, const unsigned char *record, size_t length,
	struct error **e)
{
	struct value v;
	bool begun = false;
	for (const unsigned char *at = record; next_value(&at, record + length, &v);) {
		if (v.field != field)
			continue;
		if (!begun && form_heading(to, fields[field].name, e) < 0)
			return -1;
		begun = true;
		if (buf_append(to, v.bytes, v.length, e) < 0 || buf_append(to, "\n", 1, e) < 0)
			return -1;
	}
	return begun ? buf_append(to, "\n", 1, e) : 0;
}

static char *form_desc(const unsigned char *record, size_t length, struct error **e)
{
	auto_buf text = BUF(2 * DESC_MAX_BYTES);
	unsigned long present = 0;
	struct value v;
	for (const unsigned char *at = record; next_value(&at, record + length, &v);)
		present |= 1UL << v.field;
	for (int i = 0; i < FIELD_DIRECTORY; i++)
		if (i != FIELD_PGPSIG && present & 1UL << i &&
			form_field(&text, (enum field)i, record, length, e) < 0)
			return NULL;
	return buf_take(&text);
}

int syncdb_desc_decode(
	const unsigned char *record, size_t length, struct syncdb_package *p, struct error **e)
{
	__attribute__((cleanup(singles_cleanup))) struct singles s = {0};
	struct syncdb_package made = {0};
	if (!is_record(record, length))
		return error_set(e, ERROR_TRUST, EBADMSG, "worker");
	int r = collect(record, length, &s, e);
	if (r > 0)
		r = take_singles(&s, &made, e);
	if (r > 0 && !(made.desc = form_desc(record, length, e)))
		r = -1;
	if (r > 0)
		*p = made;
	else
		syncdb_package_clear(&made);
	return r;
}

void syncdb_package_clear(struct syncdb_package *p)
{
	free(p->name);
	free(p->version);
	free(p->filename);
	free(p->arch);
	free(p->sha256);
	free(p->signature);
	free(p->desc);
	*p = (struct syncdb_package){0};
}
