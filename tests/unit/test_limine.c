/* test_limine.c - Limine: what is made of its texts; whether it started a system, by evidence; what is left
 * to a person. */
#include "boot/limine.h"
#include "boot/limine_text.h"

#include "entry_case.h"
#include "loader_case.h"

#define IOMMU "intel_iommu=on"

static GPtrArray *
read_new (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, false, error);
}

static GPtrArray *
read_old (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, true, error);
}

static void
test_entries (void)
{
  static const struct entry_case rows[] = {
    { "timeout: 5\n\n/Arch Linux\n    protocol: linux\n    path: boot():/vmlinuz-linux\n    cmdline: "
      "root=UUID=1 "
      "rw\n    module_path: boot():/initramfs-linux.img\n",
      0, IOMMU,
      "timeout: 5\n\n/Arch Linux\n    protocol: linux\n    path: boot():/vmlinuz-linux\n    cmdline: "
      "root=UUID=1 "
      "rw " IOMMU "\n    module_path: boot():/initramfs-linux.img\n" },
    /* The second entry, the alias, any case, tabs, no end. */
    { "/A\ncmdline: a\n/B\n\tKernel_CmdLine:\tb", 1, IOMMU,
      "/A\ncmdline: a\n/B\n\tKernel_CmdLine:\tb " IOMMU },
    { "/A\r\n  cmdline: a \r\n", 0, IOMMU, "/A\r\n  cmdline: a " IOMMU " \r\n" },
    { "/A\ncmdline:a", 0, IOMMU " iommu=pt", "/A\ncmdline:a " IOMMU " iommu=pt" },
    { "/A\ncmdline:\n", 0, IOMMU, "/A\ncmdline:" IOMMU "\n" },
    { "/+A\n//B\ncmdline: a\n///C\ncmdline: b\n", 1, IOMMU,
      "/+A\n//B\ncmdline: a\n///C\ncmdline: b " IOMMU "\n" },
    /* No option: a comment, another name, another place. */
    { "cmdline: x\n/A\n#cmdline: y\nmodule_cmdline: z\ncmdline : w\ncmdline: a\n", 0, IOMMU,
      "cmdline: x\n/A\n#cmdline: y\nmodule_cmdline: z\ncmdline : w\ncmdline: a " IOMMU "\n" },
    { "${K}=boot():/v\n/A ${K}\npath: ${K}\ncmdline: a\n", 0, IOMMU,
      "${K}=boot():/v\n/A ${K}\npath: ${K}\ncmdline: a " IOMMU "\n" },
    /* The words. */
    { "/A\ncmdline: a " IOMMU " b\n", 0, IOMMU, NULL },
    { "/A\ncmdline: a intel_iommu=off b\n", 0, IOMMU, "/A\ncmdline: a " IOMMU " b\n" },
    { "/A\ncmdline: intel_iommu=on intel-iommu=off\n", 0, IOMMU, "/A\ncmdline: intel_iommu=on " IOMMU "\n" },
    { "/A\ncmdline: a -- b\n", 0, IOMMU, "/A\ncmdline: a " IOMMU " -- b\n" },
    { "/A\ncmdline: x=\"b " IOMMU " c\"\n", 0, IOMMU, "/A\ncmdline: x=\"b " IOMMU " c\" " IOMMU "\n" },
    { "/A\ncmdline: vfio-pci.ids=1:2 a\n", 0, "vfio-pci.ids=1:2,3:4",
      "/A\ncmdline: vfio-pci.ids=1:2,3:4 a\n" },
    { "/A\ncmdline: root=/dev/a rootflags=subvol=/@ a:b\n", 0, IOMMU,
      "/A\ncmdline: root=/dev/a rootflags=subvol=/@ a:b " IOMMU "\n" },
    { "/A\nprotocol: efi\n/B\ncmdline: b\n", 0, IOMMU, "/A\nprotocol: efi\n/B\ncmdline: b " IOMMU "\n" },
  };
  static const struct entry_case old_rows[] = {
    { "TIMEOUT=5\n:Arch\n    PROTOCOL=linux\n    KERNEL_CMDLINE=root=UUID=1 rw\n", 0, IOMMU,
      "TIMEOUT=5\n:Arch\n    PROTOCOL=linux\n    KERNEL_CMDLINE=root=UUID=1 rw " IOMMU "\n" },
    { ":A\ncmdline=x\nCMDLINE=intel_iommu=off\n::B\nCMDLINE=b\n", 0, IOMMU,
      ":A\ncmdline=x\nCMDLINE=" IOMMU "\n::B\nCMDLINE=b\n" },
    { ":A\n/x\nCMDLINE= a\n", 0, IOMMU, ":A\n/x\nCMDLINE= a " IOMMU "\n" },
  };
  check_entries (read_new, rows, G_N_ELEMENTS (rows));
  check_entries (read_old, old_rows, G_N_ELEMENTS (old_rows));
}

