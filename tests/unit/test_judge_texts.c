/* test_judge_texts.c - the judgement of what real people posted: the guide and the collection of machines.
 *
 * They are read in place, in the folder that PCILEND_SHARED names, else in "shared" beside the repository;
 * where it is missing the tests are skipped. What is expected is what the owners passed to their guests.
 */
#include "judge_machine.h"
#include "machine/paste/paste.h"

static char *
shared_path (const char *name)
{
  const char *given = g_getenv ("PCILEND_SHARED");
  return given != NULL ? g_build_filename (given, name, NULL)
                       : g_test_build_filename (G_TEST_DIST, "..", "..", "..", "shared", name, NULL);
}

/* The machine in the file "machines/NNN-*.txt", or in @name itself; NULL where it is not there. */
static struct pl_machine *
read_text (const char *name)
{
  g_autofree char *path = NULL;
  if (strchr (name, '.') != NULL) {
    path = shared_path (name);
  } else {
    g_autofree char *folder = shared_path ("machines");
    GDir *directory = g_dir_open (folder, 0, NULL);
    const char *entry;
    while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
      if (g_str_has_prefix (entry, name) && g_str_has_suffix (entry, ".txt"))
        path = g_build_filename (folder, entry, NULL);
    if (directory != NULL)
      g_dir_close (directory);
  }
  g_autofree char *text = NULL;
  gsize size;
  if (path == NULL || !g_file_get_contents (path, &text, &size, NULL)) {
    g_test_skip ("the collection is not there; set PCILEND_SHARED");
    return NULL;
  }
  struct pl_machine *machine = machine_new (PL_SOURCE_TEXT);
  GError *error = NULL;
  pl_paste_read (machine, name, text, size, &error);
  g_assert_no_error (error);
  return machine;
}

