/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/kernel_fragment.h"

#include "doctor/kernel_options.h"
#include "lib/text.h"

/* What is being written. */
struct fragment {
	const struct kernel_config *config;
	unsigned version;
	struct strings done; /* names that were dealt with */
	const char *mark; /* before each line: "#" where it is left to the reader */
	struct buf *to;
};

static bool lacks(const struct fragment *f, const struct kernel_option *o)
{
	enum kernel_option_state state = kernel_option_judge(o, f->config, f->version);
	return state == OPTION_MISSING || state == OPTION_DEFAULT;
}

/* The option `name` after all that it depends on. */
static int add(struct fragment *f, const char *name, struct error **e)
{
	const struct kernel_option *o = kernel_options_support(name);
	auto_strings needs = {0};
	if (strings_contain(&f->done, name) || (o && !kernel_option_exists(o, f->version)))
		return 0;
	if (strings_add(&f->done, name, e) < 0 ||
		(o && o->needs && strings_split(&needs, o->needs, " ", e) < 0))
		return -1;
	for (size_t i = 0; i < needs.count; i++)
		if (add(f, needs.items[i], e) < 0)
			return -1;
	if (kernel_config_has(f->config, name))
		return 0;
	return buf_printf(f->to, e, "%sCONFIG_%s=y\n", f->mark, name);
}

static int add_level(struct fragment *f, enum kernel_option_level level, struct error **e)
{
	for (size_t i = 0; i < kernel_options_count; i++) {
		const struct kernel_option *o = &kernel_options[i];
		if (o->level != level || !lacks(f, o) || strings_contain(&f->done, o->name))
			continue;
		if ((level == OPTION_OPTIONAL &&
			    buf_printf(f->to, e, "# optional: %s\n", o->why) < 0) ||
			add(f, o->name, e) < 0)
			return -1;
	}
	return 0;
}

static int add_harmful(struct fragment *f, struct error **e)
{
	for (size_t i = 0; i < kernel_options_count; i++) {
		const struct kernel_option *o = &kernel_options[i];
		if (o->level == OPTION_HARMFUL && kernel_option_exists(o, f->version) &&
			kernel_config_has(f->config, o->name) &&
			buf_printf(f->to, e, "# CONFIG_%s is not set\n", o->name) < 0)
			return -1;
	}
	return 0;
}

/* IPC_NS and SYSVIPC add fields to task_struct, which modules of the vendor's know the layout of.
 */
static int refuse_gki(struct error **e)
{
	error_set(e, ERROR_KERNEL, 0,
		"no fragment for one of Android's generic kernels (GKI): with IPC_NS or SYSVIPC "
		"switched on they no longer fit the vendor's modules, and phones have bootlooped");
	return error_hint(e, "look for a kernel that somebody made for this very phone with "
			     "PID_NS and IPC_NS, its vendor's modules included");
}

int kernel_fragment_write(const struct kernel_config *c, const struct kernel_release *release,
	struct buf *to, struct error **e)
{
	auto_buf text = BUF(0);
	struct fragment f = {.config = c, .version = release->version, .mark = "", .to = &text};
	if (release->gki)
		return refuse_gki(e);
	int r = buf_printf(&text, e, "# What LXC containers need of Linux %u.%u, and %s lacks.\n",
		kernel_major(f.version), kernel_major(f.version) == 2 ? 6 : kernel_minor(f.version),
		*c->source ? c->source : "the configuration");
	if (r == 0)
		r = add_level(&f, OPTION_REQUIRED, e);
	if (r == 0)
		r = add_level(&f, OPTION_WANTED, e);
	if (r == 0)
		r = add_harmful(&f, e);
	f.mark = "#";
	if (r == 0)
		r = add_level(&f, OPTION_OPTIONAL, e);
	strings_free(&f.done);
	return r < 0 ? -1 : buf_append(to, text.data, text.length, e);
}
