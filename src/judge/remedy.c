/* remedy.c - see remedy.h. */
#include "judge/remedy.h"

#include "judge/binding.h"
#include "judge/function.h"

#include <string.h>

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

const char *
pl_remedy_bind (const struct pl_case *judged, const GPtrArray *devices)
{
  struct pl_binding binding;
  pl_binding_init (&binding, judged->machine, devices, judged->lent);
  const char *remedy;
  if (binding.way == PL_BIND_BY_ADDRESS) {
    remedy = pl_remedy_override (judged, devices);
  } else {
    g_autofree char *ids = g_strjoinv (",", (char **) binding.ids->pdata);
    g_autoptr (GString) text = g_string_new ("write to /etc/modprobe.d/vfio.conf:\noptions vfio-pci ids=");
    g_string_append (text, ids);
    for (guint i = 0; i + 1 < binding.modules->len; i++)
      g_string_append_printf (text, "\nsoftdep %s pre: vfio-pci",
                              (const char *) g_ptr_array_index (binding.modules, i));
    g_string_append_printf (text, "\nthen rebuild the initramfs with %s and reboot",
                            pl_remedy_initramfs (judged));
    remedy = g_string_chunk_insert_const (judged->words, text->str);
  }
  pl_binding_clear (&binding);
  return remedy;
}
