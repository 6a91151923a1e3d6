/* groups.c - which function is in which IOMMU group, as the text has it.
 *
 * Two questions. Which group does a line belong to: its own mention ("IOMMU Group 18 09:00.0 ..."), or the
 * header above, as long as nothing stands between that ends its list. And which of several listings stands.
 *
 * Of two listings the later stands for every function that it names. A function that only the earlier one
 * names keeps its group, unless the later one shows that this number has come to mean something else: then
 * its group is not known. A number has, where the later listing moved any function out of it or into it. (One
 * device more before the graphics card and all numbers behind it shift by one: whoever is missing in the
 * later listing would otherwise stand in a group of strangers.) A listing ends where a function is named
 * again; kernel log and script with the same numbers agree, and complete each other.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

void
pl_paste_open_group (struct pl_paste *paste, const struct pl_paste_line *line, gint32 group)
{
  paste->context = (struct pl_paste_context){ .is_open = true, .group = group, .indent = line->indent };
}

void
pl_paste_open_inline (struct pl_paste *paste, const struct pl_paste_line *line, gint32 group, guint column,
                      bool begins_with_ids)
{
  pl_paste_open_group (paste, line, group);
  paste->context.begins_with_ids = begins_with_ids;
  paste->context.is_inline = paste->context.has_members = true;
  paste->context.member_column = column;
}

/* "14": a branch of a tree whose leaves are functions. */
static bool
take_tree_number (const struct pl_paste_line *line, gint32 *group)
{
  struct pl_span rest = line->text;
  guint32 number;
  if (!line->is_tree || !pl_span_take_decimal (&rest, &number) || number > PL_PASTE_GROUP_LIMIT)
    return false;
  pl_span_take_any (&rest, "/:");
  *group = (gint32) number;
  return rest.size == 0;
}

/* "(type DMA-FQ)", "(DMA)": the group's kind of domain. */
static void
take_type (struct pl_span *text)
{
  static const char *const types[] = { "DMA-FQ)", "DMA)", "identity)", "unmanaged)", "blocked)", "auto)" };
  struct pl_span rest = *text;
  if (!pl_span_take (&rest, "("))
    return;
  if (pl_span_take (&rest, "type"))
    pl_span_take_any (&rest, ": =");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (pl_span_starts_any_case (rest, types[i]))
      *text = pl_span_skip (rest, strlen (types[i]));
}

bool
pl_paste_group_header (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gint32 group;
  struct pl_span rest = line->text;
  if (!take_tree_number (line, &group)) {
    pl_paste_take_counter (&rest);
    struct pl_span call = rest;
    if (!pl_paste_take_group (&rest, &group))
      return false;
    bool says_iommu = pl_span_find (call, "IOMMU") >= 0 || pl_span_starts_any_case (call, "iommu");
    pl_span_take_any (&rest, " \t*_#)]");
    take_type (&rest);
    bool has_colon = pl_span_take (&rest, ":");
    pl_span_take_any (&rest, " \t:*_#=.)]-");
    /* "IOMMU Group 18: my graphics card" heads a list, "IOMMU group 18 and 19 are fine" does not. */
    if (rest.size > 0 && !(says_iommu && has_colon))
      return false;
  }
  pl_paste_end_block (paste, false);
  pl_paste_open_group (paste, line, group);
  return true;
}

/* Members stand below each other, but for a blank or two of those who tidied up by hand. */
#define RAGGED_COLUMNS 3

