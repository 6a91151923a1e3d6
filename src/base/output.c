/* output.c - see output.h. */
#include "base/output.h"

#include "base/descriptor.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail (GError **error, const char *name, const char *remedy)
{
  pl_error_set (error, PL_ERROR_FAILED, name, remedy, "%s: %s", name, g_strerror (errno));
  return false;
}

bool
pl_output_write (const char *name, const char *bytes, gsize size, bool may_overwrite, GError **error)
{
  struct stat status;
  bool exists = lstat (name, &status) == 0;
  if (exists && S_ISDIR (status.st_mode)) {
    errno = EISDIR;
    return fail (error, name, "give the name of a file in it");
  }
  if (exists && !may_overwrite) {
    errno = EEXIST;
    return fail (error, name, "choose another name, or add --force to replace it");
  }
  /* A pipe or /dev/full is written to, not replaced. */
  bool is_special = exists && stat (name, &status) == 0 && !S_ISREG (status.st_mode);
  g_autofree char *beside = is_special ? g_strdup (name) : g_strconcat (name, ".XXXXXX", NULL);
  int descriptor = is_special ? open (name, O_WRONLY | O_CLOEXEC | O_NOCTTY) : mkostemp (beside, O_CLOEXEC);
  if (descriptor < 0)
    return fail (error, name, "choose a directory in which you may write");

  bool done = pl_descriptor_write_all (descriptor, bytes, size) && (is_special || fsync (descriptor) == 0);
  int number = errno;
  if (close (descriptor) != 0 && done) {
    done = false;
    number = errno;
  }
  /* Somebody may have made the file meanwhile: then it is theirs. Source: man 2 renameat2, RENAME_NOREPLACE.
   */
  if (done && !is_special) {
    done = renameat2 (AT_FDCWD, beside, AT_FDCWD, name, may_overwrite ? 0 : RENAME_NOREPLACE) == 0;
    number = errno;
  }
  if (!is_special && !done)
    unlink (beside);
  errno = number;
  return done || fail (error, name, "nothing was written");
}
