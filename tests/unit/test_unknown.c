/* test_unknown.c - unknown is never fine.
 *
 * Every entry of every recorded machine is taken away, and made one that may not be read, one at a time; then
 * the machine is read and judged again as a command would. So are handfuls of entries, drawn by chance.
 * Demanded:
 *
 *  - nothing is lendable that was not, and no verdict becomes better than "unknown";
 *  - no blocker is gone but that something unsure, or another blocker, came in its place: about the same
 *    function, the one asked about, or the machine.
 *
 * An entry that nobody asks for while the whole machine is read cannot change anything: it is counted, not
 * tried. The recordings: the folders in PCILEND_FIXTURES (parted by ':'), else data/machines and
 * tests/machines.
 */
#include "base/recording.h"
#include "base/root_private.h"
#include "judge/judge.h"
#include "machine/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Larger recordings are for the long run alone. */
#define QUICK_ENTRIES 2000

/* So many handfuls are drawn for each question, of so many entries at most. */
#define HANDFULS 50
#define MOST_IN_HAND 12

/* So many violations are printed of each machine. */
#define MOST_PRINTED 25

/* What is done to an entry. */
enum harm { REMOVED, DENIED, N_HARMS };
static const char *const harm_names[N_HARMS] = { "removed", "EACCES" };
static const int harm_errors[N_HARMS] = { PL_NOT_RECORDED, EACCES };

/* The recording that is tried, and what of it is harmed now. The door's operations have no data. */
static struct {
  const struct pl_root_operations *inner;
  GHashTable *harmed; /* key -> enum harm + 1 */
  GHashTable *asked;  /* NULL: not noted */
} trial;

/* Whether the entry is harmed, its error in *error. */
static bool
is_harmed (const char *key, int *error)
{
  if (trial.asked != NULL)
    g_hash_table_add (trial.asked, g_strdup (key));
  guint harm = GPOINTER_TO_UINT (g_hash_table_lookup (trial.harmed, key));
  *error = harm > 0 ? harm_errors[harm - 1] : 0;
  return harm > 0;
}

static char *
key_in (const struct pl_directory *directory, const char *name)
{
  g_autofree char *above = pl_directory_path (directory);
  return strcmp (above, ".") == 0 ? g_strdup (name) : g_strconcat (above, "/", name, NULL);
}

/* A recording without the entry of a directory opens it all the same. */
static int
trial_open (struct pl_root *root, const struct pl_directory *parent, const char *path, int *descriptor)
{
  g_autofree char *name = parent != NULL ? key_in (parent, path) : g_strdup (path);
  g_autofree char *key = g_strconcat (name, "/", NULL);
  int error;
  *descriptor = -1;
  if (parent != NULL && parent->state != PL_KNOWN)
    return trial.inner->open (root, parent, path, descriptor);
  if (is_harmed (key, &error))
    return MAX (error, 0);
  return trial.inner->open (root, parent, path, descriptor);
}

static int
trial_read (struct pl_root *root, struct pl_directory *directory, const char *name, struct pl_buffer *buffer)
{
  g_autofree char *key = key_in (directory, name);
  int error;
  return is_harmed (key, &error) ? error : trial.inner->read (root, directory, name, buffer);
}

static int
trial_link (struct pl_root *root, struct pl_directory *directory, const char *name, char *target, gsize size)
{
  g_autofree char *key = key_in (directory, name);
  int error;
  return is_harmed (key, &error) ? error : trial.inner->link (root, directory, name, target, size);
}

static int
trial_list (struct pl_root *root, struct pl_directory *directory, GPtrArray *names)
{
  g_autofree char *path = pl_directory_path (directory);
  g_autofree char *key = g_strconcat (path, "/", NULL);
  int error;
  return is_harmed (key, &error) ? error : trial.inner->list (root, directory, names);
}

/* Of the parts that are no directories the key is the part's line, a blank, and the name. */
static int
trial_log (struct pl_root *root, struct pl_buffer *buffer)
{
  int error;
  return is_harmed ("@log kernel", &error) ? error : trial.inner->log (root, buffer);
}