static void
test_refused (void)
{
  static const struct entry_case rows[] = {
    { "/A\ncmdline: a\nkernel_cmdline: b\n", 0, IOMMU, "line 3: the entry has a second command line" },
    { "/A\ncmdline: a\rb\n", 0, IOMMU, "line 2: it has a carriage return within the command line" },
    { "${X}=a\n/A\ncmdline: ${X} b\n", 0, IOMMU,
      "line 3: the options are only known when the system is started" },
    { "/A\n${X}cmdline: a\n", 0, IOMMU, "line 2: a macro stands in the name of an option" },
    { "/A\ncmd${X}: a\n", 0, IOMMU, "line 2: a macro stands in the name of an option" },
    { "/A\n${X} = a\n", 0, IOMMU, "line 2: a macro stands in the name of an option" },
    { "/A\ncmdline: a=\"b\n", 0, IOMMU, "line 2: the options have a quote that is not closed" },
    { "/A\ncmdline: a\n", 0, "a\"b", "line 2: \"a\"b\" cannot be written as a kernel parameter" },
    { "/A\ncmdline: a\n", 0, "a=${X}", "line 2: \"a=${X}\" cannot be written as a kernel parameter" },
  };
  check_refused_entries (read_new, rows, G_N_ELEMENTS (rows));
  g_autoptr (GBytes) zero = g_bytes_new_static ("/A\ncmd\0", 7);
  g_assert_null (pl_limine_text_entries (zero, false, NULL));
}

static void
test_lists (void)
{
  static const struct {
    const char *text, *list;
  } rows[] = {
    { "/A\ncmdline: a\n/B\ncmdline: b\n", "*A||a\nB||b" },
    { "/+ A \n//B\ncmdline: b\n", "*B||b" },
    { "default_entry: 2\n/+A\n//B\ncmdline: b\n", "*B||b" },
    { "default_entry: 2\n/A\ncmdline: a\n/B\ncmdline: b\n", "A||a\nB||b" },
    { "default_entry: A/B\n/A\n//B\ncmdline: b\n", "B||b" },
    { "/A\ncmdline: a\nremember_last_entry: yes\n", "A||a" },
    { "remember_last_entry: no\n/A\ncmdline: a\n", "*A||a" },
    { "${X}=1\n/A\ncmdline: ${X}\n/B\ncmdline: b\n", "*?A||${X}\nB||b" },
    { "# Auto-generated\n/A\ncmdline: a\n  //B\n  ### This kernel entry is auto-generated by "
      "limine-entry-tool\n"
      "  cmdline: b\n",
      "*A||a\n!B||b" },
    { "/A\ncomment: Generated\ncmdline: a\n", "*!A||a" },
    { "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *list = list_entries (read_new, rows[i].text);
    g_assert_cmpstr (list, ==, rows[i].list);
  }
}

#define BOOT "boot/limine.conf"
#define ESP "boot/efi/EFI/limine/limine.conf"
#define OLD "boot/limine.cfg"
#define ARCH "/Arch\n  cmdline: root=1 rw\n"
#define NEW_ARCH "/Arch\n  cmdline: root=1 rw " IOMMU "\n"

static void
test_claims (void)
{
  static const struct claim_case rows[] = {
    /* Its name. */
    { { .line = "root=1", .info = "Limine 9.3.0" }, PL_CLAIM_YES },
    { { .info = "Limine 9.3.0" }, PL_CLAIM_YES },
    { { { { BOOT, ARCH } }, "BOOT_IMAGE=/v root=1", "Limine 9.3.0" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, ARCH } }, "BOOT_IMAGE=/v root=1 rw", "Limine 9.3.0" }, PL_CLAIM_YES },
    { { { { BOOT, ARCH } }, "root=1 rw", "systemd-boot 255" }, PL_CLAIM_NO },
    { { { { BOOT, ARCH } }, "root=1 rw", "GRUB 2.12" }, PL_CLAIM_NO },
    /* None: its entry. */
    { { { { BOOT, ARCH } }, "root=1 rw" }, PL_CLAIM_YES },
    { { { { BOOT, ARCH } }, "rw root=1", "Linux EFI stub 7.0.1" }, PL_CLAIM_YES },
    { { { { BOOT, ARCH } }, "root=2 rw" }, PL_CLAIM_NO },
    { { { { BOOT, ARCH } }, "root=1 rw quiet" }, PL_CLAIM_NO },
    { { { { BOOT, NEW_ARCH } }, "root=1 rw" }, PL_CLAIM_YES },
    { { { { OLD, ":Arch\nCMDLINE=root=1 rw\n" } }, "root=1 rw" }, PL_CLAIM_YES },
    { { { { ESP, ARCH } }, "root=1 rw" }, PL_CLAIM_YES },
    { { .line = "root=1 rw" }, PL_CLAIM_NO },
    { { { { BOOT, "/A\ncmdline: root=LABEL=me ip=1.2.3.4\n" } }, "root=LABEL= ip=" }, PL_CLAIM_YES },
    /* Another one's marks. */
    { { { { BOOT, ARCH } }, "BOOT_IMAGE=/v root=1 rw" }, PL_CLAIM_NO },
    { { { { BOOT, "/A\ncmdline: root=1 initrd=x\n" } }, "root=1 initrd=x" }, PL_CLAIM_NO },
    { { { { BOOT, ARCH } }, "root=1 rw", NULL, NULL, "systemd-stub 255" }, PL_CLAIM_NO },
    /* A unified image is its own (boot/uki.c), whatever started it. */
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9", NULL, "systemd-stub 255" }, PL_CLAIM_NO },
    /* Not known. */
    { { { { BOOT, ARCH } } }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, "" } }, "root=1 rw" }, PL_CLAIM_UNKNOWN },
    { { { { ESP, "?" } }, "root=1 rw" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, "/A\n${X}\n" } }, "root=1 rw" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, "/A\ncmdline: ${X}\n" } }, "root=1 rw" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, ARCH }, { ESP, "" } }, "root=1 rw" }, PL_CLAIM_YES },
    { { { { BOOT, ARCH } }, "root=1 rw", "" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, ARCH } }, "root=1 rw", "?" }, PL_CLAIM_UNKNOWN },
    { { { { BOOT, "" } }, "BOOT_IMAGE=/v root=1", "?" }, PL_CLAIM_NO },
  };
  check_claims (&pl_boot_limine, rows, G_N_ELEMENTS (rows));
}

