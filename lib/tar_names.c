/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tar_names.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

/* Open addressing over 64-bit words: 60 bits of a keyed hash and the four type bits of st_mode
 * (0: free). Two of 500,000 names share 60 bits once in ten million archives, and then an archive
 * is refused for nothing at worst; nobody can aim for it, because the key is the process's own. */
struct tar_names {
	uint64_t *slots;
	size_t size; /* a power of two */
	size_t count;
	uint64_t limit;
	uint64_t key[2];
};

enum { FIRST_SIZE = 4096, TYPE_BITS = 0xf, TYPE_SHIFT = 12 };

int tar_name_clean(const char *path, char to[TAR_NAME_MAX], struct error **e)
{
	size_t used = 0;
	if (!path || !*path)
		return error_set(e, ERROR_TRUST, 0, "an entry without a name");
	if (*path == '/')
		return error_set(e, ERROR_TRUST, 0, "'%.200s' is absolute", path);
	for (const char *p = path; *p;) {
		size_t length = strcspn(p, "/");
		if (length == 2 && p[0] == '.' && p[1] == '.')
			return error_set(e, ERROR_TRUST, 0, "'%.200s' leads upwards", path);
		if (length > NAME_MAX)
			return error_set(e, ERROR_TRUST, 0, "'%.200s…' has a name too long", p);
		if (length && !(length == 1 && *p == '.')) {
			if (used + (used > 0) + length + 1 > TAR_NAME_MAX)
				return error_set(e, ERROR_TRUST, 0, "'%.200s…' is too long", path);
			if (used)
				to[used++] = '/';
			memcpy(to + used, p, length);
			used += length;
		}
		p += length;
		p += *p == '/';
	}
	if (!used)
		to[used++] = '.';
	to[used] = '\0';
	return 0;
}

struct tar_names *tar_names_new(uint64_t limit, struct error **e)
{
	struct tar_names *n = calloc(1, sizeof *n);
	uint64_t *slots = calloc(FIRST_SIZE, sizeof *slots);
	if (!n || !slots) {
		free(n);
		free(slots);
		error_set(e, ERROR_SYSTEM, ENOMEM, "extract");
		return NULL;
	}
	*n = (struct tar_names){.slots = slots, .size = FIRST_SIZE, .limit = limit};
	/* 16 random bytes from the kernel at exec (getauxval(3)): there is no entropy to wait for.
	 */
	const void *seed = (const void *)getauxval(AT_RANDOM);
	if (seed)
		memcpy(n->key, seed, sizeof n->key);
	return n;
}

void tar_names_free(struct tar_names *n)
{
	if (!n)
		return;
	free(n->slots);
	free(n);
}

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 (Aumasson, Bernstein 2012). Only equality matters: byte order is the machine's. */
static uint64_t hash(const struct tar_names *n, const char *name, size_t length)
{
	uint64_t v[4] = {
		n->key[0] ^ 0x736f6d6570736575,
		n->key[1] ^ 0x646f72616e646f6d,
		n->key[0] ^ 0x6c7967656e657261,
		n->key[1] ^ 0x7465646279746573,
	};
	for (size_t at = 0; at <= length; at += 8) {
		uint64_t word = 0;
		size_t left = length - at;
		memcpy(&word, name + at, left < 8 ? left : 8);
		if (left < 8)
			word ^= (uint64_t)length << 56;
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return (v[0] ^ v[1] ^ v[2] ^ v[3]) & ~(uint64_t)TYPE_BITS;
}

/* Where the hash stands, or the free slot where it would. */
static uint64_t *slot_of(uint64_t *slots, size_t size, uint64_t hashed)
{
	size_t at = (hashed >> 4) & (size - 1);
	while (slots[at] && (slots[at] & ~(uint64_t)TYPE_BITS) != hashed)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int grow(struct tar_names *n, struct error **e)
{
	size_t size = n->size * 2;
	uint64_t *slots = calloc(size, sizeof *slots);
	if (!slots)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "extract");
	for (size_t i = 0; i < n->size; i++)
		if (n->slots[i])
			*slot_of(slots, size, n->slots[i] & ~(uint64_t)TYPE_BITS) = n->slots[i];
	free(n->slots);
	n->slots = slots;
	n->size = size;
	return 0;
}

/* Adds the name, or finds it there with the same type. 1 where the type is another. */
static int put(struct tar_names *n, const char *name, size_t length, mode_t type, struct error **e)
{
	uint64_t bits = type >> TYPE_SHIFT & TYPE_BITS;
	if (n->count >= n->size / 2 && grow(n, e) < 0)
		return -1;
	uint64_t hashed = hash(n, name, length);
	uint64_t *slot = slot_of(n->slots, n->size, hashed);
	if (*slot)
		return (*slot & TYPE_BITS) != bits;
	if (n->count >= n->limit)
		return error_set(
			e, ERROR_TRUST, 0, "more than %llu names", (unsigned long long)n->limit);
	*slot = hashed | bits;
	n->count++;
	return 0;
}

int tar_names_admit(struct tar_names *n, const char *name, mode_t type, struct error **e)
{
	if (strcmp(name, ".") == 0 && type != S_IFDIR)
		return error_set(e, ERROR_TRUST, 0, "the root is no directory");
	for (const char *slash = name; (slash = strchr(slash, '/')); slash++) {
		int other = put(n, name, (size_t)(slash - name), S_IFDIR, e);
		if (other < 0)
			return -1;
		if (other)
			return error_set(e, ERROR_TRUST, 0,
				"'%s' leads through '%.*s', which is "
				"no directory",
				name, (int)(slash - name), name);
	}
	int other = put(n, name, strlen(name), type, e);
	if (other < 0)
		return -1;
	if (other)
		return error_set(e, ERROR_TRUST, 0, "'%s' comes twice, as different things", name);
	return 0;
}

mode_t tar_names_type(const struct tar_names *n, const char *name)
{
	uint64_t found = *slot_of(n->slots, n->size, hash(n, name, strlen(name)));
	return (mode_t)(found & TYPE_BITS) << TYPE_SHIFT;
}
