/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/hostclock_decide.h"

#include <stdlib.h>
#include <string.h>

static const int64_t agree_ms = (int64_t)HOSTCLOCK_AGREE_S * 1000;

/* Those whose time counts, by time. */
struct voters {
	struct hostclock_answer *rows[HOSTCLOCK_HOSTS_MAX];
	size_t count;
};

/* A run of voters within 120 s. */
struct camp {
	size_t first, count;
	int operators;
};

static enum hostclock_verdict judge(
	const struct hostclock_bounds *b, const struct hostclock_answer *a, bool certified)
{
	int64_t unix_s = a->unix_ms / 1000;
	if (!a->came)
		return HOSTCLOCK_NO_ANSWER;
	if (certified && (!a->holds || unix_s < a->not_before_s || unix_s > a->not_after_s))
		return HOSTCLOCK_NOT_ITS_TIME;
	if (unix_s < b->floor_s)
		return HOSTCLOCK_BELOW_FLOOR;
	if (unix_s > b->ceiling_s)
		return HOSTCLOCK_ABOVE_CEILING;
	return HOSTCLOCK_USABLE;
}

static int by_time(const void *a, const void *b)
{
	const struct hostclock_answer *x = *(struct hostclock_answer *const *)a;
	const struct hostclock_answer *y = *(struct hostclock_answer *const *)b;
	return (x->unix_ms > y->unix_ms) - (x->unix_ms < y->unix_ms);
}

static struct voters find_voters(const struct hostclock_bounds *b, struct hostclock_answer *rows,
	size_t count, bool certified)
{
	struct voters v = {.count = 0};
	for (size_t i = 0; i < count; i++) {
		rows[i].verdict = judge(b, &rows[i], certified);
		if (rows[i].verdict == HOSTCLOCK_USABLE)
			v.rows[v.count++] = &rows[i];
	}
	qsort(v.rows, v.count, sizeof *v.rows, by_time);
	return v;
}

static int count_operators(const struct voters *v, size_t first, size_t count)
{
	int operators = 0;
	for (size_t i = first; i < first + count; i++) {
		size_t k = first;
		while (k < i && strcmp(v->rows[k]->operator_name, v->rows[i]->operator_name) != 0)
			k++;
		operators += k == i;
	}
	return operators;
}

/* More operators win; among equals, more hosts: a company's thousand hosts have one voice. */
static struct camp largest_camp(const struct voters *v)
{
	struct camp best = {0, 0, 0};
	for (size_t first = 0; first < v->count; first++) {
		struct camp c = {first, 0, 0};
		while (first + c.count < v->count &&
			v->rows[first + c.count]->unix_ms - v->rows[first]->unix_ms <= agree_ms)
			c.count++;
		c.operators = count_operators(v, first, c.count);
		if (c.operators > best.operators ||
			(c.operators == best.operators && c.count > best.count))
			best = c;
	}
	return best;
}

/* The lower of two middles: our clock shall rather be late than early. */
static int64_t median_ms(const struct voters *v, size_t first, size_t count)
{
	return v->rows[first + (count - 1) / 2]->unix_ms;
}

static int count_against(const struct voters *v, int64_t unix_ms)
{
	int against = 0;
	for (size_t i = 0; i < v->count; i++)
		against += unix_ms / 1000 < v->rows[i]->not_before_s ||
			   unix_ms / 1000 > v->rows[i]->not_after_s;
	return against;
}

/* The operators that speak against the camp. One with hosts on both sides counts on both. */
static int count_opposing(const struct voters *v, const struct camp *c)
{
	struct voters others = {.count = 0};
	for (size_t i = 0; i < v->count; i++)
		if (i < c->first || i >= c->first + c->count)
			others.rows[others.count++] = v->rows[i];
	return count_operators(&others, 0, others.count);
}

