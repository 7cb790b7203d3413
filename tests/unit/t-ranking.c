/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/path.h"
#include "mirrors/pacman_conf.h"
#include "mirrors/ranking_cache.h"

#define A "https://a/$arch/$repo"
#define B "https://b/$arch/$repo"
#define C "http://c/$arch/$repo"

static const char text[] = "alarmstrap ranking 1\n"
			   "made 1795500000\n"
			   "mirror good 12 1795400000 1795300000 2 9000000 " B " \n"
			   "mirror late -1 0 0 0 -1 " C " no answer in 1.5 s\n"
			   "mirror stale 7 1 2 1 -1 " A " stale by 9 days\n"
			   "end\n";

static struct mirrors *make(const char *list)
{
	auto_strings servers = {0};
	assert_ok(strings_split(&servers, list, " ", &e));
	struct mirrors *m = mirrors_new(&servers, "aarch64", NULL);
	assert_non_null(m);
	return m;
}

/* "a b c": the hosts, in order. */
static const char *hosts(const struct mirrors *m, char to[64])
{
	size_t used = 0;
	*to = '\0';
	for (size_t i = 0; i < mirrors_count(m); i++)
		used += (size_t)snprintf(to + used, 64 - used, "%s%c", i ? " " : "",
			*(strstr(mirrors_server(m, i), "://") + 3));
	return to;
}

static void text_and_back(void **state)
{
	struct ranking r;
	auto_buf to = BUF(0);
	assert_ok(ranking_parse(text, &r, &e));
	assert_int_equal(r.count, 3);
	assert_int_equal(ranking_used(&r), 2);
	assert_int_equal(r.made_s, 1795500000);
	assert_int_equal(r.rows[0].rate, 9000000);
	assert_int_equal(r.rows[0].alike, 2);
	assert_string_equal(r.rows[0].why, "");
	assert_int_equal(r.rows[1].answer_ms, -1);
	assert_int_equal(r.rows[2].fault, MIRROR_STALE);
	assert_string_equal(r.rows[2].why, "stale by 9 days");
	assert_ok(ranking_print(&r, &to, &e));
	assert_string_equal(buf_text(&to), text);
	ranking_free(&r);
}

static void text_that_is_not_whole(void **state)
{
	static const char first[] = "alarmstrap ranking 1\nmade 5\n";
	static const char *const bad[] = {"mirror good 1 1 1 1 1 " A "\nend\n",
		"mirror good 1 1 1 1 " A " \nend\n", "mirror nice 1 1 1 1 1 " A " \nend\n",
		"mirror good -2 1 1 1 1 " A " \nend\n", "mirror good x 1 1 1 1 " A " \nend\n",
		"mirror good 1 -1 1 1 1 " A " \nend\n", "mirrors good 1 1 1 1 1 " A " \nend\n",
		"mirror good 1 1 1 1 1 " A " \nen", "mirror good 1 1 1 1 1 " A " \n", ""};
	struct ranking r;
	for (size_t length = 0; length < strlen(text); length++) {
		char *auto_free cut = strndup(text, length);
		assert_fails(ranking_parse(cut, &r, &e), ERROR_SYSTEM, "ranking");
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *auto_free whole = text_format(NULL, "%s%s", first, bad[i]);
		assert_fails(ranking_parse(whole, &r, &e), ERROR_SYSTEM, "ranking");
	}
	assert_fails(
		ranking_parse("alarmstrap ranking 2\nmade 5\nend\n", &r, &e), ERROR_SYSTEM, "");
	assert_fails(
		ranking_parse("alarmstrap ranking 1\nmade 0\nend\n", &r, &e), ERROR_SYSTEM, "");
}

