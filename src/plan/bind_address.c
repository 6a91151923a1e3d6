/* bind_address.c - the part of a plan that has vfio-pci take functions by their addresses; see making.h. The
 * script is early.c.
 */
#include "judge/function.h"
#include "plan/early.h"
#include "plan/making.h"

#include <string.h>

static const struct pl_generator *
find_generator (const struct pl_making *making)
{
  const char *name;
  return pl_machine_get_initramfs (making->machine, &name) == PL_KNOWN ? pl_generator_find (name) : NULL;
}

static char *
join_devices (const struct pl_making *making)
{
  return pl_machine_join_addresses (making->machine, making->plan->devices, ", ", " and ");
}

static const char *
say_reason (const struct pl_binding *binding)
{
  return binding->way == PL_BIND_BY_IDS ? "as it is done already"
         : binding->is_reason_built_in  ? "a driver that is part of the kernel would take it"
                                        : "its ids do not tell it from a device that stays with the host";
}

static bool
leave_to_person (struct pl_making *making, const struct pl_binding *binding, const char *why)
{
  g_autofree char *names = join_devices (making);
  g_autofree char *words = pl_machine_join_addresses (making->machine, making->plan->devices, " ", " ");
  g_autofree char *command = pl_judge_command (making->machine);
  pl_making_remark (making, PL_REMARK_BY_HAND,
                    "%s must be bound by address (%s), and no step does it: %s. What to type: %s check %s",
                    names, say_reason (binding), why, command, words);
  return false;
}

/* Sound, USB and what else hangs on a serial bus are used by nobody when the image starts, so a built-in
 * driver can be taken off there. A display driver may have the console on it, and may not survive that; a
 * network driver may have the root file system behind it already (ip= on the kernel command line).
 * Source: drivers/gpu/drm/drm_fb_helper.c; Documentation/admin-guide/nfs/nfsroot.rst. */
static bool
may_be_unbound (const struct pl_device *device)
{
  return pl_is_class (device, PL_CLASS_HD_AUDIO) || pl_is_class (device, PL_CLASS_USB)
         || pl_is_class (device, PL_CLASS_SERIAL_OTHER);
}

/* Why no script may take this function; NULL: one may. Free with g_free(). */
static char *
why_not (const struct pl_making *making, const struct pl_device *device)
{
  char address[PL_ADDRESS_SIZE];
  const char *driver = "";
  pl_address_format (device->address, address);
  if (pl_may_be_base (device, PL_BASE_STORAGE))
    return g_strdup_printf ("%s is a controller of disks, and when addresses move the disk with the system "
                            "could have this one",
                            address);
  if (!pl_is_built_in (making->machine, device) || may_be_unbound (device))
    return NULL;
  pl_device_get_driver (device, &driver);
  return g_strdup_printf (
      "%s is part of the kernel and has %s before anything else can, and a driver of this "
      "kind is not taken off safely: it takes a kernel that has it as a module",
      driver, address);
}

static const char *
find_line (const GPtrArray *lines, const char *wanted)
{
  for (guint i = 0; i < lines->len; i++)
    if (pl_early_line_is_about (g_ptr_array_index (lines, i), wanted))
      return g_ptr_array_index (lines, i);
  return NULL;
}

/* What is like the function to the last id, and stays with the host: where one of them is not where it was,
 * addresses have moved, and the host's may have this one. */
static void
add_twins (const struct pl_making *making, const struct pl_device *device, GPtrArray *lines)
{
  g_autoptr (GHashTable) lent = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < making->plan->devices->len; i++)
    g_hash_table_add (lent, g_ptr_array_index (making->plan->devices, i));
  g_autoptr (GPtrArray) twins = pl_twins_of (making->machine, lent, device);
  for (guint i = 0; i < twins->len; i++) {
    g_autofree char *line = pl_early_line (g_ptr_array_index (twins, i), PL_EARLY_STAY);
    if (line != NULL && find_line (lines, line) == NULL)
      g_ptr_array_add (lines, g_steal_pointer (&line));
  }
}

/* The lines of this plan; NULL with @why. */
static GPtrArray *
make_lines (const struct pl_making *making, char **why)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < making->plan->devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (making->plan->devices, i);
    *why = why_not (making, device);
    if (*why != NULL)
      return NULL;
    bool is_unbound = pl_is_built_in (making->machine, device);
    char *line = pl_early_line (device, is_unbound ? PL_EARLY_UNBIND : PL_EARLY_LEAVE);
    if (line == NULL) {
      char address[PL_ADDRESS_SIZE];
      *why = g_strdup_printf ("which device %s is could not be read whole",
                              pl_address_format (device->address, address));
      return NULL;
    }
    g_ptr_array_add (lines, line);
  }
  for (guint i = 0; i < making->plan->devices->len; i++)
    add_twins (making, g_ptr_array_index (making->plan->devices, i), lines);
  return g_steal_pointer (&lines);
}

/* Whether the function that an old line is about is still the one at its address. A line that is about
 * another would keep the script from doing anything. */
static bool
still_holds (const struct pl_making *making, const char *line)
{
  struct pl_address address;
  const struct pl_device *device
      = pl_early_line_address (line, &address) ? pl_machine_find (making->machine, address) : NULL;
  g_autofree char *now = device != NULL ? pl_early_line (device, PL_EARLY_LEAVE) : NULL;
  return now != NULL && pl_early_line_is_about (now, line);
}

