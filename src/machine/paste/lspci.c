/* lspci.c - the line that presents a function, in every form that people post: lspci with any of its options,
 * a script's "IOMMU Group 18 09:00.0 ...", "Group 18:  [1002:731f] [R] 09:00.0  VGA ...", a bare address in a
 * group.
 *
 * The line is taken apart by what its parts are, not by where they stand: the address; a group, marks and ids
 * in front of it; behind it what description.c knows. Source: man 8 lspci.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

static void
store (struct pl_paste *paste, guint index, const struct pl_paste_description *description, guint line)
{
  struct pl_device *device = pl_paste_device (paste, index);
  struct pl_device_text *text = pl_device_text (device);
  guint16 class;
  if (description->has_ids) {
    pl_paste_set_number (paste, index, PL_DEVICE_vendor, (guint16) description->vendor, line);
    pl_paste_set_number (paste, index, PL_DEVICE_device, (guint16) description->device, line);
  } else if (description->has_device_only) {
    pl_paste_set_number (paste, index, PL_DEVICE_device, (guint16) description->device, line);
  }
  if (description->has_class) {
    pl_paste_set_number (paste, index, PL_DEVICE_class, (guint16) description->class, line);
  } else if (pl_device_state (device, PL_DEVICE_class) != PL_KNOWN
             && pl_paste_find_class (paste, description->class_name, &class)) {
    pl_paste_set_number (paste, index, PL_DEVICE_class, class, line);
  }
  if (description->has_revision || description->is_full)
    pl_paste_set_number (paste, index, PL_DEVICE_revision,
                         (guint16) (description->has_revision ? description->revision : 0), line);
  if (description->has_prog_if)
    pl_paste_set_number (paste, index, PL_DEVICE_prog_if, (guint16) description->prog_if, line);
  if (description->class_name.size > 0)
    text->class_name = pl_machine_string (paste->machine, description->class_name.at,
                                          (gssize) description->class_name.size);
  struct pl_span name = description->name;
  guint16 known;
  if (description->has_device_only && pl_device_state (device, PL_DEVICE_vendor) == PL_KNOWN
      && pl_device_get_device (device, &known) == PL_KNOWN && known == description->device) {
    /* Without -nn lspci puts the number into the name of a device that it does not know. */
    name.size -= strlen (" 461c");
  }
  if (name.size > 0 && (text->name == NULL || description->is_certain || description->has_ids))
    text->name = pl_machine_string (paste->machine, name.at, (gssize) name.size);
}

/* What stands before an address: the group, marks and ids. */
struct prefix {
  bool has_group, has_ids;
  bool
      is_strange; /* holds words that we do not understand: they may name a group, and so end the one above */
  bool has_number; /* "(18)" */
  gint32 group;
  guint32 number;
  guint32 vendor, device;
};

/* "Group Device: ", "GPU: ": letters and blanks before a colon. */
static bool
take_label (struct pl_span *text)
{
  gsize at = 0;
  while (at < text->size && at < 24 && (g_ascii_isalpha (text->at[at]) || text->at[at] == ' '))
    at++;
  if (at < 2 || !pl_span_starts (pl_span_skip (*text, at), ": "))
    return false;
  *text = pl_span_skip (*text, at + 2);
  return true;
}

/* "[R]", "[RESET]", "(18)" */
static bool
take_flag (struct pl_span *text, struct prefix *prefix)
{
  if (text->size == 0 || (text->at[0] != '[' && text->at[0] != '('))
    return false;
  char close = text->at[0] == '[' ? ']' : ')';
  gsize at = 1;
  while (at < text->size && at < 12 && (g_ascii_isalnum (text->at[at]) || text->at[at] == ' '))
    at++;
  if (at >= text->size || text->at[at] != close)
    return false;
  struct pl_span inside = pl_span_skip (pl_span_head (*text, at), 1);
  if (pl_span_take_decimal (&inside, &prefix->number) && inside.size == 0)
    prefix->has_number = true;
  *text = pl_span_skip (*text, at + 1);
  return true;
}

/* Marks, flags and ids, and a group among them. */
static void
take_marks (struct pl_span *text, struct prefix *prefix)
{
  for (gsize before = text->size + 1; before != text->size;) {
    before = text->size;
    pl_span_take_any (text, " \t:|*,.=>-)]\"'`");
    if (pl_span_take (text, "\u2013") || pl_span_take (text, "\u2014"))
      continue;
    if (pl_paste_take_ids (text, &prefix->vendor, &prefix->device))
      prefix->has_ids = true;
    else if (!take_flag (text, prefix) && !prefix->has_group)
      prefix->has_group = pl_paste_take_group (text, &prefix->group);
  }
}

