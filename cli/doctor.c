/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap doctor [ROOT] */
#include "doctor/doctor.h"

#include "cli/option.h"

struct choices {
	struct doctor_options doctor;
	bool elf;
};

static int conflict(const struct choices *c, const struct strings *words, struct error **e)
{
	const struct doctor_options *o = &c->doctor;
	if (o->kernel_release && !o->kernel_config) {
		error_set(e, ERROR_USAGE, 0, "doctor: --kernel-release is of which configuration?");
		return error_hint(e, "name its file, too: --kernel-config=FILE");
	}
	if (c->elf && (o->kernel_config || o->fragment || o->all))
		return error_set(e, ERROR_USAGE, 0, "doctor: --elf goes with files alone");
	if (words->count && !c->elf && (o->kernel_config || o->fragment))
		return error_set(e, ERROR_USAGE, 0,
			"doctor: a kernel's configuration tells nothing of %s", words->items[0]);
	return 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	struct choices c = {.elf = false};
	auto_strings operands = {0};
	if (options_parse(v, argc, argv, &c, &operands, e) < 0 ||
		options_operands(v, &operands, c.elf ? 1 : 0, c.elf ? 65536 : 1, e) < 0 ||
		conflict(&c, &operands, e) < 0)
		return -1;
	if (c.elf)
		return doctor_elf(&operands, report, e);
	c.doctor.root = operands.count ? operands.items[0] : NULL;
	return doctor_run(&c.doctor, report, e);
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"kernel-config", 0, OPTION_TEXT, AT(doctor.kernel_config), "FILE",
		"judge this configuration of a kernel instead of this machine; plain, .gz, .xz or "
		".zst"},
	{"kernel-release", 0, OPTION_TEXT, AT(doctor.kernel_release), "R",
		"it is of this version, as 'uname -r' says it: 5.10.149"},
	{"fragment", 0, OPTION_FLAG, AT(doctor.fragment), NULL,
		"print what is missing as a fragment for exactly this kernel's configuration"},
	{"elf", 0, OPTION_FLAG, AT(elf), NULL,
		"tell what these ELF files ask of a machine, and nothing else"},
	{"offline", 0, OPTION_FLAG, AT(doctor.offline), NULL, "ask nothing of the network"},
	{"all", 'a', OPTION_FLAG, AT(doctor.all), NULL, "show what is well, too"},
};

const struct verb verb_doctor = {"doctor", "[ROOT|FILE…]",
	"tell what will run on this machine, what will not, and what to do", options,
	sizeof options / sizeof *options, run};
