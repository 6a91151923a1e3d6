/* remedy.c - see remedy.h. */
#include "judge/remedy.h"

#include "judge/function.h"

#include <string.h>

GPtrArray *
pl_twins_of (const struct pl_case *judged, const struct pl_device *device)
{
  GPtrArray *twins = g_ptr_array_new ();
  guint16 vendor, id, other;
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
    return twins;
  for (guint i = 0; i < pl_machine_n_devices (judged->machine); i++) {
    struct pl_device *twin = pl_machine_device (judged->machine, i);
    if (twin != device && pl_has_vendor (twin, vendor) && pl_device_get_device (twin, &other) == PL_KNOWN
        && other == id && !g_hash_table_contains (judged->lent, twin))
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

const char *
pl_remedy_ids (const struct pl_case *judged, const struct pl_device *device, bool with_subsystem)
{
  guint16 vendor, id;
  guint32 subsystem;
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
    return NULL;
  if (with_subsystem && get_subsystem (device, &subsystem))
    return pl_case_format (judged, "%04x:%04x:%04x:%04x", vendor, id, subsystem >> 16, subsystem & 0xffff);
  return pl_case_format (judged, "%04x:%04x", vendor, id);
}

/* Debian and its kin install dracut in the place of initramfs-tools where it is asked for, and
 * update-initramfs is not there then (seen in the lab, kind systemd-boot): which one it is is no fact yet, so
 * both are said. */
#define UPDATE_INITRAMFS "update-initramfs -u -k all (with dracut in its place: sudo dracut --force)"

/* Source: the generators' own manuals: mkinitcpio(8), update-initramfs(8), dracut(8). The names are those of
 * os-release's ID. */
static const struct {
  const char *distribution;
  const char *command;
} initramfs_commands[] = {
  { "arch", "mkinitcpio -P" },
  { "manjaro", "mkinitcpio -P" },
  { "artix", "mkinitcpio -P" },
  { "cachyos", "mkinitcpio -P" },
  { "garuda", "mkinitcpio -P" },
  { "debian", UPDATE_INITRAMFS },
  { "ubuntu", UPDATE_INITRAMFS },
  { "linuxmint", UPDATE_INITRAMFS },
  { "pop", UPDATE_INITRAMFS },
  { "zorin", UPDATE_INITRAMFS },
  { "elementary", UPDATE_INITRAMFS },
  { "kali", UPDATE_INITRAMFS },
  { "fedora", "dracut --force --regenerate-all" },
  { "nobara", "dracut --force --regenerate-all" },
  { "rhel", "dracut --force --regenerate-all" },
  { "centos", "dracut --force --regenerate-all" },
  { "almalinux", "dracut --force --regenerate-all" },
  { "rocky", "dracut --force --regenerate-all" },
  { "opensuse-tumbleweed", "dracut --force --regenerate-all" },
  { "opensuse-leap", "dracut --force --regenerate-all" },
  { "endeavouros", "dracut --force --regenerate-all" },
  { "void", "dracut --force --regenerate-all" },
};

const char *
pl_remedy_initramfs (const struct pl_case *judged)
{
  const char *id;
  if (pl_machine_get_distribution_id (judged->machine, &id) == PL_KNOWN)
    for (guint i = 0; i < G_N_ELEMENTS (initramfs_commands); i++)
      if (strcmp (initramfs_commands[i].distribution, id) == 0)
        return pl_case_format (judged, "sudo %s", initramfs_commands[i].command);
  return "your distribution's command (mkinitcpio -P, update-initramfs -u -k all, or dracut --force "
         "--regenerate-all)";
}

/* Without --noprobe it would unbind the device now, whoever uses it. Source: man 8 driverctl. */
const char *
pl_remedy_override (const struct pl_case *judged, const GPtrArray *devices)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (devices, i);
    char address[PL_ADDRESS_SIZE];
    g_string_append_printf (text, "%ssudo driverctl --noprobe set-override %s vfio-pci", i > 0 ? "; " : "",
                            pl_address_format (device->address, address));
  }
  g_string_append (text, " (package driverctl, which keeps it over reboots), and reboot");
  return g_string_chunk_insert_const (judged->words, text->str);
}

const char *
pl_remedy_as_root (const struct pl_case *judged, const struct pl_device *device)
{
  if (judged->machine->source == PL_SOURCE_RECORDING)
    return "record that machine again as root: sudo pcilend record FILE";
  return pl_case_format (judged, "run it again as root: sudo %s check%s%s", pl_case_command (judged),
                         device != NULL ? " " : "", device != NULL ? pl_case_address (judged, device) : "");
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
pl_is_built_in (const struct pl_case *judged, const struct pl_device *device)
{
  const char *driver;
  const GPtrArray *loaded;
  if (pl_hold_of (device) != PL_HOLD_HOST || pl_device_get_driver (device, &driver) != PL_KNOWN
      || pl_device_state (device, PL_DEVICE_driver_module) != PL_ABSENT)
    return false;
  /* In a container the driver's directory may be hidden: what was loaded is no part of the kernel. */
  g_autofree char *module = g_strdelimit (g_strdup (driver), "-", '_');
  return pl_machine_get_loaded_modules (judged->machine, &loaded) != PL_KNOWN
         || !pl_names_have (loaded, module);
}

const char *
pl_remedy_bind (const struct pl_case *judged, const GPtrArray *devices)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new (), modules = g_ptr_array_new ();
  for (guint i = 0; i < devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (devices, i);
    g_autoptr (GPtrArray) twins = pl_twins_of (judged, device);
    bool is_known;
    bool differs = twins->len > 0 && pl_differs_by_subsystem (device, twins, &is_known);
    const char *id = pl_remedy_ids (judged, device, differs);
    if (id == NULL || (twins->len > 0 && !differs) || pl_is_built_in (judged, device))
      return pl_remedy_override (judged, devices);
    add_word (ids, id);
    add_modules (device, modules);
  }
  g_autoptr (GString) text = g_string_new ("write to /etc/modprobe.d/vfio.conf:\noptions vfio-pci ids=");
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", (const char *) g_ptr_array_index (ids, i));
  for (guint i = 0; i < modules->len; i++)
    g_string_append_printf (text, "\nsoftdep %s pre: vfio-pci",
                            (const char *) g_ptr_array_index (modules, i));
  g_string_append_printf (text, "\nthen rebuild the initramfs with %s and reboot",
                          pl_remedy_initramfs (judged));
  return g_string_chunk_insert_const (judged->words, text->str);
}
