/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user wants of a bootstrap, from the command line and the configuration file, resolved
 * and checked before anything happens. The command line wins. */
#ifndef BOOTSTRAP_CONFIG_H
#define BOOTSTRAP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "bootstrap/hostclock_sources.h"
#include "bootstrap/source.h"
#include "hooks/identity.h"
#include "lib/error.h"
#include "lib/openpgp.h"
#include "lib/text.h"

#define CONFIG_FILE "/etc/alarmstrap.conf"

/* As the command line gave it. */
struct config_options {
	const char *arch, *config, *cache_dir, *time, *time_from, *keyring, *ca_file, *link,
		*network;
	const char *from; /* --from: mirror, packages, FILE or URL */
	const char *hook_timeout; /* seconds */
	struct identity_words identity;
	const char *limit_rate; /* "500k" */
	const char *cgroup_layout;
	bool insecure_time;
	bool allow_old; /* what is older than it may be is a warning */
	bool looks_only; /* nothing of the architecture is to be run */
	struct strings mirrors, packages, dns_servers, containers, hook_dirs;
};

struct config {
	char *root; /* absolute */
	const char *arch; /* pacman's word: "aarch64", "armv7h", "x86_64" */
	struct source source;
	const char *tarball; /* "ArchLinuxARM-aarch64-latest.tar.gz", or the source's name */
	char *cache_dir, *time, *time_from, *link; /* NULL: not chosen */
	char *network; /* a word of containers/network_choice.h, checked; NULL: not chosen */
	bool insecure_time, allow_old;
	struct hostclock_sources clock;
	struct strings mirrors, packages, dns_servers, containers;
	bool mirrors_in_order; /* the command line named them */
	struct strings hook_dirs; /* those of the command line first */
	int hook_timeout_ms;
	struct identity identity;
	char *cgroup_layout; /* checked; NULL: not chosen */
	struct openpgp_keyring *keyring;
	uint64_t rate_limit; /* bytes a second; 0: none */
	char *ca_pem;
	size_t ca_pem_length;
};

/* ERROR_CONFIG or ERROR_USAGE. Reads files, touches nothing. */
struct config *config_new(
	const char *root, const struct config_options *o, struct error **e) must_check;
void config_free(struct config *c);

/* Pure: the row of a known architecture; -1 where we know no such one. uname(2)'s names for the
 * same ("armv7l") are taken, too. */
int config_arch(const char *word, const char **arch, const char **tarball);

/* Pure: "65536", "500k", "2M", "1G": bytes a second, in steps of 1024 as curl and wget count them;
 * -1 for anything else, and for 0. */
int config_rate(const char *text, uint64_t *bytes_per_s) must_check;

#endif
