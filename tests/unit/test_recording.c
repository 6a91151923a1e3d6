/* test_recording.c - the form of a recording: what is read from it, and that a second recording has the same
 * bytes. */
#include "base/error.h"
#include "base/recorder.h"
#include "base/recording.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define BEGIN "pcilend recording 1\n"
#define END "@names\n@end\n"

static struct pl_root *
open_text (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return pl_root_open_recording ("a.machine", bytes, error);
}

static void
test_states (void)
{
  struct pl_root *root
      = open_text (BEGIN "# a comment\n@host\nuid = 1000\nrelease = 6.1.0\n@/sys/a\none = text\nlines |\n"
                         "\tfirst\n\t\tsecond\nnone -\nshut ! EACCES\nbroken ! EIO\nbytes x\n\t00 ff 0a\n"
                         "bare =~ no end\nlink -> ../b/18\n@/sys\na/ |\n\tx\\x20y\n\tz\nshut/ ! EACCES\n" END,
                   NULL);
  g_assert_nonnull (root);
  g_assert_cmpuint (pl_root_host (root)->uid, ==, 1000);
  g_assert_cmpstr (pl_root_host (root)->release, ==, "6.1.0");
  struct pl_buffer buffer = PL_BUFFER_INIT;
  static const struct {
    const char *path;
    enum pl_state state;
    const char *content;
  } rows[] = { { "sys/a/one", PL_KNOWN, "text\n" },  { "sys/a/lines", PL_KNOWN, "first\n\tsecond\n" },
               { "sys/a/none", PL_ABSENT, "" },      { "sys/a/shut", PL_DENIED, "" },
               { "sys/a/broken", PL_INVALID, "" },   { "sys/a/bare", PL_KNOWN, "no end" },
               { "sys/a/not in it", PL_UNREAD, "" }, { "sys/other/file", PL_UNREAD, "" },
               { "sys/shut/file", PL_DENIED, "" },   { "sys/a/link", PL_INVALID, "" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_assert_cmpstr (pl_state_name (pl_root_read (root, rows[i].path, &buffer)), ==,
                     pl_state_name (rows[i].state));
    g_assert_cmpstr (buffer.bytes, ==, rows[i].content);
  }
  g_assert_cmpint (pl_root_read (root, "sys/a/bytes", &buffer), ==, PL_KNOWN);
  g_assert_cmpmem (buffer.bytes, buffer.size, "\0\377\n", 3);
  char target[PATH_MAX];
  g_assert_cmpint (pl_root_link (root, "sys/a/link", target, sizeof target), ==, PL_KNOWN);
  g_assert_cmpstr (target, ==, "../b/18");
  g_autoptr (GPtrArray) names = NULL;
  g_assert_cmpint (pl_root_list (root, "sys/a", &names), ==, PL_KNOWN);
  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "x y");
  g_assert_cmpint (pl_root_log (root, NULL, NULL, &buffer), ==, PL_UNREAD);
  pl_buffer_clear (&buffer);
  pl_root_close (root);
}

