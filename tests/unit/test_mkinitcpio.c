/* test_mkinitcpio.c - mkinitcpio's configuration: what the file was, what is asked, what it must be. */
#include "base/error.h"
#include "initramfs/mkinitcpio_text.h"

#include <string.h>

#define ALL "vendor_reset vfio_pci vfio vfio_iommu_type1 vfio_virqfd"
#define V "vfio_pci vfio"
#define HOOKS \
  "HOOKS=(base udev autodetect microcode modconf kms keyboard keymap consolefont block filesystems fsck)\n"
/* Of whom each file reminds: in words of our own. */
#define ARCH "# vim:set ft=sh:\n# MODULES\n# Loaded before any boot hook:\n#     MODULES=(usbhid xhci_hcd)\n"
#define ARCH_END                                                                                       \
  "\n# BINARIES\nBINARIES=()\n\n# FILES\nFILES=()\n\n# HOOKS\n##   only what stands in MODULES\n#    " \
  "HOOKS=(base)\n" HOOKS                                                                               \
  "\n# COMPRESSION\n#COMPRESSION=\"zstd\"\n#COMPRESSION_OPTIONS=()\n#MODULES_DECOMPRESS=\"no\"\n"

/* @wanted: the text; NULL: as it was; where it begins with '!', the error. */
static const struct {
  const char *old, *modules, *wanted;
} rows[] = {
  /* Arch */
  { ARCH "MODULES=()\n" ARCH_END, ALL, ARCH "MODULES=(" ALL ")\n" ARCH_END },
  { ARCH "MODULES=(amdgpu)\n" ARCH_END, ALL, ARCH "MODULES=(" ALL " amdgpu)\n" ARCH_END },
  { ARCH "MODULES=\"\"\n" ARCH_END, ALL, ARCH "MODULES=\"" ALL "\"\n" ARCH_END },
  { "MODULES=(btrfs)\nBINARIES=(/usr/bin/btrfs)\nFILES=(/crypto_keyfile.bin)\n" HOOKS, V,
    "MODULES=(" V " btrfs)\nBINARIES=(/usr/bin/btrfs)\nFILES=(/crypto_keyfile.bin)\n" HOOKS },
  /* Manjaro */
  { "MODULES=\"crc32c-intel\"\nBINARIES=\"\"\nFILES=\"\"\nHOOKS=\"base udev autodetect modconf block\"\n", V,
    "MODULES=\"" V
    " crc32c-intel\"\nBINARIES=\"\"\nFILES=\"\"\nHOOKS=\"base udev autodetect modconf block\"\n" },
  { "MODULES=\"i915? radeon?\"\n", V, "MODULES=\"" V " i915? radeon?\"\n" },
  /* EndeavourOS */
  { "# MODULES\nMODULES=(nvidia nvidia_modeset nvidia_uvm nvidia_drm)\n", V,
    "# MODULES\nMODULES=(" V " nvidia nvidia_modeset nvidia_uvm nvidia_drm)\n" },
  { "MODULES=( crc32c-intel intel_agp i915 )\n", V, "MODULES=( " V " crc32c-intel intel_agp i915 )\n" },
  /* CachyOS */
  { "MODULES=(amdgpu\n         btrfs) # early\nCOMPRESSION=\"zstd\"\nCOMPRESSION_OPTIONS=(-3 -T0)\n", V,
    "MODULES=(" V " amdgpu\n         btrfs) # early\nCOMPRESSION=\"zstd\"\nCOMPRESSION_OPTIONS=(-3 -T0)\n" },
  { "MODULES=(\n  # graphics\n  amdgpu # (the host's)\n  btrfs\n)\n", V,
    "MODULES=(\n  " V "\n  # graphics\n  amdgpu # (the host's)\n  btrfs\n)\n" },
  { "MODULES=(\n\tvfio_pci\n\tamdgpu\n)\n", V, "MODULES=(\n\tvfio\n\tvfio_pci\n\tamdgpu\n)\n" },
  { "MODULES+=(zfs)\n", V, "MODULES+=(" V " zfs)\n" },
  /* lists */
  { "MODULES=( )\n", V, "MODULES=(" V " )\n" },
  { "MODULES=(\n)\n", V, "MODULES=(" V "\n)\n" },
  { "MODULES=(# none\n)\n", V, "MODULES=(" V " # none\n)\n" },
  { "MODULES=(# first\n  a)\n", V, "MODULES=(# first\n  " V " a)\n" },
  { "MODULES=(  \n\n    # x\n    a b\n    c\n)", V, "MODULES=(  \n    " V "\n\n    # x\n    a b\n    c\n)" },
  { "MODULES=( \\\n  a \\\n)\n", V, "MODULES=( \\\n  " V " a \\\n)\n" },
  { "MODULES=('a' \"b-c\" d)\n", V, "MODULES=(" V " 'a' \"b-c\" d)\n" },
  { "MODULES=(vfio_pci vfio amdgpu)\n", V, NULL },
  { "MODULES=(amdgpu vfio-pci \"vfio\")\n", V, NULL },
  { "MODULES=(amdgpu vfio_pci? 'vfio?')\n", V, NULL },
  { "MODULES=(vfio amdgpu)\n", ALL,
    "MODULES=(vendor_reset vfio_pci vfio_iommu_type1 vfio_virqfd vfio amdgpu)\n" },
  { "MODULES=(a)\n", "vfio-pci vfio_pci vfio-pci", "MODULES=(vfio-pci a)\n" },
  { "MODULES=(vfio_pci_core vfio.ko)\n", V, "MODULES=(" V " vfio_pci_core vfio.ko)\n" },
  { "MODULES=(a)\n", "", NULL },
  { "MODULES=(a); HOOKS=(b)\n", V, "MODULES=(" V " a); HOOKS=(b)\n" },
  /* several */
  { "MODULES=(vfio_pci vfio)\nMODULES=(a)\n", V, "MODULES=(vfio_pci vfio)\nMODULES=(" V " a)\n" },
  { "MODULES=(a)\nMODULES+=(vfio_pci)\n", V, "MODULES=(vfio a)\nMODULES+=(vfio_pci)\n" },
  { "MODULES=(a)\nMODULES=(b)\nMODULES+=(c)\n", V, "MODULES=(a)\nMODULES=(" V " b)\nMODULES+=(c)\n" },
  { "MODULES=($a *)\nMODULES=(b)\n", V, "MODULES=($a *)\nMODULES=(" V " b)\n" },
  { "MODULES=\"a\"\nMODULES=(b)\n", V, "MODULES=\"a\"\nMODULES=(" V " b)\n" },
  { "MODULES=\"a\"\nMODULES+=\" b\"\n", V, "MODULES=\"" V " a\"\nMODULES+=\" b\"\n" },
  { "MODULES=\"vfio\"\nMODULES=\"a\"\n", V, "MODULES=\"vfio\"\nMODULES=\"" V " a\"\n" },
  { "MODULES=\"\"\nMODULES+=b\n", V, "MODULES=\"" V " \"\nMODULES+=b\n" },
  { "MODULES=\"\"\nMODULES+=' b'\n", V, "MODULES=\"" V "\"\nMODULES+=' b'\n" },
  { "MODULES=\"a vf\"\nMODULES+=io\n", V, "MODULES=\"vfio_pci a vf\"\nMODULES+=io\n" },
  /* strings */
  { "MODULES=\n", V, "MODULES=\"" V "\"\n" },
  { "MODULES=", V, "MODULES=\"" V "\"" },
  { "MODULES=''\n", V, "MODULES='" V "'\n" },
  { "MODULES='a b'\n", V, "MODULES='" V " a b'\n" },
  { "MODULES=amdgpu # x\n", V, "MODULES=\"" V " amdgpu\" # x\n" },
  { "MODULES=a\" b\"\n", V, "MODULES=\"" V " \"a\" b\"\n" },
  { "MODULES=a\\ b\n", V, "MODULES=\"" V " \"a\\ b\n" },
  { "export MODULES=\"a\"\n", V, "export MODULES=\"" V " a\"\n" },
  { "MODULES=\"vfio-pci  vfio \"\n", V, NULL },
  /* none */
  { "", V, "MODULES=(" V ")\n" },
  { "#MODULES=()\n", V, "#MODULES=()\nMODULES=(" V ")\n" },
  { "FILES=()", V, "FILES=()\nMODULES=(" V ")\n" },
  { "if [ -e /x ]; then FILES=(/x); fi\necho \"$FILES\"\n", V,
    "if [ -e /x ]; then FILES=(/x); fi\necho \"$FILES\"\nMODULES=(" V ")\n" },
  { "f () { return 1; }\n", V, "f () { return 1; }\nMODULES=(" V ")\n" },
  /* what is left alone */
  { "A=1\nif [ -e /x ]; then\n  MODULES=(a)\nfi\n", V, "!line 3: MODULES is only set if a condition holds" },
  { "[ -e /x ] && MODULES+=(a)\n", V, "!line 1: MODULES is only set if a condition holds" },
  { "f () { MODULES=(a); }\n", V, "!line 1: MODULES is only set if a condition holds" },
  { "MODULES=(a\n  $b)\n", V, "!line 2: MODULES has an element that is only known when the file is read" },
  { "MODULES=(snd*)\n", V, "!line 1: MODULES has an element that is only known when the file is read" },
  { "MODULES=(snd*?)\n", V, "!line 1: MODULES has an element that is only known when the file is read" },
  { "MODULES=(a?\?)\n", V, "!line 1: MODULES has an element that is only known when the file is read" },
  { "MODULES=('a b')\n", V, "!line 1: MODULES has an element that is no name" },
  { "\nMODULES=(a\r\nb)\r\n", V, "!line 3: something stands right behind the array" },
  { "MODULES=(a\r\nb)\n", V, "!line 1: MODULES has an element that is no name" },
  { "MODULES=\"$b\"\n", V, "!line 1: MODULES is only known when the file is read" },
  { "MODULES=\"a\nb\"\n", V, "!line 1: MODULES has characters that are not understood" },
  { "MODULES='a\\b'\n", V, "!line 1: MODULES has characters that are not understood" },
  { "MODULES=\"a\tb\"\n", V, "!line 1: MODULES has characters that are not understood" },
  { "MODULES=\"a\"\nMODULES+=(b)\n", V, "!line 2: MODULES is a list in one line and a string in another" },
  { "MODULES=(a)\nMODULES=\"b\"\n", V, "!line 2: MODULES is a list in one line and a string in another" },
  { "MODULES=(a)\nMODULES=(\"${MODULES[@]}\" b)\n", V,
    "!line 2: MODULES is used in a way that is not understood" },
  { "MODULES=(a)\nFILES=\"$MODULES\"\n", V, "!line 2: MODULES is used in a way that is not understood" },
  { "declare -a MODULES=(a)\n", V, "!line 1: this is not understood" },
  { "unset MODULES\n", V, "!line 1: unset may change what the file sets" },
  { "A=1\n. /etc/other.conf\n", V, "!line 2: . may change what the file sets" },
  { "exit\n", V, "!line 1: exit may change what the file sets" },
  { "$a b\n", V, "!line 1: which command this is, is only known when it runs" },
  { "f () { :; }\nf\n", V, "!line 2: f may change what the file sets" },
  { "echo () { :; }\necho\n", V, "!line 2: echo may change what the file sets" },
  { "export \"$a\"\n", V, "!line 1: export may change what the file sets" },
  { "MODULES=(a\n", V, "!line 1: the array is not closed" },
  { "MODULES=(a)\n", "vfio;", "!'vfio;' is no name of a module" },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) modules = g_strsplit (rows[i].modules, " ", -1);
    const char *const *names = (const char *const *) modules;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) new = pl_mkinitcpio_text_add (old, names, &error);
    const char *wanted = rows[i].wanted != NULL ? rows[i].wanted : rows[i].old;
    g_test_message ("row %u: %s", i, rows[i].old);
    if (wanted[0] == '!') {
      g_assert_null (new);
      g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
      g_assert_cmpstr (error->message, ==, wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
    g_assert_cmpstr (text, ==, wanted);
    g_assert_true ((rows[i].wanted == NULL) == (new == old));
    g_autoptr (GBytes) again = pl_mkinitcpio_text_add (new, names, &error);
    g_assert_no_error (error);
    g_assert_true (again == new);
  }
}

