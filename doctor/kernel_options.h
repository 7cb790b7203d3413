/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which options of a kernel's configuration matter, in which of its versions, and why: a table, and
 * the judgement of a configuration by it. Pure. */
#ifndef DOCTOR_KERNEL_OPTIONS_H
#define DOCTOR_KERNEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/kernel_config.h"
#include "doctor/kernel_release.h"
#include "lib/error.h"

enum kernel_option_level {
	OPTION_REQUIRED, /* no containers without it */
	OPTION_WANTED, /* something that people expect fails without it */
	OPTION_OPTIONAL, /* for some uses only */
	OPTION_USELESS, /* asked for by old lists, and no use */
	OPTION_HARMFUL, /* better off */
};

struct kernel_option {
	const char *name; /* without CONFIG_ */
	unsigned since, until; /* KERNEL(); until: the first without it, 0: there still */
	enum kernel_option_level level;
	const char *why; /* what it is for */
	const char *else_; /* outside of since and until: what serves there. May be NULL */
	const char *module; /* what =m makes, as /proc/modules writes it. NULL: no module */
	const char *instead; /* where this one is on, it is not missed. May be NULL */
	const char *needs; /* options that it depends on, by spaces; for a fragment. May be NULL */
};
extern const struct kernel_option kernel_options[];
extern const size_t kernel_options_count;

/* Of options that are only depended on: when they were there. NULL: always. */
const struct kernel_option *kernel_options_support(const char *name);

enum kernel_option_state {
	OPTION_BUILT_IN,
	OPTION_MODULE,
	OPTION_MISSING,
	OPTION_SERVED, /* missing, and not missed: another is there */
	OPTION_DEFAULT, /* a defconfig that does not name it */
	OPTION_OBSOLETE, /* this version has no such option */
};

/* Whether kernels of this version have the option at all. */
bool kernel_option_exists(const struct kernel_option *o, unsigned version);
enum kernel_option_state kernel_option_judge(
	const struct kernel_option *o, const struct kernel_config *c, unsigned version);
const char *kernel_option_level_word(enum kernel_option_level level);
const char *kernel_option_state_word(enum kernel_option_state state);

#endif
