/* dump_text.c - what pl_paste_read() makes of a file, as JSON: one line a function, by the accessors only.
 *
 *     dump_text FILE [CLASS-NAMES [names|notes]]
 *
 * CLASS-NAMES is a file in the form of pci.ids, so that the answer does not depend on the system's.
 */
#include "base/error.h"
#include "machine/paste/paste.h"

#include <stdio.h>
#include <string.h>

static void
put_text (const char *text)
{
  putchar ('"');
  for (; *text != '\0'; text++) {
    guchar byte = (guchar) *text;
    if (byte == '"' || byte == '\\')
      printf ("\\%c", byte);
    else if (byte < 0x20 || byte >= 0x7f)
      printf ("\\u%04x", byte);
    else
      putchar (byte);
  }
  putchar ('"');
}

static void
put_key (const char *key, bool *is_first)
{
  if (!*is_first)
    printf (", ");
  *is_first = false;
  printf ("\"%s\": ", key);
}

static void
put_pair (const char *key, const struct pl_device *device, enum pl_device_fact first, guint16 high,
          enum pl_device_fact second, guint16 low, bool *is_first)
{
  bool has_high = pl_device_state (device, first) == PL_KNOWN,
       has_low = pl_device_state (device, second) == PL_KNOWN;
  if (!has_high && !has_low)
    return;
  put_key (key, is_first);
  char left[8] = "?", right[8] = "?";
  if (has_high)
    g_snprintf (left, sizeof left, "%04x", high);
  if (has_low)
    g_snprintf (right, sizeof right, "%04x", low);
  printf ("\"%s:%s\"", left, right);
}

static void
put_device (const struct pl_device *device)
{
  char address[PL_ADDRESS_SIZE];
  bool first = true;
  printf ("{");
  put_key ("address", &first);
  printf ("\"%s\"", pl_address_format (device->address, address));
  gint32 group;
  enum pl_state state = pl_device_get_group (device, &group);
  if (state != PL_UNREAD) {
    put_key ("group", &first);
    if (state == PL_KNOWN)
      printf ("%d", group);
    else
      printf ("null");
  }
  guint16 class, high = 0, low = 0;
  guint8 byte;
  if (pl_device_get_class (device, &class) == PL_KNOWN) {
    put_key ("class", &first);
    printf ("\"%04x\"", class);
  }
  if (pl_device_get_prog_if (device, &byte) == PL_KNOWN) {
    put_key ("prog_if", &first);
    printf ("\"%02x\"", byte);
  }
  (void) pl_device_get_vendor (device, &high);
  (void) pl_device_get_device (device, &low);
  put_pair ("ids", device, PL_DEVICE_vendor, high, PL_DEVICE_device, low, &first);
  (void) pl_device_get_subsystem_vendor (device, &high);
  (void) pl_device_get_subsystem_device (device, &low);
  put_pair ("subsystem", device, PL_DEVICE_subsystem_vendor, high, PL_DEVICE_subsystem_device, low, &first);
  if (pl_device_get_revision (device, &byte) == PL_KNOWN) {
    put_key ("revision", &first);
    printf ("\"%02x\"", byte);
  }
  const char *driver;
  state = pl_device_get_driver (device, &driver);
  if (state != PL_UNREAD) {
    put_key ("driver", &first);
    if (state == PL_KNOWN)
      put_text (driver);
    else
      printf ("null");
  }
  const GPtrArray *modules;
  if (pl_device_get_modules (device, &modules) == PL_KNOWN) {
    put_key ("modules", &first);
    printf ("[");
    for (guint i = 0; i < modules->len; i++) {
      printf ("%s", i > 0 ? ", " : "");
      put_text (g_ptr_array_index (modules, i));
    }
    printf ("]");
  }
  gint64 node;
  if (pl_device_get_numa_node (device, &node) == PL_KNOWN) {
    put_key ("numa_node", &first);
    printf ("%" G_GINT64_FORMAT, node);
  }
  printf ("}");
}

static void
put_names (const struct pl_machine *machine)
{
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    const struct pl_device_text *text = device->text_;
    char address[PL_ADDRESS_SIZE];
    printf ("%s\t%s\t%s\t%s\n", pl_address_format (device->address, address),
            text->class_name != NULL ? text->class_name : "", text->name != NULL ? text->name : "",
            text->subsystem_name != NULL ? text->subsystem_name : "");
  }
}

