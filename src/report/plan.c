/* plan.c - a plan for a person; see plan.h. */
#include "report/plan.h"

#include "base/quote.h"
#include "report/diff.h"
#include "report/printable.h"
#include "report/wrap.h"

#include <string.h>

#define COLOR_HEADING "1"

static void
append_heading (GString *out, const char *text, const char *color, const struct pl_style *style)
{
  g_string_append_c (out, '\n');
  pl_color_begin (out, color, style);
  g_string_append (out, text);
  pl_color_end (out, style);
  g_string_append_c (out, '\n');
}

/* "1 step", "3 steps", "no step". */
static void
append_count (GString *out, guint n, const char *thing)
{
  if (n == 0)
    g_string_append_printf (out, "no %s", thing);
  else
    g_string_append_printf (out, "%u %s%s", n, thing, n == 1 ? "" : "s");
}

static bool
has_remark (const struct pl_plan *plan, enum pl_remark_kind kind)
{
  for (guint i = 0; i < plan->remarks->len; i++)
    if (((const struct pl_remark *) g_ptr_array_index (plan->remarks, i))->kind == kind)
      return true;
  return false;
}

/* Nothing is said to be done while something is left to a person, or was not looked at. */
static bool
is_all_done (const struct pl_plan *plan)
{
  return plan->steps->len == 0 && !plan->is_first_stage && !has_remark (plan, PL_REMARK_FIRMWARE)
         && !has_remark (plan, PL_REMARK_BY_HAND) && !has_remark (plan, PL_REMARK_UNKNOWN);
}

static void
append_headline (GString *out, const struct pl_machine *machine, const struct pl_plan *plan,
                 const struct pl_style *style)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *names = pl_machine_join_addresses (machine, plan->devices, ", ", " and ");
  if (!is_all_done (plan)) {
    g_string_append (line, "Plan to lend ");
    g_string_append_printf (line, "%s: ", names);
    append_count (line, plan->steps->len, "step");
    g_string_append (line, ", ");
    append_count (line, plan->reboots, "reboot");
    if (plan->minutes > 0) {
      g_string_append (line, ", about ");
      append_count (line, plan->minutes, "minute");
    }
  } else {
    g_string_append (line, "Nothing is left to change: ");
    if (plan->after_reboot != NULL || plan->reboots > 0) {
      g_string_append (line, "only the reboot is missing");
    } else if (pl_plan_is_lent (plan)) {
      g_string_append_printf (line, "%s %s on vfio-pci already", names,
                              plan->devices->len == 1 ? "is" : "are");
    } else {
      g_string_append_printf (line, "every file is as it has to be to lend %s", names);
    }
  }
  pl_color_begin (out, COLOR_HEADING, style);
  pl_wrap_append (out, line->str, 0, 2, style);
  pl_color_end (out, style);
  for (guint i = 0; i < plan->devices->len; i++) {
    g_autoptr (GString) function = g_string_new (NULL);
    pl_report_append_function (function, machine, g_ptr_array_index (plan->devices, i),
                               pl_machine_needs_domain (machine), style);
    pl_wrap_append (out, function->str, 2, 2, style);
  }
}

static void
append_remarks (GString *out, const struct pl_plan *plan, enum pl_remark_kind kind, const char *heading,
                const struct pl_style *style)
{
  if (!has_remark (plan, kind))
    return;
  append_heading (out, heading, COLOR_HEADING, style);
  for (guint i = 0; i < plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (plan->remarks, i);
    if (remark->kind == kind)
      pl_wrap_append (out, remark->text, 2, 2, style);
  }
}

/* What of the sentence is said in about two lines, up to where a part of it ends; `check` has it whole. Where
 * no part is short enough: all. */
static gsize
short_length (const struct pl_finding *finding, const struct pl_style *style)
{
  static const char *const ends[] = { "; ", ": " };
  gsize length = strlen (finding->text);
  gsize room = 2 * (CLAMP (style->width, 40, 100) - 6) - strlen (finding->id) - strlen (" []");
  if (length <= room)
    return length;
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    const char *end = g_strrstr_len (finding->text, (gssize) room, ends[i]);
    if (end != NULL && end > finding->text)
      return (gsize) (end - finding->text);
  }
  return length;
}

