/* test_mkinitcpio_early.c - the hook that runs early in images of mkinitcpio: which files it takes. */
#include "initramfs/mkinitcpio.h"

#include <string.h>

#define PRESET "ALL_kver=/boot/vmlinuz-linux\nPRESETS=(a)\na_image=/boot/initramfs-linux.img\n"
#define HOOK "etc/initcpio/hooks/pcilend"
#define INSTALL "etc/initcpio/install/pcilend"
#define SCRIPT "the script\n"

/* @new: of etc/mkinitcpio.conf, or of the drop-in where there is one; NULL: a person is told @by_hand. */
static const struct {
  const char *conf, *drop_in, *hook, *install;
  const char *new, *by_hand;
  guint n_files;
} rows[] = {
  { "MODULES=(vfio_pci)\nHOOKS=(base udev modconf kms)\n", NULL, NULL, NULL,
    "MODULES=(vfio_pci)\nHOOKS=(pcilend base udev modconf kms)\n", NULL, 3 },
  { "MODULES=()\nHOOKS=(base systemd kms)\n", NULL, NULL, NULL,
    "MODULES=(vfio_pci)\nHOOKS=(pcilend base systemd kms)\n", NULL, 3 },
  { "HOOKS=(\n  base # first\n  udev\n)\nMODULES=(vfio_pci)\n", NULL, NULL, NULL,
    "HOOKS=(\n  pcilend\n  base # first\n  udev\n)\nMODULES=(vfio_pci)\n", NULL, 3 },
  { "MODULES=\"vfio_pci\"\nHOOKS=\"base udev\"\n", NULL, NULL, NULL,
    "MODULES=\"vfio_pci\"\nHOOKS=\"pcilend base udev\"\n", NULL, 3 },
  { "MODULES=(vfio_pci)\nHOOKS=(base)\n", "HOOKS=(base udev)\n", NULL, NULL, "HOOKS=(pcilend base udev)\n",
    NULL, 3 },
  { "MODULES=(vfio_pci)\nHOOKS=(base udev pcilend)\n", NULL, "an older script\n", NULL, NULL, NULL, 2 },
  { "MODULES=(vfio_pci)\nHOOKS=(systemd kms)\n", NULL, NULL, NULL, NULL, "HOOKS has no base", 0 },
  { "MODULES=(vfio_pci)\n", NULL, NULL, NULL, NULL, "HOOKS has no base", 0 },
  { "MODULES=(vfio_pci)\nHOOKS=(base $x)\n", NULL, NULL, NULL, NULL, "only known when the file is read", 0 },
  { "MODULES=(vfio_pci)\nHOOKS=(base udev)\n", NULL, NULL, "build() { :; }\n", NULL,
    "/" INSTALL " is there, and not as pcilend wrote it", 0 },
};

static void
set (struct pl_texts *texts, const char *path, const char *text)
{
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  pl_texts_set (texts, path, text != NULL ? PL_KNOWN : PL_ABSENT, bytes);
}

static void
set_name (struct pl_texts *texts, const char *folder, const char *name)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  if (name != NULL)
    g_ptr_array_add (names, g_strdup (name));
  pl_texts_set_names (texts, folder, name != NULL ? PL_KNOWN : PL_ABSENT, names);
}

static struct pl_texts *
make_texts (guint row)
{
  struct pl_texts *texts = pl_texts_new ();
  set (texts, "etc/mkinitcpio.conf", rows[row].conf);
  set (texts, "etc/mkinitcpio.d/linux.preset", PRESET);
  set (texts, HOOK, rows[row].hook);
  set (texts, INSTALL, rows[row].install);
  set_name (texts, "etc/mkinitcpio.d", "linux.preset");
  set_name (texts, "etc/mkinitcpio.conf.d", rows[row].drop_in != NULL ? "a.conf" : NULL);
  if (rows[row].drop_in != NULL)
    set (texts, "etc/mkinitcpio.conf.d/a.conf", rows[row].drop_in);
  set_name (texts, "etc/initcpio/post", NULL);
  set_name (texts, "usr/lib/initcpio/post", NULL);
  set_name (texts, "boot", "vmlinuz-linux");
  set_name (texts, "usr/bin", "mkinitcpio");
  set_name (texts, "usr/sbin", NULL);
  return texts;
}

static GBytes *
find_new (const struct pl_edits *edits, const char *path)
{
  for (guint i = 0; i < edits->files->len; i++) {
    const struct pl_edit *edit = g_ptr_array_index (edits->files, i);
    if (strcmp (edit->path, path) == 0)
      return edit->new_content;
  }
  return NULL;
}

static void
check (guint row, const struct pl_edits *edits)
{
  const char *path = rows[row].drop_in != NULL ? "etc/mkinitcpio.conf.d/a.conf" : "etc/mkinitcpio.conf";
  g_assert_cmpuint (edits->files->len, ==, rows[row].n_files);
  if (rows[row].by_hand != NULL) {
    g_assert_nonnull (edits->by_hand);
    g_assert_nonnull (strstr (edits->by_hand, rows[row].by_hand));
    g_assert_nonnull (strstr (edits->by_hand, SCRIPT));
    return;
  }
  g_assert_null (edits->by_hand);
  g_assert_cmpuint (edits->programs->len, ==, 1);
  GBytes *script = find_new (edits, HOOK);
  g_assert_cmpmem (g_bytes_get_data (script, NULL), g_bytes_get_size (script), SCRIPT, strlen (SCRIPT));
  if (rows[row].new != NULL) {
    GBytes *conf = find_new (edits, path);
    g_assert_cmpmem (g_bytes_get_data (conf, NULL), g_bytes_get_size (conf), rows[row].new,
                     strlen (rows[row].new));
  }
}

static void
test_rows (void)
{
  static const char *const modules[] = { "vfio_pci", NULL };
  g_autoptr (GBytes) script = g_bytes_new_static (SCRIPT, strlen (SCRIPT));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = make_texts (i);
    const struct pl_image_wishes wishes = { .modules = modules, .early = script };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    g_test_message ("row %u", i);
    pl_edits_init (&edits);
    pl_generator_mkinitcpio.add_modules (texts, &wishes, &edits, &error);
    g_assert_no_error (error);
    check (i, &edits);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mkinitcpio/early", test_rows);
  return g_test_run ();
}
