/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bootstrap/alarm_keyring.h"
#include "chroot/binfmt.h"
#include "chroot/cgroup_layout.h"
#include "containers/containers.h"
#include "containers/network_choice.h"
#include "hooks/user.h"
#include "lib/fd.h"
#include "lib/http.h"
#include "lib/path.h"
#include "mirrors/pacman_conf.h"

int config_arch(const char *word, const char **arch, const char **tarball)
{
	static const struct {
		const char *word, *arch, *tarball;
	} known[] = {
		{"aarch64", "aarch64", "ArchLinuxARM-aarch64-latest.tar.gz"},
		{"armv7h", "armv7h", "ArchLinuxARM-armv7-latest.tar.gz"},
		{"armv7l", "armv7h", "ArchLinuxARM-armv7-latest.tar.gz"},
		{"armv8l", "armv7h", "ArchLinuxARM-armv7-latest.tar.gz"},
		/* ALARM has none; a mirror of one's own may. */
		{"x86_64", "x86_64", "ArchLinuxARM-x86_64-latest.tar.gz"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].word, word) == 0) {
			*arch = known[i].arch;
			*tarball = known[i].tarball;
			return 0;
		}
	return -1;
}

static int choose_arch(struct config *c, const char *asked, bool looks_only, struct error **e)
{
	struct utsname host;
	if (uname(&host) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "uname");
	if (config_arch(asked ? asked : host.machine, &c->arch, &c->tarball) < 0) {
		error_set(e, ERROR_CONFIG, 0, "there is no Arch Linux ARM for '%s'",
			asked ? asked : host.machine);
		return error_hint(e, "known are aarch64, armv7h and x86_64: --arch=aarch64");
	}
	return looks_only ? 0 : binfmt_check(c->arch, e);
}

/* The option's word, else the file's. NULL is neither. */
static int set_text(char **to, const char *option, struct error **e)
{
	if (!option || *to)
		return 0;
	*to = text_copy(option, e);
	return *to ? 0 : -1;
}

static int add_all(struct strings *to, const struct strings *from, struct error **e)
{
	for (size_t i = 0; i < from->count; i++)
		if (!strings_contain(to, from->items[i]) && strings_add(to, from->items[i], e) < 0)
			return -1;
	return 0;
}

/* What the file may say beside pacman's words, in a section [alarmstrap]. */
struct own_words {
	char *keyring, *ca_file, *hook_timeout, *limit_rate, *hostname, *authorized_keys,
		*passwords;
};

static int own_line(struct config *c, struct own_words *own, char *line, struct error **e)
{
	char *value = strchr(line, '=');
	if (!value)
		return error_set(e, ERROR_CONFIG, 0, "[alarmstrap] '%s' has no value", line);
	*value++ = '\0';
	const char *key = text_trim(line);
	value = text_trim(value);
	const struct {
		const char *key;
		char **text;
		struct strings *list;
	} words[] = {
		{"Package", NULL, &c->packages},
		{"Container", NULL, &c->containers},
		{"Dns", NULL, &c->dns_servers},
		{"Link", &c->link, NULL},
		{"Network", &c->network, NULL},
		{"Keyring", &own->keyring, NULL},
		{"CaFile", &own->ca_file, NULL},
		{"HookDir", NULL, &c->hook_dirs},
		{"HookTimeout", &own->hook_timeout, NULL},
		{"CgroupLayout", &c->cgroup_layout, NULL},
		{"Hostname", &own->hostname, NULL},
		{"AuthorizedKeys", &own->authorized_keys, NULL},
		{"Passwords", &own->passwords, NULL},
		{"LimitRate", &own->limit_rate, NULL},
	};
	int of_clock = hostclock_sources_line(&c->clock, key, value, e);
	if (of_clock)
		return of_clock < 0 ? -1 : 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i].key, key) != 0)
			continue;
		return words[i].text ? set_text(words[i].text, value, e)
				     : strings_split(words[i].list, value, " \t,", e);
	}
	error_set(e, ERROR_CONFIG, 0, "[alarmstrap] knows no '%s'", key);
	return error_hint(e,
		"known are Package, Container, Dns, Link, Network, Keyring, CaFile, HookDir, "
		"HookTimeout, "
		"LimitRate, CgroupLayout, Hostname, AuthorizedKeys, Passwords, TimeHost, "
		"NtpServer, "
		"TimeQuorum and TimeFile");
}

