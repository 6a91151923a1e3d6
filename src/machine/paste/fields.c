/* fields.c - functions told as one field after the other: lspci -vmmk, inxi, lshw, pvesh and virsh.
 *
 * "Slot:\t01:00.0" begins a record of lspci, and so does "Device-1:" one of inxi, "*-display" one of lshw,
 * "{" one of JSON and "<device>" one of libvirt. What is said before the address is kept until it is there;
 * what names no address is dropped.
 *
 * Source: man 8 lspci, -vmm; inxi(1), -G; lshw(1); libvirt, docs/formatnode.rst.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

/* Copies the text to the record: its line is gone when the address comes. */
static void
keep (char *out, gsize room, struct pl_span text)
{
  gsize size = text.size < room ? text.size : 0;
  memcpy (out, text.at, size);
  out[size] = '\0';
}

static struct pl_span
kept (const char *text)
{
  return (struct pl_span){ text, strlen (text) };
}

void
pl_paste_begin_record (struct pl_paste *paste, enum pl_paste_form form)
{
  pl_paste_end_record (paste);
  paste->record = (struct pl_paste_record){ .form = form };
}

/* Sets what is known of the class, by number or by name. */
static void
store_class (struct pl_paste *paste, guint index, const struct pl_paste_record *record, guint line)
{
  guint16 class;
  struct pl_span name = kept (record->class_name);
  bool is_known = record->has_class;
  if (is_known)
    class = (guint16) record->class;
  else
    is_known = pl_paste_find_class (paste, name, &class);
  if (is_known)
    pl_paste_set_number (paste, index, PL_DEVICE_class, class, line);
  if (name.size > 0)
    pl_device_text (pl_paste_device (paste, index))->class_name
        = pl_machine_string (paste->machine, name.at, (gssize) name.size);
}

/* Both parts of the name as lspci would print them. */
static void
store_name (struct pl_paste *paste, guint index, const struct pl_paste_record *record)
{
  struct pl_device_text *text = pl_device_text (pl_paste_device (paste, index));
  if (record->device_name[0] == '\0' || text->name != NULL)
    return;
  g_string_printf (paste->joined, "%s%s%s", record->vendor_name, record->vendor_name[0] != '\0' ? " " : "",
                   record->device_name);
  text->name = pl_machine_string (paste->machine, paste->joined->str, (gssize) paste->joined->len);
}

void
pl_paste_end_record (struct pl_paste *paste)
{
  struct pl_paste_record *record = &paste->record;
  enum pl_paste_form form = record->form;
  record->form = PL_PASTE_FORM_NONE;
  if (form == PL_PASTE_FORM_NONE || !record->has_address)
    return;
  guint index = pl_paste_add (paste, record->address), line = record->line;
  /* What shows this driver is not the listing above. */
  bool shows_drivers = paste->shows_drivers;
  store_class (paste, index, record, line);
  store_name (paste, index, record);
  if (record->has_vendor)
    pl_paste_set_number (paste, index, PL_DEVICE_vendor, (guint16) record->vendor, line);
  if (record->has_device)
    pl_paste_set_number (paste, index, PL_DEVICE_device, (guint16) record->device, line);
  if (record->has_subsystem_vendor)
    pl_paste_set_number (paste, index, PL_DEVICE_subsystem_vendor, (guint16) record->subsystem_vendor, line);
  if (record->has_subsystem_device)
    pl_paste_set_number (paste, index, PL_DEVICE_subsystem_device, (guint16) record->subsystem_device, line);
  if (record->has_revision)
    pl_paste_set_number (paste, index, PL_DEVICE_revision, (guint16) record->revision, line);
  if (record->has_prog_if)
    pl_paste_set_number (paste, index, PL_DEVICE_prog_if, (guint16) record->prog_if, line);
  if (record->driver[0] != '\0')
    pl_paste_set_driver (paste, index, kept (record->driver), line);
  if (record->modules[0] != '\0')
    pl_paste_set_modules (paste, index, kept (record->modules), line);
  paste->shows_drivers = shows_drivers;
  if (record->has_group)
    pl_paste_state_group (paste, index, record->group, PL_PASTE_DETAIL, line);
}

/* "GP104 [GeForce GTX 1070] [1b81]": the name, and the number off its end. */
static struct pl_span
take_number (struct pl_span value, bool *has_number, guint32 *number)
{
  struct pl_span last = pl_span_skip (value, value.size > 6 ? value.size - 6 : 0);
  if (!pl_span_take (&last, "[") || !pl_span_take_hex (&last, 4, number) || !pl_span_is (last, "]"))
    return value;
  *has_number = true;
  return pl_span_trim (pl_span_head (value, value.size - 6));
}

/* All of the value is an address. */
static bool
take_whole_address (struct pl_span value, struct pl_paste_record *record)
{
  record->has_address = pl_span_take_address (&value, &record->address) && value.size == 0;
  return record->has_address;
}