static void
test_guide_guest (void)
{
  struct pl_machine *machine = read_text ("guide.md");
  if (machine == NULL)
    return;
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
  demand_companions (judgement, "09:00.0", "09:00.1");
  demand (judgement, "device.needs-vendor-reset", "09:00.0", PL_WARNING);
  demand (judgement, "iommu.passthrough", "", PL_NOTE);
  g_assert_cmpuint (judgement->not_looked_at->len, >, 5);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_guide_host (void)
{
  struct pl_machine *machine = read_text ("guide.md");
  if (machine == NULL)
    return;
  struct pl_judgement *judgement = judge (machine, "06:00.0");
  demand_lendable (judgement, "06:00.0", PL_LENDABLE_NO, PL_VERDICT_IMPOSSIBLE);
  demand (judgement, "group.shared", "06:00.0", PL_BLOCKER);
  demand_text (judgement, "group.shared", "06:00.0",
               "four devices of other slots that would have to go along: the USB "
               "controller 02:00.0, the SATA controller 02:00.1, the Ethernet card "
               "04:00.0 and the Wi-Fi or network card 05:00.0");
  demand_text (judgement, "group.shared", "06:00.0", "its own 06:00.1 goes along");
  demand_text (judgement, "group.shared", "06:00.0", "four bridges stay: 02:00.2, 03:00.0, 03:01.0, 03:04.0");
  demand (judgement, "iommu.timeouts-logged", "06:00.0", PL_WARNING);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* @lendable: what the text can show at most. */
static const struct {
  const char *machine, *device;
  enum pl_lendable lendable;
  const char *companions; /* NULL: not looked at */
} rows[] = {
  { "009", "66:00.0", PL_LENDABLE_YES, "66:00.1" },
  { "009", "66:00.3", PL_LENDABLE_YES, "" },
  { "009", "66:00.6", PL_LENDABLE_YES, "" },
  { "011", "01:00.0", PL_LENDABLE_UNKNOWN, "01:00.1 01:00.2 01:00.3" },
  { "018", "08:00.0", PL_LENDABLE_YES, "08:00.1" },
  { "018", "04:00.0", PL_LENDABLE_NO, NULL },
  { "022", "05:00.0", PL_LENDABLE_YES, "05:00.1 05:00.2 05:00.3" },
  { "022", "05:00.2", PL_LENDABLE_YES, "05:00.0 05:00.1 05:00.3" },
  { "022", "14:00.0", PL_LENDABLE_YES, "" },
  { "022", "03:00.0", PL_LENDABLE_YES, "03:00.1" },
  { "027", "02:00.0", PL_LENDABLE_YES, "02:00.1" },
  { "028", "09:00.0", PL_LENDABLE_YES, "09:00.1" },
  { "035", "23:00.0", PL_LENDABLE_NO, NULL },
  { "038", "09:00.0", PL_LENDABLE_YES, "09:00.1" },
  { "044", "00:02.0", PL_LENDABLE_YES, "" },
  { "044", "03:00.0", PL_LENDABLE_YES, "03:00.1" },
  { "044", "0e:00.0", PL_LENDABLE_YES, "0e:00.1" },
  { "054", "11:00.0", PL_LENDABLE_YES, "11:00.1" },
  { "054", "13:00.3", PL_LENDABLE_YES, "" },
  { "054", "13:00.4", PL_LENDABLE_YES, "" },
  { "054", "0b:00.0", PL_LENDABLE_YES, "0b:00.1 0b:00.3" },
  { "054", "0b:00.1", PL_LENDABLE_YES, "0b:00.0 0b:00.3" },
  { "054", "04:00.0", PL_LENDABLE_YES, "" },
  { "057", "0b:00.0", PL_LENDABLE_YES, "0b:00.1" },
  { "057", "06:00.0", PL_LENDABLE_YES, "" },
  { "065", "0a:00.0", PL_LENDABLE_YES, "0a:00.1" },
  { "065", "0b:00.0", PL_LENDABLE_YES, "0b:00.1" },
  { "065", "07:00.1", PL_LENDABLE_YES, "" },
  { "065", "07:00.3", PL_LENDABLE_YES, "" },
  { "065", "09:00.0", PL_LENDABLE_YES, "" },
  { "070", "07:00.0", PL_LENDABLE_YES, "07:00.1" },
  { "075", "81:00.0", PL_LENDABLE_UNKNOWN, "81:00.1" },
  { "076", "03:00.0", PL_LENDABLE_YES, "03:00.1" },
  { "081", "0a:00.0", PL_LENDABLE_UNKNOWN, "0a:00.1 0a:00.2 0a:00.3" },
  { "086", "01:00.0", PL_LENDABLE_YES, "01:00.1" },
  { "086", "05:00.0", PL_LENDABLE_YES, "" },
  { "088", "01:00.0", PL_LENDABLE_NO, NULL },
  { "110", "61:00.0", PL_LENDABLE_UNKNOWN, "" },
  { "118", "2e:00.0", PL_LENDABLE_YES, "2e:00.1" },
  { "118", "26:00.0", PL_LENDABLE_YES, "" },
  { "124", "03:00.0", PL_LENDABLE_YES, "03:00.1" },
};

static void
test_row (const void *data)
{
  guint row = GPOINTER_TO_UINT (data);
  struct pl_machine *machine = read_text (rows[row].machine);
  if (machine == NULL)
    return;
  struct pl_judgement *judgement = judge (machine, rows[row].device);
  const struct pl_candidate *candidate = candidate_of (judgement, rows[row].device);
  g_assert_nonnull (candidate);
  if (candidate->lendable != rows[row].lendable)
    print_findings (judgement);
  g_assert_cmpstr (pl_lendable_name (candidate->lendable), ==, pl_lendable_name (rows[row].lendable));
  if (rows[row].companions != NULL)
    demand_companions (judgement, rows[row].device, rows[row].companions);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge/texts/guide-09:00.0", test_guide_guest);
  g_test_add_func ("/judge/texts/guide-06:00.0", test_guide_host);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = g_strdup_printf ("/judge/texts/%s-%s", rows[i].machine, rows[i].device);
    g_test_add_data_func (name, GUINT_TO_POINTER (i), test_row);
  }
  return g_test_run ();
}
