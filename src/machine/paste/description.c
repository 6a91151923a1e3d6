/* description.c - what lspci prints behind an address: class, name, ids, revision, programming interface.
 *
 * With -nn "VGA compatible controller [0300]: AMD [AMD/ATI] Navi 10 [Radeon RX 5600] [1002:731f] (rev ca)",
 * without it the same without class and ids in brackets, with -n "0300: 1002:731f (rev ca)", with -mm each
 * part in quotes; a script's columns "VGA compatible controller   Navi 10".
 *
 * Names hold brackets of every kind ("bus[E:B]", "[AMD/ATI]", "[AHCI mode]"): ids are the last "[hhhh:hhhh]".
 *
 * Source: man 8 lspci; pciutils, lspci.c, show_terse() and show_machine().
 */
#include "machine/paste/paste_private.h"

#include <string.h>

bool
pl_paste_take_pair (struct pl_span *text, guint32 *first, guint32 *second)
{
  struct pl_span rest = *text;
  if (!pl_span_take_hex (&rest, 4, first) || !pl_span_take (&rest, ":")
      || !pl_span_take_hex (&rest, 4, second) || (rest.size > 0 && rest.at[0] == ':'))
    return false;
  *text = rest;
  return true;
}

bool
pl_paste_take_ids (struct pl_span *text, guint32 *first, guint32 *second)
{
  struct pl_span rest = *text;
  if (!pl_span_take (&rest, "[") || !pl_paste_take_pair (&rest, first, second) || !pl_span_take (&rest, "]"))
    return false;
  *text = rest;
  return true;
}

gssize
pl_paste_find_ids (struct pl_span text, guint32 *first, guint32 *second)
{
  for (gsize at = text.size; at-- > 0;) {
    struct pl_span rest = pl_span_skip (text, at);
    if (text.at[at] == '[' && pl_paste_take_ids (&rest, first, second))
      return (gssize) at;
  }
  return -1;
}

struct pl_span
pl_paste_without_cut (struct pl_span text, bool *was_cut)
{
  gsize at = text.size;
  while (at > 0 && text.at[at - 1] == '.')
    at--;
  while (at > 0 && text.size - at < 16 && (g_ascii_isxdigit (text.at[at - 1]) || text.at[at - 1] == ':'))
    at--;
  if (at == 0 || text.at[at - 1] != '[')
    return text;
  *was_cut = true;
  return pl_span_trim (pl_span_head (text, at - 1));
}

/* "(rev ca)" and "(prog-if 00 [VGA controller])" behind the name; the text before them. */
static struct pl_span
take_tail (struct pl_span text, struct pl_paste_description *description)
{
  gsize end = text.size;
  gssize at = pl_span_find (text, "(rev ");
  struct pl_span rest;
  if (at >= 0) {
    rest = pl_span_skip (text, (gsize) at + strlen ("(rev "));
    description->has_revision
        = pl_span_take_hex (&rest, 2, &description->revision) && pl_span_starts (rest, ")");
    end = MIN (end, (gsize) at);
  }
  at = pl_span_find (text, "(prog-if ");
  if (at >= 0) {
    rest = pl_span_skip (text, (gsize) at + strlen ("(prog-if "));
    description->has_prog_if = pl_span_take_hex (&rest, 2, &description->prog_if) && rest.size > 0;
    end = MIN (end, (gsize) at);
  }
  return pl_span_trim (pl_span_head (text, end));
}

/* "0300: 1002:731f"; before pciutils 2.2 "Class 0300: 1002:731f" */
static bool
parse_numeric (struct pl_span text, struct pl_paste_description *description)
{
  struct pl_span rest = text;
  pl_span_take (&rest, "Class ");
  bool has_bracket = pl_span_take (&rest, "[");
  if (!pl_span_take_hex (&rest, 4, &description->class) || (has_bracket && !pl_span_take (&rest, "]"))
      || !pl_span_take (&rest, ": ")
      || !pl_paste_take_pair (&rest, &description->vendor, &description->device))
    return false;
  if (rest.size > 0 && rest.at[0] != ' ')
    return false;
  struct pl_span left = take_tail (rest, description);
  description->has_class = description->has_ids = description->is_certain = true;
  description->is_full = left.size == 0;
  return true;
}

/* Where "[0300]" begins, as a class: the first of its kind, behind a name without a colon. */
static gssize
find_class (struct pl_paste *paste, struct pl_span text, guint32 *class)
{
  for (gsize at = 0; at < text.size && at < 80 && text.at[at] != ':'; at++) {
    struct pl_span rest = pl_span_skip (text, at + 1);
    if (text.at[at] != '[' || !pl_span_take_hex (&rest, 4, class) || !pl_span_take (&rest, "]"))
      continue;
    if (rest.size == 0 || rest.at[0] == ':'
        || pl_paste_is_class_name (paste, pl_span_trim (pl_span_head (text, at))))
      return (gssize) at;
  }
  return -1;
}