bool
pl_paste_is_driver_name (struct pl_span value)
{
  if (value.size == 0 || value.size > 64)
    return false;
  for (gsize i = 0; i < value.size; i++)
    if (!g_ascii_isalnum (value.at[i]) && strchr ("_-.", value.at[i]) == NULL)
      return false;
  return true;
}

static bool
take_group_number (struct pl_span value, struct pl_paste_record *record)
{
  guint32 group;
  if (!pl_span_take_decimal (&value, &group) || value.size > 0 || group > PL_PASTE_GROUP_LIMIT)
    return false;
  record->has_group = true;
  record->group = (gint32) group;
  return true;
}

static void
add_module (struct pl_paste_record *record, struct pl_span value)
{
  gsize used = strlen (record->modules);
  if (!pl_paste_is_driver_name (value) || used + value.size + 3 > sizeof record->modules)
    return;
  if (used > 0)
    record->modules[used++] = ',';
  keep (record->modules + used, sizeof record->modules - used, value);
}

static void
take_lspci_field (struct pl_paste_record *record, struct pl_span key, struct pl_span value)
{
  if (pl_span_is (key, "Class"))
    keep (record->class_name, sizeof record->class_name,
          take_number (value, &record->has_class, &record->class));
  else if (pl_span_is (key, "Vendor"))
    keep (record->vendor_name, sizeof record->vendor_name,
          take_number (value, &record->has_vendor, &record->vendor));
  else if (pl_span_is (key, "Device"))
    keep (record->device_name, sizeof record->device_name,
          take_number (value, &record->has_device, &record->device));
  else if (pl_span_is (key, "SVendor"))
    take_number (value, &record->has_subsystem_vendor, &record->subsystem_vendor);
  else if (pl_span_is (key, "SDevice"))
    take_number (value, &record->has_subsystem_device, &record->subsystem_device);
  else if (pl_span_is (key, "Rev"))
    record->has_revision = pl_span_take_hex (&value, 2, &record->revision) && value.size == 0;
  else if (pl_span_is (key, "ProgIf"))
    record->has_prog_if = pl_span_take_hex (&value, 2, &record->prog_if) && value.size == 0;
  else if (pl_span_is (key, "Driver") && pl_paste_is_driver_name (value))
    keep (record->driver, sizeof record->driver, value);
  else if (pl_span_is (key, "Module"))
    add_module (record, value);
  else if (pl_span_is (key, "IOMMUGroup"))
    take_group_number (value, record);
}

/* "Slot:\t01:00.0" and the lines below it. */
static bool
take_lspci_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_paste_record *record = &paste->record;
  gssize colon = pl_span_find (pl_span_head (line->text, 16), ":");
  if (colon <= 0 || (gsize) colon + 1 >= line->text.size)
    return false;
  struct pl_span key = pl_span_head (line->text, (gsize) colon),
                 value = pl_span_trim (pl_span_skip (line->text, (gsize) colon + 1));
  if (pl_span_is (key, "Slot")) {
    struct pl_paste_record slot = { .form = PL_PASTE_FORM_LSPCI };
    if (!take_whole_address (value, &slot))
      return false;
    pl_paste_begin_record (paste, PL_PASTE_FORM_LSPCI);
    *record = slot;
    record->line = line->number;
    return true;
  }
  if (record->form != PL_PASTE_FORM_LSPCI)
    return false;
  for (gsize i = 0; i < key.size; i++)
    if (!g_ascii_isalpha (key.at[i]))
      return false;
  if (!line->is_unterminated)
    take_lspci_field (record, key, value);
  return true;
}

/* The word behind a key that may stand anywhere in the line: "... driver: nvidia v: 525 bus-ID: 01:00.0". */
static struct pl_span
find_value (struct pl_span text, const char *key)
{
  gssize at = pl_span_find (text, key);
  if (at < 0 || (at > 0 && text.at[at - 1] != ' '))
    return (struct pl_span){ text.at, 0 };
  struct pl_span rest = pl_span_skip (text, (gsize) at + strlen (key));
  pl_span_take_any (&rest, " ");
  return pl_span_take_word (&rest);
}

/* "Device-1: NVIDIA GP104 [GeForce GTX 1070] vendor: ASUSTeK driver: nvidia" */
static void
take_inxi_name (struct pl_paste_record *record, struct pl_span text)
{
  static const char *const keys[] = { " vendor:", " driver:", " type:", " bus-ID:", " v:" };
  gsize end = text.size;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    gssize at = pl_span_find (text, keys[i]);
    if (at >= 0)
      end = MIN (end, (gsize) at);
  }
  keep (record->device_name, sizeof record->device_name, pl_span_trim (pl_span_head (text, end)));
}

/* "Device-1: ", near the line's begin; *text is what stands behind it. */
static bool
find_inxi_device (struct pl_span *text)
{
  gssize at = pl_span_find (pl_span_head (*text, 32), "Device-");
  struct pl_span rest = pl_span_skip (*text, at >= 0 ? (gsize) at + strlen ("Device-") : text->size);
  guint32 number;
  if (!pl_span_take_decimal (&rest, &number) || !pl_span_take (&rest, ": "))
    return false;
  *text = rest;
  return true;
}

