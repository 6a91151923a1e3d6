/* test_door.c - what a reader asks of the door when only a part is wanted: edited lines, some names, lines of
 * a program, and a search that is not recorded. */
#include "recorded.h"

#include <glib/gstdio.h>

static struct pl_root *
open_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  struct pl_root *root = pl_root_open_recording ("test", bytes, NULL);
  g_assert_nonnull (root);
  return root;
}

/* Leaves what stands before the first digit. */
static gsize
edit_before_digit (char *line, gsize length, void *data)
{
  guint *n = data;
  (*n)++;
  gsize at = 0;
  while (at < length && !g_ascii_isdigit (line[at])) {
    line[at] = g_ascii_toupper (line[at]);
    at++;
  }
  return at;
}

/* More than there is: the door does not believe it. */
static gsize
edit_too_much (char *line, gsize length, void *data)
{
  (void) line, (void) data;
  return length + 1000;
}

static void
test_edited (void)
{
  struct pl_root *root = open_text (
      "pcilend recording 1\n@/proc\nx |~\n\tab1\n\t\n\t2\n\tc\n\tlast9\nempty |\ngone -\n@end\n");
  struct pl_recorder *recorder = pl_recorder_new (false);
  struct pl_buffer buffer = PL_BUFFER_INIT;
  guint n = 0;
  pl_root_set_recorder (root, recorder);
  g_assert_cmpint (pl_root_read_edited (root, "proc/x", edit_before_digit, &n, &buffer), ==, PL_KNOWN);
  g_assert_cmpstr (buffer.bytes, ==, "AB\nC\nLAST\n");
  g_assert_cmpuint (buffer.size, ==, strlen (buffer.bytes));
  g_assert_cmpuint (n, ==, 5);
  g_assert_cmpint (pl_root_read_edited (root, "proc/empty", edit_before_digit, &n, &buffer), ==, PL_KNOWN);
  g_assert_cmpuint (buffer.size, ==, 0);
  g_assert_cmpint (pl_root_read_edited (root, "proc/gone", edit_before_digit, &n, &buffer), ==, PL_ABSENT);
  g_assert_cmpint (pl_root_read_edited (root, "proc/other", edit_before_digit, &n, &buffer), ==, PL_UNREAD);
  g_assert_cmpuint (n, ==, 5);
  GString *text = pl_recorder_write (recorder);
  g_assert_nonnull (strstr (text->str, "@/proc\nempty |\ngone -\nx |\n\tAB\n\tC\n\tLAST\n@names"));
  g_string_free (text, TRUE);
  pl_root_set_recorder (root, NULL);
  pl_recorder_free (recorder);

  g_assert_cmpint (pl_root_read_edited (root, "proc/x", edit_too_much, NULL, &buffer), ==, PL_KNOWN);
  g_assert_cmpstr (buffer.bytes, ==, "ab1\n2\nc\nlast9\n");
  pl_buffer_clear (&buffer);
  pl_root_close (root);
}

static bool
want_letter (const char *name, gsize length, void *data)
{
  g_assert_cmpuint (strlen (name), ==, length);
  return name[0] == *(const char *) data;
}

static void
test_list_some (void)
{
  char letter = 'b';
  g_autoptr (GPtrArray) names = NULL, none = NULL, unread = NULL, denied = NULL;
  struct pl_root *root
      = open_text ("pcilend recording 1\n@/\ndev/ |\n\ta1\n\tb2\n\tb1\n\tc\nproc/ ! EACCES\n@end\n");
  struct pl_recorder *recorder = pl_recorder_new (false);
  pl_root_set_recorder (root, recorder);
  g_assert_cmpint (pl_root_list_some (root, "dev", want_letter, &letter, &names), ==, PL_KNOWN);
  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "b1");
  g_assert_cmpstr (g_ptr_array_index (names, 1), ==, "b2");
  g_assert_cmpint (pl_root_list_some (root, "proc", want_letter, &letter, &denied), ==, PL_DENIED);
  g_assert_cmpint (pl_root_list_some (root, "run", want_letter, &letter, &unread), ==, PL_UNREAD);
  GString *text = pl_recorder_write (recorder);
  g_assert_nonnull (strstr (text->str, "@/\ndev/ |\n\tb1\n\tb2\nproc/ ! EACCES\n@names"));
  g_string_free (text, TRUE);
  letter = 'x';
  g_assert_cmpint (pl_root_list_some (root, "dev", want_letter, &letter, &none), ==, PL_KNOWN);
  g_assert_cmpuint (none->len, ==, 0);
  pl_root_set_recorder (root, NULL);
  pl_recorder_free (recorder);
  pl_root_close (root);
}

/* What is no name of a file would be asked for as another path. */
static void
test_list_wrong (void)
{
  static const char *const wrong[] = { "", ".", "..", "a/b", "../../etc/passwd" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *text = g_strdup_printf ("pcilend recording 1\n@/\ndev/ |\n\ta\n\t%s\n@end\n", wrong[i]);
    g_autoptr (GPtrArray) names = NULL;
    struct pl_root *root = open_text (text);
    g_assert_cmpint (pl_root_list (root, "dev", &names), ==, PL_INVALID);
    g_assert_cmpuint (names->len, ==, 0);
    pl_root_close (root);
  }
}

static bool
want_kept (const char *line, gsize length, void *data)
{
  (void) data;
  return length >= 4 && memcmp (line, "keep", 4) == 0;
}

