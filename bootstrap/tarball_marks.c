/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/tarball_marks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

#define NAME "tarballs"
enum { TEXT_MAX = 64 * 1024 };

/* "FINGERPRINT SECONDS NAME", the name to the end of the line. 1: it is that signer's and that
 * tarball's, and *signed_s is set. */
static int read_line(const char *line, const char *name, const char *fingerprint, int64_t *signed_s)
{
	char digits[24];
	size_t length = strlen(fingerprint);
	if (!text_has_prefix(line, fingerprint) || line[length] != ' ')
		return 0;
	const char *number = line + length + 1, *end = strchr(number, ' ');
	if (!end || strcmp(end + 1, name) != 0)
		return 0;
	snprintf(digits, sizeof digits, "%.*s", (int)(end - number), number);
	return text_to_int64(digits, 1, INT64_MAX, signed_s) == 0;
}

static int read_lines(const char *dir, struct strings *lines)
{
	auto_buf text = BUF(TEXT_MAX);
	char *auto_free path = path_join(dir, NAME, NULL);
	if (!path || path_read_file(AT_FDCWD, path, &text, NULL) < 0)
		return 0;
	return strings_split(lines, buf_text(&text), "\n", NULL);
}

int64_t tarball_newest(const char *dir, const char *name, const char *fingerprint)
{
	auto_strings lines = {0};
	int64_t newest_s = 0, signed_s;
	if (read_lines(dir, &lines) < 0)
		return 0;
	for (size_t i = 0; i < lines.count; i++)
		if (read_line(lines.items[i], name, fingerprint, &signed_s) && signed_s > newest_s)
			newest_s = signed_s;
	return newest_s;
}

static void format_day(int64_t seconds, char to[16])
{
	struct tm t;
	time_t when = (time_t)seconds;
	if (!gmtime_r(&when, &t) || !strftime(to, 16, "%Y-%m-%d", &t))
		snprintf(to, 16, "?");
}

int tarball_judge(int64_t remembered_s, const char *name, int64_t signed_s, struct error **e)
{
	char had[16], has[16];
	if (remembered_s - signed_s <= TARBALL_BACKWARD_MAX_S)
		return 0;
	format_day(remembered_s, had);
	format_day(signed_s, has);
	error_set(e, ERROR_TRUST, 0,
		"%s was signed on %s, and this host has seen one of %s: it is older", name, has,
		had);
	return error_hint(e, "another mirror may have the newer one ('alarmstrap mirrors --rank' "
			     "compares them); "
			     "--allow-old takes this one");
}

int tarball_remember(const char *dir, const char *name, const struct openpgp_result *signer,
	int replace, struct error **e)
{
	auto_strings lines = {0};
	auto_buf text = BUF(TEXT_MAX);
	int64_t unused;
	char *auto_free path = path_join(dir, NAME, e);
	if (!path || strpbrk(name, "\n"))
		return path ? 0 : -1;
	int64_t had_s = tarball_newest(dir, name, signer->fingerprint);
	if (had_s == signer->signed_at || (had_s > signer->signed_at && !replace))
		return 0;
	if (read_lines(dir, &lines) < 0)
		return error_set(e, ERROR_SYSTEM, 0, "read %s", path);
	for (size_t i = 0; i < lines.count; i++)
		if (!read_line(lines.items[i], name, signer->fingerprint, &unused) &&
			buf_printf(&text, e, "%s\n", lines.items[i]) < 0)
			return -1;
	if (buf_printf(&text, e, "%s %" PRId64 " %s\n", signer->fingerprint, signer->signed_at,
		    name) < 0 ||
		path_make_dirs(AT_FDCWD, dir, 0755, e) < 0)
		return -1;
	return path_write_file(AT_FDCWD, path, 0644, text.data, text.length, e);
}
