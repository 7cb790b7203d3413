# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	mirrors/causes.c mirrors/causes.h \
	mirrors/fetch.c mirrors/fetch.h \
	mirrors/fetch_alike.c mirrors/fetch_alike.h \
	mirrors/fetch_blame.c \
	mirrors/fetch_meta.c mirrors/fetch_meta.h \
	mirrors/fetch_pace.c mirrors/fetch_pace.h \
	mirrors/fetch_part.c mirrors/fetch_part.h \
	mirrors/fetch_pieces.c mirrors/fetch_pieces.h \
	mirrors/fetch_plan.c \
	mirrors/fetch_run.h \
	mirrors/fetch_sidecar.c \
	mirrors/fetch_size.c mirrors/fetch_size.h \
	mirrors/fetch_small.c \
	mirrors/fetch_stream.c \
	mirrors/fetched.c \
	mirrors/mirrorlist.c mirrors/mirrorlist.h \
	mirrors/mirrors.c mirrors/mirrors.h \
	mirrors/observe.c mirrors/observe.h \
	mirrors/observe_database.c mirrors/observe_database.h \
	mirrors/pacman_conf.c mirrors/pacman_conf.h \
	mirrors/rank.c mirrors/rank.h \
	mirrors/ranking.c mirrors/ranking.h \
	mirrors/ranking_cache.c mirrors/ranking_cache.h \
	mirrors/syncdb.c mirrors/syncdb.h \
	mirrors/syncdb_desc.c mirrors/syncdb_desc.h \
	mirrors/verified.c mirrors/verified.h
