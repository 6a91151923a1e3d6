/* records.c - functions told in JSON (pvesh) and in libvirt's XML (virsh nodedev-dumpxml).
 *
 * Neither is parsed as a whole: a text has parts of them, with prose around. An object of JSON counts where
 * it has both an address and something of a function; of XML the elements that libvirt prints for a PCI
 * function.
 *
 * Source: Proxmox, PVE::API2::Hardware::PCI; libvirt, docs/formatnode.rst.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

/* "0x10de" */
static bool
take_prefixed (struct pl_span text, guint digits, guint32 *number)
{
  return pl_span_take (&text, "0x") && pl_span_take_hex (&text, digits, number) && text.size == 0;
}

/* "0x030000" */
static bool
take_class (struct pl_span text, struct pl_paste_record *record)
{
  guint32 number;
  if (!take_prefixed (text, 6, &number))
    return false;
  record->has_class = record->has_prog_if = true;
  record->class = number >> 8;
  record->prog_if = number & 0xff;
  return true;
}

static void
take_member (struct pl_paste_record *record, struct pl_span key, struct pl_span value)
{
  guint32 group;
  if (pl_span_is (key, "id")) {
    record->has_address = pl_span_take_address (&value, &record->address) && value.size == 0;
  } else if (pl_span_is (key, "iommugroup")) {
    record->has_group
        = pl_span_take_decimal (&value, &group) && value.size == 0 && group <= PL_PASTE_GROUP_LIMIT;
    record->group = record->has_group ? (gint32) group : 0;
  } else if (pl_span_is (key, "class")) {
    take_class (value, record);
  } else if (pl_span_is (key, "vendor")) {
    record->has_vendor = take_prefixed (value, 4, &record->vendor);
  } else if (pl_span_is (key, "device")) {
    record->has_device = take_prefixed (value, 4, &record->device);
  } else if (pl_span_is (key, "vendor_name") && value.size < sizeof record->vendor_name) {
    memcpy (record->vendor_name, value.at, value.size);
    record->vendor_name[value.size] = '\0';
  } else if (pl_span_is (key, "device_name") && value.size < sizeof record->device_name) {
    memcpy (record->device_name, value.at, value.size);
    record->device_name[value.size] = '\0';
  }
}

/* A string, or all up to a comma, brace or blank. */
static struct pl_span
take_value (struct pl_span *text)
{
  struct pl_span rest = *text, value;
  if (pl_span_take (&rest, "\"")) {
    gssize end = pl_span_find (rest, "\"");
    if (end < 0) {
      *text = pl_span_skip (*text, text->size);
      return (struct pl_span){ text->at, 0 };
    }
    value = pl_span_head (rest, (gsize) end);
    *text = pl_span_skip (rest, (gsize) end + 1);
    return value;
  }
  gsize size = 0;
  while (size < rest.size && strchr (",}] \t", rest.at[size]) == NULL)
    size++;
  *text = pl_span_skip (rest, size);
  return pl_span_head (rest, size);
}

/* Begins like JSON: a bracket, or a key in quotes before a colon. */
static bool
is_json (struct pl_span text)
{
  struct pl_span rest = text;
  pl_span_take_any (&rest, "[]{}, \t");
  if (rest.size == 0)
    return text.at[0] == '{' || text.at[0] == '}' || text.at[0] == '[' || text.at[0] == ']';
  if (!pl_span_take (&rest, "\""))
    return false;
  gsize size = 0;
  while (size < rest.size && size < 40
         && (g_ascii_isalnum (rest.at[size]) || strchr ("_-", rest.at[size]) != NULL))
    size++;
  rest = pl_span_skip (rest, size);
  if (size == 0 || !pl_span_take (&rest, "\""))
    return false;
  pl_span_take_any (&rest, " \t");
  return pl_span_starts (rest, ":");
}

static bool
take_json (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span text = line->text;
  if (!is_json (text))
    return false;
  while (text.size > 0) {
    char mark = text.at[0];
    if (mark == '{') {
      pl_paste_begin_record (paste, PL_PASTE_FORM_JSON);
      paste->record.line = line->number;
    } else if (mark == '}') {
      pl_paste_end_record (paste);
    }
    if (mark != '"') {
      text = pl_span_skip (text, 1);
      continue;
    }
    struct pl_span key = take_value (&text);
    pl_span_take_any (&text, " \t");
    if (!pl_span_take (&text, ":"))
      continue;
    pl_span_take_any (&text, " \t");
    if (text.size == 0 || text.at[0] == '{' || text.at[0] == '[')
      continue;
    struct pl_span value = take_value (&text);
    if (paste->record.form == PL_PASTE_FORM_JSON && !(line->is_unterminated && text.size == 0))
      take_member (&paste->record, key, value);
  }
  return true;
}

/* "pci_0000_01_00_0", libvirt's name of a function. */
static bool
take_libvirt_name (struct pl_span *text, struct pl_address *address)
{
  struct pl_span rest = *text;
  char form[16];
  if (!pl_span_take (&rest, "pci_") || rest.size < 12 || rest.at[4] != '_' || rest.at[7] != '_'
      || rest.at[10] != '_')
    return false;
  memcpy (form, rest.at, 12);
  form[4] = form[7] = ':';
  form[10] = '.';
  struct pl_span whole = { form, 12 };
  if ((rest.size > 12 && (g_ascii_isalnum (rest.at[12]) || rest.at[12] == '_'))
      || !pl_span_take_address (&whole, address))
    return false;
  *text = pl_span_skip (rest, 12);
  return true;
}

