/* test_root.c - the door on a tree: links stay inside, nothing but files is read, states are told apart. */
#include "base/process.h"
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct tree {
  char *path;
  struct pl_root *root;
};

static void
put (const struct tree *tree, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
put_link (const struct tree *tree, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (tree->path, name, NULL);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
set_up (struct tree *tree, const void *data)
{
  (void) data;
  tree->path = g_dir_make_tmp ("pcilend-XXXXXX", NULL);
  g_assert_nonnull (tree->path);
  put (tree, "etc/os-release.real", "ID=arch\n");
  put (tree, "sys/devices/one/name", "one\n");
  put_link (tree, "etc/os-release", "../etc/os-release.real");
  put_link (tree, "etc/absolute", "/etc/os-release.real");
  put_link (tree, "etc/outside", "../../../../../../../../../../../etc/os-release.real");
  put_link (tree, "etc/secret", "/etc/passwd");
  put_link (tree, "etc/loop", "loop");
  g_autofree char *linked = g_build_filename (tree->path, "sys/linked", NULL);
  g_assert_cmpint (symlink ("devices/one", linked), ==, 0);
  g_autofree char *fifo = g_build_filename (tree->path, "etc/fifo", NULL);
  g_assert_cmpint (mkfifo (fifo, 0644), ==, 0);
  tree->root = pl_root_open_tree (tree->path, NULL);
  g_assert_nonnull (tree->root);
}

static void
remove_below (const char *path)
{
  const char *name;
  GDir *directory = g_dir_open (path, 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    if (!g_file_test (inner, G_FILE_TEST_IS_SYMLINK) && g_file_test (inner, G_FILE_TEST_IS_DIR))
      remove_below (inner);
    else
      unlink (inner);
  }
  if (directory != NULL)
    g_dir_close (directory);
  rmdir (path);
}

static void
tear_down (struct tree *tree, const void *data)
{
  (void) data;
  pl_root_close (tree->root);
  remove_below (tree->path);
  g_free (tree->path);
}

static void
test_links (struct tree *tree, const void *data)
{
  (void) data;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  static const char *const inside[] = { "etc/os-release", "etc/absolute", "etc/outside" };
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++) {
    g_assert_cmpint (pl_root_read (tree->root, inside[i], &buffer), ==, PL_KNOWN);
    g_assert_cmpstr (buffer.bytes, ==, "ID=arch\n");
  }
  /* The tree has no /etc/passwd: the one of this system must not be seen. */
  g_assert_cmpint (pl_root_read (tree->root, "etc/secret", &buffer), ==, PL_ABSENT);
  g_assert_cmpint (pl_root_read (tree->root, "etc/loop", &buffer), ==, PL_INVALID);
  g_assert_cmpint (pl_root_read (tree->root, "sys/linked/name", &buffer), ==, PL_KNOWN);
  g_assert_cmpstr (buffer.bytes, ==, "one\n");
  char target[PATH_MAX];
  g_assert_cmpint (pl_root_link (tree->root, "sys/linked", target, sizeof target), ==, PL_KNOWN);
  g_assert_cmpstr (target, ==, "devices/one");
  pl_buffer_clear (&buffer);
}

static void
test_kinds (struct tree *tree, const void *data)
{
  (void) data;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_assert_cmpint (pl_root_read (tree->root, "etc/fifo", &buffer), ==, PL_INVALID);
  g_assert_cmpint (pl_root_read (tree->root, "sys/devices", &buffer), ==, PL_INVALID);
  g_assert_cmpint (pl_root_read (tree->root, "sys/devices/one/name/deeper", &buffer), ==, PL_ABSENT);
  g_assert_cmpint (pl_root_read (tree->root, "nothing/here", &buffer), ==, PL_ABSENT);
  g_autoptr (GPtrArray) names = NULL;
  g_assert_cmpint (pl_root_list (tree->root, "etc", &names), ==, PL_KNOWN);
  g_assert_cmpuint (names->len, ==, 7);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "absolute");
  pl_buffer_clear (&buffer);
}

static void
test_directory_in (struct tree *tree, const void *data)
{
  (void) data;
  struct pl_directory parent, child, missing;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_assert_cmpint (pl_directory_open (&parent, tree->root, "sys"), ==, PL_KNOWN);
  g_assert_cmpint (pl_directory_open_in (&child, &parent, "linked"), ==, PL_KNOWN);
  g_assert_cmpint (pl_directory_read (&child, "name", &buffer), ==, PL_KNOWN);
  g_autofree char *path = pl_directory_path (&child);
  g_assert_cmpstr (path, ==, "sys/linked");
  g_assert_cmpint (pl_directory_open_in (&missing, &parent, "gone"), ==, PL_ABSENT);
  g_assert_cmpint (pl_directory_read (&missing, "name", &buffer), ==, PL_ABSENT);
  pl_directory_close (&missing);
  pl_directory_close (&child);
  pl_directory_close (&parent);
  pl_buffer_clear (&buffer);
}

