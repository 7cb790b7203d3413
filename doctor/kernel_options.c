/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/kernel_options.h"

bool kernel_option_exists(const struct kernel_option *o, unsigned version)
{
	return version >= o->since && (!o->until || version < o->until);
}

enum kernel_option_state kernel_option_judge(
	const struct kernel_option *o, const struct kernel_config *c, unsigned version)
{
	if (!kernel_option_exists(o, version))
		return OPTION_OBSOLETE;
	const char *value = kernel_config_value(c, o->name);
	if (kernel_config_has(c, o->name))
		return *value == 'm' ? OPTION_MODULE : OPTION_BUILT_IN;
	if (o->instead && kernel_config_has(c, o->instead))
		return OPTION_SERVED;
	return value || c->whole ? OPTION_MISSING : OPTION_DEFAULT;
}

const char *kernel_option_level_word(enum kernel_option_level level)
{
	static const char *const words[] = {
		[OPTION_REQUIRED] = "required",
		[OPTION_WANTED] = "wanted",
		[OPTION_OPTIONAL] = "optional",
		[OPTION_USELESS] = "no use",
		[OPTION_HARMFUL] = "better off",
	};
	return words[level];
}

const char *kernel_option_state_word(enum kernel_option_state state)
{
	static const char *const words[] = {
		[OPTION_BUILT_IN] = "built in",
		[OPTION_MODULE] = "module",
		[OPTION_MISSING] = "missing",
		[OPTION_SERVED] = "not missed",
		[OPTION_DEFAULT] = "not named",
		[OPTION_OBSOLETE] = "obsolete here",
	};
	return words[state];
}
