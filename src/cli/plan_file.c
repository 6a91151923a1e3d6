/* plan_file.c - see plan_file.h. */
#include "cli/plan_file.h"

#include "base/error.h"
#include "base/input.h"
#include "base/redact.h"
#include "report/diff.h"
#include "report/json.h"

#include <string.h>

/* Images and copies stand in a plan by their names, so it holds some configuration files and no more. */
#define LIMIT_BYTES (16u * 1024 * 1024)
#define FORMAT 1

struct pl_plan_file {
  char *name;
  struct json_object *object;
  char **devices;
};

static struct json_object *
get (struct json_object *object, const char *key, json_type type)
{
  struct json_object *member = NULL;
  return json_object_object_get_ex (object, key, &member) && json_object_is_type (member, type) ? member
                                                                                                : NULL;
}

static const char *
get_text (struct json_object *object, const char *key)
{
  struct json_object *member = get (object, key, json_type_string);
  return member != NULL ? json_object_get_string (member) : NULL;
}

static struct json_object *
parse (const char *name, GBytes *bytes, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  struct json_tokener *tokener = json_tokener_new ();
  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
  struct json_object *object = json_tokener_parse_ex (tokener, text, (int) size);
  enum json_tokener_error failure = json_tokener_get_error (tokener);
  gsize end = json_tokener_get_parse_end (tokener);
  while (end < size && strchr (" \t\r\n", text[end]) != NULL)
    end++;
  json_tokener_free (tokener);
  if (failure == json_tokener_success && end == size && json_object_is_type (object, json_type_object))
    return object;
  pl_error_set (error, PL_ERROR_FAILED, name, "make it with: pcilend --json plan DEVICE >FILE",
                "%s: this is no JSON object: %s", name,
                failure == json_tokener_success ? "something stands behind it"
                                                : json_tokener_error_desc (failure));
  json_object_put (object);
  return NULL;
}

/* The addresses of goal.devices; NULL where the object is no plan. */
static char **
find_devices (struct json_object *object)
{
  struct json_object *goal = get (object, "goal", json_type_object);
  struct json_object *list = goal != NULL ? get (goal, "devices", json_type_array) : NULL;
  gsize n = list != NULL ? json_object_array_length (list) : 0;
  if (n == 0 || get (object, "steps", json_type_array) == NULL
      || get (goal, "board", json_type_object) == NULL)
    return NULL;
  g_auto (GStrv) devices = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++) {
    struct json_object *device = json_object_array_get_idx (list, i);
    const char *address
        = json_object_is_type (device, json_type_object) ? get_text (device, "address") : NULL;
    if (address == NULL)
      return NULL;
    devices[i] = g_strdup (address);
  }
  return g_steal_pointer (&devices);
}

struct pl_plan_file *
pl_plan_file_read (const char *name, GError **error)
{
  g_autoptr (GBytes) bytes = pl_input_read (name, LIMIT_BYTES, error);
  struct json_object *object = bytes != NULL ? parse (name, bytes, error) : NULL;
  if (object == NULL)
    return NULL;
  struct pl_plan_file *file = g_new0 (struct pl_plan_file, 1);
  *file
      = (struct pl_plan_file){ .name = g_strdup (name), .object = object, .devices = find_devices (object) };
  struct json_object *header = get (object, "pcilend", json_type_object);
  struct json_object *format = header != NULL ? get (header, "format", json_type_int) : NULL;
  if (format != NULL && json_object_get_int (format) == FORMAT && file->devices != NULL)
    return file;
  if (format != NULL && json_object_get_int (format) > FORMAT)
    pl_error_set (error, PL_ERROR_FAILED, name, "use that version here, too",
                  "%s: a newer version of pcilend made this plan", name);
  else
    pl_error_set (error, PL_ERROR_FAILED, name, "make it with: pcilend --json plan DEVICE >FILE",
                  "%s: this is no plan of pcilend", name);
  pl_plan_file_free (file);
  return NULL;
}

