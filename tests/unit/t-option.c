/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "cli/option.h"

struct choices {
	bool print;
	const char *arch;
	struct strings mirrors, variables;
};

static const struct option_row rows[] = {
	{"print", 0, OPTION_FLAG, offsetof(struct choices, print), NULL, "show"},
	{"arch", 'a', OPTION_TEXT, offsetof(struct choices, arch), "ARCH", "for"},
	{"mirror", 'm', OPTION_LIST, offsetof(struct choices, mirrors), "URL", "from"},
	{"env", 'e', OPTION_EACH, offsetof(struct choices, variables), "NAME=VALUE", "set"},
};
static const struct verb verb = {"test", "ROOT", "tests", rows, 4, NULL};

enum { MOST = 8 };

static int parse_of(const struct verb *v, const char *const *words, struct choices *c,
	struct strings *operands, struct error **e)
{
	char *argv[MOST + 1] = {0};
	int argc = 0;
	while (words[argc]) {
		argv[argc] = (char *)words[argc];
		argc++;
	}
	return options_parse(v, argc, argv, c, operands, e);
}

static int parse(
	const char *const *words, struct choices *c, struct strings *operands, struct error **e)
{
	return parse_of(&verb, words, c, operands, e);
}

static void all_kinds_in_any_order(void **state)
{
	const char *words[] = {
		"test", "-aarmv7h", "ROOT", "--mirror=x,y", "--print", "-m", "z", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	assert_ok(parse(words, &c, &operands, &e));
	assert_true(c.print);
	assert_string_equal(c.arch, "armv7h");
	assert_int_equal(c.mirrors.count, 3);
	assert_string_equal(c.mirrors.items[2], "z");
	assert_int_equal(operands.count, 1);
	strings_free(&c.mirrors);
}

static void after_two_dashes_all_are_operands(void **state)
{
	const char *words[] = {"test", "ROOT", "--", "ls", "--print", "-a", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	assert_ok(parse(words, &c, &operands, &e));
	assert_false(c.print);
	assert_int_equal(operands.count, 4);
	assert_string_equal(operands.items[2], "--print");
}

static void a_comma_belongs_to_a_variable(void **state)
{
	const char *words[] = {"test", "-e", "A=1,2", "--env=B=", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	assert_ok(parse(words, &c, &operands, &e));
	assert_int_equal(c.variables.count, 2);
	assert_string_equal(c.variables.items[0], "A=1,2");
	assert_string_equal(c.variables.items[1], "B=");
	strings_free(&c.variables);
}

static void an_empty_value_is_no_value(void **state)
{
	static const char *const cases[][3] = {{"--mirror=", NULL}, {"--mirror", "", NULL},
		{"-m,", NULL}, {"--arch=", NULL}, {"-a", "", NULL}, {"-e", "", NULL}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *words[] = {"test", cases[i][0], cases[i][1], NULL};
		struct choices c = {0};
		auto_strings operands = {0};
		assert_fails(parse(words, &c, &operands, &e), ERROR_USAGE, "is empty");
	}
}

static void a_letter_is_named_and_not_its_neighbour(void **state)
{
	const char *bundle[] = {"test", "ROOT", "-xz", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	assert_fails(parse(bundle, &c, &operands, &e), ERROR_USAGE, "'-x'");
}

static void options_of_a_command_follow_dashes(void **state)
{
	const struct verb enters = {"enter", "ROOT [-- CMD…]", "", rows, 4, NULL};
	const char *words[] = {"enter", "ROOT", "ls", "-l", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	auto_error *why = NULL;
	assert_int_equal(parse_of(&enters, words, &c, &operands, &why), -1);
	assert_non_null(strstr(error_remedy(why), "two dashes"));
}

static void mistakes_name_the_word_and_the_nearest(void **state)
{
	const char *typo[] = {"test", "--mirorr=x", NULL};
	const char *missing[] = {"test", "--arch", NULL};
	const char *letter[] = {"test", "-x", NULL};
	const char *report[] = {"test", "--report=json", NULL};
	struct choices c = {0};
	auto_strings operands = {0};
	auto_error *why = NULL;
	assert_int_equal(parse(typo, &c, &operands, &why), -1);
	assert_non_null(strstr(error_message(why), "--mirorr=x"));
	assert_string_equal(error_remedy(why), "did you mean --mirror?");
	error_clear(&why);
	assert_int_equal(parse(report, &c, &operands, &why), -1);
	assert_non_null(strstr(error_remedy(why), "alarmstrap --report=json test"));
	assert_fails(parse(missing, &c, &operands, &e), ERROR_USAGE, "--arch' wants a value");
	assert_fails(parse(letter, &c, &operands, &e), ERROR_USAGE, "-x");
}

static void operands_are_counted(void **state)
{
	auto_strings operands = {0};
	assert_fails(options_operands(&verb, &operands, 1, 1, &e), ERROR_USAGE, "missing");
	assert_ok(strings_add(&operands, "a", NULL));
	assert_ok(options_operands(&verb, &operands, 1, 1, &e));
	assert_ok(strings_add(&operands, "b", NULL));
	assert_fails(options_operands(&verb, &operands, 1, 1, &e), ERROR_USAGE, "'b' is one word");
}

static void other_words_lead_to_ours(void **state)
{
	assert_string_equal(verb_guess("chroot")->name, "enter");
	assert_string_equal(verb_guess("botstrap")->name, "bootstrap");
	assert_null(verb_guess("xylophone"));
	assert_null(verb_find("chroot"));
	for (size_t i = 0; i < verbs_count; i++)
		assert_ptr_equal(verb_find(verbs[i]->name), verbs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_in_any_order),
		cmocka_unit_test(after_two_dashes_all_are_operands),
		cmocka_unit_test(a_comma_belongs_to_a_variable),
		cmocka_unit_test(an_empty_value_is_no_value),
		cmocka_unit_test(a_letter_is_named_and_not_its_neighbour),
		cmocka_unit_test(options_of_a_command_follow_dashes),
		cmocka_unit_test(mistakes_name_the_word_and_the_nearest),
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(other_words_lead_to_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
