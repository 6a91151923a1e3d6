/* test_configuration.c - how a system boots, as its files say: texts, boot loader, initramfs generator,
 * kernels. */
#include "recorded.h"

#define CMDLINE(line) "@/proc\ncmdline = " line "\n"
#define GRUB_FOLDERS "@/boot\ngrub/ |\n\tgrub.cfg\n\tgrubenv\ngrub2/ -\n"
#define LOADER_INFO "@/sys/firmware/efi/efivars\nLoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f "
#define PROGRAMS(sbin, bin) "@/usr\nsbin/ |\n" sbin "bin/ |\n" bin
#define NO_PROGRAMS PROGRAMS ("", "")
/* "GRUB 2.12" and "systemd-boot" in UTF-16 behind four bytes of attributes. */
#define INFO_GRUB "x\n\t06 00 00 00 47 00 52 00 55 00 42 00 20 00 32 00 00 00\n"
#define INFO_SYSTEMD "x\n\t06 00 00 00 73 00 79 00 73 00 74 00 65 00 6d 00 64 00 00 00\n"
#define INFO_NONSENSE "x\n\t06 00 00 00 ff ff 00 00\n"

/* What nobody asked for, or may be asked for, is no evidence for anybody. */
static void
test_grub_is_told_by_what_booted (void)
{
  static const struct {
    const char *body;
    enum pl_state state; /* unread, denied: cannot be told */
    const char *name;
  } rows[] = {
    { CMDLINE ("BOOT_IMAGE=/boot/vmlinuz-6.1 root=/dev/sda1") GRUB_FOLDERS NO_PROGRAMS LOADER_INFO "-\n",
      PL_KNOWN, "grub" },
    { CMDLINE ("BOOT_IMAGE=(hd0,gpt2)/vmlinuz-6.1 root=/dev/sda1") NO_PROGRAMS
      "@/boot\ngrub/ -\ngrub2/ |\n\tgrub.cfg\n",
      PL_KNOWN, "grub" },
    { CMDLINE ("BOOT_IMAGE=/boot/vmlinuz-6.1") GRUB_FOLDERS NO_PROGRAMS LOADER_INFO INFO_GRUB, PL_KNOWN,
      "grub" },
    { CMDLINE ("BOOT_IMAGE=/boot/vmlinuz-6.1") GRUB_FOLDERS NO_PROGRAMS LOADER_INFO INFO_NONSENSE, PL_KNOWN,
      "grub" },
    /* Whether proxmox-boot-tool stands above it, nobody can say. */
    { CMDLINE ("BOOT_IMAGE=/boot/vmlinuz-6.1") GRUB_FOLDERS LOADER_INFO "-\n", PL_UNREAD, NULL },
    /* syslinux adds the word as well, and has no grub.cfg. */
    { CMDLINE ("BOOT_IMAGE=/vmlinuz root=/dev/sda1") "@/boot\ngrub/ -\ngrub2/ -\n", PL_ABSENT, NULL },
    { CMDLINE ("BOOT_IMAGE=/vmlinuz root=/dev/sda1") "@/boot\ngrub/ |\n\tgrubenv\ngrub2/ -\n", PL_ABSENT,
      NULL },
    { CMDLINE ("BOOT_IMAGE=/vmlinuz root=/dev/sda1") "@/boot\ngrub/ -\ngrub2/ ! EACCES\n", PL_UNREAD, NULL },
    { CMDLINE ("BOOT_IMAGE=/vmlinuz root=/dev/sda1"), PL_UNREAD, NULL },
    /* GRUB is installed, and something else started this system. */
    { CMDLINE ("BOOT_IMAGE=/vmlinuz root=/dev/sda1") GRUB_FOLDERS LOADER_INFO INFO_SYSTEMD, PL_ABSENT, NULL },
    { "@/proc\ncmdline ! EACCES\n" GRUB_FOLDERS, PL_DENIED, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = read_recorded (rows[i].body);
    const char *name = NULL;
    enum pl_state state = pl_machine_get_boot_loader (machine, &name);
    bool is_grub = state == PL_KNOWN && strcmp (name, "grub") == 0;
    if (rows[i].state == PL_KNOWN)
      g_assert_true (is_grub);
    else
      g_assert_false (is_grub);
    if (rows[i].state == PL_UNREAD || rows[i].state == PL_DENIED)
      g_assert_cmpint (state, ==, rows[i].state);
    pl_machine_free (machine);
  }
}

static void
test_generators (void)
{
  static const struct {
    const char *body;
    enum pl_state state;
  } rows[] = {
    { PROGRAMS ("\tupdate-initramfs\n", ""), PL_KNOWN },
    { PROGRAMS ("", "\tupdate-initramfs\n"), PL_KNOWN },
    { PROGRAMS ("", ""), PL_ABSENT },
    { "@/usr\nsbin/ ! EACCES\nbin/ |\n", PL_DENIED },
    { "@/usr\nbin/ |\n", PL_UNREAD },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = read_recorded (rows[i].body);
    assert_state (machine, initramfs, rows[i].state);
    if (rows[i].state == PL_KNOWN)
      assert_text (machine, initramfs, "initramfs-tools");
    pl_machine_free (machine);
  }
}

/* Each text has a state of its own, and what a directory has is listed once for all that want something of
 * it. */
static void
test_texts (void)
{
  struct pl_machine *machine = read_recorded (
      "@/etc/default\ngrub = GRUB_DEFAULT=0\ngrub.d/ |\n\ta.cfg\n\tb.cfg\n\t.hidden.cfg\n\tREADME\n"
      "@/etc/default/grub.d\na.cfg = X=1\nb.cfg ! EACCES\n"
      "@/etc/modprobe.d\nvfio.conf = options vfio-pci ids=1002:731f\nother.conf -\n"
      "@/etc\nmodprobe.d/ |\n\tother.conf\n\tvfio.conf\n"
      "@/\nboot/ |\n\tinitrd.img-6.1\n\tvmlinuz-6.1\n\tnothing\n");
  const struct pl_texts *texts = NULL;
  const GPtrArray *names;
  GBytes *bytes;
  g_assert_cmpint (pl_machine_get_texts (machine, &texts), ==, PL_KNOWN);
  g_assert_cmpint (pl_texts_get (texts, "etc/default/grub", &bytes), ==, PL_KNOWN);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "GRUB_DEFAULT=0\n", 15);
  g_assert_cmpint (pl_texts_get (texts, "etc/default/grub.d/a.cfg", &bytes), ==, PL_KNOWN);
  g_assert_cmpint (pl_texts_get (texts, "etc/default/grub.d/b.cfg", &bytes), ==, PL_DENIED);
  g_assert_null (bytes);
  g_assert_cmpint (pl_texts_get (texts, "etc/modprobe.d/other.conf", &bytes), ==, PL_ABSENT);
  g_assert_cmpint (pl_texts_get (texts, "etc/initramfs-tools/modules", &bytes), ==, PL_UNREAD);
  g_assert_cmpint (pl_texts_get (texts, "never/asked", &bytes), ==, PL_UNREAD);
  enum pl_state state = pl_texts_names (texts, "etc/default/grub.d", &names);
  g_autofree char *drop_ins = join_names (state, names);
  g_assert_cmpstr (drop_ins, ==, "a.cfg b.cfg");
  state = pl_texts_names (texts, "boot", &names);
  g_autofree char *boot = join_names (state, names);
  g_assert_cmpstr (boot, ==, "initrd.img-6.1 vmlinuz-6.1");
  g_assert_cmpint (pl_texts_names (texts, "boot/grub", &names), ==, PL_UNREAD);
  g_assert_cmpuint (names->len, ==, 0);
  pl_machine_free (machine);
}

