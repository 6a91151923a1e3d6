/* fuzz_machine.c - what machine/ makes of texts.
 *
 * t: text as people post it. i: pci.ids. c: a kernel command line. m: a modalias. k: lines of a kernel log.
 * a: an address.
 */
#include "base/error.h"
#include "machine/command_line.h"
#include "machine/kernel_log.h"
#include "machine/modalias.h"
#include "machine/paste/paste.h"
#include "target.h"

#include <string.h>

static struct pl_machine *
new_machine (void)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  return pl_machine_new (PL_SOURCE_TEXT, "fuzz", pl_names_new_for_text (none));
}

static void
run_text (const char *text, gsize size)
{
  struct pl_machine *machine = new_machine ();
  g_autoptr (GError) error = NULL;
  bool is_read = pl_paste_read (machine, "fuzz", text, size, &error);
  g_assert (is_read == (error == NULL));
  /* What was read is in order, and can be found again. */
  for (guint i = 0; is_read && i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    g_assert (pl_machine_find (machine, device->address) == device);
    g_assert (i == 0
              || pl_address_compare (pl_machine_device (machine, i - 1)->address, device->address) < 0);
    for (int fact = 0; fact < PL_N_DEVICE_FACTS; fact++)
      g_assert (pl_device_state (device, (enum pl_device_fact) fact) <= PL_KNOWN);
  }
  pl_machine_free (machine);
}

static void
touch (const char *text, gsize length)
{
  /* Reads every byte: one that lies outside is seen by the sanitizer. */
  guint sum = 0;
  for (gsize i = 0; text != NULL && i < length; i++)
    sum += (guint8) text[i];
  g_assert (text != NULL || sum == 0);
}

static void
run_names (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  struct pl_names *names = pl_names_new_for_text (bytes);
  gsize length;
  bool is_base;
  static const guint16 ids[] = { 0x0000, 0x1002, 0x731f, 0x1043, 0x04e8, 0x8086, 0xffff };
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    const char *vendor = pl_names_vendor (names, ids[i], &length);
    touch (vendor, length);
    for (guint j = 0; j < G_N_ELEMENTS (ids); j++) {
      const char *device = pl_names_device (names, ids[i], ids[j], &length);
      touch (device, length);
      const char *subsystem = pl_names_subsystem (names, ids[i], ids[j], ids[j], ids[i], &length);
      touch (subsystem, length);
    }
  }
  for (guint class = 0; class < 0x1400; class += 0x80) {
    const char *name = pl_names_class (names, (guint16) class, &length, &is_base);
    touch (name, length);
    guint16 found;
    if (name != NULL && length > 0)
      pl_names_find_class (names, name, length, &found);
  }
  pl_names_free (names);
}

static void
run_command_line (const char *text, gsize size)
{
  struct pl_machine *machine = new_machine ();
  const struct pl_command_line *line = pl_command_line_parse (machine, text, size);
  g_assert (line != NULL && line->text != NULL && line->parameters != NULL);
  for (guint i = 0; i < line->parameters->len; i++) {
    const struct pl_parameter *parameter = &g_array_index (line->parameters, struct pl_parameter, i);
    g_assert (parameter->name != NULL);
    touch (pl_command_line_value (line, parameter->name), 0);
  }
  pl_machine_free (machine);
}

static void
run_modalias (const char *text, gsize size)
{
  struct pl_modalias modalias;
  pl_modalias_parse (text, size, &modalias);
}

static void
run_log (const char *text, gsize size)
{
  struct pl_machine *machine = new_machine ();
  const char *end = text + size;
  for (const char *line = text, *next; line < end; line = next) {
    const char *newline = memchr (line, '\n', end - line);
    gsize length = (newline != NULL ? newline : end) - line;
    next = line + length + 1;
    struct pl_log_event event;
    /* The filter of a recording and the parser must agree on what is wanted. */
    bool is_known = pl_kernel_log_parse (machine, line, length, &event);
    g_assert (is_known == pl_kernel_log_is_wanted (line, length, NULL));
  }
  pl_machine_free (machine);
}

static void
run_address (const char *text, gsize size)
{
  struct pl_address address, again;
  char formatted[PL_ADDRESS_SIZE];
  gsize taken = pl_address_parse (text, size, &address);
  g_assert (taken <= size);
  if (taken > 0) {
    pl_address_format (address, formatted);
    g_assert (pl_address_parse (formatted, strlen (formatted), &again) == strlen (formatted));
    g_assert (pl_address_compare (address, again) == 0);
  }
  g_autofree char *path = g_strndup (text, size);
  pl_address_last_in_path (path, &address);
}

static const struct pl_fuzz_parser parsers[]
    = { { 't', run_text },     { 'i', run_names }, { 'c', run_command_line },
        { 'm', run_modalias }, { 'k', run_log },   { 'a', run_address } };

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  return pl_fuzz_choose (parsers, G_N_ELEMENTS (parsers), data, size);
}