static int
trial_run (struct pl_root *root, const char *const *argv, int timeout_ms, struct pl_buffer *buffer)
{
  g_autofree char *command = g_strjoinv (" ", (char **) argv);
  g_autofree char *key = g_strconcat ("@run ", command, NULL);
  int error;
  return is_harmed (key, &error) ? error : trial.inner->run (root, argv, timeout_ms, buffer);
}

static void
trial_hand_in_secrets (struct pl_root *root, struct pl_recorder *recorder)
{
  trial.inner->hand_in_secrets (root, recorder);
}

static void
trial_close (struct pl_root *root)
{
  trial.inner->close (root);
}

static const struct pl_root_operations trial_operations = {
  .open = trial_open,
  .read = trial_read,
  .list = trial_list,
  .link = trial_link,
  .log = trial_log,
  .run = trial_run,
  .hand_in_secrets = trial_hand_in_secrets,
  .close = trial_close,
};

/* What is not behind a path: an error cannot be written there, so both harms are the same. */
static void
harm_host (struct pl_host *host)
{
  int error;
  if (is_harmed ("@host uid", &error))
    host->uid_state = PL_UNREAD;
  if (is_harmed ("@host release", &error))
    host->release = NULL;
  if (is_harmed ("@host architecture", &error))
    host->architecture = NULL;
}

/* What was judged about one goal. */
struct opinion {
  struct pl_machine *machine;
  struct pl_goal goal;
  struct pl_judgement
      *judgement; /* NULL: the functions could not be listed, or the one asked about is not there */
};

static void
opinion_clear (struct opinion *opinion)
{
  pl_judgement_free (opinion->judgement);
  if (opinion->goal.devices != NULL)
    g_ptr_array_unref (opinion->goal.devices);
  pl_machine_free (opinion->machine);
}

static GPtrArray *
subjects_of (const struct pl_machine *machine, const void *goal)
{
  return pl_judge_subjects (machine, goal);
}

/* As a command does it, with nothing left of an earlier reading. @address: NULL for every display function.
 */
static void
form_opinion (struct opinion *opinion, struct pl_root *root, const struct pl_address *address)
{
  const struct pl_host host = root->host;
  harm_host (&root->host);
  *opinion = (struct opinion){ .machine = pl_machine_read (root, "a trial", pl_names_new ()) };
  opinion->goal.devices = g_ptr_array_new ();
  struct pl_device *device = address != NULL ? pl_machine_find (opinion->machine, *address) : NULL;
  if (device != NULL)
    g_ptr_array_add (opinion->goal.devices, device);
  if (opinion->machine->devices_state == PL_KNOWN && (address == NULL || device != NULL)) {
    pl_machine_read_wanted (opinion->machine, root, pl_judge_wants (), subjects_of, &opinion->goal);
    opinion->judgement = pl_judge (opinion->machine, &opinion->goal);
  }
  root->host = host;
}

/* One thing to ask about, and what is said while the recording is whole. */
struct question {
  bool is_all; /* no device was named */
  struct pl_address address;
  struct opinion whole;
  GHashTable *asked; /* the entries that its answer rests on */
};

static void
question_free (void *data)
{
  struct question *question = data;
  opinion_clear (&question->whole);
  g_hash_table_unref (question->asked);
  g_free (question);
}

static char *
name_of (const struct question *question)
{
  char text[PL_ADDRESS_SIZE];
  return g_strdup (question->is_all ? "check" : pl_address_format (question->address, text));
}

static bool
is_same_address (const struct pl_device *left, const struct pl_device *right)
{
  return left == NULL || right == NULL ? left == right
                                       : pl_address_compare (left->address, right->address) == 0;
}

static const struct pl_candidate *
find_candidate (const struct pl_judgement *judgement, const struct pl_device *device)
{
  for (guint i = 0; i < judgement->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, i);
    if (is_same_address (candidate->device, device))
      return candidate;
  }
  return NULL;
}

static bool
has_finding (const struct pl_judgement *judgement, const struct pl_finding *wanted, enum pl_severity severity)
{
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (finding->severity == severity && strcmp (finding->id, wanted->id) == 0
        && is_same_address (finding->device, wanted->device))
      return true;
  }
  return false;
}