static void laid_upon_mirrors(void **state)
{
	static const struct {
		bool all, drop;
		const char *order;
	} rows[] = {{false, false, "b c"}, {true, false, "b c a"}, {false, true, "b c"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char to[64];
		struct ranking r;
		struct mirrors *m = make(A " " B " " C);
		assert_ok(ranking_parse(text, &r, &e));
		if (rows[i].drop)
			assert_ok(ranking_drop(&r, m, &e));
		else
			assert_ok(ranking_apply(&r, m, rows[i].all, &e));
		assert_string_equal(hosts(m, to), rows[i].order);
		mirrors_free(m);
		ranking_free(&r);
	}
}

static void who_alone_serves_a_repository_stays(void **state)
{
	static const char bad[] = "alarmstrap ranking 1\nmade 5\n"
				  "mirror good 1 0 0 0 -1 " B " \n"
				  "mirror dead -1 0 0 0 -1 " A " dead\n"
				  "mirror dead -1 0 0 0 -1 https://own dead\nend\n";
	char to[64];
	size_t replaced;
	struct ranking r;
	auto_pacman_conf *conf = pacman_conf_parse("[core]\nServer = " A "\nServer = " B "\n"
						   "[own]\nServer = https://own\n",
		"conf", NULL);
	struct mirrors *m = mirrors_of_conf(conf, "aarch64", &replaced, NULL);
	assert_non_null(m);
	assert_ok(ranking_parse(bad, &r, &e));
	assert_ok(ranking_apply(&r, m, false, &e));
	assert_string_equal(hosts(m, to), "b o");
	mirrors_free(m);
	ranking_free(&r);
}

static int check(const char *what, struct error **e)
{
	struct ranking r;
	char *auto_free whole = text_format(e, "alarmstrap ranking 1\nmade 5\n%send\n", what);
	if (!whole || ranking_parse(whole, &r, e) < 0)
		return -1;
	for (size_t i = 0; i < r.count; i++) {
		r.rows[i].code =
			r.rows[i].fault == MIRROR_CERTIFICATE ? ERROR_TRUST : ERROR_NETWORK;
		r.rows[i].remedy = text_copy("its own remedy", e);
	}
	int result = ranking_check(&r, e);
	ranking_free(&r);
	return result;
}

static void when_none_is_left(void **state)
{
#define DEAD(host) "mirror dead -1 0 0 0 -1 https://" host "/$arch/$repo connect to " host ": no\n"
#define CERT(host) "mirror certificate -1 0 0 0 -1 https://" host "/$arch/$repo certificate\n"
	assert_ok(check("", &e));
	assert_ok(check("mirror late -1 0 0 0 -1 " A " \n" DEAD("m-b"), &e));
	assert_fails(check(DEAD("m-b") DEAD("m-c") DEAD("m-d"), &e), ERROR_NETWORK,
		"no mirror answers: connect to m-b: no (and 2 others likewise)");
	assert_fails(
		check(CERT("m-b") CERT("m-c"), &e), ERROR_TRUST, "no mirror answers: certificate");
	assert_fails(check(CERT("m-b") DEAD("m-c"), &e), ERROR_NETWORK,
		"certificate; connect to m-c: no");
	/* Databases come by TLS alone, and its mirrors' reasons are what counts. */
	assert_fails(check("mirror good 1 1 1 1 1 " C " \n" CERT("m-b"), &e), ERROR_TRUST,
		"no mirror answers: certificate");
	assert_ok(check("mirror good 1 1 1 1 1 " C " \n", &e));
	assert_ok(check("mirror good 1 1 1 1 1 " C " \n" CERT("m-b") "mirror late -1 0 0 0 -1 " A
								     " \n",
		&e));
	struct error *e = NULL;
	assert_int_equal(check(DEAD("m-b"), &e), -1);
	assert_string_equal(error_remedy(e), "its own remedy");
	error_free(e);
}

static char *kept_in(const char *dir, const struct mirrors *m)
{
	char *auto_free name = ranking_name(m, NULL);
	return path_join(dir, name, NULL);
}

static void kept_for_a_day(void **state)
{
	static const struct {
		int64_t later_s;
		int found;
	} rows[] = {{0, 1}, {3600, 1}, {86399, 1}, {86400, 0}, {-60, 1}, {-61, 0}};
	char dir[] = "/tmp/t-ranking.XXXXXX";
	struct ranking r, back;
	assert_non_null(mkdtemp(dir));
	char *auto_free below = path_join(dir, "cache", NULL);
	struct mirrors *m = make(A " " B " " C), *other = make(A " " B),
		       *same = make(C " " B " " A);
	char *auto_free file = kept_in(below, m);
	char *auto_free name = ranking_name(m, NULL);
	assert_ok(ranking_parse(text, &r, &e));
	assert_int_equal(ranking_load(below, m, r.made_s, &back, NULL), 0);
	assert_ok(ranking_save(below, name, &r, &e));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int got = ranking_load(below, m, r.made_s + rows[i].later_s, &back, NULL);
		assert_int_equal(got, rows[i].found);
		if (got)
			ranking_free(&back);
	}
	assert_int_equal(ranking_load(below, other, r.made_s, &back, NULL), 0);
	assert_int_equal(ranking_load(below, same, r.made_s, &back, NULL), 1);
	ranking_free(&back);
	/* One of them twice, another not at all. */
	free(take(&r.rows[2].server));
	r.rows[2].server = text_copy(r.rows[0].server, NULL);
	assert_ok(ranking_save(below, name, &r, &e));
	assert_int_equal(ranking_load(below, m, r.made_s, &back, NULL), 0);
	/* What somebody else could have written. */
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(ranking_load(below, m, r.made_s, &back, NULL), 0);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(truncate(file, 100), 0);
	assert_int_equal(ranking_load(below, m, r.made_s, &back, NULL), 0);
	assert_ok(ranking_forget(below, name, &e));
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(symlink("/etc/passwd", file), 0);
	assert_int_equal(ranking_load(below, m, r.made_s, &back, NULL), 0);
	assert_ok(ranking_forget(below, name, &e));
	assert_int_equal(rmdir(below), 0);
	assert_int_equal(rmdir(dir), 0);
	mirrors_free(m);
	mirrors_free(other);
	mirrors_free(same);
	ranking_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(text_that_is_not_whole),
		cmocka_unit_test(laid_upon_mirrors),
		cmocka_unit_test(who_alone_serves_a_repository_stays),
		cmocka_unit_test(when_none_is_left),
		cmocka_unit_test(kept_for_a_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
