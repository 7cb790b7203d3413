/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packages-tool: the libalpm bridge by hand, for tests/integration/packages.
 *
 *   packages-tool ROOT version NAME          its installed version
 *   packages-tool ROOT run CMD…              CMD inside the environment
 *   packages-tool [OPTION…] ROOT plan|install TARGET…
 *
 * The environment is started where none is up, and then stopped again. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "packages/packages.h"
#include "tests/tools/mirror-tool.h"

struct tool {
	struct mirror_tool base;
	struct rootfs *rootfs;
	struct environment *environment;
	bool started;
	const char *mirror, *ca, *keyring, *cache, *arch;
	bool needed;
};

static const struct option options[] = {
	{"mirror", required_argument, NULL, 'm'},
	{"ca", required_argument, NULL, 'c'},
	{"keyring", required_argument, NULL, 'k'},
	{"cache", required_argument, NULL, 'd'},
	{"arch", required_argument, NULL, 'a'},
	{"needed", no_argument, NULL, 'n'},
	{0},
};

static int parse(struct tool *t, int argc, char **argv)
{
	for (int c; (c = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		switch (c) {
		case 'm':
			t->mirror = optarg;
			break;
		case 'c':
			t->ca = optarg;
			break;
		case 'k':
			t->keyring = optarg;
			break;
		case 'd':
			t->cache = optarg;
			break;
		case 'a':
			t->arch = optarg;
			break;
		case 'n':
			t->needed = true;
			break;
		default:
			return -1;
		}
	}
	return argc - optind < 3 ? -1 : 0;
}

static int open_environment(struct tool *t, struct error **e)
{
	auto_error *failure = NULL;
	t->environment = environment_find(t->rootfs, &failure);
	if (t->environment)
		return 0;
	if (failure)
		return error_set(e, error_code(failure), 0, "%s", error_message(failure));
	t->environment = environment_start(t->rootfs, NULL, t->base.report, e);
	t->started = t->environment != NULL;
	return t->environment ? 0 : -1;
}

static void close_environment(struct tool *t)
{
	auto_error *failure = NULL;
	if (t->started && environment_stop(t->environment, t->base.report, &failure) < 0)
		report_error(t->base.report, failure);
	else if (!t->started)
		environment_free(t->environment);
}

static void print_plan(const struct package_plan *p)
{
	static const char *const names[] = {
		"install", "upgrade", "reinstall", "remove", "downgrade"};
	for (size_t i = 0; i < p->count; i++) {
		const struct planned_package *k = &p->packages[i];
		printf("%s%s %s %s %s %s\n", names[k->action], k->asked ? "*" : "", k->name,
			k->old_version ? k->old_version : "-", k->version ? k->version : "-",
			k->repo ? k->repo : "-");
	}
	printf("total %zu download %llu installed %llu\n", p->count,
		(unsigned long long)p->download_size, (unsigned long long)p->installed_size);
	fflush(stdout);
}

static int plan_and_commit(const struct tool *t, const struct packages_context *c,
	const struct strings *targets, bool commit, struct error **e)
{
	struct databases *d = databases_sync(c, e);
	if (!d)
		return -1;
	struct package_plan *p = package_plan_install(c, d, targets, t->needed, e);
	if (p)
		print_plan(p);
	int result = p ? 0 : -1;
	if (p && commit)
		result = package_plan_commit(c, d, p, e);
	package_plan_free(p);
	databases_free(d);
	return result;
}

static int install(struct tool *t, char **words, bool commit, struct error **e)
{
	auto_strings targets = {0};
	for (char **w = words; *w; w++)
		if (strings_add(&targets, *w, e) < 0)
			return -1;
	t->base.http.time = trusted_time_from(time(NULL));
	if (strings_add(&t->base.servers, t->mirror, e) < 0 ||
		mirror_tool_trust(&t->base, t->ca, e) < 0)
		return -1;
	struct mirrors *mirrors = mirror_tool_mirrors(&t->base, t->arch, e);
	auto_openpgp_keyring *keyring = openpgp_keyring_read(t->keyring, e);
	auto_pacman_conf *conf = pacman_conf_read(rootfs_fd(t->rootfs), "/etc/pacman.conf", e);
	struct fetch_source source = {mirrors, &t->base.http, t->base.report};
	struct packages_context c = {
		t->rootfs, t->environment, &source, keyring, conf, t->cache, t->base.report};
	int result = mirrors && keyring && conf ? plan_and_commit(t, &c, &targets, commit, e) : -1;
	mirrors_free(mirrors);
	return result;
}

/* What a full upgrade would do, by the databases that the root has. */
static int upgrade(const struct tool *t, struct error **e)
{
	const struct package_wish wish = {.operation = PACKAGES_REFRESH};
	auto_pacman_conf *conf = pacman_conf_read(rootfs_fd(t->rootfs), "/etc/pacman.conf", e);
	const struct packages_context c = {
		.rootfs = t->rootfs, .conf = conf, .report = t->base.report, .arch = t->arch};
	struct databases *d = conf ? databases_remembered(&c, e) : NULL;
	struct package_plan *p = d ? package_plan_make(&c, d, &wish, e) : NULL;
	int result = p ? 0 : -1;
	if (p)
		print_plan(p);
	package_plan_free(p);
	databases_free(d);
	return result;
}

static void print_line(void *arg, const char *line)
{
	puts(line);
}

static int run(struct tool *t, char **words, struct error **e)
{
	int status = 0;
	if (environment_run(
		    t->environment, (const char *const *)words, print_line, NULL, &status, e) < 0)
		return -1;
	return status ? error_set(e, ERROR_CONTAINER, 0, "%s: status %d", words[0], status) : 0;
}

static int work(struct tool *t, char **words, struct error **e)
{
	auto_error *failure = NULL;
	if (strcmp(words[0], "version") == 0) {
		char *version = package_installed_version(t->rootfs, words[1], &failure);
		puts(version ? version : "none");
		free(version);
		return failure ? error_set(e, error_code(failure), 0, "%s", error_message(failure))
			       : 0;
	}
	if (strcmp(words[0], "upgrade") == 0)
		return upgrade(t, e);
	if (open_environment(t, e) < 0)
		return -1;
	int result;
	if (strcmp(words[0], "run") == 0)
		result = run(t, words + 1, e);
	else
		result = install(t, words + 1, strcmp(words[0], "install") == 0, e);
	close_environment(t);
	return result;
}

int main(int argc, char **argv)
{
	struct tool t = {.arch = "x86_64"};
	auto_error *e = NULL;
	if (parse(&t, argc, argv) < 0)
		return 2;
	int result = mirror_tool_begin(&t.base, &e);
	t.rootfs = result == 0 ? rootfs_open(argv[optind], &e) : NULL;
	result = t.rootfs ? work(&t, argv + optind + 1, &e) : -1;
	rootfs_free(t.rootfs);
	int status = mirror_tool_end(&t.base, e);
	return result < 0 ? status : 0;
}
