/* show.c - see show.h. */
#include "report/show.h"

#include "report/check.h"
#include "report/json.h"
#include "report/printable.h"
#include "report/wrap.h"

#include <string.h>

/* What a fact's value looks like to a person; only called where it is known. One for each type of the table.
 */
static void
append_bool (GString *out, bool value)
{
  g_string_append (out, value ? "yes" : "no");
}

static void
append_number (GString *out, gint64 value)
{
  g_string_append_printf (out, "%" G_GINT64_FORMAT, value);
}

static void
append_group (GString *out, gint32 value)
{
  append_number (out, value);
}

static void
append_hex4 (GString *out, guint16 value)
{
  g_string_append_printf (out, "%04x", value);
}

static void
append_hex2 (GString *out, guint8 value)
{
  g_string_append_printf (out, "%02x", value);
}

static void
append_text (GString *out, const char *value)
{
  g_string_append (out, value);
}

static void
append_texts (GString *out, const GPtrArray *value)
{
  for (guint i = 0; i < value->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (value, i));
  if (value->len == 0)
    g_string_append (out, "none");
}

static void
append_address (GString *out, struct pl_address value)
{
  char text[PL_ADDRESS_SIZE];
  g_string_append (out, pl_address_format (value, text));
}

/* "0: 256 MiB, 2: 2 MiB" */
static void
append_bars (GString *out, const GArray *value)
{
  static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
  for (guint i = 0; i < value->len; i++) {
    const struct pl_bar *bar = &g_array_index (value, struct pl_bar, i);
    guint unit = 0;
    guint64 size = bar->size_bytes;
    while (size >= 1024 && size % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units)) {
      size /= 1024;
      unit++;
    }
    g_string_append_printf (out, "%s%u: %" G_GUINT64_FORMAT " %s", i > 0 ? ", " : "", bar->number, size,
                            units[unit]);
  }
  if (value->len == 0)
    g_string_append (out, "none");
}

#define APPEND(value) \
  _Generic ((value),                                                                                           \
      bool: append_bool,                                                                                       \
      gint64: append_number,                                                                                   \
      gint32: append_group,                                                                                    \
      guint16: append_hex4,                                                                                    \
      guint8: append_hex2,                                                                                     \
      const char *: append_text,                                                                               \
      const GPtrArray *: append_texts,                                                                         \
      const GArray *: append_bars,                                                                             \
      struct pl_address: append_address)

static void
append_row (GString *out, const char *name, const char *value, const struct pl_style *style)
{
  g_autofree char *label = g_strdelimit (g_strdup (name), "_", ' ');
  g_autofree char *line = g_strdup_printf ("%-17s %s", label, value);
  pl_wrap_append (out, line, 2, 18, style);
}

/* A value, "none", or in what way it is not known and where it would stand. */
static void
append_fact (GString *out, const struct pl_machine *machine, const struct pl_device *device,
             enum pl_device_fact fact, enum pl_state state, GString *value, const struct pl_style *style)
{
  if (state == PL_ABSENT)
    g_string_assign (value, fact == PL_DEVICE_boot_vga ? "none (only VGA controllers have it)" : "none");
  if (state != PL_KNOWN && state != PL_ABSENT) {
    guint line;
    g_autofree char *path = pl_device_evidence (machine, device, fact, &line);
    g_string_printf (value, "not known (%s%s%s)", pl_state_name (state), state == PL_UNREAD ? "" : ": ",
                     state == PL_UNREAD ? "" : path);
  }
  append_row (out, pl_device_facts[fact].name, value->str, style);
}

/* The pieces of the listing that mean something to a person. */
static void
keep_telling_entries (const struct pl_device *device, GString *value)
{
  const GPtrArray *entries = NULL;
  if (pl_device_get_entries (device, &entries) != PL_KNOWN)
    return;
  guint n_resizable = 0, n_functions = 0;
  for (guint i = 0; i < entries->len; i++) {
    const char *name = g_ptr_array_index (entries, i);
    n_resizable += g_str_has_prefix (name, "resource") && g_str_has_suffix (name, "_resize");
    n_functions += g_str_has_prefix (name, "virtfn");
  }
  g_string_printf (value, "%u resizable BAR%s, %u virtual function%s", n_resizable,
                   n_resizable == 1 ? "" : "s", n_functions, n_functions == 1 ? "" : "s");
}