bool
pl_paste_current_group (struct pl_paste *paste, const struct pl_paste_line *line, guint column,
                        bool begins_with_ids, gint32 *group)
{
  struct pl_paste_context *context = &paste->context;
  if (!context->is_open)
    return false;
  bool is_below = column + RAGGED_COLUMNS >= context->member_column;
  bool belongs;
  if (context->is_inline) {
    /* "Group 10:  [1022:790b] 00:14.0 ...", and the next one below without "Group 10:", where Unraid has it
     * at the line's begin. */
    bool is_indented
        = line->indent > context->indent || (context->begins_with_ids && line->indent == context->indent);
    belongs = !context->had_blank && (is_below || (begins_with_ids && is_indented));
  } else if (!context->has_members) {
    belongs = column >= context->indent;
  } else if (context->member_column > context->indent) {
    belongs = is_below && column > context->indent;
  } else {
    /* Members as far left as their header: then an empty line ends the list, where not all lines stand apart.
     */
    belongs = column >= context->indent && (!context->had_blank || context->is_spaced);
  }
  if (!belongs) {
    context->is_open = false;
    return false;
  }
  if (!context->has_members)
    context->member_column = column;
  context->has_members = true;
  context->had_blank = false;
  *group = context->group;
  return true;
}

void
pl_paste_break (struct pl_paste *paste)
{
  paste->context.is_open = false;
  paste->break_sequence = paste->sequence + 1;
}

/* Whether the line is shaped like those that scripts print below a function: "ACSCap: ...", "Bus 002 Device
 * 001: ...". */
static bool
is_sub_line (struct pl_span text)
{
  gsize at = 0;
  /* Unraid's: "[1:0:0:0]    disk    ATA ...", and of a controller that is bound. */
  if (pl_span_starts (text, "This controller is bound to vfio")
      || (pl_span_starts (text, "[") && text.size > 9 && text.at[2] == ':' && text.at[4] == ':'
          && text.at[6] == ':' && text.at[8] == ']'))
    return true;
  while (at < text.size && at < 24
         && (g_ascii_isalnum (text.at[at]) || text.at[at] == ' ' || text.at[at] == '_'))
    at++;
  return at > 0 && at < text.size && text.at[at] == ':';
}

void
pl_paste_foreign_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_paste_context *context = &paste->context;
  if (line->text.size == 0) {
    context->had_blank = true;
    context->is_spaced = context->is_spaced || !context->has_members;
    return;
  }
  /* "IOMMU Group -1:", "bob: IOMMU Group 3": what follows is in another group than what was before. */
  if (context->is_open && pl_paste_speaks_of_group (line->text)) {
    pl_paste_break (paste);
    return;
  }
  if (line->indent > context->indent || (context->has_members && is_sub_line (line->text)))
    return;
  if (!is_sub_line (line->text))
    pl_paste_end_listing (paste, false);
  pl_paste_break (paste);
}

/* The statement contradicts an earlier one: neither number means what it meant. */
static void
taint (struct pl_paste *paste, gint32 group)
{
  g_hash_table_insert (paste->tainted, GINT_TO_POINTER (group + 1), GUINT_TO_POINTER (paste->listing_start));
}

/* Tells of all the functions that one later listing moved, in one note. */
static void
tell_moves (struct pl_paste *paste)
{
  char address[PL_ADDRESS_SIZE];
  if (paste->moved == 1)
    pl_paste_note (paste, paste->moved_line, "%s stands in another group than above; the later stands",
                   pl_address_format (paste->moved_first, address));
  else if (paste->moved > 1)
    pl_paste_note (
        paste, paste->moved_line,
        "a later listing differs: %u functions (the first is %s) stand in other groups than above; "
        "the later stands",
        paste->moved, pl_address_format (paste->moved_first, address));
  paste->moved = 0;
}

static void
begin_listing (struct pl_paste *paste)
{
  /* It began behind the last break, where one lies between the listings; else here. */
  paste->listing_start = paste->break_sequence > paste->listing_start
                             ? MIN (paste->break_sequence, paste->sequence)
                             : paste->sequence;
  tell_moves (paste);
}

