/* test_module_list.c - lines added to /etc/initramfs-tools/modules: what the file was, what is asked, what it
 * must be. */
#include "base/error.h"
#include "initramfs/module_list.h"

#include <string.h>

#define HEAD "# Modules for the image, loaded in this order.\n#\n# Syntax: name [args ...]\n"

/* @wanted: the text; where it begins with '!', the error. */
static const struct {
  const char *old, *modules, *wanted;
} rows[] = {
  { "", "vfio-pci", "vfio-pci\n" },
  { NULL, "vfio-pci", "vfio-pci\n" },
  { "", "", "" },
  { HEAD, "vfio vfio_pci", HEAD "vfio\nvfio_pci\n" },
  { HEAD "raid1\nsd_mod\n", "vfio-pci", HEAD "raid1\nsd_mod\nvfio-pci\n" },
  { "vfio_pci\n", "vfio-pci", "vfio_pci\n" },
  { "vfio-pci ids=1002:731f\n", "vfio_pci", "vfio-pci ids=1002:731f\n" },
  { " \tvfio-pci\tx=1 y\n", "vfio_pci", " \tvfio-pci\tx=1 y\n" },
  { "ext4", "vfio-pci", "ext4\nvfio-pci\n" },
  { "vfio-pci", "vfio-pci", "vfio-pci" },
  { "#vfio-pci\n  # vfio-pci\n", "vfio-pci", "#vfio-pci\n  # vfio-pci\nvfio-pci\n" },
  { "#f\xc3\xbcr\n", "vfio-pci", "#f\xc3\xbcr\nvfio-pci\n" },
  { "vfio\n", "vfio-pci vfio vfio_iommu_type1", "vfio\nvfio-pci\nvfio_iommu_type1\n" },
  { "vfio-pci2\nvfio\n", "vfio-pci", "vfio-pci2\nvfio\nvfio-pci\n" },
  { "amdgpu vfio-pci\n", "vfio-pci", "amdgpu vfio-pci\nvfio-pci\n" },
  { "a \\\nvfio-pci\n", "vfio-pci", "a \\\nvfio-pci\n" },
  { "\n\n\n", "vfio-pci vfio_pci", "\n\n\nvfio-pci\n" },
  { "a\nb\r\n", "vfio-pci", "!line 2: it ends with a carriage return" },
  { "a\nb\001c\n", "vfio-pci", "!line 2: this is no name of a module" },
  { "# f\xfcr\n", "vfio-pci", "!line 1: this is no text in UTF-8" },
  { "# f\xc3\xbcr\nc\xc3\xb6\n", "vfio-pci", "!line 2: this is no name of a module" },
  { "pci:v00001002d*\n", "vfio-pci", "pci:v00001002d*\nvfio-pci\n" },
  { "", "vfio#", "!'vfio#' is no name of a module" },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) modules = g_strsplit (rows[i].modules, " ", -1);
    const char *const *names = (const char *const *) modules;
    g_autoptr (GBytes) old
        = rows[i].old != NULL ? g_bytes_new_static (rows[i].old, strlen (rows[i].old)) : NULL;
    g_autoptr (GBytes) new = pl_module_list_add (old, names, &error);
    g_test_message ("row %u", i);
    if (rows[i].wanted[0] == '!') {
      g_assert_null (new);
      g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, rows[i].wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
    g_assert_cmpstr (text, ==, rows[i].wanted);
    g_assert_true ((new == old) == (g_strcmp0 (rows[i].old, rows[i].wanted) == 0));
    g_autoptr (GBytes) again = pl_module_list_add (new, names, &error);
    g_assert_true (again == new);
  }
}

/* A byte 0 cannot stand in the table. */
static void
test_zero (void)
{
  static const char *const names[] = { "vfio-pci", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) old = g_bytes_new_static ("ext4\nx\0\n", 8);
  g_assert_null (pl_module_list_add (old, names, &error));
  g_assert_cmpstr (error->message, ==, "line 2: this is no text in UTF-8");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module_list/table", test_table);
  g_test_add_func ("/module_list/zero", test_zero);
  return g_test_run ();
}
