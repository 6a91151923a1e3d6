/* device.c - see device.h. */
#include "cli/device.h"

#include "base/error.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

static bool
is_hexadecimal (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]))
      return false;
  return length > 0;
}

/* "1002:731f" */
static bool
parse_ids (const char *text, guint16 *vendor, guint16 *id)
{
  if (strlen (text) != 9 || text[4] != ':' || !is_hexadecimal (text, 4) || !is_hexadecimal (text + 5, 4))
    return false;
  *vendor = (guint16) g_ascii_strtoull (text, NULL, 16);
  *id = (guint16) g_ascii_strtoull (text + 5, NULL, 16);
  return true;
}

/* Adds ", 09:00.1" to what is offered, at most a handful. */
static void
offer (GString *offers, guint *n, const struct pl_machine *machine, const struct pl_device *device)
{
  char address[PL_ADDRESS_SIZE];
  if ((*n)++ < 8)
    g_string_append_printf (offers, "%s%s", offers->len > 0 ? ", " : "",
                            pl_report_address (machine, device->address, address));
}

static const struct pl_device *
find_by_ids (const struct pl_machine *machine, const char *text, guint16 vendor, guint16 id, GError **error)
{
  const struct pl_device *found = NULL;
  g_autoptr (GString) offers = g_string_new (NULL);
  guint n = 0;
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    guint16 its_vendor, its_id;
    if (pl_device_get_vendor (device, &its_vendor) != PL_KNOWN
        || pl_device_get_device (device, &its_id) != PL_KNOWN || its_vendor != vendor || its_id != id)
      continue;
    found = device;
    offer (offers, &n, machine, device);
  }
  if (n == 1)
    return found;
  g_autofree char *command = pl_judge_command (machine);
  g_autofree char *remedy
      = n > 1 ? g_strdup_printf ("name one by its address: %s%s", offers->str, n > 8 ? ", ..." : "")
              : g_strdup_printf ("see which there are: %s groups", command);
  if (n > 1)
    pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s: %u functions have these ids", text, n);
  else
    pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s: no function has these ids", text);
  return NULL;
}

static void
set_unknown (const struct pl_machine *machine, const char *text, struct pl_address address, GError **error)
{
  g_autoptr (GString) mates = g_string_new (NULL);
  g_autoptr (GString) displays = g_string_new (NULL);
  guint n_mates = 0, n_displays = 0;
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    if (pl_address_same_slot (device->address, address))
      offer (mates, &n_mates, machine, device);
    if (pl_judge_is_display (device))
      offer (displays, &n_displays, machine, device);
  }
  g_autofree char *command = pl_judge_command (machine);
  g_autofree char *remedy = n_mates > 0      ? g_strdup_printf ("that slot has: %s", mates->str)
                            : n_displays > 0 ? g_strdup_printf ("the graphics cards are: %s", displays->str)
                                             : g_strdup_printf ("see which there are: %s groups", command);
  pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s: this machine has no such PCI function", text);
}

const struct pl_device *
pl_device_argument (const struct pl_machine *machine, const char *text, GError **error)
{
  struct pl_address address;
  guint16 vendor, id;
  gsize length = strlen (text);
  if (parse_ids (text, &vendor, &id))
    return find_by_ids (machine, text, vendor, id, error);

  /* A slot alone is its function 0. */
  g_autofree char *function_0 = g_strconcat (text, ".0", NULL);
  bool is_address = length > 0 && pl_address_parse (text, length, &address) == length;
  if (!is_address && (length == 0 || pl_address_parse (function_0, length + 2, &address) != length + 2)) {
    pl_error_set (error, PL_ERROR_USAGE, NULL,
                  "a device is named like 09:00.0, 0000:09:00.0, 09:00 (a slot) or 1002:731f (vendor:device)",
                  "'%s' names no PCI device", text);
    return NULL;
  }
  const struct pl_device *device = pl_machine_find (machine, address);
  if (device == NULL)
    set_unknown (machine, text, address, error);
  return device;
}

bool
pl_goal_from_arguments (struct pl_goal *goal, const struct pl_machine *machine, char **arguments,
                        GError **error)
{
  goal->devices = g_ptr_array_new ();
  for (guint i = 0; arguments[i] != NULL; i++) {
    const struct pl_device *device = pl_device_argument (machine, arguments[i], error);
    if (device == NULL)
      return false;
    if (!g_ptr_array_find (goal->devices, device, NULL))
      g_ptr_array_add (goal->devices, (void *) device);
  }
  return true;
}

void
pl_goal_clear (struct pl_goal *goal)
{
  g_clear_pointer (&goal->devices, g_ptr_array_unref);
}
