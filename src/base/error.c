/* error.c - see error.h. */
#include "base/error.h"

#include <errno.h>
#include <string.h>

typedef struct {
  char *path;
  char *remedy;
} PlErrorPrivate;

static void
pl_error_private_init (PlErrorPrivate *private)
{
  memset (private, 0, sizeof *private);
}

static void
pl_error_private_copy (const PlErrorPrivate *from, PlErrorPrivate *to)
{
  to->path = g_strdup (from->path);
  to->remedy = g_strdup (from->remedy);
}

static void
pl_error_private_clear (PlErrorPrivate *private)
{
  g_free (private->path);
  g_free (private->remedy);
}

G_DEFINE_EXTENDED_ERROR (PlError, pl_error)

void
pl_error_set (GError **error, enum pl_error_code code, const char *path, const char *remedy,
              const char *format, ...)
{
  if (error == NULL)
    return;

  va_list arguments;
  va_start (arguments, format);
  g_set_error_literal (error, PL_ERROR, code, "");
  g_free ((*error)->message);
  (*error)->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  PlErrorPrivate *private = pl_error_get_private (*error);
  private->path = g_strdup (path);
  private->remedy = g_strdup (remedy);
}

const char *
pl_error_path (const GError *error)
{
  return error->domain == PL_ERROR ? pl_error_get_private (error)->path : NULL;
}

const char *
pl_error_remedy (const GError *error)
{
  return error->domain == PL_ERROR ? pl_error_get_private (error)->remedy : NULL;
}

const char *
pl_errno_name (int number)
{
  const char *name = strerrorname_np (number);
  return name != NULL ? name : "EIO";
}

int
pl_errno_number (const char *name)
{
  for (int number = 1; number < 134; number++) {
    const char *known = strerrorname_np (number);
    if (known != NULL && strcmp (known, name) == 0)
      return number;
  }
  return 0;
}
