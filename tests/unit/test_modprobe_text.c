/* test_modprobe_text.c - files of /etc/modprobe.d edited: what the file was, what is asked, what it must be.
 */
#include "base/error.h"
#include "plan/modprobe_text.h"

#include <string.h>

#define BOTH "1002:731f 1002:ab38"
#define NEW "options vfio-pci ids=1002:731f,1002:ab38\n"

/* @wanted: the text; NULL: @old itself; where it begins with '!', the error. */
static const struct {
  const char *old, *ids, *softdeps, *other, *wanted;
} rows[] = {
  /* A new file, and what is behind all others. */
  { NULL, BOTH, "", NULL, NEW },
  { NULL, BOTH, "amdgpu snd_hda_intel", NULL,
    NEW "softdep amdgpu pre: vfio-pci\nsoftdep snd_hda_intel pre: vfio-pci\n" },
  { NULL, "1002:731F 1002:731f", "a-b a_b", NULL,
    "options vfio-pci ids=1002:731F\nsoftdep a-b pre: vfio-pci\n" },
  { NULL, "", "", NULL, "" },
  { "", BOTH, "", NULL, NEW },
  { "# Ours.\nblacklist nouveau", BOTH, "", NULL, "# Ours.\nblacklist nouveau\n" NEW },
  { "options kvm ignore_msrs=1\n", BOTH, "nvidia", NULL,
    "options kvm ignore_msrs=1\n" NEW "softdep nvidia pre: vfio-pci\n" },

  /* ids= that are there. */
  { NEW, BOTH, "", NULL, NULL },
  { "options vfio_pci ids=1002:731F,1002:AB38", BOTH, "", NULL, NULL },
  { "options vfio-pci ids=01002:0x731f,1002:ab38:ffffffff:ffffffff:0:0\n", BOTH, "", NULL, NULL },
  { "options vfio-pci ids=10de:1b80\n", BOTH, "", NULL,
    "options vfio-pci ids=10de:1b80,1002:731f,1002:ab38\n" },
  { "options vfio-pci ids=1002:ab38 disable_vga=1\n", BOTH, "", NULL,
    "options vfio-pci ids=1002:ab38,1002:731f disable_vga=1\n" },
  { "options vfio-pci ids=1002:731f:1043:04e8\n", "1002:731f", "", NULL,
    "options vfio-pci ids=1002:731f:1043:04e8,1002:731f\n" },
  { "  options\t vfio_pci \tdisable_idle_d3=1\tids=1:2,, \t\r\n", "3:4", "", NULL,
    "  options\t vfio_pci \tdisable_idle_d3=1\tids=1:2,,3:4 \t\r\n" },
  { "options vfio-pci ids=\n", "3:4", "", NULL, "options vfio-pci ids=3:4\n" },
  { "options vfio-pci ids=\"1:2\"\n", "3:4", "", NULL, "options vfio-pci ids=\"1:2,3:4\"\n" },
  { "options vfio-pci \"ids=1:2, 5:6 \" x=1\n", "3:4 5:6", "", NULL,
    "options vfio-pci \"ids=1:2, 5:6,3:4 \" x=1\n" },
  { "options vfio-pci ids=\"\"\n", "3:4", "", NULL, "options vfio-pci ids=\"3:4\"\n" },
  { "options vfio-pci x=\"ids=1:2 y\" z\n", "3:4", "", NULL, "options vfio-pci x=\"ids=1:2 y\" z ids=3:4\n" },
  { "options vfio-pci ids=1:2,\\\n3:4\n# end\n", "5:6", "", NULL,
    "options vfio-pci ids=1:2,\\\n3:4,5:6\n# end\n" },
  { "options vfio-pci ids=1:2,\\\n\n", "5:6", "", NULL, "options vfio-pci ids=1:2,5:6\\\n\n" },
  { "opt\\\nions vfio-\\pci i\\ds=1:\\2\n", "5:6", "", NULL, "opt\\\nions vfio-\\pci i\\ds=1:\\2,5:6\n" },
  { "options vfio-pci ids=1:2 # a card\n", "5:6", "", NULL, "options vfio-pci ids=1:2,5:6 # a card\n" },

  /* Options without ids=. */
  { "options vfio-pci disable_vga=1 \\\n  disable_idle_d3=1 \\\n\noptions x y\n", "5:6", "", NULL,
    "options vfio-pci disable_vga=1 \\\n  disable_idle_d3=1 ids=5:6 \\\n\noptions x y\n" },
  { "options vfio-pci  \n", "5:6", "", NULL, "options vfio-pci ids=5:6  \n" },
  { "options vfio-pci x=1\noptions vfio-pci y=1\n", "5:6", "", NULL,
    "options vfio-pci x=1 ids=5:6\noptions vfio-pci y=1\n" },
  { "options vfio-pci x=1\noptions vfio_pci ids=1:2\n", "5:6", "", NULL,
    "options vfio-pci x=1\noptions vfio_pci ids=1:2,5:6\n" },

  /* What is none of these lines. */
  { "# options vfio-pci ids=1:2\n", "5:6", "", NULL,
    "# options vfio-pci ids=1:2\noptions vfio-pci ids=5:6\n" },
  { "# a comment goes on \\\noptions vfio-pci ids=1:2\n", "5:6", "", NULL,
    "# a comment goes on \\\noptions vfio-pci ids=1:2\noptions vfio-pci ids=5:6\n" },
  { "# the last one goes on \\\n", "5:6", "", NULL,
    "# the last one goes on \\\n\noptions vfio-pci ids=5:6\n" },
  { "options vfio ids=1:2\nalias vfio-pci off\nnonsense\n", "5:6", "", NULL,
    "options vfio ids=1:2\nalias vfio-pci off\nnonsense\noptions vfio-pci ids=5:6\n" },

  /* Softdeps. */
  { "softdep amdgpu pre: vfio-pci\n", "", "amdgpu", NULL, NULL },
  { "softdep snd-hda-intel post: x pre: y vfio_pci\n", "", "snd_hda_intel", NULL, NULL },
  { "softdep nouveau pre: drm\n", "", "nouveau", NULL, "softdep nouveau pre: vfio-pci drm\n" },
  { "softdep nouveau\tpre:\tdrm post: x\n", "", "nouveau", NULL,
    "softdep nouveau\tpre: vfio-pci\tdrm post: x\n" },
  { "softdep nouveau post: vfio-pci\n", "", "nouveau", NULL,
    "softdep nouveau pre: vfio-pci post: vfio-pci\n" },
  { "softdep nouveau pre: \\\n drm\n", "", "nouveau", NULL, "softdep nouveau pre: vfio-pci \\\n drm\n" },
  { "softdep nouveau\n", "", "nouveau", NULL, "softdep nouveau\nsoftdep nouveau pre: vfio-pci\n" },
  { "softdep nouveau pre: drm\nsoftdep nouveau pre: vfio-pci\n", "", "nouveau", NULL,
    "softdep nouveau pre: vfio-pci drm\nsoftdep nouveau pre: vfio-pci\n" },
  { "softdep n* pre: vfio-pci\nsoftdep nouveau pre: x\n", "", "nouveau", NULL, NULL },
  { "softdep nouveau   pre: vfio-pci\n", "", "nouveau", NULL, NULL },
  { "softdep b pre: x\nsoftdep a pre: x\n", "", "a b c", NULL,
    "softdep b pre: vfio-pci x\nsoftdep a pre: vfio-pci x\nsoftdep c pre: vfio-pci\n" },
  { "softdep n* pre: x\n", "", "nouveau", NULL, "!line 1: the softdep is one of several modules" },
  { "\nsoftdep nouveau pre:vfio-pci\n", "", "nouveau", NULL,
    "!line 2: a word of the softdep stands in no part; modprobe wants \"pre: \"" },
  { "softdep nouveau  pre: vfio-pci\n", "", "nouveau", NULL,
    "!line 1: a word of the softdep stands in no part; modprobe wants \"pre: \"" },
  { "install nouveau /bin/false\nsoftdep nouveau pre: x\n", "", "nouveau", NULL,
    "install nouveau /bin/false\nsoftdep nouveau pre: vfio-pci x\n" },
  { "#\ninstall nouveau /bin/false\n", "", "nouveau", NULL,
    "!line 2: with a softdep the install command of nouveau would not be run any more" },

  /* The other files of the folder. */
  { NULL, BOTH, "", NEW, "" },
  { "options vfio-pci x=1\n", BOTH, "", "options vfio_pci ids=10de:1,1002:ab38,1002:731f\n", NULL },
  { NEW, BOTH, "", NEW, NULL },
  { NULL, BOTH, "", "#\noptions vfio-pci ids=1002:731f\n",
    "!line 2: another file of the folder has ids= of vfio-pci there, and the kernel takes only one" },
  { NEW, BOTH, "", "options vfio-pci ids=1:2\n",
    "!line 1: another file of the folder has ids= of vfio-pci there, and the kernel takes only one" },
  { "options vfio-pci ids=1:2\n", BOTH, "", NEW,
    "!line 1: another file of the folder has ids= of vfio-pci there, and the kernel takes only one" },
  { NULL, BOTH, "", "options vfio-pci disable_vga=1\n", NEW },
  { NULL, "1:2", "nouveau", "softdep nouveau pre: vfio-pci\n", "options vfio-pci ids=1:2\n" },
  { NULL, "", "nouveau", "softdep nouveau pre: drm\n",
    "!line 1: another file of the folder has a softdep of nouveau there, and modprobe takes only the first" },
  { "softdep nouveau pre: vfio-pci\n", "", "nouveau", "softdep nouv* post: x\n",
    "!line 1: another file of the folder has a softdep of nouveau there, and modprobe takes only the first" },
  { "softdep nouveau post: x\n", "", "nouveau", "softdep nouveau pre: vfio-pci\n",
    "softdep nouveau pre: vfio-pci post: x\n" },
  { NULL, "", "nouveau", "install nouv?au /bin/true\n",
    "!line 1: with a softdep the install command of nouveau would not be run any more" },
  { NULL, "1:2", "", "x\ny \\", "!another file of the folder, line 2: the file ends behind a backslash" },
  { NULL, "1:2", "", "blacklist vfio-pci\n",
    "!line 1: of another file of the folder: an install or blacklist line stands against vfio-pci" },

  /* Against vfio-pci, and what is not understood. */
  { "\ninstall vfio-pci /sbin/vfio-pci-override.sh\n" NEW, BOTH, "", NULL,
    "!line 2: an install or blacklist line stands against vfio-pci" },
  { "install vfio-pci\n", "1:2", "", NULL, "install vfio-pci\noptions vfio-pci ids=1:2\n" },
  { "blacklist vfio_pci\n", "1:2", "", NULL,
    "!line 1: an install or blacklist line stands against vfio-pci" },
  { "blacklist vfio_pci\n", "", "", NULL, NULL },
  { "options vfio-pci ids=\"1:2\n", "1:2", "", NULL, "!line 1: the quote is not closed" },
  { "options vfio-pci ids\n", "1:2", "", NULL, "!line 1: ids has no value" },
  { "options vfio-pci ids=1:2, 3:4\n", "1:2", "", NULL,
    "!line 1: a word of the options of vfio-pci is no parameter; ids are divided by commas alone" },
  { "options vfio-pci -- ids=1:2\n", "1:2", "", NULL,
    "!line 1: a word of the options of vfio-pci is no parameter; ids are divided by commas alone" },
  { "options vfio-pci ids=09:00.0,1:2\n", "1:2", "", NULL,
    "!line 1: '09:00.0' is no id as vfio-pci takes it" },
  { "options vfio-pci ids=1:2,100000000:2\n", "1:2", "", NULL,
    "!line 1: '100000000:2' is no id as vfio-pci takes it" },
  { "options vfio-pci ids=1002\n", "1:2", "", NULL, "!line 1: '1002' is no id as vfio-pci takes it" },
  { "options vfio-pci ids=1:2\n\noptions vfio-pci ids=3:4\n", "1:2", "", NULL,
    "!line 3: ids= is said again, and the kernel takes only the last" },
  { "options vfio-pci ids=1:2 ids=3:4\n", "3:4", "", NULL, NULL },
  { "x\\", "1:2", "", NULL, "!line 1: the file ends behind a backslash" },
  { NULL, "1:2,3:4", "", NULL, "!'1:2,3:4' is no id as vfio-pci takes it" },
  { NULL, "", "a*", NULL, "!'a*' is no name of a module" },
};

