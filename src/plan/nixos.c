/* nixos.c - what a plan is on NixOS, where files below /etc are made from the system's configuration: the
 * text of a module. See making.h.
 *
 * Source: NixOS manual, "Changing the Configuration"; NixOS wiki "PCI passthrough"; nixpkgs,
 * nixos/modules/virtualisation/libvirtd.nix (enable, qemu.swtpm.enable; the group libvirtd; the default
 * network is copied with its link in autostart).
 */
#include "plan/making.h"

static void
append_list (GString *text, const char *option, const char *const *words)
{
  if (words == NULL || words[0] == NULL)
    return;
  g_string_append_printf (text, "  %s = [", option);
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (text, " \"%s\"", words[i]);
  g_string_append (text, " ];\n");
}

/* The lines of modprobe.d, which the image holds, too. */
static void
append_modprobe (GString *text, const struct pl_binding *binding)
{
  g_autofree char *ids = g_strjoinv (",", (char **) binding->ids->pdata);
  g_string_append_printf (text, "  boot.extraModprobeConfig = ''\n    options vfio-pci ids=%s\n", ids);
  for (guint i = 0; i + 1 < binding->modules->len; i++)
    g_string_append_printf (text, "    softdep %s pre: vfio-pci\n",
                            (const char *) g_ptr_array_index (binding->modules, i));
  g_string_append (text, "  '';\n");
}

static void
append_lending (struct pl_making *making, GString *text)
{
  static const char *const modules[] = { "vfio_pci", "vfio", "vfio_iommu_type1", NULL };
  struct pl_binding binding;
  g_autoptr (GHashTable) lent = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < making->plan->devices->len; i++)
    g_hash_table_add (lent, g_ptr_array_index (making->plan->devices, i));
  pl_binding_init (&binding, making->machine, making->plan->devices, lent);
  making->is_left_to_person = true;
  if (binding.way == PL_BIND_BY_IDS) {
    append_list (text, "boot.initrd.kernelModules", modules);
    append_modprobe (text, &binding);
  } else {
    pl_making_bind_by_address (making, &binding);
  }
  pl_binding_clear (&binding);
}

void
pl_making_nixos (struct pl_making *making, const char *const *parameters)
{
  const struct pl_plan_wishes *wishes = making->wishes;
  g_autoptr (GString) text = g_string_new ("{\n");
  append_list (text, "boot.kernelParams", parameters);
  if (!making->plan->is_first_stage && !pl_plan_is_lent (making->plan))
    append_lending (making, text);
  if (!wishes->without_packages) {
    g_string_append (text, "  virtualisation.libvirtd.enable = true;\n"
                           "  virtualisation.libvirtd.qemu.swtpm.enable = true;\n");
    g_string_append_printf (text, "  users.users.%s.extraGroups = [ \"libvirtd\" \"kvm\" ];\n",
                            wishes->person != NULL ? wishes->person->name : "NAME");
  }
  bool is_empty = text->len == 2;
  g_string_append_c (text, '}');
  if (!is_empty)
    pl_making_remark (making, PL_REMARK_BY_HAND,
                      "NixOS makes its files from its configuration, so there are no steps. Write what is "
                      "missing of this as a module, name it in the imports of configuration.nix, then: "
                      "nixos-rebuild boot, and reboot\n%s",
                      text->str);
}
