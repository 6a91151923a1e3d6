/* test_names.c - names from pci.ids, from a recording, and none. */
#include "machine/names.h"

#include <string.h>

static const char ids[] = "# a comment\n\n"
                          "0001  First Vendor\n"
                          "1002  Advanced Micro Devices, Inc. [AMD/ATI]\n"
                          "\t731f  Navi 10 [Radeon RX 5600 XT]\n"
                          "\t\t1043 04e8  Strix of ASUS\n"
                          "\t\t1da2 e411  Pulse of Sapphire\n"
                          "\tab38  Navi 10 HDMI Audio\n"
                          "ffff  Illegal Vendor ID\n"
                          "C 03  Display controller\n"
                          "\t00  VGA compatible controller\n"
                          "\t\t00  VGA controller\n"
                          "\t80  Display controller\n"
                          "C 06  Bridge\n"
                          "\t04  PCI bridge\n";

static struct pl_names *
open_ids (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return pl_names_new_for_text (bytes);
}

#define ASSERT_NAME(call, wanted)                                           \
  do {                                                                      \
    gsize length = 0;                                                       \
    const char *name = call;                                                \
    g_autofree char *copy = name != NULL ? g_strndup (name, length) : NULL; \
    g_assert_cmpstr (copy, ==, wanted);                                     \
  } while (0)

static void
test_found (void)
{
  struct pl_names *names = open_ids (ids);
  bool is_base;
  guint16 class;
  /* The very first question, before the text is opened. */
  ASSERT_NAME (pl_names_class (names, 0x0604, &length, &is_base), "PCI bridge");
  ASSERT_NAME (pl_names_vendor (names, 0x1002, &length), "Advanced Micro Devices, Inc. [AMD/ATI]");
  ASSERT_NAME (pl_names_vendor (names, 0x1003, &length), NULL);
  ASSERT_NAME (pl_names_device (names, 0x1002, 0x731f, &length), "Navi 10 [Radeon RX 5600 XT]");
  ASSERT_NAME (pl_names_device (names, 0x1002, 0xab38, &length), "Navi 10 HDMI Audio");
  ASSERT_NAME (pl_names_device (names, 0x0001, 0xab38, &length), NULL);
  ASSERT_NAME (pl_names_device (names, 0xffff, 0x0000, &length), NULL);
  ASSERT_NAME (pl_names_subsystem (names, 0x1002, 0x731f, 0x1da2, 0xe411, &length), "Pulse of Sapphire");
  ASSERT_NAME (pl_names_subsystem (names, 0x1002, 0x731f, 0x1043, 0xe411, &length), NULL);
  ASSERT_NAME (pl_names_subsystem (names, 0x1002, 0xab38, 0x1043, 0x04e8, &length), NULL);
  ASSERT_NAME (pl_names_class (names, 0x0300, &length, &is_base), "VGA compatible controller");
  g_assert_false (is_base);
  ASSERT_NAME (pl_names_class (names, 0x0301, &length, &is_base), "Display controller");
  g_assert_true (is_base);
  ASSERT_NAME (pl_names_class (names, 0x0200, &length, &is_base), NULL);
  g_assert_true (pl_names_find_class (names, "PCI bridge", 10, &class));
  g_assert_cmphex (class, ==, 0x0604);
  /* The base class's name is a sub class's, too: the sub class it is. */
  g_assert_true (pl_names_find_class (names, "Display controller", 18, &class));
  g_assert_cmphex (class, ==, 0x0380);
  g_assert_false (pl_names_find_class (names, "Bridge", 6, &class));
  g_assert_false (pl_names_find_class (names, "VGA", 3, &class));
  pl_names_free (names);
}

static void
test_added (void)
{
  struct pl_names *names = open_ids (ids);
  bool is_base;
  pl_names_add (names, "1002", "AMD");
  pl_names_add (names, "abcd:0001", "Thing");
  pl_names_add (names, "class 0300", "Picture maker");
  pl_names_add (names, "class 07", "Talker");
  pl_names_add (names, "1002:731f:1043:04e8", "Mine");
  ASSERT_NAME (pl_names_vendor (names, 0x1002, &length), "AMD");
  ASSERT_NAME (pl_names_device (names, 0xabcd, 0x0001, &length), "Thing");
  ASSERT_NAME (pl_names_class (names, 0x0300, &length, &is_base), "Picture maker");
  ASSERT_NAME (pl_names_class (names, 0x0780, &length, &is_base), "Talker");
  ASSERT_NAME (pl_names_subsystem (names, 0x1002, 0x731f, 0x1043, 0x04e8, &length), "Mine");
  pl_names_free (names);
}

