/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that are files, tests/cases/doctor/NAME: a tree of what the machine shows, `probes` with
 * what cannot be done there, `expected` with the plan and the findings that must come of it. Lines
 * of `expected`:
 *
 *   PART CHOICE              a row of the plan; a part that is not named must not be there
 *   status N                 the exit status
 *   finding SEVERITY TEXT    a finding whose `what` begins so
 *   remedy TEXT              some finding's remedy has this in it
 *   without TEXT             no finding's severity or `what` begins so
 *   fragment refused         there is none for its kernel's configuration */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "doctor/examine.h"
#include "doctor/kernel_fragment.h"
#include "lib/fd.h"
#include "lib/path.h"
#include "lib/text.h"

static const char *const severities[] = {
	[FINDING_NO_BOOTSTRAP] = "no bootstrap ",
	[FINDING_NO_CONTAINERS] = "no containers ",
	[FINDING_LIMITED] = "limited ",
	[FINDING_NOTE] = "note ",
};

struct device {
	char *path;
	struct observations seen;
	struct plan plan;
	struct findings findings;
	size_t rows_named;
};

static void read_file(const struct device *d, const char *name, struct buf *to)
{
	char *auto_free path = NULL;
	assert_non_null(path = path_join(d->path, name, NULL));
	assert_ok(path_read_file(AT_FDCWD, path, to, &e));
}

static bool has_finding(const struct device *d, const char *text)
{
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct finding *f = &d->findings.items[i];
		const char *severity = severities[f->severity];
		if (text_has_prefix(text, severity) &&
			text_has_prefix(f->what, text + strlen(severity)))
			return true;
	}
	return false;
}

static bool begins_so(const struct device *d, const char *text)
{
	for (size_t i = 0; i < d->findings.count; i++)
		if (text_has_prefix(d->findings.items[i].what, text) ||
			text_has_prefix(severities[d->findings.items[i].severity], text))
			return true;
	return false;
}

static bool has_remedy(const struct device *d, const char *text)
{
	for (size_t i = 0; i < d->findings.count; i++)
		if (strstr(d->findings.items[i].remedy, text))
			return true;
	return false;
}

static int status_of(const struct device *d)
{
	struct error *e = NULL;
	int status = findings_verdict(&d->findings, &e) < 0 ? error_exit_status(e) : 0;
	error_free(e);
	return status;
}

static bool fragment_refused(const struct device *d)
{
	auto_buf text = BUF(0);
	return kernel_fragment_write(&d->seen.config, &d->seen.release, &text, NULL) < 0;
}

static bool has_row(struct device *d, const char *line)
{
	for (size_t i = 0; i < d->plan.row_count; i++) {
		const struct plan_row *r = &d->plan.rows[i];
		size_t length = strlen(r->part);
		if (text_has_prefix(line, r->part) && strcmp(line + length + 1, r->choice) == 0) {
			d->rows_named++;
			return *r->because != '\0';
		}
	}
	return false;
}

static bool holds(struct device *d, const char *line)
{
	const char *rest = strchr(line, ' ');
	rest = rest ? rest + 1 : "";
	if (text_has_prefix(line, "status "))
		return atoi(rest) == status_of(d);
	if (text_has_prefix(line, "finding "))
		return has_finding(d, rest);
	if (text_has_prefix(line, "remedy "))
		return has_remedy(d, rest);
	if (text_has_prefix(line, "without "))
		return !begins_so(d, rest);
	if (strcmp(line, "fragment refused") == 0)
		return fragment_refused(d);
	return has_row(d, line);
}

static void show(const struct device *d)
{
	for (size_t i = 0; i < d->plan.row_count; i++)
		print_message("%s %s\n", d->plan.rows[i].part, d->plan.rows[i].choice);
	print_message("status %d\n", status_of(d));
	for (size_t i = 0; i < d->findings.count; i++)
		print_message("finding %s%s\n", severities[d->findings.items[i].severity],
			d->findings.items[i].what);
}

static void try_device(struct device *d)
{
	auto_buf probes = BUF(0), expected = BUF(0);
	auto_strings lines = {0};
	read_file(d, "probes", &probes);
	read_file(d, "expected", &expected);
	assert_ok(observations_read(&d->seen, d->path, &e));
	assert_ok(probe_answers_parse(&d->seen.tried, buf_text(&probes), d->seen.android, &e));
	assert_ok(examine(&d->seen, SOURCE_DATE, &d->plan, &d->findings, &e));
	assert_ok(strings_split(&lines, buf_text(&expected), "\n", &e));
	bool status_named = false;
	for (size_t i = 0; i < lines.count; i++) {
		status_named = status_named || text_has_prefix(lines.items[i], "status ");
		if (holds(d, lines.items[i]))
			continue;
		show(d);
		fail_msg("%s: not '%s'", d->path, lines.items[i]);
	}
	assert_true(status_named);
	if (d->rows_named != d->plan.row_count) {
		show(d);
		fail_msg("%s: the plan has more", d->path);
	}
}

static void test_devices(void **state)
{
	const char *top = getenv("top_srcdir");
	char *auto_free directory = NULL;
	int count = 0;
	assert_non_null(directory = path_join(top ? top : ".", "tests/cases/doctor", NULL));
	DIR *dir = opendir(directory);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		struct device d = {.path = NULL};
		if (*entry->d_name == '.')
			continue;
		assert_non_null(d.path = path_join(directory, entry->d_name, NULL));
		try_device(&d);
		observations_free(&d.seen);
		findings_free(&d.findings);
		free(d.path);
		count++;
	}
	closedir(dir);
	assert_true(count >= 6);
}

/* The clock is an argument. */
static void test_clock(void **state)
{
	struct device d = {.path = NULL};
	const char *top = getenv("top_srcdir");
	assert_non_null(d.path = path_join(top ? top : ".", "tests/cases/doctor/debian-12", NULL));
	assert_ok(observations_read(&d.seen, d.path, &e));
	assert_ok(probe_answers_parse(&d.seen.tried, "", false, &e));
	assert_ok(examine(&d.seen, 0, &d.plan, &d.findings, &e));
	assert_true(has_finding(&d, "limited the clock stands before"));
	assert_int_equal(status_of(&d), 0);
	observations_free(&d.seen);
	findings_free(&d.findings);
	free(d.path);
}

static void test_no_proc(void **state)
{
	struct observations o;
	assert_fails(observations_read(&o, "/nonexistent", &e), ERROR_CONFIG, "no release");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_devices),
		cmocka_unit_test(test_clock), cmocka_unit_test(test_no_proc)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
