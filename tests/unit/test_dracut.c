/* test_dracut.c - what of a system is changed so that dracut's images load modules first. */
#include "base/error.h"
#include "initramfs/dracut.h"

#include "system_texts.h"

#define OWN "etc/dracut.conf.d/vfio.conf"
#define MODULE "usr/lib/dracut/modules.d/00pcilend/"
#define FORCE "force_drivers+=\" vfio_pci vfio \"\n"
#define ITEMS "install_items+=\" /etc/modprobe.d/*.conf \"\n"

/* Fedora's, and Debian's. */
#define FEDORA                                                                                     \
  "usr/bin/dracut", "usr/bin/cp", "lib/modules/6.9", "boot/vmlinuz-6.9", "boot/initramfs-6.9.img", \
      "boot/initramfs-0-rescue-1a2b.img", "usr/lib/dracut/dracut.conf.d/01-dist.conf=hostonly=\"yes\"\n"
#define DEBIAN "usr/bin/dracut", "usr/bin/cp", "lib/modules/6.1", "boot/vmlinuz-6.1", "boot/initrd.img-6.1"
#define RUN_FEDORA "/usr/bin/dracut --force /boot/initramfs-6.9.img 6.9: boot/initramfs-6.9.img"
#define RUN_DEBIAN RUN_ONE
#define RUN_ONE "/usr/bin/dracut --force /boot/initrd.img-6.1 6.1: boot/initrd.img-6.1"
#define HAS OWN "=" FORCE ITEMS

/* An entry of kernel-install. */
#define ENTRY(release, initrd)                                                                              \
  "boot/efi/loader/entries/id-" release ".conf=options a\nlinux /id/" release "/linux\ninitrd /id/" release \
  "/" initrd "\n"