/* Class and name of a text that has no ids, revision or prog-if any more. */
static void
parse_names (struct pl_paste *paste, struct pl_span text, struct pl_paste_description *description)
{
  gssize at = find_class (paste, text, &description->class);
  if (at >= 0) {
    description->has_class = true;
    description->class_name = pl_span_trim (pl_span_head (text, (gsize) at));
    struct pl_span rest = pl_span_skip (text, (gsize) at + strlen ("[0300]"));
    description->is_certain = pl_span_take (&rest, ":");
    description->name = pl_span_trim (rest);
    return;
  }
  at = pl_span_find (text, ": ");
  if (at > 0 && pl_paste_is_class_name (paste, pl_span_head (text, (gsize) at))) {
    description->class_name = pl_span_head (text, (gsize) at);
    description->name = pl_span_trim (pl_span_skip (text, (gsize) at + 2));
    description->is_certain = true;
    return;
  }
  at = pl_span_find (text, "  ");
  if (at > 0 && pl_paste_is_class_name (paste, pl_span_head (text, (gsize) at))) {
    description->class_name = pl_span_head (text, (gsize) at);
    description->name = pl_span_trim (pl_span_skip (text, (gsize) at));
    return;
  }
  guint16 class;
  if (pl_paste_find_class (paste, text, &class))
    description->class_name = text;
  else
    description->name = text;
}

/* A field of lspci -mm: "Intel Corporation [8086]"; its number in brackets is taken off. */
static bool
take_field (struct pl_span *text, struct pl_span *field, bool *has_number, guint32 *number)
{
  struct pl_span rest = *text;
  if (!pl_span_take (&rest, "\""))
    return false;
  gssize close = pl_span_find (rest, "\"");
  if (close < 0)
    return false;
  *field = pl_span_head (rest, (gsize) close);
  *text = pl_span_trim (pl_span_skip (rest, (gsize) close + 1));
  struct pl_span last = pl_span_skip (*field, field->size > 6 ? field->size - 6 : 0);
  *has_number = pl_span_take (&last, "[") && pl_span_take_hex (&last, 4, number) && pl_span_is (last, "]");
  if (*has_number)
    *field = pl_span_trim (pl_span_head (*field, field->size - 6));
  return true;
}

static bool
parse_quoted (struct pl_paste *paste, struct pl_span text, struct pl_paste_description *description)
{
  struct pl_span vendor, device;
  bool has_vendor, has_device;
  if (!take_field (&text, &description->class_name, &description->has_class, &description->class)
      || !take_field (&text, &vendor, &has_vendor, &description->vendor)
      || !take_field (&text, &device, &has_device, &description->device))
    return false;
  description->has_ids = has_vendor && has_device;
  description->is_certain = true;
  g_string_truncate (paste->joined, 0);
  g_string_append_len (paste->joined, vendor.at, (gssize) vendor.size);
  g_string_append_c (paste->joined, ' ');
  g_string_append_len (paste->joined, device.at, (gssize) device.size);
  description->name = pl_span_trim ((struct pl_span){ paste->joined->str, paste->joined->len });
  if (pl_span_take (&text, "-r"))
    description->has_revision = pl_span_take_hex (&text, 2, &description->revision);
  return true;
}

void
pl_paste_describe (struct pl_paste *paste, struct pl_span text, struct pl_paste_description *description)
{
  *description = (struct pl_paste_description){ .is_full = false };
  if (parse_numeric (text, description) || parse_quoted (paste, text, description))
    return;
  *description = (struct pl_paste_description){ .is_full = false };
  bool was_cut = false;
  gssize at = pl_paste_find_ids (text, &description->vendor, &description->device);
  struct pl_span head;
  if (at >= 0) {
    description->has_ids = true;
    struct pl_span behind = pl_span_skip (text, (gsize) at + strlen ("[1002:731f]"));
    struct pl_span left = take_tail (behind, description);
    head = pl_span_trim (pl_span_head (text, (gsize) at));
    description->is_full = left.size == 0;
  } else {
    head = pl_paste_without_cut (take_tail (text, description), &was_cut);
  }
  parse_names (paste, head, description);
  description->is_full
      = description->is_full && description->has_class && pl_span_find (description->name, "...") < 0;
  if (!description->has_ids && !was_cut && description->is_certain) {
    /* "Intel Corporation Device 461c": the vendor's number is not said. */
    gsize length = description->name.size;
    struct pl_span last = pl_span_skip (description->name, length > 12 ? length - 12 : 0);
    description->has_device_only
        = pl_span_take (&last, " Device ") && pl_span_take_hex (&last, 4, &description->device);
  }
}

/* A line that ends in its ids is whole, all others may not be. */
void
pl_paste_drop_cut (struct pl_paste_description *description)
{
  description->is_full = false;
  if (description->has_ids || description->has_revision || description->has_prog_if)
    return;
  description->name.size = 0;
  description->has_device_only = false;
  if (!description->has_class && !description->is_certain)
    description->class_name.size = 0;
}
