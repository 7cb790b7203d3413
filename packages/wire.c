/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

/* The length that stands for NULL. */
static const uint32_t ABSENT = UINT32_MAX;
enum { NAME_MAX_BYTES = 255 };

static int put_text(struct buf *to, const char *text, struct error **e)
{
	size_t length = text ? strlen(text) : 0;
	uint32_t head = text ? (uint32_t)length : ABSENT;
	if (length > WIRE_TEXT_MAX)
		return error_set(e, ERROR_SYSTEM, EMSGSIZE, "text of %zu bytes", length);
	return buf_append(to, &head, sizeof head, e) < 0 ? -1 : buf_append(to, text, length, e);
}

static int put_number(struct buf *to, uint64_t number, struct error **e)
{
	return buf_append(to, &number, sizeof number, e);
}

int wire_send_package(int fd, const struct planned_package *p, struct error **e)
{
	const char *const texts[] = {p->name, p->version, p->old_version, p->repo, p->filename};
	auto_buf to = BUF(RECORD_MAX);
	if (put_number(&to, p->action, e) < 0 || put_number(&to, p->asked, e) < 0 ||
		put_number(&to, p->installed_size, e) < 0 || put_number(&to, p->old_size, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (put_text(&to, texts[i], e) < 0)
			return -1;
	return record_send(fd, WIRE_PACKAGE, to.data, to.length, e);
}

/* Three texts, then the choices. */
int wire_send_question(int fd, const struct package_question *q, struct error **e)
{
	auto_buf to = BUF(RECORD_MAX);
	if (put_text(&to, q->id, e) < 0 || put_text(&to, q->text, e) < 0 ||
		put_text(&to, q->usual, e) < 0)
		return -1;
	for (size_t i = 0; i < q->choices.count; i++)
		if (put_text(&to, q->choices.items[i], e) < 0)
			return -1;
	return record_send(fd, WIRE_QUESTION, to.data, to.length, e);
}

int wire_send_row(int fd, const char *const *values, size_t count, struct error **e)
{
	auto_buf to = BUF(RECORD_MAX);
	for (size_t i = 0; i < count; i++) {
		char *cut = strndup(values[i], WIRE_TEXT_MAX);
		int put = cut ? put_text(&to, cut, e) : error_set(e, ERROR_SYSTEM, errno, "row");
		free(cut);
		if (put < 0)
			return -1;
	}
	return record_send(fd, WIRE_ROW, to.data, to.length, e);
}

int wire_send_text(int fd, enum wire_type type, const char *text, struct error **e)
{
	size_t length = strlen(text);
	while (length && text[length - 1] == '\n')
		length--;
	return record_send(
		fd, type, text, length < WIRE_TEXT_MAX ? length : (size_t)WIRE_TEXT_MAX, e);
}

int wire_send_progress(int fd, uint64_t done, uint64_t total, struct error **e)
{
	const uint64_t both[2] = {done, total};
	return record_send(fd, WIRE_PROGRESS, both, sizeof both, e);
}

/* What is left of a record. */
struct cursor {
	const unsigned char *at;
	size_t left;
};

static int bad_record(struct error **e)
{
	return error_set(e, ERROR_SYSTEM, EBADMSG, "read what the package child sent");
}

static int get_bytes(struct cursor *c, void *to, size_t size, struct error **e)
{
	if (c->left < size)
		return bad_record(e);
	memcpy(to, c->at, size);
	c->at += size;
	c->left -= size;
	return 0;
}

static int get_number(struct cursor *c, uint64_t most, uint64_t *number, struct error **e)
{
	uint64_t got = 0;
	if (get_bytes(c, &got, sizeof got, e) < 0)
		return -1;
	if (got > most)
		return bad_record(e);
	*number = got;
	return 0;
}

/* Names, versions and file names of packages are printable ASCII without "/" or white space, and
 * begin with neither "-" nor "." (PKGBUILD(5)). */
static bool name_is_sane(const char *text, size_t length)
{
	if (length == 0 || length > NAME_MAX_BYTES || *text == '-' || *text == '.')
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '/')
			return false;
	return true;
}

static int get_name(struct cursor *c, char **to, struct error **e)
{
	uint32_t length = 0;
	if (get_bytes(c, &length, sizeof length, e) < 0)
		return -1;
	if (length == ABSENT)
		return 0;
	if (length > c->left || !name_is_sane((const char *)c->at, length))
		return bad_record(e);
	*to = strndup((const char *)c->at, length);
	if (!*to)
		return error_set(e, ERROR_SYSTEM, errno, "plan");
	c->at += length;
	c->left -= length;
	return 0;
}

/* Any text without a NUL byte. */
static int get_text(struct cursor *c, struct strings *to, struct error **e)
{
	uint32_t length = 0;
	if (get_bytes(c, &length, sizeof length, e) < 0)
		return -1;
	if (length > c->left || length > WIRE_TEXT_MAX || memchr(c->at, '\0', length))
		return bad_record(e);
	char *text = strndup((const char *)c->at, length);
	c->at += length;
	c->left -= length;
	return text ? strings_take(to, text, e) : error_set(e, ERROR_SYSTEM, errno, "question");
}

static int get_package(struct cursor *c, struct planned_package *p, struct error **e)
{
	char **const texts[] = {&p->name, &p->version, &p->old_version, &p->repo, &p->filename};
	uint64_t action, asked;
	if (get_number(c, PACKAGE_DOWNGRADE, &action, e) < 0 || get_number(c, 1, &asked, e) < 0 ||
		get_number(c, INT64_MAX, &p->installed_size, e) < 0 ||
		get_number(c, INT64_MAX, &p->old_size, e) < 0)
		return -1;
	p->action = (enum package_action)action;
	p->asked = asked;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (get_name(c, texts[i], e) < 0)
			return -1;
	return c->left ? bad_record(e) : 0;
}

/* Which fields there must be for the action. */
static bool is_complete(const struct planned_package *p)
{
	bool removes = p->action == PACKAGE_REMOVE, installs = p->action == PACKAGE_INSTALL;
	return p->name && !p->version == removes && !(removes && p->repo) &&
	       !p->filename == removes && !p->old_version == installs;
}

int wire_read_package(const struct record *r, struct planned_package *p, struct error **e)
{
	struct cursor c = {r->data, r->length};
	struct planned_package got = {0};
	if (get_package(&c, &got, e) < 0 || (!is_complete(&got) && bad_record(e) < 0)) {
		planned_package_free(&got);
		return -1;
	}
	*p = got;
	return 0;
}

int wire_read_question(
	const struct record *r, struct package_question *q, struct strings *texts, struct error **e)
{
	enum { FIXED = 3, CHOICES_MAX = 1000 };
	struct cursor c = {r->data, r->length};
	for (size_t i = 0; i < FIXED || c.left; i++)
		if ((i == CHOICES_MAX && bad_record(e) < 0) ||
			get_text(&c, i < FIXED ? texts : &q->choices, e) < 0)
			return -1;
	q->id = texts->items[0];
	q->text = texts->items[1];
	q->usual = texts->items[2];
	return 0;
}

int wire_read_row(const struct record *r, struct strings *values, struct error **e)
{
	enum { VALUES_MAX = 16 };
	struct cursor c = {r->data, r->length};
	while (c.left)
		if ((values->count == VALUES_MAX && bad_record(e) < 0) ||
			get_text(&c, values, e) < 0)
			return -1;
	return 0;
}

int wire_read_progress(const struct record *r, uint64_t *done, uint64_t *total, struct error **e)
{
	uint64_t both[2];
	if (r->length != sizeof both)
		return bad_record(e);
	memcpy(both, r->data, sizeof both);
	if (both[0] > both[1])
		return bad_record(e);
	*done = both[0];
	*total = both[1];
	return 0;
}

const char *wire_read_text(const struct record *r, struct error **e)
{
	if (r->length <= WIRE_TEXT_MAX && !memchr(r->data, '\0', r->length))
		return (const char *)r->data;
	bad_record(e);
	return NULL;
}

void planned_package_free(struct planned_package *p)
{
	free(p->name);
	free(p->version);
	free(p->old_version);
	free(p->repo);
	free(p->filename);
	*p = (struct planned_package){0};
}
