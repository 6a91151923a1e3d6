/* log.c - the kernel log in a text: events, groups, and the functions that its lines name. */
#include "machine/paste/paste_private.h"

#include <string.h>

/* How many events of a kind are kept that name no function: a log may repeat a fault for hours. */
#define PLAIN_EVENTS_KEPT 16

/* Whether an event of this kind on this function was kept already. Groups are told by the functions
 * themselves. */
static bool
is_repeated (struct pl_paste *paste, const struct pl_log_event *event)
{
  if (!event->has_address)
    return paste->plain_events[event->kind]++ >= PLAIN_EVENTS_KEPT;
  gint64 key = (gint64) ((guint64) event->kind << 56 ^ (guint64) event->address.domain << 24
                         ^ (guint64) event->address.bus << 16 ^ (guint64) event->address.slot << 8
                         ^ event->address.function);
  return !g_hash_table_add (paste->event_keys, g_memdup2 (&key, sizeof key));
}

static void
keep_event (struct pl_paste *paste, struct pl_log_event *event, struct pl_span text)
{
  bool is_group = event->kind == PL_LOG_GROUP || event->kind == PL_LOG_GROUP_REMOVED;
  if (is_group && event->has_address) {
    const struct pl_paste_entry *entry = pl_paste_entry (paste, pl_paste_add (paste, event->address));
    if (event->kind == PL_LOG_GROUP && entry->has_group && entry->group == event->number
        && entry->group_source == PL_PASTE_LOG)
      return;
  } else if (is_repeated (paste, event)) {
    return;
  }
  event->text = pl_machine_string (paste->machine, text.at, (gssize) text.size);
  g_array_append_val (paste->events, *event);
}

/* The number ends the text: "group 1" may have been "group 15". The kernel counts upwards. */
static bool
may_be_cut (const struct pl_paste *paste, const struct pl_paste_line *line, gint64 number)
{
  return line->is_unterminated && number < paste->last_log_group;
}

static void
take_group_event (struct pl_paste *paste, const struct pl_paste_line *line, const struct pl_log_event *event)
{
  if (!event->has_address) {
    if (event->kind == PL_LOG_GROUP && event->number <= G_MAXUINT16)
      g_hash_table_insert (paste->platform_groups, GINT_TO_POINTER ((gint32) event->number + 1),
                           GUINT_TO_POINTER (line->number));
    return;
  }
  guint index = pl_paste_add (paste, event->address);
  if (event->number > G_MAXUINT16)
    return;
  if (event->kind == PL_LOG_GROUP)
    pl_paste_state_group (paste, index, (gint32) event->number, PL_PASTE_LOG, line->number);
  else
    pl_paste_leave_group (paste, index, line->number);
  paste->last_log_group = event->number;
}

/* @text: the event's own; @whole: the line without stamps */
static void
take_event (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_log_event *event,
            struct pl_span text, struct pl_span whole)
{
  event->line = line->number;
  switch (event->kind) {
  case PL_LOG_RELEASE:
    pl_paste_set_release (paste, text, PL_PASTE_RANK_LOG, line->number);
    pl_paste_distribution_from_banner (paste, whole, line->number);
    break;
  case PL_LOG_COMMAND_LINE:
    if (line->is_unterminated)
      return;
    pl_paste_set_command_line (
        paste, text, pl_span_starts (whole, "Kernel") ? PL_PASTE_RANK_KERNEL_LINE : PL_PASTE_RANK_LOG,
        line->number);
    break;
  case PL_LOG_GROUP:
  case PL_LOG_GROUP_REMOVED:
    if (may_be_cut (paste, line, event->number))
      return;
    keep_event (paste, event, text);
    take_group_event (paste, line, event);
    return;
  default:
    if (event->has_address)
      pl_paste_add (paste, event->address);
    break;
  }
  keep_event (paste, event, text);
}

/* "pci 0000:81:00.2: [15b3:101a] type 00 class 0x020000". Source: drivers/pci/probe.c, pci_setup_device(). */
static void
take_setup (struct pl_paste *paste, guint index, struct pl_span rest, guint line)
{
  guint32 vendor, device, type, high, low;
  if (!pl_paste_take_ids (&rest, &vendor, &device))
    return;
  pl_paste_set_number (paste, index, PL_DEVICE_vendor, (guint16) vendor, line);
  pl_paste_set_number (paste, index, PL_DEVICE_device, (guint16) device, line);
  if (!pl_span_take (&rest, " type ") || !pl_span_take_hex (&rest, 2, &type)
      || !pl_span_take (&rest, " class 0x") || rest.size < 6
      || (rest.size > 6 && g_ascii_isalnum (rest.at[6])))
    return;
  struct pl_span class = pl_span_head (rest, 4), interface = pl_span_head (pl_span_skip (rest, 4), 2);
  if (!pl_span_take_hex (&class, 4, &high) || !pl_span_take_hex (&interface, 2, &low))
    return;
  pl_paste_set_number (paste, index, PL_DEVICE_class, (guint16) high, line);
  pl_paste_set_number (paste, index, PL_DEVICE_prog_if, (guint16) low, line);
}

bool
pl_paste_log_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  bool had_stamp;
  struct pl_span whole = pl_kernel_log_text (line->text, &had_stamp), rest, text;
  struct pl_address address;
  struct pl_log_event event;
  bool has_subject = pl_kernel_log_subject (whole, &address, &rest);
  bool is_event = pl_kernel_log_find (line->text, &event, &text);
  /* Without a stamp, a text that begins like a command line is only one where it has parameters. */
  if (is_event && event.kind == PL_LOG_COMMAND_LINE && !had_stamp && pl_span_find (text, "=") < 0)
    is_event = false;
  if (!had_stamp && !has_subject && !is_event)
    return false;
  if (!paste->is_in_log) {
    pl_paste_end_listing (paste, false);
    pl_paste_break (paste);
  }
  paste->is_in_log = true;
  if (has_subject)
    take_setup (paste, pl_paste_add (paste, address), rest, line->number);
  if (is_event)
    take_event (paste, line, &event, text, whole);
  return true;
}
