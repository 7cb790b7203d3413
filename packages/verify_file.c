/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/verify_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/digest.h"
#include "lib/fd.h"
#include "lib/text.h"

const char *const verify_words[VERIFY_WHATS] = {
	"missing", "type", "owner", "mode", "link", "time", "size", "sha256", "unreadable"};

struct look {
	int dirfd;
	const char *path;
	const struct mtree_entry *entry;
	struct stat st;
	struct verify_difference **to;
};

bool verify_is_content(enum verify_what what)
{
	return what == VERIFY_TIME || what == VERIFY_SIZE || what == VERIFY_SHA256;
}

int verify_difference_add(struct verify_difference **to, enum verify_what what,
	const char *expected, const char *found, struct error **e)
{
	struct verify_difference *d = calloc(1, sizeof *d);
	if (!d)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "verify");
	*d = (struct verify_difference){
		.what = what, .expected = text_copy(expected, e), .found = text_copy(found, e)};
	if (!d->expected || !d->found) {
		verify_differences_free(d);
		return -1;
	}
	while (*to)
		to = &(*to)->next;
	*to = d;
	return 0;
}

void verify_differences_free(struct verify_difference *d)
{
	for (struct verify_difference *next; d; d = next) {
		next = d->next;
		free(d->expected);
		free(d->found);
		free(d);
	}
}

static const char *type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFBLK:
	case S_IFCHR:
		return "device";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "?";
	}
}

/* The id of each that the mtree tells. */
static int check_owner(const struct look *l, struct error **e)
{
	const struct mtree_entry *m = l->entry;
	uid_t uid = m->has & MTREE_UID ? m->uid : l->st.st_uid;
	gid_t gid = m->has & MTREE_GID ? m->gid : l->st.st_gid;
	char expected[32], found[32];
	if (uid == l->st.st_uid && gid == l->st.st_gid)
		return 0;
	snprintf(expected, sizeof expected, "%u:%u", uid, gid);
	snprintf(found, sizeof found, "%u:%u", l->st.st_uid, l->st.st_gid);
	return verify_difference_add(l->to, VERIFY_OWNER, expected, found, e);
}

static int check_mode(const struct look *l, struct error **e)
{
	char expected[16], found[16];
	if (!(l->entry->has & MTREE_MODE) || l->entry->mode == (l->st.st_mode & 07777))
		return 0;
	snprintf(expected, sizeof expected, "%04o", l->entry->mode);
	snprintf(found, sizeof found, "%04o", l->st.st_mode & 07777);
	return verify_difference_add(l->to, VERIFY_MODE, expected, found, e);
}

static int check_link(const struct look *l, struct error **e)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(l->dirfd, l->path, target, sizeof target - 1);
	if (n < 0)
		return verify_difference_add(
			l->to, VERIFY_UNREADABLE, l->entry->link, strerror(errno), e);
	target[n] = '\0';
	if (strcmp(target, l->entry->link) == 0)
		return 0;
	return verify_difference_add(l->to, VERIFY_LINK, l->entry->link, target, e);
}

static void format_time(char *to, size_t size, int64_t time_s)
{
	time_t when = (time_t)time_s;
	struct tm t;
	if (when != time_s || !gmtime_r(&when, &t) || !strftime(to, size, "%Y-%m-%dT%H:%M:%SZ", &t))
		snprintf(to, size, "%" PRId64, time_s);
}

static int check_time(const struct look *l, struct error **e)
{
	char expected[48], found[48];
	if (!(l->entry->has & MTREE_TIME) || l->entry->time_s == l->st.st_mtime)
		return 0;
	format_time(expected, sizeof expected, l->entry->time_s);
	format_time(found, sizeof found, l->st.st_mtime);
	return verify_difference_add(l->to, VERIFY_TIME, expected, found, e);
}

/* What was no regular file a moment ago would not be opened, and what has become a FIFO or a device
 * since does not hang. */
static int open_content(const struct look *l)
{
	enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };
	int auto_fd fd = openat(l->dirfd, l->path, FLAGS);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ESTALE;
		return -1;
	}
	return take_fd(&fd);
}

/* Enough of each to tell them apart. */
static void short_hex(const unsigned char *bytes, char to[20])
{
	digest_hex(bytes, 8, to);
	memcpy(to + 16, "\xe2\x80\xa6", 4); /* … */
}

static int check_sha256(const struct look *l, struct error **e)
{
	unsigned char sum[DIGEST_SIZE_MAX];
	char expected[20], found[20];
	if (!(l->entry->has & MTREE_SHA256))
		return 0;
	int auto_fd fd = open_content(l);
	if (fd < 0)
		return verify_difference_add(
			l->to, VERIFY_UNREADABLE, "its content", strerror(errno), e);
	auto_error *failure = NULL;
	auto_digest *d = digest_new(DIGEST_SHA256, e);
	if (!d)
		return -1;
	if (digest_fd(d, fd, &failure) < 0)
		return verify_difference_add(
			l->to, VERIFY_UNREADABLE, "its content", error_message(failure), e);
	if (digest_finish(d, sum, e) < 0)
		return -1;
	if (memcmp(sum, l->entry->sha256, sizeof l->entry->sha256) == 0)
		return 0;
	short_hex(l->entry->sha256, expected);
	short_hex(sum, found);
	return verify_difference_add(l->to, VERIFY_SHA256, expected, found, e);
}

/* Where the size differs the sum does: it is not asked for. */
static int check_content(const struct look *l, struct error **e)
{
	char expected[32], found[32];
	if (!(l->entry->has & MTREE_SIZE) || l->entry->size == (uint64_t)l->st.st_size)
		return check_sha256(l, e);
	snprintf(expected, sizeof expected, "%" PRIu64, l->entry->size);
	snprintf(found, sizeof found, "%" PRIu64, (uint64_t)l->st.st_size);
	return verify_difference_add(l->to, VERIFY_SIZE, expected, found, e);
}

/* In pacman's order. Directories' times change with each file that is made in them. */
static int check_all(const struct look *l, struct error **e)
{
	mode_t type = l->entry->type;
	if (check_owner(l, e) < 0 || check_mode(l, e) < 0 ||
		(type == S_IFLNK && check_link(l, e) < 0) ||
		(type != S_IFDIR && check_time(l, e) < 0))
		return -1;
	return type == S_IFREG ? check_content(l, e) : 0;
}

int verify_file(int dirfd, const char *path, const struct mtree_entry *entry,
	struct verify_difference **to, struct error **e)
{
	struct look l = {.dirfd = dirfd, .path = path, .entry = entry, .to = to};
	const char *type = type_word(entry->type);
	if (fstatat(dirfd, path, &l.st, AT_SYMLINK_NOFOLLOW) < 0) {
		bool absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
		return verify_difference_add(to, absent ? VERIFY_MISSING : VERIFY_UNREADABLE, type,
			absent ? "-" : strerror(errno), e);
	}
	if ((l.st.st_mode & S_IFMT) != entry->type)
		return verify_difference_add(to, VERIFY_TYPE, type, type_word(l.st.st_mode), e);
	return check_all(&l, e);
}