void
pl_paste_state_group (struct pl_paste *paste, guint index, gint32 group, enum pl_paste_source source,
                      guint line)
{
  struct pl_paste_entry *entry = pl_paste_entry (paste, index);
  paste->sequence++;
  if (entry->has_group && entry->group >= 0) {
    bool is_again = entry->group_sequence >= paste->listing_start;
    bool moves = entry->group != group;
    /* "lspci -v" below a script's line repeats its group: no new listing. */
    if (is_again && (moves || entry->group_source == source))
      begin_listing (paste);
    if (moves) {
      taint (paste, entry->group);
      taint (paste, group);
      if (paste->moved++ == 0) {
        paste->moved_line = line;
        paste->moved_first = pl_paste_device (paste, index)->address;
      }
    }
  }
  entry->has_group = true;
  entry->group = group;
  entry->group_source = (guint8) source;
  entry->group_line = line;
  entry->group_sequence = paste->sequence;
}

void
pl_paste_leave_group (struct pl_paste *paste, guint index, guint line)
{
  struct pl_paste_entry *entry = pl_paste_entry (paste, index);
  paste->sequence++;
  *entry = (struct pl_paste_entry){
    .group = -1,
    .has_group = true,
    .group_source = PL_PASTE_LOG,
    .group_line = line,
    .group_sequence = paste->sequence,
    .undriven_line = entry->undriven_line,
  };
}

static int
compare_ids (const void *left, const void *right)
{
  gint32 first = *(const gint32 *) left, second = *(const gint32 *) right;
  return (first > second) - (first < second);
}

/* The ids of all groups that have a member now. */
static void
set_group_ids (struct pl_paste *paste)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint first_line = 0;
  for (guint i = 0; i < paste->entries->len; i++) {
    const struct pl_paste_entry *entry = pl_paste_entry (paste, i);
    if (!entry->has_group || entry->group < 0)
      continue;
    if (first_line == 0 || entry->group_line < first_line)
      first_line = entry->group_line;
    if (g_hash_table_add (seen, GINT_TO_POINTER (entry->group + 1)))
      g_array_append_val (ids, entry->group);
  }
  GHashTableIter iter;
  gpointer key, line;
  g_hash_table_iter_init (&iter, paste->platform_groups);
  while (g_hash_table_iter_next (&iter, &key, &line)) {
    gint32 id = GPOINTER_TO_INT (key) - 1;
    if (first_line == 0 || GPOINTER_TO_UINT (line) < first_line)
      first_line = GPOINTER_TO_UINT (line);
    if (g_hash_table_add (seen, key))
      g_array_append_val (ids, id);
  }
  pl_machine_keep_array (paste->machine, ids);
  if (ids->len == 0)
    return;
  g_array_sort (ids, compare_ids);
  pl_machine_set_iommu_groups (paste->machine, PL_KNOWN, ids);
  paste->machine->line_[PL_MACHINE_iommu_groups] = first_line;
}

void
pl_paste_finish_groups (struct pl_paste *paste)
{
  tell_moves (paste);
  guint forgotten = 0;
  struct pl_address first = { 0 };
  for (guint i = 0; i < paste->entries->len; i++) {
    struct pl_paste_entry *entry = pl_paste_entry (paste, i);
    struct pl_device *device = pl_paste_device (paste, i);
    if (!entry->has_group)
      continue;
    gpointer since = g_hash_table_lookup (paste->tainted, GINT_TO_POINTER (entry->group + 1));
    if (entry->group >= 0 && since != NULL && entry->group_sequence < GPOINTER_TO_UINT (since)) {
      entry->has_group = false;
      if (forgotten++ == 0)
        first = device->address;
      continue;
    }
    pl_device_set_group (device, entry->group >= 0 ? PL_KNOWN : PL_ABSENT, entry->group);
    pl_device_text (device)->line_[PL_DEVICE_group] = entry->group_line;
  }
  char address[PL_ADDRESS_SIZE];
  if (forgotten > 0)
    pl_paste_note (
        paste, 0,
        "%u functions (the first is %s) stand only in an earlier listing, whose group numbers a later one "
        "contradicts; their group is not known",
        forgotten, pl_address_format (first, address));
  set_group_ids (paste);
}
