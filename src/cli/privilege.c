/* privilege.c - see privilege.h. */
#include "cli/privilege.h"

#include "base/error.h"
#include "base/input.h"

#include <unistd.h>

bool
pl_privilege_check (const struct pl_call *call, const char *command, GError **error)
{
  static const char *const ways[] = { "sudo", "run0", "pkexec", "doas" };
  const char *way = NULL;
  if (geteuid () == 0)
    return true;
  for (guint i = 0; way == NULL && i < G_N_ELEMENTS (ways); i++) {
    g_autofree char *path = g_strconcat ("/usr/bin/", ways[i], NULL);
    way = pl_input_exists (path) ? ways[i] : NULL;
  }
  g_autofree char *remedy = way != NULL
                                ? g_strdup_printf ("type: %s pcilend %s", way, call->line)
                                : g_strdup_printf ("become root (su -), then type: pcilend %s", call->line);
  pl_error_set (error, PL_ERROR_FAILED, NULL, remedy,
                "%s changes the system, which only root may; nothing was changed", command);
  return false;
}
