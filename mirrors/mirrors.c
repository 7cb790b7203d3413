/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/mirrors.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "mirrors/pacman_conf.h"

struct mirror {
	char *server; /* "https://host/base/$arch/$repo" */
	char *base; /* what stands before "/$arch/$repo": os/ lies there */
	const char *tarballs; /* what is between base and the name of a file of no repository */
	bool https;
	struct strings repos; /* that it serves; empty: all */
};

struct mirrors {
	struct mirror *items;
	size_t count;
	char *arch;
};

/* Where no mirror was named. The first two have certificates for their names; the others are of
 * ALARM's own list and serve what a hash or a signature protects. The host that chooses by place
 * stands last: it may answer with another mirror at every request. */
#define ROAMING "http://mirror.archlinuxarm.org"
static const char *const builtin[] = {
	"https://fl.us.mirror.archlinuxarm.org",
	"https://ca.us.mirror.archlinuxarm.org",
	"http://nj.us.mirror.archlinuxarm.org",
	"http://de.mirror.archlinuxarm.org",
	"http://de3.mirror.archlinuxarm.org",
	"http://de4.mirror.archlinuxarm.org",
	"http://dk.mirror.archlinuxarm.org",
	"http://fr.mirror.archlinuxarm.org",
	"http://gr.mirror.archlinuxarm.org",
	"http://hu.mirror.archlinuxarm.org",
	"http://tw.mirror.archlinuxarm.org",
	"http://tw2.mirror.archlinuxarm.org",
	ROAMING,
};

static const char variables[] = "/$arch/$repo";

static void mirror_clear(struct mirror *m)
{
	free(m->server);
	free(m->base);
	strings_free(&m->repos);
	*m = (struct mirror){0};
}

/* Length of the part before the first variable, without its slashes. */
static size_t base_length(const char *server)
{
	const char *dollar = strchr(server, '$');
	size_t length = dollar ? (size_t)(dollar - server) : strlen(server);
	while (length && server[length - 1] == '/')
		length--;
	return length;
}

static bool only_known_variables(const char *server)
{
	for (const char *c = strchr(server, '$'); c; c = strchr(c + 1, '$')) {
		size_t word = text_has_prefix(c, "$arch") || text_has_prefix(c, "$repo") ? 5 : 0;
		if (!word || isalnum((unsigned char)c[word]) || c[-1] != '/')
			return false;
	}
	return true;
}

static int check_server(const char *server, struct error **e)
{
	size_t scheme = text_has_prefix(server, "https://")  ? strlen("https://")
			: text_has_prefix(server, "http://") ? strlen("http://")
							     : 0;
	bool bad = !scheme || strchr("/$:@", server[scheme]) || !only_known_variables(server);
	for (const char *c = server; *c; c++)
		bad |= (unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f ||
		       strchr("?#\"<>\\^`{|}", *c);
	if (!bad)
		return 0;
	error_set(e, ERROR_CONFIG, 0, "'%s' is no mirror", server);
	return error_hint(
		e, "a mirror is https://HOST or https://HOST/$arch/$repo (file:// is not served)");
}

static int mirror_parse(struct mirror *to, const char *server, struct error **e)
{
	struct mirror m = {0};
	if (check_server(server, e) < 0)
		return -1;
	size_t length = base_length(server);
	size_t whole = strlen(server);
	while (server[whole - 1] == '/')
		whole--;
	m.https = text_has_prefix(server, "https://");
	m.tarballs = "/os";
	m.base = strndup(server, length);
	m.server = strchr(server, '$') ? strndup(server, whole)
				       : text_format(e, "%.*s%s", (int)length, server, variables);
	if (!m.base || !m.server) {
		mirror_clear(&m);
		return error_set(e, ERROR_SYSTEM, ENOMEM, "mirror");
	}
	*to = m;
	return 0;
}

static struct mirror *find(const struct mirrors *m, const char *server)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->items[i].server, server) == 0)
			return &m->items[i];
	return NULL;
}

/* Appends those of `servers` that speak HTTPS, or those that do not. */
static int add_servers(
	struct mirrors *m, const char *const *servers, size_t count, bool https, struct error **e)
{
	for (size_t i = 0; i < count; i++) {
		struct mirror one;
		if (mirror_parse(&one, servers[i], e) < 0)
			return -1;
		if (one.https != https || find(m, one.server))
			mirror_clear(&one);
		else
			m->items[m->count++] = one;
	}
	return 0;
}

