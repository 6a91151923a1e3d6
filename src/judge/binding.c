/* binding.c - see binding.h. */
#include "judge/binding.h"

#include "judge/function.h"
#include "judge/rule.h"

#include <string.h>

GPtrArray *
pl_twins_of (const struct pl_machine *machine, GHashTable *lent, const struct pl_device *device)
{
  GPtrArray *twins = g_ptr_array_new ();
  guint16 vendor, id, other;
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
    return twins;
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    struct pl_device *twin = pl_machine_device (machine, i);
    if (twin != device && pl_has_vendor (twin, vendor) && pl_device_get_device (twin, &other) == PL_KNOWN
        && other == id && !g_hash_table_contains (lent, twin))
      g_ptr_array_add (twins, twin);
  }
  return twins;
}

static bool
get_subsystem (const struct pl_device *device, guint32 *subsystem)
{
  guint16 vendor, id;
  if (pl_device_get_subsystem_vendor (device, &vendor) != PL_KNOWN
      || pl_device_get_subsystem_device (device, &id) != PL_KNOWN)
    return false;
  *subsystem = (guint32) vendor << 16 | id;
  return true;
}

bool
pl_differs_by_subsystem (const struct pl_device *device, const GPtrArray *twins, bool *is_known)
{
  guint32 own, other;
  bool differs = true;
  *is_known = get_subsystem (device, &own);
  for (guint i = 0; *is_known && i < twins->len; i++) {
    *is_known = get_subsystem (g_ptr_array_index (twins, i), &other);
    differs = differs && *is_known && other != own;
  }
  return *is_known && differs;
}

char *
pl_binding_id (const struct pl_device *device, bool with_subsystem)
{
  guint16 vendor, id;
  guint32 subsystem;
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
    return NULL;
  if (with_subsystem && get_subsystem (device, &subsystem))
    return g_strdup_printf ("%04x:%04x:%04x:%04x", vendor, id, subsystem >> 16, subsystem & 0xffff);
  return g_strdup_printf ("%04x:%04x", vendor, id);
}

static void
add_word (GPtrArray *words, const char *word)
{
  if (!pl_names_have (words, word))
    g_ptr_array_add (words, (char *) word);
}

/* Drivers whose module has their own name. A softdep of a name that is no module's does nothing. */
static bool
is_module_too (const char *driver)
{
  static const char *const names[]
      = { "amdgpu", "radeon", "i915", "xe", "nouveau", "nvidia", "snd_hda_intel" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], driver) == 0)
      return true;
  return false;
}

/* The modules that would take the functions: that of the driver that holds them now, and what the modules'
 * own list says. */
static void
add_modules (const struct pl_device *device, GPtrArray *names)
{
  const char *module, *driver;
  const GPtrArray *modules;
  if (pl_hold_of (device) == PL_HOLD_HOST && pl_device_get_driver (device, &driver) == PL_KNOWN) {
    enum pl_state state = pl_device_get_driver_module (device, &module);
    if (state == PL_KNOWN)
      add_word (names, module);
    else if (pl_is_missing (state) && is_module_too (driver))
      add_word (names, driver);
  }
  if (pl_device_get_modules (device, &modules) == PL_KNOWN)
    for (guint i = 0; i < modules->len; i++)
      if (strstr (g_ptr_array_index (modules, i), "vfio") == NULL)
        add_word (names, g_ptr_array_index (modules, i));
}

bool
pl_is_built_in (const struct pl_machine *machine, const struct pl_device *device)
{
  const char *driver;
  const GPtrArray *loaded;
  if (pl_hold_of (device) != PL_HOLD_HOST || pl_device_get_driver (device, &driver) != PL_KNOWN
      || pl_device_state (device, PL_DEVICE_driver_module) != PL_ABSENT)
    return false;
  /* In a container the driver's directory may be hidden: what was loaded is no part of the kernel. */
  g_autofree char *module = g_strdelimit (g_strdup (driver), "-", '_');
  return pl_machine_get_loaded_modules (machine, &loaded) != PL_KNOWN || !pl_names_have (loaded, module);
}

static void
add_id (GPtrArray *ids, char *id)
{
  if (pl_names_have (ids, id))
    g_free (id);
  else
    g_ptr_array_add (ids, id);
}

void
pl_binding_init (struct pl_binding *binding, const struct pl_machine *machine, const GPtrArray *devices,
                 GHashTable *lent)
{
  *binding
      = (struct pl_binding){ .ids = g_ptr_array_new_with_free_func (g_free), .modules = g_ptr_array_new () };
  for (guint i = 0; i < devices->len && binding->way == PL_BIND_BY_IDS; i++) {
    const struct pl_device *device = g_ptr_array_index (devices, i);
    g_autoptr (GPtrArray) twins = pl_twins_of (machine, lent, device);
    bool is_known;
    bool differs = twins->len > 0 && pl_differs_by_subsystem (device, twins, &is_known);
    g_autofree char *id = pl_binding_id (device, differs);
    binding->is_reason_built_in = pl_is_built_in (machine, device);
    if (id == NULL || (twins->len > 0 && !differs) || binding->is_reason_built_in) {
      binding->way = PL_BIND_BY_ADDRESS;
      binding->reason = device;
      break;
    }
    add_id (binding->ids, g_steal_pointer (&id));
    add_modules (device, binding->modules);
  }
  g_ptr_array_add (binding->ids, NULL);
  g_ptr_array_add (binding->modules, NULL);
}

void
pl_binding_clear (struct pl_binding *binding)
{
  g_clear_pointer (&binding->ids, g_ptr_array_unref);
  g_clear_pointer (&binding->modules, g_ptr_array_unref);
}
