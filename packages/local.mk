# SPDX-License-Identifier: GPL-3.0-or-later
libalarmstrap_a_SOURCES += \
	packages/ahead.c packages/ahead.h packages/ahead_use.c packages/ahead_use.h \
	packages/ahead_work.c packages/ahead_work.h \
	packages/alpm_compat.h \
	packages/cache.c packages/cache.h \
	packages/cache_dirs.c packages/cache_dirs.h \
	packages/callbacks.c packages/callbacks.h \
	packages/commit.c \
	packages/databases.c packages/databases.h packages/databases_judge.c \
	packages/handle.c packages/handle.h \
	packages/inside.c packages/inside.h \
	packages/local.c packages/local.h \
	packages/lock.c packages/lock.h \
	packages/marks.c packages/marks.h \
	packages/mtree.c packages/mtree.h \
	packages/packages.h \
	packages/given.c packages/given.h \
	packages/plan.c \
	packages/clean.c \
	packages/query.c packages/query.h packages/query_answer.c \
	packages/questions.c packages/questions.h \
	packages/rootdir.c packages/rootdir.h \
	packages/shipped_conf.c \
	packages/solve.c packages/solve.h \
	packages/story.c packages/story.h \
	packages/transact.c packages/transact.h \
	packages/verify.c packages/verify.h \
	packages/verify_file.c packages/verify_file.h \
	packages/verify_inside.c packages/verify_inside.h \
	packages/wire.c packages/wire.h