static bool
take_inxi_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_paste_record *record = &paste->record;
  struct pl_span text = line->text, rest = text;
  bool is_first = find_inxi_device (&text);
  if (is_first) {
    pl_paste_begin_record (paste, PL_PASTE_FORM_INXI);
    record->line = line->number;
    take_inxi_name (record, text);
  } else if (record->form != PL_PASTE_FORM_INXI) {
    return false;
  }
  if (line->is_unterminated)
    return true;
  struct pl_span value = find_value (text, "driver:");
  if (pl_paste_is_driver_name (value))
    keep (record->driver, sizeof record->driver, value);
  value = find_value (text, "bus-ID:");
  if (value.size > 0)
    take_whole_address (value, record);
  value = find_value (text, "chip-ID:");
  if (pl_paste_take_pair (&value, &record->vendor, &record->device) && value.size == 0)
    record->has_vendor = record->has_device = true;
  value = find_value (text, "class-ID:");
  record->has_class = record->has_class || (pl_span_take_hex (&value, 4, &record->class) && value.size == 0);
  /* What else it tells of the device, or of displays. */
  struct pl_address address;
  return is_first
         || (line->indent > 0 && pl_span_find (rest, ": ") > 0 && !pl_span_take_address (&rest, &address)
             && !pl_paste_speaks_of_group (rest));
}

static void
take_lshw_field (struct pl_paste_record *record, struct pl_span text)
{
  guint32 number;
  bool has_number;
  if (pl_span_take (&text, "description: ")) {
    keep (record->class_name, sizeof record->class_name, text);
  } else if (pl_span_take (&text, "product: ") || pl_span_starts (text, "vendor: ")) {
    bool is_vendor = pl_span_take (&text, "vendor: ");
    gssize ids = pl_paste_find_ids (text, &record->vendor, &record->device);
    if (ids >= 0 && !is_vendor) {
      record->has_vendor = record->has_device = true;
      text = pl_span_trim (pl_span_head (text, (gsize) ids));
    }
    text = take_number (text, &has_number, &number);
    if (is_vendor)
      keep (record->vendor_name, sizeof record->vendor_name, text);
    else
      keep (record->device_name, sizeof record->device_name, text);
  } else if (pl_span_take (&text, "version: ")) {
    record->has_revision = pl_span_take_hex (&text, 2, &record->revision) && text.size == 0;
  } else if (pl_span_take (&text, "bus info: pci@")) {
    take_whole_address (text, record);
  } else if (pl_span_starts (text, "configuration: ")) {
    gssize at = pl_span_find (text, " driver=");
    struct pl_span rest = pl_span_skip (text, at >= 0 ? (gsize) at + strlen (" driver=") : text.size);
    struct pl_span driver = pl_span_take_word (&rest);
    if (pl_paste_is_driver_name (driver))
      keep (record->driver, sizeof record->driver, driver);
  }
}

/* "-display", "-usb:0 UNCLAIMED": the name of a node. */
static bool
is_lshw_node (struct pl_span text)
{
  gsize at = 1;
  if (text.size < 3 || text.at[0] != '-')
    return false;
  while (at < text.size
         && (g_ascii_islower (text.at[at]) || g_ascii_isdigit (text.at[at]) || text.at[at] == ':'))
    at++;
  struct pl_span rest = pl_span_trim (pl_span_skip (text, at));
  return at > 2 && (rest.size == 0 || pl_span_is (rest, "UNCLAIMED") || pl_span_is (rest, "DISABLED"));
}

/* "*-display", whose star was taken for a mark, and the fields below it. */
static bool
take_lshw_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  static const char *const keys[]
      = { "description: ", "product: ", "vendor: ",   "physical id: ", "bus info: ",     "logical name: ",
          "version: ",     "serial: ",  "width: ",    "clock: ",       "capabilities: ", "configuration: ",
          "resources: ",   "size: ",    "capacity: ", "slot: " };
  struct pl_paste_record *record = &paste->record;
  if (is_lshw_node (line->text)) {
    pl_paste_begin_record (paste, PL_PASTE_FORM_LSHW);
    record->line = line->number;
    return true;
  }
  if (record->form != PL_PASTE_FORM_LSHW)
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (!pl_span_starts (line->text, keys[i]))
      continue;
    if (!line->is_unterminated)
      take_lshw_field (record, line->text);
    return true;
  }
  return false;
}

bool
pl_paste_field_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  if (line->text.size == 0) {
    if (paste->record.form != PL_PASTE_FORM_XML && paste->record.form != PL_PASTE_FORM_JSON)
      pl_paste_end_record (paste);
    return false;
  }
  enum pl_paste_form before = paste->record.form;
  bool is_taken = pl_paste_markup_line (paste, line) || take_lspci_line (paste, line)
                  || take_inxi_line (paste, line) || take_lshw_line (paste, line);
  if (!is_taken && paste->record.form == before)
    pl_paste_end_record (paste);
  if (!is_taken)
    return false;
  pl_paste_end_block (paste, false);
  pl_paste_break (paste);
  return true;
}
