/* test_systemd_boot.c - entries of the Boot Loader Specification: what their editor makes of one { what it
 * was, what it must be }; which system was started by systemd-boot; what of a system is changed. */
#include "base/error.h"
#include "boot/entry_options.h"
#include "boot/systemd_boot.h"

#include "system_texts.h"

#define IOMMU "intel_iommu=on"

static void
test_entries (void)
{
  static const struct {
    const char *old, *new; /* NULL: as it was */
  } rows[] = {
    /* kernel-install's. */
    { "title      Debian GNU/Linux 12 (bookworm)\nversion    6.1.0-18-amd64\nmachine-id 0a1b\n"
      "sort-key   debian\noptions    root=UUID=1 ro quiet systemd.machine_id=0a1b\n"
      "linux      /0a1b/6.1.0-18-amd64/linux\ninitrd     /0a1b/6.1.0-18-amd64/initrd.img-6.1.0-18-amd64\n",
      "title      Debian GNU/Linux 12 (bookworm)\nversion    6.1.0-18-amd64\nmachine-id 0a1b\n"
      "sort-key   debian\noptions    root=UUID=1 ro quiet systemd.machine_id=0a1b " IOMMU "\n"
      "linux      /0a1b/6.1.0-18-amd64/linux\ninitrd     /0a1b/6.1.0-18-amd64/initrd.img-6.1.0-18-amd64\n" },
    /* archinstall's. */
    { "# Created by: archinstall\ntitle   Arch Linux\nlinux   /vmlinuz-linux\ninitrd  /amd-ucode.img\n"
      "initrd  /initramfs-linux.img\noptions root=PARTUUID=1 rw rootfstype=ext4\n",
      "# Created by: archinstall\ntitle   Arch Linux\nlinux   /vmlinuz-linux\ninitrd  /amd-ucode.img\n"
      "initrd  /initramfs-linux.img\noptions root=PARTUUID=1 rw rootfstype=ext4 " IOMMU "\n" },
    { "options a\n", "options a " IOMMU "\n" },
    { "options a", "options a " IOMMU },
    { "options\ta\t\n", "options\ta " IOMMU "\t\n" },
    { "  options   a  \n", "  options   a " IOMMU "  \n" },
    { "options a\r\nlinux b\r\n", "options a " IOMMU "\r\nlinux b\r\n" },
    { "options a\rlinux b\r", "options a " IOMMU "\rlinux b\r" },
    { "options " IOMMU "\n", NULL },
    { "options a intel_iommu=off b\n", "options a " IOMMU " b\n" },
    { "options a -- b\n", "options a " IOMMU " -- b\n" },
    { "options a # b\n", "options a # b " IOMMU "\n" },
    { "#options b\n  # options c\noptions a\n", "#options b\n  # options c\noptions a " IOMMU "\n" },
    { "option b\noptionsx c\nOptions d\noptions a\n",
      "option b\noptionsx c\nOptions d\noptions a " IOMMU "\n" },
    { "title options b\noptions a\n", "title options b\noptions a " IOMMU "\n" },
    { "options\noptions a\n", "options\noptions a " IOMMU "\n" },
    { "options \"a b\"\n", "options \"a b " IOMMU "\"\n" },
    { "options a=\"b c\"\n", "options a=\"b c\" " IOMMU "\n" },
    { "\n\n\noptions a\n\n\n", "\n\n\noptions a " IOMMU "\n\n\n" },
    { "title \xc3\xa9\xff\noptions a\n", "title \xc3\xa9\xff\noptions a " IOMMU "\n" },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const char *wanted = rows[i].new != NULL ? rows[i].new : rows[i].old;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) new = pl_loader_entry_set (old, parameters, &error);
    g_test_message ("row %u", i);
    g_assert_no_error (error);
    g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
    g_assert_cmpstr (text, ==, wanted);
    g_assert_true ((new == old) == (rows[i].new == NULL));
    g_autoptr (GBytes) again = pl_loader_entry_set (new, parameters, &error);
    g_assert_true (again == new);
  }
}

static void
test_refused (void)
{
  static const struct {
    const char *text;
    gsize size;
    const char *why;
  } rows[] = {
#define ROW(text, why) { text, sizeof text - 1, why }
    ROW ("", "it has no options"),
    ROW ("title a\n", "it has no options"),
    ROW ("options\n", "it has no options"),
    ROW ("options a\noptions b\n", "it has more than one options line"),
    ROW ("options a\n\0options b\n", "it has a byte that is zero"),
    ROW ("options a\n\0x", "it has a byte that is zero"),
    ROW ("title a\noptions a=\"b\n", "line 2: the options have a quote that is not closed"),
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].text, rows[i].size);
    g_assert_null (pl_loader_entry_set (old, parameters, &error));
    g_assert_cmpstr (error->message, ==, rows[i].why);
  }
}

