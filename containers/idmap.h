/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The users of unprivileged containers: which ids of the environment they are.
 *
 * Root in such a container is a nobody outside (user_namespaces(7)). LXC writes the map by
 * newuidmap(1) where that is there, which obeys subuid(5): so the range is one that ROOT's files
 * give to root, and no other user of ROOT is handed it. All containers of a ROOT share it. */
#ifndef CONTAINERS_IDMAP_H
#define CONTAINERS_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/error.h"

enum { IDMAP_COUNT = 65536 };

/* The ids 0 to count - 1 of the container are `base` and up. count 0: no map. */
struct container_idmap {
	uint32_t base, count;
};

/* Pure: root's range in both files (subuid and subgid, "" for an absent one), or a free one, which
 * is then added to the texts in `uids` and `gids`; those stay empty where there is nothing to
 * write. ERROR_CONFIG where no range is left. */
int idmap_choose(const char *subuid, const char *subgid, struct container_idmap *map,
	struct buf *uids, struct buf *gids, struct error **e) must_check;
/* The same in the root's /etc, written. */
int idmap_of_root(int root_fd, struct container_idmap *map, struct error **e) must_check;
/* Pure: does `text`, of /proc/PID/uid_map or gid_map (user_namespaces(7)), have all of the range?
 * Inside of a user namespace of ours it may not. */
bool idmap_is_mapped(const char *text, const struct container_idmap *map);
/* Pure: the map that a container's configuration names (lxc.idmap); count 0 where it has none. */
struct container_idmap idmap_of_config(const char *config);

#endif
