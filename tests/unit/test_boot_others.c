/* test_boot_others.c - which way of booting claims a system, all of them asked; what is planned or left to a
 * person with proxmox-boot-tool, sdbootutil, ostree and the firmware's own entries. */
#include "boot_texts.h"

#include "boot/efi_stub.h"
#include "boot/ostree.h"
#include "boot/proxmox.h"
#include "boot/sdbootutil.h"

/* The value of the last such word; NULL: none. Free with g_free(). */
static char *
value_of (const char *line, const char *name)
{
  char *value = NULL;
  g_auto (GStrv) words = g_strsplit (line != NULL ? line : "", " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_has_prefix (words[i], name)) {
      g_free (value);
      value = g_strdup (words[i] + strlen (name));
    }
  return value;
}

#define SYSTEMD "systemd-boot 257"
#define GRUB "GRUB 2.12"
#define STUB "systemd-stub 257"
#define EFI_STUB "Linux EFI stub 7.0.1"
#define BY_GRUB "BOOT_IMAGE=/boot/vmlinuz-6.1 root=UUID=1 ro"
#define BY_STUB "root=UUID=1 rw initrd=\\initramfs-linux.img"
#define GRUB_CFG "boot/grub/", "grub.cfg"
#define UUIDS "etc/kernel/proxmox-boot-uuids", "1234-ABCD\n"
#define PROXMOX_TOOL "usr/sbin/", "proxmox-boot-tool"
#define SUSE_TOOL "usr/bin/", "sdbootutil"
#define INITRD "boot/", "initramfs-linux.img"
#define REFIND "boot/refind_linux.conf", "\"a\" \"root=UUID=1 rw\"\n"

static void
check_claims (const struct pl_boot_evidence *evidence, const char *winner, bool has_unknown)
{
  guint n_unknown = 0;
  const char *found = NULL;
  for (guint i = 0; pl_boot_loaders[i] != NULL; i++) {
    enum pl_claim claim = pl_boot_loaders[i]->claim (evidence);
    n_unknown += claim == PL_CLAIM_UNKNOWN;
    if (claim != PL_CLAIM_YES)
      continue;
    g_assert_cmpstr (found, ==, NULL);
    found = pl_boot_loaders[i]->name;
  }
  g_assert_cmpstr (found, ==, winner);
  g_assert_true ((n_unknown > 0) == has_unknown);
}