static void
take_prefix (struct pl_span *text, struct prefix *prefix)
{
  *prefix = (struct prefix){ .has_group = false };
  pl_paste_take_counter (text);
  take_marks (text, prefix);
}

/* Words before the address that take_prefix() did not know: "[10:31] <bob> IOMMU Group 2". The last group
 * that they name counts where nothing but marks follows it. */
static void
take_strange (struct pl_span words, struct prefix *prefix)
{
  bool has_any = false;
  for (gsize i = 0; i < words.size && !has_any; i++)
    has_any = g_ascii_isalnum (words.at[i]) || (guchar) words.at[i] >= 0x80;
  if (!has_any || prefix->has_group)
    return;
  gsize end;
  if (pl_paste_find_group (words, &prefix->group, &end) >= 0) {
    struct pl_span rest = pl_span_skip (words, end);
    struct prefix marks = { .has_group = true };
    take_marks (&rest, &marks);
    prefix->has_group = rest.size == 0;
    if (marks.has_ids) {
      prefix->has_ids = true;
      prefix->vendor = marks.vendor;
      prefix->device = marks.device;
    }
  }
  prefix->is_strange = !prefix->has_group;
}

/* "0000:00:03.1/07:00.0/09:00.0": the last of them, with the PCI domain of the first. */
static bool
take_path (struct pl_span *text, struct pl_address *address)
{
  struct pl_span rest = *text;
  if (!pl_span_take_address (&rest, address))
    return false;
  while (pl_span_take (&rest, "/")) {
    guint32 domain = address->domain;
    bool has_domain = rest.size > 4 && rest.at[4] == ':';
    if (!pl_span_take_address (&rest, address))
      return false;
    if (!has_domain)
      address->domain = domain;
  }
  *text = rest;
  return true;
}

/* "(IOMMU group 46)" behind the address or at the line's end. */
static void
take_trailing_group (struct pl_span *text, struct prefix *prefix, bool *at_begin)
{
  *at_begin = false;
  struct pl_span rest = *text;
  pl_span_take_any (&rest, " \t([,-=>");
  gint32 group;
  if (pl_paste_take_group (&rest, &group)) {
    pl_span_take_any (&rest, " \t)],:-");
    *at_begin = true;
    *text = rest;
  } else {
    gsize at = text->size > 24 ? text->size - 24 : 0;
    for (; at < text->size; at++) {
      rest = pl_span_skip (*text, at);
      if (at == 0 || strchr (" \t([", text->at[at - 1]) == NULL || !pl_paste_take_group (&rest, &group))
        continue;
      pl_span_take_any (&rest, " \t)].");
      if (rest.size == 0)
        break;
    }
    if (at == text->size)
      return;
    *text = pl_span_head (*text, at);
    while (text->size > 0 && strchr (" \t([,-", text->at[text->size - 1]) != NULL)
      text->size--;
  }
  if (!prefix->has_group) {
    prefix->has_group = true;
    prefix->group = group;
  }
}

/* Whether the rest could be the name of a thing: in a group, a bare address may have anything behind it but a
 * sentence. */
static bool
may_be_name (struct pl_span text)
{
  return text.size == 0 || (g_ascii_isalnum (text.at[0]) && !g_ascii_islower (text.at[0]))
         || text.at[0] == '[' || text.at[0] == '"';
}

/* The column that the place in the line's text stands at. */
static guint
find_column (const struct pl_paste_line *line, const char *place)
{
  guint column = line->indent;
  for (const char *at = line->text.at; at < place; at++)
    column = *at == '\t' ? (column / 8 + 1) * 8 : column + 1;
  return column;
}

static void
present (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_address address,
         const char *place, const struct prefix *prefix, const struct pl_paste_description *description)
{
  guint index = pl_paste_add (paste, address);
  guint column = find_column (line, place);
  gint32 group;
  pl_paste_begin_block (paste, index, line);
  store (paste, index, description, line->number);
  if (prefix->has_ids && !description->has_ids) {
    pl_paste_set_number (paste, index, PL_DEVICE_vendor, (guint16) prefix->vendor, line->number);
    pl_paste_set_number (paste, index, PL_DEVICE_device, (guint16) prefix->device, line->number);
  }
  if (prefix->has_group) {
    pl_paste_open_inline (paste, line, prefix->group, column, prefix->has_ids);
    pl_paste_state_group (paste, index, prefix->group, PL_PASTE_LISTING, line->number);
  } else if (prefix->is_strange
             || (prefix->has_number && paste->context.is_open
                 && (gint64) prefix->number != paste->context.group)) {
    pl_paste_break (paste);
  } else if (pl_paste_current_group (paste, line, column, prefix->has_ids, &group)) {
    pl_paste_state_group (paste, index, group, PL_PASTE_LISTING, line->number);
  }
}