/* Whether something stands in the place of @lost, a finding of the whole recording: the same opinion as
 * unsure, or an unsure or a blocker that was not there before, about the same function, one asked about, or
 * the machine. Of a handful each entry may have taken away what stood for another: there it need not be new.
 */
static bool
is_replaced (const struct question *question, const struct pl_judgement *harmed,
             const struct pl_finding *lost)
{
  for (guint i = 0; i < harmed->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (harmed->findings, i);
    if (finding->severity != PL_BLOCKER && finding->severity != PL_UNSURE)
      continue;
    bool is_about = finding->device == NULL || is_same_address (finding->device, lost->device)
                    || find_candidate (harmed, finding->device) != NULL;
    bool is_same = strcmp (finding->id, lost->id) == 0;
    bool is_handful = g_hash_table_size (trial.harmed) > 1;
    if (is_about
        && (is_same || is_handful || !has_finding (question->whole.judgement, finding, finding->severity)))
      return true;
  }
  return false;
}

/* What is tried, and how it went. */
struct tally {
  const char *machine;
  guint entries, unasked, trials, violations;
  guint changed; /* trials after which something was blocked or unsure that was not, or the other way round */
};

static void G_GNUC_PRINTF (3, 4)
    report (struct tally *tally, const struct question *question, const char *format, ...)
{
  g_autofree char *goal = name_of (question);
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (tally->violations++ >= MOST_PRINTED)
    return;
  g_test_message ("VIOLATION %s: %s, with:", goal, what);
  GHashTableIter each;
  void *key, *harm;
  g_hash_table_iter_init (&each, trial.harmed);
  while (g_hash_table_iter_next (&each, &key, &harm))
    g_test_message ("    %s %s", (const char *) key, harm_names[GPOINTER_TO_UINT (harm) - 1]);
}

static void
check_candidates (struct tally *tally, const struct question *question, const struct pl_judgement *harmed)
{
  const struct pl_judgement *whole = question->whole.judgement;
  for (guint i = 0; i < harmed->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (harmed->candidates, i);
    const struct pl_candidate *before = find_candidate (whole, candidate->device);
    char text[PL_ADDRESS_SIZE];
    pl_address_format (candidate->device->address, text);
    if (candidate->lendable == PL_LENDABLE_YES && (before == NULL || before->lendable != PL_LENDABLE_YES))
      report (tally, question, "%s became lendable, it was %s", text,
              before != NULL ? pl_lendable_name (before->lendable) : "not judged");
    if (candidate->verdict <= PL_VERDICT_PREPARE && (before == NULL || before->verdict > PL_VERDICT_PREPARE))
      report (tally, question, "the verdict on %s became %s, it was %s", text,
              pl_verdict_name (candidate->verdict),
              before != NULL ? pl_verdict_name (before->verdict) : "none");
  }
  if (harmed->verdict <= PL_VERDICT_PREPARE && whole->verdict > PL_VERDICT_PREPARE)
    report (tally, question, "the verdict became %s, it was %s", pl_verdict_name (harmed->verdict),
            pl_verdict_name (whole->verdict));
}

static void
check_blockers (struct tally *tally, const struct question *question, const struct pl_judgement *harmed)
{
  const GPtrArray *findings = question->whole.judgement->findings;
  for (guint i = 0; i < findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (findings, i);
    char text[PL_ADDRESS_SIZE] = "the machine";
    if (finding->severity != PL_BLOCKER || has_finding (harmed, finding, PL_BLOCKER)
        || is_replaced (question, harmed, finding))
      continue;
    if (finding->device != NULL)
      pl_address_format (finding->device->address, text);
    report (tally, question, "the blocker %s of %s is gone: %s", finding->id, text, finding->text);
  }
}

static guint
count (const struct pl_judgement *judgement, enum pl_severity severity)
{
  guint n = 0;
  for (guint i = 0; i < judgement->findings->len; i++)
    n += ((const struct pl_finding *) g_ptr_array_index (judgement->findings, i))->severity == severity;
  return n;
}

