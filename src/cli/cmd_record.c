/* cmd_record.c - `record`: this machine as one text file, to ask for help or to test with. */
#include "base/error.h"
#include "base/output.h"
#include "base/recorder.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "machine/read.h"

#include <string.h>

static gboolean keep_secrets, may_overwrite;

static const GOptionEntry entries[]
    = { { "force", 0, 0, G_OPTION_ARG_NONE, &may_overwrite, "replace FILE where it is there", NULL },
        { "private", 0, 0, G_OPTION_ARG_NONE, &keep_secrets,
          "keep names, numbers and addresses; only with - as FILE, to be piped", NULL },
        { NULL } };

/* The names of the ids that occur, so that the recording reads the same where pci.ids is another. */
static void
add_names (struct pl_recorder *recorder, const struct pl_machine *machine)
{
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    guint16 vendor, id, class, subsystem_vendor, subsystem_device;
    gsize length;
    bool is_base;
    const char *name;
    char key[32];
#define ADD(...)                                      \
  do {                                                \
    g_snprintf (key, sizeof key, __VA_ARGS__);        \
    g_autofree char *text = g_strndup (name, length); \
    pl_recorder_add_name (recorder, key, text);       \
  } while (0)
    if (pl_device_get_class (device, &class) == PL_KNOWN
        && (name = pl_names_class (machine->names, class, &length, &is_base)) != NULL)
      ADD (is_base ? "class %02x" : "class %04x", is_base ? class >> 8 : class);
    if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
      continue;
    if ((name = pl_names_vendor (machine->names, vendor, &length)) != NULL)
      ADD ("%04x", vendor);
    if ((name = pl_names_device (machine->names, vendor, id, &length)) != NULL)
      ADD ("%04x:%04x", vendor, id);
    if (pl_device_get_subsystem_vendor (device, &subsystem_vendor) != PL_KNOWN
        || pl_device_get_subsystem_device (device, &subsystem_device) != PL_KNOWN)
      continue;
    if ((name = pl_names_vendor (machine->names, subsystem_vendor, &length)) != NULL)
      ADD ("%04x", subsystem_vendor);
    if ((name = pl_names_subsystem (machine->names, vendor, id, subsystem_vendor, subsystem_device, &length))
        != NULL)
      ADD ("%04x:%04x:%04x:%04x", vendor, id, subsystem_vendor, subsystem_device);
#undef ADD
  }
}

static void
say_replaced (const struct pl_recorder *recorder, const char *name)
{
  static const char *const words[PL_N_SECRETS][2] = { { "host name", "host names" },
                                                      { "user name", "user names" },
                                                      { "UUID", "UUIDs" },
                                                      { "MAC address", "MAC addresses" },
                                                      { "serial number", "serial numbers" } };
  g_autoptr (GString) list = g_string_new (NULL);
  for (int kind = 0; kind < PL_N_SECRETS; kind++) {
    guint n = pl_recorder_n_replaced (recorder, kind);
    if (n > 0)
      g_string_append_printf (list, "%s%u %s", list->len > 0 ? ", " : "", n, words[kind][n != 1]);
  }
  g_printerr ("pcilend: replaced by stand-ins: %s\n",
              list->len > 0 ? list->str : "nothing, there was nothing to replace");
  if (name != NULL)
    g_printerr ("         read %s before you post it; try it with: pcilend --machine %s check\n", name, name);
}

static bool
check_options (const char *name, GError **error)
{
  if (!keep_secrets || strcmp (name, "-") == 0)
    return true;
  pl_error_set (error, PL_ERROR_USAGE, NULL, "pipe it: pcilend record --private - | ssh ...",
                "--private is never written to a file");
  return false;
}

/* Everything that any command may ask of this machine. */
static GString *
record (const struct pl_options *options, struct pl_recorder *recorder, GError **error)
{
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) failure = NULL;
  struct pl_root *root = pl_source_open_root (options, &text, &failure);
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return NULL;
  }
  if (root == NULL) {
    pl_error_set (error, PL_ERROR_FAILED, options->machine,
                  "record on the machine itself: pcilend record FILE",
                  "%s: a pasted text is no machine to record", options->machine);
    return NULL;
  }
  pl_root_set_recorder (root, recorder);
  struct pl_opened opened;
  bool is_read = pl_source_open_machine (&opened, root, options, error);
  GString *out = NULL;
  if (is_read) {
    pl_machine_read_everything (opened.machine, root);
    add_names (recorder, opened.machine);
    out = pl_recorder_write (recorder);
  }
  pl_source_close (&opened);
  return out;
}

static enum pl_exit
run_record (const struct pl_call *call, GError **error)
{
  const char *name = call->arguments[0];
  if (!check_options (name, error))
    return PL_EXIT_USAGE;
  struct pl_recorder *recorder = pl_recorder_new (keep_secrets);
  GString *text = record (call->options, recorder, error);
  bool done = text != NULL;
  if (done && strcmp (name, "-") == 0)
    fwrite (text->str, 1, text->len, stdout);
  else if (done)
    done = pl_output_write (name, text->str, text->len, may_overwrite, error);
  if (done && !keep_secrets)
    say_replaced (recorder, strcmp (name, "-") != 0 ? name : NULL);
  if (text != NULL)
    g_string_free (text, TRUE);
  pl_recorder_free (recorder);
  return done ? PL_EXIT_DONE : PL_EXIT_FAILED;
}

const struct pl_command pl_command_record = {
  .name = "record",
  .arguments = "FILE",
  .least_arguments = 1,
  .most_arguments = 1,
  .summary = "this machine as one text file",
  .help
  = "Writes everything that pcilend reads of this machine into FILE (- is standard output), readable only by "
    "you. Names of the host and of people, UUIDs, MAC addresses and serial numbers are replaced by "
    "stand-ins; read the file before you post it. Any look command works on it: pcilend --machine FILE check",
  .options = entries,
  .run = run_record,
};
