/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/gpgv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/proc.h"
#include "lib/text.h"

enum { NOT_FOUND = 127 }; /* proc_exec */

/* GnuPG's doc/DETAILS: what says that a signature, or the key behind it, is not good. gpgv ends
 * with status 0 even so: it is judged by these lines only. */
static const char *const spoilers[] = {
	"BADSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "ERRSIG", "NODATA", "FAILURE"};

struct listening {
	struct gpgv_opinion *opinion;
	bool good, spoiled;
};

static bool is_word(const char *line, const char *word)
{
	size_t length = strlen(word);
	return strncmp(line, word, length) == 0 && (line[length] == ' ' || !line[length]);
}

/* ERRSIG … 9: by a key that the ring has not; others may be good. */
static bool is_unknown_key(const char *line)
{
	const char *last = strrchr(line, ' ');
	/* ERRSIG KEYID ALGORITHM DIGEST CLASS TIME RC FINGERPRINT */
	return is_word(line, "ERRSIG") && last && (strcmp(last, " 9") == 0 || strstr(line, " 9 "));
}

static void note(struct gpgv_opinion *o, const char *line)
{
	size_t used = strlen(o->why);
	snprintf(o->why + used, sizeof o->why - used, "%s%.*s", used ? ", " : "",
		(int)strcspn(line, " "), line);
}

static void listen_line(void *arg, const char *line)
{
	static const char mark[] = "[GNUPG:] ";
	struct listening *l = arg;
	if (!text_has_prefix(line, mark))
		return;
	line += strlen(mark);
	if (is_word(line, "GOODSIG")) {
		l->good = true;
		note(l->opinion, line);
	}
	for (size_t i = 0; i < sizeof spoilers / sizeof *spoilers; i++) {
		if (!is_word(line, spoilers[i]))
			continue;
		note(l->opinion, line);
		l->spoiled = l->spoiled || !is_unknown_key(line);
	}
}

/* Bytes as a file that a child inherits. */
static int inherited(const void *data, size_t length, struct error **e)
{
	int auto_fd fd = memfd_create("gpgv", 0);
	if (fd < 0)
		return error_set(e, ERROR_SYSTEM, errno, "memfd_create");
	return fd_write_all(fd, data, length, e) < 0 ? -1 : take_fd(&fd);
}

int gpgv_ask(const struct openpgp_examination *x, int fd, struct gpgv_opinion *to, struct error **e)
{
	size_t length;
	const void *keys = openpgp_keyring_bytes(x->keyring, &length);
	int auto_fd ring = inherited(keys, length, e);
	int auto_fd signature = ring < 0 ? -1 : inherited(x->signature, x->length, e);
	int auto_fd file = dup(fd); /* without O_CLOEXEC */
	if (signature < 0)
		return -1;
	if (file < 0)
		return error_set(e, ERROR_SYSTEM, errno, "dup");
	char paths[3][32];
	const int fds[3] = {ring, signature, file};
	for (int i = 0; i < 3; i++)
		snprintf(paths[i], sizeof paths[i], "/proc/self/fd/%d", fds[i]);
	const char *const argv[] = {"gpgv", "--homedir", "/nonexistent", "--status-fd", "1",
		"--keyring", paths[0], "--", paths[1], paths[2], NULL};
	struct gpgv_opinion opinion = {.there = true};
	struct listening l = {.opinion = &opinion};
	int status = 0;
	if (proc_run(argv, NULL, listen_line, &l, &status, e) < 0)
		return error_wrap(e, "gpgv");
	opinion.there = status != NOT_FOUND;
	opinion.good = l.good && !l.spoiled;
	if (!*opinion.why)
		snprintf(opinion.why, sizeof opinion.why, "exit status %d", status);
	*to = opinion;
	return 0;
}
