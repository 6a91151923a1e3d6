/* test_option_line.c - kernel parameters in a line of options { what it was, what is asked, what it must be
 * }; whether a command line was made of options. */
#include "base/error.h"
#include "boot/option_line.h"
#include "boot/running.h"

#include <string.h>

#define IOMMU "intel_iommu=on"

static char *
set (const char *options, const char *parameters, GError **error)
{
  g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
  return pl_option_line_set (options, strlen (options), (const char *const *) words, error);
}

static void
test_set (void)
{
  static const struct {
    const char *old, *parameters, *new; /* NULL: as it was */
  } rows[] = {
    { "root=UUID=1 ro quiet", IOMMU, "root=UUID=1 ro quiet " IOMMU },
    { "", IOMMU, IOMMU },
    { "  ", IOMMU, IOMMU "  " },
    { "root=1 ", IOMMU, "root=1 " IOMMU " " },
    { "root=1\n", IOMMU, "root=1 " IOMMU "\n" },
    { "root=1\nro\n\n", IOMMU, "root=1\nro " IOMMU "\n\n" },
    { "\troot=1\tro", IOMMU, "\troot=1\tro " IOMMU },
    { "root=1 " IOMMU " ro", IOMMU, NULL },
    { "root=1 intel_iommu=off ro", IOMMU, "root=1 " IOMMU " ro" },
    { "intel_iommu", IOMMU, IOMMU },
    { "intel_iommu=", IOMMU, IOMMU },
    /* The last one counts. */
    { "intel_iommu=off a " IOMMU, IOMMU, NULL },
    { IOMMU " a intel_iommu=off", IOMMU, IOMMU " a " IOMMU },
    /* Hyphen and underscore are the same, here and there. */
    { "intel-iommu=on", IOMMU, NULL },
    { "vfio_pci.ids=1:2", "vfio-pci.ids=1:2,3:4", "vfio-pci.ids=1:2,3:4" },
    /* Another name that begins or ends alike. */
    { "xintel_iommu=off intel_iommux=off", IOMMU, "xintel_iommu=off intel_iommux=off " IOMMU },
    /* The kernel's quotes. */
    { "a=\"b c\" d", IOMMU, "a=\"b c\" d " IOMMU },
    { "\"intel_iommu=off\"", IOMMU, IOMMU },
    { "intel_iommu=\"on\"", IOMMU, NULL },
    { "a=\"intel_iommu=on\"", IOMMU, "a=\"intel_iommu=on\" " IOMMU },
    { "a=\"b -- c\" d", IOMMU, "a=\"b -- c\" d " IOMMU },
    /* Behind "--" nothing is the kernel's. */
    { "root=1 -- single", IOMMU, "root=1 " IOMMU " -- single" },
    { "-- single", IOMMU, IOMMU " -- single" },
    { "root=1 -- " IOMMU, IOMMU, "root=1 " IOMMU " -- " IOMMU },
    { "root=1 --", IOMMU, "root=1 " IOMMU " --" },
    { "intel_iommu=off -- b", IOMMU, IOMMU " -- b" },
    { "root=1 --x", IOMMU, "root=1 --x " IOMMU },
    /* Several. */
    { "root=1", IOMMU " iommu=pt", "root=1 " IOMMU " iommu=pt" },
    { "iommu=soft root=1", IOMMU " iommu=pt", "iommu=pt root=1 " IOMMU },
    /* Bytes that mean nothing here. */
    { "root=\xff\xfe \x80", IOMMU, "root=\xff\xfe \x80 " IOMMU },
    { "root=1\r\n", IOMMU, "root=1 " IOMMU "\r\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *new = set (rows[i].old, rows[i].parameters, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (new, ==, rows[i].new != NULL ? rows[i].new : rows[i].old);
    g_autofree char *again = set (new, rows[i].parameters, &error);
    g_assert_cmpstr (again, ==, new);
  }
}

static void
test_refused (void)
{
  static const char *const rows[][2] = {
    { "root=\"1", IOMMU },  { "root=1 \"", IOMMU },
    { "root=1", "a\"b=1" }, { "root=1", "intel_iommu=on intel-iommu=off" },
    { "root=1", "1=2" },    { "root=1", "a=$b" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (set (rows[i][0], rows[i][1], &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
  }
}

static void
test_running (void)
{
  static const struct {
    const char *line, *options;
    bool has;
  } rows[] = {
    { "root=1 ro quiet", "root=1 ro quiet", true },
    { "quiet root=1 ro", "root=1 ro quiet", true },
    { "initrd=\\a.img root=1", "root=1", true },
    { "initrd=\\a.img root=1", "root=1 initrd=\\b.img", false },
    { "BOOT_IMAGE=/vmlinuz root=1", "root=1", true },
    { "root=1 ro", "root=1", false },
    { "root=1", "root=1 ro", false },
    { "root=1", "", false },
    { "root=1 initrd=\\i-6.1.img", "root=1 initrd=\\i-%v.img", true },
    { "root=1 initrd=\\i-.img", "root=1 initrd=\\i-%v.img", false },
    /* What a plan may have put there since. */
    { "root=1", "root=1 " IOMMU, true },
    { "root=1 intel_iommu=off", "root=1 " IOMMU, true },
    { "root=1", "root=1 vfio-pci.ids=1:2", true },
    /* A value that a recording left out. */
    { "root=1 secret=", "root=1 secret=abc", true },
    { "root=1 secret=x", "root=1 secret=abc", false },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) running = pl_running_words (rows[i].line);
    g_test_message ("row %u", i);
    g_assert_true (pl_running_has (running, rows[i].options) == rows[i].has);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/option-line/set", test_set);
  g_test_add_func ("/option-line/refused", test_refused);
  g_test_add_func ("/option-line/running", test_running);
  return g_test_run ();
}
