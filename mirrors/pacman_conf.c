/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mirrors/pacman_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/buf.h"
#include "lib/fd.h"
#include "lib/path_inside.h"

/* pacman's own limit of nested Includes, and ours on their number: globs could multiply. */
enum { INCLUDE_DEPTH_MAX = 10, FILES_MAX = 256, FILE_SIZE_MAX = 1 << 20 };

/* A SigLevel as far as it was said: what was not is inherited once all is read. */
struct level {
	enum sig_level package, database;
	bool package_set, database_set;
};

enum section { SECTION_NONE, SECTION_OPTIONS, SECTION_REPO, SECTION_OWN };

struct parser {
	int root_fd;
	bool alone; /* Include is not followed */
	struct pacman_conf *conf;
	enum section section;
	struct level level, local_level, remote_level;
	struct level *repo_levels; /* one for each of conf->repos */
	size_t files;
	int depth;
};

/* A line as it was read; key and value point into the file's text. */
struct directive {
	const char *file;
	size_t line;
	const char *key;
	const char *value; /* NULL where there is no '=' */
};

static int broken(const struct directive *d, struct error **e, const char *what)
{
	return error_set(e, ERROR_CONFIG, 0, "%s:%zu: %s", d->file, d->line, what);
}

static int not_understood(
	struct parser *p, const struct directive *d, const char *word, struct error **e)
{
	return strings_take(
		&p->conf->unknown, text_format(e, "%s:%zu: %s", d->file, d->line, word), e);
}

/* pacman.conf(5), "Package and database signature checking". -1: no such word; 1: a word that we
 * know and do not honour (trust is always "TrustedOnly" here); 0: done. */
static int level_word(struct level *l, const char *word)
{
	static const char *const names[] = {"Never", "Optional", "Required"};
	bool package = !text_has_prefix(word, "Database");
	bool database = !text_has_prefix(word, "Package");
	word += !database ? strlen("Package") : !package ? strlen("Database") : 0;
	if (strcmp(word, "TrustAll") == 0)
		return 1;
	if (strcmp(word, "TrustedOnly") == 0)
		return 0;
	for (enum sig_level i = SIG_NEVER; i <= SIG_REQUIRED; i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		if (package)
			l->package = i;
		if (database)
			l->database = i;
		l->package_set |= package;
		l->database_set |= database;
		return 0;
	}
	return -1;
}

static int take_level(
	struct parser *p, struct level *l, const struct directive *d, struct error **e)
{
	auto_strings words = {0};
	if (strings_split(&words, d->value, " \t", e) < 0)
		return -1;
	for (size_t i = 0; i < words.count; i++) {
		int r = level_word(l, words.items[i]);
		if (r < 0)
			return error_set(e, ERROR_CONFIG, 0, "%s:%zu: %s: no such level '%s'",
				d->file, d->line, d->key, words.items[i]);
		if (r > 0 && not_understood(p, d, words.items[i], e) < 0)
			return -1;
	}
	return 0;
}

enum kind {
	KIND_LIST,
	KIND_TEXT,
	KIND_FLAG,
	KIND_LEVEL,
	KIND_LOCAL_LEVEL,
	KIND_REMOTE_LEVEL,
	KIND_IGNORED
};

