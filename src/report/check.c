/* check.c - see check.h. */
#include "report/check.h"

#include "report/json.h"
#include "report/printable.h"
#include "report/wrap.h"

#include <string.h>

static const char *const severity_colors[] = { "1;31", "1;33", "33", "2" };
static const char *const severity_headings[]
    = { "In the way", "Not decided", "Worth knowing before", "Notes" };

char *
pl_report_answer (const struct pl_machine *machine, const struct pl_candidate *candidate)
{
  static const char *const answers[] = { "can be lent", "not decided", "cannot be lent" };
  GString *text = g_string_new (answers[candidate->lendable]);
  if (candidate->lendable != PL_LENDABLE_NO)
    for (guint i = 0; i < candidate->companions->len; i++) {
      const struct pl_device *companion = g_ptr_array_index (candidate->companions, i);
      char address[PL_ADDRESS_SIZE];
      guint left = candidate->companions->len - i;
      const char *before = i == 0 ? ", together with " : left == 1 ? " and " : ", ";
      g_string_append_printf (text, "%s%s", before, pl_report_address (machine, companion->address, address));
    }
  return g_string_free (text, FALSE);
}

/* "09:00.0 VGA compatible controller: Navi 10 ..." and below it the answer. */
static void
append_candidate (GString *out, const struct pl_machine *machine, const struct pl_candidate *candidate,
                  const struct pl_style *style)
{
  static const char *const colors[] = { "1;32", "1;33", "1;31" };
  g_autoptr (GString) title = g_string_new (NULL);
  char address[PL_ADDRESS_SIZE];
  g_string_append_printf (title, "%s ", pl_report_address (machine, candidate->device->address, address));
  pl_report_append_class_name (title, machine, candidate->device, style);
  g_string_append (title, ": ");
  pl_report_append_name (title, machine, candidate->device, style);
  pl_wrap_append (out, title->str, 0, 2, style);
  g_autofree char *answer = pl_report_answer (machine, candidate);
  pl_color_begin (out, colors[candidate->lendable], style);
  pl_wrap_append (out, answer, 2, 0, style);
  pl_color_end (out, style);
}

static void
append_evidence (GString *out, const struct pl_finding *finding, const struct pl_style *style)
{
  for (guint i = 0; finding->evidence != NULL && i < finding->evidence->len; i++) {
    const struct pl_evidence *evidence = &g_array_index (finding->evidence, struct pl_evidence, i);
    g_autoptr (GString) line = g_string_new ("evidence: ");
    g_string_append (line, evidence->path);
    if (evidence->line > 0)
      g_string_append_printf (line, ":%u", evidence->line);
    g_string_append_printf (line, " (%s)", pl_state_name (evidence->state));
    pl_wrap_append (out, line->str, 4, 2, style);
  }
  if (finding->source != NULL) {
    g_autofree char *line = g_strconcat ("source: ", finding->source, NULL);
    pl_wrap_append (out, line, 4, 2, style);
  }
}

static void
append_finding (GString *out, const struct pl_machine *machine, const struct pl_finding *finding,
                bool verbose, const struct pl_style *style)
{
  char address[PL_ADDRESS_SIZE];
  g_autoptr (GString) text = g_string_new (NULL);
  /* Most sentences name their function; the others are told apart by it. */
  if (finding->device != NULL
      && strstr (finding->text, pl_report_address (machine, finding->device->address, address)) == NULL)
    g_string_append_printf (text, "%s: ", address);
  g_string_append_printf (text, "%s [%s]", finding->text, finding->id);
  pl_wrap_append (out, text->str, 2, 2, style);
  if (finding->remedy != NULL) {
    g_autofree char *remedy = g_strconcat ("-> ", finding->remedy, NULL);
    pl_wrap_append (out, remedy, 4, 3, style);
  }
  if (verbose)
    append_evidence (out, finding, style);
}

/* Whether what is said is of use: of a card that cannot be lent anyway, only why; the rest when it is asked
 * about. */
static bool
is_worth_showing (const struct pl_judgement *judgement, const struct pl_finding *finding)
{
  if (finding->severity <= PL_UNSURE || finding->device == NULL)
    return true;
  bool is_of_any = false;
  for (guint i = 0; i < judgement->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, i);
    if (candidate->device != finding->device
        && !g_ptr_array_find (candidate->companions, finding->device, NULL))
      continue;
    if (candidate->lendable != PL_LENDABLE_NO)
      return true;
    is_of_any = true;
  }
  return !is_of_any;
}

