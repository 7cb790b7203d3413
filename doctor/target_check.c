/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/target_check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/syscalls.h"
#include "lib/text.h"

#define FIRST "probe-a"
#define SECOND "probe-b"
/* renameat2(2) */
enum { EXCHANGE = 2 };

/* A root with LXC in it takes about one, the tarball of Arch Linux ARM and what comes of it two and
 * a half. */
static const uint64_t least_bytes = 1000000000, wanted_bytes = 3000000000;

/* `path`, or the nearest above it that is a directory. */
static char *nearest(const char *path, struct error **e)
{
	char *at = path_absolute(path, e);
	struct stat st;
	while (at && (stat(at, &st) < 0 || !S_ISDIR(st.st_mode))) {
		char *slash = strrchr(at, '/');
		if (slash == at)
			slash++;
		*slash = '\0';
	}
	return at;
}

static bool try_exchange(int fd)
{
	return sys_renameat2(fd, FIRST, fd, SECOND, EXCHANGE) == 0;
}

static void try_more(int fd, struct target_look *look)
{
	int auto_fd first = openat(fd, FIRST, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int auto_fd second = openat(fd, SECOND, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (first >= 0 && second >= 0) {
		look->clones = write(first, "clone", 5) == 5 && ioctl(second, FICLONE, first) == 0;
		look->exchange = try_exchange(fd);
	}
	unlinkat(fd, FIRST, 0);
	unlinkat(fd, SECOND, 0);
}

int target_look(const char *root, struct target_look *look, struct error **e)
{
	auto_target_look new = {.path = nearest(root, e)};
	char *auto_free scratch =
		new.path ? text_format(e, "%s/.alarmstrap-doctor-XXXXXX", new.path) : NULL;
	if (!scratch)
		return -1;
	if (!mkdtemp(scratch)) {
		new.refused = errno;
	} else {
		int auto_fd fd = path_open_dir(AT_FDCWD, scratch, e);
		int r = fd < 0 ? -1 : target_probe(fd, &new.facts, e);
		if (r == 0)
			try_more(fd, &new);
		rmdir(scratch);
		if (r < 0)
			return error_wrap(e, "try %s", new.path);
	}
	*look = new;
	new = (struct target_look){.path = NULL};
	return 0;
}

void target_look_free(struct target_look *look)
{
	free(look->path);
	*look = (struct target_look){.path = NULL};
}

static int add(const struct target_look *look, enum finding_severity severity, enum error_code code,
	const struct finding_texts *texts, struct findings *to, struct error **e)
{
	char *auto_free how = text_format(e, "tried it in %s", look->path);
	if (!how)
		return -1;
	const struct finding_texts whole = {texts->what, texts->why, how, texts->remedy};
	return findings_add(to, severity, code, &whole, e);
}

/* What chroot/target has to say is an error there, and a finding here. */
static int add_error(const struct target_look *look, struct error **refusal, struct findings *to,
	struct error **e)
{
	const struct finding_texts texts = {
		.what = error_message(*refusal),
		.why = "a root is made of links, owners, modes and programs",
		.remedy = error_remedy(*refusal),
	};
	enum error_code code = error_code(*refusal);
	int r = add(look, FINDING_NO_BOOTSTRAP, code, &texts, to, e);
	error_clear(refusal);
	return r;
}

static int add_refused(const struct target_look *look, struct findings *to, struct error **e)
{
	char *auto_free what = text_format(
		e, "no directory can be made in %s: %s", look->path, strerror(look->refused));
	bool key = look->refused == ENOKEY;
	const struct finding_texts texts = {
		.what = what,
		.why = key ? "the directory is encrypted, and its key is not here (file-based "
			     "encryption)"
			   : "ROOT is made there",
		.remedy = key ? "unlock the screen once after each boot; in containers: "
				"lxc.keyring.session = 0"
			      : "name a ROOT on a filesystem that can be written to",
	};
	return what ? add(look, FINDING_NO_BOOTSTRAP,
			      look->refused == ENOSPC ? ERROR_SPACE : ERROR_ROOT, &texts, to, e)
		    : -1;
}

static int check_facts(const struct target_look *look, struct findings *to, struct error **e)
{
	auto_error *refusal = NULL;
	if (target_judge(&look->facts, look->path, NULL, &refusal) < 0 &&
		add_error(look, &refusal, to, e) < 0)
		return -1;
	if (target_judge_space(&look->facts, look->path, least_bytes, &refusal) < 0)
		return add_error(look, &refusal, to, e);
	static const struct finding_texts little = {
		.what = "there is little space where ROOT is to be",
		.why = "the tarball of Arch Linux ARM takes half a gigabyte and unpacks to two",
		.remedy = "free some; or --from=packages, which takes half as much",
	};
	return look->facts.free_bytes < wanted_bytes
		       ? add(look, FINDING_LIMITED, ERROR_SPACE, &little, to, e)
		       : 0;
}

static int check_more(const struct target_look *look, struct findings *to, struct error **e)
{
	const struct {
		bool there;
		enum finding_severity severity;
		struct finding_texts texts;
	} rows[] = {
		{look->facts.file_capabilities, FINDING_LIMITED,
			{"the filesystem keeps no file capabilities",
				"ping and newuidmap need root inside", NULL,
				"a ROOT on ext4, f2fs, btrfs or xfs"}},
		{look->facts.user_attributes, FINDING_NOTE,
			{"the filesystem keeps no user attributes (user.*)",
				"some programs mark files by them", NULL, NULL}},
		{look->exchange, FINDING_NOTE,
			{"two names cannot be exchanged (renameat2 with RENAME_EXCHANGE)",
				"what is replaced is so in two steps", NULL, NULL}},
		{look->clones, FINDING_NOTE,
			{"files cannot be cloned (reflink)",
				"copies of files take their time and space", NULL, NULL}},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!rows[i].there &&
			add(look, rows[i].severity, ERROR_ROOT, &rows[i].texts, to, e) < 0)
			return -1;
	return 0;
}

int target_check(const struct target_look *look, struct findings *to, struct error **e)
{
	if (look->refused)
		return add_refused(look, to, e);
	return check_facts(look, to, e) < 0 ? -1 : check_more(look, to, e);
}
