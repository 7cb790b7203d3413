/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors that read like a story: what was tried, on what, why it failed, and what to do.
 *
 * A function that can fail takes `struct error **e` last and returns -1 or NULL. The place that
 * knows errno calls error_set once; each module border calls error_wrap once, naming the object;
 * main prints once. `e` may be NULL where the caller does not care. An error is owned by whoever
 * holds the pointer; error_free ends it. Out of memory never hides an error: it becomes one. */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include <stdarg.h>

/* name, exit status, hint where the failing place gave none. Statuses are stable and documented. */
#define ERROR_CODES(X)                                                                             \
	X(ERROR_SYSTEM, 1, "the operating system refused; see the message")                        \
	X(ERROR_USAGE, 2, "run 'alarmstrap --help'")                                               \
	X(ERROR_CONFIG, 3, "correct the named file or option, then run the same command again")    \
	X(ERROR_PRIVILEGE, 4, "run it as root (su or sudo)")                                       \
	X(ERROR_KERNEL, 5, "run a kernel that has what is named, then the same command again")     \
	X(ERROR_CLOCK, 6, "give the time with --time=2026-01-31T12:00:00Z")                        \
	X(ERROR_NETWORK, 7, "check the link and the address, then run the same command again")     \
	X(ERROR_TRUST, 8, "nothing was used of it; try another --mirror, or check --keyring")      \
	X(ERROR_ROOT, 9, "name another ROOT")                                                      \
	X(ERROR_BUSY, 10, "wait for the other one to end, then run the same command again")        \
	X(ERROR_SPACE, 11, "free some space or name a ROOT on a larger filesystem")                \
	X(ERROR_PACKAGES, 12, "check the names of the packages, then run the same command again")  \
	X(ERROR_CONTAINER, 13, "see /var/log/lxc in the environment")                              \
	X(ERROR_HOOK, 14, "see the hook's own words above")                                        \
	X(ERROR_INTERRUPTED, 130, "run the same command again when you are ready")

enum error_code {
	ERROR_NONE,
#define X(name, status, hint) name,
	ERROR_CODES(X)
#undef X
		ERROR_COUNT
};

struct error;

/* Makes the error, unless one is set already (the first cause wins). `errnum` 0: no errno text.
 * Always returns -1. */
int error_set(struct error **e, enum error_code code, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same errno for callers, where the message has said already, in better words, what it means.
 */
int error_set_plain(struct error **e, enum error_code code, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts "FORMAT: " in front of the message. Always returns -1. */
int error_wrap(struct error **e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives the remedy, unless a deeper place gave one. Always returns -1. */
int error_hint(struct error **e, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum error_code error_code(const struct error *e);
int error_errno(const struct error *e);
const char *error_message(const struct error *e);
/* The remedy given, else the code's own. */
const char *error_remedy(const struct error *e);
int error_exit_status(const struct error *e);
/* The constant's name, "ERROR_NETWORK"; NULL out of range. */
const char *error_code_name(enum error_code code);
int error_code_status(enum error_code code);
const char *error_code_hint(enum error_code code);

void error_free(struct error *e);
/* error_free(*e) and *e = NULL: for an error that was dealt with. */
void error_clear(struct error **e);
void error_cleanup(struct error **e);
#define auto_error __attribute__((cleanup(error_cleanup))) struct error

#define must_check __attribute__((warn_unused_result))

#endif