static void
put_notes (const struct pl_machine *machine)
{
  for (guint i = 0; i < pl_machine_n_notes (machine); i++) {
    const struct pl_note *note = pl_machine_note (machine, i);
    printf ("%u: %s\n", note->line, note->text);
  }
}

static void
put_machine (const struct pl_machine *machine)
{
  const char *text;
  const struct pl_command_line *line;
  const GPtrArray *events;
  const GArray *groups;
  printf ("{\n");
  if (pl_machine_get_kernel_release (machine, &text) == PL_KNOWN) {
    printf ("\"kernel\": ");
    put_text (text);
    printf (",\n");
  }
  if (pl_machine_get_distribution (machine, &text) == PL_KNOWN) {
    printf ("\"distribution\": ");
    put_text (text);
    printf (",\n");
  }
  if (pl_machine_get_distribution_id (machine, &text) == PL_KNOWN) {
    printf ("\"distribution_id\": ");
    put_text (text);
    printf (",\n");
  }
  if (pl_machine_get_command_line (machine, &line) == PL_KNOWN) {
    /* Only what an expectation is about: the rest is the author's own. */
    static const char *const wanted[]
        = { "iommu", "intel_iommu", "amd_iommu", "pcie_acs_override", "vfio-pci.ids", "video" };
    bool first = true;
    printf ("\"command_line\": {");
    for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
      const char *value = pl_command_line_value (line, wanted[i]);
      if (value == NULL)
        continue;
      put_key (wanted[i], &first);
      put_text (value);
    }
    printf ("},\n");
  }
  if (pl_machine_get_iommu_groups (machine, &groups) == PL_KNOWN) {
    printf ("\"groups\": [");
    for (guint i = 0; i < groups->len; i++)
      printf ("%s%d", i > 0 ? ", " : "", g_array_index (groups, gint32, i));
    printf ("],\n");
  }
  if (pl_machine_get_log_events (machine, &events) == PL_KNOWN) {
    /* Which kinds the log has; how often says nothing. */
    static const char *const kinds[]
        = { "release",   "command_line", NULL,          "group_removed",  "iommu_intel",
            "iommu_amd", "iommu_other",  "passthrough", "remapping_on",   "remapping_off",
            "timeout",   "acs_override", "rmrr",        "unknown_option", "firmware_disabled",
            "vfio" };
    bool has[G_N_ELEMENTS (kinds)] = { false };
    bool first = true;
    for (guint i = 0; i < events->len; i++)
      has[((const struct pl_log_event *) g_ptr_array_index (events, i))->kind] = true;
    printf ("\"log\": [");
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      if (has[i] && kinds[i] != NULL) {
        printf ("%s\"%s\"", first ? "" : ", ", kinds[i]);
        first = false;
      }
    printf ("],\n");
  }
  if (pl_machine_n_notes (machine) > 0)
    printf ("\"notes\": %u,\n", pl_machine_n_notes (machine));
  printf ("\"devices\": [\n");
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    put_device (pl_machine_device (machine, i));
    printf ("%s\n", i + 1 < pl_machine_n_devices (machine) ? "," : "");
  }
  printf ("]\n}\n");
}

int
main (int argc, char **argv)
{
  g_autofree char *text = NULL, *names = NULL;
  gsize size, names_size;
  g_autoptr (GError) error = NULL;
  if (argc < 2 || !g_file_get_contents (argv[1], &text, &size, &error)
      || (argc > 2 && !g_file_get_contents (argv[2], &names, &names_size, &error))) {
    fprintf (stderr, "%s\n", error != NULL ? error->message : "dump_text FILE [CLASS-NAMES [names|notes]]");
    return 2;
  }
  struct pl_names *found = NULL;
  if (names != NULL) {
    g_autoptr (GBytes) bytes = g_bytes_new (names, names_size);
    found = pl_names_new_for_text (bytes);
  } else {
    found = pl_names_new ();
  }
  struct pl_machine *machine = pl_machine_new (PL_SOURCE_TEXT, "text", found);
  int status = 0;
  if (!pl_paste_read (machine, "text", text, size, &error)) {
    fprintf (stderr, "%s\n%s\n", error->message, pl_error_remedy (error));
    status = 1;
  } else if (argc > 3 && strcmp (argv[3], "names") == 0) {
    put_names (machine);
  } else if (argc > 3 && strcmp (argv[3], "notes") == 0) {
    put_notes (machine);
  } else {
    put_machine (machine);
  }
  pl_machine_free (machine);
  return status;
}