static void
test_run_lines (void)
{
  static const char *const argv[] = { "/bin/x", "-y", NULL }, *const failing[] = { "/bin/z", NULL };
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct pl_root *root = open_text (
      "pcilend recording 1\n@run\n/bin/x\\x20-y |\n\tkeep 1\n\tsecret\n\tkeep 2\n/bin/z ! EIO\n@end\n");
  struct pl_recorder *recorder = pl_recorder_new (false);
  pl_root_set_recorder (root, recorder);
  g_assert_cmpint (pl_root_run (root, argv, 1000, want_kept, NULL, &buffer), ==, PL_KNOWN);
  g_assert_cmpstr (buffer.bytes, ==, "keep 1\nkeep 2\n");
  g_assert_cmpint (pl_root_run (root, failing, 1000, want_kept, NULL, &buffer), ==, PL_INVALID);
  GString *text = pl_recorder_write (recorder);
  g_assert_nonnull (strstr (text->str, "@run\n/bin/x\\x20-y |\n\tkeep 1\n\tkeep 2\n/bin/z ! EIO\n"));
  g_string_free (text, TRUE);
  pl_root_set_recorder (root, NULL);
  pl_recorder_free (recorder);
  pl_buffer_clear (&buffer);
  pl_root_close (root);
}

static void
test_suspend (void)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct pl_root *root = open_text ("pcilend recording 1\n@/a\none = 1\ntwo = 2\n@end\n");
  g_assert_null (pl_root_suspend_recorder (root));
  pl_root_resume_recorder (root, NULL);
  struct pl_recorder *recorder = pl_recorder_new (false);
  pl_root_set_recorder (root, recorder);
  struct pl_recorder *suspended = pl_root_suspend_recorder (root);
  g_assert_true (suspended == recorder);
  g_assert_cmpint (pl_root_read (root, "a/one", &buffer), ==, PL_KNOWN);
  pl_root_resume_recorder (root, suspended);
  g_assert_cmpint (pl_root_read (root, "a/two", &buffer), ==, PL_KNOWN);
  GString *text = pl_recorder_write (recorder);
  g_assert_null (strstr (text->str, "one"));
  g_assert_nonnull (strstr (text->str, "two = 2\n"));
  g_string_free (text, TRUE);
  pl_root_set_recorder (root, NULL);
  pl_recorder_free (recorder);
  pl_buffer_clear (&buffer);
  pl_root_close (root);
}

/* A mounted system has no /proc, /sys and /dev: nothing of what runs is "none", and what is installed is
 * read. */
static void
test_mounted (void)
{
  g_autofree char *path = g_dir_make_tmp ("pcilend-XXXXXX", NULL);
  static const char *const folders[] = { "etc", "lib", "lib/modules", "lib/modules/6.9.0", "proc", "dev" };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *folder = g_build_filename (path, folders[i], NULL);
    g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  }
  static const char *const files[][2]
      = { { "etc/os-release", "ID=arch\n" },
          { "lib/modules/6.9.0/modules.dep", "kernel/drivers/vfio/pci/vfio-pci.ko.zst:\n" },
          { "lib/modules/6.9.0/modules.builtin", "" } };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *file = g_build_filename (path, files[i][0], NULL);
    g_assert_true (g_file_set_contents (file, files[i][1], -1, NULL));
  }
  struct pl_root *root = pl_root_open_tree (path, NULL);
  g_assert_nonnull (root);
  struct pl_machine *machine, *again;
  GString *text = record_all (root, &machine);
  pl_root_close (root);
  root = open_text (text->str);
  GString *second = record_all (root, &again);
  g_assert_cmpstr (text->str, ==, second->str);
  const struct pl_machine *const both[] = { machine, again };
  for (guint i = 0; i < 2; i++) {
    assert_text (both[i], distribution_id, "arch");
    assert_names (both[i], available_modules, "vfio_pci");
    for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
      if (fact != PL_MACHINE_distribution && fact != PL_MACHINE_distribution_id
          && fact != PL_MACHINE_distribution_like && fact != PL_MACHINE_container
          && fact != PL_MACHINE_available_modules && fact != PL_MACHINE_intel_iommu_default_on
          && fact != PL_MACHINE_kernels && fact != PL_MACHINE_texts && fact != PL_MACHINE_initramfs
          && pl_machine_state (both[i], fact) != PL_UNREAD)
        g_error ("%s is %s", pl_machine_facts[fact].name, pl_state_name (pl_machine_state (both[i], fact)));
  }
  pl_machine_free (machine);
  pl_machine_free (again);
  pl_root_close (root);
  g_string_free (text, TRUE);
  g_string_free (second, TRUE);
  for (guint i = G_N_ELEMENTS (files); i-- > 0;) {
    g_autofree char *file = g_build_filename (path, files[i][0], NULL);
    g_assert_cmpint (g_unlink (file), ==, 0);
  }
  for (guint i = G_N_ELEMENTS (folders); i-- > 0;) {
    g_autofree char *folder = g_build_filename (path, folders[i], NULL);
    g_assert_cmpint (g_rmdir (folder), ==, 0);
  }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/door/edited", test_edited);
  g_test_add_func ("/door/list-some", test_list_some);
  g_test_add_func ("/door/list-wrong", test_list_wrong);
  g_test_add_func ("/door/run-lines", test_run_lines);
  g_test_add_func ("/door/suspend", test_suspend);
  g_test_add_func ("/door/mounted", test_mounted);
  return g_test_run ();
}
