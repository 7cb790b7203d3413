/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/examine.h"

#include "doctor/kernel_check.h"
#include "doctor/machine_check.h"
#include "doctor/probe_check.h"

static int no_config(const struct observations *o, struct findings *f, struct error **e)
{
	const struct finding_texts texts = {
		.what = o->config_error ? "the configuration of this kernel cannot be read"
					: "the configuration of this kernel is nowhere to be found",
		.why = "what was not tried and is missing shows only when something fails",
		.how = o->config_error ? o->config_error
				       : "neither /proc/config.gz nor /boot/config-RELEASE nor "
					 "/lib/modules has it",
		.remedy = "load the module that shows it (modprobe configs), or give the file: "
			  "--kernel-config=FILE",
	};
	return findings_add(f, FINDING_NOTE, ERROR_KERNEL, &texts, e);
}

int examine(const struct observations *o, int64_t now_s, struct plan *plan, struct findings *to,
	struct error **e)
{
	const struct kernel_facts kernel = observations_kernel(o);
	const struct probe_keeper keeper = {o->status, o->label};
	const struct plan made = plan_make(o);
	if (probe_check(&kernel, &keeper, to, e) < 0 || plan_check(o, &made, to, e) < 0)
		return -1;
	if ((kernel.config ? kernel_check(&kernel, to, e) : no_config(o, to, e)) < 0)
		return -1;
	if (machine_check(o, &made, now_s, to, e) < 0)
		return -1;
	findings_sort(to);
	*plan = made;
	return 0;
}
