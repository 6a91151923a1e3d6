/* test_booster.c - /etc/booster.yaml, and what of a whole system is changed for booster. */
#include "base/error.h"
#include "initramfs/booster.h"
#include "initramfs/booster_text.h"

#include <string.h>

#define LINE "modules_force_load: vfio_pci,vfio\n"
#define SIMPLE "is not a plain word"

/* What becomes of a text with vfio_pci and vfio; where it begins with '!', the error. NULL: nothing changes.
 */
static const struct {
  const char *text, *wanted;
} texts_cases[] = {
  { "", LINE },
  { "# nothing\n", "# nothing\n" LINE },
  { "compression: zstd", "compression: zstd\n" LINE },
  { "modules_force_load: amdgpu\n", "modules_force_load: vfio_pci,vfio,amdgpu\n" },
  { "modules_force_load: amdgpu , btrfs  # mine\nstrip: true\n",
    "modules_force_load: vfio_pci,vfio,amdgpu , btrfs  # mine\nstrip: true\n" },
  { "modules_force_load: x,vfio\n", "modules_force_load: vfio_pci,x,vfio\n" },
  { "modules_force_load:   vfio , vfio_pci\n", NULL },
  { "modules_force_load:\nstrip: true\n", "modules_force_load: vfio_pci,vfio\nstrip: true\n" },
  { "modules_force_load: # none\n", "modules_force_load: vfio_pci,vfio # none\n" },
  { "modules_force_load:", "modules_force_load: vfio_pci,vfio" },
  { "network:\n  dhcp: on\n  modules_force_load: x\nuniversal: false\n",
    "network:\n  dhcp: on\n  modules_force_load: x\nuniversal: false\n" LINE },
  { "---\nmodules: -*,hid_apple,kernel/sound/usb/\n", "---\nmodules: -*,hid_apple,kernel/sound/usb/\n" LINE },
  { "zfs_import_params: \"-f -N\"\n", "zfs_import_params: \"-f -N\"\n" LINE },
  { "a: 'x: y' # c\n", "a: 'x: y' # c\n" LINE },
  { "a: x#y\n", "a: x#y\n" LINE },
  { "modules_force_load: \"a,b\"\n", "!line 1: its list is not one plain word" },
  { "modules_force_load: ~\n", "!line 1: its list is not one plain word" },
  { "modules_force_load:\n  a,b\n", "!line 2: this is no key with a value" },
  { "modules_force_load:\n  a: b\n", "!line 1: its list is not one plain word" },
  { "modules_force_load: a,\n  b\n", "!line 2: it is indented, and the line above does not ask for that" },
  { "a: 1\nmodules_force_load: [a, b]\n", "!line 2: its value " SIMPLE },
  { "modules_force_load: |\n  a\n", "!line 1: its value " SIMPLE },
  { "modules_force_load: &x a\n", "!line 1: its value " SIMPLE },
  { "modules_force_load: - a\n", "!line 1: its value " SIMPLE },
  { "modules_force_load: a: b\n", "!line 1: it has two colons" },
  { "modules_force_load: a\nmodules_force_load: b\n", "!line 2: its key was there before" },
  { "\"modules_force_load\": a\n", "!line 1: this is no key with a value" },
  { "modules_force_load:a\n", "!line 1: this is no key with a value" },
  { "- a\n", "!line 1: this is no key with a value" },
  { "{modules_force_load: a}\n", "!line 1: this is no key with a value" },
  { "a: 1\n---\nb: 2\n", "!line 2: this is no key with a value" },
  { "a: 1\n...\n", "!line 2: this is no key with a value" },
  { "  a: 1\n", "!line 1: it is indented, and the line above does not ask for that" },
  { "a:\t1\n", "!line 1: it has a tabulator" },
  { "a: 'b\nc'\n", "!line 1: its quotes are not understood" },
  { "a: \"b\\\"c\"\n", "!line 1: its quotes are not understood" },
  { "a: 1\r\n", "!line 1: it has a character that is not understood" },
  { "# a\xe2\x80\xa8modules_force_load: x\n", "!line 1: it has a character that is not understood" },
  { "a: \xff\n", "!line 1: this is no text in UTF-8" },
};

