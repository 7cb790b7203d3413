/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mirrors are good, and in what order to ask them. Pure: what was observed of each is an
 * argument (mirrors/observe), and so is the time. */
#ifndef MIRRORS_RANK_H
#define MIRRORS_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/error.h"

/* Why a mirror is left out; the words are those of mirror_fault_word. */
enum mirror_fault {
	MIRROR_GOOD,
	MIRROR_LATE, /* nobody waited for it: used, after the others */
	MIRROR_DEAD,
	MIRROR_HTML,
	MIRROR_CERTIFICATE,
	MIRROR_PLAIN_HTTP, /* https that redirects to http */
	MIRROR_WRONG, /* it answers, but has not what a mirror has */
	MIRROR_STALE,
	MIRROR_SLOW,
	MIRROR_FAULTS
};
enum { MIRROR_WHY_MAX = 512 };

struct mirror_observation {
	/* Known before it was asked. */
	bool https;
	bool roams; /* chooses a host by place: it may be another at every request */
	bool compared; /* serves the repository by which mirrors are compared */
	/* What came of it. DEAD, HTML, CERTIFICATE, PLAIN_HTTP, WRONG or LATE; `why` and `code` are
	 * of that. */
	enum mirror_fault fault;
	char why[MIRROR_WHY_MAX];
	enum error_code code;
	char *remedy; /* where the failure named one of its own; owned by who observed */
	int answer_ms; /* until it answered; -1: it did not */
	int64_t marker_s; /* the time in its file `sync`; 0: none */
	bool late; /* its database was asked for, and did not come in time */
	char database[DIGEST_HEX_MAX]; /* SHA-256 of its database; "": not known */
	int64_t newest_s; /* newest BUILDDATE in it */
	bool measured;
	uint64_t rate; /* bytes a second of a package */
};

struct mirror_verdict {
	size_t index; /* of the observation */
	enum mirror_fault fault; /* GOOD and LATE are used, the others left out */
	char why[MIRROR_WHY_MAX]; /* "" for GOOD */
	size_t alike; /* mirrors with the same database, itself among them; 0: not known */
};

/* Fills `to` (count of them): those that are used in the order they are to be asked, https first,
 * then those that are left out.
 *
 * Stale is who stands more than a day behind the newest, by marker or database. The newest is what
 * two mirrors say alike, where two do: a single one that claims to be of today may not make all
 * others stale. Mirrors over plain http are judged by the others, never the other way round, since
 * their word is anybody's. */
void mirrors_judge(const struct mirror_observation *seen, size_t count, int64_t now_s,
	struct mirror_verdict *to);
static inline bool mirror_is_used(enum mirror_fault fault)
{
	return fault == MIRROR_GOOD || fault == MIRROR_LATE;
}

/* "dead", "html", …; -1 for a word that is none. */
const char *mirror_fault_word(enum mirror_fault fault);
int mirror_fault_parse(const char *word, enum mirror_fault *fault) must_check;
/* Pure: the time in a marker, whose first line is seconds since 1970; 0 for anything else. */
int64_t mirror_marker_time(const char *text);

#endif