static void
append_facts (GString *out, const struct pl_machine *machine, const struct pl_device *device,
              const struct pl_style *style)
{
  g_autoptr (GString) value = g_string_new (NULL);
  enum pl_state state;
#define X(type, name, ...)                                                     \
  {                                                                            \
    type content = { 0 };                                                      \
    state = pl_device_get_##name (device, &content);                           \
    g_string_truncate (value, 0);                                              \
    if (state == PL_KNOWN && PL_DEVICE_##name == PL_DEVICE_entries)            \
      keep_telling_entries (device, value);                                    \
    else if (state == PL_KNOWN)                                                \
      APPEND (content) (value, content);                                       \
    append_fact (out, machine, device, PL_DEVICE_##name, state, value, style); \
  }
  PL_DEVICE_IDENTITY (X)
  PL_DEVICE_FURTHER (X)
#undef X
}

static void
append_functions (GString *out, const char *heading, const struct pl_machine *machine,
                  const GPtrArray *devices, const struct pl_style *style)
{
  g_string_append_printf (out, "\n%s\n", heading);
  if (devices->len == 0)
    g_string_append (out, "  none\n");
  for (guint i = 0; i < devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (devices, i);
    const char *driver = NULL;
    g_autoptr (GString) line = g_string_new (NULL);
    pl_report_append_function (line, machine, device, pl_machine_needs_domain (machine), style);
    enum pl_state state = pl_device_get_driver (device, &driver);
    g_string_append_printf (line, ", driver %s",
                            state == PL_KNOWN    ? driver
                            : state == PL_ABSENT ? "none"
                                                 : "not known");
    pl_wrap_append (out, line->str, 2, 2, style);
  }
}

/* Who made the card that the chip sits on. */
static void
append_subsystem (GString *out, const struct pl_machine *machine, const struct pl_device *device,
                  const struct pl_style *style)
{
  guint16 vendor = 0, id = 0, maker = 0, model = 0;
  bool has_ids = pl_device_get_subsystem_vendor (device, &maker) == PL_KNOWN
                 && pl_device_get_subsystem_device (device, &model) == PL_KNOWN;
  g_autoptr (GString) text = g_string_new (NULL);
  if (device->text_ != NULL && device->text_->subsystem_name != NULL) {
    g_string_append (text, device->text_->subsystem_name);
    if (has_ids && g_str_has_suffix (text->str, "Device"))
      g_string_append_printf (text, " %04x", model);
  } else if (has_ids && maker != 0 && pl_device_get_vendor (device, &vendor) == PL_KNOWN
             && pl_device_get_device (device, &id) == PL_KNOWN) {
    gsize length;
    const char *name = pl_names_vendor (machine->names, maker, &length);
    if (name != NULL)
      g_string_append_len (text, name, (gssize) length);
    else
      g_string_append_printf (text, "%04x", maker);
    name = pl_names_subsystem (machine->names, vendor, id, maker, model, &length);
    g_string_append_c (text, ' ');
    if (name != NULL)
      g_string_append_len (text, name, (gssize) length);
    else
      g_string_append_printf (text, "Device %04x", model);
  }
  if (text->len > 0)
    append_row (out, "subsystem", text->str, style);
}

/* The other functions of the group. Free with g_ptr_array_unref(). */
static GPtrArray *
group_mates (const struct pl_machine *machine, const struct pl_device *device)
{
  GPtrArray *mates = g_ptr_array_new ();
  gint32 group, other;
  if (pl_device_get_group (device, &group) == PL_KNOWN)
    for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
      struct pl_device *mate = pl_machine_device (machine, i);
      if (mate != device && pl_device_get_group (mate, &other) == PL_KNOWN && other == group)
        g_ptr_array_add (mates, mate);
    }
  return mates;
}

/* Type and reserved regions of the group. */
static void
append_group_facts (GString *out, const struct pl_group *group, const struct pl_style *style)
{
  g_autoptr (GString) value = g_string_new (NULL);
  append_row (out, "type", group->type_state == PL_KNOWN ? group->type : pl_state_name (group->type_state),
              style);
  if (group->regions_state == PL_KNOWN) {
    for (guint i = 0; i < group->regions->len; i++) {
      const struct pl_region *region = &g_array_index (group->regions, struct pl_region, i);
      g_string_append_printf (value, "%s%s 0x%" G_GINT64_MODIFIER "x-0x%" G_GINT64_MODIFIER "x",
                              i > 0 ? ", " : "", region->type, region->start, region->end);
    }
    if (value->len == 0)
      g_string_append (value, "none");
  } else {
    g_string_append (value, pl_state_name (group->regions_state));
  }
  append_row (out, "reserved_regions", value->str, style);
}

void
pl_report_show (FILE *stream, const struct pl_machine *machine, const struct pl_candidate *candidate,
                const struct pl_style *style)
{
  const struct pl_device *device = candidate->device;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) title = g_string_new (NULL);
  pl_report_append_function (title, machine, device, pl_machine_needs_domain (machine), style);
  pl_wrap_append (out, title->str, 0, 2, style);
  append_subsystem (out, machine, device, style);
  append_facts (out, machine, device, style);

  append_functions (out, "Lent together with it", machine, candidate->companions, style);
  g_autoptr (GPtrArray) mates = group_mates (machine, device);
  append_functions (out, "Others in its IOMMU group", machine, mates, style);
  gint32 number;
  const struct pl_group *group
      = pl_device_get_group (device, &number) == PL_KNOWN ? pl_machine_group (machine, number) : NULL;
  if (group != NULL)
    append_group_facts (out, group, style);
  g_autofree char *answer = pl_report_answer (machine, candidate);
  char address[PL_ADDRESS_SIZE];
  g_autofree char *sentence = candidate->lendable == PL_LENDABLE_NO
                                  ? g_strdup_printf ("It %s; why: check %s", answer,
                                                     pl_report_address (machine, device->address, address))
                              : candidate->lendable == PL_LENDABLE_UNKNOWN
                                  ? g_strdup_printf ("Whether it can be lent is %s; why: check %s", answer,
                                                     pl_report_address (machine, device->address, address))
                                  : g_strdup_printf ("It %s.", answer);
  g_string_append_c (out, '\n');
  pl_wrap_append (out, sentence, 0, 2, style);
  fwrite (out->str, 1, out->len, stream);
}

void
pl_report_show_json (FILE *stream, const struct pl_machine *machine, const struct pl_candidate *candidate)
{
  pl_json_begin (stream);
  pl_json_write_member (stream, "device", pl_json_device (machine, candidate->device));
  g_autoptr (GPtrArray) mates = group_mates (machine, candidate->device);
  const GPtrArray *lists[] = { candidate->companions, mates };
  static const char *const keys[] = { "companions", "group_mates" };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    struct json_object *list = json_object_new_array ();
    for (guint j = 0; j < lists[i]->len; j++)
      json_object_array_add (list, pl_json_device (machine, g_ptr_array_index (lists[i], j)));
    pl_json_write_member (stream, keys[i], list);
  }
  pl_json_write_member (stream, "lendable", json_object_new_string (pl_lendable_name (candidate->lendable)));
  fputs ("}\n", stream);
}