static int from_file(
	struct config *c, const char *path, struct own_words *own, char **arch, struct error **e)
{
	auto_pacman_conf *f = pacman_conf_read(AT_FDCWD, path, e);
	if (!f)
		return -1;
	if (f->architectures.count && strcmp(f->architectures.items[0], "auto") != 0 &&
		set_text(arch, f->architectures.items[0], e) < 0)
		return -1;
	if (f->cache_dirs.count && set_text(&c->cache_dir, f->cache_dirs.items[0], e) < 0)
		return -1;
	/* A mirror serves every repository by one template: those of the first repository name all.
	 */
	if (!c->mirrors.count && f->repo_count && add_all(&c->mirrors, &f->repos[0].servers, e) < 0)
		return -1;
	for (size_t i = 0; i < f->own.count; i++)
		if (own_line(c, own, f->own.items[i], e) < 0)
			return error_wrap(e, "%s", path);
	return 0;
}

static int from_options(struct config *c, const struct config_options *o, struct error **e)
{
	if (add_all(&c->mirrors, &o->mirrors, e) < 0 ||
		add_all(&c->packages, &o->packages, e) < 0 ||
		add_all(&c->dns_servers, &o->dns_servers, e) < 0 ||
		add_all(&c->containers, &o->containers, e) < 0 ||
		add_all(&c->hook_dirs, &o->hook_dirs, e) < 0)
		return -1;
	c->mirrors_in_order = o->mirrors.count != 0;
	c->insecure_time = o->insecure_time;
	c->allow_old = o->allow_old;
	if (set_text(&c->cache_dir, o->cache_dir, e) < 0 || set_text(&c->time, o->time, e) < 0 ||
		set_text(&c->time_from, o->time_from, e) < 0)
		return -1;
	if (set_text(&c->cgroup_layout, o->cgroup_layout, e) < 0)
		return -1;
	if (set_text(&c->network, o->network, e) < 0)
		return -1;
	return set_text(&c->link, o->link, e);
}

static int read_trust(struct config *c, const char *keyring, const char *ca_file, struct error **e)
{
	c->keyring = keyring ? openpgp_keyring_read(keyring, e) : alarm_keyring_open(e);
	if (!c->keyring)
		return -1;
	return http_read_ca(ca_file, &c->ca_pem, &c->ca_pem_length, e);
}

static int set_hook_timeout(struct config *c, const char *text, struct error **e)
{
	int64_t seconds = USER_HOOK_TIMEOUT_S;
	if (text && text_to_int64(text, 1, USER_HOOK_TIMEOUT_MAX_S, &seconds) < 0) {
		error_set(e, ERROR_CONFIG, 0, "'%s' is no time limit for hooks", text);
		return error_hint(e, "give it in seconds, from 1 to %d", USER_HOOK_TIMEOUT_MAX_S);
	}
	c->hook_timeout_ms = (int)seconds * 1000;
	return 0;
}

static int check_network(const struct config *c, struct error **e)
{
	enum network_mode unused;
	return c->network ? network_mode_parse(c->network, &unused, e) : 0;
}

static int check_cgroup_layout(const struct config *c, struct error **e)
{
	enum cgroup_layout unused;
	return c->cgroup_layout ? cgroup_layout_parse(c->cgroup_layout, &unused, e) : 0;
}

