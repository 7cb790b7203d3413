/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chroot/scratch.h"
#include "lib/fd.h"
#include "lib/interrupt.h"
#include "lib/path.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/ticks.h"

enum { TIMEOUT_MS = 2000, SIGNALS = 128 };

const struct probe *const probe_groups[] = {
	probe_namespaces, probe_mounts, probe_links, probe_calls, probe_users};
const size_t probe_groups_count = sizeof probe_groups / sizeof *probe_groups;

static size_t group_count(size_t group)
{
	const size_t counts[] = {probe_namespaces_count, probe_mounts_count, probe_links_count,
		probe_calls_count, probe_users_count};
	return counts[group];
}

int probe_step(long result, const char *step)
{
	int errnum = errno;
	if (result >= 0)
		return 0;
	/* stdout is the pipe to the parent. */
	if (write(STDOUT_FILENO, step, strlen(step)) < 0)
		return errnum;
	return errnum ? errnum : EIO;
}

int probe_scratch(const char **directory)
{
	static const char *const places[] = {"/mnt", "/tmp", "/run", "/sys", "/dev"};
	auto_error *e = NULL;
	if (scratch_begin(&e) < 0) {
		errno = error_errno(e);
		return probe_step(-1, "unshare(CLONE_NEWNS)");
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (!path_exists(AT_FDCWD, places[i]))
			continue;
		if (scratch_cover(places[i], &e) < 0) {
			errno = error_errno(e);
			return probe_step(-1, "mount tmpfs");
		}
		*directory = places[i];
		return 0;
	}
	errno = ENOENT;
	return probe_step(-1, "find a directory");
}

static int run_in_child(void *arg)
{
	const struct probe *p = arg;
	return p->run();
}

/* What the child says; what does not fit is cut. */
struct hearing {
	char *to;
	size_t size, length;
};

static void hear(void *arg, const char *line)
{
	struct hearing *h = arg;
	size_t length = strlen(line), room = h->size - 1 - h->length;
	if (length > room)
		length = room;
	memcpy(h->to + h->length, line, length);
	h->length += length;
	h->to[h->length] = '\0';
}

int probe_run(const struct probe *p, struct probe_answer *answer, struct error **e)
{
	struct probe_answer a = {.probe = p, .asked = true};
	struct hearing h = {a.step, sizeof a.step, 0};
	int status = 0, auto_fd output = -1;
	auto_error *slow = NULL;
	pid_t pid = proc_fork(run_in_child, (void *)p, 0, &output, e);
	if (pid < 0)
		return -1;
	if (proc_read_lines(output, hear, &h, ticks_ms() + TIMEOUT_MS, &slow) < 0) {
		proc_kill(pid);
		if (interrupt_check(e) < 0)
			return -1;
		a.errnum = error_errno(slow) ? error_errno(slow) : ETIMEDOUT;
	} else if (proc_wait(pid, &status, e) < 0) {
		return -1;
	} else if (status >= SIGNALS) {
		a.killed_by = status - SIGNALS;
	} else {
		a.errnum = status;
	}
	*answer = a;
	return 0;
}

static int make_answers(struct probe_answers *to, bool android, struct error **e)
{
	size_t count = 0;
	for (size_t g = 0; g < probe_groups_count; g++)
		count += group_count(g);
	to->items = calloc(count, sizeof *to->items);
	if (!to->items)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "probes");
	for (size_t g = 0; g < probe_groups_count; g++)
		for (size_t i = 0; i < group_count(g); i++) {
			const struct probe *p = &probe_groups[g][i];
			to->items[to->count++] = (struct probe_answer){
				.probe = p, .asked = !(android && p->not_on_android)};
		}
	return 0;
}

int probe_run_all(
	bool android, enum finding_severity least, struct probe_answers *to, struct error **e)
{
	auto_probe_answers new = {0};
	if (make_answers(&new, android, e) < 0)
		return -1;
	for (size_t i = 0; i < new.count; i++) {
		struct probe_answer *a = &new.items[i];
		a->asked = a->asked && (a->probe->severity <= least || a->probe->decisive);
		if (a->asked && probe_run(a->probe, a, e) < 0)
			return -1;
	}
	*to = new;
	new = (struct probe_answers){0};
	return 0;
}

static struct probe_answer *find(const struct probe_answers *a, const char *name)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i].probe->name, name) == 0)
			return &a->items[i];
	return NULL;
}

/* "EINVAL" to EINVAL; -1 for a word that is none. */
static int errno_named(const char *word)
{
	for (int number = 1; number < SIGNALS; number++) {
		const char *name = strerrorname_np(number);
		if (name && strcmp(name, word) == 0)
			return number;
	}
	return -1;
}

static int parse_line(const struct probe_answers *a, const char *line, struct error **e)
{
	auto_strings words = {0};
	if (strings_split(&words, line, " \t", e) < 0)
		return -1;
	if (!words.count || *words.items[0] == '#')
		return 0;
	struct probe_answer *to = find(a, words.items[0]);
	const char *word = words.count == 2 ? words.items[1] : "";
	int errnum = errno_named(word);
	bool killed = strcmp(word, "SIGSYS") == 0;
	if (!to || (errnum < 0 && !killed))
		return error_set(e, ERROR_CONFIG, 0, "'%s' is no answer to a probe", line);
	to->errnum = killed ? 0 : errnum;
	to->killed_by = killed ? SIGSYS : 0;
	return 0;
}

int probe_answers_parse(struct probe_answers *to, const char *text, bool android, struct error **e)
{
	auto_probe_answers new = {0};
	auto_strings lines = {0};
	if (make_answers(&new, android, e) < 0 || strings_split(&lines, text, "\n", e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		if (parse_line(&new, lines.items[i], e) < 0)
			return -1;
	*to = new;
	new = (struct probe_answers){0};
	return 0;
}

bool probe_can(const struct probe_answers *a, const char *name)
{
	const struct probe_answer *x = find(a, name);
	return x && x->asked && !x->errnum && !x->killed_by;
}

void probe_answers_free(struct probe_answers *a)
{
	free(a->items);
	*a = (struct probe_answers){0};
}
