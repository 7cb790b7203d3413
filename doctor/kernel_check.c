/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/kernel_check.h"

#include "doctor/kernel_options.h"
#include "doctor/probe_check.h"
#include "lib/fd.h"
#include "lib/text.h"

static enum finding_severity severity_of(enum kernel_option_level level)
{
	switch (level) {
	case OPTION_REQUIRED:
		return FINDING_NO_CONTAINERS;
	case OPTION_WANTED:
	case OPTION_HARMFUL:
		return FINDING_LIMITED;
	default:
		return FINDING_NOTE;
	}
}

/* Where the answer comes from. */
static char *how_of(const struct kernel_config *c, struct error **e)
{
	return text_format(e, "%s%s%s", *c->source ? c->source : "the configuration",
		c->release ? " of Linux " : "", c->release ? c->release : "");
}

static int add(const struct kernel_option *o, const char *what, const char *how, const char *remedy,
	struct findings *to, struct error **e)
{
	const struct finding_texts texts = {
		.what = what, .why = o->why, .how = how, .remedy = remedy};
	return findings_add(to, severity_of(o->level), ERROR_KERNEL, &texts, e);
}

static int add_missing(const struct kernel_option *o, bool gki, const char *how,
	struct findings *to, struct error **e)
{
	char *auto_free what = text_format(e, "CONFIG_%s is missing", o->name);
	char *auto_free remedy =
		gki ? text_format(e, "a kernel made for this very phone that has it: Google's "
				     "generic one cannot be changed")
		    : text_format(e, "build the kernel with CONFIG_%s=y%s", o->name,
			      o->module ? " or =m" : "");
	return what && remedy ? add(o, what, how, remedy, to, e) : -1;
}

static int add_absent_module(
	const struct kernel_option *o, const char *how, struct findings *to, struct error **e)
{
	char *auto_free what = text_format(
		e, "CONFIG_%s=m, but the module %s is not installed", o->name, o->module);
	char *auto_free remedy = text_format(e,
		"put this kernel's modules into /lib/modules and run depmod, or build it with "
		"CONFIG_%s=y",
		o->name);
	return what && remedy ? add(o, what, how, remedy, to, e) : -1;
}

static int add_harmful(
	const struct kernel_option *o, const char *how, struct findings *to, struct error **e)
{
	char *auto_free what = text_format(e, "CONFIG_%s is on", o->name);
	char *auto_free remedy = text_format(e, "build the kernel without CONFIG_%s", o->name);
	return what && remedy ? add(o, what, how, remedy, to, e) : -1;
}

static int check_option(const struct kernel_option *o, const struct kernel_facts *k,
	struct findings *to, struct error **e)
{
	enum kernel_option_state state = kernel_option_judge(o, k->config, k->release->version);
	char *auto_free how = how_of(k->config, e);
	if (!how)
		return -1;
	if (o->level == OPTION_HARMFUL)
		return state == OPTION_BUILT_IN ? add_harmful(o, how, to, e) : 0;
	if (o->level == OPTION_USELESS || (k->tried && probe_covers(k->tried, o->name)))
		return 0;
	if (state == OPTION_MISSING)
		return add_missing(o, k->release->gki, how, to, e);
	if (state == OPTION_MODULE && o->module && k->modules &&
		modules_state(k->modules, o->module) == MODULE_ABSENT)
		return add_absent_module(o, how, to, e);
	return 0;
}

/* What a defconfig does not name cannot be judged. */
static int check_whole(const struct kernel_config *c, struct findings *to, struct error **e)
{
	const struct finding_texts texts = {
		.what = "this is a defconfig, which leaves out what has its default",
		.why = "options that it does not name may be on or off",
		.how = c->source,
		.remedy = "expand it in the kernel's source (make ARCH=arm64 NAME_defconfig) and "
			  "give the .config that comes of it",
	};
	return c->whole ? 0 : findings_add(to, FINDING_LIMITED, ERROR_CONFIG, &texts, e);
}

int kernel_check(const struct kernel_facts *k, struct findings *to, struct error **e)
{
	if (check_whole(k->config, to, e) < 0)
		return -1;
	for (size_t i = 0; i < kernel_options_count; i++)
		if (check_option(&kernel_options[i], k, to, e) < 0)
			return -1;
	return 0;
}

static const char *state_of(const struct kernel_option *o, enum kernel_option_state state,
	const struct modules *modules)
{
	if (state == OPTION_MISSING && (o->level == OPTION_USELESS || o->level == OPTION_HARMFUL))
		return "off";
	if (state != OPTION_MODULE || !modules || !o->module)
		return kernel_option_state_word(state);
	switch (modules_state(modules, o->module)) {
	case MODULE_LOADED:
		return "module, loaded";
	case MODULE_LOADABLE:
		return "module, loadable";
	default:
		return "module, absent";
	}
}

int kernel_check_list(const struct kernel_facts *k, struct report *report, struct error **e)
{
	for (size_t i = 0; i < kernel_options_count; i++) {
		const struct kernel_option *o = &kernel_options[i];
		enum kernel_option_state state =
			kernel_option_judge(o, k->config, k->release->version);
		char *auto_free name = text_format(e, "CONFIG_%s", o->name);
		if (!name)
			return -1;
		const struct report_field fields[] = {
			{"option", name},
			{"level", kernel_option_level_word(o->level)},
			{"state", state_of(o, state, k->modules)},
			{"for", state == OPTION_OBSOLETE && o->else_ ? o->else_ : o->why},
		};
		report_result(report, "option", fields, sizeof fields / sizeof *fields);
	}
	report_flush(report);
	return 0;
}