static void
test_a_text_that_is_too_long_is_invalid (void)
{
  g_autoptr (GString) body = g_string_new ("@/etc/default\ngrub |\n");
  for (guint i = 0; i < 20000; i++)
    g_string_append (body, "\tGRUB_CMDLINE_LINUX_DEFAULT=\"a line of sixty bytes or a bit more\"\n");
  struct pl_machine *machine = read_recorded (body->str);
  const struct pl_texts *texts = NULL;
  GBytes *bytes;
  g_assert_cmpint (pl_machine_get_texts (machine, &texts), ==, PL_KNOWN);
  g_assert_cmpint (pl_texts_get (texts, "etc/default/grub", &bytes), ==, PL_INVALID);
  g_assert_cmpuint (pl_machine_n_notes (machine), >, 0);
  pl_machine_free (machine);
}

/* One kernel has all, one has vfio-pci built in, one has no lists, one may not be read. */
static void
test_kernels (void)
{
  struct pl_machine *machine = read_recorded (
      "@/lib\nmodules/ |\n\t5.10\n\t6.1\n\t6.12\n\t6.2\n"
      "@/lib/modules/5.10\nmodules.dep |\n\tkernel/drivers/vfio/pci/vfio-pci.ko: "
      "kernel/drivers/vfio/vfio.ko\n\tkernel/drivers/vfio/vfio.ko:\n"
      "modules.builtin |\n\tkernel/fs/ext4/ext4.ko\n"
      "@/lib/modules/6.1\nmodules.dep |\nmodules.builtin = kernel/drivers/vfio/pci/vfio-pci.ko\n"
      "@/lib/modules/6.12\nmodules.dep -\nmodules.builtin -\n"
      "@/lib/modules/6.2\nmodules.dep ! EACCES\nmodules.builtin |\n"
      "@/run/booted-system/kernel-modules/lib/modules/6.12\nmodules.dep -\nmodules.builtin -\n");
  const GPtrArray *kernels = NULL;
  g_assert_cmpint (pl_machine_get_kernels (machine, &kernels), ==, PL_KNOWN);
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < kernels->len; i++) {
    const struct pl_kernel *kernel = g_ptr_array_index (kernels, i);
    g_autofree char *loadable = join_names (PL_KNOWN, kernel->loadable);
    g_autofree char *built_in = join_names (PL_KNOWN, kernel->built_in);
    g_string_append_printf (found, "%s %s: %s / %s\n", kernel->release, pl_state_name (kernel->state),
                            loadable, built_in);
  }
  g_assert_cmpstr (found->str, ==,
                   "5.10 known: vfio_pci vfio / \n"
                   "6.1 known:  / vfio_pci\n"
                   "6.12 absent:  / \n"
                   "6.2 denied:  / \n");
  pl_machine_free (machine);
}

