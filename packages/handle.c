/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/handle.h"

#include <paths.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "packages/inside.h"

/* A database without a server is refused even when every file is at hand. Port 0 cannot be asked.
 */
static const char DUMMY_SERVER[] = "http://127.0.0.1:0";

int handle_error(alpm_handle_t *h, const char *what, struct error **e)
{
	alpm_errno_t number = alpm_errno(h);
	enum error_code code = number == ALPM_ERR_DISK_SPACE	? ERROR_SPACE
			       : number == ALPM_ERR_HANDLE_LOCK ? ERROR_BUSY
								: ERROR_PACKAGES;
	return error_set(e, code, 0, "%s: %s", what, alpm_strerror(number));
}

typedef int add_word(alpm_handle_t *h, const char *word);

static int add_words(alpm_handle_t *h, const struct strings *words, add_word *add)
{
	for (size_t i = 0; i < words->count; i++)
		if (add(h, words->items[i]) < 0)
			return -1;
	return 0;
}

static int add_architectures(alpm_handle_t *h, const struct strings *words, const char *arch)
{
	/* None: libalpm then takes packages of any. Ours alone is meant. */
	if (words->count == 0)
		return alpm_option_add_architecture(h, arch);
	for (size_t i = 0; i < words->count; i++) {
		const char *word = strcmp(words->items[i], "auto") ? words->items[i] : arch;
		if (alpm_option_add_architecture(h, word) < 0)
			return -1;
	}
	return 0;
}

/* The system's directory /usr/share/libalpm/hooks is in the handle from its birth. */
static int add_hook_dirs(alpm_handle_t *h, const struct strings *dirs)
{
	if (dirs->count == 0)
		return alpm_option_add_hookdir(h, "/etc/pacman.d/hooks/");
	return add_words(h, dirs, alpm_option_add_hookdir);
}

static bool is_default(const char *path)
{
	size_t length = strlen(INSIDE_DB_PATH);
	return strncmp(path, INSIDE_DB_PATH, length) == 0 &&
	       path[length + strspn(path + length, "/")] == '\0';
}

/* A ramfs, as it is the root of an initramfs, counts no blocks, and libalpm finds none free. The
 * table of mounts that it looks into is a link of the root's own, which an empty root lacks: who
 * fills one looks at the space beforehand. */
static bool counts_space(alpm_handle_t *h)
{
	struct statvfs v;
	return access(_PATH_MOUNTED, R_OK) == 0 &&
	       (statvfs(alpm_option_get_root(h), &v) < 0 || v.f_blocks);
}

static int apply(alpm_handle_t *h, const struct pacman_conf *conf, const char *arch)
{
	const char *log = conf->log_file ? conf->log_file : "/var/log/pacman.log";
	if (add_architectures(h, &conf->architectures, arch) < 0 ||
		add_words(h, &conf->ignore_pkg, alpm_option_add_ignorepkg) < 0 ||
		add_words(h, &conf->ignore_group, alpm_option_add_ignoregroup) < 0 ||
		add_words(h, &conf->no_upgrade, alpm_option_add_noupgrade) < 0 ||
		add_words(h, &conf->no_extract, alpm_option_add_noextract) < 0 ||
		add_hook_dirs(h, &conf->hook_dirs) < 0)
		return -1;
	if (alpm_option_add_cachedir(h, INSIDE_CACHE_PATH) < 0 ||
		alpm_option_set_logfile(h, log) < 0 ||
		alpm_option_set_checkspace(h, conf->check_space && counts_space(h)) < 0 ||
		alpm_option_set_default_siglevel(h, 0) < 0)
		return -1;
	return 0;
}

int handle_apply(
	alpm_handle_t *h, const struct pacman_conf *conf, const char *arch, struct error **e)
{
	/* What reads the database by descriptor knows this place only. */
	if (conf->db_path && !is_default(conf->db_path))
		return error_set(e, ERROR_CONFIG, 0, "pacman.conf: DBPath = %s is not supported",
			conf->db_path);
	return apply(h, conf, arch) < 0 ? handle_error(h, "pacman.conf", e) : 0;
}

int handle_add_wish(alpm_handle_t *h, const struct package_wish *wish, struct error **e)
{
	if ((wish->ignore && add_words(h, wish->ignore, alpm_option_add_ignorepkg) < 0) ||
		(wish->ignore_group &&
			add_words(h, wish->ignore_group, alpm_option_add_ignoregroup) < 0) ||
		(wish->overwrite &&
			add_words(h, wish->overwrite, alpm_option_add_overwrite_file) < 0))
		return handle_error(h, "options", e);
	return 0;
}

static int add_databases(alpm_handle_t *h, const struct databases *d, struct error **e)
{
	for (size_t i = 0; i < d->count; i++) {
		const char *repo = d->items[i]->repo;
		alpm_db_t *db = alpm_register_syncdb(h, repo, 0);
		if (!db || alpm_db_add_server(db, DUMMY_SERVER) < 0 || alpm_db_get_valid(db) < 0)
			return handle_error(h, repo, e);
	}
	return 0;
}

alpm_handle_t *handle_open(const struct pacman_conf *conf, const char *arch,
	const struct databases *d, struct error **e)
{
	alpm_errno_t number = 0;
	alpm_handle_t *h = alpm_initialize("/", INSIDE_DB_PATH, &number);
	if (!h) {
		error_set(e, ERROR_ROOT, 0, "%s: %s", INSIDE_DB_PATH, alpm_strerror(number));
		return NULL;
	}
	if (handle_apply(h, conf, arch, e) == 0 && add_databases(h, d, e) == 0)
		return h;
	handle_close(h);
	return NULL;
}

void handle_close(alpm_handle_t *h)
{
	/* Fails where there is none. */
	alpm_trans_release(h);
	alpm_release(h);
}