static void
test_texts (void)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (texts_cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (texts_cases[i].text, strlen (texts_cases[i].text));
    g_autoptr (GBytes) new = pl_booster_text_add (old, modules, &error);
    g_test_message ("row %u", i);
    if (texts_cases[i].wanted != NULL && texts_cases[i].wanted[0] == '!') {
      g_assert_null (new);
      g_assert_cmpstr (error->message, ==, texts_cases[i].wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    if (texts_cases[i].wanted == NULL) {
      g_assert_true (new == old);
      continue;
    }
    gsize size;
    const char *text = g_bytes_get_data (new, &size);
    g_assert_cmpmem (text, size, texts_cases[i].wanted, strlen (texts_cases[i].wanted));
    g_autoptr (GBytes) again = pl_booster_text_add (new, modules, &error);
    g_assert_no_error (error);
    g_assert_true (again == new);
  }
  g_autoptr (GBytes) made = pl_booster_text_add (NULL, modules, NULL);
  g_assert_cmpmem (g_bytes_get_data (made, NULL), g_bytes_get_size (made), LINE, strlen (LINE));
}

static int
compare_strings (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

/* A system made of lines "path=text"; "path" is there; "path!" may not be read, a file or a folder. A
 * folder's names are those of the lines below it. */
static struct pl_texts *
make_texts (const char *const *lines)
{
  static const char *const folders[] = { "boot", "lib/modules", "usr/bin", "usr/sbin" };
  struct pl_texts *texts = pl_texts_new ();
  for (guint k = 0; k < G_N_ELEMENTS (folders); k++) {
    GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
    bool is_denied = false;
    for (guint i = 0; lines[i] != NULL; i++) {
      g_auto (GStrv) parts = g_strsplit_set (lines[i], "=!", 2);
      gsize length = strlen (folders[k]);
      is_denied = is_denied || g_strcmp0 (lines[i] + strlen (parts[0]), "!") == 0;
      is_denied = is_denied && strcmp (parts[0], folders[k]) == 0;
      if (!g_str_has_prefix (parts[0], folders[k]) || parts[0][length] != '/')
        continue;
      g_auto (GStrv) below = g_strsplit (parts[0] + length + 1, "/", 2);
      if (!g_ptr_array_find_with_equal_func (names, below[0], g_str_equal, NULL))
        g_ptr_array_add (names, g_strdup (below[0]));
    }
    g_ptr_array_sort (names, compare_strings);
    pl_texts_set_names (texts, folders[k], is_denied ? PL_DENIED : PL_KNOWN, names);
  }
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit_set (lines[i], "=!", 2);
    char kind = lines[i][strlen (parts[0])];
    g_autoptr (GBytes) bytes = g_bytes_new (kind == '=' ? parts[1] : "", kind == '=' ? strlen (parts[1]) : 0);
    if (kind != '\0')
      pl_texts_set (texts, parts[0], kind == '!' ? PL_DENIED : PL_KNOWN, bytes);
  }
  return texts;
}

#define BASE                                                                                \
  "usr/bin/booster", "boot/booster-linux.img", "lib/modules/6.9.1-arch1-1/pkgbase=linux\n", \
      "boot/vmlinuz-linux"
#define BUILD "booster build --force --kernel-version 6.9.1-arch1-1 /boot/booster-linux.img"
#define LTS "booster build --force --kernel-version 6.6.30-1-lts /boot/booster-linux-lts.img"

/* @wanted: the file that is changed, and what is run. Else @by_hand, or @error, is a part of what is said. */
static const struct {
  const char *lines[9];
  const char *drivers;
  bool is_rebuilt;
  const char *wanted, *by_hand, *error;
} systems[] = {
  { { BASE, "etc/booster.yaml=" }, "amdgpu snd_hda_intel", false, "etc/booster.yaml; " BUILD, NULL, NULL },
  { { BASE, "etc/booster.yaml=modules_force_load: vfio_pci,vfio\n" }, "amdgpu", false, "", NULL, NULL },
  { { BASE, "etc/booster.yaml=modules_force_load: vfio_pci,vfio\n" }, "amdgpu", true, BUILD, NULL, NULL },
  { { BASE, "etc/booster.yaml=modules: -amdgpu,btrfs\nmodules_force_load: vfio_pci,vfio\n" },
    "amdgpu",
    true,
    BUILD,
    NULL,
    NULL },
  { { BASE, "etc/booster.yaml=", "boot/booster-linux-lts.img", "lib/modules/6.6.30-1-lts/pkgbase=linux-lts" },
    "nouveau",
    false,
    "etc/booster.yaml; " LTS "; " BUILD,
    NULL,
    NULL },
  { { "usr/bin/booster", "boot/booster-6.1.2.img", "lib/modules/6.1.2/x", "etc/booster.yaml=" },
    "i915",
    false,
    "etc/booster.yaml; booster build --force --kernel-version 6.1.2 /boot/booster-6.1.2.img",
    NULL,
    NULL },
  /* A driver that is in the image. */
  { { BASE, "etc/booster.yaml=modules_force_load: amdgpu\n" },
    "amdgpu",
    false,
    NULL,
    "its images have amdgpu",
    NULL },
  { { BASE, "etc/booster.yaml=modules: btrfs,amdgpu\n" },
    "snd_hda_intel amdgpu",
    true,
    NULL,
    "\n-amdgpu\n",
    NULL },
  { { BASE, "etc/booster.yaml=modules: kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko.zst\n" },
    "amdgpu",
    false,
    NULL,
    "its images have amdgpu",
    NULL },
  { { BASE, "etc/booster.yaml=modules: kernel/drivers/gpu/\n" },
    "amdgpu",
    false,
    NULL,
    "or may have it",
    NULL },
  { { BASE, "etc/booster.yaml=modules: '*'\n" },
    "amdgpu",
    false,
    NULL,
    "line 1: its list is not one plain word",
    NULL },
  { { BASE, "etc/booster.yaml=modules: -*,snd-hda-intel\n" },
    "snd-hda-intel",
    false,
    NULL,
    "have snd-hda-intel",
    NULL },
  { { BASE, "etc/booster.yaml=" }, "nouveau xhci-pci", false, NULL, "its images have xhci-pci", NULL },
  { { BASE, "etc/booster.yaml=modules: -*\n" }, "xhci_pci", false, "etc/booster.yaml; " BUILD, NULL, NULL },
  { { BASE, "etc/booster.yaml=network:\n  dhcp: on\n" }, "igb", false, NULL, "its images have igb", NULL },
  { { BASE, "etc/booster.yaml=network:\n  dhcp: on\n" },
    "amdgpu",
    false,
    "etc/booster.yaml; " BUILD,
    NULL,
    NULL },
  { { BASE, "etc/booster.yaml=modules: amdgpu,-amdgpu\n" },
    "amdgpu",
    false,
    "etc/booster.yaml; " BUILD,
    NULL,
    NULL },
  { { BASE, "etc/booster.yaml=modules: -kernel/drivers/gpu/,amdgpu\n" },
    "amdgpu",
    false,
    NULL,
    "have amdgpu",
    NULL },
  /* What a person must do. */
  { { BASE, "etc/booster.yaml=modules_force_load: [a]\n" },
    "amdgpu",
    false,
    NULL,
    "/etc/booster.yaml is left as it is (line 1: its value is not a plain word). It has to have this line, "
    "with "
    "what is in that list now behind it:\nmodules_force_load: vfio_pci\nThen",
    NULL },
  { { "usr/bin/booster", "etc/booster.yaml=", "lib/modules/6.1/pkgbase=linux" },
    "a",
    false,
    NULL,
    "there is no image",
    NULL },
  { { "usr/bin/booster", "etc/booster.yaml=", "boot/booster-linux.img", "lib/modules/6.1/x" },
    "a",
    false,
    NULL,
    "which kernel /boot/booster-linux.img belongs to",
    NULL },
  { { BASE, "etc/booster.yaml=", "lib/modules/6.8.9-arch1-1/pkgbase=linux" },
    "a",
    false,
    NULL,
    "which kernel",
    NULL },
  { { BASE, "etc/booster.yaml!" },
    "a",
    false,
    NULL,
    NULL,
    "/etc/booster.yaml: it could not be read (denied)" },
  { { "usr/bin/booster", "etc/booster.yaml=", "boot!" },
    "a",
    false,
    NULL,
    NULL,
    "/boot: it could not be read (denied)" },
  { { BASE }, "a", false, NULL, NULL, "/etc/booster.yaml: it could not be read (unread)" },
};

/* "path; program argument ...", in the order of the edits. Free with g_free(). */
static char *
describe (const struct pl_edits *edits)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < edits->files->len; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "",
                            ((const struct pl_edit *) g_ptr_array_index (edits->files, i))->path);
  for (guint i = 0; i < edits->programs->len; i++) {
    const struct pl_program *program = g_ptr_array_index (edits->programs, i);
    g_autofree char *words = g_strjoinv (" ", program->argv);
    g_assert_true (g_str_has_prefix (words, "/usr/bin/"));
    g_assert_cmpuint (program->writes->len, ==, 1);
    g_assert_true (g_str_has_suffix (words, g_ptr_array_index (program->writes, 0)));
    g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", words + strlen ("/usr/bin/"));
  }
  return g_string_free (text, FALSE);
}