/* "0000:00:1f.0 0000:00:1f.2": nothing but addresses, all members of one group. */
static bool
present_members (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_span text,
                 const struct prefix *prefix)
{
  struct pl_span rest = text;
  struct pl_address address;
  guint count = 0;
  while (rest.size > 0) {
    if (!pl_span_take_address (&rest, &address))
      return false;
    if (rest.size > 0 && strchr (" \t,;", rest.at[0]) == NULL)
      return false;
    pl_span_take_any (&rest, " \t,;");
    count++;
  }
  if (count == 0 || (!prefix->has_group && !paste->context.is_open))
    return false;
  struct pl_paste_description nothing = { .is_full = false };
  const char *place = text.at;
  while (pl_span_take_address (&text, &address)) {
    present (paste, line, address, place, prefix, &nothing);
    pl_span_take_any (&text, " \t,;");
  }
  return true;
}

/* Where an address begins that is a word of its own; -1: nowhere. Every address has a dot, and few lines have
 * one. */
static gssize
find_address (struct pl_span text)
{
  for (gsize dot = 5; dot < text.size; dot++) {
    const char *next = memchr (text.at + dot, '.', text.size - dot);
    if (next == NULL)
      return -1;
    dot = (gsize) (next - text.at);
    if (text.at[dot - 3] != ':')
      continue;
    gsize start = dot;
    while (start > 0 && dot - start < PL_ADDRESS_SIZE
           && (g_ascii_isxdigit (text.at[start - 1]) || text.at[start - 1] == ':'))
      start--;
    struct pl_span rest = pl_span_skip (text, start);
    struct pl_address address;
    if ((start == 0 || strchr (" \t([|\"'*`,", text.at[start - 1]) != NULL)
        && pl_span_take_address (&rest, &address))
      return (gssize) start;
  }
  return -1;
}

/* Where the details begin that somebody has put on the function's own line; the line's size: nowhere. */
static gsize
find_details (struct pl_span text)
{
  static const char *const keys[] = { "Subsystem: ",      "DeviceName: ", "Kernel driver in use: ",
                                      "Kernel modules: ", "Driver: ",     "Flags: " };
  gsize first = text.size;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    gssize at = pl_span_find (text, keys[i]);
    if (at > 0 && text.at[at - 1] == ' ')
      first = MIN (first, (gsize) at);
  }
  return first;
}

static void
take_details (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_span details)
{
  while (details.size > 0) {
    gsize next = find_details (details);
    struct pl_paste_line part = *line;
    part.text = pl_span_trim (pl_span_head (details, next));
    part.indent++;
    part.is_unterminated = line->is_unterminated && next == details.size;
    (void) pl_paste_detail_line (paste, &part);
    details = pl_span_skip (details, next);
  }
}

/* "GP104 [GeForce GTX 1070]  (nvidia)" */
static struct pl_span
take_driver (struct pl_span *text)
{
  struct pl_span none = { text->at, 0 }, driver = *text;
  gsize start = text->size;
  if (start == 0 || text->at[start - 1] != ')')
    return none;
  while (start > 0 && text->at[start - 1] != '(')
    start--;
  driver = pl_span_skip (pl_span_head (driver, text->size - 1), start);
  if (start < 2 || (text->at[start - 2] != ' ' && text->at[start - 2] != '\t')
      || !pl_paste_is_driver (driver))
    return none;
  *text = pl_span_trim (pl_span_head (*text, start - 1));
  return driver;
}

/* The address of the line with what stands before it, and what stands behind it. */
struct parts {
  struct prefix prefix;
  struct pl_address address;
  const char *place;  /* of the address */
  bool is_at_begin;   /* nothing but marks, a label and a group stands before it */
  bool group_follows; /* directly behind it */
  struct pl_span rest, details;
};

static bool
take_parts (struct pl_span text, gsize at, bool is_below_header, struct parts *parts)
{
  struct pl_span rest = parts->rest;
  parts->place = rest.at;
  parts->is_at_begin = take_path (&rest, &parts->address);
  struct pl_span label = rest;
  if (!parts->is_at_begin && take_label (&rest)) {
    parts->place = rest.at;
    parts->is_at_begin = take_path (&rest, &parts->address);
    /* "bob: 01:00.0": who speaks, not what it is. */
    if (parts->is_at_begin && !is_below_header && pl_span_find (label, "evice: ") < 0)
      take_strange (pl_span_head (label, (gsize) (parts->place - label.at)), &parts->prefix);
  }
  if (!parts->is_at_begin) {
    rest = pl_span_skip (text, at);
    if (rest.at > label.at)
      take_strange (pl_span_head (label, (gsize) (rest.at - label.at)), &parts->prefix);
    parts->place = rest.at;
    if (!take_path (&rest, &parts->address))
      return false;
  }
  if (rest.size > 0 && strchr (" \t:|\")*`'", rest.at[0]) == NULL)
    return false;
  pl_span_take_any (&rest, " \t:|)*`'");
  if (!pl_span_take (&rest, "- ") && !pl_span_take (&rest, "-- ") && !pl_span_take (&rest, "\u2013 "))
    pl_span_take (&rest, "\u2014 ");
  rest = pl_span_trim (rest);
  /* A link in a listing of the group's directory: where it points to says nothing more. */
  if (pl_span_starts (rest, "-> ../"))
    rest.size = 0;
  gsize end = find_details (rest);
  parts->details = pl_span_skip (rest, end);
  parts->rest = pl_span_trim (pl_span_head (rest, end));
  take_trailing_group (&parts->rest, &parts->prefix, &parts->group_follows);
  return true;
}