static void
append_finding (GString *out, const struct pl_machine *machine, const struct pl_finding *finding,
                const struct pl_style *style)
{
  g_autoptr (GString) text = g_string_new_len (finding->text, (gssize) short_length (finding, style));
  char address[PL_ADDRESS_SIZE];
  if (finding->device != NULL
      && strstr (text->str, pl_report_address (machine, finding->device->address, address)) == NULL) {
    g_string_prepend (text, ": ");
    g_string_prepend (text, address);
  }
  g_string_append_printf (text, " [%s]", finding->id);
  pl_wrap_append (out, text->str, 2, 2, style);
}

/* Of what is judged, that which is about the machine or what is lent. A blocker that a step removes is what
 * the plan is for. Warnings are for who has still something to do. */
static bool
is_worth_saying (const struct pl_plan *plan, const struct pl_finding *finding)
{
  if (finding->device != NULL && !g_ptr_array_find (plan->devices, finding->device, NULL))
    return false;
  if (finding->severity == PL_WARNING)
    return !is_all_done (plan);
  return finding->severity == PL_UNSURE || (finding->severity == PL_BLOCKER && !finding->is_step);
}

static void
append_findings (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
                 const struct pl_plan *plan, const struct pl_style *style)
{
  static const char *const headings[] = { "In the way", "Not decided", "Worth knowing before" };
  static const char *const colors[] = { "1;31", "1;33", "33" };
  int current = -1;
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (!is_worth_saying (plan, finding))
      continue;
    if ((int) finding->severity != current) {
      current = (int) finding->severity;
      append_heading (out, headings[current], colors[current], style);
    }
    append_finding (out, machine, finding, style);
  }
  if (current < 0)
    return;
  g_autofree char *call = pl_report_call (machine, judgement, "check");
  g_autofree char *line = g_strconcat (call, " says more", NULL);
  pl_wrap_append (out, line, 2, 2, style);
}

static void
append_stage (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
              const struct pl_plan *plan, const struct pl_style *style)
{
  if (!plan->is_first_stage)
    return;
  g_autofree char *call = pl_report_call (machine, judgement, "plan");
  const char *from = machine->source == PL_SOURCE_RECORDING ? ", from a new recording"
                     : machine->source == PL_SOURCE_TEXT    ? ", from a new text"
                                                            : "";
  g_autofree char *line
      = g_strdup_printf ("The IOMMU is off: %s. What comes then is planned after the reboot%s: %s",
                         plan->steps->len > 0 ? "this plan turns it on"
                         : has_remark (plan, PL_REMARK_BY_HAND) || has_remark (plan, PL_REMARK_UNKNOWN)
                             ? "it has to be turned on first"
                             : "all is written that turns it on, and only the reboot is missing",
                         from, call);
  g_string_append_c (out, '\n');
  pl_wrap_append (out, line, 0, 2, style);
}

/* The program by its name alone where it stands in a folder of programs of the system. */
static void
append_words (GString *out, char *const *argv, const struct pl_style *style)
{
  static const char *const folders[] = { "/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/" };
  for (guint i = 0; argv[i] != NULL; i++) {
    const char *word = argv[i];
    for (guint j = 0; i == 0 && j < G_N_ELEMENTS (folders); j++)
      if (g_str_has_prefix (argv[0], folders[j]))
        word = argv[0] + strlen (folders[j]);
    g_autofree char *quoted = pl_quote_word (word);
    if (i > 0)
      g_string_append_c (out, ' ');
    pl_printable_append (out, quoted, -1, style->is_utf8);
  }
}

/* "change /etc/modprobe.d/vfio.conf", "run mkinitcpio -P". */
static void
append_title (GString *out, const struct pl_step *step, const struct pl_style *style)
{
  static const char *const whens[] = { "", " (for the trial boot)", " (when the trial has been confirmed)" };
  if (step->kind == PL_STEP_PROGRAM) {
    g_string_append (out, "run ");
    append_words (out, step->argv, style);
  } else {
    g_string_append (out, step->kind == PL_STEP_SYSFS ? "write /"
                          : step->new_content == NULL ? "remove /"
                          : step->old_content == NULL ? "create /"
                                                      : "change /");
    pl_printable_append (out, step->path, -1, style->is_utf8);
    if ((step->mode & 0111) != 0)
      g_string_append (out, " (executable)");
  }
  g_string_append (out, whens[step->when]);
}

