/* test_command_line.c - kernel command lines as the kernel takes them apart, and modaliases. */
#include "machine/command_line.h"
#include "machine/modalias.h"

#include <string.h>

/* Words as "name" or "name=value", each with a comma behind it. Checked against lib/cmdline.c, next_arg(). */
static const struct {
  const char *text, *words;
} rows[] = {
  { "", "" },
  { "  \n", "" },
  { "quiet", "quiet," },
  { "root=/dev/sda1 ro quiet\n", "root=/dev/sda1,ro,quiet," },
  { "root=UUID=1234 rw", "root=UUID=1234,rw," },
  { "a=  b", "a=,b," },
  { "a=\"b c\" d", "a=b c,d," },
  { "\"a=b c\" d", "a=b c,d," },
  { "\"a b\"", "a b," },
  { "dyndbg=\"file drivers/usb/* +p; func x\" ro", "dyndbg=file drivers/usb/* +p; func x,ro," },
  /* A quote inside of a value stays. */
  { "a=b\"c d\"e f", "a=b\"c d\"e,f," },
  /* A quote that nobody closes takes all that follows. */
  { "a=\"b c", "a=b c," },
  { "\"", "," },
  { "a=\"\"", "a=," },
  { "vfio-pci.ids=1002:731f,1002:ab38 iommu=pt", "vfio-pci.ids=1002:731f,1002:ab38,iommu=pt," },
  { "initrd=\\EFI\\arch.img rw", "initrd=\\EFI\\arch.img,rw," },
  /* What stands behind is init's. */
  { "ro -- single iommu=off", "ro," },
  { "ro --x", "ro,--x," },
  { "\t ro\t\tquiet ", "ro,quiet," },
};

static struct pl_machine *
new_machine (void)
{
  g_autoptr (GBytes) names = g_bytes_new_static ("", 0);
  return pl_machine_new (PL_SOURCE_TEXT, "text", pl_names_new_for_text (names));
}

static void
test_words (void)
{
  struct pl_machine *machine = new_machine ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const struct pl_command_line *line = pl_command_line_parse (machine, rows[i].text, strlen (rows[i].text));
    g_autoptr (GString) words = g_string_new (NULL);
    for (guint k = 0; k < line->parameters->len; k++) {
      const struct pl_parameter *parameter = &g_array_index (line->parameters, struct pl_parameter, k);
      g_string_append (words, parameter->name);
      if (parameter->value != NULL)
        g_string_append_printf (words, "=%s", parameter->value);
      g_string_append_c (words, ',');
    }
    g_assert_cmpstr (words->str, ==, rows[i].words);
  }
  pl_machine_free (machine);
}

static void
test_value (void)
{
  static const char text[] = "iommu=off vfio-pci.ids=1 quiet iommu=pt empty= vfio_pci.ids=2";
  struct pl_machine *machine = new_machine ();
  const struct pl_command_line *line = pl_command_line_parse (machine, text, strlen (text));
  g_assert_cmpstr (line->text, ==, text);
  /* The last one counts, and a hyphen is an underscore. */
  g_assert_cmpstr (pl_command_line_value (line, "iommu"), ==, "pt");
  g_assert_cmpstr (pl_command_line_value (line, "vfio-pci.ids"), ==, "2");
  g_assert_cmpstr (pl_command_line_value (line, "quiet"), ==, "");
  g_assert_cmpstr (pl_command_line_value (line, "empty"), ==, "");
  g_assert_null (pl_command_line_value (line, "iomm"));
  g_assert_null (pl_command_line_value (line, "iommux"));
  pl_machine_free (machine);
}

/* No byte behind the text is looked at: AddressSanitizer sees it. */
static void
test_cut (void)
{
  struct pl_machine *machine = new_machine ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize size = 0; size <= strlen (rows[i].text); size++) {
      g_autofree char *text = g_memdup2 (rows[i].text, size > 0 ? size : 1);
      g_assert_nonnull (pl_command_line_parse (machine, text, size));
    }
  pl_machine_free (machine);
}

static void
test_modalias (void)
{
  static const char text[] = "pci:v00001002d0000731Fsv00001043sd000004E8bc03sc00i01";
  struct pl_modalias modalias = { 0 };
  g_assert_true (pl_modalias_parse (text, strlen (text), &modalias));
  g_assert_cmphex (modalias.vendor, ==, 0x1002);
  g_assert_cmphex (modalias.device, ==, 0x731f);
  g_assert_cmphex (modalias.subsystem_vendor, ==, 0x1043);
  g_assert_cmphex (modalias.subsystem_device, ==, 0x04e8);
  g_assert_cmphex (modalias.class, ==, 0x0300);
  g_assert_cmphex (modalias.prog_if, ==, 0x01);
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_assert_true (pl_modalias_parse (line, strlen (line), &modalias));

  static const char *const others[] = {
    "",
    "pci:",
    "pci:v00001002d*sv*sd*bc03sc00i00*",
    "usb:v1D6Bp0002d0601dc09dsc00dp01ic09isc00ip00in00",
    "pci:v00001002d0000731Fsv00001043sd000004E8bc03sc00i01x",
    "pci:v00011002d0000731Fsv00001043sd000004E8bc03sc00i01",
    "pci:v00001002d0000731Fsv00001043sd000004E8bc03sc00i0",
    "pci:v0000100gd0000731Fsv00001043sd000004E8bc03sc00i00",
  };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (pl_modalias_parse (others[i], strlen (others[i]), &modalias));
  for (gsize size = 0; size < strlen (text); size++) {
    g_autofree char *part = g_memdup2 (text, size > 0 ? size : 1);
    g_assert_false (pl_modalias_parse (part, size, &modalias));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  g_test_add_func ("/command-line/words", test_words);
  g_test_add_func ("/command-line/value", test_value);
  g_test_add_func ("/command-line/cut", test_cut);
  g_test_add_func ("/modalias", test_modalias);
  return g_test_run ();
}