static void
test_claims (void)
{
  static const struct {
    const char *line, *info, *stub;
    struct file files[6];
    const char *winner; /* NULL: none of them */
    bool has_unknown;
  } rows[] = {
    /* GRUB, and what is installed beside it. */
    { BY_GRUB, NULL, NULL, { { GRUB_CFG } }, "grub", false },
    { BY_GRUB, GRUB, NULL, { { GRUB_CFG } }, "grub", false },
    { BY_GRUB, GRUB, NULL, { { GRUB_CFG }, { SUSE_TOOL }, { "boot/grub2/", "grub.cfg" } }, "grub", false },
    { BY_GRUB, GRUB, NULL, { { GRUB_CFG }, { PROXMOX_TOOL } }, "grub", false },
    { BY_GRUB, GRUB, NULL, { { GRUB_CFG }, { UUIDS } }, "grub", false },
    { BY_GRUB, "?", "?", { { GRUB_CFG } }, "grub", false },
    { BY_GRUB, GRUB, NULL, { { REFIND }, { GRUB_CFG }, { INITRD } }, "grub", false },
    /* A unified kernel image, whatever started it. */
    { "root=UUID=1 rw", NULL, STUB, { { NULL, NULL } }, "uki", false },
    { "root=UUID=1 rw", SYSTEMD, STUB, { { NULL, NULL } }, "uki", false },
    { "root=UUID=1 rw", "rEFInd 0.15", STUB, { { REFIND } }, "uki", false },
    { "root=UUID=1 rw", GRUB, STUB, { { GRUB_CFG } }, "uki", false },
    { BY_GRUB, NULL, STUB, { { GRUB_CFG } }, "uki", false },
    { "root=UUID=1 rw",
      "Limine 9",
      STUB,
      { { "boot/limine.conf", "/A\n cmdline: root=UUID=1 rw\n" } },
      "uki",
      false },
    { BY_STUB, SYSTEMD, STUB, { { "etc/kernelstub/configuration", "{}" } }, "uki", false },
    { BY_STUB, SYSTEMD, NULL, { { "etc/kernelstub/configuration", "{}" } }, "kernelstub", false },
    { "root=UUID=1 rw",
      "Limine 9",
      NULL,
      { { "boot/limine.conf", "/A\n cmdline: root=UUID=1 rw\n" } },
      "limine",
      false },
    { BY_STUB, NULL, STUB, { { INITRD } }, "uki", false },
    { "root=UUID=1 rw", "systemd-stub 255", NULL, { { NULL, NULL } }, "uki", false },
    { "root=UUID=1 rw", SYSTEMD, STUB, { { UUIDS }, { PROXMOX_TOOL } }, "uki", false },
    { "root=UUID=1 rw", SYSTEMD, STUB, { { SUSE_TOOL } }, "uki", false },
    { "root=UUID=1 rw", NULL, "lanzastub 0.4", { { NULL, NULL } }, "uki", false },
    { "root=UUID=1 rw", NULL, "?", { { NULL, NULL } }, NULL, true },
    { "root=UUID=1 rw", NULL, "!", { { NULL, NULL } }, NULL, true },
    { "root=UUID=1 rw", NULL, NULL, { { "etc/kernel/cmdline", "root=UUID=1 rw\n" } }, NULL, false },
    /* The firmware. */
    { BY_STUB, NULL, NULL, { { INITRD } }, "efi-stub", false },
    { BY_STUB, EFI_STUB, NULL, { { INITRD } }, "efi-stub", false },
    { BY_STUB, EFI_STUB, "?", { { INITRD } }, "efi-stub", false },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/EFI/", "Linux systemd" } }, "efi-stub", false },
    { BY_STUB, NULL, NULL, { { "boot/efi/", "initramfs-linux.img" } }, "efi-stub", false },
    /* Not decided: another loader lies on the same partition, or nothing shows that it is there. */
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/EFI/", "refind" } }, NULL, false },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/EFI/", "Limine" } }, NULL, false },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/EFI/", "BOOT" } }, NULL, false },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/limine.conf", "x" } }, NULL, false },
    { BY_STUB, NULL, NULL, { { NULL, NULL } }, NULL, false },
    { "root=UUID=1 initrd=\\EFI\\arch\\initramfs-linux.img", NULL, NULL, { { INITRD } }, NULL, false },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/EFI/", "!" } }, NULL, true },
    { BY_STUB, NULL, NULL, { { INITRD }, { "boot/limine.conf", "!" } }, NULL, true },
    { BY_STUB, "?", NULL, { { INITRD } }, NULL, true },
    { BY_STUB, SYSTEMD, NULL, { { INITRD } }, "systemd-boot", false },
    { BY_STUB, "rEFInd 0.15", NULL, { { INITRD } }, "refind", false },
    { BY_STUB, NULL, NULL, { { INITRD }, { REFIND } }, "refind", false },
    { BY_STUB " debug", NULL, NULL, { { INITRD }, { REFIND } }, NULL, false },
    /* proxmox-boot-tool. */
    { BY_STUB, SYSTEMD, NULL, { { UUIDS }, { PROXMOX_TOOL } }, "proxmox-boot-tool", false },
    { BY_GRUB, GRUB, NULL, { { UUIDS }, { PROXMOX_TOOL }, { GRUB_CFG } }, "proxmox-boot-tool", false },
    { BY_GRUB, NULL, NULL, { { UUIDS }, { PROXMOX_TOOL }, { GRUB_CFG } }, "proxmox-boot-tool", false },
    { BY_STUB, SYSTEMD, NULL, { { PROXMOX_TOOL } }, "systemd-boot", false },
    { BY_STUB, SYSTEMD, NULL, { { UUIDS } }, "systemd-boot", false },
    { BY_STUB, SYSTEMD, NULL, { { UUIDS }, { PROXMOX_TOOL }, { SUSE_TOOL } }, "proxmox-boot-tool", false },
    { BY_STUB, NULL, NULL, { { UUIDS }, { PROXMOX_TOOL }, { INITRD } }, "efi-stub", false },
    { BY_STUB,
      SYSTEMD,
      NULL,
      { { "etc/kernel/proxmox-boot-uuids", "!" }, { PROXMOX_TOOL } },
      "systemd-boot",
      true },
    { BY_GRUB,
      GRUB,
      NULL,
      { { "etc/kernel/proxmox-boot-uuids", "?" }, { "usr/sbin/", "?" }, { GRUB_CFG } },
      "grub",
      true },
    /* sdbootutil. */
    { BY_STUB, SYSTEMD, NULL, { { SUSE_TOOL } }, "sdbootutil", false },
    { BY_GRUB, GRUB, NULL, { { SUSE_TOOL } }, "sdbootutil", false },
    { BY_GRUB,
      GRUB,
      NULL,
      { { SUSE_TOOL }, { "etc/sysconfig/bootloader", "LOADER_TYPE=\"grub2-bls\"\n" } },
      "sdbootutil",
      false },
    { BY_GRUB,
      GRUB,
      NULL,
      { { SUSE_TOOL },
        { "etc/sysconfig/bootloader", "LOADER_TYPE=\"grub2-efi\"\n" },
        { "boot/grub2/", "grub.cfg" } },
      "grub",
      false },
    { BY_GRUB, GRUB, NULL, { { SUSE_TOOL }, { "etc/sysconfig/bootloader", "!" } }, NULL, true },
    { BY_STUB, SYSTEMD, NULL, { { "usr/bin/", "?" } }, "systemd-boot", true },
    { BY_STUB, EFI_STUB, NULL, { { SUSE_TOOL }, { INITRD } }, "efi-stub", false },
    /* ostree, whatever starts it. */
    { "BOOT_IMAGE=(hd0,gpt2)/ostree/fedora-1/vmlinuz ostree=/ostree/boot.1/fedora/1/0",
      GRUB,
      NULL,
      { { "boot/grub2/", "grub.cfg" } },
      "ostree",
      false },
    { "BOOT_IMAGE=/v ostree=/ostree/boot.1",
      NULL,
      NULL,
      { { UUIDS }, { PROXMOX_TOOL }, { GRUB_CFG } },
      "ostree",
      false },
    { "root=UUID=1 initrd=\\x ostree=/ostree/boot.1", SYSTEMD, NULL, { { SUSE_TOOL } }, "ostree", false },
    { "ostree=/ostree/boot.1 root=UUID=1 rw", NULL, STUB, { { NULL, NULL } }, "ostree", false },
    { "composefs=12 rw", SYSTEMD, STUB, { { NULL, NULL } }, "ostree", false },
    { "xostree=/o ostree root=UUID=1 rw", NULL, STUB, { { NULL, NULL } }, "uki", false },
    { "ostree=/o root=UUID=1 rw", "rEFInd 0.15", NULL, { { REFIND } }, "ostree", false },
    /* Nothing can be said without the command line. */
    { NULL, NULL, NULL, { { GRUB_CFG } }, NULL, true },
    { NULL, NULL, STUB, { { GRUB_CFG } }, "uki", true },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = make_texts (rows[i].files, G_N_ELEMENTS (rows[i].files));
    g_autofree char *image = value_of (rows[i].line, "BOOT_IMAGE="),
                    *initrd = value_of (rows[i].line, "initrd=");
    const struct pl_boot_evidence evidence
        = { .texts = texts,
            .command_line_state = rows[i].line != NULL ? PL_KNOWN : PL_DENIED,
            .command_line = rows[i].line,
            .boot_image = image,
            .initrd = initrd,
            .loader_info = variable_of (rows[i].info),
            .entry = variable_of (NULL),
            .stub_info = variable_of (rows[i].stub) };
    g_test_message ("row %u", i);
    check_claims (&evidence, rows[i].winner, rows[i].has_unknown);
    pl_texts_free (texts);
  }
}

