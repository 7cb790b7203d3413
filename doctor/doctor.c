/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/doctor.h"

#include <errno.h>
#include <sys/utsname.h>

#include "doctor/findings.h"
#include "doctor/kernel_check.h"
#include "doctor/kernel_config.h"
#include "doctor/kernel_fragment.h"
#include "doctor/kernel_release.h"
#include "doctor/modules.h"
#include "lib/fd.h"
#include "lib/text.h"

/* The kernel that is looked at. */
struct patient {
	struct kernel_config config; /* no text where none was found */
	struct kernel_release release;
	struct modules modules;
	bool here; /* it is the one that runs */
};

static void patient_free(struct patient *p)
{
	kernel_config_free(&p->config);
	modules_free(&p->modules);
}
#define auto_patient __attribute__((cleanup(patient_free))) struct patient

/* A file that somebody gave. */
static int read_other(const struct doctor_options *o, struct patient *p, struct error **e)
{
	if (kernel_config_read(&p->config, o->kernel_config, e) < 0)
		return -1;
	const char *release = o->kernel_release ? o->kernel_release : p->config.release;
	if (release)
		return kernel_release_parse(release, &p->release, e);
	error_set(e, ERROR_CONFIG, 0, "%s does not say of which version it is", o->kernel_config);
	return error_hint(e, "say it: --kernel-release=5.10.149");
}

static int read_own(const struct doctor_options *o, struct patient *p, struct error **e)
{
	struct utsname host;
	char *auto_free path = NULL;
	if (uname(&host) < 0)
		return error_set(e, ERROR_SYSTEM, errno, "uname");
	p->here = true;
	int found = kernel_config_find(host.release, &path, e);
	if (found < 0 || (found && kernel_config_read(&p->config, path, e) < 0))
		return -1;
	if (modules_read(&p->modules, host.release, e) < 0)
		return -1;
	return kernel_release_parse(
		o->kernel_release ? o->kernel_release : host.release, &p->release, e);
}

static int no_config(struct findings *f, struct error **e)
{
	const struct finding_texts texts = {
		.what = "the configuration of this kernel is nowhere to be found",
		.why = "what is missing in it shows only when something fails",
		.how = "neither /proc/config.gz nor /boot/config-RELEASE nor /lib/modules has it",
		.remedy = "load the module that shows it (modprobe configs), or give the file: "
			  "--kernel-config=FILE",
	};
	return findings_add(f, FINDING_NOTE, ERROR_KERNEL, &texts, e);
}

static int print_fragment(const struct patient *p, struct report *report, struct error **e)
{
	auto_buf text = BUF(0);
	if (!p->config.text) {
		error_set(e, ERROR_CONFIG, 0, "the configuration of this kernel is not at hand");
		return error_hint(e, "give the file: --kernel-config=FILE");
	}
	if (kernel_fragment_write(&p->config, &p->release, &text, e) < 0)
		return -1;
	report_text(report, "fragment", buf_text(&text));
	return 0;
}

static int examine(const struct doctor_options *o, const struct patient *p, struct findings *f,
	struct report *report, struct error **e)
{
	const struct modules *modules = p->here ? &p->modules : NULL;
	if (!p->config.text)
		return no_config(f, e);
	if (o->all && kernel_check_list(&p->config, &p->release, modules, report, e) < 0)
		return -1;
	return kernel_check(&p->config, &p->release, modules, f, e);
}

static void summarize(const struct findings *f, struct report *report)
{
	size_t notes = findings_count(f, FINDING_NOTE);
	if (f->count == notes)
		report_note(report, "nothing is missing");
	if (notes)
		report_note(report, "%zu more for some uses only: --all shows them", notes);
}

int doctor_run(const struct doctor_options *o, struct report *report, struct error **e)
{
	auto_patient p = {.here = false};
	auto_findings f = {0};
	if ((o->kernel_config ? read_other(o, &p, e) : read_own(o, &p, e)) < 0)
		return -1;
	if (o->fragment)
		return print_fragment(&p, report, e);
	if (examine(o, &p, &f, report, e) < 0)
		return -1;
	findings_sort(&f);
	findings_report(&f, o->all, report);
	if (!o->all)
		summarize(&f, report);
	return findings_verdict(&f, e);
}
