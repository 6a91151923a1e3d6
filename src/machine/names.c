/* names.c - see names.h. */
#include "machine/names.h"

#include "base/input.h"

#include <stdio.h>
#include <string.h>

/* A vendor's line: where it begins in the text. */
struct entry {
  guint32 offset;
  int id;
};

struct pl_names {
  GBytes *text; /* pci.ids; NULL: not opened yet, or none */
  bool is_opened;
  const char *begin, *classes, *end; /* the vendors, the classes behind them, and the end of both */
  GArray *vendors;                   /* struct entry, as they stand in the text */
  bool is_sorted;                    /* the vendors stand in the order of their ids */
  GHashTable *blocks;                /* vendor -> struct block */
  GHashTable *known;                 /* key (guint64) -> struct name */
  GHashTable *added;                 /* "1002:731f" -> char *; before pci.ids */
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
  names->blocks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
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
  g_hash_table_unref (names->blocks);
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
    char letter = (char) (text[i] | 0x20);
    if (text[i] >= '0' && text[i] <= '9')
      value = value << 4 | (text[i] - '0');
    else if (letter >= 'a' && letter <= 'f')
      value = value << 4 | (letter - 'a' + 10);
    else
      return -1;
  }
  return value;
}

static const char *
line_end (const char *line, const char *end)
{
  const char *newline = memchr (line, '\n', end - line);
  return newline != NULL ? newline : end;
}

/* Sorts behind every vendor. */
#define CLASSES 0x10000

#define CHUNK 64

/* Sixteen bytes at once: GNU C's vectors, which every processor has or the compiler makes. */
typedef guint8 bytes16 __attribute__ ((vector_size (16)));

/* Whether a line without a tab begins behind one of these bytes. Most of the file is lines of devices, and
 * this passes by them. */
