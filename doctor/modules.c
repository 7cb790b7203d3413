/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/path.h"

/* modules.dep of Debian's kernels for real machines has 700 KiB. */
enum { LIST_MAX_BYTES = 8 << 20 };

/* "kernel/net/bridge/xt-x.ko.xz: kernel/…" is "xt_x"; names count with underscores alone. */
static int add_path(struct strings *to, const char *path, size_t length, struct error **e)
{
	const char *name = memrchr(path, '/', length);
	name = name ? name + 1 : path;
	length -= (size_t)(name - path);
	const char *suffix = memmem(name, length, ".ko", 3);
	char *copy = suffix ? strndup(name, (size_t)(suffix - name)) : NULL;
	if (!copy)
		return suffix ? error_set(e, ERROR_SYSTEM, ENOMEM, "modules") : 0;
	for (char *p = copy; *p; p++)
		*p = *p == '-' ? '_' : *p;
	return strings_take(to, copy, e);
}

static int add_paths(struct strings *to, const char *text, struct error **e)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (add_path(to, line, strcspn(line, ":\n"), e) < 0)
			return -1;
	return 0;
}

static int add_loaded(struct strings *to, const char *text, struct error **e)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char *name = strndup(line, strcspn(line, " \n"));
		if (!name)
			return error_set(e, ERROR_SYSTEM, ENOMEM, "modules");
		if (strings_take(to, name, e) < 0)
			return -1;
	}
	return 0;
}

int modules_parse(
	struct modules *m, const char *proc, const char *dep, const char *builtin, struct error **e)
{
	auto_modules new = {0};
	if (add_loaded(&new.loaded, proc, e) < 0 || add_paths(&new.loaded, builtin, e) < 0 ||
		add_paths(&new.loadable, dep, e) < 0)
		return -1;
	*m = new;
	new = (struct modules){0};
	return 0;
}

static int read_list(const char *path, struct buf *to, struct error **e)
{
	return path_exists(AT_FDCWD, path) ? path_read_file(AT_FDCWD, path, to, e) : 0;
}

int modules_read(struct modules *m, const char *root, const char *release, struct error **e)
{
	auto_buf proc = BUF(0), dep = BUF(LIST_MAX_BYTES), builtin = BUF(LIST_MAX_BYTES);
	char *auto_free dep_path = text_format(e, "%s/lib/modules/%s/modules.dep", root, release);
	char *auto_free builtin_path =
		text_format(e, "%s/lib/modules/%s/modules.builtin", root, release);
	char *auto_free proc_path = text_format(e, "%s/proc/modules", root);
	if (!dep_path || !builtin_path || !proc_path || read_list(proc_path, &proc, e) < 0 ||
		read_list(dep_path, &dep, e) < 0 || read_list(builtin_path, &builtin, e) < 0)
		return -1;
	return modules_parse(m, buf_text(&proc), buf_text(&dep), buf_text(&builtin), e);
}

enum modules_state modules_state(const struct modules *m, const char *name)
{
	if (strings_contain(&m->loaded, name))
		return MODULE_LOADED;
	return strings_contain(&m->loadable, name) ? MODULE_LOADABLE : MODULE_ABSENT;
}

void modules_free(struct modules *m)
{
	strings_free(&m->loaded);
	strings_free(&m->loadable);
}
