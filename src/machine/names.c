/* names.c - see names.h. */
#include "machine/names.h"

#include "base/input.h"

#include <stdio.h>
#include <string.h>

/* A vendor's entry: from the line behind its own to the next vendor's. */
struct entry {
  guint32 offset; /* of the vendor's line */
  guint16 id;
};

struct pl_names {
  GBytes *text; /* pci.ids; NULL: not opened yet, or none */
  bool is_opened;
  GArray *vendors;   /* struct entry, in the order of ids */
  gsize classes;     /* the offset of the first "C xx" line; the text's size where there is none */
  GHashTable *known; /* key (guint64) -> struct name */
  GHashTable *added; /* "1002:731f" -> char *; before pci.ids */
};

/* A looked-up name; text NULL where there is none. */
struct name {
  const char *text;
  gsize length;
};

/* Where distributions put it: Debian; Fedora, Arch, Gentoo; Alpine and openSUSE; pciutils' own default. */
static const char *const places[] = { "/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids",
                                      "/usr/share/pci.ids", "/usr/local/share/pci.ids" };

static struct pl_names *
new_names (GBytes *text)
{
  struct pl_names *names = g_new0 (struct pl_names, 1);
  names->text = text;
  names->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  names->added = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return names;
}

struct pl_names *
pl_names_new (void)
{
  return new_names (NULL);
}

struct pl_names *
pl_names_new_for_text (GBytes *text)
{
  return new_names (g_bytes_ref (text));
}

void
pl_names_free (struct pl_names *names)
{
  if (names == NULL)
    return;
  g_clear_pointer (&names->text, g_bytes_unref);
  g_clear_pointer (&names->vendors, g_array_unref);
  g_hash_table_unref (names->known);
  g_hash_table_unref (names->added);
  g_free (names);
}

void
pl_names_add (struct pl_names *names, const char *key, const char *name)
{
  g_hash_table_replace (names->added, g_strdup (key), g_strdup (name));
}

/* The number of @digits hexadecimal digits at @text, or -1. */
static int
parse_id (const char *text, const char *end, int digits)
{
  int value = 0;
  if (end - text < digits)
    return -1;
  for (int i = 0; i < digits; i++) {
    int digit = g_ascii_xdigit_value (text[i]);
    if (digit < 0)
      return -1;
    value = value << 4 | digit;
  }
  return value;
}

static const char *
line_end (const char *line, const char *end)
{
  const char *newline = memchr (line, '\n', end - line);
  return newline != NULL ? newline : end;
}

static int
compare_entries (const void *left, const void *right)
{
  const struct entry *first = left, *second = right;
  return (first->id > second->id) - (first->id < second->id);
}

/* One pass: where each vendor's lines and the classes begin. */
static void
make_index (struct pl_names *names)
{
  names->vendors = g_array_new (FALSE, FALSE, sizeof (struct entry));
  gsize size = 0;
  const char *text = names->text != NULL ? g_bytes_get_data (names->text, &size) : NULL;
  names->classes = MIN (size, G_MAXUINT32);
  const char *end = text + names->classes;
  bool sorted = true;
  for (const char *line = text; line < end; line = line_end (line, end) + 1) {
    if (line[0] == '\t' || line[0] == '#' || line[0] == '\n')
      continue;
    if (end - line > 2 && line[0] == 'C' && line[1] == ' ') {
      names->classes = (gsize) (line - text);
      break;
    }
    int id = parse_id (line, end, 4);
    if (id < 0)
      continue;
    struct entry entry = { (guint32) (line - text), (guint16) id };
    guint n = names->vendors->len;
    sorted = sorted && (n == 0 || g_array_index (names->vendors, struct entry, n - 1).id < entry.id);
    g_array_append_val (names->vendors, entry);
  }
  if (!sorted)
    g_array_sort (names->vendors, compare_entries);
}

static void
open_text (struct pl_names *names)
{
  if (names->is_opened)
    return;
  names->is_opened = true;
  for (guint i = 0; i < G_N_ELEMENTS (places) && names->text == NULL; i++)
    names->text = pl_input_map (places[i]);
  make_index (names);
}

/* The name on a line behind the id: two blanks, the name, no blanks at the end. */
static struct name
name_behind (const char *at, const char *end)
{
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  while (end > at && g_ascii_isspace (end[-1]))
    end--;
  return (struct name){ at, (gsize) (end - at) };
}

