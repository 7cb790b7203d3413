/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings of transferable public keys (RFC 9580, 10.1). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/openpgp_internal.h"
#include "lib/text.h"

/* Arch's ring of some hundred keys has 2 MB. */
enum {
	KEYRING_BYTES_MAX = 32 * 1024 * 1024,
	KEYRING_KEYS_MAX = 65536,
	LIST_BYTES_MAX = 1024 * 1024,
};

int openpgp_component_next(struct bytes *from, struct openpgp_component *to)
{
	struct openpgp_packet p;
	int r = openpgp_packet_next(from, &p);
	if (r <= 0)
		return r;
	*to = (struct openpgp_component){p.tag, p.body, {from->data, 0}};
	struct bytes ahead = *from;
	/* 5.10: trust packets are local to an implementation's ring. 5.8: markers mean nothing. */
	while ((r = openpgp_packet_next(&ahead, &p)) > 0 &&
		(p.tag == OPENPGP_SIGNATURE || p.tag == OPENPGP_TRUST || p.tag == OPENPGP_MARKER))
		*from = ahead;
	to->signatures.length = (size_t)(from->data - to->signatures.data);
	return r < 0 ? -1 : 1;
}

static int keyring_reserve(struct openpgp_keyring *k, struct error **e)
{
	if (k->count < k->capacity)
		return 0;
	if (k->count >= KEYRING_KEYS_MAX)
		return error_set(e, ERROR_CONFIG, 0, "more than %d keys", KEYRING_KEYS_MAX);
	size_t capacity = k->capacity ? 2 * k->capacity : 4;
	struct openpgp_key *keys = realloc(k->keys, capacity * sizeof *keys);
	if (!keys)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "keyring");
	k->keys = keys;
	k->capacity = capacity;
	return 0;
}

/* Appends a key. 1, 0 when it is of a version that is passed over, -1. */
static int keyring_add(struct openpgp_keyring *k, struct bytes body, struct error **e)
{
	if (keyring_reserve(k, e) < 0)
		return -1;
	int r = openpgp_key_init(&k->keys[k->count], body, e);
	if (r <= 0)
		return r;
	k->keys[k->count].primary = k->count;
	k->count++;
	return 1;
}

/* Where the walk over a ring stands: packets belong to the primary key before them. */
struct keyring_walk {
	struct openpgp_keyring *ring;
	struct bytes rest;
	bool has_primary; /* false: what follows belongs to a key that is passed over */
	size_t primary;
};

static int keyring_primary(
	struct keyring_walk *w, const struct openpgp_component *c, struct error **e)
{
	int r = keyring_add(w->ring, c->body, e);
	w->has_primary = r > 0;
	if (r <= 0)
		return r;
	w->primary = w->ring->count - 1;
	struct openpgp_key *key = &w->ring->keys[w->primary];
	key->after = w->rest;
	return openpgp_binding_apply(key, key, c, e);
}

static int keyring_subkey(
	struct keyring_walk *w, const struct openpgp_component *c, struct error **e)
{
	int r = w->has_primary ? keyring_add(w->ring, c->body, e) : 0;
	if (r <= 0)
		return r;
	struct openpgp_key *key = &w->ring->keys[w->ring->count - 1];
	key->primary = w->primary;
	return openpgp_binding_apply(&w->ring->keys[w->primary], key, c, e);
}

static int keyring_user(struct keyring_walk *w, const struct openpgp_component *c, struct error **e)
{
	if (!w->has_primary)
		return 0;
	struct openpgp_key *key = &w->ring->keys[w->primary];
	return openpgp_binding_apply(key, key, c, e);
}

static int keyring_take(struct keyring_walk *w, const struct openpgp_component *c, struct error **e)
{
	switch (c->tag) {
	case OPENPGP_PUBLIC_KEY:
		return keyring_primary(w, c, e);
	case OPENPGP_PUBLIC_SUBKEY:
		return keyring_subkey(w, c, e);
	case OPENPGP_USER_ID:
	case OPENPGP_USER_ATTRIBUTE:
		return keyring_user(w, c, e);
	case OPENPGP_TRUST:
	case OPENPGP_MARKER:
	case OPENPGP_PADDING:
		return 0;
	}
	if (c->tag >= OPENPGP_NONCRITICAL)
		return 0;
	return error_set(e, ERROR_CONFIG, 0, "packet of type %d, which no keyring has", c->tag);
}

