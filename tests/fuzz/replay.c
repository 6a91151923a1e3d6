/* replay.c - gives a fuzz target the files that stand in the directories named. Every input once found must
 * stay quiet. */
#include "target.h"

#include <stdio.h>

static guint
replay_directory (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  guint n = 0;
  const char *name;
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    g_autofree char *bytes = NULL;
    gsize size;
    if (!g_file_get_contents (file, &bytes, &size, NULL))
      continue;
    /* Named before it runs: after a crash this line tells which one it was. */
    printf ("# %s\n", file);
    fflush (stdout);
    LLVMFuzzerTestOneInput ((const uint8_t *) bytes, size);
    n++;
  }
  return n;
}

int
main (int count, char **arguments)
{
  guint n = 0;
  printf ("1..1\n");
  for (int i = 1; i < count; i++)
    n += replay_directory (arguments[i]);
  printf ("%s 1 - %u inputs\n", n > 0 ? "ok" : "not ok", n);
  return n > 0 ? 0 : 1;
}