/* "2. 01:00.1": the item of a numbered list, where it is indented below the group's header. Elsewhere nobody
 * knows whether the number is the group's. */
static void
take_item_number (const struct pl_paste_context *context, const struct pl_paste_line *line,
                  struct pl_span *text)
{
  struct pl_span rest = *text;
  struct pl_address address;
  guint32 number;
  if (!context->is_open || context->is_inline || line->indent <= context->indent
      || !pl_span_take_decimal (&rest, &number) || rest.size < 2 || strchr (".)", rest.at[0]) == NULL
      || rest.at[1] != ' ')
    return;
  rest = pl_span_skip (rest, 1);
  pl_span_take_any (&rest, " \t");
  struct pl_span item = rest;
  if (pl_span_take_address (&rest, &address))
    *text = item;
}

bool
pl_paste_function_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  gssize at = find_address (line->text);
  if (at < 0)
    return false;
  struct parts parts = { .rest = line->text };
  take_prefix (&parts.rest, &parts.prefix);
  take_item_number (&paste->context, line, &parts.rest);
  if (present_members (paste, line, parts.rest, &parts.prefix))
    return true;
  struct pl_paste_description description;
  if (!take_parts (line->text, (gsize) at, line->indent > paste->context.indent, &parts))
    return false;
  struct pl_span driver = take_driver (&parts.rest);
  pl_paste_describe (paste, parts.rest, &description);

  bool is_in_group = parts.prefix.has_group || paste->context.is_open;
  bool is_known
      = description.is_certain
        || (parts.is_at_begin && description.has_ids && (description.class_name.size > 0 || is_in_group));
  if (!is_known && !parts.group_follows && !(parts.is_at_begin && is_in_group && may_be_name (parts.rest)))
    return false;
  if (!parts.is_at_begin && !parts.group_follows && !(description.has_class && description.has_ids))
    return false;
  if (line->is_unterminated)
    pl_paste_drop_cut (&description);
  present (paste, line, parts.address, parts.place, &parts.prefix, &description);
  if (driver.size > 0) {
    bool shows_drivers = paste->shows_drivers;
    pl_paste_set_driver (paste, paste->block.index, driver, line->number);
    paste->shows_drivers = shows_drivers;
  }
  take_details (paste, line, parts.details);
  return true;
}

bool
pl_paste_wrapped_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  const struct pl_paste_block *block = &paste->block;
  if (!block->is_open || line->number != block->line + 1 || line->is_unterminated || block->has_details)
    return false;
  struct pl_paste_description description;
  pl_paste_describe (paste, line->text, &description);
  struct pl_device *device = pl_paste_device (paste, block->index);
  const struct pl_device_text *text = pl_device_text (device);
  /* Only what the function's own line has not said: a line of -nn has its ids, and the revision behind them.
   */
  bool has_ids = text->line_[PL_DEVICE_vendor] == block->line;
  bool is_tail = description.class_name.size == 0 && description.name.size == 0;
  if (!(description.has_ids && !has_ids) && !(is_tail && description.has_revision))
    return false;
  if (description.has_ids) {
    pl_paste_set_number (paste, block->index, PL_DEVICE_vendor, (guint16) description.vendor, line->number);
    pl_paste_set_number (paste, block->index, PL_DEVICE_device, (guint16) description.device, line->number);
  }
  /* No revision was taken for 00 in the line above. */
  if (text->line_[PL_DEVICE_revision] == block->line)
    pl_device_set_revision (device, PL_UNREAD, 0);
  if (description.has_revision || (description.has_ids && is_tail))
    pl_paste_set_number (paste, block->index, PL_DEVICE_revision,
                         (guint16) (description.has_revision ? description.revision : 0), line->number);
  if (description.has_prog_if)
    pl_paste_set_number (paste, block->index, PL_DEVICE_prog_if, (guint16) description.prog_if, line->number);
  return true;
}