/* Parted by "|": what mkinitcpio writes one behind the other. @wanted: of the file @at alone. */
static const struct {
  const char *old;
  guint at;
  const char *wanted;
} stacks[] = {
  { "MODULES=()\n|A=1\n", 0, "MODULES=(" V ")\n" },
  { "MODULES=()\n|MODULES+=(nvidia)\n", 0, "MODULES=(" V ")\n" },
  { "MODULES=()\n|MODULES=(nvidia)\n", 1, "MODULES=(" V " nvidia)\n" },
  { "MODULES=()\n|MODULES=(nvidia)\n|MODULES+=(zfs)\n", 1, "MODULES=(" V " nvidia)\n" },
  { "A=1\n||MODULES=", 2, "MODULES=\"" V "\"" },
  { "A=1\n|B=1\n", 0, "A=1\nMODULES=(" V ")\n" },
  { "|B=1", 0, "MODULES=(" V ")\n" },
  { "MODULES=()\n|MODULES=(vfio-pci vfio)\n", 0, "MODULES=()\n" },
  { "MODULES=()|B=1\n", 0,
    "!line 1: its end is missing, and the first line of the next file becomes a part of it" },
  { "A=1\n\n|B=1\nMODULES=($x)\n", 1,
    "!line 2: MODULES has an element that is only known when the file is read" },
  { "A=1\n\n|B=1\n|'", 2, "!line 1: the quote is not closed" },
  { "A='1\n\n|B=1\n|", 0, "!line 1: the quote is not closed" },
  { "B=1\n|A=1\nA='\n|'\n", 1, "!line 2: the quote is not closed" },
};

