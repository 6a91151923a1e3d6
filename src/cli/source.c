/* source.c - see source.h. */
#include "cli/source.h"

#include "base/error.h"
#include "base/input.h"
#include "base/recording.h"
#include "cli/embedded.h"
#include "judge/judge.h"
#include "machine/paste/paste.h"
#include "machine/read.h"

#include <errno.h>
#include <string.h>

static const char *
name_of (const struct pl_options *options)
{
  return strcmp (options->machine, "-") == 0 ? "standard input" : options->machine;
}

/* A file of that name wins; else the word may name an embedded machine. */
static GBytes *
read_machine (const struct pl_options *options, GError **error)
{
  if (strcmp (options->machine, "-") != 0 && pl_input_is_directory (options->machine)) {
    g_autofree char *remedy
        = g_strdup_printf ("a mounted system is read with: pcilend --root %s", options->machine);
    pl_error_set (error, PL_ERROR_FAILED, options->machine, remedy, "%s: is a directory", options->machine);
    return NULL;
  }
  if (strcmp (options->machine, "-") != 0 && !pl_input_exists (options->machine)) {
    GBytes *embedded = pl_embedded_machine (options->machine);
    if (embedded != NULL)
      return embedded;
  }
  return pl_input_read (options->machine, PL_RECORDING_LIMIT_BYTES, error);
}

struct pl_root *
pl_source_open_root (const struct pl_options *options, GBytes **text, GError **error)
{
  *text = NULL;
  if (options->machine != NULL && options->root != NULL) {
    pl_error_set (error, PL_ERROR_USAGE, NULL, "give one of them", "--machine and --root name two machines");
    return NULL;
  }
  if (options->root != NULL)
    return pl_root_open_tree (options->root, error);
  if (options->machine == NULL)
    return pl_root_open_live (error);

  g_autoptr (GBytes) bytes = read_machine (options, error);
  if (bytes == NULL)
    return NULL;
  gsize size;
  const char *content = g_bytes_get_data (bytes, &size);
  if (pl_recording_is_one (content, size))
    return pl_root_open_recording (name_of (options), bytes, error);
  *text = g_steal_pointer (&bytes);
  return NULL;
}

static void
add_name (const char *key, const char *name, void *data)
{
  pl_names_add (data, key, name);
}

/* Why the functions could not be listed, and what to do. */
static void
say_unlisted (const struct pl_opened *opened, const struct pl_options *options, GError **error)
{
  const struct pl_machine *machine = opened->machine;
  const char *where = options->root != NULL ? options->root : "";
  const char *reason = "it is not in the recording",
             *remedy = "record the machine again with: pcilend record FILE";
  if (machine->devices_errno != 0) {
    reason = g_strerror (machine->devices_errno);
    remedy = options->root != NULL ? "--root takes a whole system, or a copy of one that has /sys"
             : machine->devices_state == PL_ABSENT ? "sysfs is not mounted, as in some containers, or there "
                                                     "is no PCI bus: run pcilend on the host itself"
                                                   : "run pcilend on the host itself, as root";
  }
  pl_error_set (error, PL_ERROR_UNDECIDED, "/sys/bus/pci/devices", remedy,
                "%s/sys/bus/pci/devices: the PCI functions could not be listed: %s", where, reason);
}

bool
pl_source_open_machine (struct pl_opened *opened, struct pl_root *root, const struct pl_options *options,
                        GError **error)
{
  *opened = (struct pl_opened){ .root = root };
  struct pl_names *names = pl_names_new ();
  pl_recording_names (root, add_name, names);
  opened->machine
      = pl_machine_read (root, options->machine != NULL ? name_of (options) : options->root, names);
  if (opened->machine->devices_state == PL_KNOWN)
    return true;
  say_unlisted (opened, options, error);
  return false;
}

bool
pl_source_open (struct pl_opened *opened, const struct pl_options *options, GError **error)
{
  *opened = (struct pl_opened) PL_OPENED_INIT;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) failure = NULL;
  struct pl_root *root = pl_source_open_root (options, &text, &failure);
  if (root != NULL)
    return pl_source_open_machine (opened, root, options, error);
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  gsize size;
  const char *content = g_bytes_get_data (text, &size);
  opened->machine = pl_machine_new (PL_SOURCE_TEXT, name_of (options), pl_names_new ());
  return pl_paste_read (opened->machine, name_of (options), content, size, error);
}

/* pl_judge_subjects() as what the machine's reader asks for. */
static GPtrArray *
subjects_of (const struct pl_machine *machine, const void *goal)
{
  return pl_judge_subjects (machine, goal);
}

void
pl_source_read_for (struct pl_opened *opened, const struct pl_goal *goal, struct pl_wants wants)
{
  if (opened->root == NULL)
    return;
  struct pl_wants rules = pl_judge_wants ();
  rules.machine |= wants.machine;
  rules.device |= wants.device;
  pl_machine_read_wanted (opened->machine, opened->root, rules, subjects_of, goal);
}

void
pl_source_say_privilege (const struct pl_opened *opened)
{
  const struct pl_machine *machine = opened->machine;
  if (machine->is_privileged || machine->source == PL_SOURCE_TEXT)
    return;
  guint denied = 0;
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    denied += pl_machine_state (machine, (enum pl_machine_fact) fact) == PL_DENIED;
  if (denied > 0)
    g_printerr ("pcilend: %u fact%s may only be read by root%s\n", denied, denied == 1 ? "" : "s",
                machine->source == PL_SOURCE_LIVE ? ": sudo pcilend says more" : "");
}

void
pl_source_close (struct pl_opened *opened)
{
  pl_machine_free (opened->machine);
  pl_root_close (opened->root);
  *opened = (struct pl_opened) PL_OPENED_INIT;
}