struct case_row {
  const char *line, *info;
  struct file files[5];
  const char *parameters; /* parted by blanks */
  struct expected expected[2];
  const char *by_hand;
  const char *error;
};

static void
check_case (const struct pl_boot_loader *loader, const struct case_row *row)
{
  struct pl_texts *texts = make_texts (row->files, G_N_ELEMENTS (row->files));
  g_autofree char *image = value_of (row->line, "BOOT_IMAGE=");
  g_auto (GStrv) parameters = g_strsplit (row->parameters, " ", -1);
  const struct pl_boot_evidence evidence = { .texts = texts,
                                             .command_line_state = PL_KNOWN,
                                             .command_line = row->line,
                                             .boot_image = image,
                                             .loader_info = variable_of (row->info),
                                             .stub_info = { PL_ABSENT, NULL } };
  struct pl_edits edits;
  g_autoptr (GError) error = NULL;
  pl_edits_init (&edits);
  bool is_done = loader->set_parameters (&evidence, (const char *const *) parameters, &edits, &error);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, row->error);
  g_assert_true (is_done == (error == NULL));
  g_assert_cmpstr (edits.by_hand, ==, row->by_hand);
  g_assert_false (edits.is_in_image);
  g_assert_cmpuint (edits.programs->len, ==, 0);
  check_edits (&edits, row->expected, G_N_ELEMENTS (row->expected));
  pl_edits_clear (&edits);
  pl_texts_free (texts);
}

