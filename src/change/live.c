/* live.c - see live.h. */
#include "change/live.h"

#include "base/error.h"
#include "base/process.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* The last lines of what a program said, for the message. */
#define SHOWN_LINES 8

static char *
last_lines (const GString *output)
{
  gsize end = output->len;
  while (end > 0 && output->str[end - 1] == '\n')
    end--;
  gsize begin = end;
  for (guint lines = 0; begin > 0; begin--)
    if (output->str[begin - 1] == '\n' && ++lines == SHOWN_LINES)
      break;
  return g_strndup (output->str + begin, end - begin);
}

static void
said (void *data, const char *bytes, gsize size)
{
  const struct pl_live *live = data;
  if (live->said != NULL)
    live->said (live->data, bytes, size);
}

static bool
is_stopped (void *data)
{
  const struct pl_live *live = data;
  return live->is_stopped (live->data);
}

static void
tell (void *data, const char *text)
{
  const struct pl_live *live = data;
  live->tell (live->data, text);
}

static bool
run (void *data, char **argv, GBytes **bytes, GError **error)
{
  const struct pl_process_watch watch = { .data = data, .said = said, .is_stopped = is_stopped };
  g_autoptr (GString) output = g_string_new (NULL);
  int status = 0;
  int number = pl_process_run_watched ((const char *const *) argv, &watch, output, &status);
  *bytes = g_bytes_new (output->str, output->len);
  g_autofree char *lines = last_lines (output);
  g_autofree char *remedy = lines[0] != '\0' ? g_strdup_printf ("its last words:\n%s", lines) : NULL;
  if (number == ECANCELED)
    pl_error_set (error, PL_ERROR_FAILED, argv[0], NULL, "%s: stopped", argv[0]);
  else if (number != 0)
    pl_error_set (error, PL_ERROR_FAILED, argv[0], NULL, "%s: %s", argv[0], g_strerror (number));
  else if (WIFSIGNALED (status))
    pl_error_set (error, PL_ERROR_FAILED, argv[0], remedy, "%s: killed by signal %d", argv[0],
                  WTERMSIG (status));
  else if (WEXITSTATUS (status) != 0)
    pl_error_set (error, PL_ERROR_FAILED, argv[0], remedy, "%s: status %d", argv[0], WEXITSTATUS (status));
  return number == 0 && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

/* No plan of this version has a step of these kinds; a journal of a later version may. */
static bool
refuse (enum pl_step_kind kind, const char *path, GError **error)
{
  pl_error_set (error, PL_ERROR_FAILED, path, "use the version of pcilend that made it",
                "/%s: this version carries out no step of kind %s", path, pl_step_kind_name (kind));
  return false;
}

static bool
get (void *data, enum pl_step_kind kind, const char *path, GBytes **bytes, GError **error)
{
  (void) data;
  *bytes = NULL;
  return refuse (kind, path, error);
}

static bool
set (void *data, enum pl_step_kind kind, const char *path, GBytes *bytes, GError **error)
{
  (void) data, (void) bytes;
  return refuse (kind, path, error);
}

struct pl_actions
pl_live_actions (struct pl_live *live)
{
  return (struct pl_actions){
    .data = live, .run = run, .get = get, .set = set, .tell = tell, .is_stopped = is_stopped
  };
}

static bool
refuse_run (void *data, char **argv, GBytes **output, GError **error)
{
  (void) data;
  *output = NULL;
  g_autofree char *words = g_strjoinv (" ", argv);
  g_autofree char *remedy = g_strdup_printf ("run it in the mounted system: chroot DIR %s", words);
  pl_error_set (error, PL_ERROR_FAILED, argv[0], remedy,
                "%s: no program of a mounted system is run from outside", argv[0]);
  return false;
}

struct pl_actions
pl_tree_actions (struct pl_live *live)
{
  struct pl_actions actions = pl_live_actions (live);
  actions.run = refuse_run;
  return actions;
}
