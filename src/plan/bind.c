/* bind.c - the part of a plan that has vfio-pci take the functions: /etc/modprobe.d, as in the guide. See
 * making.h. */
#include "base/error.h"
#include "judge/function.h"
#include "plan/making.h"
#include "plan/modprobe_text.h"

#include <string.h>

#define FOLDER "etc/modprobe.d"
#define OWN FOLDER "/vfio.conf"

/* The kernel command line's own list, which comes behind that of modprobe.d and so is the one that counts;
 * the name as it is written there. Source: kmod, libkmod-config.c, kmod_config_parse_kcmdline(). */
static const char *
find_on_command_line (const struct pl_machine *machine, const char **value)
{
  static const char *const names[] = { "vfio-pci.ids", "vfio_pci.ids" };
  const struct pl_command_line *line;
  if (pl_machine_get_command_line (machine, &line) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((*value = pl_command_line_value (line, names[i])) != NULL)
      return names[i];
  return NULL;
}

/* Whether a kernel that can boot has vfio-pci built in: modprobe.d says nothing to it. */
static bool
is_vfio_built_in (const struct pl_machine *machine)
{
  const GPtrArray *kernels;
  if (pl_machine_get_kernels (machine, &kernels) != PL_KNOWN)
    return false;
  for (guint i = 0; i < kernels->len; i++) {
    const struct pl_kernel *kernel = g_ptr_array_index (kernels, i);
    if (pl_names_have (kernel->built_in, "vfio_pci"))
      return true;
  }
  return false;
}

static void
add_parameter (GPtrArray *parameters, const char *name, const char *value, const struct pl_binding *binding)
{
  g_autoptr (GString) ids = g_string_new (value != NULL ? value : "");
  bool is_new = false;
  g_auto (GStrv) has = g_strsplit (ids->str, ",", -1);
  for (guint i = 0; i + 1 < binding->ids->len; i++) {
    const char *id = g_ptr_array_index (binding->ids, i);
    if (g_strv_contains ((const char *const *) has, id))
      continue;
    g_string_append_printf (ids, "%s%s", ids->len > 0 ? "," : "", id);
    is_new = true;
  }
  if (is_new)
    g_ptr_array_add (parameters, g_strdup_printf ("%s=%s", name, ids->str));
}

/* The texts of all files of the folder but @path. Free with g_ptr_array_unref(). */
static GPtrArray *
list_others (const struct pl_texts *texts, const char *path)
{
  GPtrArray *others = g_ptr_array_new ();
  const GPtrArray *names;
  pl_texts_names (texts, FOLDER, &names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *other = g_strdup_printf (FOLDER "/%s", (const char *) g_ptr_array_index (names, i));
    GBytes *bytes;
    if (strcmp (other, path) != 0 && pl_texts_get (texts, other, &bytes) == PL_KNOWN)
      g_ptr_array_add (others, bytes);
  }
  return others;
}

/* The first file of the folder that cannot be read, with *state; NULL: all can. */
static char *
find_unread (const struct pl_texts *texts, enum pl_state *state)
{
  const GPtrArray *names;
  *state = pl_texts_names (texts, FOLDER, &names);
  if (*state != PL_KNOWN && *state != PL_ABSENT)
    return g_strdup (FOLDER);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strdup_printf (FOLDER "/%s", (const char *) g_ptr_array_index (names, i));
    GBytes *bytes;
    *state = pl_texts_get (texts, path, &bytes);
    if (*state != PL_KNOWN)
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* Tries the file; false where its text, or that of another, stands against it. */
static bool
try_file (struct pl_making *making, const char *path, const struct pl_modprobe_wishes *wishes,
          const char *why, GError **error)
{
  GBytes *old;
  g_autoptr (GPtrArray) others = list_others (making->texts, path);
  pl_texts_get (making->texts, path, &old);
  g_autoptr (GBytes) new = pl_modprobe_text_add (old, wishes, others, error);
  if (new == NULL)
    return false;
  bool is_same = old != NULL ? g_bytes_equal (old, new) : g_bytes_get_size (new) == 0;
  if (!is_same)
    pl_making_add_file (making, path, old, new, why);
  return true;
}

static void
leave_to_person (struct pl_making *making, const struct pl_modprobe_wishes *wishes, const char *reason)
{
  g_autoptr (GBytes) lines = pl_modprobe_text_add (NULL, wishes, NULL, NULL);
  gsize size = 0;
  const char *text = lines != NULL ? g_bytes_get_data (lines, &size) : "";
  g_autofree char *copy = g_strndup (text, size);
  pl_making_remark (making, PL_REMARK_BY_HAND, "%s. Write to /" OWN ":\n%s", reason, g_strchomp (copy));
}

/* The guide's file first; where another file has the ids already, that one. */
static bool
try_files (struct pl_making *making, const struct pl_modprobe_wishes *wishes, const char *why, GError **error)
{
  const GPtrArray *names;
  if (try_file (making, OWN, wishes, why, error))
    return true;
  pl_texts_names (making->texts, FOLDER, &names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strdup_printf (FOLDER "/%s", (const char *) g_ptr_array_index (names, i));
    if (strcmp (path, OWN) == 0 || !try_file (making, path, wishes, why, NULL))
      continue;
    g_clear_error (error);
    return true;
  }
  return false;
}

/* The file that stands against it, where one alone does: "/etc/modprobe.d/a.conf: "; else "". Free with
 * g_free(). */
static char *
name_opponent (const struct pl_making *making, const struct pl_modprobe_wishes *wishes)
{
  const GPtrArray *names;
  pl_texts_names (making->texts, FOLDER, &names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strdup_printf (FOLDER "/%s", (const char *) g_ptr_array_index (names, i));
    g_autoptr (GPtrArray) one = g_ptr_array_new ();
    GBytes *text;
    if (pl_texts_get (making->texts, path, &text) != PL_KNOWN)
      continue;
    g_ptr_array_add (one, text);
    g_autoptr (GBytes) new = pl_modprobe_text_add (NULL, wishes, one, NULL);
    if (new == NULL)
      return g_strdup_printf ("/%s: ", path);
  }
  return g_strdup ("");
}

/* What is not written, and why not. */
static void
say_opposed (struct pl_making *making, const struct pl_modprobe_wishes *wishes, const GError *failure)
{
  g_autoptr (GBytes) lines = pl_modprobe_text_add (NULL, wishes, NULL, NULL);
  g_autofree char *opponent = name_opponent (making, wishes);
  const char *remedy = pl_error_remedy (failure);
  gsize size = 0;
  const char *text = lines != NULL ? g_bytes_get_data (lines, &size) : "";
  g_autofree char *wanted = g_strndup (text, size);
  g_autoptr (GString) what = g_string_new (remedy != NULL ? remedy : "mend that");
  if (what->str[what->len - 1] == '.')
    g_string_truncate (what, what->len - 1);
  pl_making_remark (making, PL_REMARK_BY_HAND,
                    "these lines are not written:\n%s\nfor something in /" FOLDER
                    " stands against them (%s%s): %s; then plan again",
                    g_strchomp (wanted), opponent, failure->message, what->str);
}

/* Both in one file, else each where it fits. */
static void
change_files (struct pl_making *making, const struct pl_modprobe_wishes *wishes, const char *why)
{
  g_autoptr (GError) failure = NULL;
  const struct pl_modprobe_wishes parts[]
      = { { .vfio_ids = wishes->vfio_ids }, { .softdeps = wishes->softdeps } };
  if (try_files (making, wishes, why, &failure))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_clear_error (&failure);
    if (try_files (making, &parts[i], why, &failure))
      continue;
    say_opposed (making, &parts[i], failure);
  }
}

static void
change_folder (struct pl_making *making, const struct pl_modprobe_wishes *wishes, const char *why)
{
  enum pl_state state;
  g_autofree char *unread = making->texts != NULL ? find_unread (making->texts, &state) : NULL;
  if (making->texts == NULL)
    leave_to_person (making, wishes, "what stands in /" FOLDER " is not known");
  else if (unread != NULL)
    pl_making_remark (making, PL_REMARK_UNKNOWN,
                      "/%s could not be read (%s), and what it says may stand against the plan", unread,
                      pl_state_name (state));
  else
    change_files (making, wishes, why);
}

void
pl_making_bind_by_address (struct pl_making *making, const struct pl_binding *binding)
{
  g_autofree char *names = pl_machine_join_addresses (making->machine, making->plan->devices, ", ", " and ");
  g_autofree char *words = pl_machine_join_addresses (making->machine, making->plan->devices, " ", " ");
  g_autofree char *command = pl_judge_command (making->machine);
  pl_making_remark (
      making, PL_REMARK_BY_HAND,
      "%s must be bound by address (%s), for which pcilend makes no step yet. What to type: %s check %s",
      names,
      binding->is_reason_built_in ? "a driver that is part of the kernel would take it"
                                  : "its ids do not tell it from a device that stays with the host",
      command, words);
}

/* What a recording of an earlier version, or a text, does not tell. */
static void
say_may_be_built_in (struct pl_making *making, const struct pl_binding *binding)
{
  g_autofree char *ids = g_strjoinv (",", (char **) binding->ids->pdata);
  pl_making_remark (making, PL_REMARK_NOTE,
                    "whether a kernel has vfio-pci built in is not known; where one has, /etc/modprobe.d "
                    "says nothing to it, and the "
                    "kernel command line must have vfio-pci.ids=%s",
                    ids);
}

static char *
describe (const struct pl_making *making, const struct pl_binding *binding)
{
  g_autofree char *names = pl_machine_join_addresses (making->machine, making->plan->devices, ", ", " and ");
  g_autofree char *modules = g_strjoinv (", ", (char **) binding->modules->pdata);
  return g_strdup_printf ("vfio-pci takes %s by %s ids%s%s%s", names,
                          making->plan->devices->len == 1 ? "its" : "their",
                          binding->modules->len > 1 ? ", and is loaded before " : "", modules,
                          binding->modules->len > 1 ? " can" : "");
}

bool
pl_making_bind (struct pl_making *making, GPtrArray *parameters)
{
  struct pl_binding binding;
  g_autoptr (GHashTable) lent = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < making->plan->devices->len; i++)
    g_hash_table_add (lent, g_ptr_array_index (making->plan->devices, i));
  pl_binding_init (&binding, making->machine, making->plan->devices, lent);
  if (binding.way == PL_BIND_BY_ADDRESS) {
    pl_making_bind_by_address (making, &binding);
  } else {
    const char *value = NULL, *name = find_on_command_line (making->machine, &value);
    bool by_parameter = name != NULL || is_vfio_built_in (making->machine);
    if (by_parameter)
      add_parameter (parameters, name != NULL ? name : "vfio-pci.ids", value, &binding);
    const struct pl_modprobe_wishes wishes
        = { .vfio_ids = by_parameter ? NULL : (const char *const *) binding.ids->pdata,
            .softdeps = (const char *const *) binding.modules->pdata };
    if (!by_parameter && pl_machine_state (making->machine, PL_MACHINE_kernels) != PL_KNOWN)
      say_may_be_built_in (making, &binding);
    g_autofree char *why = describe (making, &binding);
    if (!by_parameter || binding.modules->len > 1)
      change_folder (making, &wishes, why);
  }
  bool is_planned = binding.way == PL_BIND_BY_IDS;
  pl_binding_clear (&binding);
  return is_planned;
}
