/* test_refind.c - rEFInd: what its editor makes of refind_linux.conf { what it was, what is asked, what it
 * must be }; whether it started a system, by evidence; what is left to a person. */
#include "base/error.h"
#include "boot/refind.h"
#include "boot/refind_text.h"

#include "recorded.h"

#define IOMMU "intel_iommu=on"

struct row {
  const char *old;
  const char *parameters; /* parted by blanks */
  const char *new;        /* NULL: as it was */
};

static GBytes *
set (GBytes *old, const char *parameters, GError **error)
{
  g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
  return pl_refind_text_set (old, (const char *const *) words, error);
}

static void
check_bytes (GBytes *old, const char *parameters, GBytes *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) new = set (old, parameters, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (new, NULL), g_bytes_get_size (new), g_bytes_get_data (expected, NULL),
                   g_bytes_get_size (expected));
  g_assert_true (g_bytes_equal (old, expected) == (new == old));
  g_autoptr (GBytes) again = set (new, parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

static void
check_rows (const struct row *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    const char *text = rows[i].new != NULL ? rows[i].new : rows[i].old;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) expected = g_bytes_new (text, strlen (text));
    check_bytes (old, rows[i].parameters, expected);
  }
}

static void
test_entries (void)
{
  static const struct row rows[] = {
    /* refind-install's; only the first entry is changed. */
    { "\"Boot with standard options\"  \"ro root=UUID=1 quiet splash \"\n"
      "\"Boot to single-user mode\"    \"ro root=UUID=1 quiet splash single\"\n"
      "\"Boot with minimal options\"   \"ro root=UUID=1\"\n",
      IOMMU,
      "\"Boot with standard options\"  \"ro root=UUID=1 quiet splash " IOMMU " \"\n"
      "\"Boot to single-user mode\"    \"ro root=UUID=1 quiet splash single\"\n"
      "\"Boot with minimal options\"   \"ro root=UUID=1\"\n" },
    { "\"a\" \"root=1 initrd=\\EFI\\arch\\initramfs-%v.img rw\"", IOMMU " iommu=pt",
      "\"a\" \"root=1 initrd=\\EFI\\arch\\initramfs-%v.img rw " IOMMU " iommu=pt\"" },
    { "# a comment\n\n  \t# \"b\" \"c\"\n\"a\" \"root=1\"\n", IOMMU,
      "# a comment\n\n  \t# \"b\" \"c\"\n\"a\" \"root=1 " IOMMU "\"\n" },
    { "\"a\" \"root=1\" # \"" IOMMU "\"\n", IOMMU, "\"a\" \"root=1 " IOMMU "\" # \"" IOMMU "\"\n" },
    { "\"a\" \"root=1 x=#1\"\n", IOMMU, "\"a\" \"root=1 x=#1 " IOMMU "\"\n" },
    { "\"a\"\t=,\"root=1\"\n", IOMMU, "\"a\"\t=,\"root=1 " IOMMU "\"\n" },
    { "\"a\"\"b\" \"root=1\"\n", IOMMU, "\"a\"\"b\" \"root=1 " IOMMU "\"\n" },
    { "Arch \"root=1\"\n", IOMMU, "Arch \"root=1 " IOMMU "\"\n" },
    { "\"a\" \"\"\n", IOMMU, "\"a\" \"" IOMMU "\"\n" },
    { "\"a\" \"  \"\n", IOMMU, "\"a\" \"" IOMMU "  \"\n" },
    { "\"a\" \"root=1\" \"more\"\n", IOMMU, "\"a\" \"root=1 " IOMMU "\" \"more\"\n" },
    { "\"a\" \"root=1\"\r\n\"b\" \"root=2\"\r\n", IOMMU,
      "\"a\" \"root=1 " IOMMU "\"\r\n\"b\" \"root=2\"\r\n" },
    { "\r\"a\" \"root=1\"\r\"b\" \"c\"\r", IOMMU, "\r\"a\" \"root=1 " IOMMU "\"\r\"b\" \"c\"\r" },
    { "\xef\xbb\xbf\"\xc3\xa4\" \"root=\xc3\xa4\"\n", IOMMU,
      "\xef\xbb\xbf\"\xc3\xa4\" \"root=\xc3\xa4 " IOMMU "\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_words (void)
{
  static const struct row rows[] = {
    { "\"a\" \"root=1 " IOMMU " quiet\"\n", IOMMU, NULL },
    { "\"a\" \"root=1\"\n", "root=1", NULL },
    { "\"a\" \"root=1 intel_iommu=off quiet\"\n", IOMMU, "\"a\" \"root=1 " IOMMU " quiet\"\n" },
    { "\"a\" \"intel-iommu=on quiet\"\n", IOMMU, NULL },
    { "\"a\" \"xintel_iommu=on intel_iommu=on2\"\n", IOMMU, "\"a\" \"xintel_iommu=on intel_iommu=on\"\n" },
    { "\"a\" \"intel_iommu quiet\"\n", IOMMU, "\"a\" \"intel_iommu=on quiet\"\n" },
    /* The last one counts. */
    { "\"a\" \"intel_iommu=on intel_iommu=off\"\n", IOMMU, "\"a\" \"intel_iommu=on intel_iommu=on\"\n" },
    { "\"a\" \"intel_iommu=off intel_iommu=on\"\n", IOMMU, NULL },
    { "\"a\" \"root=1 -- single intel_iommu=on\"\n", IOMMU,
      "\"a\" \"root=1 " IOMMU " -- single intel_iommu=on\"\n" },
    { "\"a\" \"--\"\n", IOMMU, "\"a\" \"" IOMMU " --\"\n" },
    /* The kernel's own quotes are doubled. */
    { "\"a\" \"x=\"\"b c\"\"\"\n", IOMMU, "\"a\" \"x=\"\"b c\"\" " IOMMU "\"\n" },
    { "\"a\" \"x=\"\"b " IOMMU " c\"\"\"\n", IOMMU, "\"a\" \"x=\"\"b " IOMMU " c\"\" " IOMMU "\"\n" },
    { "\"a\" \"\"\"intel_iommu=off\"\" quiet\"\n", IOMMU, "\"a\" \"" IOMMU " quiet\"\n" },
    { "\"a\" \"\"\"intel_iommu=on\"\" quiet\"\n", IOMMU, NULL },
    { "\"a\" \"intel_iommu=\"\"on\"\"\"\n", IOMMU, NULL },
    { "\"a\" \"vfio-pci.ids=1002:731f\"\n", "vfio-pci.ids=1002:731f,1002:ab38",
      "\"a\" \"vfio-pci.ids=1002:731f,1002:ab38\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

/* ASCII in UTF-16. */
static GBytes *
widen (const char *mark, const char *text)
{
  GString *wide = g_string_new (mark);
  for (; *text != '\0'; text++) {
    g_string_append_c (wide, *text);
    g_string_append_c (wide, '\0');
  }
  return g_string_free_to_bytes (wide);
}

static void
test_utf16 (void)
{
  static const char *const marks[] = { "\xff\xfe", "" };
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++) {
    g_autoptr (GBytes) old = widen (marks[i], "# x\r\n\"a\" \"root=1 iommu=off\"\r\n");
    g_autoptr (GBytes) expected = widen (marks[i], "# x\r\n\"a\" \"root=1 iommu=pt " IOMMU "\"\r\n");
    check_bytes (old, "iommu=pt " IOMMU, expected);
  }
}

static void
check_refused (GBytes *old, const char *parameters, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (set (old, parameters, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refused (void)
{
  static const struct row rows[] = {
    { "", IOMMU, "line 1: there is no entry" },
    { "# a\n\n#b\n", IOMMU, "line 4: there is no entry" },
    { "\r\n\"a\"\n\"b\" \"c\"\n", IOMMU, "line 2: the entry has no options" },
    { "\"a\" # \"b\"\n", IOMMU, "line 1: the entry has no options" },
    { "a#\"b\" \"c\"\n", IOMMU, "line 1: the entry has no options" },
    { "a b c\n", IOMMU, "line 1: the options are not in quotes" },
    { "a\"b c\"\n", IOMMU, "line 1: the options are not in quotes" },
    { "\n\n\"a\" \"b\n", IOMMU, "line 3: the quote is not closed" },
    { "\"a\" \"b \"\"c\"\n", IOMMU, "line 1: the options have a quote of the kernel's that is not closed" },
    { "\"a\" \"b\"\n", "a\"b", "\"a\"b\" cannot be written as a kernel parameter" },
    { "\"a\" \"b\"\n", "--", "\"--\" cannot be written as a kernel parameter" },
    { "\"a\" \"b\"\n", "x=%v", "\"x=%v\" cannot be written as a kernel parameter" },
    { "\"a\" \"b\"\n", "Initrd=x", "\"Initrd=x\" cannot be written as a kernel parameter" },
    { "\"a\" \"b\"\n", "a-b=1 a_b=2", "\"a_b=2\" is asked for with two values" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    check_refused (old, rows[i].parameters, rows[i].new);
  }
  g_autoptr (GBytes) zero = g_bytes_new_static ("\"a\"\n \"b\0\"\n", 10);
  check_refused (zero, IOMMU, "line 2: it has a character that is zero");
  g_autoptr (GBytes) half = g_bytes_new_static ("\xff\xfe\"\0\"", 5);
  check_refused (half, IOMMU, "line 1: it ends in half a character");
}

static void
test_options (void)
{
  g_autoptr (GBytes) text
      = g_bytes_new_static ("# c\n\"a\" \"b=\"\"c\"\" /d\"\ne /f\n\"g\"\n\"h\" \"i\"\n", 38);
  g_autoptr (GPtrArray) options = pl_refind_text_options (text, NULL);
  g_assert_cmpuint (options->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (options, 0), ==, "b=\"c\" /d");
  g_assert_cmpstr (g_ptr_array_index (options, 1), ==, "\\f");
}

static void
test_stanza (void)
{
  static const struct {
    const char *old;
    guint line;
    const char *new;
  } rows[] = {
    { "timeout 5\nmenuentry \"Arch Linux\" {\n  loader /vmlinuz\n  initrd /i.img\n  options \"root=1 "
      "rw\"\n}\n",
      5, "options \"root=1 rw " IOMMU "\"" },
    { "menuentry A {\n options \"root=1\"\n disabled\n}\nmenuentry B {\n OPTIONS \"root=2\"", 6,
      "OPTIONS \"root=2 " IOMMU "\"" },
    { "menuentry A {\n options \"root=1\"\n submenuentry S {\n options \"root=3\"\n}\n}\n", 2,
      "options \"root=1 " IOMMU "\"" },
    { "menuentry Win {\n loader /w\n options \"x\"\n}\n", 0, NULL },
    { "menuentry A {\n options \"root=1 " IOMMU "\"\n}\n", 0, NULL },
    { "#menuentry A {\n#options \"root=1\"\n#}\noptions \"root=1\"\n", 0, NULL },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    guint line;
    g_autofree char *new = pl_refind_text_stanza (old, parameters, &line);
    g_assert_cmpstr (new, ==, rows[i].new);
    if (new != NULL)
      g_assert_cmpuint (line, ==, rows[i].line);
  }
}

#define BOOT "boot/refind_linux.conf"
#define ESP "boot/efi/EFI/ArchLinux/refind_linux.conf"
#define ENTRY "\"a\" \"root=1 initrd=\\EFI\\ArchLinux\\i.img rw\"\n"

/* Each of what a claim may look at: NULL is not there, "" denied, "?" unread. */
struct evidence {
  const char *boot, *esp, *line, *info;
  enum pl_claim claim;
};

static void
put (struct pl_texts *texts, const char *path, const char *text)
{
  enum pl_state state = text == NULL              ? PL_ABSENT
                        : text[0] == '\0'         ? PL_DENIED
                        : strcmp (text, "?") == 0 ? PL_UNREAD
                                                  : PL_KNOWN;
  g_autoptr (GBytes) bytes = g_bytes_new (text, text != NULL ? strlen (text) : 0);
  pl_texts_set (texts, path, state, bytes);
}

/* All that rEFInd wants is not there, but for the two. */
static struct pl_texts *
make_texts (const char *boot, const char *esp)
{
  struct pl_texts *texts = pl_texts_new ();
  for (guint i = 0; i < pl_boot_refind.n_wants; i++)
    put (texts, pl_boot_refind.wants[i].path, NULL);
  put (texts, BOOT, boot);
  put (texts, ESP, esp);
  return texts;
}

static void
test_claims (void)
{
  static const struct evidence rows[] = {
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_YES },
    { ENTRY, NULL, "rw root=1 initrd=\\EFI\\ArchLinux\\i.img", NULL, PL_CLAIM_YES },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw quiet", NULL, PL_CLAIM_NO },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img", NULL, PL_CLAIM_NO },
    { NULL, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_NO },
    { "\"b\" \"single\"\n" ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_YES },
    { "\"b\"\n" ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_NO },
    /* What was planned since, or is only running. */
    { "\"a\" \"root=1 intel_iommu=on vfio-pci.ids=1:2 initrd=x\"\n", NULL, "root=1 initrd=x", NULL,
      PL_CLAIM_YES },
    { "\"a\" \"root=1 initrd=x\"\n", NULL, "root=1 initrd=x iommu=pt", NULL, PL_CLAIM_YES },
    { "\"a\" \"iommu=pt\"\n", NULL, "initrd=x", NULL, PL_CLAIM_NO },
    /* rEFInd adds the initrd where the options have none, and replaces %v. */
    { "\"a\" \"root=1\"\n", NULL, "root=1 initrd=\\boot\\i.img", NULL, PL_CLAIM_YES },
    { "\"a\" \"root=1 initrd=\\i.img\"\n", NULL, "root=1 initrd=\\i.img initrd=\\j.img", NULL, PL_CLAIM_NO },
    { "\"a\" \"root=1 initrd=\\i-%v.img\"\n", NULL, "root=1 initrd=\\i-6.1.0-1.img", NULL, PL_CLAIM_YES },
    { "\"a\" \"root=1 initrd=\\i-%v.img\"\n", NULL, "root=1 initrd=\\i-.img", NULL, PL_CLAIM_NO },
    { "\"a\" \"x=\"\"b c\"\"\"\n", NULL, "x=\"b c\" initrd=y", NULL, PL_CLAIM_YES },
    { "\"a\" \"x=\"\"b c\"\"\"\n", NULL, "x=\"b d\" initrd=y", NULL, PL_CLAIM_NO },
    /* A recording has left out what is nobody's business. */
    { "\"a\" \"root=LABEL=me ip=1.2.3.4\"\n", NULL, "root=LABEL= ip= initrd=x", NULL, PL_CLAIM_YES },
    { "\"a\" \"ip=\"\n", NULL, "ip=1 initrd=x", NULL, PL_CLAIM_NO },
    /* Not an EFI stub's. */
    { "\"a\" \"root=1\"\n", NULL, "root=1", NULL, PL_CLAIM_NO },
    { ENTRY, NULL, "BOOT_IMAGE=/v root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_NO },
    { "\"a\" \"BOOT_IMAGE=/v initrd=x\"\n", NULL, "BOOT_IMAGE=/v initrd=x", NULL, PL_CLAIM_NO },
    { "", NULL, "BOOT_IMAGE=/v root=1", "?", PL_CLAIM_NO },
    /* Beside the kernel. */
    { NULL, ENTRY, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_YES },
    { NULL, "\"a\" \"root=1\"\n", "root=1 initrd=/efi/archlinux/i.img", NULL, PL_CLAIM_YES },
    { NULL, "\"a\" \"root=1\"\n", "root=1 initrd=\\boot\\i.img", NULL, PL_CLAIM_NO },
    { NULL, "", "root=1 initrd=\\boot\\i.img", NULL, PL_CLAIM_NO },
    /* A loader's name. */
    { NULL, NULL, "root=1", "rEFInd 0.15", PL_CLAIM_YES },
    { "?", "?", NULL, "rEFInd 0.15", PL_CLAIM_YES },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", "systemd-boot 252", PL_CLAIM_NO },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", "Linux EFI stub 7.0.1", PL_CLAIM_YES },
    { NULL, NULL, "root=1 initrd=x", "Linux EFI stub 7.0.1", PL_CLAIM_NO },
    /* Not known. */
    { ENTRY, NULL, NULL, NULL, PL_CLAIM_UNKNOWN },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", "", PL_CLAIM_UNKNOWN },
    { ENTRY, NULL, "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", "?", PL_CLAIM_UNKNOWN },
    { ENTRY, NULL, "root=2 initrd=\\EFI\\ArchLinux\\i.img rw", "?", PL_CLAIM_NO },
    { "", NULL, "root=1 initrd=x", NULL, PL_CLAIM_UNKNOWN },
    { "?", NULL, "root=1 initrd=x", NULL, PL_CLAIM_UNKNOWN },
    { NULL, "", "root=1 initrd=\\EFI\\ArchLinux\\i.img", NULL, PL_CLAIM_UNKNOWN },
    { ENTRY, "?", "root=1 initrd=\\EFI\\ArchLinux\\i.img rw", NULL, PL_CLAIM_YES },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const struct evidence *row = &rows[i];
    struct pl_texts *texts = make_texts (row->boot, row->esp);
    const char *initrd = row->line != NULL ? strstr (row->line, "initrd=") : NULL;
    g_autofree char *value = initrd != NULL ? g_strndup (initrd + 7, strcspn (initrd + 7, " ")) : NULL;
    bool is_named = row->info != NULL && row->info[0] != '\0' && row->info[0] != '?';
    struct pl_boot_evidence evidence = {
      .texts = texts,
      .command_line_state = row->line != NULL ? PL_KNOWN : PL_DENIED,
      .command_line = row->line,
      .boot_image = row->line != NULL && g_str_has_prefix (row->line, "BOOT_IMAGE=") ? "/v" : NULL,
      .initrd = value,
      .loader_info = { is_named               ? PL_KNOWN
                       : row->info == NULL    ? PL_ABSENT
                       : row->info[0] == '\0' ? PL_DENIED
                                              : PL_UNREAD,
                       is_named ? row->info : NULL },
    };
    g_test_message ("row %u", i);
    g_assert_cmpint (pl_boot_refind.claim (&evidence), ==, row->claim);
    pl_texts_free (texts);
  }
}

/* What the readers make of a whole machine: the embedded one's form. */
static void
test_machine (void)
{
  static const struct {
    const char *body;
    enum pl_state state;
  } rows[] = {
    { "refind_linux.conf = \"a\" \"root=/dev/sda1 initrd=\\EFI\\ArchLinux\\i.img rw\"\n", PL_KNOWN },
    { "refind_linux.conf = \"a\" \"root=/dev/sda2 initrd=\\EFI\\ArchLinux\\i.img rw\"\n", PL_ABSENT },
    { "refind_linux.conf ! EACCES\n", PL_UNREAD },
    { "", PL_UNREAD },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strconcat (
        "@/proc\ncmdline = root=/dev/sda1 initrd=\\EFI\\ArchLinux\\i.img rw\n",
        "@/sys/firmware/efi/efivars\nLoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f -\n",
        "@/boot/efi/EFI/ArchLinux\nrefind_linux.conf -\n@/efi/EFI/ArchLinux\nrefind_linux.conf -\n@/boot\n",
        rows[i].body, NULL);
    struct pl_machine *machine = read_recorded (body);
    const char *name = NULL;
    g_assert_cmpint (pl_machine_get_boot_loader (machine, &name), ==, rows[i].state);
    if (rows[i].state == PL_KNOWN)
      g_assert_cmpstr (name, ==, "refind");
    pl_machine_free (machine);
  }
}

static void
test_set_parameters (void)
{
  static const struct {
    const char *boot, *esp, *conf;
    const char *path, *new; /* of the one edit; NULL: none */
    const char *by_hand;
  } rows[] = {
    { "\"a\" \"b\"\n", NULL, NULL, BOOT, "\"a\" \"b " IOMMU "\"\n", NULL },
    { NULL, "\"a\" \"b\"\n", NULL, ESP, "\"a\" \"b " IOMMU "\"\n", NULL },
    { "\"a\" \"" IOMMU "\"\n", NULL, NULL, NULL, NULL, NULL },
    { "\"a\" \"b\n", NULL, NULL, NULL, NULL,
      "/" BOOT
      " is left as it is (line 1: the quote is not closed). Add to the options of its first entry: " IOMMU },
    { NULL, NULL, NULL, NULL, NULL,
      "No refind_linux.conf was found: it lies beside the kernel. Add to the options of its first "
      "entry: " IOMMU },
    { "\"a\" \"b\"\n", "\"a\" \"b\"\n", NULL, NULL, NULL,
      "/" BOOT ", /" ESP ": rEFInd reads the one beside the kernel, and which it is is not known. Add to the "
      "options of its first entry: " IOMMU },
    { "\"a\" \"b\"\n", NULL, "menuentry A {\n options \"root=1\"\n}\n", BOOT, "\"a\" \"b " IOMMU "\"\n",
      "If you start the entry that /efi/EFI/refind/refind.conf describes, write as its line 2:\n"
      "options \"root=1 " IOMMU "\"" },
    { NULL, NULL, "menuentry A {\n options \"root=1\"\n}\n", NULL, NULL,
      "No refind_linux.conf was found: it lies beside the kernel. Add to the options of its first "
      "entry: " IOMMU
      "\nIf you start the entry that /efi/EFI/refind/refind.conf describes, write as its line 2:\n"
      "options \"root=1 " IOMMU "\"" },
  };
  const char *parameters[] = { IOMMU, NULL };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = make_texts (rows[i].boot, rows[i].esp);
    put (texts, "efi/EFI/refind/refind.conf", rows[i].conf);
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    pl_edits_init (&edits);
    g_assert_true (pl_boot_refind.set_parameters (&(struct pl_boot_evidence){ .texts = texts }, parameters,
                                                  &edits, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (edits.by_hand, ==, rows[i].by_hand);
    g_assert_cmpuint (edits.files->len, ==, rows[i].path != NULL ? 1 : 0);
    g_assert_cmpuint (edits.programs->len, ==, 0);
    if (rows[i].path != NULL) {
      const struct pl_edit *edit = g_ptr_array_index (edits.files, 0);
      g_assert_cmpstr (edit->path, ==, rows[i].path);
      g_assert_cmpmem (g_bytes_get_data (edit->new_content, NULL), g_bytes_get_size (edit->new_content),
                       rows[i].new, strlen (rows[i].new));
    }
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
test_not_known (void)
{
  static const char *const denied[] = { "", "?" };
  for (guint i = 0; i < G_N_ELEMENTS (denied); i++) {
    struct pl_texts *texts = make_texts ("\"a\" \"b\"\n", denied[i]);
    const char *parameters[] = { IOMMU, NULL };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    pl_edits_init (&edits);
    g_assert_false (pl_boot_refind.set_parameters (&(struct pl_boot_evidence){ .texts = texts }, parameters,
                                                   &edits, &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_UNDECIDED);
    g_assert_cmpstr (pl_error_path (error), ==, ESP);
    g_assert_cmpuint (edits.files->len, ==, 0);
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refind/entries", test_entries);
  g_test_add_func ("/refind/words", test_words);
  g_test_add_func ("/refind/utf16", test_utf16);
  g_test_add_func ("/refind/refused", test_refused);
  g_test_add_func ("/refind/options", test_options);
  g_test_add_func ("/refind/stanza", test_stanza);
  g_test_add_func ("/refind/claims", test_claims);
  g_test_add_func ("/refind/machine", test_machine);
  g_test_add_func ("/refind/set-parameters", test_set_parameters);
  g_test_add_func ("/refind/not-known", test_not_known);
  return g_test_run ();
}
