/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/config.h"

#include <string.h>

#include "lib/text.h"

/* Networks are the spec's to choose; everything else that the root's administrator wrote for new
 * containers holds for ours. */
static int add_defaults(const char *defaults, struct buf *to, struct error **e)
{
	auto_strings lines = {0};
	if (strings_split(&lines, defaults, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = text_trim(lines.items[i]);
		if (*line && *line != '#' && !text_has_prefix(line, "lxc.net.") &&
			buf_printf(to, e, "%s\n", line) < 0)
			return -1;
	}
	return 0;
}

int container_config(
	const struct container_spec *spec, const char *defaults, struct buf *to, struct error **e)
{
	if (add_defaults(defaults, to, e) < 0)
		return -1;
	return container_network_config(&spec->network, defaults, to, e);
}
