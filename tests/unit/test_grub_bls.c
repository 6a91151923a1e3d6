/* test_grub_bls.c - GRUB whose entries are files of their own: which of them are changed, and what is left to
 * grubby. */
#include "base/error.h"
#include "boot/grub.h"

#include "system_texts.h"

#define IOMMU "intel_iommu=on"
#define INSTALLED "lib/modules/6.9", "lib/modules/6.8"
#define DEFAULTS INSTALLED, "etc/default/grub=GRUB_CMDLINE_LINUX=\"rhgb quiet\"\nGRUB_ENABLE_BLSCFG=true\n"
#define ENTRY(release, options)                                                                          \
  "boot/loader/entries/1a2b-" release ".conf=title Fedora\nversion " release "\nlinux /vmlinuz-" release \
  "\ninitrd /initramfs-" release ".img $tuned_initrd\noptions " options "\ngrub_users $grub_users\n"
#define RESCUE ENTRY ("0-rescue-1a2b", "root=UUID=1 ro rhgb quiet")
#define PATH(release) "boot/loader/entries/1a2b-" release ".conf"

static void
test_systems (void)
{
  static const struct {
    const char *lines[9];
    const char *told; /* else a part of @by_hand */
    const char *by_hand;
  } rows[] = {
    { { DEFAULTS, ENTRY ("6.9", "root=UUID=1 ro rhgb quiet"), RESCUE, "etc/kernel/cmdline=root=UUID=1 ro\n" },
      PATH ("6.9") " etc/kernel/cmdline etc/default/grub ->",
      NULL },
    { { DEFAULTS, ENTRY ("6.9", "a"), ENTRY ("6.8", "a"), RESCUE },
      PATH ("6.9") " " PATH ("6.8") " etc/default/grub ->",
      NULL },
    { { DEFAULTS, ENTRY ("6.9", "a " IOMMU), RESCUE, "etc/kernel/cmdline=" IOMMU },
      "etc/default/grub ->",
      NULL },
    { { INSTALLED, "etc/default/grub=GRUB_CMDLINE_LINUX=" IOMMU "\nGRUB_ENABLE_BLSCFG=true\n",
        ENTRY ("6.9", IOMMU) },
      "->",
      NULL },
    /* In a partition of its own the kernel is at its top, else in /boot. */
    { { DEFAULTS, "boot/loader/entries/a.conf=linux /boot/vmlinuz-6.9\noptions a\n" },
      "boot/loader/entries/a.conf etc/default/grub ->",
      NULL },
    /* Of another system; and what tuned adds. */
    { { DEFAULTS, ENTRY ("6.9", "root=1"), ENTRY ("5.14", "root=2") },
      PATH ("6.9") " etc/default/grub ->",
      NULL },
    { { DEFAULTS, ENTRY ("6.9", "root=1 ro $tuned_params") }, PATH ("6.9") " etc/default/grub ->", NULL },
    /* Left to grubby. */
    { { DEFAULTS, ENTRY ("6.9", "$kernelopts") },
      NULL,
      "/" PATH ("6.9") " takes its options from a variable" },
    { { DEFAULTS, ENTRY ("6.8", "a") },
      NULL,
      "no entry in /boot/loader/entries/ is that of the running kernel" },
    { { DEFAULTS, "efi/loader/entries/a.conf=linux /vmlinuz-6.9\noptions a\n" }, NULL, "no entry in /boot" },
    { { DEFAULTS, RESCUE }, NULL, "no entry in /boot/loader/entries/ is" },
    { { DEFAULTS, ENTRY ("6.9", "a=\"b") }, NULL, "/" PATH ("6.9") ": line 5: the options have a quote" },
    { { DEFAULTS, ENTRY ("6.9", "a"), "etc/kernel/cmdline=a=\"b" }, NULL, "/etc/kernel/cmdline" },
    { { INSTALLED, "etc/default/grub=GRUB_CMDLINE_LINUX=(a)\nGRUB_ENABLE_BLSCFG=true\n", ENTRY ("6.9", "a") },
      NULL,
      "GRUB_CMDLINE_LINUX" },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = make_texts (rows[i].lines, pl_boot_grub.wants, pl_boot_grub.n_wants);
    struct pl_boot_evidence evidence = { .texts = texts, .boot_image = "(hd0,gpt2)/vmlinuz-6.9" };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    pl_edits_init (&edits);
    g_test_message ("row %u", i);
    g_assert_true (pl_boot_grub.set_parameters (&evidence, parameters, &edits, &error));
    g_assert_no_error (error);
    g_autofree char *told = tell_edits (&edits);
    g_assert_cmpstr (told, ==, rows[i].told != NULL ? rows[i].told : "->");
    g_assert_true ((edits.by_hand != NULL) == (rows[i].by_hand != NULL));
    if (edits.by_hand != NULL && strstr (edits.by_hand, rows[i].by_hand) == NULL)
      g_assert_cmpstr (edits.by_hand, ==, rows[i].by_hand);
    g_assert_true (edits.by_hand == NULL
                   || strstr (edits.by_hand, "sudo grubby --update-kernel=ALL") != NULL);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
test_not_known (void)
{
  static const char *const rows[][6] = {
    { DEFAULTS, "boot/loader/entries!" },
    { DEFAULTS, PATH ("6.9") "!" },
    { DEFAULTS, ENTRY ("6.9", "a"), "etc/kernel/cmdline!" },
    { "etc/default/grub!" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_not_known (&pl_boot_grub, rows[i], (struct pl_boot_evidence){ .boot_image = "/vmlinuz-6.9" });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grub-bls/systems", test_systems);
  g_test_add_func ("/grub-bls/not-known", test_not_known);
  return g_test_run ();
}
