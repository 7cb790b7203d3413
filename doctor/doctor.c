/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/doctor.h"

#include <time.h>
#include <unistd.h>

#include "chroot/rootfs.h"
#include "doctor/elf_scan.h"
#include "doctor/examine.h"
#include "doctor/kernel_check.h"
#include "doctor/kernel_fragment.h"
#include "doctor/network_check.h"
#include "doctor/observations.h"
#include "doctor/plan.h"
#include "doctor/probe.h"
#include "doctor/probe_check.h"
#include "doctor/target_check.h"
#include "lib/fd.h"
#include "lib/text.h"

/* What most mirrors of Arch Linux ARM are found by. */
#define MIRROR_HOST "mirror.archlinuxarm.org"
enum { HTTPS = 443 };

static int print_fragment(const struct kernel_config *c, const struct kernel_release *release,
	struct report *report, struct error **e)
{
	auto_buf text = BUF(0);
	if (!c->text) {
		error_set(e, ERROR_CONFIG, 0, "the configuration of this kernel is not at hand");
		return error_hint(e, "give the file: --kernel-config=FILE");
	}
	if (kernel_fragment_write(c, release, &text, e) < 0)
		return -1;
	report_text(report, "fragment", buf_text(&text));
	return 0;
}

/* Findings, worst first, and the verdict. */
static int tell(const struct findings *f, bool all, struct report *report, struct error **e)
{
	size_t notes = findings_count(f, FINDING_NOTE);
	findings_report(f, all, report);
	if (!all && f->count == notes)
		report_note(report, "nothing is missing");
	if (!all && notes)
		report_note(report, "%zu more for some uses only: --all shows them", notes);
	return findings_verdict(f, e);
}

/* A file that somebody gave: of another kernel, or of one yet to be built. */
static int run_file(const struct doctor_options *o, struct report *report, struct error **e)
{
	auto_kernel_config c = {0};
	auto_findings f = {0};
	struct kernel_release release;
	if (kernel_config_read(&c, o->kernel_config, e) < 0)
		return -1;
	const char *text = o->kernel_release ? o->kernel_release : c.release;
	if (!text) {
		error_set(e, ERROR_CONFIG, 0, "%s does not say of which version it is",
			o->kernel_config);
		return error_hint(e, "say it: --kernel-release=5.10.149");
	}
	if (kernel_release_parse(text, &release, e) < 0)
		return -1;
	if (o->fragment)
		return print_fragment(&c, &release, report, e);
	const struct kernel_facts kernel = {.config = &c, .release = &release};
	if ((o->all && kernel_check_list(&kernel, report, e) < 0) ||
		kernel_check(&kernel, &f, e) < 0)
		return -1;
	findings_sort(&f);
	return tell(&f, o->all, report, e);
}

/* What the kernel loaded while it was tried stays. */
static int tell_modules(
	const struct observations *o, const char *root, struct report *report, struct error **e)
{
	auto_modules now = {0};
	auto_buf names = BUF(0);
	if (modules_read(&now, root, o->release_text, e) < 0)
		return -1;
	for (size_t i = 0; i < now.loaded.count; i++)
		if (!strings_contain(&o->modules.loaded, now.loaded.items[i]) &&
			buf_printf(&names, e, " %s", now.loaded.items[i]) < 0)
			return -1;
	if (names.length)
		report_note(report, "the kernel loaded modules for this:%s", buf_text(&names));
	return 0;
}

static void tell_probes(const struct probe_answers *a, struct report *report)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct probe_answer *x = &a->items[i];
		const struct report_field fields[] = {
			{"probe", x->probe->name},
			{"answer", !x->asked		       ? "not asked on Android"
				   : x->errnum || x->killed_by ? "no"
							       : "yes"},
			{"of", x->probe->what},
		};
		report_result(report, "probe", fields, sizeof fields / sizeof *fields);
	}
	report_flush(report);
}

/* The place for a root, and what is in it already. */
static int look_at_root(const char *root, unsigned kernel, struct findings *f, struct error **e)
{
	auto_target_look look = {.path = NULL};
	auto_elf_scan scan = {0};
	if (target_look(root, &look, e) < 0 || target_check(&look, f, e) < 0)
		return -1;
	struct rootfs *r = rootfs_open(root, NULL);
	if (!r)
		return 0; /* nothing is there yet */
	int got = elf_scan(r, kernel, &scan, e);
	rootfs_free(r);
	return got < 0 ? error_wrap(e, "%s", root) : elf_scan_check(&scan, f, e);
}

/* Where there is a way to it at all: else a finding tells that already. */
static int look_at_network(const struct observations *o, struct findings *f, struct error **e)
{
	struct network_look look;
	if (!*o->link && !o->android)
		return 0;
	return network_look(MIRROR_HOST, HTTPS, &look, e) < 0
		       ? -1
		       : network_check(&look, MIRROR_HOST, f, e);
}

static int run_here(const struct doctor_options *o, struct report *report, struct error **e)
{
	auto_observations seen = {.wireless = false};
	auto_findings f = {0};
	struct plan plan;
	if (observations_read(&seen, "", e) < 0)
		return -1;
	if (o->fragment)
		return print_fragment(&seen.config, &seen.release, report, e);
	if (geteuid() != 0) {
		error_set(e, ERROR_PRIVILEGE, 0, "only root can try what this machine can do");
		return error_hint(e,
			"run it as root (su or sudo); the kernel's configuration alone "
			"is judged for any user: --kernel-config=FILE");
	}
	if (probe_run_all(seen.android, FINDING_NOTE, &seen.tried, e) < 0 ||
		examine(&seen, (int64_t)time(NULL), &plan, &f, e) < 0 ||
		(o->root && look_at_root(o->root, seen.release.version, &f, e) < 0) ||
		(!o->offline && look_at_network(&seen, &f, e) < 0) ||
		tell_modules(&seen, "", report, e) < 0)
		return -1;
	findings_sort(&f);
	const struct kernel_facts kernel = observations_kernel(&seen);
	if (o->all) {
		tell_probes(&seen.tried, report);
		if (kernel.config && kernel_check_list(&kernel, report, e) < 0)
			return -1;
	}
	plan_report(&plan, report);
	return tell(&f, o->all, report, e);
}

static int judge_before(const struct observations *o, struct findings *f, struct error **e)
{
	const struct kernel_facts kernel = observations_kernel(o);
	const struct probe_keeper keeper = {o->status, o->label};
	const struct plan plan = plan_make(o);
	if (probe_check(&kernel, &keeper, f, e) < 0 || plan_check(o, &plan, f, e) < 0)
		return -1;
	findings_sort(f);
	return 0;
}

int doctor_before(bool containers, struct report *report, struct error **e)
{
	auto_observations seen = {.wireless = false};
	auto_findings f = {0};
	if (observations_read(&seen, "", e) < 0 ||
		probe_run_all(seen.android, FINDING_NO_CONTAINERS, &seen.tried, e) < 0 ||
		judge_before(&seen, &f, e) < 0)
		return -1;
	if (containers || findings_count(&f, FINDING_NO_BOOTSTRAP))
		return findings_verdict(&f, e);
	for (size_t i = 0; i < f.count; i++)
		if (f.items[i].severity == FINDING_NO_CONTAINERS)
			report_warn(report, "no containers here: %s (%s); %s", f.items[i].what,
				f.items[i].how, f.items[i].remedy);
	return 0;
}

int doctor_run(const struct doctor_options *o, struct report *report, struct error **e)
{
	return o->kernel_config ? run_file(o, report, e) : run_here(o, report, e);
}
