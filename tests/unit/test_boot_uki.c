/* test_boot_uki.c - files that hold a kernel command line { what it was, what is asked, what it must be };
 * what is made of them where the kernel came out of a unified kernel image. */
#include "boot_texts.h"

#include "boot/kernel_cmdline.h"
#include "boot/uki.h"

struct row {
  const char *old;
  const char *parameters; /* parted by blanks */
  const char *new;        /* NULL: as it was */
  bool has_comments;
};

static void
check_text (GBytes *old, const char *parameters, bool has_comments, GBytes *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
  const char *const *asked = (const char *const *) words;
  g_autoptr (GBytes) new = pl_kernel_cmdline_text_set (old, asked, has_comments, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (new, NULL), g_bytes_get_size (new), g_bytes_get_data (expected, NULL),
                   g_bytes_get_size (expected));
  g_assert_true (g_bytes_equal (old, expected) == (new == old));
  g_autoptr (GBytes) again = pl_kernel_cmdline_text_set (new, asked, has_comments, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

static void
test_texts (void)
{
  static const struct row rows[] = {
    { "root=UUID=1 rw quiet\n", IOMMU, "root=UUID=1 rw quiet " IOMMU "\n", false },
    { "root=UUID=1 rw", IOMMU, "root=UUID=1 rw " IOMMU, false },
    { "root=UUID=1 rw \n", IOMMU, "root=UUID=1 rw " IOMMU " \n", false },
    { "root=UUID=1 rw\r\n", IOMMU, "root=UUID=1 rw " IOMMU "\r\n", false },
    { "root=UUID=1\nrw\nquiet\n\n", IOMMU, "root=UUID=1\nrw\nquiet " IOMMU "\n\n", false },
    { "root=UUID=1\r\nquiet", IOMMU " iommu=pt", "root=UUID=1\r\nquiet " IOMMU " iommu=pt", false },
    { "\troot=UUID=1\trw\n", IOMMU, "\troot=UUID=1\trw " IOMMU "\n", false },
    { "root=UUID=1 " IOMMU " rw\n", IOMMU, NULL, false },
    { "root=UUID=1 intel_iommu=off rw\n", IOMMU, "root=UUID=1 " IOMMU " rw\n", false },
    { "root=UUID=1 intel-iommu=off\n", IOMMU, "root=UUID=1 " IOMMU "\n", false },
    { IOMMU " intel_iommu=off\n", IOMMU, IOMMU " " IOMMU "\n", false },
    { "xintel_iommu=off rw\n", IOMMU, "xintel_iommu=off rw " IOMMU "\n", false },
    { "root=UUID=1 -- intel_iommu=off\n", IOMMU, "root=UUID=1 " IOMMU " -- intel_iommu=off\n", false },
    { "--\n", IOMMU, IOMMU " --\n", false },
    { "dyndbg=\"file x.c +p\" rw\n", IOMMU, "dyndbg=\"file x.c +p\" rw " IOMMU "\n", false },
    { "rw\xc3\xa4\n", IOMMU, "rw\xc3\xa4 " IOMMU "\n", false },
    { "", IOMMU, IOMMU "\n", false },
    { " \n\n", IOMMU, " \n\n" IOMMU "\n", false },
    { "rw x=#1 #\n", IOMMU, "rw x=#1 # " IOMMU "\n", false },
    { "vfio-pci.ids=1002:731f rw\n", "vfio-pci.ids=1002:731f,1002:ab38",
      "vfio-pci.ids=1002:731f,1002:ab38 rw\n", false },
    /* Whose reader knows comments. */
    { "# the root\nroot=UUID=1 rw\n", IOMMU, "# the root\nroot=UUID=1 rw " IOMMU "\n", true },
    { "root=UUID=1\n# intel_iommu=off\nrw\n", IOMMU, "root=UUID=1\n# intel_iommu=off\nrw " IOMMU "\n", true },
    { "root=UUID=1 rw\n# end", IOMMU, "root=UUID=1 rw " IOMMU "\n# end", true },
    { "root=UUID=1 rw\n#\"\n", IOMMU, "root=UUID=1 rw " IOMMU "\n#\"\n", true },
    { "root=UUID=1\n#" IOMMU "\n", IOMMU, "root=UUID=1 " IOMMU "\n#" IOMMU "\n", true },
    { "# a\nintel_iommu=off\n# b\niommu=off\n# c\n", IOMMU " iommu=pt",
      "# a\n" IOMMU "\n# b\niommu=pt\n# c\n", true },
    { "# a\n-- x\n", IOMMU, "# a\n" IOMMU " -- x\n", true },
    { "# a \"\n# b\nrw\n", IOMMU, "# a \"\n# b\nrw " IOMMU "\n", true },
    { "#only\n", IOMMU, "#only\n" IOMMU "\n", true },
    { "#only", IOMMU " iommu=pt", "#only\n" IOMMU " iommu=pt\n", true },
    { "# a\r\nroot=UUID=1\r\n", IOMMU, "# a\r\nroot=UUID=1 " IOMMU "\r\n", true },
    /* Not at the beginning of a line: none. */
    { "rw\n # a\n", IOMMU, "rw\n # a " IOMMU "\n", true },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *text = rows[i].new != NULL ? rows[i].new : rows[i].old;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) expected = g_bytes_new (text, strlen (text));
    g_test_message ("row %u", i);
    check_text (old, rows[i].parameters, rows[i].has_comments, expected);
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *old;
    gssize length; /* -1: up to its end */
    const char *parameters;
    bool has_comments;
    const char *message;
  } rows[] = {
    { "root=1\n# a\n", -1, IOMMU, false,
      "line 2: it begins with \"#\", and what reads this file knows no comments" },
    { "#", -1, IOMMU, false, "line 1: it begins with \"#\", and what reads this file knows no comments" },
    { "x=\"a b\n", -1, IOMMU, true, "the options have a quote that is not closed" },
    { "#\"\nx=\"a\n", -1, IOMMU, true, "the options have a quote that is not closed" },
    { "x=\"a\n# b\n\"\n", -1, IOMMU, true, "line 2: a comment stands inside of quotes" },
    { "root=1\0\n", 8, IOMMU, true, "it has a character that is zero" },
    { "\0", 1, IOMMU, false, "it has a character that is zero" },
    { "root=1\n", -1, "a\"b", true, "\"a\"b\" cannot be written as a kernel parameter" },
    { "\n", -1, "--", true, "\"--\" cannot be written as a kernel parameter" },
    { "", -1, "a=1 a=2", true, "\"a=2\" is asked for with two values" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) words = g_strsplit (rows[i].parameters, " ", -1);
    g_autoptr (GBytes) old
        = g_bytes_new (rows[i].old, rows[i].length < 0 ? strlen (rows[i].old) : (gsize) rows[i].length);
    g_assert_null (
        pl_kernel_cmdline_text_set (old, (const char *const *) words, rows[i].has_comments, &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
    g_assert_cmpstr (error->message, ==, rows[i].message);
  }
}

/* absent, denied, unread, not understood, changed, as it is */
static void
test_states (void)
{
  static const struct {
    const char *text, *why, *error;
    guint n_files;
  } rows[] = {
    { NULL, "/etc/kernel/cmdline is not there", NULL, 0 },
    { "!", NULL, "/etc/kernel/cmdline: it could not be read (denied)", 0 },
    { "?", NULL, "/etc/kernel/cmdline: it could not be read (unread)", 0 },
    { "\"", "/etc/kernel/cmdline is left as it is (the options have a quote that is not closed)", NULL, 0 },
    { "rw\n", NULL, NULL, 1 },
    { "rw " IOMMU "\n", NULL, NULL, 0 },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = pl_texts_new ();
    set_file (texts, "etc/kernel/cmdline", rows[i].text);
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    g_autofree char *why = NULL;
    pl_edits_init (&edits);
    bool is_done
        = pl_kernel_cmdline_set (texts, "etc/kernel/cmdline", parameters, true, &edits, &why, &error);
    g_assert_true (is_done == (rows[i].why == NULL && rows[i].error == NULL));
    g_assert_cmpstr (why, ==, rows[i].why);
    g_assert_cmpstr (error != NULL ? error->message : NULL, ==, rows[i].error);
    if (error != NULL)
      g_assert_error (error, PL_ERROR, PL_ERROR_UNDECIDED);
    g_assert_cmpuint (edits.files->len, ==, rows[i].n_files);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

#define CMDLINE "etc/kernel/cmdline"
#define LINUX_PRESET "etc/mkinitcpio.d/", "linux.preset"
#define PRESET(more)                                                                                        \
  "etc/mkinitcpio.d/linux.preset", "PRESETS=('default')\nALL_kver=\"/boot/vmlinuz-linux\"\ndefault_uki=\"/" \
                                   "efi/EFI/Linux/arch.efi\"\n" more
#define ADD " Add to /etc/kernel/cmdline: " IOMMU "\nand have the unified kernel image made anew: "
#define RUNNING "root=UUID=1 rw"

struct case_row {
  const char *stub, *line;
  struct file files[6];
  struct expected expected[2];
  bool is_in_image;
  const char *by_hand;
  const char *error;
};

static void
check_case (const struct case_row *row)
{
  struct pl_texts *texts = make_texts (row->files, G_N_ELEMENTS (row->files));
  const struct pl_boot_evidence evidence = { .texts = texts,
                                             .command_line_state = row->line != NULL ? PL_KNOWN : PL_DENIED,
                                             .command_line = row->line,
                                             .stub_info = variable_of (row->stub) };
  const char *parameters[] = { IOMMU, NULL };
  struct pl_edits edits;
  g_autoptr (GError) error = NULL;
  pl_edits_init (&edits);
  g_assert_cmpint (pl_boot_uki.claim (&evidence), !=, PL_CLAIM_NO);
  bool is_done = pl_boot_uki.set_parameters (&evidence, parameters, &edits, &error);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, row->error);
  g_assert_true (is_done == (error == NULL));
  g_assert_cmpstr (edits.by_hand, ==, row->by_hand);
  g_assert_true (edits.is_in_image == row->is_in_image);
  g_assert_cmpuint (edits.programs->len, ==, 0);
  check_edits (&edits, row->expected, G_N_ELEMENTS (row->expected));
  pl_edits_clear (&edits);
  pl_texts_free (texts);
}

static void
test_mkinitcpio (void)
{
  static const struct case_row rows[] = {
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "root=UUID=1 rw\n" } },
      { { CMDLINE, "root=UUID=1 rw " IOMMU "\n" } },
      true,
      NULL,
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "# it\nroot=UUID=1 rw " IOMMU "\n" } },
      { { NULL, NULL } },
      false,
      NULL,
      NULL },
    /* The drop-ins alone, and behind the file. */
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET },
        { PRESET ("") },
        { "etc/cmdline.d/", "a.conf b.conf" },
        { "etc/cmdline.d/a.conf", "root=UUID=1\n" },
        { "etc/cmdline.d/b.conf", "rw\n" } },
      { { "etc/cmdline.d/a.conf", "root=UUID=1 " IOMMU "\n" } },
      true,
      NULL,
      NULL },
    { "systemd-stub 257",
      RUNNING " intel_iommu=off",
      { { LINUX_PRESET },
        { PRESET ("") },
        { CMDLINE, "root=UUID=1\n" },
        { "etc/cmdline.d/", "b.conf" },
        { "etc/cmdline.d/b.conf", "rw intel_iommu=off\n" } },
      { { "etc/cmdline.d/b.conf", "rw " IOMMU "\n" } },
      true,
      NULL,
      NULL },
    /* Not what started the kernel. */
    { "systemd-stub 257",
      RUNNING " debug",
      { { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "root=UUID=1 rw\n" } },
      { { NULL, NULL } },
      false,
      "/etc/kernel/cmdline does not say what the kernel was started with, so it is left as it is." ADD
      "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") } },
      { { NULL, NULL } },
      false,
      "No file says the command line, so that of the running kernel is taken: write it into "
      "/etc/kernel/cmdline "
      "first, as one line (cat /proc/cmdline)." ADD "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") }, { "usr/lib/kernel/cmdline", "root=UUID=1 rw\n" } },
      { { NULL, NULL } },
      false,
      "/usr/lib/kernel/cmdline belongs to a package: copy it to /etc/kernel/cmdline, which is read in its "
      "place." ADD "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("default_options=\"--cmdline /x\"\n") } },
      { { NULL, NULL } },
      false,
      "/etc/mkinitcpio.d/linux.preset: default_options says where the command line comes from." ADD
      "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("default_cmdline=/x\n") } },
      { { NULL, NULL } },
      false,
      "/etc/mkinitcpio.d/linux.preset: default_cmdline says where the command line comes from." ADD
      "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("source /x\n") } },
      { { NULL, NULL } },
      false,
      "/etc/mkinitcpio.d/linux.preset: it does more than to assign." ADD "sudo mkinitcpio -P",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { "usr/bin/", "sbctl" }, { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "root=UUID=1 rw\n" } },
      { { NULL, NULL } },
      false,
      "The unified kernel image may have to be signed (sbctl is installed)." ADD
      "sudo mkinitcpio -P\nand sign it: sudo sbctl sign-all",
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { "usr/bin/", "sbsign" }, { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "root=UUID=1 rw\n" } },
      { { NULL, NULL } },
      false,
      "The unified kernel image may have to be signed (sbsign is installed)." ADD
      "sudo mkinitcpio -P\nand sign it with your key, by sbsign, where it was signed before",
      NULL },
    /* Nothing is left to say. */
    { "systemd-stub 257",
      RUNNING " " IOMMU,
      { { "usr/bin/", "sbctl" }, { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "x\n" } },
      { { NULL, NULL } },
      false,
      NULL,
      NULL },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, "!" } },
      { { NULL, NULL } },
      false,
      NULL,
      "/etc/kernel/cmdline: it could not be read (denied)" },
    { "systemd-stub 257",
      RUNNING,
      { { LINUX_PRESET }, { PRESET ("") }, { "etc/cmdline.d/", "!" } },
      { { NULL, NULL } },
      false,
      NULL,
      "/etc/cmdline.d: it could not be read (denied)" },
    { "systemd-stub 257",
      RUNNING,
      { { "etc/mkinitcpio.d/", "!" } },
      { { NULL, NULL } },
      false,
      NULL,
      "/etc/mkinitcpio.d: it could not be read (denied)" },
    { "systemd-stub 257",
      NULL,
      { { NULL, NULL } },
      { { NULL, NULL } },
      false,
      NULL,
      "/proc/cmdline: it could not be read (denied)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    check_case (&rows[i]);
  }
}