#define AT(member) offsetof(struct pacman_conf, member)
/* IGNORED: known, and means nothing to us (looks, or what our own options say). */
static const struct option {
	const char *key;
	enum kind kind;
	size_t offset;
} options[] = {
	{"Architecture", KIND_LIST, AT(architectures)},
	{"IgnorePkg", KIND_LIST, AT(ignore_pkg)},
	{"IgnoreGroup", KIND_LIST, AT(ignore_group)},
	{"HoldPkg", KIND_LIST, AT(hold_pkg)},
	{"NoUpgrade", KIND_LIST, AT(no_upgrade)},
	{"NoExtract", KIND_LIST, AT(no_extract)},
	{"CacheDir", KIND_LIST, AT(cache_dirs)},
	{"HookDir", KIND_LIST, AT(hook_dirs)},
	{"DBPath", KIND_TEXT, AT(db_path)},
	{"LogFile", KIND_TEXT, AT(log_file)},
	{"GPGDir", KIND_TEXT, AT(gpg_dir)},
	{"DownloadUser", KIND_TEXT, AT(download_user)},
	{"CheckSpace", KIND_FLAG, AT(check_space)},
	{"DisableSandbox", KIND_FLAG, AT(disable_sandbox)},
	{"DisableSandboxFilesystem", KIND_FLAG, AT(disable_sandbox)},
	{"DisableSandboxSyscalls", KIND_FLAG, AT(disable_sandbox)},
	{"SigLevel", KIND_LEVEL, 0},
	{"LocalFileSigLevel", KIND_LOCAL_LEVEL, 0},
	{"RemoteFileSigLevel", KIND_REMOTE_LEVEL, 0},
	{"CleanMethod", KIND_LIST, AT(clean_methods)},
	{"Color", KIND_IGNORED, 0},
	{"ILoveCandy", KIND_IGNORED, 0},
	{"NoProgressBar", KIND_IGNORED, 0},
	{"ParallelDownloads", KIND_IGNORED, 0},
	{"DisableDownloadTimeout", KIND_IGNORED, 0},
	{"UseSyslog", KIND_IGNORED, 0},
	{"VerbosePkgLists", KIND_IGNORED, 0},
};

/* As pacman: a path that is said twice keeps its first value. */
static int take_text(char **to, const char *value, struct error **e)
{
	if (*to)
		return 0;
	*to = text_copy(value, e);
	return *to ? 0 : -1;
}

static int take_option(
	struct parser *p, const struct option *o, const struct directive *d, struct error **e)
{
	void *to = (char *)p->conf + o->offset;
	if (o->kind == KIND_IGNORED)
		return 0;
	if (o->kind == KIND_FLAG) {
		*(bool *)to = true;
		return 0;
	}
	if (!d->value || (o->kind == KIND_TEXT && !*d->value))
		return error_set(
			e, ERROR_CONFIG, 0, "%s:%zu: %s needs a value", d->file, d->line, d->key);
	switch (o->kind) {
	case KIND_LIST:
		return strings_split(to, d->value, " \t", e);
	case KIND_TEXT:
		return take_text(to, d->value, e);
	case KIND_LEVEL:
		return take_level(p, &p->level, d, e);
	case KIND_REMOTE_LEVEL:
		return take_level(p, &p->remote_level, d, e);
	default:
		return take_level(p, &p->local_level, d, e);
	}
}

static int options_directive(struct parser *p, const struct directive *d, struct error **e)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcmp(options[i].key, d->key) == 0)
			return take_option(p, &options[i], d, e);
	return not_understood(p, d, d->key, e);
}

static int repo_directive(struct parser *p, const struct directive *d, struct error **e)
{
	size_t last = p->conf->repo_count - 1;
	bool server = strcmp(d->key, "Server") == 0;
	if (!server && strcmp(d->key, "SigLevel") != 0)
		return not_understood(p, d, d->key, e);
	if (!d->value || !*d->value)
		return error_set(
			e, ERROR_CONFIG, 0, "%s:%zu: %s needs a value", d->file, d->line, d->key);
	if (server)
		return strings_add(&p->conf->repos[last].servers, d->value, e);
	return take_level(p, &p->repo_levels[last], d, e);
}

static int own_directive(struct parser *p, const struct directive *d, struct error **e)
{
	char *text = d->value ? text_format(e, "%s = %s", d->key, d->value) : text_copy(d->key, e);
	return strings_take(&p->conf->own, text, e);
}

/* The name becomes part of file names (NAME.db), so it has to be a plain one. */
static bool repo_name_is_good(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == '/' || *c == 0x7f)
			return false;
	return *name && *name != '.' && *name != '-' && strcmp(name, "local") != 0;
}

