/* change.c - see change.h. */
#include "report/change.h"

#include "report/json.h"
#include "report/printable.h"
#include "report/wrap.h"

static void
append_paths (GString *out, const GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    g_string_append_printf (out, "%s/%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (paths, i));
}

/* "update-initramfs -u -k all": free with g_free(). */
static char *
join_program (const struct pl_step *step)
{
  return g_strjoinv (" ", step->argv);
}

void
pl_report_applied (FILE *stream, const struct pl_plan *plan, const char *id, const GPtrArray *left,
                   const char *command, const struct pl_style *style)
{
  g_autoptr (GString) out = g_string_new ("\n");
  g_autofree char *done = id != NULL ? g_strdup_printf ("Done: this is change %s.", id)
                                     : g_strdup ("Nothing had to be changed.");
  pl_wrap_append (out, done, 0, 0, style);
  for (guint i = 0; i < left->len; i++) {
    g_autofree char *words = join_program (g_ptr_array_index (left, i));
    g_autofree char *line = g_strdup_printf ("still to do in the mounted system: %s", words);
    pl_wrap_append (out, line, 2, 2, style);
  }
  for (guint i = 0; i < plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (plan->remarks, i);
    g_autofree char *line = g_strdup_printf ("still to do by hand: %s", remark->text);
    if (remark->kind == PL_REMARK_BY_HAND)
      pl_wrap_append (out, line, 2, 2, style);
  }
  if (plan->after_reboot != NULL) {
    g_autofree char *line = g_strdup_printf ("Reboot: %s.", plan->after_reboot);
    pl_wrap_append (out, line, 0, 2, style);
  }
  if (id != NULL) {
    g_autofree char *line = g_strdup_printf ("To come back: %s undo %s. If the machine does not boot, in a "
                                             "rescue shell: sh /var/lib/pcilend/%s/undo.sh",
                                             command, id, id);
    pl_wrap_append (out, line, 0, 2, style);
  }
  fwrite (out->str, 1, out->len, stream);
}

void
pl_report_applied_json (FILE *stream, const struct pl_plan *plan, const char *id, const GPtrArray *left)
{
  struct json_object *devices = json_object_new_array (), *programs = json_object_new_array (),
                     *by_hand = json_object_new_array ();
  for (guint i = 0; i < plan->devices->len; i++)
    json_object_array_add (
        devices,
        pl_json_address (((const struct pl_device *) g_ptr_array_index (plan->devices, i))->address));
  for (guint i = 0; i < left->len; i++) {
    g_autofree char *words = join_program (g_ptr_array_index (left, i));
    json_object_array_add (programs, pl_json_text (words, -1));
  }
  for (guint i = 0; i < plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (plan->remarks, i);
    if (remark->kind == PL_REMARK_BY_HAND)
      json_object_array_add (by_hand, pl_json_text (remark->text, -1));
  }
  pl_json_begin (stream);
  pl_json_write_member (stream, "change", id != NULL ? json_object_new_string (id) : NULL);
  pl_json_write_member (stream, "devices", devices);
  pl_json_write_member (stream, "programs_left", programs);
  pl_json_write_member (stream, "by_hand", by_hand);
  pl_json_write_member (stream, "reboots", json_object_new_int64 (plan->reboots));
  fputs ("}\n", stream);
}

/* Packages, most often. */
static void
append_kept (GString *out, const struct pl_change_row *row, const struct pl_style *style)
{
  if (row->kept->len == 0)
    return;
  g_autofree char *line = g_strdup_printf (
      "Left as it is, and taken back, too, by pcilend undo --packages %s, or by hand:", row->id);
  pl_wrap_append (out, line, 0, 2, style);
  for (guint i = 0; i < row->kept->len; i++)
    pl_wrap_append (out, g_ptr_array_index (row->kept, i), 2, 2, style);
}

void
pl_report_undone (FILE *stream, const struct pl_change_row *row, const struct pl_style *style)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GString) line = g_string_new (NULL);
  g_string_append_printf (line, "Change %s is taken back", row->id);
  if (row->paths->len > 0)
    g_string_append (line, ": as before are ");
  append_paths (line, row->paths);
  pl_wrap_append (out, line->str, 0, 2, style);
  append_kept (out, row, style);
  pl_wrap_append (out, "Reboot: the drivers of before take their devices again.", 0, 2, style);
  fwrite (out->str, 1, out->len, stream);
}

static struct json_object *
row_to_json (const struct pl_change_row *row)
{
  struct json_object *object = json_object_new_object (), *paths = json_object_new_array (),
                     *kept = json_object_new_array ();
  for (guint i = 0; i < row->kept->len; i++)
    json_object_array_add (kept, pl_json_text (g_ptr_array_index (row->kept, i), -1));
  for (guint i = 0; i < row->paths->len; i++) {
    g_autofree char *path = g_strconcat ("/", (const char *) g_ptr_array_index (row->paths, i), NULL);
    json_object_array_add (paths, pl_json_text (path, -1));
  }
  json_object_object_add (object, "id", json_object_new_string (row->id));
  json_object_object_add (object, "state", json_object_new_string (row->state));
  json_object_object_add (object, "steps", json_object_new_int64 (row->n_steps));
  json_object_object_add (object, "paths", paths);
  json_object_object_add (object, "kept", kept);
  return object;
}

void
pl_report_undone_json (FILE *stream, const struct pl_change_row *row)
{
  pl_json_begin (stream);
  pl_json_write_member (stream, "change", row_to_json (row));
  fputs ("}\n", stream);
}

void
pl_report_changes (FILE *stream, const GPtrArray *rows, const struct pl_style *style)
{
  g_autoptr (GString) out = g_string_new (NULL);
  for (guint i = 0; i < rows->len; i++) {
    const struct pl_change_row *row = g_ptr_array_index (rows, i);
    g_autoptr (GString) line = g_string_new (NULL);
    g_string_append_printf (line, "%s  %s, %u step%s: ", row->id, row->state, row->n_steps,
                            row->n_steps == 1 ? "" : "s");
    append_paths (line, row->paths);
    pl_wrap_append (out, line->str, 0, 3, style);
    for (guint j = 0; j < row->kept->len; j++) {
      g_autofree char *kept = g_strconcat ("left: ", (const char *) g_ptr_array_index (row->kept, j), NULL);
      pl_wrap_append (out, kept, 3, 2, style);
    }
  }
  if (rows->len == 0)
    g_string_append (out, "pcilend changed nothing here.\n");
  fwrite (out->str, 1, out->len, stream);
}

void
pl_report_changes_json (FILE *stream, const GPtrArray *rows)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < rows->len; i++)
    json_object_array_add (list, row_to_json (g_ptr_array_index (rows, i)));
  pl_json_begin (stream);
  pl_json_write_member (stream, "changes", list);
  fputs ("}\n", stream);
}
