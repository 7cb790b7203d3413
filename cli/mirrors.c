/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap mirrors [ROOT] */
#include "bootstrap/survey.h"
#include "cli/option.h"

static void options_free(struct survey_options *o)
{
	strings_free(&o->config.mirrors);
	strings_free(&o->config.dns_servers);
	strings_free(&o->lists);
}
#define auto_options __attribute__((cleanup(options_free))) struct survey_options

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_options o = {.root = NULL};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &o, &operands, e) < 0 ||
		options_operands(v, &operands, 0, 1, e) < 0)
		return -1;
	o.root = operands.count ? operands.items[0] : NULL;
	if (o.container && !o.root)
		return error_set(e, ERROR_USAGE, 0, "mirrors: --container of which ROOT?");
	return survey_run(&o, report, e);
}

#define AT(field) offsetof(struct survey_options, field)
static const struct option_row options[] = {
	{"rank", 'r', OPTION_FLAG, AT(rank), NULL,
		"ask them which are fresh and fast; with ROOT, write the best into its mirrorlist"},
	{"list", 0, OPTION_EACH, AT(lists), "FILE",
		"take the servers of FILE, in the syntax of pacman's mirrorlist"},
	{"mirror", 'm', OPTION_LIST, AT(config.mirrors), "URL",
		"and this mirror: https://host or https://host/$arch/$repo"},
	{"arch", 'a', OPTION_TEXT, AT(config.arch), "ARCH",
		"aarch64, armv7h, x86_64; default: ROOT's, or this"},
	{"container", 0, OPTION_TEXT, AT(container), "NAME",
		"look at the rootfs of this LXC container of ROOT"},
	{"config", 'c', OPTION_TEXT, AT(config.config), "FILE",
		"read FILE in the syntax of pacman.conf (" CONFIG_FILE ")"},
	{"dns", 0, OPTION_LIST, AT(config.dns_servers), "IP", "ask this DNS server"},
	{"time", 't', OPTION_TEXT, AT(config.time), "TIME", "it is TIME: 2026-01-31T12:00:00Z"},
	{"cacert", 0, OPTION_TEXT, AT(config.ca_file), "FILE",
		"trust the certificates of FILE (PEM), of the 'system', or of 'android'"},
	{"ca-file", 0, OPTION_TEXT, AT(config.ca_file), "FILE", "the same as --cacert"},
	{"print", 0, OPTION_FLAG, AT(print), NULL, "show which would be asked and do nothing"},
};

const struct verb verb_mirrors = {"mirrors", "[ROOT]",
	"tell which mirrors there are, and which are fresh and fast", options,
	sizeof options / sizeof *options, run};
