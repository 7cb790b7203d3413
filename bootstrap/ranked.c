/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bootstrap/ranked.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bootstrap/directories.h"
#include "lib/fd.h"
#include "lib/text.h"
#include "mirrors/mirrorlist.h"
#include "mirrors/pacman_conf.h"
#include "mirrors/ranking_cache.h"

static void tell_order(const struct ranked *r, int64_t now_s, struct report *report)
{
	char age[32], rate[32];
	const struct ranking_row *best = &r->ranking.rows[0];
	size_t left_out = r->ranking.count - ranking_used(&r->ranking);
	text_duration(age, sizeof age, (now_s - r->ranking.made_s) * 1000);
	text_size(rate, sizeof rate, best->rate > 0 ? (uint64_t)best->rate : 0);
	int base = (int)strcspn(best->server, "$");
	if (r->kept)
		report_note(report, "mirrors in the order found out %s ago, %.*s first", age, base,
			best->server);
	else if (best->rate > 0)
		report_note(report, "%.*s first, with %s/s; %zu mirrors left out", base,
			best->server, rate, left_out);
}

/* Those that do not answer go; nothing else changes. */
static int keep_answering(
	struct mirrors *m, const struct ranked_settings *s, struct ranked *r, struct error **e)
{
	if (ranking_make(m, s->http, &ranking_answers, &r->ranking, e) < 0 ||
		ranking_check(&r->ranking, e) < 0 || ranking_drop(&r->ranking, m, e) < 0)
		return -1;
	ranking_tell(&r->ranking, s->report);
	return 0;
}

/* For the whole list, and for what is left of it: that is what a root's mirrorlist has then. */
static int keep(const struct mirrors *m, const struct ranked *r, struct error **e)
{
	struct ranking used = r->ranking;
	used.count = ranking_used(&used);
	char *auto_free left = ranking_name(m, e);
	if (!left || ranking_save(directory_cache(), r->name, &r->ranking, e) < 0)
		return -1;
	return mirrors_count(m) == used.count ? ranking_save(directory_cache(), left, &used, e) : 0;
}

static int rank(
	struct mirrors *m, const struct ranked_settings *s, struct ranked *r, struct error **e)
{
	auto_error *unkept = NULL;
	if (ranking_make(
		    m, s->http, s->thorough ? &ranking_whole : &ranking_quick, &r->ranking, e) < 0)
		return -1;
	if (s->thorough)
		ranking_show(&r->ranking, s->report);
	if (ranking_check(&r->ranking, e) < 0 || ranking_apply(&r->ranking, m, false, e) < 0)
		return -1;
	if (!s->thorough)
		ranking_tell(&r->ranking, s->report);
	if (keep(m, r, &unkept) < 0)
		report_note(s->report, "%s", error_message(unkept));
	return 0;
}

static int find_order(
	struct mirrors *m, const struct ranked_settings *s, struct ranked *r, struct error **e)
{
	int64_t now_s = trusted_time_now(&s->http->time);
	r->name = ranking_name(m, e);
	if (!r->name)
		return -1;
	int kept = s->thorough ? 0 : ranking_load(directory_cache(), m, now_s, &r->ranking, e);
	if (kept < 0)
		return -1;
	r->kept = kept;
	/* Who was left out may be back: last. */
	if (kept ? ranking_apply(&r->ranking, m, true, e) < 0 : !s->unasked && rank(m, s, r, e) < 0)
		return -1;
	if (r->ranking.count && !s->thorough)
		tell_order(r, now_s, s->report);
	return 0;
}

int ranked_mirrors(
	struct mirrors *m, const struct ranked_settings *s, struct ranked *to, struct error **e)
{
	struct ranked found = {.name = NULL};
	bool single = !s->thorough && (mirrors_count(m) < 2 || s->in_order);
	int r = !single	     ? find_order(m, s, &found, e)
		: s->unasked ? 0
			     : keep_answering(m, s, &found, e);
	if (r < 0)
		ranked_free(&found);
	else
		*to = found;
	return r;
}

static int write_list(
	const struct ranked *r, const struct mirrors *m, int root_fd, bool fresh, struct error **e)
{
	auto_buf list = BUF(0);
	int there = mirrorlist_read(root_fd, &list, e);
	if (there <= 0)
		return there;
	auto_pacman_conf *conf = pacman_conf_read(root_fd, "/etc/pacman.conf", e);
	if (!conf)
		return -1;
	if (!mirrorlist_is_used(buf_text(&list), conf) ||
		!(fresh || mirrorlist_is_ours(buf_text(&list))))
		return 0;
	return mirrorlist_write(root_fd, m, &r->ranking, buf_text(&list), e);
}

/* Next time only those are asked that the list has: where most were silent it is rather our own
 * link, and a bad quarter of an hour would leave one mirror for good. */
static bool most_were_silent(const struct ranking *r)
{
	size_t dead = 0;
	for (size_t i = 0; i < r->count; i++)
		dead += r->rows[i].fault == MIRROR_DEAD;
	return 2 * dead > r->count;
}

void ranked_write(const struct ranked *r, const struct mirrors *m, const struct rootfs *rootfs,
	bool fresh, struct report *report)
{
	auto_error *why = NULL;
	/* What is kept is in the list already, unless the root is new. */
	if (!r->ranking.count || (r->kept && !fresh))
		return;
	if (!fresh && most_were_silent(&r->ranking))
		return;
	int written = write_list(r, m, rootfs_fd(rootfs), fresh, &why);
	if (written < 0)
		report_note(report, "the mirrors are not written: %s", error_message(why));
	else if (written)
		report_note(report, MIRRORLIST_PATH " has the mirrors in this order now");
}

void ranked_forget(const struct ranked *r, struct report *report)
{
	auto_error *why = NULL;
	if (r->kept && ranking_forget(directory_cache(), r->name, &why) < 0)
		report_warn(
			report, "the order of the mirrors is still kept: %s", error_message(why));
}

void ranked_free(struct ranked *r)
{
	ranking_free(&r->ranking);
	free(r->name);
	*r = (struct ranked){.name = NULL};
}