static struct mirrors *mirrors_empty(size_t room, const char *arch, struct error **e)
{
	struct mirrors *m = calloc(1, sizeof *m);
	if (m) {
		m->items = calloc(room, sizeof *m->items);
		m->arch = strdup(arch);
	}
	if (m && m->items && m->arch)
		return m;
	mirrors_free(m);
	error_set(e, ERROR_SYSTEM, ENOMEM, "mirrors");
	return NULL;
}

struct mirrors *mirrors_new(const struct strings *servers, const char *arch, struct error **e)
{
	const char *const *list = builtin;
	size_t count = sizeof builtin / sizeof *builtin;
	if (servers && servers->count) {
		list = (const char *const *)servers->items;
		count = servers->count;
	}
	struct mirrors *m = mirrors_empty(count, arch, e);
	if (m && add_servers(m, list, count, true, e) == 0 &&
		add_servers(m, list, count, false, e) == 0)
		return m;
	mirrors_free(m);
	return NULL;
}

/* pacman.conf(5): Server is a whole URL, to which nothing but the file's name is added. */
static int parse_whole(struct mirror *to, const char *server, struct error **e)
{
	if (mirror_parse(to, server, e) < 0)
		return -1;
	if (strchr(server, '$'))
		return 0;
	free(to->server);
	to->server = text_copy(to->base, e);
	if (to->server)
		return 0;
	mirror_clear(to);
	return -1;
}

/* One that other repositories name, too, stays one. */
static int add_for_repo(
	struct mirrors *m, const char *server, bool https, const char *repo, struct error **e)
{
	struct mirror one;
	if (parse_whole(&one, server, e) < 0)
		return -1;
	struct mirror *at = find(m, one.server);
	if (one.https != https || at) {
		mirror_clear(&one);
	} else {
		at = &m->items[m->count++];
		*at = one;
	}
	if (!at || strings_contain(&at->repos, repo))
		return 0;
	return strings_add(&at->repos, repo, e);
}

static bool lacks_tls(const struct pacman_repo *r)
{
	for (size_t i = 0; i < r->servers.count; i++)
		if (!text_has_prefix(r->servers.items[i], "http://"))
			return false;
	return true;
}

static int add_repo(struct mirrors *m, const struct pacman_repo *r, bool https, struct error **e)
{
	for (size_t i = 0; i < r->servers.count; i++)
		if (add_for_repo(m, r->servers.items[i], https, r->name, e) < 0)
			return -1;
	for (size_t i = 0; lacks_tls(r) && i < sizeof builtin / sizeof *builtin; i++) {
		char *auto_free server = text_format(e, "%s%s", builtin[i], variables);
		if (!server || add_for_repo(m, server, https, r->name, e) < 0)
			return -1;
	}
	return 0;
}

static int add_repos(
	struct mirrors *m, const struct pacman_conf *conf, size_t *replaced, struct error **e)
{
	for (int https = 1; https >= 0; https--)
		for (size_t i = 0; i < conf->repo_count; i++)
			if (add_repo(m, &conf->repos[i], https, e) < 0)
				return -1;
	*replaced = 0;
	for (size_t i = 0; i < conf->repo_count; i++)
		*replaced += lacks_tls(&conf->repos[i]);
	return 0;
}

struct mirrors *mirrors_of_conf(
	const struct pacman_conf *conf, const char *arch, size_t *replaced, struct error **e)
{
	size_t most = sizeof builtin / sizeof *builtin;
	for (size_t i = 0; i < conf->repo_count; i++) {
		most += conf->repos[i].servers.count;
		if (conf->repos[i].servers.count)
			continue;
		error_set(e, ERROR_CONFIG, 0, "pacman.conf names no server for [%s]",
			conf->repos[i].name);
		error_hint(e, "give it a Server = line there, or use --mirror");
		return NULL;
	}
	struct mirrors *m = mirrors_empty(most, arch, e);
	if (m && add_repos(m, conf, replaced, e) == 0)
		return m;
	mirrors_free(m);
	return NULL;
}

