/* process.h - running one program with a deadline; used by the door only, which decides whether it may run at
 * all. */
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
