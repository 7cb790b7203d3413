/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap clock */
#include "bootstrap/hostclock_config.h"
#include "cli/option.h"

struct choices {
	struct hostclock_options clock;
	bool set;
};

static void choices_free(struct choices *c)
{
	strings_free(&c->clock.dns_servers);
}
#define auto_choices __attribute__((cleanup(choices_free))) struct choices

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_choices c = {0};
	auto_strings operands = {0};
	auto_hostclock_config config = {.ca_pem = NULL};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, 0, 0, e) < 0 ||
		hostclock_config_read(&c.clock, &config, e) < 0)
		return -1;
	return hostclock_check(&config.settings, c.set, report, e);
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"set", 's', OPTION_FLAG, AT(set), NULL,
		"set the clock where it is off by a minute or more"},
	{"time", 't', OPTION_TEXT, AT(clock.time), "TIME",
		"it is TIME: 2026-01-31T12:00:00Z; nobody is asked"},
	{"time-from", 0, OPTION_TEXT, AT(clock.time_from), "URL", "believe this https host, alone"},
	{"insecure-time", 0, OPTION_FLAG, AT(clock.insecure), NULL,
		"where no https host tells the time, believe SNTP, which proves nothing"},
	{"config", 'c', OPTION_TEXT, AT(clock.config), "FILE",
		"read the hosts to ask in FILE's section [alarmstrap]"},
	{"dns", 0, OPTION_LIST, AT(clock.dns_servers), "IP", "ask this DNS server"},
	{"cacert", 0, OPTION_TEXT, AT(clock.ca_file), "FILE",
		"trust the certificates of FILE (PEM), of the 'system', or of 'android'"},
	{"ca-file", 0, OPTION_TEXT, AT(clock.ca_file), "FILE", "the same as --cacert"},
};

const struct verb verb_clock = {"clock", "",
	"ask HTTPS hosts for the time, compare or set the clock", options,
	sizeof options / sizeof *options, run};
