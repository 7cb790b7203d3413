/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_sources.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/sntp.h"

/* Six operators on four continents, each with machines of its own; two by address, for a device
 * whose DNS does not work yet. */
static const struct hostclock_host builtin_hosts[] = {
	{"quad9", "https://9.9.9.9/"},
	{"cloudflare", "https://1.1.1.1/"},
	{"google", "https://www.google.com/"},
	{"wikimedia", "https://www.wikipedia.org/"},
	{"debian", "https://www.debian.org/"},
	{"archlinux", "https://archlinux.org/"},
};
/* Arch Linux's zone of the pool; each number is another set of machines. */
static const char *const builtin_ntp[] = {
	"0.arch.pool.ntp.org", "1.arch.pool.ntp.org", "2.arch.pool.ntp.org", "3.arch.pool.ntp.org"};
static const struct hostclock_quorum builtin_quorum = {3, 2, false};

static int add_host(struct hostclock_sources *s, const char *value, struct error **e)
{
	auto_strings words = {0};
	if (strings_split(&words, value, " \t", e) < 0)
		return -1;
	if (words.count != 2 || !text_has_prefix(words.items[1], "https://") ||
		!words.items[1][strlen("https://")]) {
		error_set(e, ERROR_CONFIG, 0, "TimeHost '%s' is no operator and https URL", value);
		return error_hint(e, "write TimeHost = quad9 https://9.9.9.9/");
	}
	if (s->host_words.count / 2 >= HOSTCLOCK_HOSTS_MAX)
		return error_set(
			e, ERROR_CONFIG, 0, "more than %d of TimeHost", HOSTCLOCK_HOSTS_MAX);
	if (strings_add(&s->host_words, words.items[0], e) < 0)
		return -1;
	return strings_add(&s->host_words, words.items[1], e);
}

static int add_ntp(struct hostclock_sources *s, const char *value, struct error **e)
{
	auto_strings words = {0};
	if (strings_split(&words, value, " \t,", e) < 0)
		return -1;
	for (size_t i = 0; i < words.count; i++) {
		char *auto_free host = NULL;
		int port;
		if (sntp_name(words.items[i], &host, &port, e) < 0)
			return -1;
		if (s->ntp.count >= HOSTCLOCK_HOSTS_MAX)
			return error_set(e, ERROR_CONFIG, 0, "more than %d of NtpServer",
				HOSTCLOCK_HOSTS_MAX);
		if (strings_add(&s->ntp, words.items[i], e) < 0)
			return -1;
	}
	return 0;
}

static int set_quorum(struct hostclock_sources *s, const char *value, struct error **e)
{
	auto_strings words = {0};
	int64_t hosts, operators;
	if (strings_split(&words, value, " \t,", e) < 0)
		return -1;
	if (words.count != 2 || text_to_int64(words.items[0], 1, HOSTCLOCK_HOSTS_MAX, &hosts) < 0 ||
		text_to_int64(words.items[1], 1, hosts, &operators) < 0) {
		error_set(e, ERROR_CONFIG, 0, "TimeQuorum '%s' is no number of hosts and operators",
			value);
		return error_hint(e, "write TimeQuorum = 3 2: three hosts of two operators");
	}
	s->quorum = (struct hostclock_quorum){(int)hosts, (int)operators, true};
	return 0;
}

static int set_file(struct hostclock_sources *s, const char *value, struct error **e)
{
	if (*value != '/')
		return error_set(e, ERROR_CONFIG, 0, "TimeFile '%s' is no absolute path", value);
	char *copy = text_copy(value, e);
	if (!copy)
		return -1;
	free(s->time_file);
	s->time_file = copy;
	return 0;
}

int hostclock_sources_line(
	struct hostclock_sources *s, const char *key, const char *value, struct error **e)
{
	static const struct {
		const char *key;
		int (*set)(struct hostclock_sources *, const char *, struct error **);
	} words[] = {
		{"TimeHost", add_host},
		{"NtpServer", add_ntp},
		{"TimeQuorum", set_quorum},
		{"TimeFile", set_file},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].key, key) == 0)
			return words[i].set(s, value, e) < 0 ? -1 : 1;
	return 0;
}

void hostclock_sources_free(struct hostclock_sources *s)
{
	strings_free(&s->host_words);
	strings_free(&s->ntp);
	free(s->time_file);
	*s = (struct hostclock_sources){.time_file = NULL};
}

size_t hostclock_sources_hosts(
	const struct hostclock_sources *s, struct hostclock_host to[HOSTCLOCK_HOSTS_MAX])
{
	size_t count = s->host_words.count / 2;
	for (size_t i = 0; i < count; i++)
		to[i] = (struct hostclock_host){
			s->host_words.items[2 * i], s->host_words.items[2 * i + 1]};
	if (count)
		return count;
	memcpy(to, builtin_hosts, sizeof builtin_hosts);
	return sizeof builtin_hosts / sizeof *builtin_hosts;
}

size_t hostclock_sources_ntp(const struct hostclock_sources *s, const char *to[HOSTCLOCK_HOSTS_MAX])
{
	for (size_t i = 0; i < s->ntp.count; i++)
		to[i] = s->ntp.items[i];
	/* Where the user names hosts of a network of his own, the pool is not asked beside them. */
	if (s->ntp.count || s->host_words.count)
		return s->ntp.count;
	memcpy(to, builtin_ntp, sizeof builtin_ntp);
	return sizeof builtin_ntp / sizeof *builtin_ntp;
}

struct hostclock_quorum hostclock_sources_quorum(const struct hostclock_sources *s)
{
	return s->quorum.hosts ? s->quorum : builtin_quorum;
}