static const struct {
  const char *lines[14];
  bool is_rebuilt;
  const char *told;    /* what is changed and run; else a part of @by_hand, or of @error */
  const char *content; /* of vfio.conf; NULL: not changed */
  const char *by_hand, *error;
} systems[] = {
  { { FEDORA }, false, OWN " -> " RUN_FEDORA, FORCE, NULL, NULL },
  { { DEBIAN }, false, OWN " -> " RUN_DEBIAN, FORCE ITEMS, NULL, NULL },
  { { DEBIAN, "etc/dracut.conf=" }, false, OWN " -> " RUN_DEBIAN, FORCE ITEMS, NULL, NULL },
  { { DEBIAN, "etc/dracut.conf=hostonly=yes\n" }, false, OWN " -> " RUN_DEBIAN, FORCE, NULL, NULL },
  { { DEBIAN, "etc/dracut.conf=hostonly=\"no\"\n" }, false, OWN " -> " RUN_DEBIAN, FORCE ITEMS, NULL, NULL },
  /* It may be no. */
  { { DEBIAN, "etc/dracut.conf=hostonly=yes\n", "etc/dracut.conf.d/a.conf=hostonly=no\n" },
    false,
    OWN " -> " RUN_DEBIAN,
    FORCE ITEMS,
    NULL,
    NULL },
  { { DEBIAN, "etc/dracut.conf=hostonly=$x\n" }, false, OWN " -> " RUN_DEBIAN, FORCE ITEMS, NULL, NULL },
  { { FEDORA, "etc/dracut.conf.d/01-dist.conf=hostonly=no\n" },
    false,
    OWN " -> " RUN_FEDORA,
    FORCE ITEMS,
    NULL,
    NULL },
  /* Already so. */
  { { DEBIAN, HAS }, false, "->", NULL, NULL, NULL },
  { { DEBIAN, HAS }, true, "-> " RUN_DEBIAN, NULL, NULL, NULL },
  { { FEDORA, OWN "=" FORCE }, false, "->", NULL, NULL, NULL },
  { { FEDORA, "etc/dracut.conf.d/x.conf=force_drivers+=\" amdgpu vfio_pci vfio_iommu_type1 vfio \"\n" },
    false,
    "->",
    NULL,
    NULL,
    NULL },
  { { FEDORA, "etc/dracut.conf.d/x.conf=force_drivers=\"vfio_pci vfio\"\n" }, false, "->", NULL, NULL, NULL },
  { { DEBIAN, OWN "=" FORCE "install_items+=\" /etc/modprobe.d/vfio.conf \"\n" },
    false,
    "->",
    NULL,
    NULL,
    NULL },
  /* The wrong order, or not surely. */
  { { FEDORA, OWN "=force_drivers+=\" vfio vfio_pci \"" },
    false,
    OWN " -> " RUN_FEDORA,
    "force_drivers+=\" vfio vfio_pci \"\n" FORCE,
    NULL,
    NULL },
  { { FEDORA, OWN "=if true; then force_drivers+=\" vfio_pci vfio \"; fi\n" },
    false,
    OWN " -> " RUN_FEDORA,
    "if true; then force_drivers+=\" vfio_pci vfio \"; fi\n" FORCE,
    NULL,
    NULL },
  { { FEDORA, "etc/dracut.conf.d/x.conf=add_drivers+=\" vfio_pci vfio \"\n" },
    false,
    OWN " -> " RUN_FEDORA,
    FORCE,
    NULL,
    NULL },
  /* Something sets it anew, perhaps behind ours. */
  { { FEDORA, "etc/dracut.conf.d/x.conf=force_drivers=\" amdgpu \"\n" },
    false,
    NULL,
    NULL,
    "(/etc/dracut.conf.d/x.conf sets force_drivers anew)",
    NULL },
  { { DEBIAN, "etc/dracut.conf=install_items=\" /etc/a \"\n" },
    false,
    NULL,
    NULL,
    "(/etc/dracut.conf sets install_items anew)",
    NULL },
  { { FEDORA, OWN "=force_drivers=\" amdgpu \"\n" },
    false,
    OWN " -> " RUN_FEDORA,
    "force_drivers=\" amdgpu \"\n" FORCE,
    NULL,
    NULL },
  { { FEDORA, OWN "=force_drivers=\" amdgpu \"\n" FORCE }, false, "->", NULL, NULL, NULL },
  { { FEDORA, OWN "=" FORCE "force_drivers=\" amdgpu \"\n" },
    false,
    OWN " -> " RUN_FEDORA,
    FORCE "force_drivers=\" amdgpu \"\n" FORCE,
    NULL,
    NULL },
  { { FEDORA, OWN "=force_drivers=\" amdgpu \"\n", "etc/dracut.conf.d/x.conf=force_drivers=\"a\"\n" },
    false,
    NULL,
    NULL,
    "sets force_drivers anew)",
    NULL },
  { { FEDORA, OWN "=force_drivers=\"a\"\n", "etc/dracut.conf.d/x.conf=" FORCE },
    false,
    OWN " -> " RUN_FEDORA,
    "force_drivers=\"a\"\n" FORCE,
    NULL,
    NULL },
  { { FEDORA, "etc/dracut.conf.d/x.conf=a=\"b\n" },
    false,
    NULL,
    NULL,
    "(/etc/dracut.conf.d/x.conf: line 1: ",
    NULL },
  /* Two kernels; one that was removed; SUSE's name. */
  { { DEBIAN, "lib/modules/6.2", "boot/initrd.img-6.2", "boot/initrd.img-5.10" },
    false,
    OWN " -> " RUN_DEBIAN "; /usr/bin/dracut --force /boot/initrd.img-6.2 6.2: boot/initrd.img-6.2",
    FORCE ITEMS,
    NULL,
    NULL },
  { { "usr/sbin/dracut", "lib/modules/6.4-default", "boot/initrd-6.4-default", "boot/initrd" },
    false,
    OWN " -> /usr/sbin/dracut --force /boot/initrd-6.4-default 6.4-default: boot/initrd-6.4-default",
    FORCE ITEMS,
    NULL,
    NULL },
  /* Modules of a kernel that is gone: it gets no image. */
  { { DEBIAN, "lib/modules/5.10" }, false, OWN " -> " RUN_ONE, FORCE ITEMS, NULL, NULL },
  /* kernel-install: a copy, or dracut's own. */
  { { DEBIAN, ENTRY ("6.1", "initrd.img-6.1") },
    false,
    OWN " -> " RUN_ONE "; /usr/bin/cp /boot/initrd.img-6.1 /boot/efi/id/6.1/initrd.img-6.1: "
        "boot/efi/id/6.1/initrd.img-6.1",
    FORCE ITEMS,
    NULL,
    NULL },
  { { "usr/bin/dracut", "lib/modules/6.9", ENTRY ("6.9", "initrd") },
    false,
    OWN " -> /usr/bin/dracut --force /boot/efi/id/6.9/initrd 6.9: boot/efi/id/6.9/initrd",
    FORCE ITEMS,
    NULL,
    NULL },
  { { DEBIAN, ENTRY ("5.10", "initrd.img-5.10") }, false, OWN " -> " RUN_DEBIAN, FORCE ITEMS, NULL, NULL },
  /* Entries of Fedora's GRUB. */
  { { FEDORA,
      "boot/loader/entries/1a2b-6.9.conf=options a\nlinux /vmlinuz-6.9\n"
      "initrd /initramfs-6.9.img $tuned_initrd\n",
      "boot/loader/entries/1a2b-0-rescue.conf=options a\ninitrd /initramfs-0-rescue-1a2b.img\n" },
    false,
    OWN " -> " RUN_FEDORA,
    FORCE,
    NULL,
    NULL },
  /* What made the image is not known. */
  { { DEBIAN, ENTRY ("6.1", "initrd.img") },
    false,
    NULL,
    NULL,
    "(what made /boot/efi/id/6.1/initrd.img cannot",
    NULL },
  { { DEBIAN, "boot/loader/entries/arch.conf=options a\nlinux /vmlinuz-linux\ninitrd /own.img\n" },
    false,
    NULL,
    NULL,
    "(what made /boot/own.img cannot be told)",
    NULL },
  { { DEBIAN, "boot/initramfs-linux.img" },
    false,
    NULL,
    NULL,
    "(whose image /boot/initramfs-linux.img is",
    NULL },
  { { DEBIAN, "boot/initramfs-6.1.img" }, false, NULL, NULL, "(6.1 has more than one image in /boot)", NULL },
  { { DEBIAN, "boot/efi/EFI/Linux/a.efi" },
    false,
    NULL,
    NULL,
    "(/boot/efi/EFI/Linux/a.efi holds its image",
    NULL },
  { { "usr/bin/dracut", "boot/vmlinuz-6.1", "lib/modules/6.1" },
    false,
    NULL,
    NULL,
    "(no image of an installed",
    NULL },
  { { "boot/initrd.img-6.1", "lib/modules/6.1" }, false, NULL, NULL, "(dracut was not found)", NULL },
  { { DEBIAN, "boot/efi/EFI/Linux!" },
    false,
    NULL,
    NULL,
    "(/boot/efi/EFI/Linux could not be read (denied))",
    NULL },
  /* Not known. */
  { { DEBIAN, "etc/dracut.conf!" },
    false,
    NULL,
    NULL,
    NULL,
    "/etc/dracut.conf: it could not be read (denied)" },
  { { DEBIAN, "etc/dracut.conf.d!" },
    false,
    NULL,
    NULL,
    NULL,
    "/etc/dracut.conf.d: it could not be read (denied)" },
  { { DEBIAN, "etc/dracut.conf.d/a.conf!" },
    false,
    NULL,
    NULL,
    NULL,
    "/etc/dracut.conf.d/a.conf: it could not be" },
  { { "usr/bin/dracut", "lib/modules!" },
    false,
    NULL,
    NULL,
    NULL,
    "/lib/modules: it could not be read (denied)" },
};