static bool
has_line_without_tab (const char *chunk)
{
  bytes16 found = { 0 };
  for (int i = 0; i < CHUNK; i += 16) {
    bytes16 here, next;
    memcpy (&here, chunk + i, sizeof here);
    memcpy (&next, chunk + i + 1, sizeof next);
    found |= (bytes16) (here == '\n') & (bytes16) (next != '\t');
  }
  guint64 halves[2];
  memcpy (halves, &found, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

/* The begin of the first line without a tab behind @line, or of one before it that is near; at most @end. */
static const char *
skip_tabbed (const char *line, const char *end)
{
  const char *at = line;
  while (end - at > CHUNK && !has_line_without_tab (at))
    at += CHUNK;
  if (at == line)
    return line;
  /* Back to the begin of the line that the chunk stands in. */
  const char *newline = memrchr (line, '\n', at - line);
  return newline != NULL ? newline + 1 : line;
}

/* The first entry of @depth tabs at @line or behind it, its number in *id; NULL where there is none before
 * @end. */
static const char *
next_entry (const char *line, const char *end, int depth, int *id)
{
  for (; line < end; line = line_end (line, end) + 1) {
    if (depth == 0 && *line == '\t')
      line = skip_tabbed (line, end);
    int tabs = 0;
    while (tabs <= depth && line + tabs < end && line[tabs] == '\t')
      tabs++;
    if (tabs != depth || line + tabs == end)
      continue;
    bool is_class = depth == 0 && end - line > 1 && line[0] == 'C' && line[1] == ' ';
    *id = is_class ? CLASSES : parse_id (line + tabs, end, 4);
    if (*id >= 0)
      return line;
  }
  return NULL;
}

/* The first entry of @depth tabs from @begin to @end whose number is @wanted or more, by halving: pci.ids is
 * sorted. In a file that is not it may find another one, or none. */
static const char *
bisect (const char *begin, const char *end, int depth, int wanted)
{
  const char *found = NULL;
  while (begin < end) {
    const char *middle = begin + (end - begin) / 2;
    const char *newline = memrchr (begin, '\n', middle - begin);
    const char *line = newline != NULL ? newline + 1 : begin;
    int id;
    const char *entry = next_entry (line, end, depth, &id);
    if (entry != NULL && id < wanted) {
      begin = line_end (entry, end) + 1;
    } else {
      found = entry != NULL ? entry : found;
      end = line;
    }
  }
  return found;
}

/* One pass over the text: where each vendor's lines begin, and the classes. */
static void
make_index (struct pl_names *names)
{
  names->vendors = g_array_sized_new (FALSE, FALSE, sizeof (struct entry), 4096);
  names->classes = names->end;
  names->is_sorted = true;
  struct entry last = { 0, -1 };
  for (const char *line = names->begin; line < names->end;) {
    int id;
    const char *found = next_entry (line, names->end, 0, &id);
    if (found == NULL || id == CLASSES) {
      names->classes = found != NULL ? found : names->end;
      return;
    }
    struct entry entry = { (guint32) (found - names->begin), id };
    names->is_sorted = names->is_sorted && last.id < id;
    g_array_append_val (names->vendors, entry);
    last = entry;
    line = line_end (found, names->end) + 1;
  }
}

static int
compare_entries (const void *left, const void *right)
{
  const struct entry *first = left, *second = right;
  return (first->id > second->id) - (first->id < second->id);
}

/* The vendor's place in the index; false where it has none. In a file that is not sorted every place is
 * looked at. */
static bool
find_vendor_entry (const struct pl_names *names, guint16 vendor, guint *index)
{
  const struct entry wanted = { 0, vendor };
  if (names->is_sorted)
    return g_array_binary_search (names->vendors, &wanted, compare_entries, index);
  for (*index = 0; *index < names->vendors->len; (*index)++)
    if (g_array_index (names->vendors, struct entry, *index).id == vendor)
      return true;
  return false;
}

static void
open_text (struct pl_names *names)
{
  if (names->is_opened)
    return;
  names->is_opened = true;
  for (guint i = 0; i < G_N_ELEMENTS (places) && names->text == NULL; i++)
    names->text = pl_input_map (places[i]);
  if (names->text == NULL)
    return;
  gsize size;
  names->begin = g_bytes_get_data (names->text, &size);
  /* Of no bytes GBytes gives no address. */
  names->begin = names->begin != NULL ? names->begin : "";
  names->end = names->begin + MIN (size, G_MAXUINT32);
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

/* The entry with this very number: by halving, and where that fails, line by line. */
static const char *
find_entry (const char *begin, const char *end, int depth, int wanted)
{
  const char *line = bisect (begin, end, depth, wanted);
  return line != NULL && parse_id (line + depth, end, 4) == wanted ? line
                                                                   : find_line (begin, end, depth, 4, wanted);
}

/* A vendor's line, and where the lines of its devices begin and stop; line NULL where there is no such
 * vendor. */
struct block {
  const char *line, *begin, *end;
};

/* Each vendor is looked up once: a machine has many devices of few vendors. */
static const struct block *
find_block (struct pl_names *names, guint16 vendor)
{
  struct block *block = g_hash_table_lookup (names->blocks, GUINT_TO_POINTER (vendor));
  if (block != NULL)
    return block;
  open_text (names);
  block = g_new0 (struct block, 1);
  guint index;
  if (names->text != NULL && find_vendor_entry (names, vendor, &index)) {
    const GArray *vendors = names->vendors;
    block->line = names->begin + g_array_index (vendors, struct entry, index).offset;
    block->end = index + 1 < vendors->len
                     ? names->begin + g_array_index (vendors, struct entry, index + 1).offset
                     : names->classes;
    block->begin = MIN (line_end (block->line, block->end) + 1, block->end);
  }
  g_hash_table_insert (names->blocks, GUINT_TO_POINTER (vendor), block);
  return block;
}

/* The line of the device, or NULL. */
static const char *
device_line (struct pl_names *names, guint16 vendor, guint16 device)
{
  const struct block *block = find_block (names, vendor);
  return block->line != NULL ? find_entry (block->begin, block->end, 1, device) : NULL;
}

static struct name
find_vendor (struct pl_names *names, guint16 vendor)
{
  const char *line = find_block (names, vendor)->line;
  return line != NULL ? name_behind (line + 4, line_end (line, names->classes)) : (struct name){ NULL, 0 };
}

static struct name
find_device (struct pl_names *names, guint16 vendor, guint16 device)
{
  const char *line = device_line (names, vendor, device);
  return line != NULL ? name_behind (line + 5, line_end (line, names->classes)) : (struct name){ NULL, 0 };
}

static struct name
find_subsystem (struct pl_names *names, guint16 vendor, guint16 device, guint16 subsystem_vendor,
                guint16 subsystem_device)
{
  const char *end = names->classes;
  const char *line = device_line (names, vendor, device);
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
base_class_line (const struct pl_names *names, guint8 base)
{
  for (const char *line = names->classes; line < names->end; line = line_end (line, names->end) + 1)
    if (line[0] == 'C' && parse_id (line + 2, names->end, 2) == base)
      return line;
  return NULL;
}

static struct name
find_class (struct pl_names *names, guint8 base, int sub)
{
  open_text (names);
  const char *end = names->end;
  const char *line = base_class_line (names, base);
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
  if (length == 0)
    return false;
  const char *end = names->end;
  int base = -1;
  for (const char *line = names->classes; line < end; line = line_end (line, end) + 1) {
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
