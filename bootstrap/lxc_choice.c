/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/lxc_choice.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "chroot/binfmt.h"
#include "containers/lxc_demands.h"
#include "lib/fd.h"

/* NULL where LXC 7 will do: on this kernel, or because the root is for another machine's. */
static const char *lacks_for_lxc(const char *arch)
{
	struct utsname host;
	return uname(&host) == 0 && binfmt_is_native(host.machine, arch) ? lxc_seven_lacks() : NULL;
}

/* Said before anything is fetched, and what the solver is asked for is an LXC that can run. */
int lxc_choice_targets(
	const char *arch, struct strings *targets, struct report *report, struct error **e)
{
	const char *lacks = lacks_for_lxc(arch);
	for (size_t i = 0; lacks && i < targets->count; i++) {
		if (strcmp(targets->items[i], "lxc") != 0)
			continue;
		char *older = text_copy(LXC_OLDER, e);
		if (!older)
			return -1;
		free(targets->items[i]);
		targets->items[i] = older;
		report_note(report,
			"this kernel lacks %s, which LXC 7 needs: " LXC_OLDER " is "
			"asked for",
			lacks);
	}
	return 0;
}

/* Where the repositories have no other LXC, that is the story. */
int lxc_choice_explain(const char *arch, struct error **why, struct error **e)
{
	const char *lacks = lacks_for_lxc(arch);
	if (lacks && error_code(*why) == ERROR_PACKAGES &&
		strstr(error_message(*why), "'" LXC_OLDER "'")) {
		error_set(e, ERROR_KERNEL, 0,
			"the repositories have LXC 7 alone, and this kernel lacks %s, which it "
			"needs",
			lacks);
		return error_hint(e,
			"run a newer kernel, or put a repository of one's own with LXC 6 first in "
			"pacman.conf");
	}
	if (e)
		*e = take(why);
	return -1;
}

const struct planned_package *lxc_choice_in_plan(const struct package_plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->packages[i].action != PACKAGE_REMOVE &&
			strcmp(p->packages[i].name, "lxc") == 0 &&
			lxc_is_seven(p->packages[i].version))
			return lxc_seven_lacks() ? &p->packages[i] : NULL;
	return NULL;
}

void lxc_choice_tell_kept(const struct planned_package *seven, struct report *report)
{
	report_warn(report, "lxc stays at %s: %s needs %s, which this kernel lacks",
		seven->old_version, seven->version, lxc_seven_lacks());
}

int lxc_choice_refuse(const struct planned_package *seven, struct error **e)
{
	error_set(e, ERROR_KERNEL, 0, "lxc %s needs %s, which this kernel lacks", seven->version,
		lxc_seven_lacks());
	return error_hint(e, "ask for an older one: alarmstrap install ROOT '" LXC_OLDER "'");
}
