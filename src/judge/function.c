/* function.c - see function.h. */
#include "judge/function.h"

#include <string.h>

bool
pl_is_base (const struct pl_device *device, guint base)
{
  guint16 class;
  return pl_device_get_class (device, &class) == PL_KNOWN && (guint) (class >> 8) == base;
}

bool
pl_may_be_base (const struct pl_device *device, guint base)
{
  guint16 class;
  return pl_device_get_class (device, &class) != PL_KNOWN || (guint) (class >> 8) == base;
}

bool
pl_is_class (const struct pl_device *device, guint16 class)
{
  guint16 own;
  return pl_device_get_class (device, &own) == PL_KNOWN && own == class;
}

bool
pl_may_be_class (const struct pl_device *device, guint16 class)
{
  guint16 own;
  return pl_device_get_class (device, &own) != PL_KNOWN || own == class;
}

bool
pl_has_vendor (const struct pl_device *device, guint16 vendor)
{
  guint16 own;
  return pl_device_get_vendor (device, &own) == PL_KNOWN && own == vendor;
}

bool
pl_is_virtual_function (const struct pl_device *device)
{
  struct pl_address parent;
  return pl_device_get_physfn (device, &parent) == PL_KNOWN;
}

bool
pl_names_have (const GPtrArray *names, const char *name)
{
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (strcmp (g_ptr_array_index (names, i), name) == 0)
      return true;
  return false;
}

bool
pl_has_entry (const struct pl_device *device, const char *name)
{
  const GPtrArray *entries;
  return pl_device_get_entries (device, &entries) == PL_KNOWN && pl_names_have (entries, name);
}

/* Variant drivers are not called vfio-*: "mlx5_vfio_pci", "nvgrace_gpu_vfio_pci". Each makes a vfio-dev
 * directory. Source: Documentation/ABI/testing/sysfs-devices-vfio-dev (Linux 6.1). */
enum pl_hold
pl_hold_of (const struct pl_device *device)
{
  const char *driver;
  enum pl_state state = pl_device_get_driver (device, &driver);
  if (state == PL_ABSENT)
    return PL_HOLD_NONE;
  if (pl_has_entry (device, "vfio-dev"))
    return PL_HOLD_VFIO;
  if (state != PL_KNOWN)
    return PL_HOLD_UNKNOWN;
  if (strstr (driver, "vfio") != NULL)
    return PL_HOLD_VFIO;
  return strcmp (driver, "pci-stub") == 0 ? PL_HOLD_STUB : PL_HOLD_HOST;
}

bool
pl_may_be_on_host (const struct pl_device *device)
{
  enum pl_hold hold = pl_hold_of (device);
  return hold == PL_HOLD_HOST || hold == PL_HOLD_UNKNOWN;
}

bool
pl_has_bridge_header (const struct pl_device *device)
{
  return pl_is_class (device, 0x0604) || pl_is_class (device, 0x0607) || pl_is_class (device, 0x0609);
}

/* The functions stand in the order of their addresses, so those of one bus stand side by side. */
static guint
find_neighbours (const struct pl_machine *machine, const struct pl_device *device,
                 bool (*is_one) (struct pl_address, struct pl_address), struct pl_device **first)
{
  guint n = pl_machine_n_devices (machine);
  struct pl_device *all = pl_machine_device (machine, 0);
  guint begin = (guint) (device - all), end = begin;
  while (begin > 0 && is_one (all[begin - 1].address, device->address))
    begin--;
  while (end < n && is_one (all[end].address, device->address))
    end++;
  *first = &all[begin];
  return end - begin;
}

static bool
is_same_bus (struct pl_address left, struct pl_address right)
{
  return left.domain == right.domain && left.bus == right.bus;
}

guint
pl_slot_of (const struct pl_machine *machine, const struct pl_device *device, struct pl_device **first)
{
  return find_neighbours (machine, device, pl_address_same_slot, first);
}

guint
pl_bus_of (const struct pl_machine *machine, const struct pl_device *device, struct pl_device **first)
{
  return find_neighbours (machine, device, is_same_bus, first);
}

/* ASPEED makes nothing else; of Matrox's G200 the server chips have ids 05xx.
 * Source: drivers/gpu/drm/mgag200/mgag200_drv.c, mgag200_pciidlist; drivers/gpu/drm/ast/ast_drv.c. */
bool
pl_is_management_screen (const struct pl_device *device)
{
  guint16 id;
  if (!pl_is_base (device, PL_BASE_DISPLAY))
    return false;
  return pl_has_vendor (device, 0x1a03)
         || (pl_has_vendor (device, 0x102b) && pl_device_get_device (device, &id) == PL_KNOWN
             && id >> 8 == 0x05);
}

/* Intel's stands on bus 00. AMD's stands in a slot with the platform security processor and the host's USB
 * and audio (vendor 1022, the card's own is 1002), or on bus 00 in older processors. */
bool
pl_is_integrated (const struct pl_machine *machine, const struct pl_device *device)
{
  if (device->address.bus == 0
      && (pl_has_vendor (device, PL_VENDOR_INTEL) || pl_has_vendor (device, PL_VENDOR_ATI)))
    return true;
  if (!pl_has_vendor (device, PL_VENDOR_ATI))
    return false;
  struct pl_device *slot;
  guint n = pl_slot_of (machine, device, &slot);
  for (guint i = 0; i < n; i++)
    if (pl_has_vendor (&slot[i], PL_VENDOR_AMD))
      return true;
  return false;
}

