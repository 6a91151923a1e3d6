/* process.h - running one program: with a deadline, for the door, which decides whether it may run at all; or
 * watched, for the steps of a change. */
#pragma once

#include "base/root.h"

/**
 * pl_process_run - start argv[0], wait, and give what it wrote to standard output
 * @argv: NULL-terminated; argv[0] is an absolute path
 * @timeout_ms: when it has passed the whole process group is killed
 * @buffer: set to the output; at most PL_FILE_LIMIT_BYTES
 *
 * The program gets an empty standard input, /dev/null as standard error, and LC_ALL=C.
 * Returns: 0; ENOENT and the other errors of posix_spawn; ETIME after the deadline; EIO where it failed or
 * was killed; EFBIG where it wrote too much.
 */
int pl_process_run (const char *const *argv, int timeout_ms, struct pl_buffer *buffer);

/* Who watches a program that runs long. */
struct pl_process_watch {
  void *data;
  void (*said) (void *data, const char *bytes, gsize size); /* a piece of what it wrote */
  bool (*is_stopped) (void *data); /* asked several times a second: then the process group is ended */
};

/**
 * pl_process_run_watched - start argv[0] and wait, however long it takes
 * @output: gets what it wrote to standard output and standard error, at most the last megabyte
 * @status: set to the status of its end as of waitpid()
 *
 * The program gets an empty standard input, LC_ALL=C and a PATH of its own, whatever the caller's environment
 * holds. Stopped, its process group gets SIGTERM, and SIGKILL after ten seconds. Returns: 0 where it ended,
 * however; an errno of posix_spawn; ECANCELED where it was stopped.
 */
int pl_process_run_watched (const char *const *argv, const struct pl_process_watch *watch, GString *output,
                            int *status);