/* What a boot loader is told of: a text, "" denied, "?" not read, NULL absent. */
static struct pl_boot_variable
make_variable (const char *text)
{
  enum pl_state state = text == NULL              ? PL_ABSENT
                        : text[0] == '\0'         ? PL_DENIED
                        : strcmp (text, "?") == 0 ? PL_UNREAD
                                                  : PL_KNOWN;
  return (struct pl_boot_variable){ state, state == PL_KNOWN ? text : NULL };
}

#define ENTRY "boot/efi/loader/entries/a.conf=options a\n"

static void
test_claims (void)
{
  static const struct {
    const char *lines[4];
    const char *boot_image, *loader, *stub;
    enum pl_claim claim;
  } rows[] = {
    { { ENTRY }, NULL, "systemd-boot 252.39-1~deb12u2", NULL, PL_CLAIM_YES },
    { { NULL }, NULL, "systemd-boot 252", NULL, PL_CLAIM_YES },
    { { ENTRY }, NULL, "GRUB 2.12", NULL, PL_CLAIM_NO },
    { { ENTRY }, NULL, NULL, NULL, PL_CLAIM_NO },
    { { ENTRY }, "/vmlinuz", "systemd-boot 252", NULL, PL_CLAIM_NO },
    { { ENTRY }, "/vmlinuz", "?", NULL, PL_CLAIM_NO },
    { { ENTRY }, NULL, "systemd-boot 252", "systemd-stub 252", PL_CLAIM_NO },
    { { ENTRY }, NULL, "systemd-boot 252", "?", PL_CLAIM_UNKNOWN },
    { { ENTRY }, NULL, "systemd-boot 252", "", PL_CLAIM_UNKNOWN },
    { { ENTRY }, NULL, "?", NULL, PL_CLAIM_UNKNOWN },
    { { ENTRY }, NULL, "", NULL, PL_CLAIM_UNKNOWN },
    { { NULL }, NULL, "?", NULL, PL_CLAIM_NO },
    { { "boot/efi/loader/entries!" }, NULL, "?", NULL, PL_CLAIM_UNKNOWN },
    /* Others that it starts systems for. */
    { { ENTRY, "etc/kernelstub/configuration={}" }, NULL, "systemd-boot 252", NULL, PL_CLAIM_NO },
    { { ENTRY, "etc/kernelstub/configuration!" }, NULL, "systemd-boot 252", NULL, PL_CLAIM_UNKNOWN },
    { { ENTRY, "etc/kernel/proxmox-boot-uuids=1", "usr/sbin/proxmox-boot-tool" },
      NULL,
      "systemd-boot 252",
      NULL,
      PL_CLAIM_NO },
    { { ENTRY, "usr/bin/sdbootutil" }, NULL, "systemd-boot 257", NULL, PL_CLAIM_NO },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts
        = make_texts (rows[i].lines, pl_boot_systemd_boot.wants, pl_boot_systemd_boot.n_wants);
    struct pl_boot_evidence evidence = { .texts = texts,
                                         .command_line_state = PL_KNOWN,
                                         .command_line = "a",
                                         .boot_image = rows[i].boot_image,
                                         .loader_info = make_variable (rows[i].loader),
                                         .stub_info = make_variable (rows[i].stub) };
    g_test_message ("row %u", i);
    g_assert_cmpint (pl_boot_systemd_boot.claim (&evidence), ==, rows[i].claim);
    pl_texts_free (texts);
  }
}

#define OWN(release)                                                                          \
  "boot/efi/loader/entries/id-" release ".conf=options root=1\nlinux /id/" release "/linux\n" \
  "initrd /id/" release "/initrd\n"
#define PATH(release) "boot/efi/loader/entries/id-" release ".conf"