/* A line of @depth tabs and an id of @digits digits among the lines from @line on that are deeper than @depth
 * - 1. */
static const char *
find_line (const char *line, const char *end, int depth, int digits, int wanted)
{
  for (; line < end; line = line_end (line, end) + 1) {
    int tabs = 0;
    while (tabs < 3 && line + tabs < end && line[tabs] == '\t')
      tabs++;
    if (line + tabs == end || line[tabs] == '#' || line[tabs] == '\n')
      continue;
    if (tabs < depth)
      return NULL;
    if (tabs == depth && parse_id (line + tabs, end, digits) == wanted)
      return line;
  }
  return NULL;
}

/* The line of the vendor, or NULL; *end is set to where the vendors stop. */
static const char *
vendor_line (struct pl_names *names, guint16 vendor, const char **end)
{
  open_text (names);
  if (names->text == NULL)
    return NULL;
  const char *text = g_bytes_get_data (names->text, NULL);
  *end = text + names->classes;
  const struct entry wanted = { 0, vendor };
  guint index;
  if (!g_array_binary_search (names->vendors, &wanted, compare_entries, &index))
    return NULL;
  return text + g_array_index (names->vendors, struct entry, index).offset;
}

static struct name
find_vendor (struct pl_names *names, guint16 vendor)
{
  const char *end;
  const char *line = vendor_line (names, vendor, &end);
  return line != NULL ? name_behind (line + 4, line_end (line, end)) : (struct name){ NULL, 0 };
}

static struct name
find_device (struct pl_names *names, guint16 vendor, guint16 device)
{
  const char *end;
  const char *line = vendor_line (names, vendor, &end);
  if (line != NULL)
    line = find_line (line_end (line, end) + 1, end, 1, 4, device);
  return line != NULL ? name_behind (line + 5, line_end (line, end)) : (struct name){ NULL, 0 };
}

static struct name
find_subsystem (struct pl_names *names, guint16 vendor, guint16 device, guint16 subsystem_vendor,
                guint16 subsystem_device)
{
  const char *end;
  const char *line = vendor_line (names, vendor, &end);
  if (line != NULL)
    line = find_line (line_end (line, end) + 1, end, 1, 4, device);
  if (line == NULL)
    return (struct name){ NULL, 0 };
  for (line = line_end (line, end) + 1; (line = find_line (line, end, 2, 4, subsystem_vendor)) != NULL;
       line = line_end (line, end) + 1)
    if (line_end (line, end) - line > 11 && line[6] == ' ' && parse_id (line + 7, end, 4) == subsystem_device)
      return name_behind (line + 11, line_end (line, end));
  return (struct name){ NULL, 0 };
}

/* "C 03  Display controller" and below it "\t00  VGA compatible controller". */
static const char *
base_class_line (struct pl_names *names, guint8 base, const char **end)
{
  open_text (names);
  if (names->text == NULL)
    return NULL;
  gsize size;
  const char *text = g_bytes_get_data (names->text, &size);
  *end = text + size;
  for (const char *line = text + names->classes; line < *end; line = line_end (line, *end) + 1)
    if (line[0] == 'C' && parse_id (line + 2, *end, 2) == base)
      return line;
  return NULL;
}

static struct name
find_class (struct pl_names *names, guint8 base, int sub)
{
  const char *end;
  const char *line = base_class_line (names, base, &end);
  if (line == NULL)
    return (struct name){ NULL, 0 };
  if (sub < 0)
    return name_behind (line + 4, line_end (line, end));
  line = find_line (line_end (line, end) + 1, end, 1, 2, sub);
  return line != NULL ? name_behind (line + 3, line_end (line, end)) : (struct name){ NULL, 0 };
}

enum kind { VENDOR = 1, DEVICE, SUBSYSTEM, CLASS, BASE_CLASS };

/* What was added for the same thing; its key is made only where anything was added at all. */
static struct name
find_added (struct pl_names *names, enum kind kind, guint64 ids)
{
  if (g_hash_table_size (names->added) == 0)
    return (struct name){ NULL, 0 };
  guint first = ids >> 48 & 0xffff, second = ids >> 32 & 0xffff, third = ids >> 16 & 0xffff,
        fourth = ids & 0xffff;
  char key[32];
  switch (kind) {
  case VENDOR:
    g_snprintf (key, sizeof key, "%04x", first);
    break;
  case DEVICE:
    g_snprintf (key, sizeof key, "%04x:%04x", first, second);
    break;
  case SUBSYSTEM:
    g_snprintf (key, sizeof key, "%04x:%04x:%04x:%04x", first, second, third, fourth);
    break;
  case CLASS:
    g_snprintf (key, sizeof key, "class %04x", first);
    break;
  case BASE_CLASS:
    g_snprintf (key, sizeof key, "class %02x", first >> 8);
    break;
  }
  const char *name = g_hash_table_lookup (names->added, key);
  return (struct name){ name, name != NULL ? strlen (name) : 0 };
}

