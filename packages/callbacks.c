/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packages/callbacks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/text.h"
#include "packages/questions.h"
#include "packages/wire.h"

#define OF_PACKAGE "package "

static void say(struct callbacks *c, enum wire_type type, const char *text)
{
	if (!c->silent && !c->broken && wire_send_text(c->out, type, text, NULL) < 0)
		c->broken = true;
}

static void say_formatted(struct callbacks *c, enum wire_type type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say_formatted(struct callbacks *c, enum wire_type type, const char *format, ...)
{
	char text[WIRE_TEXT_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	say(c, type, text);
}

/* Between two packages: libalpm then ends the transaction before the next one. */
static void look_for_interrupt(struct callbacks *c)
{
	if (interrupt_pending() || c->broken)
		alpm_trans_interrupt(c->handle);
}

/* The keyring package's scriptlet runs `pacman-key --populate`, which needs a secret key to sign
 * with. A root that we made has none on purpose: the hook `keyring` sets the trust itself. */
static bool is_expected(const struct callbacks *c)
{
	return c->ships_keyrings && c->lacks_secret_key;
}

/* Less than that is left where a write failed for want of space: the rest of a block, of a group.
 */
static bool disk_is_full(void)
{
	enum { FULL_BYTES = 1 << 20 };
	struct statvfs v;
	return statvfs("/", &v) == 0 && v.f_blocks &&
	       ((uint64_t)v.f_bavail * v.f_frsize < FULL_BYTES || (v.f_files && !v.f_favail));
}

static void take_failure(struct callbacks *c, const char *text)
{
	if (is_expected(c)) {
		say_formatted(c, WIRE_NOTE,
			"%s: pacman-key has no secret key to sign with; its keys are trusted "
			"another way",
			c->current);
		return;
	}
	c->disk_full = c->disk_full || disk_is_full();
	if (c->failures++ == 0)
		snprintf(c->failure, sizeof c->failure, "%s%s%s", c->current,
			*c->current ? ": " : "", text);
	if (text_has_prefix(c->current, OF_PACKAGE)) {
		snprintf(c->failed_package, sizeof c->failed_package, "%s",
			c->current + strlen(OF_PACKAGE));
		c->done_before = c->done;
	}
	/* What libalpm itself cannot do comes back as the error. */
	if (*c->current)
		say_formatted(c, WIRE_WARNING, "%s: %s", c->current, text);
}

static void on_log(void *arg, alpm_loglevel_t level, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
static void on_log(void *arg, alpm_loglevel_t level, const char *format, va_list args)
{
	struct callbacks *c = arg;
	char text[4096];
	if (!(level & (ALPM_LOG_ERROR | ALPM_LOG_WARNING)))
		return;
	vsnprintf(text, sizeof text, format, args);
	text_trim(text);
	if (level & ALPM_LOG_ERROR)
		take_failure(c, text);
	else
		say(c, c->planning ? WIRE_NOTE : WIRE_WARNING, text);
}

static bool package_ships_keyrings(alpm_pkg_t *p)
{
	const alpm_filelist_t *files = p ? alpm_pkg_get_files(p) : NULL;
	for (size_t i = 0; files && i < files->count; i++)
		if (text_has_prefix(files->files[i].name, "usr/share/pacman/keyrings/"))
			return true;
	return false;
}

static void begin_package(struct callbacks *c, const alpm_event_package_operation_t *o)
{
	alpm_pkg_t *p = o->newpkg ? o->newpkg : o->oldpkg;
	snprintf(c->current, sizeof c->current, OF_PACKAGE "%s", alpm_pkg_get_name(p));
	c->ships_keyrings = package_ships_keyrings(o->newpkg);
	c->lacks_secret_key = false;
	if (c->begins && o->newpkg)
		c->begins(c->arg, alpm_pkg_get_name(o->newpkg));
}

static void end_current(struct callbacks *c)
{
	c->current[0] = '\0';
	c->ships_keyrings = c->lacks_secret_key = false;
}

static void end_package(struct callbacks *c, const alpm_event_package_operation_t *o)
{
	end_current(c);
	if (c->ended && o->newpkg)
		c->ended(c->arg, alpm_pkg_get_name(o->newpkg));
	c->done += c->done < c->total;
	if (!c->broken && wire_send_progress(c->out, c->done, c->total, NULL) < 0)
		c->broken = true;
	look_for_interrupt(c);
}

static void on_output(struct callbacks *c, const char *line)
{
	if (strstr(line, "no secret key available"))
		c->lacks_secret_key = true;
	if (line[strspn(line, " \t\r\n")])
		say_formatted(c, WIRE_NOTE, "%s%s%s", *c->current ? c->current : "",
			*c->current ? ": " : "", line);
}

/* What optional dependencies a package just installed has, as pacman tells it. */
static void tell_optional(struct callbacks *c, const alpm_event_package_operation_t *o)
{
	alpm_list_t *installed = alpm_db_get_pkgcache(alpm_get_localdb(c->handle));
	if (!o->newpkg || o->oldpkg)
		return;
	alpm_list_for (item, alpm_pkg_get_optdepends(o->newpkg)) {
		const alpm_depend_t *d = item->data;
		char *text = alpm_dep_compute_string(d);
		char *bare = text ? strndup(text, strcspn(text, ":")) : NULL;
		if (bare && !alpm_find_satisfier(installed, bare))
			say_formatted(
				c, WIRE_NOTE, "%s can use %s", alpm_pkg_get_name(o->newpkg), text);
		free(bare);
		free(text);
	}
}

static void tell_optional_removal(struct callbacks *c, const alpm_event_optdep_removal_t *o)
{
	char *text = alpm_dep_compute_string(o->optdep);
	say_formatted(c, WIRE_NOTE, "%s can use %s, which is removed", alpm_pkg_get_name(o->pkg),
		text ? text : "");
	free(text);
}

static void on_event(void *arg, alpm_event_t *event)
{
	struct callbacks *c = arg;
	/* libalpm passes some events as nothing but their type, less aligned than the union. */
	alpm_event_type_t type;
	memcpy(&type, (const void *)event, sizeof type);
	switch (type) {
	case ALPM_EVENT_TRANSACTION_START:
		look_for_interrupt(c);
		break;
	case ALPM_EVENT_PACKAGE_OPERATION_START:
		begin_package(c, &event->package_operation);
		break;
	case ALPM_EVENT_PACKAGE_OPERATION_DONE:
		end_package(c, &event->package_operation);
		tell_optional(c, &event->package_operation);
		break;
	case ALPM_EVENT_HOOK_RUN_START:
		snprintf(c->current, sizeof c->current, "hook %s", event->hook_run.name);
		say_formatted(c, WIRE_NOTE, "%s (%zu of %zu)", c->current, event->hook_run.position,
			event->hook_run.total);
		break;
	case ALPM_EVENT_HOOK_RUN_DONE:
		end_current(c);
		break;
	case ALPM_EVENT_SCRIPTLET_INFO:
		on_output(c, event->scriptlet_info.line);
		break;
	case ALPM_EVENT_PACNEW_CREATED:
		say_formatted(c, WIRE_WARNING, "%s was kept; the new one is %s.pacnew",
			event->pacnew_created.file, event->pacnew_created.file);
		break;
	case ALPM_EVENT_PACSAVE_CREATED:
		say_formatted(c, WIRE_WARNING, "%s was saved as %s.pacsave",
			event->pacsave_created.file, event->pacsave_created.file);
		break;
	case ALPM_EVENT_OPTDEP_REMOVAL:
		tell_optional_removal(c, &event->optdep_removal);
		break;
	default:
		break;
	}
}

void callbacks_install(struct callbacks *c, alpm_handle_t *h)
{
	c->handle = h;
	alpm_option_set_logcb(h, on_log, c);
	alpm_option_set_eventcb(h, on_event, c);
	alpm_option_set_questioncb(h, questions_answer, c);
}

int callbacks_check(const struct callbacks *c, struct error **e)
{
	if (c->failures == 0)
		return 0;
	enum error_code code = c->disk_full ? ERROR_SPACE : ERROR_PACKAGES;
	if (c->failures == 1)
		error_set(e, code, 0, "%s", c->failure);
	else
		error_set(e, code, 0, "%s (and %zu more failures)", c->failure, c->failures - 1);
	if (c->disk_full)
		return error_wrap(e, "the disk is full");
	return error_hint(e, "the packages are installed, but not set up: see the words of the "
			     "scriptlet or hook above");
}