static enum hostclock_outcome outcome_of(
	const struct hostclock_quorum *q, const struct voters *v, const struct camp *c, int against)
{
	bool all = c->count == v->count;
	bool quorum = (int)c->count >= q->hosts && c->operators >= q->operators;
	bool two = !q->chosen && all && c->count >= 2 && c->operators >= 2;
	if (c->operators <= count_opposing(v, c))
		return HOSTCLOCK_DISAGREED;
	if (!quorum && !two)
		return all ? HOSTCLOCK_TOO_FEW : HOSTCLOCK_DISAGREED;
	if (against > ((int)v->count - 1) / 3)
		return HOSTCLOCK_AGAINST_CERTIFICATES;
	return quorum ? HOSTCLOCK_AGREED : HOSTCLOCK_AGREED_BY_TWO;
}

static struct hostclock_decision decide_by_hosts(
	const struct hostclock_rules *rules, struct hostclock_answers *a)
{
	struct voters v = find_voters(&rules->bounds, a->hosts, a->host_count, true);
	struct camp c = largest_camp(&v);
	struct hostclock_decision d = {
		.outcome = HOSTCLOCK_TOO_FEW, .hosts = (int)c.count, .operators = c.operators};
	if (!c.count)
		return d;
	d.unix_ms = median_ms(&v, c.first, c.count);
	d.against = count_against(&v, d.unix_ms);
	d.outcome = outcome_of(&rules->quorum, &v, &c, d.against);
	for (size_t i = 0; hostclock_decided(&d) && i < v.count; i++)
		v.rows[i]->verdict = i >= c.first && i < c.first + c.count ? HOSTCLOCK_AGREES
									   : HOSTCLOCK_DISAGREES;
	return d;
}

/* Marks and gathers the servers within 120 s of `unix_ms`. */
static struct voters agreeing(const struct voters *servers, int64_t unix_ms)
{
	struct voters v = {.count = 0};
	for (size_t i = 0; i < servers->count; i++) {
		struct hostclock_answer *a = servers->rows[i];
		bool near = llabs(a->unix_ms - unix_ms) <= agree_ms;
		a->verdict = near ? HOSTCLOCK_AGREES : HOSTCLOCK_DISAGREES;
		if (near)
			v.rows[v.count++] = a;
	}
	return v;
}

static void refine(struct hostclock_decision *d, const struct voters *servers)
{
	struct voters near = agreeing(servers, d->unix_ms);
	d->refined_by = (int)near.count;
	if (near.count)
		d->unix_ms = median_ms(&near, 0, near.count);
}

struct hostclock_decision hostclock_decide(
	const struct hostclock_rules *rules, struct hostclock_answers *answers)
{
	struct hostclock_decision d = decide_by_hosts(rules, answers);
	struct voters servers =
		find_voters(&rules->bounds, answers->servers, answers->server_count, false);
	if (hostclock_decided(&d)) {
		refine(&d, &servers);
	} else if (rules->unproven_allowed && servers.count) {
		d.outcome = HOSTCLOCK_UNPROVEN;
		d.unix_ms = median_ms(&servers, 0, servers.count);
		refine(&d, &servers);
	} else {
		d.unix_ms = 0;
	}
	return d;
}

const char *hostclock_verdict_word(enum hostclock_verdict verdict)
{
	static const char *const words[] = {
		[HOSTCLOCK_NO_ANSWER] = "not usable",
		[HOSTCLOCK_NOT_ITS_TIME] = "certificate does not hold",
		[HOSTCLOCK_BELOW_FLOOR] = "below the floor",
		[HOSTCLOCK_ABOVE_CEILING] = "above the ceiling",
		[HOSTCLOCK_USABLE] = "usable",
		[HOSTCLOCK_DISAGREES] = "disagrees",
		[HOSTCLOCK_AGREES] = "agrees",
	};
	return words[verdict];
}

bool hostclock_decided(const struct hostclock_decision *d)
{
	return d->outcome <= HOSTCLOCK_UNPROVEN;
}
