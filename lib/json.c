/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/json.h"

#include <jansson.h>

#include "lib/buf.h"
#include "lib/text.h"

/* struct json_object is jansson's json_t by another name. */
static json_t *real(struct json_object *o)
{
	return (json_t *)o;
}

struct json_object *json_object_new(void)
{
	return (struct json_object *)json_object();
}

static json_t *string_of(const char *text)
{
	json_t *string = json_string(text);
	if (string)
		return string;
	auto_buf shown = BUF(0);
	return text_render(&shown, text, NULL) == 0 ? json_string(buf_text(&shown)) : json_null();
}

void json_put_text(struct json_object *o, const char *key, const char *text)
{
	if (o)
		json_object_set_new(real(o), key, text ? string_of(text) : json_null());
}

void json_put_number(struct json_object *o, const char *key, int64_t number)
{
	if (o)
		json_object_set_new(real(o), key, json_integer(number));
}

void json_put_flag(struct json_object *o, const char *key, bool flag)
{
	if (o)
		json_object_set_new(real(o), key, json_boolean(flag));
}

void json_put_object(struct json_object *o, const char *key, struct json_object *child)
{
	if (o)
		json_object_set_new(real(o), key, real(child));
	else
		json_decref(real(child));
}

void json_print_line(struct json_object *o, FILE *to)
{
	if (!o)
		return;
	json_dumpf(real(o), to, JSON_COMPACT | JSON_PRESERVE_ORDER);
	fputc('\n', to);
	fflush(to);
	json_decref(real(o));
}