#define INSTALL "etc/kernel/install.conf"
#define KERNEL_INSTALL "sudo kernel-install add \"$(uname -r)\" \"/usr/lib/modules/$(uname -r)/vmlinuz\""
#define REBUILD                                                                                              \
  "The command line is a part of the unified kernel image. When the files are written, and again behind an " \
  "undo, have "                                                                                              \
  "it made anew: " KERNEL_INSTALL
#define UNKNOWN                                                                         \
  "The kernel came out of a unified kernel image, and what builds it is not known." ADD \
  "the way it was made before"
#define DRACUT                                                                                         \
  "The kernel came out of a unified kernel image that dracut builds, and what it writes is not known " \
  "beforehand"

static void
test_other_builders (void)
{
  static const struct case_row rows[] = {
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=uki\n" }, { CMDLINE, "root=UUID=1 rw\n" } },
      { { CMDLINE, "root=UUID=1 rw " IOMMU "\n" } },
      false,
      REBUILD,
      NULL },
    { "systemd-stub 256",
      RUNNING " systemd.machine_id=12",
      { { "usr/lib/kernel/install.conf", "layout=uki\nuki_generator=ukify\n" },
        { CMDLINE, "root=UUID=1\nrw" } },
      { { CMDLINE, "root=UUID=1\nrw " IOMMU } },
      false,
      REBUILD,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=uki\n" }, { CMDLINE, "root=UUID=1 rw " IOMMU "\n" } },
      { { NULL, NULL } },
      false,
      NULL,
      NULL },
    /* It knows no comments, and does not look at cmdline.d. */
    { "systemd-stub 256",
      "# x " RUNNING,
      { { INSTALL, "layout=uki\n" }, { CMDLINE, "# x\nroot=UUID=1 rw\n" } },
      { { NULL, NULL } },
      false,
      "/etc/kernel/cmdline is left as it is (line 1: it begins with \"#\", and what reads this file knows no "
      "comments)." ADD KERNEL_INSTALL,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=uki\n" },
        { CMDLINE, "root=UUID=1 rw\n" },
        { "etc/cmdline.d/", "a.conf" },
        { "etc/cmdline.d/a.conf", "debug\n" } },
      { { CMDLINE, "root=UUID=1 rw " IOMMU "\n" } },
      false,
      REBUILD,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=uki\nuki_generator=dracut\n" }, { CMDLINE, RUNNING } },
      { { NULL, NULL } },
      false,
      UNKNOWN,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=bls\n" }, { CMDLINE, RUNNING } },
      { { NULL, NULL } },
      false,
      UNKNOWN,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "layout=uki\n" }, { LINUX_PRESET }, { PRESET ("") }, { CMDLINE, RUNNING } },
      { { NULL, NULL } },
      false,
      UNKNOWN,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { LINUX_PRESET }, { "etc/mkinitcpio.d/linux.preset", "#default_uki=/x\ndefault_uki=\"\"\n" } },
      { { NULL, NULL } },
      false,
      UNKNOWN,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { "etc/dracut.conf.d/", "a.conf b.conf" },
        { "etc/dracut.conf.d/a.conf", "uefi=yes\n" },
        { "etc/dracut.conf.d/b.conf", "kernel_cmdline=\"root=UUID=1 rw\"\n" } },
      { { NULL, NULL } },
      false,
      DRACUT ". Add to kernel_cmdline in /etc/dracut.conf.d/b.conf: " IOMMU
             "\nand have the unified kernel image made anew: sudo dracut --force --regenerate-all",
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { "etc/dracut.conf", "uefi=\"yes\"\n" } },
      { { NULL, NULL } },
      false,
      DRACUT ". Add to kernel_cmdline in /etc/dracut.conf.d/cmdline.conf: " IOMMU
             "\nand have the unified kernel image made anew: sudo dracut --force --regenerate-all",
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { "etc/dracut.conf", "uefi=no\n" } },
      { { NULL, NULL } },
      false,
      UNKNOWN,
      NULL },
    { "lanzastub 0.4",
      RUNNING,
      { { INSTALL, "layout=uki\n" }, { CMDLINE, RUNNING } },
      { { NULL, NULL } },
      false,
      "The kernel came out of an image made for lanzastub 0.4, which pcilend does not know." ADD
          KERNEL_INSTALL,
      NULL },
    { "systemd-stub 256",
      RUNNING,
      { { INSTALL, "!" } },
      { { NULL, NULL } },
      false,
      NULL,
      "/etc/kernel/install.conf: it could not be read (denied)" },
    { "systemd-stub 256",
      RUNNING,
      { { "etc/dracut.conf", "?" } },
      { { NULL, NULL } },
      false,
      NULL,
      "/etc/dracut.conf: it could not be read (unread)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    check_case (&rows[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uki/texts", test_texts);
  g_test_add_func ("/uki/refused", test_refused);
  g_test_add_func ("/uki/states", test_states);
  g_test_add_func ("/uki/mkinitcpio", test_mkinitcpio);
  g_test_add_func ("/uki/other-builders", test_other_builders);
  return g_test_run ();
}