static void
test_damaged (void)
{
  static const char *const texts[] = { "",
                                       "\n",
                                       "\t",
                                       "1002",
                                       "1002  ",
                                       "1002  AMD\n\t",
                                       "1002  AMD\n\t731f",
                                       "C",
                                       "C 0",
                                       "C 03",
                                       "C 03  Display\n\t",
                                       "C 03\n\t0",
                                       "zzzz  None\n1002  AMD",
                                       "1002  A\n1001  B\n" };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    struct pl_names *names = open_ids (texts[i]);
    bool is_base;
    guint16 class;
    gsize length;
    pl_names_vendor (names, 0x1002, &length);
    pl_names_device (names, 0x1002, 0x731f, &length);
    pl_names_subsystem (names, 0x1002, 0x731f, 0x1043, 0x04e8, &length);
    pl_names_class (names, 0x0300, &length, &is_base);
    g_assert_false (pl_names_find_class (names, "no such class", 13, &class));
    pl_names_free (names);
  }
}

/* A file that somebody edited by hand: slower, and never another vendor's device. */
static void
test_unsorted (void)
{
  struct pl_names *names = open_ids (
      "1033  NEC\n\t0001  One\n\t0002  Two\n1002  AMD\n\t731f  Navi\n\t0100  Old\n\t\t1043 0001  S\n"
      "10de  NVIDIA\n\t0003  Three\n0e11  Compaq\n\t0002  Other\nC 03  Display\n\t00  VGA\n");
  ASSERT_NAME (pl_names_vendor (names, 0x1002, &length), "AMD");
  ASSERT_NAME (pl_names_vendor (names, 0x0e11, &length), "Compaq");
  ASSERT_NAME (pl_names_vendor (names, 0x1033, &length), "NEC");
  ASSERT_NAME (pl_names_device (names, 0x1002, 0x0100, &length), "Old");
  ASSERT_NAME (pl_names_device (names, 0x1002, 0x731f, &length), "Navi");
  ASSERT_NAME (pl_names_device (names, 0x1033, 0x0002, &length), "Two");
  ASSERT_NAME (pl_names_device (names, 0x1033, 0x0003, &length), NULL);
  ASSERT_NAME (pl_names_device (names, 0x10de, 0x0002, &length), NULL);
  ASSERT_NAME (pl_names_subsystem (names, 0x1002, 0x0100, 0x1043, 0x0001, &length), "S");
  pl_names_free (names);
}

/* Every name of the system's own file is found, by an independent walk over its lines. */
static void
test_whole_file (void)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents ("/usr/share/misc/pci.ids", &text, NULL, NULL)) {
    g_test_skip ("there is no /usr/share/misc/pci.ids");
    return;
  }
  struct pl_names *names = pl_names_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint vendor = 0, n = 0;
  for (guint i = 0; lines[i] != NULL && !g_str_has_prefix (lines[i], "C "); i++) {
    const char *line = lines[i];
    if (line[0] == '\t' && line[1] != '\t') {
      guint device = (guint) g_ascii_strtoull (line + 1, NULL, 16);
      ASSERT_NAME (pl_names_device (names, (guint16) vendor, (guint16) device, &length), line + 7);
      n++;
    } else if (g_ascii_isxdigit (line[0])) {
      vendor = (guint) g_ascii_strtoull (line, NULL, 16);
      ASSERT_NAME (pl_names_vendor (names, (guint16) vendor, &length), line + 6);
    }
  }
  g_assert_cmpuint (n, >, 10000);
  pl_names_free (names);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/found", test_found);
  g_test_add_func ("/names/added", test_added);
  g_test_add_func ("/names/damaged", test_damaged);
  g_test_add_func ("/names/unsorted", test_unsorted);
  g_test_add_func ("/names/whole-file", test_whole_file);
  return g_test_run ();
}
