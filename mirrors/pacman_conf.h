/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pacman.conf(5) and mirrorlists, parsed: what a root or a user says about repositories.
 *
 * Include (with globs) is followed inside `root` only. Words that we cannot honour are kept as a
 * list for a warning; broken syntax is ERROR_CONFIG with file and line. */
#ifndef MIRRORS_PACMAN_CONF_H
#define MIRRORS_PACMAN_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/text.h"

/* SigLevel, as pacman.conf(5) has it: package and database part. */
enum sig_level { SIG_NEVER, SIG_OPTIONAL, SIG_REQUIRED };

struct pacman_repo {
	char *name;
	struct strings servers; /* with $repo and $arch still in them */
	enum sig_level package_level, database_level;
};

struct pacman_conf {
	struct strings architectures; /* as written; "auto" stays "auto" */
	enum sig_level package_level, database_level, local_file_level, remote_file_level;
	struct strings ignore_pkg, ignore_group, hold_pkg, no_upgrade, no_extract;
	struct strings cache_dirs, hook_dirs, clean_methods;
	char *db_path, *log_file, *gpg_dir; /* NULL: pacman's default */
	bool check_space, disable_sandbox;
	char *download_user;
	struct pacman_repo *repos;
	size_t repo_count;
	/* Of a section [alarmstrap], which pacman does not have: "Key = value" lines as they are.
	 */
	struct strings own;
	/* "FILE:LINE: word" of what was not understood. */
	struct strings unknown;
};

/* Parses `path` below the directory `root_fd` (AT_FDCWD: the host), following Include there. */
struct pacman_conf *pacman_conf_read(int root_fd, const char *path, struct error **e) must_check;
/* Parses the text of one file, called `name` in errors; what it includes is left out. */
struct pacman_conf *pacman_conf_parse(
	const char *text, const char *name, struct error **e) must_check;
/* A bare mirrorlist: its Server lines, in order. */
int mirrorlist_parse(const char *text, struct strings *servers, struct error **e) must_check;
void pacman_conf_free(struct pacman_conf *c);
void pacman_conf_cleanup(struct pacman_conf **c);
#define auto_pacman_conf __attribute__((cleanup(pacman_conf_cleanup))) struct pacman_conf

#endif