static void
check_opinion (struct tally *tally, const struct question *question, const struct pl_judgement *harmed)
{
  const struct pl_judgement *whole = question->whole.judgement;
  tally->changed += count (whole, PL_BLOCKER) != count (harmed, PL_BLOCKER)
                    || count (whole, PL_UNSURE) != count (harmed, PL_UNSURE);
  check_candidates (tally, question, harmed);
  check_blockers (tally, question, harmed);
}

/* Reads and judges with what is harmed now, and mends it. */
static void
try_question (struct tally *tally, struct pl_root *root, const struct question *question)
{
  struct opinion opinion;
  form_opinion (&opinion, root, question->is_all ? NULL : &question->address);
  tally->trials++;
  /* Where not even the functions can be listed a command fails, and says so. */
  if (opinion.judgement != NULL)
    check_opinion (tally, question, opinion.judgement);
  opinion_clear (&opinion);
  g_hash_table_remove_all (trial.harmed);
}

static void
try_entry (struct tally *tally, struct pl_root *root, const GPtrArray *questions, char *key)
{
  bool is_asked = false;
  for (guint i = 0; i < questions->len; i++) {
    const struct question *question = g_ptr_array_index (questions, i);
    if (!g_hash_table_contains (question->asked, key))
      continue;
    is_asked = true;
    for (enum harm harm = 0; harm < N_HARMS; harm++) {
      g_hash_table_insert (trial.harmed, key, GUINT_TO_POINTER (harm + 1));
      try_question (tally, root, question);
    }
  }
  tally->unasked += !is_asked;
}

static int
compare_names (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

/* Handfuls of the entries that the answer rests on; the same in each run. */
static void
try_handfuls (struct tally *tally, struct pl_root *root, const struct question *question)
{
  guint n;
  g_autofree void **keys = g_hash_table_get_keys_as_array (question->asked, &n);
  qsort (keys, n, sizeof *keys, compare_names);
  GRand *chance = g_rand_new_with_seed (n);
  for (guint i = 0; i < HANDFULS && n > 0; i++) {
    gint32 size = g_rand_int_range (chance, 2, MOST_IN_HAND + 1);
    for (gint32 j = 0; j < size; j++)
      g_hash_table_insert (trial.harmed, keys[g_rand_int_range (chance, 0, (gint32) n)],
                           GINT_TO_POINTER (g_rand_int_range (chance, 1, N_HARMS + 1)));
    try_question (tally, root, question);
  }
  g_rand_free (chance);
}

static void
add_question (GPtrArray *questions, struct pl_root *root, const struct pl_address *address)
{
  struct question *question = g_new0 (struct question, 1);
  question->is_all = address == NULL;
  if (address != NULL)
    question->address = *address;
  question->asked = trial.asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  form_opinion (&question->whole, root, address);
  trial.asked = NULL;
  if (question->whole.judgement != NULL)
    g_ptr_array_add (questions, question);
  else
    question_free (question);
}

/* Every display function; the first storage, network and processing function, USB controller and virtual
 * function. In the long run every function. */
enum kind { STORAGE, NETWORK, PROCESSOR, USB, VIRTUAL, N_KINDS };

static enum kind
kind_of (const struct pl_device *device)
{
  guint16 class;
  struct pl_address parent;
  if (pl_device_get_physfn (device, &parent) == PL_KNOWN)
    return VIRTUAL;
  if (pl_device_get_class (device, &class) != PL_KNOWN)
    return N_KINDS;
  return class >> 8 == 0x01   ? STORAGE
         : class >> 8 == 0x02 ? NETWORK
         : class >> 8 == 0x0b ? PROCESSOR
         : class == 0x0c03    ? USB
                              : N_KINDS;
}

static GPtrArray *
choose_questions (struct pl_root *root)
{
  bool seen[N_KINDS] = { false };
  GPtrArray *questions = g_ptr_array_new_with_free_func (question_free);
  struct pl_machine *machine = pl_machine_read (root, "a trial", pl_names_new ());
  add_question (questions, root, NULL);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    struct pl_device *device = pl_machine_device (machine, i);
    pl_machine_read_device_facts (machine, root, device, PL_WANT (physfn));
    enum kind kind = kind_of (device);
    bool is_first = kind < N_KINDS && !seen[kind];
    if (is_first)
      seen[kind] = true;
    if (is_first || pl_judge_is_display (device) || g_test_slow ())
      add_question (questions, root, &device->address);
  }
  pl_machine_free (machine);
  return questions;
}

