/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap doctor */
#include "doctor/doctor.h"

#include "cli/option.h"

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct doctor_options o = {0};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &o, &operands, e) < 0 ||
		options_operands(v, &operands, 0, 0, e) < 0)
		return -1;
	if (o.kernel_release && !o.kernel_config) {
		error_set(e, ERROR_USAGE, 0, "doctor: --kernel-release is of which configuration?");
		return error_hint(e, "name its file, too: --kernel-config=FILE");
	}
	return doctor_run(&o, report, e);
}

#define AT(field) offsetof(struct doctor_options, field)
static const struct option_row options[] = {
	{"kernel-config", 0, OPTION_TEXT, AT(kernel_config), "FILE",
		"judge this configuration of a kernel instead of this machine; plain, .gz, .xz or "
		".zst"},
	{"kernel-release", 0, OPTION_TEXT, AT(kernel_release), "R",
		"it is of this version, as 'uname -r' says it: 5.10.149"},
	{"fragment", 0, OPTION_FLAG, AT(fragment), NULL,
		"print what is missing as a fragment for exactly this kernel's configuration"},
	{"all", 'a', OPTION_FLAG, AT(all), NULL, "show what is well, too"},
};

const struct verb verb_doctor = {"doctor", "",
	"tell what will run on this machine, what will not, and what to do", options,
	sizeof options / sizeof *options, run};
