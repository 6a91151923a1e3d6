/* descriptor.c - see descriptor.h. */
#include "base/descriptor.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_ATTEMPTS 1000

int
pl_descriptor_open_in_root (int root, const char *path, int flags)
{
  const struct open_how how = { .flags = (guint64) flags, .resolve = RESOLVE_IN_ROOT };
  for (int attempt = 0;; attempt++) {
    int descriptor = (int) syscall (SYS_openat2, root, path, &how, sizeof how);
    if (descriptor >= 0 || errno != EAGAIN || attempt == MOST_ATTEMPTS)
      return descriptor;
  }
}

bool
pl_descriptor_write_all (int descriptor, const char *bytes, gsize size)
{
  while (size > 0) {
    ssize_t written = write (descriptor, bytes, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    bytes += written;
    size -= (gsize) written;
  }
  return true;
}