/* The keys of the recording's entries as is_harmed() is asked for them; a name that is escaped stays so. */
static GPtrArray *
list_entries (const char *text)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const char *part = "";
  for (char **line = lines; *line != NULL; line++) {
    if ((*line)[0] == '@')
      part = *line;
    const char *blank = strchr (*line, ' ');
    if (strchr ("#@\t", (*line)[0]) != NULL || blank == NULL || part[0] == '\0' || strcmp (part, "@") == 0
        || strcmp (part, "@names") == 0)
      continue;
    g_autofree char *name = g_strndup (*line, blank - *line);
    g_autofree char *plain = g_strcompress (name);
    if (part[1] != '/')
      g_ptr_array_add (keys, g_strconcat (part, " ", plain, NULL));
    else
      g_ptr_array_add (keys, part[2] != '\0' ? g_strconcat (part + 2, "/", name, NULL) : g_strdup (name));
  }
  return keys;
}

static void
test_machine (const void *data)
{
  const char *path = data;
  g_autofree char *text = NULL;
  gsize size;
  GError *error = NULL;
  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) keys = list_entries (text);
  if (keys->len >= QUICK_ENTRIES && !g_test_slow ()) {
    g_test_skip_printf ("%u entries: only with -m slow", keys->len);
    return;
  }

  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  struct pl_root *root = pl_root_open_recording (path, bytes, &error);
  g_assert_no_error (error);
  trial.inner = root->operations;
  trial.harmed = g_hash_table_new (g_str_hash, g_str_equal);
  root->operations = &trial_operations;
  struct tally tally = { .machine = path, .entries = keys->len };
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GPtrArray) questions = choose_questions (root);
  for (guint i = 0; i < keys->len; i++)
    try_entry (&tally, root, questions, g_ptr_array_index (keys, i));
  for (guint i = 0; i < questions->len; i++)
    try_handfuls (&tally, root, g_ptr_array_index (questions, i));
  g_test_message ("%u entries (%u that no question asks for), %u questions, %u trials, %u changed the "
                  "answer, %u violations, %.1f s",
                  tally.entries, tally.unasked, questions->len, tally.trials, tally.changed, tally.violations,
                  (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  if (tally.violations > 0)
    g_test_fail_printf ("%u times something unknown was taken for fine", tally.violations);
  /* The questions point into what the root gave, and are freed before it. */
  g_ptr_array_set_size (questions, 0);
  pl_root_close (root);
  g_hash_table_unref (trial.harmed);
}

/* Adds a test for each recording in the folder; how many. */
static guint
add_folder (const char *folder)
{
  GDir *directory = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ".machine"))
      g_ptr_array_add (names, g_strdup (name));
  if (directory != NULL)
    g_dir_close (directory);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *test = g_strconcat ("/unknown/", g_ptr_array_index (names, i), NULL);
    g_test_add_data_func_full (test, g_build_filename (folder, g_ptr_array_index (names, i), NULL),
                               test_machine, g_free);
  }
  return names->len;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *given = g_getenv ("PCILEND_FIXTURES");
  g_autofree char *data = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "machines", NULL);
  g_autofree char *own = g_test_build_filename (G_TEST_DIST, "..", "machines", NULL);
  g_autofree char *usual = g_strconcat (data, ":", own, NULL);
  g_auto (GStrv) folders = g_strsplit (given != NULL ? given : usual, ":", -1);
  guint n = 0;
  for (char **folder = folders; *folder != NULL; folder++)
    n += add_folder (*folder);
  g_assert_cmpuint (n, >, 0);
  return g_test_run ();
}