static void
append_findings (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
                 bool shows_all, bool verbose, const struct pl_style *style)
{
  int current = -1;
  guint n_left_out = 0;
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (!shows_all && !is_worth_showing (judgement, finding)) {
      n_left_out++;
      continue;
    }
    if ((int) finding->severity != current) {
      current = (int) finding->severity;
      g_string_append_c (out, '\n');
      pl_color_begin (out, severity_colors[current], style);
      g_string_append (out, severity_headings[current]);
      pl_color_end (out, style);
      g_string_append_c (out, '\n');
    }
    append_finding (out, machine, finding, verbose, style);
  }
  if (n_left_out > 0)
    g_string_append_printf (out, "\n%u more about cards that cannot be lent (--verbose, or: check ADDRESS)\n",
                            n_left_out);
}

static void
append_not_looked_at (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
                      bool verbose, const struct pl_style *style)
{
  guint n = judgement->not_looked_at->len;
  if (n == 0)
    return;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *why = machine->source == PL_SOURCE_TEXT ? "the text does not say" : "could not be had";
  if (verbose)
    g_string_append_printf (text, "Not looked at, because it %s: ",
                            machine->source == PL_SOURCE_TEXT ? "is not in the text" : why);
  else
    g_string_append_printf (text, "%u fact%s that %s %s not looked at (--verbose names %s)", n,
                            n == 1 ? "" : "s", why, n == 1 ? "was" : "were", n == 1 ? "it" : "them");
  for (guint i = 0; verbose && i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (judgement->not_looked_at, i));
  g_string_append_c (out, '\n');
  pl_wrap_append (out, text->str, 0, 2, style);
}

static void
append_notes (GString *out, const struct pl_machine *machine, bool verbose, const struct pl_style *style)
{
  guint n = pl_machine_n_notes (machine);
  if (n == 0)
    return;
  g_string_append_printf (out, "\nRead with care\n");
  guint shown = verbose ? n : MIN (n, 5);
  for (guint i = 0; i < shown; i++) {
    const struct pl_note *note = pl_machine_note (machine, i);
    g_autoptr (GString) line = g_string_new (note->path);
    if (note->line > 0)
      g_string_append_printf (line, ":%u", note->line);
    g_string_append_printf (line, ": %s", note->text);
    pl_wrap_append (out, line->str, 2, 2, style);
  }
  if (shown < n)
    g_string_append_printf (out, "  and %u more (--verbose)\n", n - shown);
}

/* Where something is left to be changed: the command that shows it. */
static void
append_plan_call (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
                  bool was_asked, const struct pl_style *style)
{
  if (judgement->verdict != PL_VERDICT_PREPARE || (!was_asked && judgement->best == NULL))
    return;
  g_autofree char *call = pl_report_call (machine, judgement, "plan");
  g_autofree char *line = g_strconcat ("What would be changed: ", call, NULL);
  pl_wrap_append (out, line, 0, 2, style);
}

static void
append_verdict (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
                bool was_asked, const struct pl_style *style)
{
  static const char *const sentences[]
      = { "can be lent, and nothing is left to do", "can be lent once the steps named above are done",
          "something needed could not be read", "not with this machine as it is" };
  static const char *const colors[] = { "1;32", "1;32", "1;33", "1;31" };
  char address[PL_ADDRESS_SIZE];
  g_autoptr (GString) line = g_string_new ("Verdict: ");
  g_string_append (line, pl_verdict_name (judgement->verdict));
  if (judgement->candidates->len == 0)
    g_string_append (line, ": there is no graphics card to lend; name another device: pcilend check DEVICE");
  else if (!was_asked && judgement->verdict == PL_VERDICT_IMPOSSIBLE)
    g_string_append (line, ": no graphics card can be lent with this machine as it is");
  else if (!was_asked && judgement->best != NULL && judgement->candidates->len > 1)
    g_string_append_printf (line, ": the best choice is %s: %s",
                            pl_report_address (machine, judgement->best->device->address, address),
                            sentences[judgement->verdict]);
  else
    g_string_append_printf (line, ": %s", sentences[judgement->verdict]);
  if (machine->source == PL_SOURCE_TEXT && judgement->verdict <= PL_VERDICT_PREPARE)
    g_string_append (line, ", as far as this text goes");
  g_string_append_c (out, '\n');
  pl_color_begin (out, colors[judgement->verdict], style);
  pl_wrap_append (out, line->str, 0, 2, style);
  pl_color_end (out, style);
  append_plan_call (out, machine, judgement, was_asked, style);
}

