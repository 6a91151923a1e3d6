/* test_grub_text.c - what the editor of GRUB's defaults makes of files: { what it was, what is asked, what it
 * must be }. */
#include "boot/grub_text.h"

#include <string.h>

#define X "GRUB_CMDLINE_LINUX_DEFAULT"

struct row {
  const char *old;
  const char *parameters; /* parted by blanks */
  const char *new;        /* NULL: as it was */
};

static GBytes *
set (GBytes *old, const char *parameters, GError **error)
{
  g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
  return pl_grub_text_set (old, X, (const char *const *) words, error);
}

/* Whether the new text is the old one with things put in; of the old one a replaced value, "off" or "auto",
 * may be left out. */
static bool
is_kept (const char *old, const char *new)
{
  for (; *old != '\0'; new ++) {
    gsize value = g_str_has_prefix (old, "off") ? 3 : g_str_has_prefix (old, "auto") ? 4 : 0;
    if (value > 0 && strncmp (old, new, value) != 0
        && (g_str_has_prefix (new, "on") || g_str_has_prefix (new, "off")))
      old += value;
    else if (*old == *new)
      old++;
    else if (*new == '\0')
      return false;
  }
  return true;
}

static void
check (const struct row *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) old = g_bytes_new (row->old, strlen (row->old));
  g_autoptr (GBytes) new = set (old, row->parameters, &error);
  g_assert_no_error (error);
  g_autofree char *text = g_strndup (g_bytes_get_data (new, NULL), g_bytes_get_size (new));
  g_assert_cmpstr (text, ==, row->new != NULL ? row->new : row->old);
  g_assert_true ((row->new == NULL) == (new == old));
  g_assert_true (is_kept (row->old, text));
  g_autoptr (GBytes) again = set (new, row->parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
  bool has;
  g_assert_true (pl_grub_text_has (new, X, &has, &error));
  g_assert_true (has);
}

static void
check_rows (const struct row *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    check (&rows[i]);
}

#define IOMMU "intel_iommu=on"

