/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "doctor/kernel_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fd.h"
#include "lib/text.h"

#define PREFIX "CONFIG_"
#define NOT_SET " is not set"

struct kernel_config_line {
	const char *name; /* without CONFIG_ */
	const char *value;
	size_t place; /* in the file: of two lines for one name the later one holds */
};

/* "CONFIG_VETH=m", "# CONFIG_VETH is not set": cut into name and value, in place. */
static bool read_line(char *line, struct kernel_config_line *to)
{
	bool off = text_has_prefix(line, "# " PREFIX);
	char *name = line + (off ? 2 : 0);
	if (!text_has_prefix(name, PREFIX))
		return false;
	name += strlen(PREFIX);
	size_t length = strcspn(name, "= ");
	if (length == 0 || (off ? strcmp(name + length, NOT_SET) != 0 : name[length] != '='))
		return false;
	name[length] = '\0';
	to->name = name;
	to->value = off ? "n" : name + length + 1;
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct kernel_config_line *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order ? order : (left->place > right->place) - (left->place < right->place);
}

/* Of lines with the same name the last stays. */
static void keep_last(struct kernel_config *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->count; i++)
		if (i + 1 == c->count || strcmp(c->lines[i].name, c->lines[i + 1].name) != 0)
			c->lines[kept++] = c->lines[i];
	c->count = kept;
}

/* "# Linux/arm64 6.1.176 Kernel Configuration", "# Linux kernel version: 2.6.32". */
static int read_head(struct kernel_config *c, const char *line, struct error **e)
{
	static const char slash[] = "# Linux/", old[] = "# Linux kernel version: ";
	const char *release = NULL;
	size_t length = 0;
	if (text_has_prefix(line, slash)) {
		const char *arch = line + strlen(slash);
		length = strcspn(arch, " ");
		release = arch[length] ? arch + length + 1 : NULL;
		if (!release || !strstr(release, " Kernel Configuration"))
			return 0;
		if (!(c->architecture = strndup(arch, length)))
			return error_set(e, ERROR_SYSTEM, ENOMEM, "kernel configuration");
	} else if (text_has_prefix(line, old)) {
		release = line + strlen(old);
	}
	if (!release)
		return 0;
	c->release = strndup(release, strcspn(release, " "));
	return c->release ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "kernel configuration");
}

static int add_lines(struct kernel_config *c, struct error **e)
{
	size_t room = 0;
	for (char *line = c->text, *next; *line; line = next) {
		struct kernel_config_line read;
		size_t length = strcspn(line, "\n");
		next = line + length + (line[length] == '\n');
		while (length && strchr(" \t\r", line[length - 1]))
			length--;
		line[length] = '\0';
		if (!c->release && read_head(c, line, e) < 0)
			return -1;
		/* make(1)'s own head; savedefconfig writes none. */
		c->whole = c->whole || strstr(line, "Automatically generated");
		if (!read_line(line, &read))
			continue;
		if (c->count == room) {
			room = room ? room * 2 : 1024;
			void *more = reallocarray(c->lines, room, sizeof *c->lines);
			if (!more)
				return error_set(e, ERROR_SYSTEM, ENOMEM, "kernel configuration");
			c->lines = more;
		}
		read.place = c->count;
		c->lines[c->count++] = read;
	}
	return 0;
}

int kernel_config_parse(struct kernel_config *c, const char *text, struct error **e)
{
	auto_kernel_config new = {.text = text_copy(text, e), .source = text_copy("", e)};
	if (!new.text || !new.source || add_lines(&new, e) < 0)
		return -1;
	if (!new.count)
		return error_set(e, ERROR_CONFIG, 0, "it is no configuration of a kernel");
	qsort(new.lines, new.count, sizeof *new.lines, by_name);
	keep_last(&new);
	*c = new;
	new = (struct kernel_config){0};
	return 0;
}

void kernel_config_free(struct kernel_config *c)
{
	free(c->text);
	free(c->lines);
	free(c->source);
	free(c->release);
	free(c->architecture);
	*c = (struct kernel_config){0};
}

static int order_of(const void *name, const void *line)
{
	return strcmp(name, ((const struct kernel_config_line *)line)->name);
}

const char *kernel_config_value(const struct kernel_config *c, const char *name)
{
	const struct kernel_config_line *line =
		c->count ? bsearch(name, c->lines, c->count, sizeof *c->lines, order_of) : NULL;
	return line ? line->value : NULL;
}

bool kernel_config_has(const struct kernel_config *c, const char *name)
{
	const char *value = kernel_config_value(c, name);
	return value && (strcmp(value, "y") == 0 || strcmp(value, "m") == 0);
}