static void
test_errors (void)
{
  static const struct {
    const char *text, *phrase;
  } rows[] = { { BEGIN "@/sys\na = b\n", "a.machine:3: the recording is cut off" },
               { BEGIN "@/sys\na = b\na = c\n" END, "a.machine:4: a second answer" },
               { BEGIN "@/sys\nnonsense\n" END, "a.machine:3: a line of no form" },
               { BEGIN "@/sys\na ! ENOSUCH\n" END, "a.machine:3: a line of no form" },
               { BEGIN "@/sys\na x\n\t0g\n" END, "a.machine:4: a line of no form" },
               { BEGIN "@/sys\na/ = b\n" END, "a.machine:3: a line of no form" },
               { BEGIN "@/sys\n\\x00 = b\n" END, "a.machine:3: a line of no form" },
               { BEGIN "@other\n" END, "a.machine:2: a part" },
               { BEGIN "@host\nuid = many\n" END, "a.machine:3: an entry that does not belong" },
               { BEGIN "a = b\n" END, "a.machine:2: an entry that does not belong" },
               { BEGIN END "a = b\n", "a.machine:4: something stands behind @end" },
               { "pcilend recording 2\n@end\n", "a.machine:1: a recording of another version" },
               { "", "a.machine:0: the recording is cut off" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (open_text (rows[i].text, &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
    g_assert_nonnull (pl_error_remedy (error));
    if (!g_str_has_prefix (error->message, rows[i].phrase))
      g_error ("'%s' is not '%s'", error->message, rows[i].phrase);
  }
}

static void
test_recognised (void)
{
  g_assert_true (pl_recording_is_one (BEGIN, strlen (BEGIN)));
  g_assert_true (pl_recording_is_one ("# note\n\n" BEGIN, strlen ("# note\n\n" BEGIN)));
  g_assert_true (pl_recording_is_one ("pcilend recording 9\n", 20));
  g_assert_false (pl_recording_is_one ("IOMMU Group 1:\n", 15));
  g_assert_false (pl_recording_is_one ("", 0));
}

/* Asks the same of a root, and gives what its recorder wrote. */
static char *
record (struct pl_root *root)
{
  struct pl_recorder *recorder = pl_recorder_new (false);
  pl_root_set_recorder (root, recorder);
  struct pl_buffer buffer = PL_BUFFER_INIT;
  static const char *const files[]
      = { "proc/cmdline", "etc/os-release", "sys/a/bytes", "sys/a/none", "sys/a/shut",   "sys/a/empty",
          "sys/a/line",   "sys/a/blank",    "sys/a/bare",  "top",        "sys/shut/file" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    pl_root_read (root, files[i], &buffer);
  char target[PATH_MAX];
  g_autoptr (GPtrArray) names = NULL;
  pl_root_link (root, "sys/a/link", target, sizeof target);
  pl_root_list (root, "sys", &names);
  static const char *const argv[] = { "/bin/program", "--option", NULL };
  pl_root_run (root, argv, 1000, NULL, NULL, &buffer);
  pl_buffer_clear (&buffer);
  pl_recorder_add_name (recorder, "1002:731f", "Navi 10 [Radeon RX 5600 XT]");
  GString *text = pl_recorder_write (recorder);
  pl_recorder_free (recorder);
  return g_string_free (text, FALSE);
}

static void
test_again (void)
{
  struct pl_root *root = open_text (
      BEGIN
      "@/proc\ncmdline = root=UUID=611085d5-e83b-455f-add4-29a601b8f8b0 ro resume=UUID=DA43A086-91f4-46f3-"
      "91f2-a6ed8f8b16b9 pcilend.x=611085D5-e83b-455f-add4-29a601b8f8b0 pcilend.mac=aa:bb:cc:dd:ee:ff\n"
      "@/etc\nos-release |\n\tID=arch\n\t\n\tNAME=\"Arch\"\n@/sys/a\nbytes x\n\t00 0a\nnone -\nshut ! "
      "EACCES\n"
      "empty |\nline = one\nblank |\n\t\nbare =~ no end\nlink -> ../../b\n@/sys\nshut/ ! EACCES\n"
      "@/\nsys/ |\n\ta\n\tdir with blank\ntop = level\n@run\n/bin/program\\x20--option |\n\tout\n\tput\n" END,
      NULL);
  g_assert_nonnull (root);
  g_autofree char *first = record (root);
  pl_root_close (root);
  g_assert_nonnull (strstr (
      first, "root=UUID=00000000-0000-4000-8000-000000000001 ro resume=UUID=00000000-0000-4000-8000-"
             "000000000002 pcilend.x=00000000-0000-4000-8000-000000000001 pcilend.mac=02:00:00:00:00:01\n"));
  g_assert_nonnull (strstr (first, "replaced = host 0 user 0 uuid 2 mac 1 serial 0\n"));
  g_assert_null (strstr (first, "611085"));
  g_assert_nonnull (strstr (first, "\tdir\\x20with\\x20blank\n"));
  g_assert_nonnull (strstr (first, "\nempty |\nline = one\n"));
  g_assert_nonnull (strstr (first, "1002:731f =~ Navi 10 [Radeon RX 5600 XT]\n"));

  struct pl_root *again = open_text (first, NULL);
  g_assert_nonnull (again);
  g_autofree char *second = record (again);
  pl_root_close (again);
  g_assert_cmpstr (first, ==, second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recording/states", test_states);
  g_test_add_func ("/recording/errors", test_errors);
  g_test_add_func ("/recording/recognised", test_recognised);
  g_test_add_func ("/recording/again", test_again);
  return g_test_run ();
}