bool
pl_is_x86 (const struct pl_machine *machine)
{
  const char *architecture;
  if (pl_machine_get_architecture (machine, &architecture) != PL_KNOWN
      || strcmp (architecture, "x86_64") == 0)
    return true;
  /* i386 to i686. Source: arch/x86/kernel/cpu/bugs.c, check_bugs(): the digit is the processor's family. */
  return strlen (architecture) == 4 && architecture[0] == 'i' && architecture[1] >= '3'
         && architecture[1] <= '6' && strcmp (architecture + 2, "86") == 0;
}

/* Source: lib/kstrtox.c, kstrtobool(); an option without a value is on: kernel/params.c, param_set_bool(). */
static bool
is_yes (const char *value)
{
  return value[0] == '\0' || strchr ("1yYtT", value[0]) != NULL || g_ascii_strcasecmp (value, "on") == 0;
}

bool
pl_has_module_option (const struct pl_machine *machine, const char *module, const char *name)
{
  const struct pl_command_line *line;
  const GPtrArray *options;
  g_autofree char *beginning = g_strdup_printf ("%s %s", module, name);
  gsize length = strlen (beginning);
  /* The running kernel's value comes first, and decides; where nobody knows it, a wish is not enough. */
  enum pl_state state = pl_machine_get_vfio_options (machine, &options);
  if (state != PL_KNOWN && machine->source != PL_SOURCE_TEXT)
    return false;
  for (guint i = 0; state == PL_KNOWN && i < options->len; i++) {
    const char *option = g_ptr_array_index (options, i);
    if (strncmp (option, beginning, length) == 0 && (option[length] == '=' || option[length] == '\0'))
      return is_yes (option + length + (option[length] == '='));
  }
  const char *value = NULL;
  if (pl_machine_get_command_line (machine, &line) == PL_KNOWN) {
    /* '-' and '_' are the same in a module's name. */
    g_autofree char *plain = g_strdup_printf ("%s.%s", module, name);
    g_autofree char *other = g_strdelimit (g_strdup (module), "_", '-');
    g_autofree char *dashed = g_strdup_printf ("%s.%s", other, name);
    value = pl_command_line_value (line, plain);
    value = value != NULL ? value : pl_command_line_value (line, dashed);
  }
  return value != NULL && is_yes (value);
}

int
pl_compare_devices (const void *left, const void *right)
{
  const struct pl_device *const *first = left, *const *second = right;
  return pl_address_compare ((*first)->address, (*second)->address);
}

static const struct {
  guint16 class;
  const char *noun;
} nouns[] = {
  { 0x0101, "IDE controller" },
  { 0x0104, "RAID controller" },
  { 0x0106, "SATA controller" },
  { 0x0107, "SAS controller" },
  { 0x0108, "NVMe disk" },
  { 0x0200, "Ethernet card" },
  { 0x0280, "Wi-Fi or network card" },
  { 0x0403, "audio function" },
  { 0x0600, "host bridge" },
  { 0x0601, "ISA bridge" },
  { 0x0604, "PCI bridge" },
  { 0x0805, "SD card reader" },
  { 0x0806, "IOMMU" },
  { 0x0c00, "FireWire controller" },
  { 0x0c03, "USB controller" },
  { 0x0c05, "SMBus controller" },
  { 0x0c80, "serial bus controller" },
  { 0x1080, "encryption controller" },
  { 0x1300, "dummy function" },
};

static const struct {
  guint8 base;
  const char *noun;
} base_nouns[] = {
  { PL_BASE_STORAGE, "storage controller" },
  { PL_BASE_NETWORK, "network card" },
  { PL_BASE_DISPLAY, "graphics card" },
  { PL_BASE_MULTIMEDIA, "multimedia function" },
  { PL_BASE_BRIDGE, "bridge" },
  { PL_BASE_SYSTEM, "system function" },
};

const char *
pl_noun_of (const struct pl_device *device)
{
  guint16 class;
  if (pl_device_get_class (device, &class) != PL_KNOWN)
    return "function";
  for (guint i = 0; i < G_N_ELEMENTS (nouns); i++)
    if (nouns[i].class == class)
      return nouns[i].noun;
  for (guint i = 0; i < G_N_ELEMENTS (base_nouns); i++)
    if (base_nouns[i].base == class >> 8)
      return base_nouns[i].noun;
  return "function";
}

/* The numbers at the begin of "6.10.3-arch1-2": compared as numbers, 6.10 is after 6.9. */
bool
pl_kernel_compare (const struct pl_machine *machine, guint major, guint minor, int *order)
{
  const char *release;
  if (pl_machine_get_kernel_release (machine, &release) != PL_KNOWN)
    return false;
  char *end;
  guint64 own_major = g_ascii_strtoull (release, &end, 10);
  if (end == release || *end != '.')
    return false;
  const char *rest = end + 1;
  guint64 own_minor = g_ascii_strtoull (rest, &end, 10);
  if (end == rest)
    return false;
  *order = own_major != major ? (own_major < major ? -1 : 1) : (own_minor > minor) - (own_minor < minor);
  return true;
}

bool
pl_kernel_is_since (const struct pl_machine *machine, guint major, guint minor)
{
  int order;
  return pl_kernel_compare (machine, major, minor, &order) && order >= 0;
}

bool
pl_kernel_is_before (const struct pl_machine *machine, guint major, guint minor)
{
  int order;
  return pl_kernel_compare (machine, major, minor, &order) && order < 0;
}
