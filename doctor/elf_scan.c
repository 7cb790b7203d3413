/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/elf_scan.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "doctor/elf_walk.h"
#include "lib/fd.h"
#include "lib/worker.h"

/* What the worker says is foreign. */
static int take_record(struct elf_scan *s, const struct worker_record *got, struct error **e)
{
	struct elf_record r;
	if (got->type != ELF_RECORD || got->length != sizeof r)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "look at its programs");
	memcpy(&r, got->data, sizeof r);
	if (r.trouble > ELF_TROUBLES || r.text[sizeof r.text - 1] || r.machine > UINT16_MAX)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "look at its programs");
	if (r.trouble < ELF_TROUBLES) {
		struct strings *to = &s->kinds[r.trouble].examples;
		return to->count < ELF_EXAMPLES ? strings_add(to, r.text, e) : 0;
	}
	s->files = r.files;
	s->machine = (uint16_t)r.machine;
	s->kernel = r.kernel;
	for (size_t i = 0; i < ELF_TROUBLES; i++)
		s->kinds[i].count = r.counts[i];
	return 0;
}

int elf_scan(const struct rootfs *r, unsigned kernel, struct elf_scan *s, struct error **e)
{
	int root = rootfs_fd(r), got = 1;
	/* It must read what only root may. */
	const struct worker_rights rights = {.root = root,
		.capabilities = 1ULL << CAP_DAC_READ_SEARCH,
		.keep = &root,
		.keep_count = 1};
	auto_elf_scan new = {0};
	struct worker_record record;
	auto_worker *w = worker_start(&rights, elf_walk, &kernel, e);
	if (!w)
		return -1;
	while (got > 0 && (got = worker_next(w, &record, 0, e)) > 0)
		if (take_record(&new, &record, e) < 0)
			return -1;
	if (got < 0)
		return -1;
	*s = new;
	new = (struct elf_scan){0};
	return 0;
}

void elf_scan_free(struct elf_scan *s)
{
	for (size_t i = 0; i < ELF_TROUBLES; i++)
		strings_free(&s->kinds[i].examples);
	*s = (struct elf_scan){0};
}

static const struct {
	enum finding_severity severity;
	const char *what, *why, *remedy;
} troubles[ELF_TROUBLES] = {
	[ELF_NO_INTERPRETER] = {FINDING_LIMITED, "want an interpreter that is not in ROOT",
		"the kernel starts them by it, and says 'No such file or directory'",
		"install the C library that they are for, or remove them"},
	[ELF_OTHER_MACHINE] = {FINDING_NOTE, "are for another machine than most",
		"they run by an emulator, or not at all", NULL},
	[ELF_NEWER_KERNEL] = {FINDING_LIMITED, "ask for a newer kernel than runs here",
		"the C library refuses to start them ('kernel too old') or fails later",
		"a newer kernel, or older packages"},
	[ELF_FIXED] = {FINDING_NOTE, "are at a fixed address (ET_EXEC, no PIE)",
		"Android's own linker from 5.0 on refuses such: that matters to programs that are "
		"started outside of ROOT by it, and not in here",
		NULL},
	[ELF_TEXT_RELOCATIONS] = {FINDING_NOTE, "have text relocations",
		"SELinux and Android's linker refuse to write into code", NULL},
	[ELF_EXECUTABLE_STACK] = {FINDING_NOTE, "want an executable stack",
		"SELinux may refuse it, and glibc from 2.41 on does so for libraries that are "
		"loaded late",
		NULL},
	[ELF_DAMAGED] = {FINDING_LIMITED, "have headers that lead nowhere",
		"they are damaged: a power cut, or a full disk",
		"alarmstrap verify ROOT tells which packages to install again"},
};

static int add_kind(
	const struct elf_scan *s, enum elf_trouble t, struct findings *to, struct error **e)
{
	const struct elf_kind *k = &s->kinds[t];
	auto_buf how = BUF(0);
	char *auto_free what = text_format(e, "%llu of %llu programs and libraries %s",
		(unsigned long long)k->count, (unsigned long long)s->files, troubles[t].what);
	if (!what || buf_puts(&how, "their ELF headers:", e) < 0)
		return -1;
	for (size_t i = 0; i < k->examples.count; i++)
		if (buf_printf(&how, e, "%s %s", i ? "," : "", k->examples.items[i]) < 0)
			return -1;
	if (k->count > k->examples.count && buf_puts(&how, ", …", e) < 0)
		return -1;
	const struct finding_texts texts = {
		what, troubles[t].why, buf_text(&how), troubles[t].remedy};
	return findings_add(to, troubles[t].severity, ERROR_ROOT, &texts, e);
}

int elf_scan_check(const struct elf_scan *s, struct findings *to, struct error **e)
{
	for (enum elf_trouble t = 0; t < ELF_TROUBLES; t++)
		if (s->kinds[t].count && add_kind(s, t, to, e) < 0)
			return -1;
	return 0;
}
