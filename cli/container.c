/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alarmstrap container list|create|start|stop|enter|exec|delete ROOT [NAME] … */
#include <string.h>

#include "bootstrap/container.h"
#include "bootstrap/start.h"
#include "cli/option.h"
#include "cli/root.h"
#include "containers/containers.h"

enum { OPERANDS_MAX = 4096 };

struct choices {
	struct container_options create;
	const char *memory, *cpus, *pids, *init;
	struct strings variables;
};

static void choices_free(struct choices *c)
{
	strings_free(&c->create.config.mirrors);
	strings_free(&c->create.config.dns_servers);
	strings_free(&c->create.packages);
	strings_free(&c->variables);
}
#define auto_choices __attribute__((cleanup(choices_free))) struct choices

/* What an act works with. `root` has the environment where the act's row wants it. */
struct call {
	struct choices *choices;
	const struct strings *operands; /* the act's word first, then ROOT and NAME */
	struct root root;
	struct report *report;
	int *status;
};

static const char *name_of(const struct call *c)
{
	return c->operands->items[2];
}

static int list(struct call *c, struct error **e)
{
	auto_container_list found = {NULL, 0};
	if (container_list(c->root.environment, &found, e) < 0)
		return -1;
	container_list_report(&found, c->report);
	if (!found.count)
		report_note(c->report, "there are no containers");
	return 0;
}

static int create(struct call *c, struct error **e)
{
	struct container_options *o = &c->choices->create;
	const struct choices *w = c->choices;
	o->root = c->operands->items[1];
	o->spec.name = name_of(c);
	container_init_parse(&o->spec, w->init);
	if (container_limits_parse(&o->spec.limits, w->memory, w->cpus, w->pids, e) < 0)
		return -1;
	for (size_t i = 3; i < c->operands->count; i++)
		if (strings_add(&o->packages, c->operands->items[i], e) < 0)
			return -1;
	/* Before anything is looked for in ROOT: without them it would all be in vain. */
	if (!o->print && (root_open(o->root, &c->root, e) < 0 ||
				 (c->root.environment && container_refuse_without_pid_namespace(
								 c->root.environment, e) < 0)))
		return -1;
	return container_make(o, c->report, e);
}

static int start(struct call *c, struct error **e)
{
	return container_start(c->root.environment, name_of(c), e);
}

static int stop(struct call *c, struct error **e)
{
	return container_stop(c->root.environment, name_of(c), e);
}

static int delete (struct call *c, struct error **e)
{
	return container_delete(c->root.rootfs, c->root.environment, name_of(c), c->report, e);
}

static int enter(struct call *c, struct error **e)
{
	const char *const *argv = (const char *const *)c->operands->items + 3;
	return container_enter(c->root.environment, name_of(c),
		c->operands->count > 3 ? argv : NULL, &c->choices->variables, c->status, e);
}

enum wants { WANTS_ROOT, WANTS_RUNNING, WANTS_STARTED, WANTS_NOTHING };

static const struct act {
	const char *word;
	int (*run)(struct call *c, struct error **e);
	size_t low, high; /* operands, the word itself among them */
	enum wants wants; /* of the environment */
	const char *operands;
} acts[] = {
	{"list", list, 2, 2, WANTS_RUNNING, "ROOT"},
	{"create", create, 3, OPERANDS_MAX, WANTS_NOTHING, "ROOT NAME [PKG…]"},
	{"start", start, 3, 3, WANTS_STARTED, "ROOT NAME"},
	{"stop", stop, 3, 3, WANTS_RUNNING, "ROOT NAME"},
	{"enter", enter, 3, OPERANDS_MAX, WANTS_STARTED, "ROOT NAME [-- CMD…]"},
	{"exec", enter, 4, OPERANDS_MAX, WANTS_STARTED, "ROOT NAME -- CMD…"},
	{"delete", delete, 3, 3, WANTS_ROOT, "ROOT NAME"},
};

/* Other tools' words for the same. */
static const char *usual_word(const char *word)
{
	static const struct {
		const char *other, *ours;
	} words[] = {{"ls", "list"}, {"ps", "list"}, {"new", "create"}, {"run", "start"},
		{"shell", "enter"}, {"attach", "enter"}, {"console", "enter"}, {"rm", "delete"},
		{"remove", "delete"}, {"destroy", "delete"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].other, word) == 0)
			return words[i].ours;
	return NULL;
}

static int find_act(
	const struct verb *v, const char *word, const struct act **found, struct error **e)
{
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].word, word) == 0) {
			*found = &acts[i];
			return 0;
		}
	error_set(e, ERROR_USAGE, 0, "container: there is no '%s'", word);
	const char *meant = usual_word(word);
	return meant ? error_hint(e, "here it is: alarmstrap container %s", meant)
		     : error_hint(e, "usage: alarmstrap container %s", v->operands);
}

static bool is_set(const struct option_row *row, const struct choices *c)
{
	const void *field = (const char *)c + row->offset;
	switch (row->kind) {
	case OPTION_FLAG:
		return *(const bool *)field;
	case OPTION_TEXT:
		return *(const char *const *)field;
	case OPTION_LIST:
	case OPTION_EACH:
		return ((const struct strings *)field)->count > 0;
	}
	return false;
}

