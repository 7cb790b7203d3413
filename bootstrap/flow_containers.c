/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The containers of a bootstrap: made, started, waited for, shown. */
#include "bootstrap/flow.h"
#include "containers/containers.h"
#include "containers/network_service.h"
#include "lib/fd.h"

enum { ADDRESS_WAIT_MS = 30000 };

static int wait_addresses(struct flow *f, const struct strings *names, struct error **e)
{
	auto_strings awaited = {0};
	for (size_t i = 0; i < names->count; i++) {
		int awaits = network_has_addresses(f->environment, names->items[i], e);
		if (awaits < 0 || (awaits && strings_add(&awaited, names->items[i], e) < 0))
			return -1;
	}
	int have = container_wait_addresses(f->environment, &awaited, ADDRESS_WAIT_MS, e);
	if (have < 0)
		return -1;
	if ((size_t)have < awaited.count)
		report_warn(f->report,
			"%zu of %zu containers got no address in %d s: is there a "
			"DHCP server on the link?",
			awaited.count - (size_t)have, awaited.count, ADDRESS_WAIT_MS / 1000);
	return 0;
}

static int make_containers(struct flow *f, struct error **e)
{
	const struct strings *names = &f->config->containers;
	const char *emulated = container_emulated(f->environment);
	for (size_t i = 0; i < names->count; i++) {
		const struct container_spec spec = {.name = names->items[i]};
		const struct container_facts facts = {false}; /* no limits are set */
		if (container_create(f->environment, &spec, &facts, e) < 0 ||
			(!emulated && container_start(f->environment, names->items[i], e) < 0))
			return -1;
		report_progress(f->report, i + 1, names->count, REPORT_COUNT);
	}
	if (names->count && emulated)
		report_warn(f->report,
			"the containers are created, but not started: this machine emulates %s, "
			"and LXC needs the real one",
			emulated);
	if (!names->count || emulated)
		return 0;
	return wait_addresses(f, names, e);
}

int flow_containers(void *arg, struct error **e)
{
	struct flow *f = arg;
	if (make_containers(f, e) == 0)
		return 0;
	if (e && error_code(*e) == ERROR_INTERRUPTED)
		return -1; /* to run it again is the remedy, and it goes on from here */
	return error_hint(e, "%s is complete and up; look inside: alarmstrap enter %s",
		f->config->root, f->config->root);
}

int flow_show_containers(struct flow *f, struct error **e)
{
	auto_container_list list = {NULL, 0};
	if (container_list(f->environment, &list, e) < 0)
		return -1;
	container_list_report(&list, f->report);
	report_flush(f->report);
	if (!list.count)
		report_note(f->report,
			"to create and start a container: alarmstrap bootstrap %s --container NAME",
			f->config->root);
	return 0;
}