static int begin_repo(
	struct parser *p, const struct directive *d, const char *name, struct error **e)
{
	struct pacman_conf *c = p->conf;
	if (!repo_name_is_good(name))
		return error_set(e, ERROR_CONFIG, 0, "%s:%zu: '%s' cannot be a repository's name",
			d->file, d->line, name);
	for (size_t i = 0; i < c->repo_count; i++)
		if (strcmp(c->repos[i].name, name) == 0)
			return error_set(e, ERROR_CONFIG, 0, "%s:%zu: repository %s is here twice",
				d->file, d->line, name);
	struct pacman_repo *repos = reallocarray(c->repos, c->repo_count + 1, sizeof *repos);
	if (repos)
		c->repos = repos;
	struct level *levels =
		reallocarray(p->repo_levels, c->repo_count + 1, sizeof *p->repo_levels);
	if (levels)
		p->repo_levels = levels;
	char *copy = repos && levels ? strdup(name) : NULL;
	if (!copy)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "read %s", d->file);
	p->repo_levels[c->repo_count] = (struct level){0};
	c->repos[c->repo_count++] = (struct pacman_repo){.name = copy};
	p->section = SECTION_REPO;
	return 0;
}

static int begin_section(struct parser *p, struct directive *d, char *line, struct error **e)
{
	size_t length = strlen(line);
	if (line[length - 1] != ']')
		return broken(d, e, "a section's name ends with ']'");
	line[length - 1] = '\0';
	const char *name = text_trim(line + 1);
	if (strcmp(name, "options") == 0)
		p->section = SECTION_OPTIONS;
	else if (strcmp(name, "alarmstrap") == 0)
		p->section = SECTION_OWN;
	else
		return begin_repo(p, d, name, e);
	return 0;
}

static int parse_file(struct parser *p, const char *path, struct error **e);

static int include(struct parser *p, const struct directive *d, struct error **e)
{
	auto_strings files = {0};
	if (!d->value || !*d->value)
		return broken(d, e, "Include needs a value");
	if (p->alone)
		return 0;
	if (p->depth == INCLUDE_DEPTH_MAX)
		return error_set(e, ERROR_CONFIG, 0,
			"%s:%zu: more than %d files include each other", d->file, d->line,
			INCLUDE_DEPTH_MAX);
	if (path_glob_inside(p->root_fd, d->value, &files, e) < 0)
		return error_wrap(e, "%s:%zu", d->file, d->line);
	p->depth++;
	for (size_t i = 0; i < files.count; i++)
		if (parse_file(p, files.items[i], e) < 0)
			return error_wrap(e, "%s:%zu: Include", d->file, d->line);
	p->depth--;
	return 0;
}

static int take_directive(struct parser *p, const struct directive *d, struct error **e)
{
	if (!*d->key)
		return broken(d, e, "a word is missing before '='");
	if (strcmp(d->key, "Include") == 0)
		return include(p, d, e);
	switch (p->section) {
	case SECTION_OPTIONS:
		return options_directive(p, d, e);
	case SECTION_REPO:
		return repo_directive(p, d, e);
	case SECTION_OWN:
		return own_directive(p, d, e);
	default:
		return broken(d, e, "stands before any [section]");
	}
}

/* As pacman: '#' begins a comment at the start of a line only. */
static int parse_line(struct parser *p, struct directive *d, char *line, struct error **e)
{
	line = text_trim(line);
	if (!*line || *line == '#')
		return 0;
	if (*line == '[')
		return begin_section(p, d, line, e);
	char *equals = strchr(line, '=');
	if (equals)
		*equals = '\0';
	d->key = text_trim(line);
	d->value = equals ? text_trim(equals + 1) : NULL;
	return take_directive(p, d, e);
}

/* A configuration file of a root may be anything: a FIFO would block us, a device act. */
static int read_regular(int root_fd, const char *path, struct buf *to, struct error **e)
{
	auto_error *cause = NULL;
	int auto_fd fd = path_open_inside(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &cause);
	struct stat st;
	if (fd < 0)
		return error_set(e, ERROR_CONFIG, 0, "%s", error_message(cause));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(e, ERROR_CONFIG, 0, "%s is no regular file", path);
	if (st.st_size > FILE_SIZE_MAX || fd_read_all(fd, to, &cause) < 0)
		return error_set(e, ERROR_CONFIG, 0, "%s: too large or cannot be read", path);
	if (strlen(buf_text(to)) != to->length)
		return error_set(e, ERROR_CONFIG, 0, "%s holds a NUL byte", path);
	return 0;
}

