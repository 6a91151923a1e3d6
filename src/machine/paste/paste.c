/* paste.c - reads a text line by line; see paste.h. What each part does stands in paste_private.h. */
#include "machine/paste/paste_private.h"

#include "base/error.h"

/* More contradictions than these say no more. */
#define NOTES_TOLD 40

static guint
hash_address (gconstpointer key)
{
  /* Mixed, so that addresses chosen to collide cannot make the table slow. Source: splitmix64. */
  guint64 value = *(const guint64 *) key + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  value = (value ^ value >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint) (value ^ value >> 31);
}

static void
init (struct pl_paste *paste, struct pl_machine *machine, const char *name)
{
  *paste = (struct pl_paste){
    .machine = machine,
    .name = name,
    .index = g_hash_table_new_full (hash_address, g_int64_equal, g_free, NULL),
    .entries = g_array_new (FALSE, TRUE, sizeof (struct pl_paste_entry)),
    .classes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .notes_left = NOTES_TOLD,
    .listing_start = 1,
    .tainted = g_hash_table_new (NULL, NULL),
    .platform_groups = g_hash_table_new (NULL, NULL),
    .joined = g_string_new (NULL),
    .undriven = g_array_new (FALSE, TRUE, sizeof (struct pl_paste_undriven)),
    .events = g_array_new (FALSE, TRUE, sizeof (struct pl_log_event)),
    .event_keys = g_hash_table_new_full (hash_address, g_int64_equal, g_free, NULL),
  };
}

static void
clear (struct pl_paste *paste)
{
  g_hash_table_unref (paste->index);
  g_array_unref (paste->entries);
  g_hash_table_unref (paste->classes);
  g_hash_table_unref (paste->tainted);
  g_hash_table_unref (paste->platform_groups);
  g_string_free (paste->joined, TRUE);
  g_array_unref (paste->undriven);
  g_array_unref (paste->events);
  g_hash_table_unref (paste->event_keys);
}

/* "$ lspci -nnk", "user@host:~$ dmesg", "[root@host ~]# dmesg": what follows is another output. */
static bool
is_prompt (struct pl_span text)
{
  if (pl_span_starts (text, "$ ") || pl_span_starts (text, "% "))
    return true;
  gssize at = pl_span_find (pl_span_head (text, 60), "@");
  if (at <= 0)
    return false;
  struct pl_span rest = pl_span_skip (pl_span_head (text, 80), (gsize) at);
  return pl_span_find (rest, "$ ") > 0 || pl_span_find (rest, "# ") > 0;
}

/* Marks between parts of a text: fences of Markdown, prompts, and the line that grep sets between its
 * matches. */
static bool
take_separator (struct pl_paste *paste, const struct pl_paste_line *line)
{
  bool is_gap = pl_span_is (line->text, "--");
  if (!is_gap && !pl_span_starts (line->text, "```") && !pl_span_starts (line->text, "~~~")
      && !is_prompt (line->text))
    return false;
  pl_paste_end_listing (paste, is_gap);
  pl_paste_break (paste);
  (void) pl_paste_sysfs_command (paste, line);
  return true;
}

/* A listing in the text that is not the kernel's log. */
static void
leave_log (struct pl_paste *paste)
{
  if (paste->is_in_log)
    pl_paste_break (paste);
  paste->is_in_log = false;
}

/* "-[0000:00]-+-00.0  Acme Root", what `lspci -t` begins with. */
static bool
is_tree_view (struct pl_span text)
{
  guint32 domain, bus;
  return pl_span_take (&text, "-[") && pl_span_take_hex (&text, 4, &domain) && pl_span_take (&text, ":")
         && pl_span_take_hex (&text, 2, &bus) && pl_span_starts (text, "]-");
}