static struct name
find_in_text (struct pl_names *names, enum kind kind, guint64 ids)
{
  guint16 first = (guint16) (ids >> 48), second = (guint16) (ids >> 32), third = (guint16) (ids >> 16);
  switch (kind) {
  case VENDOR:
    return find_vendor (names, first);
  case DEVICE:
    return find_device (names, first, second);
  case SUBSYSTEM:
    return find_subsystem (names, first, second, third, (guint16) ids);
  case CLASS:
    return find_class (names, (guint8) (first >> 8), first & 255);
  case BASE_CLASS:
    return find_class (names, (guint8) (first >> 8), -1);
  }
  return (struct name){ NULL, 0 };
}

/* Each name is looked up once: a machine has many functions and few different ones. Subsystems, whose four
 * ids would not fit into the key, are looked up each time; only `show` and -v ask for them. */
static const char *
look_up (struct pl_names *names, enum kind kind, guint64 ids, gsize *length)
{
  struct name found;
  gint64 key = (gint64) (ids >> 32 | (guint64) kind << 40);
  struct name *known = kind != SUBSYSTEM ? g_hash_table_lookup (names->known, &key) : NULL;
  if (known != NULL) {
    found = *known;
  } else {
    found = find_added (names, kind, ids);
    if (found.text == NULL)
      found = find_in_text (names, kind, ids);
    if (kind != SUBSYSTEM)
      g_hash_table_insert (names->known, g_memdup2 (&key, sizeof key), g_memdup2 (&found, sizeof found));
  }
  if (length != NULL)
    *length = found.length;
  return found.text;
}

const char *
pl_names_vendor (struct pl_names *names, guint16 vendor, gsize *length)
{
  return look_up (names, VENDOR, (guint64) vendor << 48, length);
}

const char *
pl_names_device (struct pl_names *names, guint16 vendor, guint16 device, gsize *length)
{
  return look_up (names, DEVICE, (guint64) vendor << 48 | (guint64) device << 32, length);
}

const char *
pl_names_class (struct pl_names *names, guint16 class, gsize *length, bool *is_base)
{
  const char *name = look_up (names, CLASS, (guint64) class << 48, length);
  *is_base = name == NULL;
  return name != NULL ? name : look_up (names, BASE_CLASS, (guint64) (class & 0xff00) << 48, length);
}

const char *
pl_names_subsystem (struct pl_names *names, guint16 vendor, guint16 device, guint16 subsystem_vendor,
                    guint16 subsystem_device, gsize *length)
{
  return look_up (names, SUBSYSTEM,
                  (guint64) vendor << 48 | (guint64) device << 32 | (guint64) subsystem_vendor << 16
                      | subsystem_device,
                  length);
}

bool
pl_names_find_class (struct pl_names *names, const char *name, gsize length, guint16 *class)
{
  open_text (names);
  if (names->text == NULL || length == 0)
    return false;
  gsize size;
  const char *text = g_bytes_get_data (names->text, &size);
  const char *end = text + size;
  int base = -1;
  for (const char *line = text + names->classes; line < end; line = line_end (line, end) + 1) {
    const char *stop = line_end (line, end);
    bool is_base = stop - line > 4 && line[0] == 'C' && line[1] == ' ';
    if (is_base)
      base = parse_id (line + 2, end, 2);
    bool is_sub = base >= 0 && stop - line > 3 && line[0] == '\t' && line[1] != '\t';
    if (!is_base && !is_sub)
      continue;
    struct name found = is_base ? name_behind (line + 4, stop) : name_behind (line + 3, stop);
    if (found.length != length || memcmp (found.text, name, length) != 0)
      continue;
    /* A base class's name alone ("Bridge") is printed where the sub class has none: no number to be had,
     * unless it is also the name of a sub class, which then follows. */
    int sub = is_sub ? parse_id (line + 1, end, 2) : -1;
    if (sub >= 0) {
      *class = (guint16) (base << 8 | sub);
      return true;
    }
  }
  return false;
}