static GPtrArray *
split_texts (const char *text)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    g_ptr_array_add (texts, g_bytes_new (parts[i], strlen (parts[i])));
  return texts;
}

static void
test_stacks (void)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++) {
    guint at = 99;
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) texts = split_texts (stacks[i].old);
    g_test_message ("stack %u: %s", i, stacks[i].old);
    GBytes *new = pl_mkinitcpio_texts_add (texts, modules, &at, &error);
    g_assert_cmpuint (at, ==, stacks[i].at);
    if (stacks[i].wanted[0] == '!') {
      g_assert_null (new);
      g_assert_cmpstr (error->message, ==, stacks[i].wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
    g_assert_cmpstr (text, ==, stacks[i].wanted);
    g_bytes_unref (g_ptr_array_index (texts, at));
    g_ptr_array_index (texts, at) = new;
    g_autoptr (GBytes) again = pl_mkinitcpio_texts_add (texts, modules, &at, &error);
    g_assert_no_error (error);
    g_assert_true (again == g_ptr_array_index (texts, 0));
  }
}

static void
test_hooks (void)
{
  static const struct {
    const char *text;
    int has; /* -1: an error */
  } cases[] = {
    { HOOKS, true },
    { "HOOKS=\"base udev modconf\"\n", true },
    { "HOOKS=(base \\\n  'modconf')\n", true },
    { "HOOKS=(base)\nHOOKS+=(modconf)\n", true },
    { "HOOKS=(modconf)\nHOOKS=(base)\n", false },
    { "HOOKS=(base modconf-x)\n#HOOKS=(modconf)\n", false },
    { "MODULES=(modconf)\n", false },
    { "HOOKS=(base $x modconf)\n", -1 },
    { "[ -e /x ] && HOOKS=(modconf)\n", -1 },
    { "HOOKS=(base)\nHOOKS=(\"${HOOKS[@]/base/modconf}\")\n", -1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    bool has = false;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) text = g_bytes_new (cases[i].text, strlen (cases[i].text));
    bool is_good = pl_mkinitcpio_text_has_hook (text, "modconf", &has, &error);
    g_test_message ("%s", cases[i].text);
    g_assert_true (is_good == (error == NULL));
    g_assert_cmpint (is_good ? has : -1, ==, cases[i].has);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mkinitcpio/table", test_table);
  g_test_add_func ("/mkinitcpio/stacks", test_stacks);
  g_test_add_func ("/mkinitcpio/hooks", test_hooks);
  return g_test_run ();
}