/* The value of an attribute: "... number='1' ...". */
static bool
take_attribute (struct pl_span text, const char *name, struct pl_span *value)
{
  gssize at = pl_span_find (text, name);
  if (at <= 0 || text.at[at - 1] != ' ')
    return false;
  struct pl_span rest = pl_span_skip (text, (gsize) at + strlen (name));
  char quote = rest.size > 1 && rest.at[0] == '=' ? rest.at[1] : '\0';
  if (quote != '\'' && quote != '"')
    return false;
  rest = pl_span_skip (rest, 2);
  const char *end = memchr (rest.at, quote, rest.size);
  if (end == NULL)
    return false;
  *value = pl_span_head (rest, (gsize) (end - rest.at));
  return true;
}

/* "<address domain='0x0000' bus='0x01' slot='0x00' function='0x1'/>" */
static bool
take_address (struct pl_span text, struct pl_address *address)
{
  static const struct {
    const char *name;
    guint digits;
  } parts[] = { { "domain", 4 }, { "bus", 2 }, { "slot", 2 }, { "function", 1 } };
  guint32 numbers[4];
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    struct pl_span value;
    if (!take_attribute (text, parts[i].name, &value) || !take_prefixed (value, parts[i].digits, &numbers[i]))
      return false;
  }
  char form[16];
  int size
      = g_snprintf (form, sizeof form, "%04x:%02x:%02x.%x", numbers[0], numbers[1], numbers[2], numbers[3]);
  struct pl_span whole = { form, (gsize) size };
  return pl_span_take_address (&whole, address) && whole.size == 0;
}

/* What stands between a tag and its end: "<name>nvidia</name>". */
static bool
take_content (struct pl_span text, const char *tag, struct pl_span *content)
{
  gsize length = strlen (tag);
  if (!pl_span_starts (text, tag))
    return false;
  text = pl_span_skip (text, length);
  gssize end = pl_span_find (text, "</");
  if (end < 0)
    return false;
  *content = pl_span_head (text, (gsize) end);
  return true;
}

static void
take_element (struct pl_paste *paste, struct pl_span text, guint line)
{
  struct pl_paste_record *record = &paste->record;
  struct pl_span value;
  guint32 group;
  struct pl_address address;
  if (take_content (text, "<name>", &value)) {
    if (record->is_in_driver && pl_paste_is_driver_name (value) && value.size < sizeof record->driver) {
      memcpy (record->driver, value.at, value.size);
      record->driver[value.size] = '\0';
    } else if (!record->has_address && take_libvirt_name (&value, &record->address)) {
      record->has_address = value.size == 0;
    }
  } else if (pl_span_starts (text, "<driver>") || pl_span_starts (text, "</driver>")) {
    record->is_in_driver = text.at[1] != '/';
  } else if (take_content (text, "<class>", &value)) {
    take_class (value, record);
  } else if (pl_span_starts (text, "<product ") && take_attribute (text, "id", &value)) {
    record->has_device = take_prefixed (value, 4, &record->device);
  } else if (pl_span_starts (text, "<vendor ") && take_attribute (text, "id", &value)) {
    record->has_vendor = take_prefixed (value, 4, &record->vendor);
  } else if (pl_span_starts (text, "<iommuGroup ") && take_attribute (text, "number", &value)) {
    record->has_members
        = pl_span_take_decimal (&value, &group) && value.size == 0 && group <= PL_PASTE_GROUP_LIMIT;
    record->members_group = record->has_members ? (gint32) group : 0;
  } else if (pl_span_starts (text, "</iommuGroup>")) {
    record->has_members = false;
  } else if (record->has_members && pl_span_starts (text, "<address ") && take_address (text, &address)) {
    pl_paste_state_group (paste, pl_paste_add (paste, address), record->members_group, PL_PASTE_DETAIL, line);
  }
}

static bool
take_xml (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span text = line->text;
  if (pl_span_is (text, "<device>")) {
    pl_paste_begin_record (paste, PL_PASTE_FORM_XML);
    paste->record.line = line->number;
    return true;
  }
  /* A part of it may have been posted alone. */
  if (paste->record.form != PL_PASTE_FORM_XML && pl_span_starts (text, "<iommuGroup ")) {
    pl_paste_begin_record (paste, PL_PASTE_FORM_XML);
    paste->record.line = line->number;
  }
  if (paste->record.form != PL_PASTE_FORM_XML || !pl_span_starts (text, "<"))
    return false;
  if (pl_span_is (text, "</device>"))
    pl_paste_end_record (paste);
  else if (!line->is_unterminated)
    take_element (paste, text, line->number);
  return true;
}

bool
pl_paste_markup_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span text = line->text;
  struct pl_address address;
  if (take_libvirt_name (&text, &address) && text.size == 0) {
    pl_paste_add (paste, address);
    return true;
  }
  return take_xml (paste, line) || take_json (paste, line);
}
