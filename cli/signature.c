/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap signature FILE [SIG] */
#include "bootstrap/signature.h"
#include "cli/option.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct signature_options o = {.keyring = NULL};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &o, &operands, e) < 0 ||
		options_operands(v, &operands, 1, 2, e) < 0)
		return -1;
	const char *signature = operands.count > 1 ? operands.items[1] : NULL;
	return signature_show(operands.items[0], signature, &o, report, e);
}

#define AT(field) offsetof(struct signature_options, field)
static const struct option_row options[] = {
	{"keyring", 'k', OPTION_TEXT, AT(keyring), "FILE",
		"trust these OpenPGP keys instead of Arch Linux ARM's"},
	{"time", 't', OPTION_TEXT, AT(time), "TIME", "judge as at TIME: 2026-01-31T12:00:00Z"},
	{"second-opinion", 0, OPTION_FLAG, AT(second_opinion), NULL,
		"ask gpgv, too, where there is one; to disagree is an error"},
};

const struct verb verb_signature = {"signature", "FILE [SIG]",
	"show who signed FILE, when and how, and whether bootstrap would take it", options,
	sizeof options / sizeof *options, run};