static GBytes *
bytes_of (const char *text)
{
  return text != NULL ? g_bytes_new_static (text, strlen (text)) : NULL;
}

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) ids = g_strsplit (rows[i].ids, " ", -1);
    g_auto (GStrv) softdeps = g_strsplit (rows[i].softdeps, " ", -1);
    struct pl_modprobe_wishes wishes = { (const char *const *) ids, (const char *const *) softdeps };
    g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    if (rows[i].other != NULL)
      g_ptr_array_add (others, bytes_of (rows[i].other));
    g_autoptr (GBytes) old = bytes_of (rows[i].old);
    g_autoptr (GBytes) new
        = pl_modprobe_text_add (old, &wishes, rows[i].other != NULL ? others : NULL, &error);
    g_test_message ("row %u: %s", i, rows[i].old);
    if (rows[i].wanted != NULL && rows[i].wanted[0] == '!') {
      g_assert_null (new);
      g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, rows[i].wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
    g_assert_cmpstr (text, ==, rows[i].wanted != NULL ? rows[i].wanted : rows[i].old);
    g_assert_true ((new == old) == (rows[i].wanted == NULL));
    g_autoptr (GBytes) again = pl_modprobe_text_add (new, &wishes, others, &error);
    g_assert_true (again == new);
  }
}

