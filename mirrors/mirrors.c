/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/mirrors.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "mirrors/pacman_conf.h"
#include "mirrors/causes.h"

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
	"http://mirror.archlinuxarm.org",
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

/* Observation: how each mirror answered. The decision is made from it afterwards. */
struct probe {
	enum error_code code; /* ERROR_NONE: it answered */
	char *why;
	char *remedy; /* where the failure named one of its own */
};

static int probe_head(void *arg, const struct http_head *head, struct error **e)
{
	return 0;
}

static int probe_data(void *arg, const void *data, size_t length, struct error **e)
{
	return 0;
}

/* A mirror without the marker still answered: it may be somebody's own. */
static int probe_done(void *arg, size_t index, const struct error *failure, struct error **e)
{
	struct probe *p = (struct probe *)arg + index;
	if (!failure || error_errno(failure) == ENOENT)
		return 0;
	p->code = error_code(failure);
	p->why = text_copy(error_message(failure), e);
	bool own = error_remedy(failure) != error_code_hint(p->code);
	if (own)
		p->remedy = text_copy(error_remedy(failure), e);
	return p->why && (p->remedy || !own) ? 0 : -1;
}

/* Each mirror's ARCH/sync: a marker of a few bytes, by which ALARM's own operators watch them. */
static int probe_all(const struct mirrors *m, const struct http_settings *http,
	struct probe *probes, struct error **e)
{
	enum { MARKER_MAX = 1024 };
	struct http_transfer *auto_free transfers = calloc(m->count, sizeof *transfers);
	auto_strings urls = {0};
	for (size_t i = 0; transfers && i < m->count; i++) {
		if (strings_take(
			    &urls, text_format(e, "%s/%s/sync", m->items[i].base, m->arch), e) < 0)
			return -1;
		transfers[i] = (struct http_transfer){
			{.url = urls.items[i], .limit = MARKER_MAX, .allow_http = true},
			{probe_head, probe_data, NULL},
		};
	}
	if (!transfers)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "probe mirrors");
	struct http_batch batch = {transfers, m->count, (int)m->count, probe_done, probes};
	return http_get_all(http, &batch, e);
}

/* All failed: the causes, and the code they share. */
static int none_left(const struct mirrors *m, const struct probe *probes, struct error **e)
{
	auto_causes causes = {NULL, 0};
	auto_buf story = BUF(0);
	enum error_code code = probes[0].code;
	for (size_t i = 0; i < m->count; i++) {
		if (probes[i].code != code)
			code = ERROR_NETWORK;
		if (causes_add(&causes, m->items[i].base, probes[i].why, e) < 0)
			return -1;
	}
	if (causes_tell(&causes, &story, e) < 0)
		return -1;
	error_set(e, code, 0, "no mirror answers: %s", buf_text(&story));
	if (code == ERROR_TRUST)
		return error_hint(e,
			"is the time right? 'alarmstrap clock' tells; --cacert names other "
			"certificates");
	if (code == ERROR_NETWORK && causes.count == 1 && probes[0].remedy)
		return error_hint(e, "%s", probes[0].remedy);
	return error_hint(e, "check the link, the DNS (--dns=1.1.1.1) and --mirror");
}

/* Decision: those that answered stay, in their order. */
static int keep_answering(
	struct mirrors *m, const struct probe *probes, struct report *report, struct error **e)
{
	size_t good = 0;
	for (size_t i = 0; i < m->count; i++)
		good += probes[i].code == ERROR_NONE;
	if (!good)
		return none_left(m, probes, e);
	size_t kept = 0;
	for (size_t i = 0; i < m->count; i++) {
		if (probes[i].code == ERROR_NONE) {
			m->items[kept++] = m->items[i];
			continue;
		}
		report_note(report, "mirror left out: %s", probes[i].why);
		mirror_clear(&m->items[i]);
	}
	m->count = kept;
	return 0;
}

int mirrors_probe(struct mirrors *m, const struct http_settings *http, struct report *report,
	struct error **e)
{
	struct probe *probes = calloc(m->count, sizeof *probes);
	size_t count = m->count;
	if (!probes)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "probe mirrors");
	int r = probe_all(m, http, probes, e);
	if (r == 0)
		r = keep_answering(m, probes, report, e);
	for (size_t i = 0; i < count; i++) {
		free(probes[i].why);
		free(probes[i].remedy);
	}
	free(probes);
	return r;
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
