/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine as its files and the probes show it: all that the plan follows from. */
#ifndef DOCTOR_OBSERVATIONS_H
#define DOCTOR_OBSERVATIONS_H

#include <stdbool.h>

#include "doctor/kernel_facts.h"
#include "lib/error.h"

struct observations {
	char *release_text; /* uname -r */
	struct kernel_release release;
	struct kernel_config config; /* no text: not found, or not to be read */
	char *config_error; /* why it was not to be read; NULL: it was not found, or is there */
	struct modules modules;
	struct probe_answers tried; /* of the caller's making */
	char *controllers; /* /proc/cgroups */
	char *self_cgroup; /* /proc/self/cgroup */
	char *mounts; /* /proc/self/mountinfo */
	char *command_line; /* /proc/cmdline */
	char *status; /* /proc/self/status */
	char *label; /* /proc/self/attr/current */
	char *link; /* of the default route; "" for none */
	bool wireless; /* that link */
	bool android;
	bool clock_chip; /* a real-time clock */
};

/* Reads the files of the machine that begin at `root` ("": this one); what is absent is "". `tried`
 * is left empty. ERROR_CONFIG where not even the kernel's release is to be read. */
int observations_read(struct observations *o, const char *root, struct error **e) must_check;
struct kernel_facts observations_kernel(const struct observations *o);
void observations_free(struct observations *o);
#define auto_observations __attribute__((cleanup(observations_free))) struct observations

#endif