#define KERNEL_CMDLINE "etc/kernel/cmdline"
#define DEFAULT_GRUB "etc/default/grub"
#define ESP_BY_HAND                                                                                      \
  "The boot entries are on partitions that are not mounted, and proxmox-boot-tool makes them. When the " \
  "files are "                                                                                           \
  "written, and again behind an undo, type: sudo proxmox-boot-tool refresh"
#define GRUB_BY_HAND                                                                                        \
  "GRUB starts from partitions that are not mounted, and proxmox-boot-tool makes grub.cfg there. When the " \
  "files are "                                                                                              \
  "written, and again behind an undo, type: sudo proxmox-boot-tool refresh"
#define FIRST_LINE                                                                                           \
  "/etc/kernel/cmdline is left as it is (proxmox-boot-tool reads its first line alone, and the words stand " \
  "in others, "                                                                                              \
  "too). Add to the first line of /etc/kernel/cmdline: " IOMMU "\nand type: sudo proxmox-boot-tool refresh"

static void
test_proxmox (void)
{
  static const struct case_row rows[] = {
    { "root=ZFS=rpool",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "root=ZFS=rpool/ROOT/pve-1 boot=zfs " IOMMU "\n" } },
      ESP_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=1" } },
      IOMMU " iommu=pt",
      { { KERNEL_CMDLINE, "root=1 " IOMMU " iommu=pt" } },
      ESP_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=1 intel_iommu=off\n\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "root=1 " IOMMU "\n\n" } },
      ESP_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=1 " IOMMU "\n" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=1\nquiet\n" } },
      IOMMU,
      { { NULL, NULL } },
      FIRST_LINE,
      NULL },
    { "root=1", SYSTEMD, { { KERNEL_CMDLINE, "\nroot=1\n" } }, IOMMU, { { NULL, NULL } }, FIRST_LINE, NULL },
    { "root=1", SYSTEMD, { { KERNEL_CMDLINE, "" } }, IOMMU, { { NULL, NULL } }, FIRST_LINE, NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "#root=1\n" } },
      IOMMU,
      { { NULL, NULL } },
      "/etc/kernel/cmdline is left as it is (line 1: it begins with \"#\", and what reads this file knows no "
      "comments). "
      "Add to the first line of /etc/kernel/cmdline: " IOMMU "\nand type: sudo proxmox-boot-tool refresh",
      NULL },
    { "root=1",
      SYSTEMD,
      { { NULL, NULL } },
      IOMMU,
      { { NULL, NULL } },
      "/etc/kernel/cmdline is not there. Add to the first line of /etc/kernel/cmdline: " IOMMU
      "\nwhich is to hold, in one line, what the kernel was started with: cat /proc/cmdline\nand type: sudo "
      "proxmox-boot-tool refresh",
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "!" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "/etc/kernel/cmdline: it could not be read (denied)" },
    { BY_GRUB,
      GRUB,
      { { DEFAULT_GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n" },
        { "usr/sbin/", "update-grub" },
        { GRUB_CFG } },
      IOMMU,
      { { DEFAULT_GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet " IOMMU "\"\n" } },
      GRUB_BY_HAND,
      NULL },
    { BY_GRUB,
      NULL,
      { { DEFAULT_GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"" IOMMU "\"\n" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      NULL },
    { BY_GRUB,
      GRUB,
      { { DEFAULT_GRUB, "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\n" },
        { "usr/sbin/", "update-grub" },
        { GRUB_CFG } },
      IOMMU,
      { { NULL, NULL } },
      "/etc/default/grub is left as it is (etc/default/grub: line 1: the quote is not closed). Add to the "
      "kernel command "
      "line: " IOMMU
      "\nand make grub.cfg anew: sudo update-grub (or: grub-mkconfig -o /boot/grub/grub.cfg)\nThen, in "
      "place of that alone: sudo proxmox-boot-tool refresh",
      NULL },
    { BY_GRUB,
      GRUB,
      { { DEFAULT_GRUB, "!" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "/etc/default/grub: it could not be read (denied)" },
    { BY_GRUB,
      GRUB,
      { { DEFAULT_GRUB, "?" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "/etc/default/grub: it could not be read (unread)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    check_case (&pl_boot_proxmox, &rows[i]);
  }
}

#define SUSE_BY_HAND                                                                                     \
  "sdbootutil makes the boot entries of all snapshots. When the files are written, and again behind an " \
  "undo, type, "                                                                                         \
  "outside of transactional-update: sudo sdbootutil update-all-entries"
#define SUSE_LEFT(why)                                                                 \
  "/etc/kernel/cmdline is left as it is (" why "). Add to /etc/kernel/cmdline: " IOMMU \
  "\nand type: sudo sdbootutil update-all-entries"

static void
test_sdbootutil (void)
{
  static const struct case_row rows[] = {
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=UUID=1 splash=silent\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "root=UUID=1 splash=silent " IOMMU "\n" } },
      SUSE_BY_HAND,
      NULL },
    { BY_GRUB,
      GRUB,
      { { KERNEL_CMDLINE, "# of YaST\nroot=UUID=1\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "# of YaST\nroot=UUID=1 " IOMMU "\n" } },
      SUSE_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=UUID=1\nquiet\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "root=UUID=1\nquiet " IOMMU "\n" } },
      SUSE_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "  root=UUID=1\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, "  root=UUID=1 " IOMMU "\n" } },
      SUSE_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "intel_iommu=off rw\n" } },
      IOMMU,
      { { KERNEL_CMDLINE, IOMMU " rw\n" } },
      SUSE_BY_HAND,
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "" } },
      IOMMU,
      { { KERNEL_CMDLINE, IOMMU "\n" } },
      SUSE_BY_HAND,
      NULL },
    { "root=1", SYSTEMD, { { KERNEL_CMDLINE, "rw " IOMMU "\n" } }, IOMMU, { { NULL, NULL } }, NULL, NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "root=UUID=1" } },
      IOMMU,
      { { NULL, NULL } },
      SUSE_LEFT ("its last line has no end, and sdbootutil does not read such a line"),
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "rw\n # x\n" } },
      IOMMU,
      { { NULL, NULL } },
      SUSE_LEFT ("a comment in it does not begin its line"),
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "\t#\n" } },
      IOMMU,
      { { NULL, NULL } },
      SUSE_LEFT ("a comment in it does not begin its line"),
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "x=\"a\n" } },
      IOMMU,
      { { NULL, NULL } },
      SUSE_LEFT ("the options have a quote that is not closed"),
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "rw\n" }, { "etc/kernel/cmdline.d/", "10-x 20-y" } },
      IOMMU,
      { { NULL, NULL } },
      SUSE_LEFT ("/etc/kernel/cmdline.d/10-x is read behind it"),
      NULL },
    { "root=1",
      SYSTEMD,
      { { NULL, NULL } },
      IOMMU,
      { { NULL, NULL } },
      "/etc/kernel/cmdline is not there. Add to /etc/kernel/cmdline: " IOMMU
      "\nand type: sudo sdbootutil update-all-entries",
      NULL },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "!" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "/etc/kernel/cmdline: it could not be read (denied)" },
    { "root=1",
      SYSTEMD,
      { { KERNEL_CMDLINE, "?" } },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "/etc/kernel/cmdline: it could not be read (unread)" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    check_case (&pl_boot_sdbootutil, &rows[i]);
  }
}

