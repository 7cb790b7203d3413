/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/path.h"
#include "packages/callbacks.h"
#include "packages/wire.h"

static unsigned char data[RECORD_MAX + 1];

/* A root with two installed packages, one of which ships keyrings, and a handle on it. */
struct fixture {
	char path[64];
	int fd, ends[2];
	alpm_handle_t *handle;
	struct callbacks callbacks;
};

static const char *const files[][2] = {
	{"db/local/ALPM_DB_VERSION", "9\n"},
	{"db/local/plain-1-1/desc", "%NAME%\nplain\n\n%VERSION%\n1-1\n\n"},
	{"db/local/plain-1-1/files", "%FILES%\nusr/\nusr/bin/\nusr/bin/x\n"},
	{"db/local/ring-1-1/desc", "%NAME%\nring\n\n%VERSION%\n1-1\n\n"},
	{"db/local/ring-1-1/files", "%FILES%\nusr/share/pacman/keyrings/a.gpg\n"},
};
static const char *const dirs[] = {"db/local/plain-1-1", "db/local/ring-1-1", "db/local", "db"};

static int set_up(void **state)
{
	static struct fixture f;
	f = (struct fixture){.path = "/tmp/t-callbacks.XXXXXX"};
	if (!mkdtemp(f.path) || pipe2(f.ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &f;
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (path_make_dirs(f.fd, dirs[i], 0755, NULL) < 0)
			return -1;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (path_write_file(
			    f.fd, files[i][0], 0644, files[i][1], strlen(files[i][1]), NULL) < 0)
			return -1;
	char db[80];
	snprintf(db, sizeof db, "%s/db", f.path);
	alpm_errno_t number;
	f.handle = alpm_initialize(f.path, db, &number);
	if (!f.handle)
		return -1;
	f.callbacks = (struct callbacks){.out = f.ends[1], .total = 2};
	callbacks_install(&f.callbacks, f.handle);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	alpm_release(f->handle);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlinkat(f->fd, files[i][0], 0);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		unlinkat(f->fd, dirs[i], AT_REMOVEDIR);
	close(f->fd);
	close(f->ends[0]);
	close(f->ends[1]);
	return rmdir(f->path);
}

static void tell(struct fixture *f, alpm_event_t *event)
{
	alpm_option_get_eventcb(f->handle)(alpm_option_get_eventcb_ctx(f->handle), event);
}

static void operate(struct fixture *f, alpm_event_type_t type, const char *name)
{
	alpm_event_t event = {
		.package_operation = {.type = type,
			.operation = ALPM_PACKAGE_INSTALL,
			.newpkg = alpm_db_get_pkg(alpm_get_localdb(f->handle), name)}};
	assert_non_null(event.package_operation.newpkg);
	tell(f, &event);
}

static void print(struct fixture *f, const char *line)
{
	alpm_event_t event = {.scriptlet_info = {.type = ALPM_EVENT_SCRIPTLET_INFO, .line = line}};
	tell(f, &event);
}

static void write_log(struct fixture *f, alpm_loglevel_t level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void write_log(struct fixture *f, alpm_loglevel_t level, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	alpm_option_get_logcb(f->handle)(alpm_option_get_logcb_ctx(f->handle), level, format, args);
	va_end(args);
}

/* What was never sent must not hold the test for ever. */
static int give_up(void *arg, struct error **e)
{
	int *polls = arg;
	return ++*polls > 8 ? error_set(e, ERROR_SYSTEM, ETIMEDOUT, "no record") : 0;
}

/* The next record must be of this type and, if a text, this one. */
static void expect(struct fixture *f, enum wire_type type, const char *text)
{
	int polls = 0;
	struct record_reader in = {f->ends[0], data, give_up, &polls};
	struct record r;
	assert_int_equal(record_next(&in, &r, NULL), RECORD_GOT);
	assert_int_equal(r.type, type);
	if (text)
		assert_string_equal(wire_read_text(&r, NULL), text);
}

static const char FAILED[] = "command failed to execute correctly";

static void a_scriptlet_that_fails_is_an_error(void **state)
{
	struct fixture *f = *state;
	operate(f, ALPM_EVENT_PACKAGE_OPERATION_START, "plain");
	print(f, "no such thing\n");
	expect(f, WIRE_NOTE, "package plain: no such thing");
	write_log(f, ALPM_LOG_ERROR, "%s\n", FAILED);
	expect(f, WIRE_WARNING, "package plain: command failed to execute correctly");
	operate(f, ALPM_EVENT_PACKAGE_OPERATION_DONE, "plain");
	expect(f, WIRE_PROGRESS, NULL);
	assert_fails(callbacks_check(&f->callbacks, &e), ERROR_PACKAGES,
		"package plain: command failed to execute correctly");
}

static void a_hook_that_fails_is_an_error(void **state)
{
	struct fixture *f = *state;
	alpm_event_t event = {.hook_run = {.type = ALPM_EVENT_HOOK_RUN_START,
				      .name = "10-x.hook",
				      .position = 1,
				      .total = 1}};
	tell(f, &event);
	expect(f, WIRE_NOTE, "hook 10-x.hook (1 of 1)");
	write_log(f, ALPM_LOG_ERROR, "%s\n", FAILED);
	write_log(f, ALPM_LOG_ERROR, "%s\n", FAILED);
	assert_fails(callbacks_check(&f->callbacks, &e), ERROR_PACKAGES,
		"hook 10-x.hook: command failed to execute correctly (and 1 more failures)");
}

/* pacman-key --populate without a secret key is expected, of the package that ships keyrings, and
 * only for that reason. */
static void only_the_keyring_may_lack_a_secret_key(void **state)
{
	static const struct {
		const char *package, *line;
		size_t failures;
	} rows[] = {
		{"ring", "==> ERROR: There is no secret key available to sign with.\n", 0},
		{"ring", "gpg: out of memory\n", 1},
		{"plain", "==> ERROR: There is no secret key available to sign with.\n", 1},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		f->callbacks.failures = 0;
		operate(f, ALPM_EVENT_PACKAGE_OPERATION_START, rows[i].package);
		print(f, rows[i].line);
		write_log(f, ALPM_LOG_ERROR, "%s\n", FAILED);
		operate(f, ALPM_EVENT_PACKAGE_OPERATION_DONE, rows[i].package);
		assert_int_equal(f->callbacks.failures, rows[i].failures);
	}
}

static alpm_conflict_t conflict_of(alpm_pkg_t *p)
{
	alpm_conflict_t conflict;
	memset(&conflict, 0, sizeof conflict);
#ifdef HAVE_ALPM_CONFLICT_T_PACKAGE1_HASH
	conflict.package1 = conflict.package2 = (char *)alpm_pkg_get_name(p);
#else
	conflict.package1 = conflict.package2 = p;
#endif
	return conflict;
}

/* Somebody is there: the question goes to him, and is answered as usual for the moment. */
static void a_question_is_sent_to_who_asks(void **state)
{
	struct fixture *f = *state;
	alpm_pkg_t *p = alpm_db_get_pkg(alpm_get_localdb(f->handle), "plain");
	alpm_conflict_t conflict = conflict_of(p);
	alpm_question_t q;
	memset(&q, 0, sizeof q);
	q.type = ALPM_QUESTION_CONFLICT_PKG;
	q.conflict.conflict = &conflict;
	f->callbacks.asks = true;
	alpm_option_get_questioncb(f->handle)(alpm_option_get_questioncb_ctx(f->handle), &q);
	assert_int_equal(q.any.answer, 0);
	expect(f, WIRE_QUESTION, NULL);
	/* Answered by now, the second time with another word: the last one counts, nobody is asked.
	 */
	auto_strings answers = {0};
	assert_ok(strings_add(&answers, "conflict plain plain=no", &e));
	assert_ok(strings_add(&answers, "conflict plain plain=yes", &e));
	f->callbacks.answers = &answers;
	alpm_option_get_questioncb(f->handle)(alpm_option_get_questioncb_ctx(f->handle), &q);
	assert_int_equal(q.any.answer, 1);
	write_log(f, ALPM_LOG_WARNING, "nothing came before this\n");
	expect(f, WIRE_WARNING, "nothing came before this");
}

static void questions_are_answered_as_noconfirm_would(void **state)
{
	static const struct {
		alpm_question_type_t type;
		int answer;
	} rows[] = {
		{ALPM_QUESTION_CONFLICT_PKG, 0},
		{ALPM_QUESTION_CORRUPTED_PKG, 0},
		{ALPM_QUESTION_REMOVE_PKGS, 0},
		{ALPM_QUESTION_IMPORT_KEY, 0},
		{ALPM_QUESTION_INSTALL_IGNOREPKG, 1},
		{ALPM_QUESTION_REPLACE_PKG, 1},
	};
	struct fixture *f = *state;
	alpm_pkg_t *p = alpm_db_get_pkg(alpm_get_localdb(f->handle), "plain");
	alpm_conflict_t conflict = conflict_of(p);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		alpm_question_t q;
		memset(&q, 0, sizeof q);
		q.type = rows[i].type;
		if (q.type == ALPM_QUESTION_CONFLICT_PKG)
			q.conflict.conflict = &conflict;
		q.any.answer = !rows[i].answer;
		if (q.type == ALPM_QUESTION_INSTALL_IGNOREPKG)
			q.install_ignorepkg.pkg = p;
		if (q.type == ALPM_QUESTION_REPLACE_PKG) {
			q.replace.oldpkg = q.replace.newpkg = p;
			q.replace.newdb = alpm_get_localdb(f->handle);
		}
		alpm_option_get_questioncb(f->handle)(
			alpm_option_get_questioncb_ctx(f->handle), &q);
		assert_int_equal(q.any.answer, rows[i].answer);
	}
}

static void the_first_provider_is_chosen(void **state)
{
	struct fixture *f = *state;
	alpm_db_t *local = alpm_get_localdb(f->handle);
	alpm_list_t *providers = alpm_list_add(NULL, alpm_db_get_pkg(local, "ring"));
	providers = alpm_list_add(providers, alpm_db_get_pkg(local, "plain"));
	alpm_question_t q;
	memset(&q, 0, sizeof q);
	q.select_provider.type = ALPM_QUESTION_SELECT_PROVIDER;
	q.select_provider.use_index = 7;
	q.select_provider.providers = providers;
	q.select_provider.depend = alpm_dep_from_string("cron");
	alpm_option_get_questioncb(f->handle)(alpm_option_get_questioncb_ctx(f->handle), &q);
	assert_int_equal(q.select_provider.use_index, 0);
	expect(f, WIRE_NOTE, "cron: ring is chosen of 2 providers");
	alpm_dep_free(q.select_provider.depend);
	alpm_list_free(providers);
}

static void warnings_pass_and_debug_does_not(void **state)
{
	struct fixture *f = *state;
	write_log(f, ALPM_LOG_DEBUG, "nobody wants %s\n", "this");
	write_log(f, ALPM_LOG_WARNING, "directory permissions differ on %s\n", "/x");
	expect(f, WIRE_WARNING, "directory permissions differ on /x");
	f->callbacks.planning = true;
	write_log(f, ALPM_LOG_WARNING, "%s is up to date -- skipping\n", "plain-1-1");
	expect(f, WIRE_NOTE, "plain-1-1 is up to date -- skipping");
	assert_int_equal(callbacks_check(&f->callbacks, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_scriptlet_that_fails_is_an_error),
		TEST(a_hook_that_fails_is_an_error),
		TEST(only_the_keyring_may_lack_a_secret_key),
		TEST(questions_are_answered_as_noconfirm_would),
		TEST(a_question_is_sent_to_who_asks),
		TEST(the_first_provider_is_chosen),
		TEST(warnings_pass_and_debug_does_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