static void
test_systems (void)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (systems); i++) {
    struct pl_texts *texts
        = make_texts (systems[i].lines, pl_generator_dracut.wants, pl_generator_dracut.n_wants);
    struct pl_image_wishes wishes = { .modules = modules, .is_rebuilt = systems[i].is_rebuilt };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    pl_edits_init (&edits);
    g_test_message ("system %u", i);
    bool is_good = pl_generator_dracut.add_modules (texts, &wishes, &edits, &error);
    g_assert_true (is_good == (error == NULL) && is_good == (systems[i].error == NULL));
    if (error != NULL && strstr (error->message, systems[i].error) == NULL)
      g_assert_cmpstr (error->message, ==, systems[i].error);
    g_autofree char *told = tell_edits (&edits), *content = tell_content (&edits, OWN);
    g_assert_true ((edits.by_hand != NULL) == (systems[i].by_hand != NULL));
    if (edits.by_hand != NULL && strstr (edits.by_hand, systems[i].by_hand) == NULL)
      g_assert_cmpstr (edits.by_hand, ==, systems[i].by_hand);
    g_assert_cmpstr (told, ==, systems[i].told != NULL ? systems[i].told : "->");
    g_assert_cmpstr (content, ==, systems[i].content);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

/* What runs early is a module of dracut's: two files. */
static void
test_early (void)
{
  static const struct {
    const char *lines[14];
    const char *told, *by_hand;
  } rows[] = {
    { { DEBIAN, HAS }, MODULE "module-setup.sh " MODULE "pcilend.sh -> " RUN_DEBIAN, NULL },
    { { FEDORA }, MODULE "module-setup.sh " MODULE "pcilend.sh " OWN " -> " RUN_FEDORA, NULL },
    { { DEBIAN, HAS, MODULE "pcilend.sh=early" }, MODULE "module-setup.sh -> " RUN_DEBIAN, NULL },
    { { DEBIAN, HAS, MODULE "module-setup.sh=x" }, NULL, "/" MODULE "module-setup.sh is there, and not as" },
    { { DEBIAN, HAS, MODULE "module-setup.sh!" },
      NULL,
      "/" MODULE "module-setup.sh could not be read (denied)" },
    { { DEBIAN, HAS, "etc/dracut.conf=dracutmodules+=\" base \"\n" },
      NULL,
      "dracutmodules says which modules" },
    { { DEBIAN, HAS, "etc/dracut.conf=omit_dracutmodules+=\" a pcilend \"\n" },
      NULL,
      "omit_dracutmodules says" },
    { { DEBIAN, HAS, "etc/dracut.conf=omit_dracutmodules+=\" a \"\n" },
      MODULE "module-setup.sh " MODULE "pcilend.sh -> " RUN_DEBIAN,
      NULL },
  };
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  g_autoptr (GBytes) early = g_bytes_new_static ("early", 5);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts
        = make_texts (rows[i].lines, pl_generator_dracut.wants, pl_generator_dracut.n_wants);
    struct pl_image_wishes wishes = { .modules = modules, .early = early };
    struct pl_edits edits;
    pl_edits_init (&edits);
    g_test_message ("row %u", i);
    g_assert_true (pl_generator_dracut.add_modules (texts, &wishes, &edits, NULL));
    g_autofree char *told = tell_edits (&edits);
    g_assert_cmpstr (told, ==, rows[i].told != NULL ? rows[i].told : "->");
    g_assert_true ((edits.by_hand != NULL) == (rows[i].by_hand != NULL));
    if (edits.by_hand != NULL && strstr (edits.by_hand, rows[i].by_hand) == NULL)
      g_assert_cmpstr (edits.by_hand, ==, rows[i].by_hand);
    g_assert_true (edits.by_hand == NULL || strstr (edits.by_hand, MODULE "pcilend.sh:\nearly\n") != NULL);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
test_releases (void)
{
  static const struct {
    const char *lines[8];
    const char *wanted;
  } rows[] = {
    { { "lib/modules/6.1", "lib/modules/6.2", "boot/initrd.img-6.1", "boot/initramfs-6.2.img" }, "6.1 6.2" },
    { { "lib/modules/6.1", "boot/initrd.img-6.1.bak", "boot/initrd.img-5.10" }, "" },
    { { "lib/modules/6.1", ENTRY ("6.1", "initrd") }, "6.1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts
        = make_texts (rows[i].lines, pl_generator_dracut.wants, pl_generator_dracut.n_wants);
    g_autoptr (GPtrArray) releases = pl_generator_dracut.releases (texts);
    g_ptr_array_add (releases, NULL);
    g_autofree char *words = g_strjoinv (" ", (char **) releases->pdata);
    g_assert_cmpstr (words, ==, rows[i].wanted);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dracut/systems", test_systems);
  g_test_add_func ("/dracut/early", test_early);
  g_test_add_func ("/dracut/releases", test_releases);
  return g_test_run ();
}
