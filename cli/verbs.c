/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of verbs, and what people type instead of them. */
#include "cli/option.h"

#include <string.h>

const struct verb *const verbs[] = {
	&verb_bootstrap,
	&verb_start,
	&verb_enter,
	&verb_stop,
	&verb_status,
	&verb_container,
	&verb_refresh,
	&verb_install,
	&verb_uninstall,
	&verb_query,
	&verb_clean,
	&verb_verify,
	&verb_destroy,
	&verb_mirrors,
	&verb_doctor,
	&verb_clock,
	&verb_signature,
};
const size_t verbs_count = sizeof verbs / sizeof *verbs;

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < verbs_count; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

const struct verb *verb_guess(const char *word)
{
	/* Words of the neighbours: pacstrap, debootstrap, chroot, machinectl, docker, lxc. */
	static const struct {
		const char *word, *verb;
	} others[] = {
		{"setup", "bootstrap"},
		{"create", "bootstrap"},
		{"pacstrap", "bootstrap"},
		{"strap", "bootstrap"},
		{"chroot", "enter"},
		{"arch-chroot", "enter"},
		{"exec", "enter"},
		{"login", "enter"},
		{"shell", "enter"},
		{"attach", "enter"},
		{"up", "start"},
		{"boot", "start"},
		{"mount", "start"},
		{"down", "stop"},
		{"umount", "stop"},
		{"kill", "stop"},
		{"poweroff", "stop"},
		{"search", "query"},
		{"owns", "query"},
		{"autoclean", "clean"},
		{"list", "status"},
		{"ps", "status"},
		{"info", "status"},
		{"lxc", "container"},
		{"containers", "container"},
		{"rm", "destroy"},
		{"rmdir", "destroy"},
		{"remove", "uninstall"},
		{"erase", "uninstall"},
		{"autoremove", "uninstall"},
		{"update", "refresh"},
		{"upgrade", "refresh"},
		{"sync", "refresh"},
		{"dist-upgrade", "refresh"},
		{"full-upgrade", "refresh"},
		{"add", "install"},
		{"delete", "destroy"},
		{"purge", "destroy"},
		{"wipe", "destroy"},
		{"checkconfig", "doctor"},
		{"diagnose", "doctor"},
		{"examine", "doctor"},
		{"check", "verify"},
		{"fsck", "verify"},
		{"audit", "verify"},
		{"debsums", "verify"},
		{"reflector", "mirrors"},
		{"rankmirrors", "mirrors"},
		{"mirrorlist", "mirrors"},
		{"rank", "mirrors"},
		{"date", "clock"},
		{"time", "clock"},
		{"ntpdate", "clock"},
		{"timedatectl", "clock"},
		{"sig", "signature"},
		{"gpgv", "signature"},
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(others[i].word, word) == 0)
			return verb_find(others[i].verb);
	const struct verb *best = NULL;
	size_t best_distance = 4;
	for (size_t i = 0; i < verbs_count; i++) {
		size_t distance = text_distance(word, verbs[i]->name);
		if (distance < best_distance) {
			best = verbs[i];
			best_distance = distance;
		}
	}
	return best;
}
