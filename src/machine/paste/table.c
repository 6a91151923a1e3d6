/* table.c - tables whose heading says which column is what: of pvesh, of Markdown, of spreadsheets, of
 * scripts.
 *
 * A heading has a word for a group and one for an address. A row counts where its address is one; a column
 * that holds something else than its heading says is left out. Without a heading a number is only a number.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

static const struct {
  const char *word; /* in lower case, letters alone */
  enum pl_paste_column column;
} words[] = {
  { "group", PL_PASTE_COLUMN_GROUP },
  { "iommugroup", PL_PASTE_COLUMN_GROUP },
  { "iommugrp", PL_PASTE_COLUMN_GROUP },
  { "grp", PL_PASTE_COLUMN_GROUP },
  { "groupid", PL_PASTE_COLUMN_GROUP },
  { "iommugroupid", PL_PASTE_COLUMN_GROUP },
  { "gruppe", PL_PASTE_COLUMN_GROUP },
  { "iommugruppe", PL_PASTE_COLUMN_GROUP },
  { "groupe", PL_PASTE_COLUMN_GROUP },
  { "groupeiommu", PL_PASTE_COLUMN_GROUP },
  { "grupo", PL_PASTE_COLUMN_GROUP },
  { "grupoiommu", PL_PASTE_COLUMN_GROUP },
  { "address", PL_PASTE_COLUMN_ADDRESS },
  { "pciaddress", PL_PASTE_COLUMN_ADDRESS },
  { "pciaddr", PL_PASTE_COLUMN_ADDRESS },
  { "addr", PL_PASTE_COLUMN_ADDRESS },
  { "adresse", PL_PASTE_COLUMN_ADDRESS },
  { "pciadresse", PL_PASTE_COLUMN_ADDRESS },
  { "bdf", PL_PASTE_COLUMN_ADDRESS },
  { "slot", PL_PASTE_COLUMN_ADDRESS },
  { "pcislot", PL_PASTE_COLUMN_ADDRESS },
  { "busid", PL_PASTE_COLUMN_ADDRESS },
  { "pcibusid", PL_PASTE_COLUMN_ADDRESS },
  { "id", PL_PASTE_COLUMN_ID },
  { "pciid", PL_PASTE_COLUMN_ID },
  { "ids", PL_PASTE_COLUMN_ID },
  { "pciids", PL_PASTE_COLUMN_ID },
  { "vendordevice", PL_PASTE_COLUMN_ID },
  { "vendoriddeviceid", PL_PASTE_COLUMN_ID },
  { "class", PL_PASTE_COLUMN_CLASS },
  { "classid", PL_PASTE_COLUMN_CLASS },
  { "vendor", PL_PASTE_COLUMN_VENDOR },
  { "vendorid", PL_PASTE_COLUMN_VENDOR },
  { "device", PL_PASTE_COLUMN_DEVICE },
  { "deviceid", PL_PASTE_COLUMN_DEVICE },
  { "pcidevice", PL_PASTE_COLUMN_DEVICE },
  { "driver", PL_PASTE_COLUMN_DRIVER },
  { "driverinuse", PL_PASTE_COLUMN_DRIVER },
  { "kerneldriver", PL_PASTE_COLUMN_DRIVER },
  { "kerneldriverinuse", PL_PASTE_COLUMN_DRIVER },
  { "treiber", PL_PASTE_COLUMN_DRIVER },
  { "name", PL_PASTE_COLUMN_NAME },
  { "devicename", PL_PASTE_COLUMN_NAME },
  { "description", PL_PASTE_COLUMN_NAME },
  { "beschreibung", PL_PASTE_COLUMN_NAME },
};

static enum pl_paste_column
find_column (struct pl_span cell)
{
  char word[24];
  gsize size = 0;
  for (gsize i = 0; i < cell.size; i++) {
    if (!g_ascii_isalnum (cell.at[i]))
      continue;
    if (size + 1 >= sizeof word)
      return PL_PASTE_COLUMN_OTHER;
    word[size++] = g_ascii_tolower (cell.at[i]);
  }
  word[size] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i].word))
      return words[i].column;
  return PL_PASTE_COLUMN_OTHER;
}

/* Whether cells of this kind end at the place; how many bytes part them. */
static gsize
measure_gap (struct pl_span text, gsize at, char separator)
{
  gsize end = at;
  if (separator != ' ' && separator != 'w')
    return text.at[at] == separator ? 1 : 0;
  while (end < text.size && (text.at[end] == ' ' || text.at[end] == '\t'))
    end++;
  bool is_gap = separator == 'w' || end - at >= 2 || (end > at && text.at[at] == '\t');
  return is_gap ? end - at : 0;
}

