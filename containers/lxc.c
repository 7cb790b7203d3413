/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/lxc.h"

#include <stdio.h>
#include <string.h>

/* What bootstrap --link chooses goes into a container's own file when it is created. */
#define IN_CONFIG                                                                                  \
	": lxc.net.0.link in the container's config for one that is made already, --link for new " \
	"ones"
#define NO_MACVLAN                                                                                 \
	"the link cannot carry a macvlan (CONFIG_MACVLAN, or a wireless link); name "              \
	"another" IN_CONFIG

const char *container_remedy(const char *line)
{
	static const struct {
		const char *said, *remedy;
	} known[] = {
		{"lxc_pivot_root", "the root is no mount point; stop and start the environment"},
		{"Failed to initialize cgroup driver",
			"no cgroups are mounted; stop and start the environment"},
		{"Failed to setup cgroup limits",
			"the kernel lacks a cgroup controller that the container's configuration "
			"sets"},
		{"Unsupported cgroup layout", "this LXC wants cgroup2 alone"},
		{"bridge interface doesn't exist", "name a link that exists" IN_CONFIG},
		{"Failed to create network device", NO_MACVLAN},
		{"Failed to create macvlan", NO_MACVLAN},
		{"Failed to allocate console", "no devpts in the environment (CONFIG_UNIX98_PTYS)"},
		{"Unsupported config key",
			"the configuration is for another LXC: lxc-update-config"},
		{"No space left", "free some space"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strstr(line, known[i].said))
			return known[i].remedy;
	return NULL;
}

static void hear(void *arg, const char *line)
{
	struct lxc *l = arg;
	if (!l->remedy)
		l->remedy = container_remedy(line);
	if (buf_printf(&l->output, NULL, "%s\n", line) < 0)
		buf_clear(&l->output);
}

void lxc_free(struct lxc *l)
{
	buf_free(&l->output);
}

int lxc_run(const struct environment *env, const char *const *argv, struct lxc *l, struct error **e)
{
	int status = 0;
	if (environment_run(env, argv, hear, l, &status, e) < 0)
		return -1;
	return status;
}

/* The line that tells most: LXC puts the cause first, after "ERROR". */
static void cause_of(const struct lxc *l, char *to, size_t size)
{
	const char *text = buf_text(&l->output);
	const char *at = strstr(text, "ERROR");
	if (!at)
		at = text;
	size_t length = strcspn(at, "\n");
	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), at);
}

int lxc_failed(const struct lxc *l, const char *what, const char *name, struct error **e)
{
	char cause[512];
	cause_of(l, cause, sizeof cause);
	error_set(e, ERROR_CONTAINER, 0, "%s container %s: %s", what, name,
		*cause ? cause : "no reason given");
	return l->remedy ? error_hint(e, "%s", l->remedy) : -1;
}

int lxc_must_run(const struct environment *env, const char *const *argv, const char *what,
	const char *name, struct error **e)
{
	auto_lxc l = LXC;
	int status = lxc_run(env, argv, &l, e);
	if (status < 0)
		return -1;
	return status ? lxc_failed(&l, what, name, e) : 0;
}

int lxc_state(const struct environment *env, const char *name, char state[32], struct error **e)
{
	auto_lxc l = LXC;
	const char *argv[] = {"lxc-info", "-n", name, "-s", "-H", NULL};
	int status = lxc_run(env, argv, &l, e);
	if (status < 0)
		return -1;
	if (status)
		return 0;
	snprintf(state, 32, "%.*s", (int)strcspn(buf_text(&l.output), "\n"), buf_text(&l.output));
	return 1;
}