#define RPM "usr/bin/", "rpm-ostree"
#define RPM_KARGS "The kernel parameters of this system are kept by rpm-ostree. Type:\nsudo rpm-ostree kargs"

static void
test_ostree (void)
{
  static const struct case_row rows[] = {
    { "ostree=/o rw",
      GRUB,
      { { RPM } },
      IOMMU,
      { { NULL, NULL } },
      RPM_KARGS " --append-if-missing=" IOMMU,
      NULL },
    { "ostree=/o rw",
      GRUB,
      { { "usr/bin/", "bootc rpm-ostree" } },
      IOMMU " iommu=pt",
      { { NULL, NULL } },
      RPM_KARGS " --append-if-missing=" IOMMU " --append-if-missing=iommu=pt",
      NULL },
    { "ostree=/o intel_iommu=off",
      GRUB,
      { { RPM } },
      IOMMU " iommu=pt",
      { { NULL, NULL } },
      RPM_KARGS " --replace=" IOMMU " --append-if-missing=iommu=pt",
      NULL },
    { "ostree=/o rw " IOMMU, GRUB, { { RPM } }, IOMMU, { { NULL, NULL } }, NULL, NULL },
    { "ostree=/o rw",
      GRUB,
      { { "usr/bin/", "bootc" } },
      IOMMU " iommu=pt",
      { { NULL, NULL } },
      "The kernel parameters of this system come with its image: add to the container that the image is "
      "built of a file "
      "/usr/lib/bootc/kargs.d/10-vfio.toml with this line:\nkargs = [\"" IOMMU
      "\", \"iommu=pt\"]\nbuild it, then: sudo "
      "bootc upgrade",
      NULL },
    { "ostree=/o rw",
      GRUB,
      { { NULL, NULL } },
      IOMMU,
      { { NULL, NULL } },
      "The kernel parameters of this system are kept by ostree. Type:\nsudo ostree admin kargs edit-in-place "
      "--append-if-missing=" IOMMU "\nIt changes every deployment, so none is left as it was",
      NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    check_case (&pl_boot_ostree, &rows[i]);
  }
}

static void
test_ostree_image (void)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  static const struct {
    const char *programs, *stub, *part;
  } rows[] = {
    { "rpm-ostree", NULL,
      "\nsudo rpm-ostree initramfs --enable --arg=--force-drivers --arg=\"vfio_pci vfio\" --arg=-I "
      "--arg=/etc/modprobe.d/vfio.conf" },
    { "bootc", NULL, "\nforce_drivers+=\" vfio_pci vfio \"\n" },
    { "rpm-ostree", STUB, "\nforce_drivers+=\" vfio_pci vfio \"\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct file file = { "usr/bin/", rows[i].programs };
    struct pl_texts *texts = make_texts (&file, 1);
    const struct pl_boot_evidence evidence = { .texts = texts, .stub_info = variable_of (rows[i].stub) };
    g_autofree char *text = pl_boot_ostree.image_by_hand (&evidence, modules);
    g_assert_nonnull (strstr (text, rows[i].part));
    pl_texts_free (texts);
  }
}

static void
test_efi_stub (void)
{
  static const struct case_row rows[] = {
    { BY_STUB,
      NULL,
      { { INITRD } },
      IOMMU " iommu=pt",
      { { NULL, NULL } },
      "The firmware starts the kernel by itself, and keeps its options in an entry that is no file, so "
      "pcilend could not "
      "put it back. See which entry it was (BootCurrent), its disk, partition and file: efibootmgr -v\nThen "
      "make a second "
      "one, which comes first and leaves the old one as the way back; with that disk, partition and "
      "file:\nsudo "
      "efibootmgr --create --disk /dev/DISK --part NUMBER --label \"Linux, IOMMU\" --loader 'FILE' --unicode "
      "\"$(cat "
      "/proc/cmdline) " IOMMU " iommu=pt\"",
      NULL },
    { BY_STUB " " IOMMU, NULL, { { INITRD } }, IOMMU, { { NULL, NULL } }, NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_case (&pl_boot_efi_stub, &rows[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/others/claims", test_claims);
  g_test_add_func ("/others/proxmox", test_proxmox);
  g_test_add_func ("/others/sdbootutil", test_sdbootutil);
  g_test_add_func ("/others/ostree", test_ostree);
  g_test_add_func ("/others/ostree-image", test_ostree_image);
  g_test_add_func ("/others/efi-stub", test_efi_stub);
  return g_test_run ();
}
