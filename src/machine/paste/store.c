/* store.c - the functions of the text by address, and setters that note where the text contradicts itself. */
#include "machine/paste/paste_private.h"

#include <stdarg.h>

struct pl_device *
pl_paste_device (struct pl_paste *paste, guint index)
{
  return pl_machine_device (paste->machine, index);
}

struct pl_paste_entry *
pl_paste_entry (struct pl_paste *paste, guint index)
{
  return &g_array_index (paste->entries, struct pl_paste_entry, index);
}

guint
pl_paste_add (struct pl_paste *paste, struct pl_address address)
{
  gint64 key = (gint64) ((guint64) address.domain << 24 | (guint64) address.bus << 16
                         | (guint64) address.slot << 8 | address.function);
  gpointer found = g_hash_table_lookup (paste->index, &key);
  if (found != NULL)
    return GPOINTER_TO_UINT (found) - 1;
  struct pl_device *device = pl_machine_add_device (paste->machine, address);
  pl_device_text (device);
  struct pl_paste_entry entry = { .group = -1 };
  g_array_append_val (paste->entries, entry);
  guint index = paste->entries->len - 1;
  g_hash_table_insert (paste->index, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (index + 1));
  return index;
}

void
pl_paste_note (struct pl_paste *paste, guint line, const char *format, ...)
{
  if (paste->notes_left == 0)
    return;
  paste->notes_left--;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pl_machine_add_note (paste->machine, paste->name, line, "%s", text);
  if (paste->notes_left == 0)
    pl_machine_add_note (paste->machine, paste->name, 0,
                         "the text contradicts itself more often than is told here");
}

/* Where the identity keeps a number, whatever its width. */
static bool
get_number (const struct pl_device *device, enum pl_device_fact fact, guint16 *value)
{
  if (pl_device_state (device, fact) != PL_KNOWN)
    return false;
  switch (fact) {
  case PL_DEVICE_vendor:
    *value = device->value_.vendor;
    break;
  case PL_DEVICE_device:
    *value = device->value_.device;
    break;
  case PL_DEVICE_class:
    *value = device->value_.class;
    break;
  case PL_DEVICE_prog_if:
    *value = device->value_.prog_if;
    break;
  case PL_DEVICE_subsystem_vendor:
    *value = device->value_.subsystem_vendor;
    break;
  case PL_DEVICE_subsystem_device:
    *value = device->value_.subsystem_device;
    break;
  case PL_DEVICE_revision:
    *value = device->value_.revision;
    break;
  default:
    return false;
  }
  return true;
}

static void
put_number (struct pl_device *device, enum pl_device_fact fact, guint16 value)
{
  switch (fact) {
  case PL_DEVICE_vendor:
    pl_device_set_vendor (device, PL_KNOWN, value);
    break;
  case PL_DEVICE_device:
    pl_device_set_device (device, PL_KNOWN, value);
    break;
  case PL_DEVICE_class:
    pl_device_set_class (device, PL_KNOWN, value);
    break;
  case PL_DEVICE_prog_if:
    pl_device_set_prog_if (device, PL_KNOWN, (guint8) value);
    break;
  case PL_DEVICE_subsystem_vendor:
    pl_device_set_subsystem_vendor (device, PL_KNOWN, value);
    break;
  case PL_DEVICE_subsystem_device:
    pl_device_set_subsystem_device (device, PL_KNOWN, value);
    break;
  case PL_DEVICE_revision:
    pl_device_set_revision (device, PL_KNOWN, (guint8) value);
    break;
  default:
    break;
  }
}

void
pl_paste_set_number (struct pl_paste *paste, guint index, enum pl_device_fact fact, guint16 value, guint line)
{
  struct pl_device *device = pl_paste_device (paste, index);
  guint *where = &pl_device_text (device)->line_[fact];
  guint16 earlier;
  if (get_number (device, fact, &earlier) && earlier != value) {
    char address[PL_ADDRESS_SIZE];
    int digits = fact == PL_DEVICE_revision || fact == PL_DEVICE_prog_if ? 2 : 4;
    pl_paste_note (paste, line, "%s: %s is %0*x here and %0*x in line %u; the later stands",
                   pl_address_format (device->address, address), pl_device_facts[fact].name, digits, value,
                   digits, earlier, *where);
  }
  put_number (device, fact, value);
  *where = line;
}

void
pl_paste_set_driver (struct pl_paste *paste, guint index, struct pl_span name, guint line)
{
  struct pl_device *device = pl_paste_device (paste, index);
  guint *where = &pl_device_text (device)->line_[PL_DEVICE_driver];
  const char *driver = pl_machine_string (paste->machine, name.at, (gssize) name.size), *earlier;
  if (pl_device_get_driver (device, &earlier) == PL_KNOWN && g_strcmp0 (earlier, driver) != 0) {
    char address[PL_ADDRESS_SIZE];
    pl_paste_note (paste, line, "%s: the driver is %s here and %s in line %u; the later stands",
                   pl_address_format (device->address, address), driver, earlier, *where);
  }
  pl_device_set_driver (device, PL_KNOWN, driver);
  *where = line;
  paste->shows_drivers = true;
}

/* Whether the list has exactly these names, "amdgpu, radeon". */
static bool
is_same_list (const GPtrArray *list, struct pl_span names)
{
  for (guint i = 0; i < list->len; i++) {
    if (!pl_span_take (&names, g_ptr_array_index (list, i)))
      return false;
    if (names.size > 0 && names.at[0] != ',' && names.at[0] != ' ')
      return false;
    pl_span_take_any (&names, ", ");
  }
  return names.size == 0;
}

void
pl_paste_set_modules (struct pl_paste *paste, guint index, struct pl_span names, guint line)
{
  struct pl_device *device = pl_paste_device (paste, index);
  pl_device_text (device)->line_[PL_DEVICE_modules] = line;
  paste->shows_drivers = true;
  const GPtrArray *earlier;
  if (pl_device_get_modules (device, &earlier) == PL_KNOWN && is_same_list (earlier, names))
    return;
  GPtrArray *list = pl_machine_keep_list (paste->machine, g_ptr_array_new ());
  while (names.size > 0) {
    gsize length = 0;
    while (length < names.size && names.at[length] != ',' && names.at[length] != ' ')
      length++;
    if (length > 0)
      g_ptr_array_add (list, (gpointer) pl_machine_string (paste->machine, names.at, (gssize) length));
    names = pl_span_skip (names, length);
    pl_span_take_any (&names, ", ");
  }
  pl_device_set_modules (device, PL_KNOWN, list);
}
