/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libalpm's questions, in the child inside. It cannot wait for people there: what was answered
 * before is answered again, the rest as `pacman --noconfirm` would, and sent to the parent, who may
 * ask and plan anew. Above all, a package in the way is not removed unasked. */
#ifndef PACKAGES_QUESTIONS_H
#define PACKAGES_QUESTIONS_H

#include "packages/callbacks.h"

/* For alpm_option_set_questioncb; `arg` is a struct callbacks. */
void questions_answer(void *arg, alpm_question_t *question);
/* Pure: the answer to `id` among "ID=ANSWER" lines, the last one; NULL where there is none. */
const char *questions_find(const struct strings *answers, const char *id);

#endif
