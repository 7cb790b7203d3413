/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hooks/sandbox_conf.h"

#include <stdio.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/text.h"

/* Stands before each line of ours; what follows a '#' there is the user's own line, put out of use.
 */
static const char OURS[] =
	"# alarmstrap: pacman could download nothing here with its sandbox whole";

enum kind { OTHER, SECTION_OPTIONS, SECTION_OTHER, DOWNLOAD_USER, DISABLE, XFER };

/* What a line is, wherever it stands. */
static enum kind kind_of(const char *line)
{
	static const struct {
		const char *word;
		enum kind kind;
	} words[] = {
		{"DownloadUser", DOWNLOAD_USER},
		{"DisableSandbox", DISABLE},
		{"DisableSandboxFilesystem", DISABLE},
		{"DisableSandboxSyscalls", DISABLE},
		{"XferCommand", XFER},
	};
	line += strspn(line, " \t");
	if (*line == '[')
		return text_has_prefix(line, "[options]") ? SECTION_OPTIONS : SECTION_OTHER;
	size_t length = strcspn(line, " \t\r=");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].word) == length && strncmp(words[i].word, line, length) == 0)
			return words[i].kind;
	return OTHER;
}

/* Lines of a text, one a call. NULL: no more. */
static char *next_line(char **rest)
{
	return *rest && **rest ? strsep(rest, "\n") : NULL;
}

/* The newline of the line that next_line gave: the last one may have none. */
static const char *line_end(const char *rest)
{
	return rest ? "\n" : "";
}

static char *copy(const char *text, struct error **e)
{
	return text_copy(text ? text : "", e);
}

int sandbox_conf_original(const char *conf, struct buf *to, struct error **e)
{
	char *auto_free text = copy(conf, e), *rest = text;
	bool ours = false;
	if (!text)
		return -1;
	for (char *line; (line = next_line(&rest));) {
		bool after_ours = ours;
		ours = strcmp(line, OURS) == 0;
		if (ours || (after_ours && *line != '#'))
			continue;
		if (buf_printf(to, e, "%s%s", line + after_ours, line_end(rest)) < 0)
			return -1;
	}
	return 0;
}

static int add_words(const struct sandbox_lack *lack, struct buf *to, struct error **e)
{
	for (size_t i = 0; i < sizeof lack->words / sizeof *lack->words && lack->words[i]; i++)
		if (buf_printf(to, e, "%s\n%s\n", OURS, lack->words[i]) < 0)
			return -1;
	return 0;
}

int sandbox_conf_write(
	const char *conf, const struct sandbox_lack *lack, struct buf *to, struct error **e)
{
	char *auto_free text = copy(conf, e), *rest = text;
	bool in_options = false, added = false;
	if (!text)
		return -1;
	for (char *line; (line = next_line(&rest));) {
		enum kind kind = kind_of(line);
		if (kind == SECTION_OPTIONS || kind == SECTION_OTHER)
			in_options = kind == SECTION_OPTIONS;
		bool out = in_options && kind == DOWNLOAD_USER && lack->no_user;
		if (buf_printf(to, e, "%s%s%s%s%s", out ? OURS : "", out ? "\n" : "",
			    out ? "#" : "", line,
			    kind == SECTION_OPTIONS ? "\n" : line_end(rest)) < 0)
			return -1;
		if (kind == SECTION_OPTIONS && !added) {
			added = true;
			if (add_words(lack, to, e) < 0)
				return -1;
		}
	}
	return 0;
}

bool sandbox_conf_user(const char *conf, char *name, size_t size)
{
	char *auto_free text = copy(conf, NULL), *rest = text;
	bool in_options = false, found = false;
	for (char *line; text && (line = next_line(&rest));) {
		enum kind kind = kind_of(line);
		char *value = strchr(line, '=');
		if (kind == SECTION_OPTIONS || kind == SECTION_OTHER)
			in_options = kind == SECTION_OPTIONS;
		if (kind != DOWNLOAD_USER || !in_options || !value)
			continue;
		value = text_trim(value + 1);
		found = *value != '\0';
		snprintf(name, size, "%s", value);
	}
	return found;
}

int sandbox_conf_probe(const char *conf, const char *directory, struct buf *to, struct error **e)
{
	char *auto_free text = copy(conf, e), *rest = text;
	bool in_options = false;
	if (!text)
		return -1;
	if (buf_printf(to, e,
		    "[options]\n"
		    "DBPath = %s/db\n"
		    "CacheDir = %s\n"
		    "LogFile = %s/log\n"
		    "SigLevel = Never\n",
		    directory, directory, directory) < 0)
		return -1;
	for (char *line; (line = next_line(&rest));) {
		enum kind kind = kind_of(line);
		if (kind == SECTION_OPTIONS || kind == SECTION_OTHER)
			in_options = kind == SECTION_OPTIONS;
		else if (kind != OTHER && in_options && buf_printf(to, e, "%s\n", line) < 0)
			return -1;
	}
	return buf_printf(to, e, "[probe]\nServer = file://%s\n", directory);
}
