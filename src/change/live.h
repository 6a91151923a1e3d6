/* live.h - the actions of a running system: programs run, with what they say shown as it comes. */
#pragma once

#include "change/change.h"

struct pl_live {
  void *data;
  void (*tell) (void *data, const char *text); /* a line of ours */
  void (*said) (void *data, const char *bytes,
                gsize size); /* a piece of a program's output; NULL: nobody watches */
  bool (*is_stopped) (void *data);
};

/* The actions; @live must outlive them. */
struct pl_actions pl_live_actions (struct pl_live *live);

/* The actions of a system that is only mounted: no program of it is run, what would run is an error that
 * names it. */
struct pl_actions pl_tree_actions (struct pl_live *live);
