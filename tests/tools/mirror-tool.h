/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tools that ask a mirror share: where they ask, what they trust, how they begin and end.
 */
#ifndef TESTS_TOOLS_MIRROR_TOOL_H
#define TESTS_TOOLS_MIRROR_TOOL_H

#include <stdlib.h>

#include "lib/http.h"
#include "lib/interrupt.h"
#include "lib/report.h"
#include "mirrors/mirrors.h"

struct mirror_tool {
	struct http_settings http;
	struct strings servers;
	char *ca_pem;
	struct report *report;
};

/* The report is there also where it fails. */
static inline int mirror_tool_begin(struct mirror_tool *t, struct error **e)
{
	t->report = report_new(REPORT_PLAIN);
	return interrupt_install(e);
}

static inline int mirror_tool_trust(struct mirror_tool *t, const char *file, struct error **e)
{
	free(t->ca_pem);
	t->ca_pem = NULL;
	int r = http_read_ca(file, &t->ca_pem, &t->http.ca_pem_length, e);
	t->http.ca_pem = t->ca_pem;
	return r;
}

static inline struct mirrors *mirror_tool_mirrors(
	struct mirror_tool *t, const char *arch, struct error **e)
{
	return mirrors_new(&t->servers, arch, e);
}

/* Says what failed, if anything; the exit status. */
static inline int mirror_tool_end(struct mirror_tool *t, const struct error *e)
{
	report_error(t->report, e);
	report_free(t->report);
	strings_free(&t->servers);
	strings_free(&t->http.dns_servers);
	free(t->ca_pem);
	return error_exit_status(e);
}

#endif
