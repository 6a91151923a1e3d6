/* sysfs.c - paths and links of sysfs that tell a function's group.
 *
 *     /sys/kernel/iommu_groups/7/devices/0000:00:1c.6
 *     /sys/kernel/iommu_groups/7/devices:                                          ls -R, ls of several
 * directories /sys/bus/pci/devices/0000:01:00.0/iommu_group -> ../../../../kernel/iommu_groups/16
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

bool
pl_paste_sysfs_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gssize at = pl_span_find (line->text, GROUPS);
  if (at < 0)
    return false;
  struct pl_span rest = pl_span_skip (line->text, (gsize) at + strlen (GROUPS));
  guint32 group;
  struct pl_address address;
  if (!pl_span_take_decimal (&rest, &group) || group > G_MAXUINT16)
    return false;

  struct pl_span behind = rest;
  if (pl_span_take (&behind, "/devices/")) {
    if (!pl_span_take_address (&behind, &address)
        || (behind.size > 0 && strchr (" \t/:'\"@,)", behind.at[0]) == NULL))
      return false;
    pl_paste_state_group (paste, pl_paste_add (paste, address), (gint32) group, PL_PASTE_LINK, line->number);
    return true;
  }
  pl_span_take (&behind, "/devices");
  pl_span_take (&behind, "/");
  pl_span_take_any (&behind, "'\"");
  if (pl_span_is (behind, ":") && pl_span_find (pl_span_head (line->text, (gsize) at), " ") < 0) {
    pl_paste_end_block (paste, false);
    pl_paste_open_group (paste, line, (gint32) group);
    return true;
  }
  /* A link to the group, whose own path names the function. A number that ends the text may have been cut. */
  struct pl_span before = pl_span_head (line->text, (gsize) at);
  gssize arrow = pl_span_find (before, "->");
  if (arrow < 0 || (rest.size == 0 && line->is_unterminated)
      || (rest.size > 0 && strchr (" \t'\"/", rest.at[0]) == NULL)
      || !find_last_address (pl_span_head (before, (gsize) arrow), &address))
    return false;
  pl_paste_state_group (paste, pl_paste_add (paste, address), (gint32) group, PL_PASTE_LINK, line->number);
  return true;
}
