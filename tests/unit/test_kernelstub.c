/* test_kernelstub.c - kernelstub of Pop!_OS: what its editor makes of its configuration { what it was, what
 * is asked, what it must be }; whether it made what was started, by evidence; what is left to a person. */
#include "boot/kernelstub.h"
#include "boot/kernelstub_text.h"

#include "loader_case.h"

#define IOMMU "intel_iommu=on"

/* What kernelstub writes, with these lines as its list. */
#define TEXT(list)                                                                              \
  "{\n  \"default\": {\n    \"kernel_options\": [\n      \"quiet\"\n    ],\n    \"esp_path\": " \
  "\"/boot/efi\"\n  },\n"                                                                       \
  "  \"user\": {\n    \"kernel_options\": [" list                                               \
  "],\n    \"esp_path\": \"/boot/efi\",\n    \"setup_loader\": true,\n"                         \
  "    \"config_rev\": 3\n  }\n}\n"

/* On one line. */
#define SHORT(list) "{\"user\":{\"esp_path\":\"/boot/efi\",\"kernel_options\":" list "}}"

struct row {
  const char *old;
  const char *parameters; /* parted by blanks */
  const char *new;        /* NULL: as it was; or the error's text */
};

static GBytes *
set (GBytes *old, const char *parameters, GError **error)
{
  g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
  return pl_kernelstub_text_set (old, (const char *const *) words, error);
}