static void
take_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  if (line->text.size == 0) {
    (void) pl_paste_table_line (paste, line);
    (void) pl_paste_field_line (paste, line);
    pl_paste_foreign_line (paste, line);
    return;
  }
  /* "pcilib: Error reading /sys/bus/pci/devices/0000:00:08.3/label": stands on stderr, between lines of any
   * block. */
  if (pl_span_starts (line->text, "pcilib: ") || pl_span_starts (line->text, "lspci: "))
    return;
  bool is_system = pl_paste_system_line (paste, line);
  if (take_separator (paste, line) || is_system)
    return;
  if (pl_paste_log_line (paste, line))
    return;
  leave_log (paste);
  if (pl_paste_table_line (paste, line) || pl_paste_field_line (paste, line))
    return;
  paste->shows_tree_view = paste->shows_tree_view || is_tree_view (line->text);
  /* The function's line before the header: "IOMMU Group 18 09:00.0 ..." is both. */
  if (!pl_paste_detail_line (paste, line) && !pl_paste_sysfs_command (paste, line)
      && !pl_paste_sysfs_line (paste, line) && !pl_paste_function_line (paste, line)
      && !pl_paste_group_header (paste, line) && !pl_paste_wrapped_line (paste, line))
    pl_paste_foreign_line (paste, line);
}

static void
finish (struct pl_paste *paste)
{
  struct pl_machine *machine = paste->machine;
  pl_paste_finish_drivers (paste);
  pl_paste_finish_groups (paste);
  GPtrArray *events = pl_machine_keep_list (machine, g_ptr_array_new_full (paste->events->len, NULL));
  GArray *kept = pl_machine_keep_array (machine, g_array_ref (paste->events));
  for (guint i = 0; i < kept->len; i++)
    g_ptr_array_add (events, &g_array_index (kept, struct pl_log_event, i));
  if (events->len > 0) {
    pl_machine_set_log_events (machine, PL_KNOWN, events);
    machine->line_[PL_MACHINE_log_events] = g_array_index (kept, struct pl_log_event, 0).line;
  }
  if (machine->devices_->len > 0)
    machine->devices_state = PL_KNOWN;
  pl_machine_sort_devices (machine);
}

/* A release or a distribution alone stands in any text. */
static bool
has_anything (const struct pl_machine *machine)
{
  return pl_machine_n_devices (machine) > 0 || pl_machine_state (machine, PL_MACHINE_iommu_groups) == PL_KNOWN
         || pl_machine_state (machine, PL_MACHINE_log_events) == PL_KNOWN
         || pl_machine_state (machine, PL_MACHINE_command_line) == PL_KNOWN;
}

bool
pl_paste_read (struct pl_machine *machine, const char *name, const char *text, gsize size, GError **error)
{
  if (size > PL_PASTE_LIMIT_BYTES) {
    pl_error_set (error, PL_ERROR_FAILED, name, "Give only the part with the listings.",
                  "%s: the text has more than %u MiB", name, PL_PASTE_LIMIT_BYTES / (1024 * 1024));
    return false;
  }
  struct pl_paste paste;
  GString *converted = pl_paste_from_utf16 (text, size);
  if (converted != NULL) {
    text = converted->str;
    size = converted->len;
  }
  init (&paste, machine, name);
  pl_paste_clean (&paste, text, size, take_line);
  pl_paste_end_listing (&paste, size > 0 && text[size - 1] != '\n');
  pl_paste_end_record (&paste);
  finish (&paste);
  clear (&paste);
  if (converted != NULL)
    g_string_free (converted, TRUE);
  if (has_anything (machine))
    return true;
  if (paste.shows_tree_view) {
    pl_error_set (error, PL_ERROR_FAILED, name, "Give it the output of: lspci -nnk",
                  "%s: this looks like the tree of lspci -t, which names neither drivers nor IOMMU groups",
                  name);
    return false;
  }
  pl_error_set (error, PL_ERROR_FAILED, name,
                "Give it the output of a script that lists IOMMU groups, of lspci -nnk, or of dmesg.",
                "%s: neither a PCI function nor an IOMMU group is named in it", name);
  return false;
}