/* The next cell, without marks and quotes round it; *is_last: nothing follows it. */
static struct pl_span
take_cell (struct pl_span *rest, char separator, bool *is_last)
{
  struct pl_span cell;
  if ((separator == ',' || separator == ';') && pl_span_starts (*rest, "\"")) {
    const char *close = memchr (rest->at + 1, '"', rest->size - 1);
    if (close != NULL) {
      cell = pl_span_skip (pl_span_head (*rest, (gsize) (close - rest->at)), 1);
      *rest = pl_span_skip (*rest, cell.size + 2);
      *is_last = rest->size == 0;
      *rest = pl_span_skip (*rest, 1);
      return pl_span_trim (cell);
    }
  }
  gsize at = 0, gap = 0;
  while (at < rest->size && (gap = measure_gap (*rest, at, separator)) == 0)
    at++;
  cell = pl_span_trim (pl_span_head (*rest, at));
  *is_last = at >= rest->size;
  *rest = pl_span_skip (*rest, at + gap);
  pl_span_take_any (&cell, "*`\"'");
  while (cell.size > 0 && strchr ("*`\"'", cell.at[cell.size - 1]) != NULL)
    cell.size--;
  return cell;
}

/* "|1|01:00.0|": the mark at the begin parts nothing. */
static struct pl_span
skip_border (struct pl_span text, char separator)
{
  if (separator == '|')
    pl_span_take (&text, "|");
  return text;
}

static bool
read_heading (struct pl_span text, char separator, struct pl_paste_table *table)
{
  *table = (struct pl_paste_table){ .separator = separator };
  struct pl_span rest = skip_border (text, separator);
  gint group = -1, address = -1, device = -1, id = -1;
  for (bool is_last = false; !is_last;) {
    if (table->n_columns == G_N_ELEMENTS (table->columns))
      return false;
    enum pl_paste_column column = find_column (take_cell (&rest, separator, &is_last));
    gint *first = column == PL_PASTE_COLUMN_GROUP     ? &group
                  : column == PL_PASTE_COLUMN_ADDRESS ? &address
                  : column == PL_PASTE_COLUMN_DEVICE  ? &device
                  : column == PL_PASTE_COLUMN_ID      ? &id
                                                      : NULL;
    /* Two groups, before and after: nobody knows which one stands. */
    if (first == &group && group >= 0)
      return false;
    if (first != NULL && *first < 0)
      *first = (gint) table->n_columns;
    table->columns[table->n_columns++] = column;
  }
  /* "id" is what pvesh calls an address, "device" what people do. */
  if (address < 0)
    address = id >= 0 ? id : device;
  if (group < 0 || address < 0)
    return false;
  table->columns[address] = PL_PASTE_COLUMN_ADDRESS;
  table->address = (guint) address;
  return true;
}

static bool
take_heading (struct pl_paste *paste, const struct pl_paste_line *line)
{
  static const char separators[] = "|\t;, w";
  /* Few lines have any such word. */
  if (line->text.size > 400
      || (pl_span_find (line->text, "rou") < 0 && pl_span_find (line->text, "ROU") < 0
          && pl_span_find (line->text, "rup") < 0 && pl_span_find (line->text, "ommu") < 0
          && pl_span_find (line->text, "IOMMU") < 0))
    return false;
  for (const char *separator = separators; *separator != '\0'; separator++) {
    struct pl_paste_table table;
    if (*separator != 'w' && *separator != ' ' && memchr (line->text.at, *separator, line->text.size) == NULL)
      continue;
    if (!read_heading (line->text, *separator, &table))
      continue;
    /* Words alone could be a sentence: each must be known. */
    bool is_known = *separator != 'w';
    for (guint i = 0; i < table.n_columns && !is_known && table.columns[i] != PL_PASTE_COLUMN_OTHER; i++)
      is_known = i + 1 == table.n_columns;
    if (!is_known)
      continue;
    paste->table = table;
    return true;
  }
  return false;
}

static bool
is_border (struct pl_span text)
{
  for (gsize i = 0; i < text.size; i++)
    if (strchr ("|+-:= \t", text.at[i]) == NULL)
      return false;
  return true;
}

/* "0x10de", "10de" */
static bool
take_number (struct pl_span cell, guint digits, guint32 *number)
{
  pl_span_take (&cell, "0x");
  return pl_span_take_hex (&cell, digits, number) && cell.size == 0;
}

static void
keep (char *out, gsize room, struct pl_span text)
{
  gsize size = text.size < room ? text.size : 0;
  memcpy (out, text.at, size);
  out[size] = '\0';
}