void
pl_plan_file_free (struct pl_plan_file *file)
{
  if (file == NULL)
    return;
  json_object_put (file->object);
  g_strfreev (file->devices);
  g_free (file->name);
  g_free (file);
}

char **
pl_plan_file_devices (const struct pl_plan_file *file)
{
  return file->devices;
}

/* The object as lines, with every UUID as the same word. */
static GString *
write_lines (struct json_object *object)
{
  const char *text
      = json_object_to_json_string_ext (object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
  GString *lines = g_string_new (NULL);
  for (const char *at = text, *end = text + strlen (text); at < end;) {
    gsize length = pl_redact_match_uuid (at, text, end);
    if (length > 0)
      g_string_append (lines, "UUID");
    else
      g_string_append_c (lines, *at);
    at += MAX (length, 1);
  }
  g_string_append_c (lines, '\n');
  return lines;
}

/* Adds the diff where both differ. */
static bool
is_same (struct json_object *theirs, struct json_object *ours, const char *what, GString *differences,
         const struct pl_style *style)
{
  GString *left = write_lines (theirs), *right = write_lines (ours);
  g_autoptr (GBytes) old = g_string_free_to_bytes (left);
  g_autoptr (GBytes) new = g_string_free_to_bytes (right);
  bool same = g_bytes_equal (old, new);
  if (!same)
    pl_diff_append (differences, what, old, new, style);
  return same;
}

/* The steps that decide how the system boots. What is done for the host before, packages and groups, is what
 * each machine lacks, and a step only there. */
static struct json_object *
boot_steps_of_file (const struct pl_plan_file *file)
{
  struct json_object *steps = get (file->object, "steps", json_type_array), *list = json_object_new_array ();
  for (gsize i = 0; i < json_object_array_length (steps); i++) {
    struct json_object *step = json_object_array_get_idx (steps, i);
    const char *leave = json_object_is_type (step, json_type_object) ? get_text (step, "leave") : NULL;
    if (leave == NULL || strcmp (leave, pl_leave_name (PL_LEAVE_NOTHING)) == 0)
      json_object_array_add (list, json_object_get (step));
  }
  return list;
}

static struct json_object *
boot_steps_of_plan (const struct pl_plan *plan)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < plan->steps->len; i++) {
    const struct pl_step *step = g_ptr_array_index (plan->steps, i);
    if (step->leave == PL_LEAVE_NOTHING)
      json_object_array_add (list, pl_json_step (step));
  }
  return list;
}

bool
pl_plan_file_check (const struct pl_plan_file *file, const struct pl_planned *planned, GString *differences,
                    const struct pl_style *style, GError **error)
{
  struct json_object *goal = pl_json_goal (planned->opened.machine, planned->plan);
  struct json_object *steps = boot_steps_of_plan (planned->plan), *theirs = boot_steps_of_file (file);
  bool same_goal
      = is_same (get (file->object, "goal", json_type_object), goal, "devices and board", differences, style);
  bool same_steps = is_same (theirs, steps, "steps", differences, style);
  json_object_put (goal);
  json_object_put (steps);
  json_object_put (theirs);
  g_autofree char *command = pl_judge_command (planned->opened.machine);
  g_autofree char *remedy = g_strdup_printf ("%slan for this machine: %s plan DEVICE",
                                             same_goal ? "see why above, or p" : "p", command);
  if (!same_goal)
    pl_error_set (
        error, PL_ERROR_FORBIDDEN, file->name, remedy,
        "%s: it was made for other devices or another board than this machine has; nothing was changed",
        file->name);
  else if (!same_steps)
    pl_error_set (error, PL_ERROR_FORBIDDEN, file->name, remedy,
                  "%s: planned anew on this machine, the steps are others; nothing was changed", file->name);
  return same_goal && same_steps;
}
