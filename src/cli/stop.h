/* stop.h - Ctrl-C and its kin while a system is changed: noted, and obeyed between two steps. */
#pragma once

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP only set a mark; SIGPIPE is ignored: an answer that nobody reads
 * ends no change. */
void pl_stop_catch (void);

/* Whether one of them came. */
bool pl_stop_is_wanted (void *data);
