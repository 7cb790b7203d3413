/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "hooks/sandbox_conf.h"

#define OURS "# alarmstrap: pacman could download nothing here with its sandbox whole\n"
#define CONF(inserted, user)                                                                       \
	"# [options]\n"                                                                            \
	"[options]\n" inserted "HoldPkg = pacman\n" user "CheckSpace\n"                            \
	"[core]\n"                                                                                 \
	"DownloadUser = of-no-section\n"                                                           \
	"Include = /etc/pacman.d/mirrorlist\n"
#define USER "DownloadUser = alpm\n"

static const char *original = CONF("", USER);

static void what_lacks_is_written_and_taken_back(void **state)
{
	static const struct {
		struct sandbox_lack lack;
		const char *want;
	} cases[] = {
		{{{NULL}, false, NULL}, CONF("", USER)},
		{{{"DisableSandbox"}, false, NULL}, CONF(OURS "DisableSandbox\n", USER)},
		{{{"DisableSandboxFilesystem", "DisableSandboxSyscalls"}, false, NULL},
			CONF(OURS "DisableSandboxFilesystem\n" OURS "DisableSandboxSyscalls\n",
				USER)},
		{{{NULL}, true, NULL}, CONF("", OURS "#" USER)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		auto_buf written = BUF(0), back = BUF(0), again = BUF(0);
		assert_ok(sandbox_conf_write(original, &cases[i].lack, &written, &e));
		assert_string_equal(buf_text(&written), cases[i].want);
		assert_ok(sandbox_conf_original(buf_text(&written), &back, &e));
		assert_string_equal(buf_text(&back), original);
		/* What is the user's own stays. */
		assert_ok(sandbox_conf_original(buf_text(&back), &again, &e));
		assert_string_equal(buf_text(&again), original);
	}
}

static void odd_texts_stay_as_they_are(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"[core]\nServer = x",
		"#DownloadUser = alpm\n[options]\n#DownloadUser = alpm\n",
		"[options]\n  DisableSandbox\n\n\n[x]",
	};
	static const struct sandbox_lack none = {{NULL}, false, NULL};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		auto_buf back = BUF(0), same = BUF(0);
		assert_ok(sandbox_conf_original(texts[i], &back, &e));
		assert_string_equal(buf_text(&back), texts[i]);
		assert_ok(sandbox_conf_write(texts[i], &none, &same, &e));
		assert_string_equal(buf_text(&same), texts[i]);
	}
}

static void options_without_an_end_take_words(void **state)
{
	static const struct sandbox_lack lack = {{"DisableSandbox"}, false, NULL};
	auto_buf written = BUF(0);
	assert_ok(sandbox_conf_write("[options]", &lack, &written, &e));
	assert_string_equal(buf_text(&written), "[options]\n" OURS "DisableSandbox\n");
}

static void the_download_user_is_found(void **state)
{
	static const struct {
		const char *conf, *name;
	} cases[] = {
		{"[options]\nDownloadUser=alpm", "alpm"},
		{"[options]\n\t DownloadUser\t= nobody \n", "nobody"},
		{"[options]\n#DownloadUser = alpm\n", NULL},
		{"[options]\nDownloadUser =\n", NULL},
		{"[options]\nDownloadUser\n", NULL},
		{"[options]\nDownloadUserx = alpm\n", NULL},
		{"[core]\nDownloadUser = alpm\n", NULL},
		{"[core]\n[options]\nDownloadUser = alpm\n", "alpm"},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[64] = "";
		assert_int_equal(
			sandbox_conf_user(cases[i].conf, name, sizeof name), cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
	}
}

static void the_probe_has_what_concerns_downloads(void **state)
{
	auto_buf probe = BUF(0);
	assert_ok(sandbox_conf_probe(
		"[options]\nHoldPkg = x\nDBPath = /elsewhere\nDownloadUser = alpm\nDisableSandbox\n"
		"XferCommand = /usr/bin/curl -o %o %u\n[core]\nServer = https://x\n",
		"/probe", &probe, &e));
	assert_string_equal(buf_text(&probe),
		"[options]\nDBPath = /probe/db\nCacheDir = /probe\nLogFile = /probe/log\n"
		"SigLevel = Never\nDownloadUser = alpm\nDisableSandbox\n"
		"XferCommand = /usr/bin/curl -o %o %u\n[probe]\nServer = file:///probe\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lacks_is_written_and_taken_back),
		cmocka_unit_test(odd_texts_stay_as_they_are),
		cmocka_unit_test(options_without_an_end_take_words),
		cmocka_unit_test(the_download_user_is_found),
		cmocka_unit_test(the_probe_has_what_concerns_downloads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