static void
test_systems (void)
{
  static const struct {
    const char *lines[6];
    const char *entry;   /* as LoaderEntrySelected */
    const char *told;    /* what is changed; else @by_hand begins so */
    const char *content; /* of /etc/kernel/cmdline */
    const char *by_hand;
  } rows[] = {
    /* By kernel-install, without a command line of its own and with one. */
    { { OWN ("6.1") }, "id-6.1.conf", PATH ("6.1") " etc/kernel/cmdline ->", "root=1 " IOMMU "\n", NULL },
    { { OWN ("6.1"), OWN ("6.2"), "etc/kernel/cmdline=root=1\n" },
      "id-6.1.conf",
      PATH ("6.1") " " PATH ("6.2") " etc/kernel/cmdline ->",
      "root=1 " IOMMU "\n",
      NULL },
    { { OWN ("6.1"), "etc/kernel/cmdline=root=1 " IOMMU "\n" },
      "id-6.1.conf",
      PATH ("6.1") " ->",
      NULL,
      NULL },
    /* Entries by hand: only the one that was started. */
    { { "boot/loader/entries/arch.conf=options a\nlinux /vmlinuz-linux\n",
        "boot/loader/entries/arch-fallback.conf=options a\nlinux /vmlinuz-linux\n" },
      "arch.conf",
      "boot/loader/entries/arch.conf ->",
      NULL,
      NULL },
    { { "boot/loader/entries/arch.conf=options a\nlinux /vmlinuz-linux\n",
        "etc/kernel/cmdline=of something else\n" },
      "arch.conf",
      "boot/loader/entries/arch.conf ->",
      NULL,
      NULL },
    /* A foreign token, and an entry by hand beside. */
    { { OWN ("6.1"), "boot/efi/loader/entries/x.conf=options a\nlinux /x/6.1/linux\n",
        "boot/efi/loader/entries/memtest.conf=efi /memtest.efi\n", "etc/kernel/cmdline=root=1" },
      "id-6.1.conf",
      PATH ("6.1") " etc/kernel/cmdline ->",
      "root=1 " IOMMU,
      NULL },
    /* Small letters; a counter that has changed; the ESP elsewhere. */
    { { "efi/loader/entries/Arch+2-1.conf=options a\n" },
      "arch+3.conf",
      "efi/loader/entries/Arch+2-1.conf ->",
      NULL,
      NULL },
    { { "efi/loader/entries/c++.conf=options a\n" },
      "c++.conf",
      "efi/loader/entries/c++.conf ->",
      NULL,
      NULL },
    /* Already so. */
    { { "efi/loader/entries/a.conf=options " IOMMU "\n" }, "a.conf", "->", NULL, NULL },
    /* By hand. */
    { { OWN ("6.1") }, NULL, NULL, NULL, "which entry started this system could not be told. Add to" },
    { { OWN ("6.1") }, "?", NULL, NULL, "which entry started this system could not be told. Add to" },
    { { OWN ("6.1") },
      "auto-windows",
      NULL,
      NULL,
      "the entry that started this system, auto-windows, was not found" },
    { { "efi/loader/entries/a.conf=options a\n", "boot/loader/entries/a.conf=options a\n" },
      "a.conf",
      NULL,
      NULL,
      "the entry that started this system, a.conf, was not found as one file" },
    { { "efi/loader/entries/a.conf=linux /x\n" },
      "a.conf",
      NULL,
      NULL,
      "/efi/loader/entries/a.conf is left as it is (it has no options)" },
    { { OWN ("6.1"), "usr/lib/kernel/cmdline=root=3\n" },
      "id-6.1.conf",
      NULL,
      NULL,
      "/usr/lib/kernel/cmdline says what kernels to come are started with" },
    /* It is not what this system was started with. */
    { { OWN ("6.1"), "etc/kernel/cmdline=root=2\n" },
      "id-6.1.conf",
      NULL,
      NULL,
      "/etc/kernel/cmdline has other words" },
    { { OWN ("6.1"), "etc/kernel/cmdline=" },
      "id-6.1.conf",
      NULL,
      NULL,
      "/etc/kernel/cmdline has other words" },
    { { OWN ("6.1"), "etc/kernel/cmdline=root=1 init=/bin/sh\n" },
      "id-6.1.conf",
      NULL,
      NULL,
      "/etc/kernel/cmdline has" },
    { { OWN ("6.1"), "etc/kernel/cmdline=a=\"b\n" }, "id-6.1.conf", NULL, NULL, "/etc/kernel/cmdline" },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts
        = make_texts (rows[i].lines, pl_boot_systemd_boot.wants, pl_boot_systemd_boot.n_wants);
    struct pl_boot_evidence evidence = { .texts = texts, .entry = make_variable (rows[i].entry) };
    g_autoptr (GError) error = NULL;
    struct pl_edits edits;
    pl_edits_init (&edits);
    g_test_message ("row %u", i);
    g_assert_true (pl_boot_systemd_boot.set_parameters (&evidence, parameters, &edits, &error));
    g_assert_no_error (error);
    g_autofree char *told = tell_edits (&edits), *content = tell_content (&edits, "etc/kernel/cmdline");
    g_assert_cmpstr (told, ==, rows[i].told != NULL ? rows[i].told : "->");
    g_assert_cmpstr (content, ==, rows[i].content);
    g_assert_true ((edits.by_hand != NULL) == (rows[i].by_hand != NULL));
    if (edits.by_hand != NULL && !g_str_has_prefix (edits.by_hand, rows[i].by_hand))
      g_assert_cmpstr (edits.by_hand, ==, rows[i].by_hand);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
test_not_known (void)
{
  static const char *const rows[][4] = {
    { ENTRY, "boot/loader/entries!" },
    { "boot/efi/loader/entries/a.conf!" },
    { OWN ("6.1"), "etc/kernel/cmdline!" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    bool is_own = strstr (rows[i][0], "id-6.1") != NULL;
    check_not_known (&pl_boot_systemd_boot, rows[i],
                     (struct pl_boot_evidence){ .entry = make_variable (is_own ? "id-6.1.conf" : "a.conf") });
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/systemd-boot/entries", test_entries);
  g_test_add_func ("/systemd-boot/refused", test_refused);
  g_test_add_func ("/systemd-boot/claims", test_claims);
  g_test_add_func ("/systemd-boot/systems", test_systems);
  g_test_add_func ("/systemd-boot/not-known", test_not_known);
  return g_test_run ();
}