static void
append_program (GString *out, const struct pl_step *step, const struct pl_style *style)
{
  g_autoptr (GString) writes = g_string_new ("writes ");
  for (guint i = 0; step->writes != NULL && step->writes[i] != NULL; i++) {
    /* What is there only while the program runs is for the journal, not for a reader. */
    if (i > 0 && g_str_has_suffix (step->writes[i], ".new"))
      continue;
    g_string_append (writes, i > 0 ? ", /" : "/");
    pl_printable_append (writes, step->writes[i], -1, style->is_utf8);
  }
  if (step->writes != NULL && step->writes[0] != NULL)
    pl_wrap_append (out, writes->str, 3, 2, style);
  if (step->undo_argv == NULL)
    return;
  g_autoptr (GString) undo = g_string_new (step->leave == PL_LEAVE_PACKAGES
                                               ? "undo leaves them, and undo --packages removes them: "
                                               : "to undo it: ");
  append_words (undo, step->undo_argv, style);
  pl_wrap_append (out, undo->str, 3, 2, style);
}

static void
append_step (GString *out, const struct pl_step *step, guint number, const struct pl_style *style)
{
  g_autoptr (GString) title = g_string_new (NULL);
  g_string_append_printf (title, "%u. ", number);
  append_title (title, step, style);
  g_string_append_c (out, '\n');
  pl_color_begin (out, COLOR_HEADING, style);
  pl_wrap_append (out, title->str, 0, 3, style);
  pl_color_end (out, style);
  if (step->why != NULL)
    pl_wrap_append (out, step->why, 3, 0, style);
  if (step->kind == PL_STEP_PROGRAM) {
    append_program (out, step, style);
  } else {
    g_autofree char *path = g_strconcat ("/", step->path, NULL);
    pl_diff_append (out, path, step->old_content, step->new_content, style);
  }
}

/* What is taken back is on the machine that was changed, not in its recording. */
static void
append_way_back (GString *out, const struct pl_machine *machine, const struct pl_style *style)
{
  g_autofree char *program
      = machine->source == PL_SOURCE_TREE ? pl_judge_command (machine) : g_strdup ("pcilend");
  g_autofree char *undo = g_strconcat (program, " undo", NULL);
  append_heading (out, "To come back", COLOR_HEADING, style);
  pl_wrap_append (out, undo, 2, 2, style);
  pl_wrap_append (out,
                  "If the machine does not boot: sh /var/lib/pcilend/NUMBER/undo.sh in a rescue shell; apply "
                  "prints the number",
                  2, 2, style);
}

void
pl_report_plan (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                const struct pl_plan *plan, const struct pl_style *style)
{
  g_autoptr (GString) out = g_string_new (NULL);
  append_headline (out, machine, plan, style);
  append_remarks (out, plan, PL_REMARK_FIRMWARE, "First, by hand", style);
  append_findings (out, machine, judgement, plan, style);
  append_stage (out, machine, judgement, plan, style);
  for (guint i = 0; i < plan->steps->len; i++)
    append_step (out, g_ptr_array_index (plan->steps, i), i + 1, style);
  append_remarks (out, plan, PL_REMARK_BY_HAND, "To do by hand", style);
  append_remarks (out, plan, PL_REMARK_UNKNOWN, "Not known", style);
  append_remarks (out, plan, PL_REMARK_NOTE, "Notes", style);
  if (plan->after_reboot != NULL) {
    append_heading (out, "The reboot", COLOR_HEADING, style);
    pl_wrap_append (out, plan->after_reboot, 2, 2, style);
  }
  if (plan->steps->len > 0)
    append_way_back (out, machine, style);
  fwrite (out->str, 1, out->len, stream);
}
