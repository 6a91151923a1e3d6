/* sysfs.c - paths and links of sysfs that tell a function's group.
 *
 * "/sys/kernel/iommu_groups/7/devices/0000:00:1c.6" in one line; "/sys/kernel/iommu_groups/7/devices:" of ls
 * -R above the addresses; "/sys/bus/pci/devices/0000:01:00.0/iommu_group ->
 * ../../../../kernel/iommu_groups/16".
 *
 * Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

#define GROUPS "iommu_groups/"

/* The last address in the text, each a whole component of a path. */
static bool
find_last_address (struct pl_span text, struct pl_address *address)
{
  bool found = false;
  for (gsize at = 0; at < text.size; at++) {
    struct pl_span rest = pl_span_skip (text, at);
    struct pl_address candidate;
    if ((at == 0 || strchr ("/ \t'\"", text.at[at - 1]) != NULL) && pl_span_take_address (&rest, &candidate)
        && (rest.size == 0 || strchr ("/ \t'\":", rest.at[0]) != NULL)) {
      *address = candidate;
      found = true;
    }
  }
  return found;
}

/* "lrwxrwxrwx 1 root root 0 Jan  1 10:00 0000:04:00.0 -> ../../../../devices/pci0000:00/0000:04:00.0": a line
 * of `ls -l` in a group's directory. */
static bool
take_member_link (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gssize arrow = pl_span_find (line->text, " -> ../../../../devices/");
  if (arrow < 0 || !pl_span_starts (line->text, "lrwx") || !paste->context.is_open || line->is_unterminated)
    return false;
  struct pl_span name = pl_span_head (line->text, (gsize) arrow), target = line->text;
  struct pl_address address, last;
  gint32 group;
  gsize start = name.size;
  while (start > 0 && name.at[start - 1] != ' ')
    start--;
  name = pl_span_skip (name, start);
  if (!pl_span_take_address (&name, &address) || name.size > 0 || !find_last_address (target, &last)
      || pl_address_compare (address, last) != 0
      || !pl_paste_current_group (paste, line, line->indent, false, &group))
    return false;
  pl_paste_state_group (paste, pl_paste_add (paste, address), group, PL_PASTE_LINK, line->number);
  return true;
}

/* What `ls -la` prints besides the members: "total 0", "drwxr-xr-x 2 root root 0 Jan  1 10:00 .". */
static bool
is_of_directory (const struct pl_paste *paste, const struct pl_paste_line *line)
{
  return paste->context.is_open && paste->context.is_directory
         && (pl_span_starts (line->text, "total ") || pl_span_starts (line->text, "drwx"));
}

/* A whole word of the line: "ls", "/bin/ls". */
static bool
has_command (struct pl_span text, const char *name)
{
  while (text.size > 0) {
    struct pl_span word = pl_span_take_word (&text);
    gsize start = word.size;
    while (start > 0 && word.at[start - 1] != '/')
      start--;
    if (pl_span_is (pl_span_skip (word, start), name))
      return true;
  }
  return false;
}

/* "$ readlink /sys/bus/pci/devices/0000:05:00.0/iommu_group": the next line is its answer. */
static bool
take_question (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span text = line->text;
  struct pl_address address;
  while (text.size > 0 && strchr ("/'\" ", text.at[text.size - 1]) != NULL)
    text.size--;
  static const char end[] = "/iommu_group";
  gsize length = sizeof end - 1;
  if (text.size <= length || memcmp (text.at + text.size - length, end, length) != 0
      || !(has_command (text, "readlink") || has_command (text, "realpath"))
      || !find_last_address (text, &address))
    return false;
  paste->link_line = line->number;
  paste->link_address = address;
  pl_paste_end_block (paste, false);
  pl_paste_break (paste);
  return true;
}

/* "../../../../kernel/iommu_groups/5" */
static bool
take_answer (struct pl_paste *paste, const struct pl_paste_line *line, gsize at, struct pl_span rest,
             guint32 group)
{
  bool is_whole = rest.size == 0 && !line->is_unterminated && pl_span_find (line->text, " ") < 0;
  if (paste->link_line == 0 || paste->link_line + 1 != line->number || !is_whole || at == 0)
    return false;
  pl_paste_state_group (paste, pl_paste_add (paste, paste->link_address), (gint32) group, PL_PASTE_LINK,
                        line->number);
  return true;
}

/* "$ ls /sys/kernel/iommu_groups/2/devices/", and its answer below; not where a second one is asked for, too.
 */
static bool
take_listing (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gssize at = pl_span_find (line->text, GROUPS);
  if (at < 0 || line->is_unterminated)
    return false;
  struct pl_span rest = pl_span_skip (line->text, (gsize) at + strlen (GROUPS)),
                 before = pl_span_head (line->text, (gsize) at);
  guint32 group;
  if (!pl_span_take_decimal (&rest, &group) || group > PL_PASTE_GROUP_LIMIT
      || !pl_span_take (&rest, "/devices"))
    return false;
  pl_span_take (&rest, "/");
  pl_span_take_any (&rest, "'\" \t");
  if (rest.size > 0
      || !(has_command (before, "ls") || has_command (before, "ll") || has_command (before, "dir")))
    return false;
  pl_paste_end_block (paste, false);
  pl_paste_open_group (paste, line, (gint32) group);
  paste->context.indent = 0;
  paste->context.is_directory = true;
  return true;
}

bool
pl_paste_sysfs_command (struct pl_paste *paste, const struct pl_paste_line *line)
{
  return take_question (paste, line) || take_listing (paste, line);
}

bool
pl_paste_sysfs_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gssize at = pl_span_find (line->text, GROUPS);
  if (at < 0)
    return take_member_link (paste, line) || is_of_directory (paste, line);
  struct pl_span rest = pl_span_skip (line->text, (gsize) at + strlen (GROUPS));
  guint32 group;
  struct pl_address address;
  if (!pl_span_take_decimal (&rest, &group) || group > PL_PASTE_GROUP_LIMIT)
    return false;

  struct pl_span behind = rest, before = pl_span_head (line->text, (gsize) at);
  if (pl_span_take (&behind, "/devices/") && behind.size > 0 && strchr ("'\":", behind.at[0]) == NULL) {
    if (!pl_span_take_address (&behind, &address)
        || (behind.size > 0 && strchr (" \t/:'\"@,)", behind.at[0]) == NULL))
      return false;
    pl_paste_state_group (paste, pl_paste_add (paste, address), (gint32) group, PL_PASTE_LINK, line->number);
    return true;
  }
  behind = rest;
  pl_span_take (&behind, "/devices");
  pl_span_take (&behind, "/");
  pl_span_take_any (&behind, "'\"");
  bool is_heading = pl_span_is (behind, ":") && pl_span_find (before, " ") < 0;
  if (is_heading) {
    pl_paste_end_block (paste, false);
    pl_paste_open_group (paste, line, (gint32) group);
    paste->context.is_directory = true;
    return true;
  }
  if (take_answer (paste, line, (gsize) at, rest, group))
    return true;
  /* A link to the group, whose own path names the function. A number that ends the text may have been cut. */
  gssize arrow = pl_span_find (before, "->");
  if (arrow < 0 || (rest.size == 0 && line->is_unterminated)
      || (rest.size > 0 && strchr (" \t'\"/", rest.at[0]) == NULL)
      || !find_last_address (pl_span_head (before, (gsize) arrow), &address))
    return false;
  pl_paste_state_group (paste, pl_paste_add (paste, address), (gint32) group, PL_PASTE_LINK, line->number);
  return true;
}