static bool
begins_with_a (const char *line, gsize length, void *data)
{
  (void) data;
  return length > 0 && line[0] == 'a';
}

static void
test_lines (struct tree *tree, const void *data)
{
  (void) data;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  static const char *const rows[][2]
      = { { "a1\nb\na2\n", "a1\na2\n" }, { "b\na", "a\n" }, { "b", "" }, { "", "" }, { "a", "a\n" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    put (tree, "lines", rows[i][0]);
    g_assert_cmpint (pl_root_read_lines (tree->root, "lines", begins_with_a, NULL, &buffer), ==, PL_KNOWN);
    g_assert_cmpstr (buffer.bytes, ==, rows[i][1]);
  }
  pl_buffer_clear (&buffer);
}

static void
test_process (void)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  static const char *const echo[] = { "/bin/sh", "-c", "echo $LC_ALL", NULL };
  static const char *const fails[] = { "/bin/sh", "-c", "echo lost; exit 3", NULL };
  static const char *const missing[] = { "/no/such/program", NULL };
  static const char *const slow[] = { "/bin/sh", "-c", "sleep 60 & sleep 60", NULL };
  static const char *const silent[] = { "/bin/sh", "-c", "exec >&-; sleep 60", NULL };
  g_assert_cmpint (pl_process_run (echo, 10000, &buffer), ==, 0);
  g_assert_cmpstr (buffer.bytes, ==, "C\n");
  g_assert_cmpint (pl_process_run (fails, 10000, &buffer), ==, EIO);
  g_assert_cmpuint (buffer.size, ==, 0);
  g_assert_cmpint (pl_process_run (missing, 10000, &buffer), ==, ENOENT);
  g_assert_cmpint (pl_process_run (slow, 100, &buffer), ==, ETIME);
  g_assert_cmpint (pl_process_run (silent, 100, &buffer), ==, ETIME);
  pl_buffer_clear (&buffer);
}

struct watching {
  GString *said;
  guint n_asked, stop_after;
};

static void
hear (void *data, const char *bytes, gsize size)
{
  g_string_append_len (((struct watching *) data)->said, bytes, (gssize) size);
}

static bool
is_stopped (void *data)
{
  struct watching *watching = data;
  return ++watching->n_asked > watching->stop_after;
}

/* What a program writes is heard and kept, on both streams; it is stopped with all that it started. */
static void
test_watched_process (void)
{
  struct watching watching = { .said = g_string_new (NULL), .stop_after = G_MAXUINT - 1 };
  const struct pl_process_watch watch = { .data = &watching, .said = hear, .is_stopped = is_stopped };
  g_autoptr (GString) output = g_string_new (NULL);
  int status = -1;
  static const char *const both[] = { "/bin/sh", "-c", "echo one; echo two >&2; exit 3", NULL };
  static const char *const missing[] = { "/no/such/program", NULL };
  static const char *const slow[] = { "/bin/sh", "-c", "sleep 60 & sleep 60", NULL };
  static const char *const deaf[] = { "/bin/sh", "-c", "trap '' TERM; exec >&- 2>&-; sleep 1; exit 0", NULL };
  static const char *const leaves[] = { "/bin/sh", "-c", "echo $PATH; sleep 60 & exit 0", NULL };
  g_assert_cmpint (pl_process_run_watched (both, &watch, output, &status), ==, 0);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 3);
  g_assert_cmpstr (output->str, ==, "one\ntwo\n");
  g_assert_cmpstr (watching.said->str, ==, output->str);
  g_assert_cmpint (pl_process_run_watched (missing, &watch, output, &status), ==, ENOENT);
  g_string_truncate (output, 0);
  gint64 begun_us = g_get_monotonic_time ();
  g_assert_cmpint (pl_process_run_watched (leaves, &watch, output, &status), ==, 0);
  g_assert_cmpstr (output->str, ==, "/usr/sbin:/usr/bin:/sbin:/bin\n");
  watching.stop_after = watching.n_asked;
  g_assert_cmpint (pl_process_run_watched (slow, &watch, output, &status), ==, ECANCELED);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGTERM);
  watching.stop_after = watching.n_asked;
  g_assert_cmpint (pl_process_run_watched (deaf, &watch, output, &status), ==, ECANCELED);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 30 * G_USEC_PER_SEC);
  g_string_free (watching.said, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/root/links", struct tree, NULL, set_up, test_links, tear_down);
  g_test_add ("/root/kinds", struct tree, NULL, set_up, test_kinds, tear_down);
  g_test_add ("/root/directory-in", struct tree, NULL, set_up, test_directory_in, tear_down);
  g_test_add ("/root/lines", struct tree, NULL, set_up, test_lines, tear_down);
  g_test_add_func ("/root/process", test_process);
  g_test_add_func ("/root/watched-process", test_watched_process);
  return g_test_run ();
}