bool mirrors_serves(const struct mirrors *m, size_t i, const char *repo)
{
	const struct strings *repos = &m->items[i].repos;
	return !repos->count || (repo && strings_contain(repos, repo));
}

struct mirrors *mirrors_of_directory(const char *url, struct error **e)
{
	struct strings one = {0};
	if (strings_add(&one, url, e) < 0)
		return NULL;
	struct mirrors *m = mirrors_new(&one, "none", e);
	strings_free(&one);
	if (m)
		m->items[0].tarballs = "";
	return m;
}

size_t mirrors_count(const struct mirrors *m)
{
	return m->count;
}

const char *mirrors_arch(const struct mirrors *m)
{
	return m->arch;
}

const char *mirrors_server(const struct mirrors *m, size_t i)
{
	return m->items[i].server;
}

const char *mirrors_base(const struct mirrors *m, size_t i)
{
	return m->items[i].base;
}

bool mirrors_is_https(const struct mirrors *m, size_t i)
{
	return m->items[i].https;
}

/* RFC 3986, section 3.3: what a path segment may hold as it is. */
static int append_segment(struct buf *to, const char *text, struct error **e)
{
	for (const char *c = text; *c; c++) {
		bool plain = isalnum((unsigned char)*c) || strchr("-._~!$&'()*+,;=:@", *c);
		if (buf_printf(to, e, plain ? "%c" : "%%%02X", (unsigned char)*c) < 0)
			return -1;
	}
	return 0;
}

static int check_name(const char *name, struct error **e)
{
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(e, ERROR_TRUST, 0, "'%s' is no file name", name);
	return 0;
}

/* The server's text with its variables replaced. */
static int append_expanded(struct buf *to, const struct mirrors *m, const char *server,
	const char *repo, struct error **e)
{
	while (*server) {
		size_t plain = strcspn(server, "$");
		if (buf_append(to, server, plain, e) < 0)
			return -1;
		server += plain;
		if (!*server)
			return 0;
		bool arch = text_has_prefix(server, "$arch");
		if (append_segment(to, arch ? m->arch : repo, e) < 0)
			return -1;
		server += strlen("$arch");
	}
	return 0;
}

char *mirrors_url(
	const struct mirrors *m, size_t i, const char *repo, const char *file, struct error **e)
{
	auto_buf url = BUF(8192);
	const struct mirror *one = &m->items[i];
	if (check_name(file, e) < 0 || (repo && check_name(repo, e) < 0))
		return NULL;
	int r = repo ? append_expanded(&url, m, one->server, repo, e)
		     : buf_printf(&url, e, "%s%s", one->base, one->tarballs);
	if (r < 0 || buf_puts(&url, "/", e) < 0 || append_segment(&url, file, e) < 0)
		return NULL;
	return buf_take(&url);
}

/* Whether a repository of the i-th mirror would be served by none of the first `kept`. */
static bool is_needed(const struct mirror *one, const struct mirrors *m, size_t kept)
{
	for (size_t r = 0; r < one->repos.count; r++) {
		bool served = false;
		for (size_t i = 0; i < kept; i++)
			served = served || mirrors_serves(m, i, one->repos.items[r]);
		if (!served)
			return true;
	}
	return false;
}

int mirrors_arrange(
	struct mirrors *m, const size_t *order, size_t count, size_t used, struct error **e)
{
	struct mirror *auto_free from = calloc(m->count + 1, sizeof *from);
	if (!from)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "mirrors");
	memcpy(from, m->items, m->count * sizeof *from);
	m->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct mirror *one = &from[order[i]];
		if (i < used || is_needed(one, m, m->count))
			m->items[m->count++] = *one;
		else
			mirror_clear(one);
	}
	return 0;
}

bool mirrors_roams(const struct mirrors *m, size_t i)
{
	return strcmp(m->items[i].base, ROAMING) == 0;
}

char *mirrors_marker_url(const struct mirrors *m, size_t i, struct error **e)
{
	return text_format(e, "%s/%s/sync", m->items[i].base, m->arch);
}

void mirrors_free(struct mirrors *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		mirror_clear(&m->items[i]);
	free(m->items);
	free(m->arch);
	free(m);
}
