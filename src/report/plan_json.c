/* plan_json.c - a plan as JSON; see plan.h. */
#include "report/json.h"
#include "report/plan.h"

#include <string.h>

/* As it stands where it is text; else as KEY_base64. A NUL is no text for many readers of JSON. */
static void
add_content (struct json_object *object, const char *key, GBytes *content)
{
  gsize size = 0;
  const char *bytes = content != NULL ? g_bytes_get_data (content, &size) : NULL;
  if (content == NULL) {
    json_object_object_add (object, key, NULL);
  } else if (size <= G_MAXINT && g_utf8_validate_len (bytes != NULL ? bytes : "", size, NULL)) {
    json_object_object_add (object, key, json_object_new_string_len (bytes != NULL ? bytes : "", (int) size));
  } else {
    g_autofree char *name = g_strconcat (key, "_base64", NULL);
    g_autofree char *encoded = g_base64_encode ((const guchar *) bytes, size);
    json_object_object_add (object, name, json_object_new_string (encoded));
  }
}

static struct json_object *
path_to_json (const char *path)
{
  g_autofree char *absolute = g_strconcat ("/", path, NULL);
  return pl_json_text (absolute, -1);
}

/* Null where there are none. */
static struct json_object *
words_to_json (char *const *words, bool are_paths)
{
  if (words == NULL || words[0] == NULL)
    return NULL;
  struct json_object *list = json_object_new_array ();
  for (; *words != NULL; words++)
    json_object_array_add (list, are_paths ? path_to_json (*words) : pl_json_text (*words, -1));
  return list;
}

struct json_object *
pl_json_step (const struct pl_step *step)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "kind", json_object_new_string (pl_step_kind_name (step->kind)));
  json_object_object_add (object, "path", step->path != NULL ? path_to_json (step->path) : NULL);
  add_content (object, "old", step->old_content);
  add_content (object, "new", step->new_content);
  g_autofree char *mode = step->mode != 0 ? g_strdup_printf ("%04o", step->mode) : NULL;
  json_object_object_add (object, "mode", mode != NULL ? json_object_new_string (mode) : NULL);
  json_object_object_add (object, "argv", words_to_json (step->argv, false));
  json_object_object_add (object, "why", pl_json_text (step->why != NULL ? step->why : "", -1));
  json_object_object_add (object, "when", json_object_new_string (pl_when_name (step->when)));
  json_object_object_add (object, "undo_argv", words_to_json (step->undo_argv, false));
  json_object_object_add (object, "leave", json_object_new_string (pl_leave_name (step->leave)));
  json_object_object_add (object, "writes", words_to_json (step->writes, true));
  return object;
}

static void
write_steps (FILE *stream, const struct pl_plan *plan)
{
  fputs (",\n\"steps\":[", stream);
  for (guint i = 0; i < plan->steps->len; i++) {
    fputs (i > 0 ? ",\n" : "\n", stream);
    pl_json_write (stream, pl_json_step (g_ptr_array_index (plan->steps, i)));
  }
  fputs ("]", stream);
}

static struct json_object *
devices_to_json (const struct pl_plan *plan)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < plan->devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (plan->devices, i);
    json_object_array_add (list, pl_json_address (device->address));
  }
  return list;
}

static struct json_object *
identity_to_json (const struct pl_device *device)
{
  struct json_object *object = json_object_new_object ();
  guint16 id;
  json_object_object_add (object, "address", pl_json_address (device->address));
  if (pl_device_get_vendor (device, &id) == PL_KNOWN)
    json_object_object_add (object, "vendor", pl_json_hex (id, 4));
  if (pl_device_get_device (device, &id) == PL_KNOWN)
    json_object_object_add (object, "device", pl_json_hex (id, 4));
  if (pl_device_get_subsystem_vendor (device, &id) == PL_KNOWN)
    json_object_object_add (object, "subsystem_vendor", pl_json_hex (id, 4));
  if (pl_device_get_subsystem_device (device, &id) == PL_KNOWN)
    json_object_object_add (object, "subsystem_device", pl_json_hex (id, 4));
  return object;
}

/* For which devices in which machine the plan was made: it holds for no other. */
struct json_object *
pl_json_goal (const struct pl_machine *machine, const struct pl_plan *plan)
{
  struct json_object *object = json_object_new_object ();
  struct json_object *devices = json_object_new_array (), *board = json_object_new_object ();
  for (guint i = 0; i < plan->devices->len; i++)
    json_object_array_add (devices, identity_to_json (g_ptr_array_index (plan->devices, i)));
  json_object_object_add (object, "devices", devices);
  const char *text;
  if (pl_machine_get_system_vendor (machine, &text) == PL_KNOWN)
    json_object_object_add (board, "system_vendor", pl_json_text (text, -1));
  if (pl_machine_get_product_name (machine, &text) == PL_KNOWN)
    json_object_object_add (board, "product_name", pl_json_text (text, -1));
  if (pl_machine_get_board_name (machine, &text) == PL_KNOWN)
    json_object_object_add (board, "board_name", pl_json_text (text, -1));
  json_object_object_add (object, "board", board);
  return object;
}

static struct json_object *
remarks_to_json (const struct pl_plan *plan)
{
  static const char *const kinds[] = { [PL_REMARK_FIRMWARE] = "by-hand",
                                       [PL_REMARK_UNKNOWN] = "unknown",
                                       [PL_REMARK_BY_HAND] = "by-hand",
                                       [PL_REMARK_NOTE] = "note" };
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (plan->remarks, i);
    struct json_object *object = json_object_new_object ();
    json_object_object_add (object, "kind", json_object_new_string (kinds[remark->kind]));
    json_object_object_add (object, "text", pl_json_text (remark->text, -1));
    json_object_array_add (list, object);
  }
  return list;
}

void
pl_report_plan_json (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                     const struct pl_plan *plan)
{
  pl_json_begin (stream);
  pl_json_write_member (stream, "devices", devices_to_json (plan));
  write_steps (stream, plan);
  pl_json_write_member (stream, "reboots", json_object_new_int64 (plan->reboots));
  pl_json_write_member (stream, "minutes", json_object_new_int64 (plan->minutes));
  pl_json_write_member (stream, "goal", pl_json_goal (machine, plan));
  pl_json_write_member (stream, "remarks", remarks_to_json (plan));
  pl_json_write_member (stream, "first_stage", json_object_new_boolean (plan->is_first_stage));
  pl_json_write_member (stream, "after_reboot",
                        plan->after_reboot != NULL ? pl_json_text (plan->after_reboot, -1) : NULL);
  pl_json_write_member (stream, "verdict", json_object_new_string (pl_verdict_name (judgement->verdict)));
  fputs ("}\n", stream);
}