/* `text` is changed. */
static int parse_text(struct parser *p, const char *name, char *text, struct error **e)
{
	struct directive d = {.file = name};
	for (char *line; (line = strsep(&text, "\n"));) {
		d.line++;
		if (parse_line(p, &d, line, e) < 0)
			return -1;
	}
	return 0;
}

static int parse_file(struct parser *p, const char *path, struct error **e)
{
	auto_buf text = BUF(FILE_SIZE_MAX);
	if (++p->files > FILES_MAX)
		return error_set(e, ERROR_CONFIG, 0, "more than %d files are included", FILES_MAX);
	if (read_regular(p->root_fd, path, &text, e) < 0)
		return -1;
	return parse_text(p, path, text.data, e);
}

/* pacman's built-in level is "Optional" for both; a file of the user's own follows SigLevel. */
static void inherit_levels(const struct parser *p)
{
	struct pacman_conf *c = p->conf;
	c->package_level = p->level.package_set ? p->level.package : SIG_OPTIONAL;
	c->database_level = p->level.database_set ? p->level.database : SIG_OPTIONAL;
	c->local_file_level =
		p->local_level.package_set ? p->local_level.package : c->package_level;
	c->remote_file_level =
		p->remote_level.package_set ? p->remote_level.package : c->package_level;
	for (size_t i = 0; i < c->repo_count; i++) {
		const struct level *l = &p->repo_levels[i];
		c->repos[i].package_level = l->package_set ? l->package : c->package_level;
		c->repos[i].database_level = l->database_set ? l->database : c->database_level;
	}
}

struct pacman_conf *pacman_conf_read(int root_fd, const char *path, struct error **e)
{
	auto_pacman_conf *conf = calloc(1, sizeof *conf);
	if (!conf) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read %s", path);
		return NULL;
	}
	struct parser p = {.root_fd = root_fd, .conf = conf};
	int r = parse_file(&p, path, e);
	if (r == 0)
		inherit_levels(&p);
	free(p.repo_levels);
	return r < 0 ? NULL : take(&conf);
}

struct pacman_conf *pacman_conf_parse(const char *text, const char *name, struct error **e)
{
	auto_pacman_conf *conf = calloc(1, sizeof *conf);
	char *auto_free copy = conf ? text_copy(text, e) : NULL;
	if (!conf || !copy) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "read %s", name);
		return NULL;
	}
	struct parser p = {.root_fd = -1, .alone = true, .conf = conf};
	int r = parse_text(&p, name, copy, e);
	if (r == 0)
		inherit_levels(&p);
	free(p.repo_levels);
	return r < 0 ? NULL : take(&conf);
}

int mirrorlist_parse(const char *text, struct strings *servers, struct error **e)
{
	char *auto_free copy = text_copy(text, e);
	if (!copy)
		return -1;
	char *rest = copy;
	size_t number = 0;
	for (char *line; (line = strsep(&rest, "\n"));) {
		number++;
		line = text_trim(line);
		if (!*line || *line == '#')
			continue;
		char *value = strchr(line, '=');
		if (value)
			*value++ = '\0';
		if (!value || strcmp(text_trim(line), "Server") != 0 || !*text_trim(value))
			return error_set(e, ERROR_CONFIG, 0,
				"mirrorlist:%zu: not of the form 'Server = URL'", number);
		if (strings_add(servers, text_trim(value), e) < 0)
			return -1;
	}
	return 0;
}

void pacman_conf_free(struct pacman_conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->repo_count; i++) {
		free(c->repos[i].name);
		strings_free(&c->repos[i].servers);
	}
	free(c->repos);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (options[i].kind == KIND_LIST)
			strings_free((struct strings *)((char *)c + options[i].offset));
		if (options[i].kind == KIND_TEXT)
			free(*(char **)((char *)c + options[i].offset));
	}
	strings_free(&c->own);
	strings_free(&c->unknown);
	free(c);
}

void pacman_conf_cleanup(struct pacman_conf **c)
{
	pacman_conf_free(*c);
}