/* Whether the old line has to go for one of the new ones: the function stayed, and is lent now. */
static bool
is_outdated (const char *line, const GPtrArray *lines)
{
  const char *wanted = find_line (lines, line);
  return pl_early_line_stays (line) && wanted != NULL && !pl_early_line_stays (wanted);
}

/* The old list with those of @lines that it lacks. What an old line says of unbinding stays: once lent,
 * nobody sees what had the function before. */
static GPtrArray *
merge (struct pl_making *making, const GPtrArray *old, const GPtrArray *lines)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < old->len; i++) {
    const char *line = g_ptr_array_index (old, i);
    if (still_holds (making, line) && !is_outdated (line, lines))
      g_ptr_array_add (all, g_strdup (line));
    else if (!still_holds (making, line))
      pl_making_remark (
          making, PL_REMARK_NOTE,
          "the list of what is bound by address loses this line, for no such device is there any "
          "more: %s",
          line);
  }
  for (guint i = 0; i < lines->len; i++)
    if (find_line (all, g_ptr_array_index (lines, i)) == NULL)
      g_ptr_array_add (all, g_strdup (g_ptr_array_index (lines, i)));
  return all;
}

/* The list of ids that a line of modprobe.d, or the kernel command line, gives vfio-pci; NULL: none. */
static const char *
find_ids (const struct pl_making *making)
{
  static const char *const names[] = { "vfio-pci.ids", "vfio_pci.ids" };
  const struct pl_command_line *line;
  const GPtrArray *options;
  const char *value = NULL;
  if (pl_machine_get_command_line (making->machine, &line) == PL_KNOWN)
    for (guint i = 0; value == NULL && i < G_N_ELEMENTS (names); i++)
      value = pl_command_line_value (line, names[i]);
  if (value == NULL && pl_machine_get_vfio_options (making->machine, &options) == PL_KNOWN)
    for (guint i = 0; i < options->len; i++)
      if (g_str_has_prefix (g_ptr_array_index (options, i), "vfio_pci ids="))
        value = (const char *) g_ptr_array_index (options, i) + strlen ("vfio_pci ids=");
  return value;
}

/* Loaded for the one, vfio-pci takes whatever else its list of ids names. */
static void
say_ids (struct pl_making *making)
{
  const char *ids = find_ids (making);
  g_autoptr (GHashTable) lent = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < making->plan->devices->len; i++)
    g_hash_table_add (lent, g_ptr_array_index (making->plan->devices, i));
  for (guint i = 0; ids != NULL && i < making->plan->devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (making->plan->devices, i);
    g_autoptr (GPtrArray) twins = pl_twins_of (making->machine, lent, device);
    g_autofree char *id = pl_binding_id (device, false);
    if (id == NULL || twins->len == 0 || strstr (ids, id) == NULL)
      continue;
    g_autofree char *names = pl_machine_join_addresses (making->machine, twins, ", ", " and ");
    pl_making_remark (
        making, PL_REMARK_BY_HAND,
        "vfio-pci is told to take all of ids=%s, and so takes %s as well: remove %s from that list, "
        "in /etc/modprobe.d or on the kernel command line",
        ids, names, id);
  }
}

/* The list as it stands in the file; empty where there is no file. NULL where it is not known, or not ours.
 */
static GPtrArray *
read_old (const struct pl_making *making, const struct pl_generator *generator, enum pl_state *state)
{
  GBytes *text;
  *state = pl_texts_get (making->texts, generator->early->path, &text);
  if (*state == PL_ABSENT)
    return g_ptr_array_new_with_free_func (g_free);
  return *state == PL_KNOWN ? pl_early_read (generator, text) : NULL;
}

bool
pl_making_is_bound_by_address (const struct pl_making *making)
{
  enum pl_state state;
  g_autofree char *why = NULL;
  const struct pl_generator *generator = find_generator (making);
  if (generator == NULL || generator->early == NULL || making->texts == NULL)
    return false;
  g_autoptr (GPtrArray) old = read_old (making, generator, &state);
  g_autoptr (GPtrArray) lines = old != NULL ? make_lines (making, &why) : NULL;
  for (guint i = 0; lines != NULL && i < lines->len; i++) {
    const char *wanted = g_ptr_array_index (lines, i), *found = find_line (old, wanted);
    if (!pl_early_line_stays (wanted) && (found == NULL || pl_early_line_stays (found)))
      return false;
  }
  return lines != NULL;
}

bool
pl_making_bind_by_address (struct pl_making *making, const struct pl_binding *binding)
{
  enum pl_state state;
  g_autofree char *why = NULL;
  const struct pl_generator *generator = find_generator (making);
  if (generator == NULL || making->texts == NULL)
    return leave_to_person (making, binding, "which initramfs generator made the images is not known");
  if (generator->early == NULL) {
    why = g_strdup_printf ("%s runs nothing of pcilend's in an image before the drivers load",
                           generator->name);
    return leave_to_person (making, binding, why);
  }
  g_autoptr (GPtrArray) lines = make_lines (making, &why);
  if (lines == NULL)
    return leave_to_person (making, binding, why);
  g_autoptr (GPtrArray) old = read_old (making, generator, &state);
  if (old == NULL) {
    why = state == PL_KNOWN
              ? g_strdup_printf ("/%s is not as pcilend wrote it; move it away and plan again",
                                 generator->early->path)
              : g_strdup_printf ("/%s could not be read (%s)", generator->early->path, pl_state_name (state));
    return leave_to_person (making, binding, why);
  }
  g_autoptr (GPtrArray) all = merge (making, old, lines);
  making->early = pl_early_make (generator, all);
  say_ids (making);
  return true;
}
