/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap bootstrap ROOT */
#include "bootstrap/bootstrap.h"
#include "cli/option.h"

struct choices {
	struct config_options config;
	bool print;
};

static void choices_free(struct choices *c)
{
	strings_free(&c->config.mirrors);
	strings_free(&c->config.packages);
	strings_free(&c->config.dns_servers);
	strings_free(&c->config.containers);
	strings_free(&c->config.hook_dirs);
}
#define auto_choices __attribute__((cleanup(choices_free))) struct choices

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_choices c = {0};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 1, e) < 0)
		return -1;
	struct config *config = config_new(operands.items[0], &c.config, e);
	if (!config)
		return -1;
	int r = c.print ? bootstrap_print(config, report, e) : bootstrap_run(config, report, e);
	config_free(config);
	return r;
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"container", 0, OPTION_LIST, AT(config.containers), "NAME",
		"create and start this LXC container"},
	{"package", 'p', OPTION_LIST, AT(config.packages), "NAME", "install this package, too"},
	{"from", 'f', OPTION_TEXT, AT(config.from), "SOURCE",
		"mirror: its tarball (default); packages: no tarball, half the bytes; a FILE or "
		"URL "
		"with its .sig"},
	{"mirror", 'm', OPTION_LIST, AT(config.mirrors), "URL",
		"ask this mirror: https://host or https://host/$arch/$repo"},
	{"arch", 'a', OPTION_TEXT, AT(config.arch), "ARCH",
		"aarch64, armv7h, x86_64; default: this"},
	{"config", 'c', OPTION_TEXT, AT(config.config), "FILE",
		"read FILE in the syntax of pacman.conf (" CONFIG_FILE ")"},
	{"cache-dir", 0, OPTION_TEXT, AT(config.cache_dir), "DIR", "keep packages in DIR"},
	{"link", 'l', OPTION_TEXT, AT(config.link), "LINK",
		"put containers on this network link; default: that of the default route"},
	{"network", 'n', OPTION_TEXT, AT(config.network), "WORD",
		"what new containers get: auto, macvlan, veth (bridge, DHCP, NAT), none, host"},
	{"dns", 0, OPTION_LIST, AT(config.dns_servers), "IP", "ask this DNS server"},
	{"time", 't', OPTION_TEXT, AT(config.time), "TIME", "it is TIME: 2026-01-31T12:00:00Z"},
	{"time-from", 0, OPTION_TEXT, AT(config.time_from), "URL",
		"believe this https host, alone, about the time"},
	{"insecure-time", 0, OPTION_FLAG, AT(config.insecure_time), NULL,
		"where no https host tells the time, believe SNTP, which proves nothing"},
	{"keyring", 'k', OPTION_TEXT, AT(config.keyring), "FILE",
		"trust these OpenPGP keys instead of Arch Linux ARM's"},
	{"cacert", 0, OPTION_TEXT, AT(config.ca_file), "FILE",
		"trust the certificates of FILE (PEM), of the 'system', or of 'android'"},
	{"ca-file", 0, OPTION_TEXT, AT(config.ca_file), "FILE", "the same as --cacert"},
	{"allow-old", 0, OPTION_FLAG, AT(config.allow_old), NULL,
		"take a tarball and package databases that are older than they may be"},
	{"limit-rate", 0, OPTION_TEXT, AT(config.limit_rate), "RATE",
		"download at most RATE bytes a second: 500k, 2M"},
	{"hook-dir", 0, OPTION_LIST, AT(config.hook_dirs), "DIR",
		"run the hooks in DIR before and after stages"},
	{"hook-timeout", 0, OPTION_TEXT, AT(config.hook_timeout), "SECONDS",
		"a hook may take this long; default: 600"},
	{"cgroup-layout", 0, OPTION_TEXT, AT(config.cgroup_layout), "WORD",
		"auto, unified (cgroup2 alone), v1 or hybrid; kept from start to start"},
	{"hostname", 0, OPTION_TEXT, AT(config.identity.hostname), "NAME",
		"the name of the machine inside; default: as the tarball has it"},
	{"authorized-keys", 0, OPTION_TEXT, AT(config.identity.authorized_keys), "FILE",
		"let these keys in by SSH, as root and alarm"},
	{"passwords", 0, OPTION_TEXT, AT(config.identity.passwords), "FILE",
		"set these passwords, lines of USER:HASH; default: none lets in"},
	{"print", 0, OPTION_FLAG, AT(print), NULL, "show what would be done and do nothing"},
};

const struct verb verb_bootstrap = {"bootstrap", "ROOT",
	"fetch, verify, unpack and configure Arch Linux ARM in ROOT, start containers", options,
	sizeof options / sizeof *options, run};
