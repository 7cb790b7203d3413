/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "containers/lxc.h"

#include <stdio.h>
#include <string.h>

/* The first line that is known has the cause; what LXC says after it are the consequences. */
static void hear(void *arg, const char *line)
{
	struct lxc *l = arg;
	if (!l->cause && (l->cause = lxc_cause_find(line)))
		snprintf(l->line, sizeof l->line, "%s", line);
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

/* LXC's own words: what follows "ERROR" and the white space after it, to the end of the line. */
static void own_words(const char *text, char *to, size_t size)
{
	const char *at = strstr(text, "ERROR");
	at = at ? at + strlen("ERROR") : text;
	at += strspn(at, " :\t");
	size_t length = strcspn(at, "\n");
	snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), at);
}

int lxc_failed(const struct lxc *l, const char *what, const char *name, struct error **e)
{
	char words[LXC_LINE];
	own_words(l->cause ? l->line : buf_text(&l->output), words, sizeof words);
	if (l->cause) {
		error_set(e, ERROR_CONTAINER, 0, "%s container %s: %s", what, name,
			l->cause->missing);
		return error_hint(e, "%s (LXC said: %s)", l->cause->remedy, words);
	}
	return error_set(e, ERROR_CONTAINER, 0, "%s container %s: %s", what, name,
		*words ? words : "no reason given");
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
	/* It has another word for one that is not there. */
	if (status && l.cause)
		return lxc_failed(&l, "look at", name, e);
	if (status)
		return 0;
	snprintf(state, 32, "%.*s", (int)strcspn(buf_text(&l.output), "\n"), buf_text(&l.output));
	return 1;
}