static void
test_options (void)
{
  static const struct row rows[] = {
    { TEXT ("\n      \"quiet\",\n      \"splash\"\n    "), IOMMU,
      TEXT ("\n      \"quiet\",\n      \"splash\",\n      \"" IOMMU "\"\n    ") },
    { TEXT ("\n      \"quiet\"\n    "), IOMMU " iommu=pt",
      TEXT ("\n      \"quiet\",\n      \"" IOMMU "\",\n      \"iommu=pt\"\n    ") },
    { TEXT (""), IOMMU, TEXT ("\"" IOMMU "\"") },
    { TEXT (" "), IOMMU, TEXT ("\"" IOMMU "\" ") },
    { TEXT ("\n      \"" IOMMU "\"\n    "), IOMMU, NULL },
    { TEXT ("\n      \"intel_iommu=off\",\n      \"quiet\"\n    "), IOMMU,
      TEXT ("\n      \"" IOMMU "\",\n      \"quiet\"\n    ") },
    { SHORT ("[\"a\",\"b\"]"), IOMMU, SHORT ("[\"a\",\"b\",\"" IOMMU "\"]") },
    { SHORT ("[ \"a\" , \"b\" ]"), IOMMU, SHORT ("[ \"a\" , \"b\", \"" IOMMU "\" ]") },
    { SHORT ("[\"a\"]"), IOMMU, SHORT ("[\"a\",\"" IOMMU "\"]") },
    { SHORT ("[\"intel_iommu\"]"), IOMMU, SHORT ("[\"" IOMMU "\"]") },
    { SHORT ("[\"intel-iommu=on\"]"), IOMMU, NULL },
    { SHORT ("[\"intel\\u005fiommu=on\"]"), IOMMU, NULL },
    /* The last one counts. */
    { SHORT ("[\"intel_iommu=on\",\"intel_iommu=off\"]"), IOMMU,
      SHORT ("[\"intel_iommu=on\",\"" IOMMU "\"]") },
    { SHORT ("[\"vfio-pci.ids=1:2\",\"a=\\\"b\\\"\"]"), "vfio-pci.ids=1:2,3:4",
      SHORT ("[\"vfio-pci.ids=1:2,3:4\",\"a=\\\"b\\\"\"]") },
    { SHORT ("[\"\\u00e4\",\"\\/\\\\\"]"), IOMMU, SHORT ("[\"\\u00e4\",\"\\/\\\\\",\"" IOMMU "\"]") },
    { SHORT ("[\"\"]"), IOMMU, SHORT ("[\"\",\"" IOMMU "\"]") },
    { "{\"x\":[1,-2.5e3,null,{\"kernel_options\":[]}],\"us\\u0065r\":{\"esp_path\":\"/"
      "\",\"kernel_options\":[]}}\r\n",
      IOMMU,
      "{\"x\":[1,-2.5e3,null,{\"kernel_options\":[]}],\"us\\u0065r\":{\"esp_path\":\"/"
      "\",\"kernel_options\":[\"" IOMMU "\"]}}\r\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    const char *text = rows[i].new != NULL ? rows[i].new : rows[i].old;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) new = set (old, rows[i].parameters, &error);
    g_test_message ("row %u", i);
    g_assert_no_error (error);
    g_assert_cmpmem (g_bytes_get_data (new, NULL), g_bytes_get_size (new), text, strlen (text));
    g_assert_true ((new == old) == (rows[i].new == NULL));
    g_autoptr (GBytes) again = set (new, rows[i].parameters, &error);
    g_assert_no_error (error);
    g_assert_true (again == new);
  }
}

static void
test_refused (void)
{
#define NO_LIST "line 1: it has no user.kernel_options or no user.esp_path"
  static const struct row rows[] = {
    { "", IOMMU, "line 1: an object is missing" },
    { "[]", IOMMU, "line 1: an object is missing" },
    { "{}", IOMMU, NO_LIST },
    { "{\"default\":{\"kernel_options\":[],\"esp_path\":\"/\"}}", IOMMU, NO_LIST },
    { "{\"user\":{\"kernel_options\":[]}}", IOMMU, NO_LIST },
    { SHORT ("\"quiet splash\""), IOMMU, "line 1: kernel_options is no list" },
    { "{\n\"user\":\n{\"kernel_options\":[1]}}", IOMMU, "line 3: a string is missing" },
    { SHORT ("[\"a\" \"b\"]"), IOMMU, "line 1: a comma is missing" },
    { SHORT ("[\"a\",]"), IOMMU, "line 1: a string is missing" },
    { SHORT ("[\"a]"), IOMMU, "line 1: a string is not closed" },
    { SHORT ("[\"a\nb\"]"), IOMMU, "line 2: a string is not closed" },
    { SHORT ("[\"a b\"]"), IOMMU, "a string of kernel_options is more than one word" },
    { SHORT ("[\"--\"]"), IOMMU, "a string of kernel_options is more than one word" },
    { SHORT ("[\"\\u0000\"]"), IOMMU, "line 1: a string has a zero" },
    { SHORT ("[\"\\x\"]"), IOMMU, "line 1: an escape is not understood" },
    { SHORT ("[]") "{", IOMMU, "line 1: something stands behind the end" },
    { "{\"user\":{},\"user\":{}}", IOMMU, "line 1: a name is there twice" },
    { "{\"a\" 1}", IOMMU, "line 1: a colon is missing" },
    { "{\"a\":}", IOMMU, "line 1: a value is missing" },
    { SHORT ("[]"), "a\"b", "\"a\"b\" cannot be written as a kernel parameter" },
    { "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", IOMMU, "line 1: it is too deep" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_test_message ("row %u", i);
    g_assert_null (set (old, rows[i].parameters, &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
    g_assert_cmpstr (error->message, ==, rows[i].new);
  }
}

#define CONF "etc/kernelstub/configuration"
#define ENTRY "boot/efi/loader/entries/Pop_OS-current.conf"
#define OLD_CONF TEXT ("\n      \"quiet\"\n    ")
#define NEW_CONF TEXT ("\n      \"quiet\",\n      \"" IOMMU "\"\n    ")
#define OLD_ENTRY "title Pop!_OS\nlinux /EFI/v.efi\ninitrd /EFI/i\noptions root=UUID=1 ro quiet\n"
#define NEW_ENTRY "title Pop!_OS\nlinux /EFI/v.efi\ninitrd /EFI/i\noptions root=UUID=1 ro quiet " IOMMU "\n"
#define RUNNING "initrd=\\EFI\\i root=UUID=1 ro quiet"
#define BOOTED RUNNING, "systemd-boot 252", "Pop_OS-current.conf"

static void
test_claims (void)
{
  static const struct claim_case rows[] = {
    { { { { CONF, "x" } }, RUNNING, "systemd-boot 252" }, PL_CLAIM_YES },
    { { { { CONF, "x" } }, BOOTED }, PL_CLAIM_YES },
    { { { { CONF, NULL } }, BOOTED }, PL_CLAIM_NO },
    { { { { CONF, "x" } }, RUNNING, "GRUB 2.12" }, PL_CLAIM_NO },
    { { { { CONF, "x" } }, RUNNING, "Linux EFI stub 7.0.1" }, PL_CLAIM_NO },
    { { { { CONF, "x" } }, RUNNING, NULL }, PL_CLAIM_NO },
    { { { { CONF, "x" } }, RUNNING, "" }, PL_CLAIM_UNKNOWN },
    { { { { CONF, "x" } }, RUNNING, "?" }, PL_CLAIM_UNKNOWN },
    { { { { CONF, NULL } }, RUNNING, "?" }, PL_CLAIM_NO },
    { { { { CONF, "x" } }, "BOOT_IMAGE=/v ro", "?" }, PL_CLAIM_NO },
    { { { { CONF, "" } }, BOOTED }, PL_CLAIM_UNKNOWN },
    { { { { CONF, "?" } }, BOOTED }, PL_CLAIM_UNKNOWN },
    { { { { CONF, "" } }, RUNNING, NULL }, PL_CLAIM_NO },
  };
  check_claims (&pl_boot_kernelstub, rows, G_N_ELEMENTS (rows));
}

#define RUN ". Run: sudo kernelstub -a \"" IOMMU "\""
#define NONE     \
  {              \
    {            \
      NULL, NULL \
    }            \
  }

static void
test_set_parameters (void)
{
  static const struct set_case rows[] = {
    { { { { CONF, OLD_CONF }, { ENTRY, OLD_ENTRY } }, BOOTED },
      IOMMU,
      { { CONF, NEW_CONF }, { ENTRY, NEW_ENTRY } },
      NULL,
      NULL },
    { { { { CONF, NEW_CONF }, { ENTRY, NEW_ENTRY } }, BOOTED }, IOMMU, NONE, NULL, NULL },
    { { { { CONF, NEW_CONF }, { ENTRY, OLD_ENTRY } }, BOOTED }, IOMMU, { { ENTRY, NEW_ENTRY } }, NULL, NULL },
    { { { { CONF, OLD_CONF }, { ENTRY, OLD_ENTRY } }, RUNNING, "systemd-boot 252", "Pop_OS-oldkern.conf" },
      IOMMU,
      { { CONF, NEW_CONF }, { ENTRY, NEW_ENTRY } },
      NULL,
      NULL },
    { { { { CONF, OLD_CONF }, { ENTRY, OLD_ENTRY } }, RUNNING, "systemd-boot 252", "arch.conf" },
      IOMMU,
      NONE,
      "The entry that was started is none of kernelstub's" RUN,
      NULL },
    { { { { CONF, SHORT ("[]") }, { ENTRY, OLD_ENTRY } }, BOOTED },
      IOMMU,
      NONE,
      "/" CONF " says that kernelstub writes no entry (setup_loader)" RUN,
      NULL },
    { { { { CONF, "{\"user\":{\"esp_path\":\"/x\",\"setup_loader\":true,\"kernel_options\":[]}}" } },
        BOOTED },
      IOMMU,
      NONE,
      "The EFI system partition of /" CONF " is not where it is usual" RUN,
      NULL },
    { { { { CONF, "{" } }, BOOTED },
      IOMMU,
      NONE,
      "/" CONF " is left as it is (line 1: a string is missing)" RUN,
      NULL },
    { { { { CONF, OLD_CONF } }, BOOTED }, IOMMU, NONE, "/" ENTRY " is not there" RUN, NULL },
    { { { { CONF, OLD_CONF }, { ENTRY, "options a\noptions b\n" } }, BOOTED },
      IOMMU,
      NONE,
      "/" ENTRY " is left as it is (it has more than one options line)" RUN,
      NULL },
    { { { { CONF, OLD_CONF }, { ENTRY, "options a=\"b\n" } }, BOOTED },
      IOMMU,
      NONE,
      "/" ENTRY " is left as it is (line 1: the options have a quote that is not closed)" RUN,
      NULL },
    { { { { CONF, OLD_CONF }, { ENTRY, "options\ta\r\n" } }, BOOTED },
      IOMMU,
      { { CONF, NEW_CONF }, { ENTRY, "options\ta " IOMMU "\r\n" } },
      NULL,
      NULL },
  };
  static const struct set_case not_known[] = {
    { { { { CONF, "" } }, BOOTED }, IOMMU, NONE, NULL, CONF },
    { { { { CONF, "?" } }, BOOTED }, IOMMU, NONE, NULL, CONF },
    { { { { CONF, NEW_CONF }, { ENTRY, "" } }, BOOTED }, IOMMU, NONE, NULL, ENTRY },
    { { { { CONF, NEW_CONF }, { ENTRY, "?" } }, BOOTED }, IOMMU, NONE, NULL, ENTRY },
  };
  check_sets (&pl_boot_kernelstub, rows, G_N_ELEMENTS (rows));
  check_sets (&pl_boot_kernelstub, not_known, G_N_ELEMENTS (not_known));
}

/* What the readers make of a whole machine. */
static void
test_machine (void)
{
  check_machine (&pl_boot_kernelstub,
                 "@/proc\ncmdline = initrd=\\EFI\\i root=/dev/sda1 ro\n@/etc/kernelstub\nconfiguration = {}\n"
                 "@/sys/firmware/efi/efivars\nLoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f x\n"
                 "\t06 00 00 00 73 00 79 00 73 00 74 00 65 00 6d 00 64 00 2d 00 62 00 6f 00 6f 00 74 00\n"
                 "StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f -\n@/etc/kernel\nproxmox-boot-uuids -\n"
                 "@/usr\nbin/ |\nsbin/ |\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kernelstub/options", test_options);
  g_test_add_func ("/kernelstub/refused", test_refused);
  g_test_add_func ("/kernelstub/claims", test_claims);
  g_test_add_func ("/kernelstub/set-parameters", test_set_parameters);
  g_test_add_func ("/kernelstub/machine", test_machine);
  return g_test_run ();
}