#define SECURE                                                                                            \
  "Secure Boot is on, or may be, and then a checksum of /" BOOT                                           \
  " is enrolled in Limine: after the change it "                                                          \
  "must be enrolled anew (limine enroll-config) and Limine signed, or it stops. Add to the command line " \
  "(cmdline:) of the entry that you start, in limine.conf: " IOMMU
#define CHECKSUM(path)                                                  \
  "If you enrolled a checksum of /" path                                \
  " into Limine (limine enroll-config), enroll the new one before you " \
  "start the system again: with the old one Limine stops"
#define TO_ENTRY ". Add to the command line (cmdline:) of the entry that you start, in limine.conf: " IOMMU
#define TOOL "limine-entry-tool writes the entries of limine.conf. "
#define RUN(program) "\nThen run: sudo " program

static void
test_set_parameters (void)
{
  static const struct set_case rows[] = {
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9" }, IOMMU, { { BOOT, NEW_ARCH } }, CHECKSUM (BOOT), NULL },
    { { { { BOOT, NEW_ARCH } }, "root=1 rw", "Limine 9" }, IOMMU, { { NULL, NULL } }, NULL, NULL },
    { { { { BOOT, ARCH }, { ESP, "/Win\nprotocol: efi\n" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { BOOT, NEW_ARCH } },
      CHECKSUM (BOOT),
      NULL },
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9", NULL, NULL, "off" },
      IOMMU,
      { { BOOT, NEW_ARCH } },
      CHECKSUM (BOOT),
      NULL },
    /* It would stop. */
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9", NULL, NULL, "on" },
      IOMMU,
      { { NULL, NULL } },
      SECURE,
      NULL },
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9", NULL, NULL, "?" },
      IOMMU,
      { { NULL, NULL } },
      SECURE,
      NULL },
    /* One file, on a file system that knows no case; and two. */
    { { { { "boot/EFI/limine/limine.conf", ARCH }, { "boot/efi/limine/limine.conf", ARCH } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { "boot/EFI/limine/limine.conf", NEW_ARCH } },
      CHECKSUM ("boot/EFI/limine/limine.conf"),
      NULL },
    { { { { "boot/EFI/limine/limine.conf", ARCH }, { "boot/efi/limine/limine.conf", ARCH "#\n" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "/boot/EFI/limine/limine.conf and /boot/efi/limine/limine.conf both have an entry with the running "
      "command line" TO_ENTRY,
      NULL },
    /* The first of two that are the same, if it is the usual one. */
    { { { { BOOT, ARCH "/Fallback\ncmdline: root=1 rw\n" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { BOOT, NEW_ARCH "/Fallback\ncmdline: root=1 rw\n" } },
      CHECKSUM (BOOT),
      NULL },
    { { { { BOOT, "default_entry: 2\n" ARCH "/B\ncmdline: root=1 rw\n" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "/" BOOT " has 2 entries with the running command line" TO_ENTRY,
      NULL },
    { { { { BOOT, ARCH }, { ESP, ARCH } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "/" BOOT " and /" ESP " both have an entry with the running command line" TO_ENTRY,
      NULL },
    { { { { BOOT, ARCH } }, "root=2", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "/" BOOT " has no entry with the running command line" TO_ENTRY,
      NULL },
    { { .line = "root=1", .info = "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "its file was not found" TO_ENTRY,
      NULL },
    { { { { BOOT, "/A\n${X}\n" } }, "root=1", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      "/" BOOT " is left as it is (line 2: a macro stands in the name of an option)" TO_ENTRY,
      NULL },
    { { { { BOOT, ARCH } }, "root=1 rw", "Limine 9", NULL, "systemd-stub 255" },
      IOMMU,
      { { NULL, NULL } },
      "The kernel came out of a unified kernel image, which may have the options inside" TO_ENTRY,
      NULL },
    /* The tool's. */
    { { { { BOOT, ARCH },
          { "usr/bin/limine-update", "x" },
          { "etc/default/limine",
            "KERNEL_CMDLINE[default]+=a\n"
            "KERNEL_CMDLINE[\"linux-zen\"]=\"b\"\nKERNEL_CMDLINE[fallback]=c\n#KERNEL_CMDLINE[x]=\n" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      TOOL "Add at the end of /etc/default/limine:\nKERNEL_CMDLINE[default]+=\" " IOMMU
           "\"\nKERNEL_CMDLINE[linux-zen]+=\" " IOMMU "\"" RUN ("limine-update"),
      NULL },
    { { { { BOOT, ARCH },
          { "usr/bin/limine-mkinitcpio", "x" },
          { "etc/limine-entry-tool.d/a.conf", "KERNEL_CMDLINE[default]+=\" quiet\"\n" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      TOOL "Add at the end of /etc/default/limine:\nKERNEL_CMDLINE[default]+=\" " IOMMU
           "\"" RUN ("limine-mkinitcpio"),
      NULL },
    { { { { BOOT, ARCH },
          { "etc/limine-entry-tool.conf", "#KERNEL_CMDLINE[default]=\n" },
          { "etc/kernel/cmdline", "root=1 rw\n" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      TOOL "Add to the line of /etc/kernel/cmdline: " IOMMU RUN ("limine-update"),
      NULL },
    { { { { BOOT, "/A\n  ### auto-generated by limine-entry-tool\n  cmdline: root=1 rw\n" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      TOOL "Write into /etc/default/limine, with all that /proc/cmdline has now in the place of the "
           "dots:\nKERNEL_CMDLINE[default]=\"... " IOMMU "\"" RUN ("limine-update"),
      NULL },
    { { { { BOOT, NEW_ARCH }, { "etc/limine-entry-tool.conf", "x" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      NULL },
    /* Not known. */
    { { { { BOOT, ARCH }, { ESP, "" } }, "root=1 rw", "Limine 9" }, IOMMU, { { NULL, NULL } }, NULL, ESP },
    { { { { BOOT, ARCH }, { ESP, "?" } }, "root=1 rw", "Limine 9" }, IOMMU, { { NULL, NULL } }, NULL, ESP },
    { { { { BOOT, ARCH }, { "etc/limine-entry-tool.conf", "" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "etc/limine-entry-tool.conf" },
    { { { { BOOT, ARCH }, { "usr/bin/", "?" } }, "root=1 rw", "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "usr/bin" },
    { { { { BOOT, ARCH }, { "etc/limine-entry-tool.conf", "x" }, { "etc/default/limine", "" } },
        "root=1 rw",
        "Limine 9" },
      IOMMU,
      { { NULL, NULL } },
      NULL,
      "etc/default/limine" },
  };
  check_sets (&pl_boot_limine, rows, G_N_ELEMENTS (rows));
}

/* What the readers make of a whole machine. */
static void
test_machine (void)
{
  check_machine (&pl_boot_limine,
                 "@/proc\ncmdline = root=/dev/sda1 rw\n@/boot\nlimine.conf = /A\n"
                 "@/sys/firmware/efi/efivars\nLoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f x\n"
                 "\t06 00 00 00 4c 00 69 00 6d 00 69 00 6e 00 65 00 20 00 39 00 00 00\n"
                 "StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f -\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limine/entries", test_entries);
  g_test_add_func ("/limine/refused", test_refused);
  g_test_add_func ("/limine/lists", test_lists);
  g_test_add_func ("/limine/claims", test_claims);
  g_test_add_func ("/limine/set-parameters", test_set_parameters);
  g_test_add_func ("/limine/machine", test_machine);
  return g_test_run ();
}
