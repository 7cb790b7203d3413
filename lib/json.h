/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON out, by jansson: one object a line. */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

/* NULL when memory is out; the others then do nothing with NULL. Text that is not UTF-8 is escaped.
 */
struct json_object *json_object_new(void);
void json_put_text(struct json_object *o, const char *key, const char *text);
void json_put_number(struct json_object *o, const char *key, int64_t number);
void json_put_flag(struct json_object *o, const char *key, bool flag);
/* Takes `child` over. */
void json_put_object(struct json_object *o, const char *key, struct json_object *child);
/* Prints it as one line and frees it. */
void json_print_line(struct json_object *o, FILE *to);

#endif