static int set_identity(struct config *c, const struct config_options *o,
	const struct own_words *own, struct error **e)
{
	struct identity_words words = o->identity;
	if (!words.hostname)
		words.hostname = own->hostname;
	if (!words.authorized_keys)
		words.authorized_keys = own->authorized_keys;
	if (!words.passwords)
		words.passwords = own->passwords;
	return identity_read(&c->identity, &words, e);
}

int config_rate(const char *text, uint64_t *bytes_per_s)
{
	char digits[24];
	int64_t number;
	size_t length = strspn(text, "0123456789");
	const char *unit = text + length;
	int shift = !*unit ? 0 : strchr("kK", *unit) ? 10 : strchr("mM", *unit) ? 20 : 30;
	if (length >= sizeof digits || (*unit && (!strchr("kKmMgG", *unit) || unit[1])))
		return -1;
	snprintf(digits, sizeof digits, "%.*s", (int)length, text);
	if (text_to_int64(digits, 1, INT64_MAX >> shift, &number) < 0)
		return -1;
	*bytes_per_s = (uint64_t)number << shift;
	return 0;
}

static int set_rate(struct config *c, const char *text, struct error **e)
{
	if (!text || config_rate(text, &c->rate_limit) == 0)
		return 0;
	error_set(e, ERROR_CONFIG, 0, "'%s' is no rate", text);
	return error_hint(e, "give it in bytes a second, as in --limit-rate=500k or 2M");
}

static int fill(
	struct config *c, const struct config_options *o, struct own_words *own, struct error **e)
{
	char *auto_free arch = NULL;
	if (set_text(&arch, o->arch, e) < 0 || from_options(c, o, e) < 0)
		return -1;
	const char *file = o->config;
	if (!file && path_exists(AT_FDCWD, CONFIG_FILE))
		file = CONFIG_FILE;
	if (file && from_file(c, file, own, &arch, e) < 0)
		return -1;
	for (size_t i = 0; i < c->containers.count; i++)
		if (container_check_name(c->containers.items[i], e) < 0)
			return -1;
	if (source_parse(o->from, &c->source, e) < 0 ||
		set_rate(c, o->limit_rate ? o->limit_rate : own->limit_rate, e) < 0 ||
		choose_arch(c, arch, o->looks_only, e) < 0 ||
		set_hook_timeout(c, o->hook_timeout ? o->hook_timeout : own->hook_timeout, e) < 0 ||
		set_identity(c, o, own, e) < 0 || check_cgroup_layout(c, e) < 0 ||
		check_network(c, e) < 0)
		return -1;
	if (c->source.name)
		c->tarball = c->source.name;
	return read_trust(c, o->keyring ? o->keyring : own->keyring,
		o->ca_file ? o->ca_file : own->ca_file, e);
}

struct config *config_new(const char *root, const struct config_options *o, struct error **e)
{
	struct own_words own = {NULL};
	struct config *c = calloc(1, sizeof *c);
	if (!c) {
		error_set(e, ERROR_SYSTEM, ENOMEM, "configuration");
		return NULL;
	}
	c->root = path_absolute(root, e);
	if (!c->root)
		error_hint(e, "make the directory above it first (mkdir -p), or name another");
	if (!c->root || fill(c, o, &own, e) < 0) {
		config_free(c);
		c = NULL;
	}
	free(own.keyring);
	free(own.ca_file);
	free(own.hook_timeout);
	free(own.hostname);
	free(own.authorized_keys);
	free(own.passwords);
	free(own.limit_rate);
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	free(c->root);
	source_free(&c->source);
	free(c->cache_dir);
	free(c->time);
	free(c->time_from);
	hostclock_sources_free(&c->clock);
	free(c->link);
	free(c->network);
	free(c->cgroup_layout);
	identity_free(&c->identity);
	free(c->ca_pem);
	strings_free(&c->mirrors);
	strings_free(&c->packages);
	strings_free(&c->dns_servers);
	strings_free(&c->containers);
	strings_free(&c->hook_dirs);
	openpgp_keyring_free(c->keyring);
	free(c);
}
