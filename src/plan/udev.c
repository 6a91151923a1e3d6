/* udev.c - the part of a plan that has udev set attributes of the functions at each boot; see making.h.
 *
 * One file of rules, one rule a setting, matched by the address and the ids: an address alone may be another
 * device's after a card was moved, ids alone a twin's. Its number comes behind the files that name devices
 * and before 80-drivers.rules, by which the drivers are loaded. The file is not asked for by an image: where
 * vfio-pci has the device from there, it is set when the system's own udev starts, which is before any guest.
 * What somebody else wrote into the file stays.
 *
 * Source: man 7 udev, ATTR{}, PROGRAM; rules.d/80-drivers.rules of systemd.
 */
#include "judge/function.h"
#include "plan/making.h"

#include <string.h>

/* What a finding asks for. A resizable BAR is a note that asks for nothing: the size that the firmware set is
 * what the guest sees. */
static const struct {
  const char *finding;
  bool needs_vendor_reset; /* only where the module is in the images */
  const char *end;         /* of the rule, behind what it matches */
  const char *reason;      /* behind the device's address */
} settings[] = {
  /* The method can be chosen only once the module is there. Source: gnif/vendor-reset, pull request 64;
   * Documentation/ABI/testing/sysfs-bus-pci, reset_method. */
  { "device.needs-vendor-reset", true,
    "PROGRAM==\"/sbin/modprobe vendor_reset\", ATTR{reset_method}=\"device_specific\"",
    "the kernel's own resets do not bring it back for the next guest; that of vendor_reset does" },
  /* vfio-pci has an idle device sleep as deep as it is allowed to. Source: mroboff/vm-curator, pull request
   * 63; Documentation/ABI/testing/sysfs-bus-pci, d3cold_allowed. */
  { "device.d3cold", false, "ATTR{d3cold_allowed}=\"0\"", "it is known not to wake from D3cold" },
};

static char *
make_rule (const struct pl_device *device, const char *end)
{
  char address[PL_ADDRESS_SIZE];
  guint16 vendor, id;
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN)
    return NULL;
  return g_strdup_printf ("ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"%s\", ATTR{vendor}==\"0x%04x\", "
                          "ATTR{device}==\"0x%04x\", %s",
                          pl_address_format (device->address, address), vendor, id, end);
}

/* Whether the line stands there whole, and is not the rest of the one above it. */
static bool
has_line (const char *text, const char *line)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strcmp (lines[i], line) == 0 && (i == 0 || !g_str_has_suffix (lines[i - 1], "\\")))
      return true;
  return false;
}

/* Adds what a finding asks for to @text and to @reasons, where it is not there. */
static void
add_setting (const struct pl_making *making, const struct pl_finding *finding, GString *text,
             GPtrArray *reasons)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    if (strcmp (settings[i].finding, finding->id) != 0
        || (settings[i].needs_vendor_reset && !making->has_vendor_reset))
      continue;
    char address[PL_ADDRESS_SIZE];
    g_autofree char *rule = make_rule (finding->device, settings[i].end);
    if (rule == NULL || has_line (text->str, rule))
      continue;
    if (text->len > 0 && text->str[text->len - 1] != '\n')
      g_string_append_c (text, '\n');
    pl_address_format (finding->device->address, address);
    g_string_append_printf (text, "# %s: %s\n%s\n", address, settings[i].reason, rule);
    g_ptr_array_add (reasons, g_strdup_printf ("%s: %s", address, settings[i].reason));
  }
}

static void
leave_to_person (struct pl_making *making, const char *text, const char *why)
{
  pl_making_remark (making, PL_REMARK_BY_HAND, "%s. Add to /" PL_UDEV_RULES ":\n%.*s", why,
                    (int) strlen (text) - 1, text);
}

void
pl_making_udev (struct pl_making *making)
{
  GBytes *old = NULL;
  gsize size = 0;
  enum pl_state state = making->texts != NULL ? pl_texts_get (making->texts, PL_UDEV_RULES, &old) : PL_UNREAD;
  const char *bytes = old != NULL ? g_bytes_get_data (old, &size) : NULL;
  g_autoptr (GString) text = g_string_new_len (size > 0 ? bytes : "", (gssize) size);
  g_autoptr (GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < making->judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (making->judgement->findings, i);
    if (finding->device != NULL && g_ptr_array_find (making->plan->devices, finding->device, NULL))
      add_setting (making, finding, text, reasons);
  }
  if (reasons->len == 0)
    return;
  if (state != PL_KNOWN && state != PL_ABSENT) {
    g_autofree char *why
        = g_strdup_printf ("/" PL_UDEV_RULES " could not be read (%s)", pl_state_name (state));
    leave_to_person (making, text->str, why);
    return;
  }
  /* Its last line would go on with ours; and who put a NUL there meant no text. */
  if ((size > 0 && bytes[size - 1] == '\\') || (size > 1 && memcmp (bytes + size - 2, "\\\n", 2) == 0)
      || memchr (bytes != NULL ? bytes : "", '\0', size) != NULL) {
    leave_to_person (making, text->str + size, "the end of /" PL_UDEV_RULES " is not understood");
    return;
  }
  g_ptr_array_add (reasons, NULL);
  g_autofree char *why = g_strjoinv ("; ", (char **) reasons->pdata);
  g_autoptr (GBytes) new = g_bytes_new (text->str, text->len);
  pl_making_add_file (making, PL_UDEV_RULES, old, new, 0, why);
}
