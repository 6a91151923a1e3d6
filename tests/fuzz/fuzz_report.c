/* fuzz_report.c - a whole machine through the readers, the rules and every report.
 *
 * r: from a recording. t: from a pasted text. The machine is judged as a whole and for its first functions.
 */
#include "base/recording.h"
#include "judge/judge.h"
#include "machine/paste/paste.h"
#include "machine/read.h"
#include "report/check.h"
#include "report/groups.h"
#include "report/show.h"
#include "report/status.h"
#include "target.h"

#include <json-c/json.h>
#include <stdlib.h>

static struct pl_names *
no_names (void)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  return pl_names_new_for_text (none);
}

/* No report prints a byte that could command a terminal. */
static void
check_text (const char *text, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    guint8 byte = (guint8) text[i];
    g_assert ((byte >= ' ' || byte == '\n' || byte == '\t') && byte != 0x7f);
  }
  g_assert (g_utf8_validate_len (text, size, NULL));
}

static void
check_json (const char *text, gsize size)
{
  check_text (text, size);
  struct json_object *object = json_tokener_parse (text);
  g_assert (object != NULL);
  json_object_put (object);
}

/* What is written to a stream, and then looked at. */
struct paper {
  char *text;
  size_t size;
  FILE *stream;
};

static FILE *
paper_open (struct paper *paper)
{
  paper->stream = open_memstream (&paper->text, &paper->size);
  g_assert (paper->stream != NULL);
  return paper->stream;
}

static void
paper_close (struct paper *paper, void (*check) (const char *text, gsize size))
{
  fclose (paper->stream);
  check (paper->text, paper->size);
  free (paper->text);
}

static void
report_groups (const struct pl_machine *machine, const struct pl_style *style)
{
  struct paper paper;
  pl_report_groups (paper_open (&paper), machine, style);
  paper_close (&paper, check_text);
  pl_report_groups_json (paper_open (&paper), machine);
  paper_close (&paper, check_json);
}

/* @device: NULL for the machine as a whole. */
static void
report_judgement (const struct pl_machine *machine, struct pl_device *device, const struct pl_style *style)
{
  struct paper paper;
  struct pl_goal goal = { g_ptr_array_new () };
  if (device != NULL)
    g_ptr_array_add (goal.devices, device);
  struct pl_judgement *judgement = pl_judge (machine, &goal);
  bool was_asked = device != NULL;
  for (int verbose = 0; verbose < 2; verbose++) {
    pl_report_check (paper_open (&paper), machine, judgement, was_asked, verbose != 0, style);
    paper_close (&paper, check_text);
  }
  pl_report_check_json (paper_open (&paper), machine, judgement, was_asked);
  paper_close (&paper, check_json);
  if (was_asked) {
    g_assert (judgement->candidates->len == 1);
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, 0);
    pl_report_show (paper_open (&paper), machine, candidate, style);
    paper_close (&paper, check_text);
    pl_report_show_json (paper_open (&paper), machine, candidate);
    paper_close (&paper, check_json);
  } else {
    pl_report_status (paper_open (&paper), machine, judgement, style);
    paper_close (&paper, check_text);
    pl_report_status_json (paper_open (&paper), machine, judgement);
    paper_close (&paper, check_json);
  }
  pl_judgement_free (judgement);
  g_ptr_array_unref (goal.devices);
}

static void
report (const struct pl_machine *machine)
{
  for (int is_utf8 = 0; is_utf8 < 2; is_utf8++) {
    struct pl_style style = { .is_utf8 = is_utf8 != 0, .width = 80 };
    report_groups (machine, &style);
    report_judgement (machine, NULL, &style);
    for (guint i = 0; i < MIN (pl_machine_n_devices (machine), 3); i++)
      report_judgement (machine, pl_machine_device (machine, i), &style);
  }
}

static void
run_recording (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;
  struct pl_root *root = pl_root_open_recording ("fuzz", bytes, &error);
  if (root == NULL)
    return;
  struct pl_machine *machine = pl_machine_read (root, "fuzz", no_names ());
  pl_machine_read_everything (machine, root);
  report (machine);
  pl_machine_free (machine);
  pl_root_close (root);
}

static void
run_text (const char *text, gsize size)
{
  struct pl_machine *machine = pl_machine_new (PL_SOURCE_TEXT, "fuzz", no_names ());
  if (pl_paste_read (machine, "fuzz", text, size, NULL))
    report (machine);
  pl_machine_free (machine);
}

static const struct pl_fuzz_parser parsers[] = { { 'r', run_recording }, { 't', run_text } };

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  return pl_fuzz_choose (parsers, G_N_ELEMENTS (parsers), data, size);
}