static void
test_systems (void)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (systems); i++) {
    g_auto (GStrv) drivers = g_strsplit (systems[i].drivers, " ", -1);
    struct pl_image_wishes wishes = { .modules = modules,
                                      .drivers = (const char *const *) drivers,
                                      .is_rebuilt = systems[i].is_rebuilt };
    struct pl_texts *texts = make_texts (systems[i].lines);
    g_autoptr (GError) error = NULL;
    struct pl_edits edits;
    pl_edits_init (&edits);
    bool done = pl_generator_booster.add_modules (texts, &wishes, &edits, &error);
    g_autofree char *found = describe (&edits);
    g_test_message ("%u: %s %s %s", i, found, edits.by_hand != NULL ? edits.by_hand : "",
                    error != NULL ? error->message : "");
    g_assert_true (done == (systems[i].error == NULL));
    if (systems[i].error != NULL)
      g_assert_cmpstr (error->message, ==, systems[i].error);
    else if (systems[i].by_hand != NULL)
      g_assert_true (strstr (edits.by_hand, systems[i].by_hand) != NULL && found[0] == '\0');
    else
      g_assert_true (edits.by_hand == NULL && strcmp (found, systems[i].wanted) == 0);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/booster/texts", test_texts);
  g_test_add_func ("/booster/systems", test_systems);
  return g_test_run ();
}