/* Each option belongs to one act: one that would do nothing is a mistake. */
static int refuse_options(
	const struct verb *v, const struct act *act, const struct choices *c, struct error **e)
{
	for (size_t i = 0; i < v->option_count; i++) {
		const struct option_row *row = &v->options[i];
		bool of_enter = row->offset == offsetof(struct choices, variables);
		if (!is_set(row, c) || act->run == (of_enter ? enter : create))
			continue;
		error_set(e, ERROR_USAGE, 0, "container %s takes no --%s", act->word, row->name);
		return error_hint(e, "it is for 'container %s'", of_enter ? "enter" : "create");
	}
	return 0;
}

static int open_root(const struct act *act, struct call *c, struct error **e)
{
	const char *path = c->operands->items[1];
	if (act->wants == WANTS_NOTHING)
		return 0;
	if (act->wants == WANTS_RUNNING)
		return root_open_running(path, &c->root, e);
	if (root_open(path, &c->root, e) < 0)
		return -1;
	return act->wants == WANTS_STARTED ? root_bring_up(&c->root, c->report, e) : 0;
}

static int run(const struct verb *v, int argc, char **argv, struct report *report, int *status,
	struct error **e)
{
	auto_choices choices = {0};
	auto_strings operands = {0};
	const struct act *act = NULL;
	if (options_parse(v, argc, argv, &choices, &operands, e) < 0 ||
		options_operands(v, &operands, 1, OPERANDS_MAX, e) < 0 ||
		find_act(v, operands.items[0], &act, e) < 0)
		return -1;
	const struct verb own = {.name = act->word, .operands = act->operands};
	if (options_operands(&own, &operands, act->low, act->high, e) < 0 ||
		refuse_options(v, act, &choices, e) < 0)
		return -1;
	struct call c = {&choices, &operands, {NULL, NULL}, report, status};
	int r = open_root(act, &c, e);
	if (r == 0)
		r = act->run(&c, e);
	root_close(&c.root);
	return r;
}

#define AT(field) offsetof(struct choices, field)
static const struct option_row options[] = {
	{"template", 0, OPTION_TEXT, AT(create.template), "NAME",
		"create: no Arch Linux, but LXC's template; busybox is the one"},
	{"from", 'f', OPTION_TEXT, AT(create.config.from), "SOURCE",
		"create: packages (default), mirror: its tarball; a FILE or URL with its .sig"},
	{"memory", 0, OPTION_TEXT, AT(memory), "BYTES", "create: at most so much: 512M, 2G"},
	{"cpus", 0, OPTION_TEXT, AT(cpus), "N", "create: at most so many CPUs: 2, 0.5"},
	{"pids", 0, OPTION_TEXT, AT(pids), "N", "create: at most N processes and threads"},
	{"init", 0, OPTION_TEXT, AT(init), "WORD",
		"create: auto (systemd where the kernel carries it), systemd, lxc, or a command"},
	{"privileged", 0, OPTION_FLAG, AT(create.privileged), NULL,
		"create: without a user namespace; its root is root"},
	{"autostart", 0, OPTION_FLAG, AT(create.spec.autostart), NULL,
		"create: start it whenever the environment starts"},
	{"network", 'n', OPTION_TEXT, AT(create.config.network), "WORD",
		"create: auto, macvlan, veth (bridge, DHCP, NAT), none, host"},
	{"link", 'l', OPTION_TEXT, AT(create.config.link), "LINK",
		"create: put it on this network link"},
	{"mirror", 'm', OPTION_LIST, AT(create.config.mirrors), "URL",
		"create: ask this mirror instead of those of ROOT's pacman.conf"},
	{"config", 'c', OPTION_TEXT, AT(create.config.config), "FILE",
		"create: read FILE in the syntax of pacman.conf (" CONFIG_FILE ")"},
	{"cache-dir", 0, OPTION_TEXT, AT(create.config.cache_dir), "DIR",
		"create: keep packages in DIR instead of ROOT's own cache"},
	{"dns", 0, OPTION_LIST, AT(create.config.dns_servers), "IP", "create: ask this DNS server"},
	{"time", 't', OPTION_TEXT, AT(create.config.time), "TIME",
		"create: it is TIME: 2026-01-31T12:00:00Z"},
	{"keyring", 'k', OPTION_TEXT, AT(create.config.keyring), "FILE",
		"create: trust these OpenPGP keys instead of Arch Linux ARM's"},
	{"cacert", 0, OPTION_TEXT, AT(create.config.ca_file), "FILE",
		"create: trust the certificates of FILE (PEM), of the 'system', or of 'android'"},
	{"ca-file", 0, OPTION_TEXT, AT(create.config.ca_file), "FILE",
		"create: the same as --cacert"},
	{"allow-old", 0, OPTION_FLAG, AT(create.config.allow_old), NULL,
		"create: take a tarball and package databases that are older than they may be"},
	{"limit-rate", 0, OPTION_TEXT, AT(create.config.limit_rate), "RATE",
		"create: download at most RATE bytes a second: 500k, 2M"},
	{"print", 0, OPTION_FLAG, AT(create.print), NULL,
		"create: show what would be done and do nothing"},
	{"env", 'e', OPTION_EACH, AT(variables), "NAME=VALUE", "enter, exec: set this variable"},
};

const struct verb verb_container = {"container",
	"list|create|start|stop|enter|exec|delete ROOT [NAME] [PKG…] [-- CMD…]",
	"LXC containers in the environment", options, sizeof options / sizeof *options, run};
