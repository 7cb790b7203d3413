/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/fd.h"
#include "lib/http_wire.h"

static void content_ranges(void **state)
{
	static const struct {
		const char *text;
		uint64_t from, end, total;
	} good[] = {
		{"bytes 0-0/1", 0, 1, 1},
		{"bytes 5-9/10", 5, 10, 10},
		{"Bytes 5-9/*", 5, 10, 0},
		{"bytes 4294967296-9999999999/18446744073709551615", 4294967296, 10000000000,
			UINT64_MAX},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		uint64_t from = 99, end = 99, total = 99;
		assert_int_equal(http_content_range(good[i].text, &from, &end, &total), 0);
		assert_int_equal(from, good[i].from);
		assert_int_equal(end, good[i].end);
		assert_int_equal(total, good[i].total);
	}
	static const char *const bad[] = {"", "bytes", "bytes ", "bytes */10", "bytes 5-4/10",
		"bytes 5-9/9", "bytes -5-9/10", "bytes 5-9", "bytes 5-9/", "bytes 5-9/10x",
		"octets 5-9/10", "bytes 5-9/18446744073709551616", "bytes 5-9/**", "bytes 5 -9/10",
		"bytes 0-18446744073709551615/*"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint64_t from = 99, end = 99, total = 99;
		assert_int_equal(http_content_range(bad[i], &from, &end, &total), -1);
		assert_int_equal(end, 99);
		assert_int_equal(from, 99);
		assert_int_equal(total, 99);
	}
}

