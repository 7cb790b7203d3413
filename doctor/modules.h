/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of a kernel's modules are loaded, and which can be. */
#ifndef DOCTOR_MODULES_H
#define DOCTOR_MODULES_H

#include "lib/error.h"
#include "lib/text.h"

struct modules {
	struct strings loaded; /* names as /proc/modules has them, with underscores */
	struct strings loadable; /* names of the files that depmod(8) listed, likewise */
};

enum modules_state { MODULE_ABSENT, MODULE_LOADABLE, MODULE_LOADED };

/* Pure. `proc` is the text of /proc/modules, `dep` and `builtin` those of modules.dep and
 * modules.builtin below /lib/modules/RELEASE; what is built in counts as loaded. Any may be "". */
int modules_parse(struct modules *m, const char *proc, const char *dep, const char *builtin,
	struct error **e) must_check;
/* Of the machine whose files begin at `root` ("": this one); files that are absent are empty. */
int modules_read(
	struct modules *m, const char *root, const char *release, struct error **e) must_check;
enum modules_state modules_state(const struct modules *m, const char *name);
void modules_free(struct modules *m);
#define auto_modules __attribute__((cleanup(modules_free))) struct modules

#endif
