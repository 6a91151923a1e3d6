/* json_device.c - a function as JSON; see json.h. */
#include "report/json.h"

#include <string.h>

/* Adds "unknown" entries: {"driver":"denied"}. */
static void
add_unknown (struct json_object **unknown, const char *key, enum pl_state state)
{
  if (*unknown == NULL)
    *unknown = json_object_new_object ();
  json_object_object_add (*unknown, key, json_object_new_string (pl_state_name (state)));
}

/* The value where it is known, null where it is known to be none, else an entry in unknown. Takes @value. */
static void
add_fact (struct json_object *object, struct json_object **unknown, const char *key, enum pl_state state,
          struct json_object *value)
{
  if (state == PL_KNOWN || state == PL_ABSENT)
    json_object_object_add (object, key, state == PL_KNOWN ? value : NULL);
  else
    add_unknown (unknown, key, state);
  if (state != PL_KNOWN)
    json_object_put (value);
}

static void
add_hex (struct json_object *object, struct json_object **unknown, const char *key, enum pl_state state,
         guint64 value, int digits)
{
  add_fact (object, unknown, key, state, state == PL_KNOWN ? pl_json_hex (value, digits) : NULL);
}

static struct json_object *
list_of_texts (const GPtrArray *texts)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < texts->len; i++)
    json_object_array_add (list, pl_json_text (g_ptr_array_index (texts, i), -1));
  return list;
}

static void
add_identity (struct json_object *object, struct json_object **unknown, const struct pl_device *device)
{
  guint16 number = 0;
  guint8 byte = 0;
  enum pl_state state;
#define ADD_HEX(name, variable, digits)             \
  state = pl_device_get_##name (device, &variable); \
  add_hex (object, unknown, #name, state, variable, digits)
  ADD_HEX (class, number, 4);
  ADD_HEX (prog_if, byte, 2);
  ADD_HEX (vendor, number, 4);
  ADD_HEX (device, number, 4);
  ADD_HEX (subsystem_vendor, number, 4);
  ADD_HEX (subsystem_device, number, 4);
  ADD_HEX (revision, byte, 2);
#undef ADD_HEX
}

static void
add_names (struct json_object *object, const struct pl_machine *machine, const struct pl_device *device)
{
  guint16 class, vendor, id;
  gsize length;
  bool is_base;
  const char *name = NULL;
  if (device->text_ != NULL && device->text_->class_name != NULL)
    json_object_object_add (object, "class_name", pl_json_text (device->text_->class_name, -1));
  else if (pl_device_get_class (device, &class) == PL_KNOWN
           && (name = pl_names_class (machine->names, class, &length, &is_base)) != NULL)
    json_object_object_add (object, "class_name", pl_json_text (name, (gssize) length));
  else
    json_object_object_add (object, "class_name", NULL);

  g_autoptr (GString) whole = g_string_new (NULL);
  if (device->text_ != NULL && device->text_->name != NULL) {
    g_string_append (whole, device->text_->name);
  } else if (pl_device_get_vendor (device, &vendor) == PL_KNOWN) {
    if ((name = pl_names_vendor (machine->names, vendor, &length)) != NULL)
      g_string_append_len (whole, name, (gssize) length);
    if (pl_device_get_device (device, &id) == PL_KNOWN
        && (name = pl_names_device (machine->names, vendor, id, &length)) != NULL) {
      g_string_append_c (whole, ' ');
      g_string_append_len (whole, name, (gssize) length);
    }
  }
  json_object_object_add (object, "name",
                          whole->len > 0 ? pl_json_text (whole->str, (gssize) whole->len) : NULL);
}

static void
add_further (struct json_object *object, struct json_object **unknown, const struct pl_device *device)
{
  enum pl_state state;
  const GPtrArray *list = NULL;
  bool flag = false;
  gint64 number = 0;
  const char *text = NULL;
  struct pl_address address = { 0 };
#define ADD(name, variable, value)                  \
  state = pl_device_get_##name (device, &variable); \
  add_fact (object, unknown, #name, state, state == PL_KNOWN ? value : NULL)
  ADD (modules, list, list_of_texts (list));
  ADD (boot_vga, flag, json_object_new_boolean (flag));
  ADD (numa_node, number, json_object_new_int64 (number));
  ADD (driver_override, text, pl_json_text (text, -1));
  ADD (driver_module, text, pl_json_text (text, -1));
  ADD (power_state, text, pl_json_text (text, -1));
  ADD (d3cold_allowed, flag, json_object_new_boolean (flag));
  ADD (reset_methods, list, list_of_texts (list));
  ADD (physfn, address, pl_json_address (address));
  ADD (sriov_numvfs, number, json_object_new_int64 (number));
#undef ADD
}

/* bars: {"number":0,"size":268435456}; the place in the address space is nobody's business. */
static void
add_bars (struct json_object *object, struct json_object **unknown, const struct pl_device *device)
{
  const GArray *bars = NULL;
  enum pl_state state = pl_device_get_bars (device, &bars);
  struct json_object *list = NULL;
  if (state == PL_KNOWN) {
    list = json_object_new_array ();
    for (guint i = 0; i < bars->len; i++) {
      const struct pl_bar *bar = &g_array_index (bars, struct pl_bar, i);
      struct json_object *row = json_object_new_object ();
      json_object_object_add (row, "number", json_object_new_int (bar->number));
      json_object_object_add (row, "size_bytes", json_object_new_uint64 (bar->size_bytes));
      json_object_array_add (list, row);
    }
  }
  add_fact (object, unknown, "bars", state, list);
}

struct json_object *
pl_json_device (const struct pl_machine *machine, const struct pl_device *device)
{
  struct json_object *object = json_object_new_object ();
  struct json_object *unknown = NULL;
  const char *driver = NULL;
  gint32 group = 0;
  guint16 class = 0;
  json_object_object_add (object, "address", pl_json_address (device->address));
  add_identity (object, &unknown, device);
  add_names (object, machine, device);
  enum pl_state state = pl_device_get_driver (device, &driver);
  add_fact (object, &unknown, "driver", state, state == PL_KNOWN ? pl_json_text (driver, -1) : NULL);
  state = pl_device_get_group (device, &group);
  add_fact (object, &unknown, "group", state, json_object_new_int (group));
  state = pl_device_get_class (device, &class);
  add_fact (object, &unknown, "bridge", state, json_object_new_boolean (class >> 8 == 0x06));
  add_further (object, &unknown, device);
  add_bars (object, &unknown, device);
  json_object_object_add (object, "unknown", unknown != NULL ? unknown : json_object_new_object ());
  return object;
}
