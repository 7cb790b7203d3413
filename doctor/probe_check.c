/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/probe_check.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/text.h"

static const char *capability_name(int capability)
{
	switch (capability) {
	case CAP_SYS_ADMIN:
		return "CAP_SYS_ADMIN";
	case CAP_NET_ADMIN:
		return "CAP_NET_ADMIN";
	case CAP_MKNOD:
		return "CAP_MKNOD";
	case CAP_SETUID:
		return "CAP_SETUID";
	default:
		return "a capability";
	}
}

/* The number behind "KEY:" of /proc/PID/status (proc(5)); `otherwise` where there is none. */
static unsigned long long number_of(
	const char *status, const char *key, int base, unsigned long long otherwise)
{
	size_t length = strlen(key);
	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ':')
			return strtoull(line + length + 1, NULL, base);
	}
	return otherwise;
}

int probe_refusal(
	const struct probe_keeper *keeper, int capability, struct buf *to, struct error **e)
{
	const char *status = keeper->status;
	if (number_of(status, "Uid", 10, 0) != 0)
		return buf_puts(to, "run it as root (su or sudo)", e);
	if (capability >= 0 && !(number_of(status, "CapEff", 16, ~0ULL) >> capability & 1))
		return buf_printf(to, e,
			"whoever started this container took %s away: start it with that "
			"(docker run --cap-add, lxc.cap.keep), or use the machine itself",
			capability_name(capability));
	if (number_of(status, "Seccomp", 10, 0) == 2)
		return buf_puts(to,
			"a seccomp filter of whoever started this container forbids it: start it "
			"without (docker run --security-opt seccomp=unconfined), or use the "
			"machine itself",
			e);
	if (*keeper->label && !text_has_prefix(keeper->label, "unconfined"))
		return buf_printf(to, e,
			"the security policy of '%.*s' may forbid it: start it unconfined",
			(int)strcspn(keeper->label, "\n"), keeper->label);
	return buf_puts(to,
		"a security policy or the container around us forbids it: use the "
		"machine itself",
		e);
}

/* What to do where nobody forbids it, and the kernel cannot. */
static int remedy(
	const struct probe *p, const struct kernel_facts *k, struct buf *to, struct error **e)
{
	const struct kernel_release *release = k->release;
	const char *value =
		p->option && k->config ? kernel_config_value(k->config, p->option) : NULL;
	if (value && strcmp(value, "m") == 0)
		return buf_printf(to, e,
			"it is a module (CONFIG_%s=m): put this kernel's modules into "
			"/lib/modules and run depmod",
			p->option);
	if (p->remedy)
		return buf_puts(to, p->remedy, e);
	if (release->version < p->since)
		return buf_printf(to, e, "a kernel from %u.%u on", kernel_major(p->since),
			kernel_minor(p->since));
	if (release->gki)
		return buf_puts(to,
			"a kernel made for this very phone that has it: Google's "
			"generic one cannot be changed",
			e);
	if (p->option)
		return buf_printf(to, e, "build the kernel with CONFIG_%s=y", p->option);
	return buf_puts(to, "a kernel whose maker did not leave it out", e);
}

static int tell_how(const struct probe_answer *a, struct buf *to, struct error **e)
{
	if (a->killed_by)
		return buf_printf(to, e, "tried it: killed by signal %d%s", a->killed_by,
			a->killed_by == SIGSYS ? " (a seccomp filter)" : "");
	return buf_printf(
		to, e, "tried it: %s%s%s", a->step, *a->step ? ": " : "", strerror(a->errnum));
}

static int add(const struct probe_answer *a, const struct kernel_facts *k,
	const struct probe_keeper *keeper, struct findings *to, struct error **e)
{
	const struct probe *p = a->probe;
	auto_buf what = BUF(0), how = BUF(0), cure = BUF(0);
	bool forbidden = a->errnum == EPERM || a->errnum == EACCES || a->killed_by == SIGSYS;
	if (buf_printf(&what, e, "no %s", p->what) < 0 || tell_how(a, &how, e) < 0)
		return -1;
	/* What has a remedy of its own for a refusal is a rule of the system's, and no
	 * container's. */
	if ((forbidden && !p->remedy ? probe_refusal(keeper, p->capability, &cure, e)
				     : remedy(p, k, &cure, e)) < 0)
		return -1;
	const struct finding_texts texts = {.what = buf_text(&what),
		.why = p->why,
		.how = buf_text(&how),
		.remedy = buf_text(&cure)};
	/* Nobody expects of an old kernel what came later. */
	bool too_old = k->release->version < p->since;
	return findings_add(to, too_old ? FINDING_NOTE : p->severity,
		forbidden ? ERROR_PRIVILEGE : p->code, &texts, e);
}

int probe_check(const struct kernel_facts *k, const struct probe_keeper *keeper,
	struct findings *to, struct error **e)
{
	for (size_t i = 0; i < k->tried->count; i++) {
		const struct probe_answer *x = &k->tried->items[i];
		if (x->asked && (x->errnum || x->killed_by) && add(x, k, keeper, to, e) < 0)
			return -1;
	}
	return 0;
}

bool probe_covers(const struct probe_answers *a, const char *option)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct probe_answer *x = &a->items[i];
		if (x->asked && x->probe->option && strcmp(x->probe->option, option) == 0)
			return true;
	}
	return false;
}
