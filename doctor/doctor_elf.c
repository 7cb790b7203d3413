/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single ELF files, told field by field. */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "doctor/elf_file.h"
#include "doctor/kernel_release.h"
#include "lib/fd.h"
#include "lib/text.h"

static void tell(const char *path, const struct elf_file *f, struct report *report)
{
	char machine[32], kernel[32] = "";
	if (f->kernel)
		snprintf(kernel, sizeof kernel, "%u.%u", kernel_major(f->kernel),
			kernel_minor(f->kernel));
	const struct report_field fields[] = {
		{"file", path},
		{"machine", elf_machine_name(f->machine, machine)},
		{"kind", f->fixed     ? "program at a fixed address"
			 : f->program ? "program, PIE"
				      : "library"},
		{"interpreter", f->interpreter},
		{"kernel", kernel},
		{"text-relocations", f->text_relocations ? "yes" : "no"},
		{"executable-stack", f->executable_stack ? "yes" : "no"},
	};
	report_result(report, "elf", fields, sizeof fields / sizeof *fields);
}

static int look(const char *path, struct report *report, struct error **e)
{
	struct elf_file f;
	auto_error *damage = NULL;
	int auto_fd fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, ERROR_CONFIG, errno, "open %s", path);
	int got = elf_file_read(fd, &f, &damage);
	if (got < 0)
		return error_set(e, ERROR_CONFIG, 0, "%s: %s", path, error_message(damage));
	if (got == 0)
		return error_set(e, ERROR_CONFIG, 0, "%s is no ELF program or library", path);
	tell(path, &f, report);
	return 0;
}

int doctor_elf(const struct strings *paths, struct report *report, struct error **e)
{
	int r = 0;
	for (size_t i = 0; i < paths->count; i++)
		if (look(paths->items[i], report, e) < 0)
			r = -1;
	report_flush(report);
	return r;
}
