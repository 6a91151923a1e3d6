/* step.c - see step.h. */
#include "plan/step.h"

#include <string.h>

static const char *const names[PL_N_STEP_KINDS] = { "file", "program", "sysfs", "efivar" };

const char *
pl_step_kind_name (enum pl_step_kind kind)
{
  return names[kind];
}

const char *
pl_when_name (enum pl_when when)
{
  static const char *const whens[] = { "now", "trial", "confirmed" };
  return whens[when];
}

const char *
pl_leave_name (enum pl_leave leave)
{
  static const char *const leaves[] = { "nothing", "packages", "on-failure" };
  return leaves[leave];
}

enum pl_step_kind
pl_step_kind_from_name (const char *name)
{
  enum pl_step_kind kind = 0;
  while (kind < PL_N_STEP_KINDS && strcmp (names[kind], name) != 0)
    kind++;
  return kind;
}

struct pl_step *
pl_step_new (enum pl_step_kind kind)
{
  struct pl_step *step = g_new0 (struct pl_step, 1);
  step->kind = kind;
  return step;
}

void
pl_step_free (struct pl_step *step)
{
  if (step == NULL)
    return;
  g_free (step->path);
  g_free (step->why);
  g_strfreev (step->argv);
  g_strfreev (step->undo_argv);
  g_strfreev (step->writes);
  g_clear_pointer (&step->old_content, g_bytes_unref);
  g_clear_pointer (&step->new_content, g_bytes_unref);
  g_free (step);
}
