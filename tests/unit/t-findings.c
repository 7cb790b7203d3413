/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include "doctor/findings.h"
#include "doctor/modules.h"

static void add(struct findings *f, enum finding_severity severity, enum error_code code,
	const char *what, const char *remedy)
{
	const struct finding_texts texts = {
		.what = what, .why = "why", .how = "how", .remedy = remedy};
	assert_ok(findings_add(f, severity, code, &texts, &e));
}

static void test_order(void **state)
{
	auto_findings f = {0};
	add(&f, FINDING_NOTE, ERROR_KERNEL, "a", NULL);
	add(&f, FINDING_LIMITED, ERROR_KERNEL, "b", NULL);
	add(&f, FINDING_NO_CONTAINERS, ERROR_KERNEL, "c", NULL);
	add(&f, FINDING_LIMITED, ERROR_KERNEL, "d", NULL);
	add(&f, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "e", NULL);
	findings_sort(&f);
	for (size_t i = 0; i < f.count; i++)
		assert_int_equal(*f.items[i].what, "ecbda"[i]);
	assert_int_equal(findings_count(&f, FINDING_LIMITED), 2);
}

static void test_verdict(void **state)
{
	auto_findings f = {0};
	assert_ok(findings_verdict(&f, &e));
	add(&f, FINDING_NOTE, ERROR_KERNEL, "a", NULL);
	add(&f, FINDING_LIMITED, ERROR_KERNEL, "b", NULL);
	assert_ok(findings_verdict(&f, &e));
	add(&f, FINDING_NO_CONTAINERS, ERROR_KERNEL, "no pid namespaces", "a kernel");
	assert_fails(findings_verdict(&f, &e), ERROR_CONTAINER, "no pid namespaces");
	add(&f, FINDING_NO_BOOTSTRAP, ERROR_SPACE, "the card is full", "delete");
	add(&f, FINDING_NO_BOOTSTRAP, ERROR_ROOT, "later", "");
	struct error *e = NULL;
	assert_int_equal(findings_verdict(&f, &e), -1);
	assert_int_equal(error_code(e), ERROR_SPACE);
	assert_string_equal(error_remedy(e), "delete");
	error_free(e);
}

static const struct {
	const char *name;
	enum modules_state state;
} modules[] = {
	{"veth", MODULE_LOADED}, {"8021q", MODULE_LOADABLE}, {"xt_CHECKSUM", MODULE_LOADABLE},
	{"snd_hda", MODULE_LOADABLE}, {"overlay", MODULE_LOADED}, /* built in */
	{"vet", MODULE_ABSENT}, {"macvlan", MODULE_ABSENT}, /* another's dependency only */
};

static void test_modules(void **state)
{
	auto_modules m = {0};
	assert_ok(modules_parse(&m, "veth 40960 0 - Live 0x0000000000000000\n",
		"kernel/net/8021q/8021q.ko: kernel/drivers/net/macvlan.ko\n"
		"kernel/net/netfilter/xt_CHECKSUM.ko.xz:\n"
		"kernel/sound/snd-hda.ko.zst:\nmodules.order\n",
		"kernel/fs/overlayfs/overlay.ko\n", &e));
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
		assert_int_equal(modules_state(&m, modules[i].name), modules[i].state);
	auto_modules none = {0};
	assert_ok(modules_parse(&none, "", "", "", &e));
	assert_int_equal(modules_state(&none, "veth"), MODULE_ABSENT);
	auto_modules nowhere = {0};
	assert_ok(modules_read(&nowhere, "", "0.0.0-nowhere", &e));
	assert_int_equal(nowhere.loadable.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
		cmocka_unit_test(test_verdict), cmocka_unit_test(test_modules)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
