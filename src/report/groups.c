/* groups.c - see groups.h. */
#include "report/groups.h"

#include "report/json.h"

#include <string.h>

/* A group's number and where the function stands among all. */
struct place {
  gint32 group;
  guint32 index;
};

static int
compare_places (const void *left, const void *right, void *data)
{
  const struct pl_machine *machine = data;
  const struct place *first = left, *second = right;
  if (first->group != second->group)
    return first->group < second->group ? -1 : 1;
  const struct pl_device *one = pl_machine_device (machine, first->index);
  const struct pl_device *other = pl_machine_device (machine, second->index);
  if (one->address.domain != other->address.domain) {
    /* As a shell's glob sorts them: "10000:e0:06.0" stands before "2000:00:00.0". */
    char one_text[PL_ADDRESS_SIZE], other_text[PL_ADDRESS_SIZE];
    return strcmp (pl_address_format (one->address, one_text),
                   pl_address_format (other->address, other_text));
  }
  return (first->index > second->index) - (first->index < second->index);
}

GArray *
pl_report_sort_by_group (const struct pl_machine *machine)
{
  guint n = pl_machine_n_devices (machine);
  g_autoptr (GArray) places = g_array_sized_new (FALSE, FALSE, sizeof (struct place), n);
  bool sorted = true;
  for (guint i = 0; i < n; i++) {
    struct place place = { 0, i };
    if (pl_device_get_group (pl_machine_device (machine, i), &place.group) != PL_KNOWN)
      continue;
    sorted
        = sorted
          && (places->len == 0 || g_array_index (places, struct place, places->len - 1).group <= place.group);
    g_array_append_val (places, place);
  }
  if (!sorted || pl_machine_needs_domain (machine))
    g_array_sort_with_data (places, compare_places, (void *) machine);
  GArray *indexes = g_array_sized_new (FALSE, FALSE, sizeof (guint32), places->len);
  for (guint i = 0; i < places->len; i++)
    g_array_append_val (indexes, g_array_index (places, struct place, i).index);
  return indexes;
}

/* "IOMMU Group 18:"; without printf, which would cost as much as the whole line of a function. */
static void
append_header (GString *out, gint32 group)
{
  char digits[12];
  gsize at = sizeof digits;
  do {
    digits[--at] = (char) ('0' + group % 10);
    group /= 10;
  } while (group > 0);
  g_string_append (out, "IOMMU Group ");
  g_string_append_len (out, digits + at, (gssize) (sizeof digits - at));
  g_string_append (out, ":\n");
}

void
pl_report_groups (FILE *stream, const struct pl_machine *machine, const struct pl_style *style)
{
  g_autoptr (GArray) indexes = pl_report_sort_by_group (machine);
  bool with_domain = pl_machine_needs_domain (machine);
  GString *line = g_string_new (NULL);
  gint32 current = -1;
  for (guint i = 0; i < indexes->len; i++) {
    const struct pl_device *device = pl_machine_device (machine, g_array_index (indexes, guint32, i));
    gint32 group = -1;
    pl_device_get_group (device, &group);
    if (group != current)
      append_header (line, group);
    current = group;
    g_string_append_c (line, '\t');
    pl_report_append_function (line, machine, device, with_domain, style);
    g_string_append_c (line, '\n');
    if (line->len > 32768 || i + 1 == indexes->len) {
      fwrite (line->str, 1, line->len, stream);
      g_string_truncate (line, 0);
    }
  }
  g_string_free (line, TRUE);
}

static void
write_group (FILE *stream, const struct pl_machine *machine, const GArray *indexes, guint *at)
{
  struct json_object *object = json_object_new_object ();
  struct json_object *devices = json_object_new_array ();
  gint32 id = -1, group = -1;
  pl_device_get_group (pl_machine_device (machine, g_array_index (indexes, guint32, *at)), &id);
  for (; *at < indexes->len; (*at)++) {
    const struct pl_device *device = pl_machine_device (machine, g_array_index (indexes, guint32, *at));
    pl_device_get_group (device, &group);
    if (group != id)
      break;
    json_object_array_add (devices, pl_json_address (device->address));
  }
  json_object_object_add (object, "id", json_object_new_int (id));
  json_object_object_add (object, "devices", devices);
  pl_json_write (stream, object);
}

void
pl_report_groups_json (FILE *stream, const struct pl_machine *machine)
{
  g_autoptr (GArray) indexes = pl_report_sort_by_group (machine);
  pl_json_begin (stream);
  fputs (",\n\"groups\":[", stream);
  for (guint i = 0; i < indexes->len;) {
    fputs (i > 0 ? ",\n" : "\n", stream);
    write_group (stream, machine, indexes, &i);
  }
  fputs ("],\n\"devices\":[", stream);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    fputs (i > 0 ? ",\n" : "\n", stream);
    pl_json_write (stream, pl_json_device (machine, pl_machine_device (machine, i)));
  }
  fputs ("]}\n", stream);
}