static void
test_distributions (void)
{
  static const struct row rows[] = {
    /* Debian */
    { "# Run update-grub after a change.\n\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n"
      "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`\n" X
      "=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n#GRUB_TERMINAL=console\n",
      IOMMU " iommu=pt",
      "# Run update-grub after a change.\n\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n"
      "GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`\n" X
      "=\"quiet " IOMMU " iommu=pt\"\nGRUB_CMDLINE_LINUX=\"\"\n#GRUB_TERMINAL=console\n" },
    { "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\n" X "=\"\"\n", IOMMU,
      "GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`\n" X "=\"" IOMMU "\"\n" },
    /* Ubuntu */
    { "GRUB_TIMEOUT_STYLE=hidden\n" X
      "=\"quiet splash vt.handoff=7\"\nGRUB_BADRAM=\"0x01234567,0xfefefefe\"\n",
      IOMMU,
      "GRUB_TIMEOUT_STYLE=hidden\n" X "=\"quiet splash vt.handoff=7 " IOMMU
      "\"\nGRUB_BADRAM=\"0x01234567,0xfefefefe\"\n" },
    { "# Cloud image\nGRUB_RECORDFAIL_TIMEOUT=0\n" X
      "=\"console=tty1 console=ttyS0\"\nGRUB_TERMINAL=console\n",
      IOMMU,
      "# Cloud image\nGRUB_RECORDFAIL_TIMEOUT=0\n" X "=\"console=tty1 console=ttyS0 " IOMMU
      "\"\nGRUB_TERMINAL=console\n" },
    { X "=\"$" X " quiet splash\"\n", IOMMU, X "=\"$" X " quiet splash " IOMMU "\"\n" },
    { X "=\"${" X ":+$" X " }nvme.poll=1\"\n", IOMMU, X "=\"${" X ":+$" X " }nvme.poll=1 " IOMMU "\"\n" },
    /* Arch */
    { "GRUB_DISTRIBUTOR=\"Arch\"\n" X "=\"loglevel=3 quiet\"\nGRUB_PRELOAD_MODULES=\"part_gpt part_msdos\"\n",
      IOMMU,
      "GRUB_DISTRIBUTOR=\"Arch\"\n" X "=\"loglevel=3 quiet " IOMMU
      "\"\nGRUB_PRELOAD_MODULES=\"part_gpt part_msdos\"\n" },
    { X "='quiet'\n", IOMMU, X "='quiet " IOMMU "'\n" },
    /* openSUSE */
    { "GRUB_DISTRIBUTOR=\n" X
      "=\"splash=silent resume=/dev/disk/by-uuid/1 mitigations=auto quiet security=apparmor\"\n",
      "mitigations=off",
      "GRUB_DISTRIBUTOR=\n" X
      "=\"splash=silent resume=/dev/disk/by-uuid/1 mitigations=off quiet security=apparmor\"\n" },
    { X "=\"quiet\"\nGRUB_CMDLINE_XEN_DEFAULT=\"vga=gfx-1024x768x16\"\nSUSE_BTRFS_SNAPSHOT_BOOTING=\"true\"",
      IOMMU,
      X "=\"quiet " IOMMU
        "\"\nGRUB_CMDLINE_XEN_DEFAULT=\"vga=gfx-1024x768x16\"\nSUSE_BTRFS_SNAPSHOT_BOOTING=\"true\"" },
    /* Fedora: the variable is not there */
    { "GRUB_DISTRIBUTOR=\"$(sed 's, release .*$,,g' /etc/system-release)\"\nGRUB_CMDLINE_LINUX=\"rhgb "
      "quiet\"\n",
      IOMMU,
      "GRUB_DISTRIBUTOR=\"$(sed 's, release .*$,,g' /etc/system-release)\"\nGRUB_CMDLINE_LINUX=\"rhgb "
      "quiet\"\n" X "=\"" IOMMU "\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_quotes (void)
{
  static const struct row rows[] = {
    { X "=\n", IOMMU, X "=\"" IOMMU "\"\n" },
    { X "=''", IOMMU, X "='" IOMMU "'" },
    { X "=\"  \"\n", IOMMU, X "=\"" IOMMU "  \"\n" },
    { X "=quiet\n", IOMMU, X "=\"quiet " IOMMU "\"\n" },
    { X "=quiet # why\n", IOMMU, X "=\"quiet " IOMMU "\" # why\n" },
    { X "=quiet\\ splash\n", IOMMU, X "=quiet\\ splash\" " IOMMU "\"\n" },
    { X "='a'\"b\"c\n", IOMMU, X "='a'\"b\"c\" " IOMMU "\"\n" },
    { X "='a'\"b\"\n", IOMMU, X "='a'\"b " IOMMU "\"\n" },
    { X "=a'b'$\n", IOMMU, X "=a'b'$\\ " IOMMU "\n" },
    { X "=\"quiet \\\n  splash \\\n\"\n", IOMMU, X "=\"quiet \\\n  splash " IOMMU " \\\n\"\n" },
    { X "=a:~\n", IOMMU, X "=a:~\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=~/a\n", IOMMU, X "=~/a\" " IOMMU "\"\n" },
    { X "=\"quiet $EXTRA\"\n", IOMMU, X "=\"quiet $EXTRA " IOMMU "\"\n" },
    { X "=quiet$EXTRA; A=1\n", IOMMU, X "=quiet$EXTRA\" " IOMMU "\"; A=1\n" },
    { X "=\"$(cat /etc/x)\"\n", IOMMU, X "=\"$(cat /etc/x) " IOMMU "\"\n" },
    { X "=\"dyndbg=\\\"file a +p\\\" quiet\"\n", IOMMU, X "=\"dyndbg=\\\"file a +p\\\" quiet " IOMMU "\"\n" },
    { X "=\"quiet -- single\"\n", IOMMU, X "=\"quiet " IOMMU " -- single\"\n" },
    { X "=\"a\"\r\nB=1\r\n", IOMMU, X "=\"a " IOMMU "\"\r\nB=1\r\n" },
    { X "=a\r\n", IOMMU, X "=\"a " IOMMU "\"\r\n" },
    { "A=1\r\nB=2", IOMMU, "A=1\r\nB=2\n" X "=\"" IOMMU "\"\r\n" },
    { "", IOMMU, X "=\"" IOMMU "\"\n" },
    { "# " X "=\"a\"", IOMMU, "# " X "=\"a\"\n" X "=\"" IOMMU "\"\n" },
    { "export " X "=\"a\"; B=1\n", IOMMU, "export " X "=\"a " IOMMU "\"; B=1\n" },
    { X "=\"a\"\nexport " X "\n", IOMMU, X "=\"a " IOMMU "\"\nexport " X "\n" },
    { "export " X "=$A\n", IOMMU, "export " X "=$A\n" X "=\"$" X " " IOMMU "\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_words (void)
{
  static const struct row rows[] = {
    { X "=\"quiet " IOMMU " splash\"\n", IOMMU, NULL },
    { X "=\"intel-iommu=on\"\n", IOMMU, NULL },
    { X "=\"\\\"" IOMMU "\\\"\"\n", IOMMU, NULL },
    { X "='quiet intel_iommu=off splash'\n", IOMMU, X "='quiet intel_iommu=on splash'\n" },
    { X "=\"intel_iommu=off x intel_iommu=off\"\n", IOMMU, X "=\"intel_iommu=off x intel_iommu=on\"\n" },
    { X "=\"" IOMMU " intel_iommu=off\"\n", IOMMU, X "=\"" IOMMU " intel_iommu=on\"\n" },
    { X "=\"intel_iommu=off " IOMMU "\"\n", IOMMU, NULL },
    { X "=intel_iommu=off\n", IOMMU, X "=intel_iommu=on\n" },
    { X "=intel_iommu=\"off\"\n", IOMMU, X "=intel_iommu=\"off " IOMMU "\"\n" },
    { X "=\"intel_iommu=$MODE quiet\"\n", IOMMU, X "=\"intel_iommu=$MODE quiet " IOMMU "\"\n" },
    { X "=\"" IOMMU " intel_iommu=$MODE\"\n", IOMMU, X "=\"" IOMMU " intel_iommu=$MODE " IOMMU "\"\n" },
    { X "=\"" IOMMU " intel$MODE\"\n", IOMMU, NULL },
    { X "=\"xintel_iommu=on intel_iommu=on,sm_on\"\n", "iommu=pt",
      X "=\"xintel_iommu=on intel_iommu=on,sm_on iommu=pt\"\n" },
    { X "=\"-- " IOMMU "\"\n", IOMMU, X "=\"" IOMMU " -- " IOMMU "\"\n" },
    { X "=\"intel_iommu=off quiet\"\n", "iommu=pt " IOMMU " quiet",
      X "=\"intel_iommu=on quiet iommu=pt\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_several (void)
{
  static const struct row rows[] = {
    { X "=\"" IOMMU "\"\n" X "=\"$" X " " X "\"\n", IOMMU, NULL },
    { X "=\"a\"\n" X "=\"b\"\n", IOMMU, X "=\"a\"\n" X "=\"b " IOMMU "\"\n" },
    { X "=\"" IOMMU "\"\n" X "=\"b\"\n", IOMMU, X "=\"" IOMMU "\"\n" X "=\"b " IOMMU "\"\n" },
    { X "=\"" IOMMU "\"\n" X "=\"$" X " b\"\n", IOMMU, NULL },
    { X "=\"intel_iommu=off\"\n" X "+=\" b\"\n", IOMMU, X "=\"intel_iommu=on\"\n" X "+=\" b\"\n" },
    { X "=\"a\"\n" X "+=\" b\"\n", IOMMU, X "=\"a\"\n" X "+=\" b " IOMMU "\"\n" },
    { X "=\"a\"\n" X "+=\"\"\n", IOMMU, X "=\"a\"\n" X "+=\" " IOMMU "\"\n" },
    { X "=\"a\"\n" X "=\"${" X "}\"\n", IOMMU, X "=\"a\"\n" X "=\"${" X "} " IOMMU "\"\n" },
    { X "=\"intel_iommu=off\"\n" X "=\"$" X " $" X "\"\n", IOMMU,
      X "=\"intel_iommu=off\"\n" X "=\"$" X " $" X " " IOMMU "\"\n" },
    { X "=\"a\"\nif [ -f /x ]; then\n  " X "=\"b\"\nfi\n", IOMMU,
      X "=\"a\"\nif [ -f /x ]; then\n  " X "=\"b\"\nfi\n" X "=\"$" X " " IOMMU "\"\n" },
    { "if [ -f /x ]; then " X "=\"b\"; fi\n" X "=c", IOMMU,
      "if [ -f /x ]; then " X "=\"b\"; fi\n" X "=\"c " IOMMU "\"" },
    { X "=\"" IOMMU "\"\n[ -f /x ] && " X "=\"$" X " b\"\n", IOMMU, NULL },
    { X "=\"" IOMMU "\"\n[ -f /x ] && " X "=\"$" X " intel_iommu=off\"\n", IOMMU,
      X "=\"" IOMMU "\"\n[ -f /x ] && " X "=\"$" X " intel_iommu=off\"\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=\"" IOMMU "\"\n[ -f /x ] && " X "=\"$" X "x\"\n", IOMMU,
      X "=\"" IOMMU "\"\n[ -f /x ] && " X "=\"$" X "x\"\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=\"a\"\nGRUB_CMDLINE_XEN=\"$" X "\"\n", IOMMU,
      X "=\"a\"\nGRUB_CMDLINE_XEN=\"$" X "\"\n" X "=\"$" X " " IOMMU "\"\n" },
    { "B=\"$" X "\"\n" X "=\"a\"\n", IOMMU, "B=\"$" X "\"\n" X "=\"a " IOMMU "\"\n" },
    { "f () { B=\"$" X "\"; }\n" X "=\"a\"\nf\n", IOMMU,
      "f () { B=\"$" X "\"; }\n" X "=\"a\"\nf\n" X "=\"$" X " " IOMMU "\"\n" },
    { "f () { B=\"$" X "\"; }\n", IOMMU " iommu=pt",
      "f () { B=\"$" X "\"; }\n" X "=\"$" X " " IOMMU " iommu=pt\"\n" },
    { X "=\"a\"\n. /etc/grub.local\n", IOMMU, X "=\"a\"\n. /etc/grub.local\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=\"a\"\nunset " X "\n", IOMMU, X "=\"a\"\nunset " X "\n" X "=\"$" X " " IOMMU "\"\n" },
    { ": ${" X ":=a}\n", IOMMU, ": ${" X ":=a}\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=\"" IOMMU "\"\nunset " X "\n", IOMMU,
      X "=\"" IOMMU "\"\nunset " X "\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=" IOMMU "\neval \"$A\"\n", IOMMU, X "=" IOMMU "\neval \"$A\"\n" X "=\"$" X " " IOMMU "\"\n" },
    { X "=a true\n", IOMMU, X "=a true\n" X "=\"$" X " " IOMMU "\"\n" },
    { "cat <<E >/dev/null\n" X "=\"a\"\nE", IOMMU,
      "cat <<E >/dev/null\n" X "=\"a\"\nE\n" X "=\"$" X " " IOMMU "\"\n" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_refused (void)
{
  static const struct row rows[] = {
    { "\n" X "=\"quiet\n", IOMMU, "line 2: the quote is not closed" },
    { "A=1\n" X "=(quiet)\n", IOMMU, "line 2: " X " is an array" },
    { "[ -f /x ] || exit 0\n" X "=\"quiet\"\n", IOMMU,
      "line 1: exit may change what the lines behind it do" },
    { "return\n", IOMMU, "line 1: return may change what the lines behind it do" },
    { "A=1\nreadonly " X "\n", IOMMU, "line 2: readonly may change what the lines behind it do" },
    { X "=\"a=\\\"b c\"\n", IOMMU, "line 1: " X " has a word with a quote that is not closed" },
    { "\n" X "=\"a -- b\"\nB=$" X, IOMMU,
      "line 2: " X " has \"--\", and no place in front of it can be changed" },
    { X "=\"a\"\nif b; then\n" X "=\"c --\"; fi\n", IOMMU,
      "line 3: " X " may have \"--\", and words behind it are no parameters" },
    { X "=\"a=\\\"b\"\ntrue && " X "=c\n", IOMMU,
      "line 1: " X " may have a quote that is not closed, and words behind it are no parameters" },
    { "", "a\"b", "\"a\"b\" cannot be written as a kernel parameter" },
    { "", "$(b)", "\"$(b)\" cannot be written as a kernel parameter" },
    { "", "--", "\"--\" cannot be written as a kernel parameter" },
    { "", "a=1 a=2", "\"a=2\" is asked for with two values" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_assert_null (set (old, rows[i].parameters, &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, rows[i].new);
  }
}

static void
test_has (void)
{
  static const struct {
    const char *text;
    bool has;
  } rows[] = {
    { "", false },
    { X "=\n", true },
    { "if a; then export " X "+=b; fi\n", true },
    { "readonly " X "=1\n", true },
    { ": ${" X ":=1}\n", true },
    { "# " X "=\n", false },
    { "A=\"$" X "\"; B" X "=1\n", false },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) text = g_bytes_new (rows[i].text, strlen (rows[i].text));
    bool has;
    g_assert_true (pl_grub_text_has (text, X, &has, NULL));
    g_assert_cmpint (has, ==, rows[i].has);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bad = g_bytes_new_static ("A='", 3);
  bool has;
  g_assert_false (pl_grub_text_has (bad, X, &has, &error));
  g_assert_cmpstr (error->message, ==, "line 1: the quote is not closed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grub-text/distributions", test_distributions);
  g_test_add_func ("/grub-text/quotes", test_quotes);
  g_test_add_func ("/grub-text/words", test_words);
  g_test_add_func ("/grub-text/several", test_several);
  g_test_add_func ("/grub-text/refused", test_refused);
  g_test_add_func ("/grub-text/has", test_has);
  return g_test_run ();
}