static int keyring_load(struct openpgp_keyring *k, struct error **e)
{
	struct keyring_walk w = {
		.ring = k, .rest = {(const unsigned char *)buf_text(&k->bytes), k->bytes.length}};
	struct openpgp_component c;
	int r;
	while ((r = openpgp_component_next(&w.rest, &c)) > 0)
		if (keyring_take(&w, &c, e) < 0)
			return -1;
	if (r < 0)
		return error_set(e, ERROR_CONFIG, 0, "malformed OpenPGP packet");
	if (!k->count)
		return error_set(e, ERROR_CONFIG, 0, "no OpenPGP key of version 4");
	return 0;
}

struct openpgp_keyring *openpgp_keyring_parse(const void *data, size_t length, struct error **e)
{
	struct bytes bytes = {data, length};
	auto_openpgp_keyring *k = calloc(1, sizeof *k);
	if (!k) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "keyring");
		return NULL;
	}
	k->bytes = BUF(KEYRING_BYTES_MAX);
	if (length > KEYRING_BYTES_MAX) {
		error_set(e, ERROR_CONFIG, 0, "keyring of more than %d bytes", KEYRING_BYTES_MAX);
		return NULL;
	}
	if (openpgp_is_armored(bytes)) {
		const char *problem = openpgp_dearmor(bytes, "PUBLIC KEY BLOCK", &k->bytes);
		if (problem) {
			error_set(e, ERROR_CONFIG, 0, "no OpenPGP keyring: %s", problem);
			return NULL;
		}
	} else if (buf_append(&k->bytes, data, length, e) < 0) {
		return NULL;
	}
	if (keyring_load(k, e) < 0)
		return NULL;
	return take(&k);
}

/* 1 read; 0 not there; -1. */
static int keyring_file(const char *path, struct buf *to, struct error **e)
{
	/* O_NONBLOCK: the open of a FIFO would wait for its writer. */
	int auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, ERROR_CONFIG, errno, "open %s", path);
	if (S_ISDIR(st.st_mode))
		return error_set(e, ERROR_CONFIG, EISDIR, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_CONFIG, 0, "%s is no regular file", path);
	return fd_read_all(fd, to, e) < 0 ? error_wrap(e, "%s", path) : 1;
}

/* The list beside NAME.gpg; *list is NULL where it is not there. */
static int keyring_list(
	const char *path, const char *suffix, struct buf *text, const char **list, struct error **e)
{
	size_t stem = strlen(path) - strlen(".gpg");
	char *auto_free name = text_format(e, "%.*s%s", (int)stem, path, suffix);
	int r = name ? keyring_file(name, text, e) : -1;
	if (r < 0)
		return -1;
	if (memchr(buf_text(text), '\0', text->length))
		return error_set(e, ERROR_CONFIG, 0, "%s is no text", name);
	*list = r > 0 ? buf_text(text) : NULL;
	return 0;
}

static int keyring_lists(struct openpgp_keyring *k, const char *path, struct error **e)
{
	auto_buf trusted = BUF(LIST_BYTES_MAX), revoked = BUF(LIST_BYTES_MAX);
	const char *lists[2];
	if (!text_has_suffix(path, ".gpg"))
		return 0;
	if (keyring_list(path, "-trusted", &trusted, &lists[0], e) < 0 ||
		keyring_list(path, "-revoked", &revoked, &lists[1], e) < 0)
		return -1;
	return openpgp_keyring_restrict(k, lists[0], lists[1], e);
}

struct openpgp_keyring *openpgp_keyring_read(const char *path, struct error **e)
{
	auto_buf bytes = BUF(KEYRING_BYTES_MAX);
	int got = keyring_file(path, &bytes, e);
	if (got == 0)
		error_set(e, ERROR_CONFIG, ENOENT, "open %s", path);
	auto_openpgp_keyring *k =
		got > 0 ? openpgp_keyring_parse(bytes.data, bytes.length, e) : NULL;
	if (!k || keyring_lists(k, path, e) < 0) {
		error_wrap(e, "keyring %s", path);
		return NULL;
	}
	return take(&k);
}

const char *openpgp_keyring_fingerprint(const struct openpgp_keyring *k, size_t i)
{
	for (size_t at = 0; at < k->count; at++)
		if (k->keys[at].primary == at && i-- == 0)
			return k->keys[at].hex;
	return NULL;
}

const void *openpgp_keyring_bytes(const struct openpgp_keyring *k, size_t *length)
{
	*length = k->bytes.length;
	return buf_text(&k->bytes);
}

void openpgp_keyring_free(struct openpgp_keyring *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->count; i++)
		openpgp_key_release(&k->keys[i]);
	free(k->keys);
	buf_free(&k->bytes);
	free(k);
}

void openpgp_keyring_cleanup(struct openpgp_keyring **k)
{
	openpgp_keyring_free(*k);
}