static void when_to_ask_again(void **state)
{
	static const struct {
		const char *text;
		int seconds;
	} rows[] = {{"", 0}, {"0", 0}, {"7", 7}, {"-7", 0}, {"7 s", 0}, {"soon", 0},
		{"99999999999", HTTP_RETRY_AFTER_MAX_S}, {"Thu, 01 Jan 2026 00:00:30 GMT", 30},
		{"Wed, 31 Dec 2025 23:59:00 GMT", 0},
		{"Fri, 01 Jan 2027 00:00:00 GMT", HTTP_RETRY_AFTER_MAX_S}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (http_retry_after(rows[i].text, 1767225600) != rows[i].seconds)
			fail_msg("'%s' is not %d s", rows[i].text, rows[i].seconds);
}

/* Where the body must end: {offset, end, size} asked, {from, total} told. */
static void where_a_body_ends(void **state)
{
	static const uint64_t rows[][6] = {
		{0, 0, 0, 0, 0, 0},
		{0, 0, 0, 0, 9, 9},
		{0, 0, 9, 0, 0, 9},
		{4, 0, 9, 4, 9, 9},
		{4, 7, 9, 4, 9, 7},
		{4, 7, 0, 4, 0, 7},
		{4, 12, 0, 4, 9, 9},
		{0, 7, 9, 0, 9, 7},
		{4, 7, 9, 0, 9, 9}, /* the whole where a range was asked for */
		{4, 7, 0, 0, 0, 0},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_request r = {
			.offset = rows[i][0], .end = rows[i][1], .size = rows[i][2]};
		if (http_request_end(&r, rows[i][3], rows[i][4]) != rows[i][5])
			fail_msg("row %zu", i);
	}
}

static void redirects(void **state)
{
	static const struct {
		const char *from, *to;
		bool allow_http;
		int redirects;
		const char *says; /* NULL: allowed */
	} rows[] = {
		{"https://a/x", "https://b/x", false, 0, NULL},
		{"https://a/x", "HTTPS://b/x", false, 4, NULL},
		{"http://a/x", "http://b/x", true, 0, NULL},
		{"http://a/x", "https://b/x", true, 0, NULL},
		{"https://a/x", "http://b/x", true, 0, "redirects from https to http://b/x"},
		{"HTTPS://a/x", "http://b/x", true, 0, "redirects from https"},
		{"http://a/x", "http://b/x", false, 0, "plain http is not trusted"},
		{"http://a/x", "file:///etc/shadow", true, 0, "only https is spoken"},
		{"https://a/x", "ftp://b/x", true, 0, "redirects from https to ftp:"},
		{"https://a/x", "https://b/x", false, 5, "more than 5 redirects"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_error *e = NULL;
		int r = http_check_redirect(
			rows[i].from, rows[i].to, rows[i].allow_http, rows[i].redirects, &e);
		assert_int_equal(r, rows[i].says ? -1 : 0);
		if (rows[i].says && !strstr(error_message(e), rows[i].says))
			fail_msg("'%s' does not hold '%s'", error_message(e), rows[i].says);
	}
}

static void statuses(void **state)
{
	static const struct {
		int status, errnum;
	} rows[] = {{404, ENOENT}, {403, ENOENT}, {410, ENOENT}, {416, ERANGE}, {429, 0}, {500, 0},
		{503, 0}, {204, 0}, {304, 0}, {418, 0}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		auto_error *e = NULL;
		assert_int_equal(http_status_failure("https://h/f", rows[i].status, &e), -1);
		assert_int_equal(error_code(e), ERROR_NETWORK);
		assert_int_equal(error_errno(e), rows[i].errnum);
		assert_non_null(strstr(error_message(e), "https://h/f: "));
	}
}

static void html(void **state)
{
	assert_true(http_is_html("text/html"));
	assert_true(http_is_html("Text/HTML; charset=utf-8"));
	assert_true(http_is_html("application/xhtml+xml"));
	assert_false(http_is_html("text/htmlx"));
	assert_false(http_is_html("text/plain"));
	assert_false(http_is_html(""));
}

/* One request as the parent keeps book of it, and what its owner heard. */
struct book;
struct teller {
	struct book *book;
	int index;
};
struct book {
	struct http_inbox *inbox;
	struct teller tellers[2];
	struct buf body;
	int heads, done[2];
	enum error_code failed;
	int failed_errno, retry_after_s;
	enum http_fault fault;
	bool refuse_data, last_refuses;
};

static int on_head(void *arg, const struct http_head *head, struct error **e)
{
	struct book *b = arg;
	b->heads++;
	return 0;
}

static int on_data(void *arg, const void *data, size_t length, struct error **e)
{
	struct book *b = arg;
	if (b->refuse_data)
		return error_set(e, ERROR_SPACE, ENOSPC, "write");
	return buf_append(&b->body, data, length, e);
}

static int on_end(void *arg, struct http_end *end, struct error **e)
{
	const struct teller *t = arg;
	struct book *b = t->book;
	b->done[t->index]++;
	b->failed = error_code(end->failure);
	b->failed_errno = error_errno(end->failure);
	b->retry_after_s = end->retry_after_s;
	b->fault = end->fault;
	return b->last_refuses ? error_set(e, ERROR_SPACE, ENOSPC, "end") : 0;
}

static void book_open(struct book *b, struct http_request request)
{
	request.url = "https://h/f";
	memset(b, 0, sizeof *b);
	b->inbox = http_inbox_new(NULL);
	assert_non_null(b->inbox);
	for (uint32_t i = 0; i < 2; i++) {
		b->tellers[i] = (struct teller){b, (int)i};
		struct http_ear ear = {{on_head, on_data, b}, on_end, &b->tellers[i]};
		uint32_t index = 99;
		assert_ok(http_inbox_add(b->inbox, &request, &ear, &index, &e));
		assert_int_equal(index, i);
	}
}

static void book_close(struct book *b)
{
	http_inbox_free(b->inbox);
	buf_free(&b->body);
}

static int give(struct book *b, uint32_t type, const void *fixed, size_t fixed_size,
	const char *rest, size_t rest_size, struct error **e)
{
	unsigned char bytes[4096];
	memcpy(bytes, fixed, fixed_size);
	memcpy(bytes + fixed_size, rest, rest_size);
	struct worker_record r = {type, (uint32_t)(fixed_size + rest_size), bytes};
	return http_inbox_take(b->inbox, &r, e);
}

static int head(struct book *b, uint32_t index, uint64_t total, uint64_t from, struct error **e)
{
	struct http_wire_head h = {index, 200, total, from, 1};
	return give(b, HTTP_TYPE_HEAD, &h, sizeof h, "\"e\"\0text/plain", 15, e);
}

static int data(struct book *b, uint32_t index, const char *text, struct error **e)
{
	struct http_wire_data d = {index};
	return give(b, HTTP_TYPE_DATA, &d, sizeof d, text, strlen(text), e);
}

static int done(struct book *b, uint32_t index, struct error **e)
{
	struct http_wire_done d = {index, 0, 0, 0, 0};
	return give(b, HTTP_TYPE_DONE, &d, sizeof d, "", 0, e);
}

static int failed(
	struct book *b, uint32_t index, int code, const char *rest, size_t size, struct error **e)
{
	struct http_wire_done d = {index, code, ENOENT, 9, HTTP_FAULT_HTML};
	return give(b, HTTP_TYPE_DONE, &d, sizeof d, rest, size, e);
}

static void an_honest_worker(void **state)
{
	struct book b;
	book_open(&b, (struct http_request){.limit = 100});
	assert_ok(head(&b, 1, 6, 0, &e));
	assert_ok(data(&b, 1, "abc", &e));
	assert_ok(failed(&b, 0, ERROR_NETWORK, "gone\0try\0", 9, &e));
	assert_int_equal(b.failed, ERROR_NETWORK);
	assert_int_equal(b.failed_errno, ENOENT);
	assert_int_equal(b.retry_after_s, 9);
	assert_int_equal(b.fault, HTTP_FAULT_HTML);
	assert_int_equal(http_inbox_open(b.inbox), 1);
	assert_ok(data(&b, 1, "def", &e));
	assert_ok(done(&b, 1, &e));
	assert_int_equal(http_inbox_open(b.inbox), 0);
	assert_string_equal(buf_text(&b.body), "abcdef");
	assert_int_equal(b.heads, 1);
	assert_int_equal(b.done[0], 1);
	assert_int_equal(b.done[1], 1);
	assert_int_equal(b.failed, ERROR_NONE);
	book_close(&b);
}

static void a_lying_worker(void **state)
{
	struct book b;
#define LIE(call, what)                                                                            \
	do {                                                                                       \
		assert_fails(call, ERROR_SYSTEM, "the download worker sent " what);                \
		book_close(&b);                                                                    \
		book_open(&b, (struct http_request){.limit = 4, .offset = 2});                     \
	} while (0)
	book_open(&b, (struct http_request){.limit = 4, .offset = 2});
	LIE(head(&b, HTTP_REQUESTS_MAX, 0, 0, &e), "an index out of range");
	LIE(head(&b, 2, 0, 0, &e), "a head where none belongs");
	LIE(data(&b, 2, "x", &e), "data where none belongs");
	LIE(done(&b, 2, &e), "an end twice");
	LIE(data(&b, UINT32_MAX, "x", &e), "an index out of range");
	LIE(head(&b, 0, 5, 0, &e), "a head that cannot be");
	LIE(head(&b, 0, 0, 1, &e), "a head that cannot be");
	LIE(head(&b, 0, 1, 2, &e), "a head that cannot be");
	LIE(data(&b, 0, "x", &e), "data where none belongs");
	LIE(done(&b, 0, &e), "an end too early");
	assert_ok(head(&b, 0, 0, 0, &e));
	LIE(head(&b, 0, 0, 0, &e), "a head where none belongs");
	assert_ok(head(&b, 0, 0, 2, &e));
	assert_ok(data(&b, 0, "xx", &e));
	LIE(data(&b, 0, "x", &e), "more data than may be");
	assert_ok(head(&b, 0, 3, 0, &e));
	LIE(data(&b, 0, "xxxx", &e), "more data than may be");
	assert_ok(head(&b, 0, 3, 0, &e));
	assert_ok(data(&b, 0, "xx", &e));
	LIE(done(&b, 0, &e), "an end too early");
	assert_ok(failed(&b, 0, ERROR_NETWORK, "a\0b\0", 4, &e));
	LIE(failed(&b, 0, ERROR_NETWORK, "a\0b\0", 4, &e), "an end twice");
	LIE(failed(&b, 0, ERROR_NETWORK, "a\0b", 3, &e), "an error that cannot");
	LIE(failed(&b, 0, ERROR_NETWORK, "a\0b\0c", 5, &e), "an error that cannot");
	LIE(failed(&b, 0, ERROR_NETWORK, "", 0, &e), "an error that cannot");
	LIE(failed(&b, 0, 9999, "a\0b\0", 4, &e), "an error that cannot");
	LIE(give(&b, HTTP_TYPE_DONE + 1, "\0\0\0\0", 4, "", 0, &e), "an unknown record");
	LIE(give(&b, 0, "\0\0\0\0", 4, "", 0, &e), "an unknown record");
	LIE(give(&b, HTTP_TYPE_DATA, "\0\0", 2, "", 0, &e), "an unknown record");
	struct http_wire_done d = {0, ERROR_NETWORK, 0, 0, HTTP_FAULT_COUNT};
	LIE(give(&b, HTTP_TYPE_DONE, &d, sizeof d, "a\0b\0", 4, &e), "an error that cannot");
	struct http_wire_head h = {0, 200, 0, 0, 0};
	LIE(give(&b, HTTP_TYPE_HEAD, &h, sizeof h, "e\0t", 3, &e), "a head that cannot be");
	LIE(give(&b, HTTP_TYPE_HEAD, &h, sizeof h, "e\0t\0x", 5, &e), "a head that cannot be");
	LIE(give(&b, HTTP_TYPE_HEAD, &h, sizeof h, "\n\0t\0", 4, &e), "a head that cannot be");
	LIE(give(&b, HTTP_TYPE_HEAD, &h, sizeof h, "\0text/html\0", 11, &e),
		"a head that cannot be");
	book_close(&b);
	book_open(&b, (struct http_request){.limit = 9, .size = 3});
	assert_fails(head(&b, 0, 4, 0, &e), ERROR_SYSTEM, "a head that cannot be");
	assert_ok(head(&b, 1, 0, 0, &e));
	assert_ok(data(&b, 1, "xx", &e));
	assert_fails(done(&b, 1, &e), ERROR_SYSTEM, "an end too early");
	book_close(&b);
}

static void a_sink_that_fails_ends_its_request_only(void **state)
{
	struct book b;
	book_open(&b, (struct http_request){.limit = 4});
	b.refuse_data = true;
	assert_ok(head(&b, 0, 4, 0, &e));
	assert_ok(data(&b, 0, "ab", &e));
	assert_int_equal(b.done[0], 1);
	assert_int_equal(b.failed, ERROR_SPACE);
	b.refuse_data = false;
	assert_ok(data(&b, 0, "cd", &e));
	assert_ok(done(&b, 0, &e));
	assert_int_equal(b.done[0], 1);
	assert_int_equal(b.body.length, 0);
	assert_ok(head(&b, 1, 0, 0, &e));
	assert_ok(done(&b, 1, &e));
	assert_int_equal(b.done[1], 1);
	book_close(&b);
}

static int add(struct book *b, uint32_t *index, struct error **e)
{
	struct http_request r = {.url = "https://h/g", .limit = 4};
	struct http_ear ear = {{on_head, on_data, b}, on_end, &b->tellers[0]};
	return http_inbox_add(b->inbox, &r, &ear, index, e);
}

static void a_cancelled_request_is_heard_of_no_more(void **state)
{
	struct book b;
	uint32_t index, abandoned;
	book_open(&b, (struct http_request){.limit = 4});
	assert_ok(head(&b, 0, 4, 0, &e));
	assert_true(http_inbox_cancel(b.inbox, 0));
	assert_false(http_inbox_cancel(b.inbox, 0));
	assert_int_equal(http_inbox_open(b.inbox), 1);
	assert_ok(data(&b, 0, "ab", &e));
	/* Its slot is not given away before the worker knows. */
	assert_ok(add(&b, &index, &e));
	assert_int_equal(index, 2);
	assert_ok(failed(&b, 0, ERROR_INTERRUPTED, "a\0b\0", 4, &e));
	assert_int_equal(b.done[0], 0);
	assert_int_equal(b.body.length, 0);
	assert_ok(add(&b, &index, &e));
	assert_int_equal(index, 0);
	assert_false(http_inbox_abandoned(b.inbox, &abandoned));
	book_close(&b);
}

static void what_the_ear_says_at_the_end(void **state)
{
	struct book b;
	uint32_t abandoned = 99;
	book_open(&b, (struct http_request){.limit = 4});
	b.last_refuses = true;
	assert_ok(head(&b, 1, 4, 0, &e));
	b.refuse_data = true;
	assert_fails(data(&b, 1, "ab", &e), ERROR_SPACE, "end");
	assert_true(http_inbox_abandoned(b.inbox, &abandoned));
	assert_int_equal(abandoned, 1);
	assert_false(http_inbox_abandoned(b.inbox, &abandoned));
	book_close(&b);
}

static void no_more_requests_than_slots(void **state)
{
	struct book b;
	uint32_t index;
	book_open(&b, (struct http_request){.limit = 4});
	for (int i = 2; i < HTTP_REQUESTS_MAX; i++)
		assert_ok(add(&b, &index, &e));
	assert_fails(add(&b, &index, &e), ERROR_SYSTEM, "more than 64 requests at once");
	book_close(&b);
}

static int get(const char *url, bool allow_http, struct error **e)
{
	struct http_settings s = {.time = trusted_time_from(1767225600), .ca_pem = "x"};
	struct http_request r = {.url = url, .limit = 10, .allow_http = allow_http};
	struct book b = {.refuse_data = true};
	struct http_sink sink = {on_head, on_data, &b};
	s.ca_pem_length = 1;
	return http_get(&s, &r, &sink, e);
}

static void what_is_refused_before_any_packet(void **state)
{
	assert_fails(get("ftp://127.0.0.1/x", true, &e), ERROR_CONFIG, "only https is spoken");
	assert_fails(get("file:///etc/passwd", true, &e), ERROR_CONFIG, "only https is spoken");
	assert_fails(get("http://127.0.0.1/x", false, &e), ERROR_TRUST, "plain http is not");
	/* Port 1 of loopback: nobody listens. */
	assert_fails(get("http://127.0.0.1:1/x", true, &e), ERROR_NETWORK,
		"connect to 127.0.0.1: Connection refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_ranges),
		cmocka_unit_test(when_to_ask_again),
		cmocka_unit_test(where_a_body_ends),
		cmocka_unit_test(redirects),
		cmocka_unit_test(statuses),
		cmocka_unit_test(html),
		cmocka_unit_test(an_honest_worker),
		cmocka_unit_test(a_lying_worker),
		cmocka_unit_test(a_sink_that_fails_ends_its_request_only),
		cmocka_unit_test(a_cancelled_request_is_heard_of_no_more),
		cmocka_unit_test(what_the_ear_says_at_the_end),
		cmocka_unit_test(no_more_requests_than_slots),
		cmocka_unit_test(what_is_refused_before_any_packet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