/* The machine that is built in says of every loader and generator whether it is there. */
static void
test_the_guide_machine (void)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "machines", "guide.machine", NULL);
  char *text;
  gsize size;
  const char *loader = NULL, *generator = NULL;
  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, size);
  struct pl_root *root = pl_root_open_recording ("guide", bytes, NULL);
  struct pl_machine *machine = pl_machine_read (root, "guide", pl_names_new ());
  pl_machine_read_facts (machine, root, PL_WANT_MACHINE (boot_loader) | PL_WANT_MACHINE (initramfs));
  g_assert_cmpint (pl_machine_get_boot_loader (machine, &loader), ==, PL_KNOWN);
  g_assert_cmpstr (loader, ==, "refind");
  g_assert_cmpint (pl_machine_get_initramfs (machine, &generator), ==, PL_KNOWN);
  g_assert_cmpstr (generator, ==, "mkinitcpio");
  pl_machine_free (machine);
  pl_root_close (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/grub", test_grub_is_told_by_what_booted);
  g_test_add_func ("/configuration/generators", test_generators);
  g_test_add_func ("/configuration/texts", test_texts);
  g_test_add_func ("/configuration/too-long", test_a_text_that_is_too_long_is_invalid);
  g_test_add_func ("/configuration/kernels", test_kernels);
  g_test_add_func ("/configuration/guide", test_the_guide_machine);
  return g_test_run ();
}
