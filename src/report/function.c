/* function.c - one function as lspci prints it; see report.h. */
#include "report/printable.h"
#include "report/report.h"

#include <string.h>

const char *
pl_report_address (const struct pl_machine *machine, struct pl_address address, char text[PL_ADDRESS_SIZE])
{
  return pl_address_format_short (address, pl_machine_needs_domain (machine), text);
}

char *
pl_report_call (const struct pl_machine *machine, const struct pl_judgement *judgement, const char *command)
{
  g_autofree char *program = pl_judge_command (machine);
  GString *call = g_string_new (program);
  g_string_append_printf (call, " %s", command);
  for (guint i = 0; i < judgement->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, i);
    char address[PL_ADDRESS_SIZE];
    if (judgement->best == NULL || judgement->best == candidate)
      g_string_append_printf (call, " %s", pl_report_address (machine, candidate->device->address, address));
  }
  return g_string_free (call, FALSE);
}

static void
append_hex (GString *out, guint value, int digits)
{
  static const char hexadecimal[] = "0123456789abcdef";
  for (int i = digits - 1; i >= 0; i--)
    g_string_append_c (out, hexadecimal[value >> (4 * i) & 15]);
}

/* The class's name, with its number as lspci -nn adds it. */
static void
append_class (GString *out, const struct pl_machine *machine, const struct pl_device *device,
              bool with_number, const struct pl_style *style)
{
  guint16 class;
  bool is_known = pl_device_get_class (device, &class) == PL_KNOWN;
  gsize length = 0;
  bool is_base = false;
  const char *name = device->text_ != NULL ? device->text_->class_name : NULL;
  if (name != NULL)
    length = strlen (name);
  else if (is_known)
    name = pl_names_class (machine->names, class, &length, &is_base);
  pl_printable_append (out,
                       name != NULL ? name
                       : is_known   ? "Class"
                                    : "function",
                       name != NULL ? (gssize) length : -1, style->is_utf8);
  if (!is_known || (!with_number && name != NULL && !is_base))
    return;
  g_string_append (out, with_number ? " [" : " ");
  append_hex (out, class, 4);
  if (with_number)
    g_string_append_c (out, ']');
}

void
pl_report_append_class_name (GString *out, const struct pl_machine *machine, const struct pl_device *device,
                             const struct pl_style *style)
{
  append_class (out, machine, device, false, style);
}

/* "Vendor Device-name", "Vendor Device 1234", "Device 1234:5678"; with the ids in brackets as lspci -nn has
 * them. */
static void
append_name (GString *out, const struct pl_machine *machine, const struct pl_device *device,
             bool with_numbers, const struct pl_style *style)
{
  guint16 vendor = 0, id = 0;
  bool has_vendor = pl_device_get_vendor (device, &vendor) == PL_KNOWN;
  bool has_id = pl_device_get_device (device, &id) == PL_KNOWN;
  if (device->text_ != NULL && device->text_->name != NULL) {
    pl_printable_append (out, device->text_->name, -1, style->is_utf8);
  } else {
    gsize vendor_length, length;
    const char *vendor_name = has_vendor ? pl_names_vendor (machine->names, vendor, &vendor_length) : NULL;
    const char *name = has_vendor && has_id ? pl_names_device (machine->names, vendor, id, &length) : NULL;
    if (vendor_name != NULL) {
      pl_printable_append (out, vendor_name, (gssize) vendor_length, style->is_utf8);
      g_string_append_c (out, ' ');
    }
    if (name != NULL)
      pl_printable_append (out, name, (gssize) length, style->is_utf8);
    else
      g_string_append (out, "Device");
    if (name == NULL && !with_numbers && has_id) {
      g_string_append_c (out, ' ');
      if (vendor_name == NULL && has_vendor) {
        append_hex (out, vendor, 4);
        g_string_append_c (out, ':');
      }
      append_hex (out, id, 4);
    }
  }
  if (with_numbers && has_vendor && has_id) {
    g_string_append (out, " [");
    append_hex (out, vendor, 4);
    g_string_append_c (out, ':');
    append_hex (out, id, 4);
    g_string_append_c (out, ']');
  }
}

void
pl_report_append_name (GString *out, const struct pl_machine *machine, const struct pl_device *device,
                       const struct pl_style *style)
{
  append_name (out, machine, device, false, style);
}

void
pl_report_append_function (GString *out, const struct pl_machine *machine, const struct pl_device *device,
                           bool with_domain, const struct pl_style *style)
{
  char address[PL_ADDRESS_SIZE];
  g_string_append (out, pl_address_format_short (device->address, with_domain, address));
  g_string_append_c (out, ' ');
  append_class (out, machine, device, true, style);
  g_string_append (out, ": ");
  append_name (out, machine, device, true, style);
  guint8 revision;
  if (pl_device_get_revision (device, &revision) == PL_KNOWN && revision != 0) {
    g_string_append (out, " (rev ");
    append_hex (out, revision, 2);
    g_string_append_c (out, ')');
  }
}