static void
take_class_cell (struct pl_paste_record *record, struct pl_span cell)
{
  guint32 number;
  if (take_number (cell, 6, &number)) {
    record->has_class = record->has_prog_if = true;
    record->class = number >> 8;
    record->prog_if = number & 0xff;
    return;
  }
  if (take_number (cell, 4, &record->class)) {
    record->has_class = true;
    return;
  }
  struct pl_span last = pl_span_skip (cell, cell.size > 6 ? cell.size - 6 : 0);
  if (pl_span_take (&last, "[") && pl_span_take_hex (&last, 4, &record->class) && pl_span_is (last, "]")) {
    record->has_class = true;
    cell = pl_span_trim (pl_span_head (cell, cell.size - 6));
  }
  keep (record->class_name, sizeof record->class_name, cell);
}

static void
take_description (struct pl_paste *paste, struct pl_paste_record *record, struct pl_span cell)
{
  struct pl_paste_description description;
  pl_paste_describe (paste, cell, &description);
  if (description.has_ids) {
    record->has_vendor = record->has_device = true;
    record->vendor = description.vendor;
    record->device = description.device;
  }
  if (description.has_class) {
    record->has_class = true;
    record->class = description.class;
  }
  if (description.has_revision) {
    record->has_revision = true;
    record->revision = description.revision;
  }
  if (description.class_name.size > 0)
    keep (record->class_name, sizeof record->class_name, description.class_name);
  keep (record->device_name, sizeof record->device_name, description.name);
}

static void
take_value (struct pl_paste *paste, struct pl_paste_record *record, enum pl_paste_column column,
            struct pl_span cell)
{
  guint32 number, other;
  switch (column) {
  case PL_PASTE_COLUMN_GROUP:
    record->has_group
        = pl_span_take_decimal (&cell, &number) && cell.size == 0 && number <= PL_PASTE_GROUP_LIMIT;
    record->group = record->has_group ? (gint32) number : 0;
    break;
  case PL_PASTE_COLUMN_CLASS:
    take_class_cell (record, cell);
    break;
  case PL_PASTE_COLUMN_ID:
    pl_span_take (&cell, "[");
    if (pl_paste_take_pair (&cell, &number, &other) && (cell.size == 0 || pl_span_is (cell, "]"))) {
      record->has_vendor = record->has_device = true;
      record->vendor = number;
      record->device = other;
    }
    break;
  case PL_PASTE_COLUMN_VENDOR:
    if (take_number (cell, 4, &record->vendor))
      record->has_vendor = true;
    break;
  case PL_PASTE_COLUMN_DEVICE:
    if (take_number (cell, 4, &record->device))
      record->has_device = true;
    else if (record->device_name[0] == '\0')
      take_description (paste, record, cell);
    break;
  case PL_PASTE_COLUMN_DRIVER:
    if (pl_paste_is_driver_name (cell) && g_ascii_isalnum (cell.at[0]) && !pl_span_is (cell, "none"))
      keep (record->driver, sizeof record->driver, cell);
    break;
  case PL_PASTE_COLUMN_NAME:
    take_description (paste, record, cell);
    break;
  default:
    break;
  }
}

static bool
take_row (struct pl_paste *paste, const struct pl_paste_line *line)
{
  const struct pl_paste_table *table = &paste->table;
  struct pl_span cells[G_N_ELEMENTS (table->columns)], rest = skip_border (line->text, table->separator);
  bool is_aligned = table->separator == ' ' || table->separator == 'w', is_last = false;
  guint n = 0;
  while (!is_last) {
    if (n == table->n_columns)
      return false;
    if (is_aligned && n + 1 == table->n_columns) {
      cells[n++] = pl_span_trim (rest);
      break;
    }
    cells[n++] = take_cell (&rest, table->separator, &is_last);
  }
  if (table->address >= n)
    return false;
  struct pl_span cell = cells[table->address];
  struct pl_address address;
  if (!pl_span_take_address (&cell, &address) || cell.size > 0)
    return false;
  if (line->is_unterminated)
    return true;
  pl_paste_begin_record (paste, PL_PASTE_FORM_TABLE);
  struct pl_paste_record *record = &paste->record;
  record->line = line->number;
  record->has_address = true;
  record->address = address;
  for (guint i = 0; i < n; i++)
    take_value (paste, record, table->columns[i], cells[i]);
  pl_paste_end_record (paste);
  return true;
}

bool
pl_paste_table_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_paste_table *table = &paste->table;
  if (table->n_columns > 0) {
    if (is_border (line->text)) {
      /* The borders of a drawn table are empty by now. */
      if (line->text.size == 0 && table->separator != '|')
        table->n_columns = 0;
      return line->text.size > 0;
    }
    if (take_row (paste, line))
      return true;
    table->n_columns = 0;
  }
  if (line->text.size == 0 || !take_heading (paste, line))
    return false;
  pl_paste_end_listing (paste, false);
  pl_paste_break (paste);
  return true;
}