/* 1023 characters are taken, 1024 are not. */
static void
test_long (void)
{
  static const char *const one[] = { "1:22", NULL }, *const other[] = { "1:2", NULL };
  struct pl_modprobe_wishes too_long = { one, NULL }, fits = { other, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("options vfio-pci ids=00003:4");
  while (text->len < strlen ("options vfio-pci ids=") + 1019)
    g_string_append (text, ",3:4");
  g_assert_cmpuint (text->len, ==, strlen ("options vfio-pci ids=") + 1019);
  g_autoptr (GBytes) old = g_bytes_new (text->str, text->len);
  g_assert_null (pl_modprobe_text_add (old, &too_long, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "line 1: ids= would be longer than the 1023 characters that the kernel takes");
  g_clear_error (&error);
  g_autoptr (GBytes) new = pl_modprobe_text_add (old, &fits, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (new), ==, text->len + 4);
}

/* A byte 0 cannot stand in the table. */
static void
test_zero (void)
{
  static const char *const ids[] = { "1:2", NULL };
  struct pl_modprobe_wishes wishes = { ids, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) old = g_bytes_new_static ("# x\ny\\\0z\n", 9);
  g_assert_null (pl_modprobe_text_add (old, &wishes, NULL, &error));
  g_assert_cmpstr (error->message, ==, "line 2: there is a byte 0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/modprobe_text/table", test_table);
  g_test_add_func ("/modprobe_text/long", test_long);
  g_test_add_func ("/modprobe_text/zero", test_zero);
  return g_test_run ();
}