void
pl_report_check (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                 bool was_asked, bool verbose, const struct pl_style *style)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < judgement->candidates->len; i++)
    append_candidate (out, machine, g_ptr_array_index (judgement->candidates, i), style);
  append_findings (out, machine, judgement, was_asked || verbose, verbose, style);
  append_notes (out, machine, verbose, style);
  append_not_looked_at (out, machine, judgement, verbose, style);
  append_verdict (out, machine, judgement, was_asked, style);
  fwrite (out->str, 1, out->len, stream);
  g_string_free (out, TRUE);
}

static struct json_object *
finding_to_json (const struct pl_finding *finding)
{
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "id", json_object_new_string (finding->id));
  json_object_object_add (object, "severity", json_object_new_string (pl_severity_name (finding->severity)));
  json_object_object_add (object, "device",
                          finding->device != NULL ? pl_json_address (finding->device->address) : NULL);
  json_object_object_add (object, "text", pl_json_text (finding->text, -1));
  json_object_object_add (object, "remedy",
                          finding->remedy != NULL ? pl_json_text (finding->remedy, -1) : NULL);
  struct json_object *evidence = json_object_new_array ();
  for (guint i = 0; finding->evidence != NULL && i < finding->evidence->len; i++) {
    const struct pl_evidence *row = &g_array_index (finding->evidence, struct pl_evidence, i);
    struct json_object *entry = json_object_new_object ();
    json_object_object_add (entry, "path", pl_json_text (row->path, -1));
    json_object_object_add (entry, "line", row->line > 0 ? json_object_new_int64 (row->line) : NULL);
    json_object_object_add (entry, "state", json_object_new_string (pl_state_name (row->state)));
    json_object_array_add (evidence, entry);
  }
  json_object_object_add (object, "evidence", evidence);
  json_object_object_add (object, "source",
                          finding->source != NULL ? json_object_new_string (finding->source) : NULL);
  return object;
}

/* The three keys that a candidate has. */
static void
add_candidate (struct json_object *object, const struct pl_candidate *candidate)
{
  json_object_object_add (object, "device", pl_json_address (candidate->device->address));
  struct json_object *companions = json_object_new_array ();
  for (guint i = 0; i < candidate->companions->len; i++) {
    const struct pl_device *companion = g_ptr_array_index (candidate->companions, i);
    json_object_array_add (companions, pl_json_address (companion->address));
  }
  json_object_object_add (object, "companions", companions);
  json_object_object_add (object, "lendable",
                          json_object_new_string (pl_lendable_name (candidate->lendable)));
}

static struct json_object *
notes_to_json (const struct pl_machine *machine)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < pl_machine_n_notes (machine); i++) {
    const struct pl_note *note = pl_machine_note (machine, i);
    struct json_object *object = json_object_new_object ();
    json_object_object_add (object, "path", pl_json_text (note->path, -1));
    json_object_object_add (object, "line", note->line > 0 ? json_object_new_int64 (note->line) : NULL);
    json_object_object_add (object, "text", pl_json_text (note->text, -1));
    json_object_array_add (list, object);
  }
  return list;
}

void
pl_report_check_json (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                      bool was_asked)
{
  pl_json_begin (stream);
  fputs (",\n\"findings\":[", stream);
  for (guint i = 0; i < judgement->findings->len; i++) {
    fputs (i > 0 ? ",\n" : "\n", stream);
    pl_json_write (stream, finding_to_json (g_ptr_array_index (judgement->findings, i)));
  }
  fputs ("]", stream);
  pl_json_write_member (stream, "verdict", json_object_new_string (pl_verdict_name (judgement->verdict)));
  fputs (",\n\"devices\":[", stream);
  for (guint i = 0; i < judgement->candidates->len; i++) {
    struct json_object *object = json_object_new_object ();
    add_candidate (object, g_ptr_array_index (judgement->candidates, i));
    fputs (i > 0 ? ",\n" : "\n", stream);
    pl_json_write (stream, object);
  }
  fputs ("]", stream);
  struct json_object *missing = json_object_new_array ();
  for (guint i = 0; i < judgement->not_looked_at->len; i++)
    json_object_array_add (missing, json_object_new_string (g_ptr_array_index (judgement->not_looked_at, i)));
  pl_json_write_member (stream, "not_looked_at", missing);
  pl_json_write_member (stream, "notes", notes_to_json (machine));
  if (was_asked && judgement->candidates->len == 1) {
    struct json_object *object = json_object_new_object ();
    add_candidate (object, g_ptr_array_index (judgement->candidates, 0));
    json_object_object_foreach (object, key, value)
    {
      pl_json_write_member (stream, key, json_object_get (value));
    }
    json_object_put (object);
  }
  fputs ("}\n", stream);
}
