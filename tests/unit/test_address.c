/* test_address.c - PCI addresses: what is one, how it is written, and in which order. */
#include "machine/address.h"
#include "machine/span.h"

#include <string.h>

static const struct {
  const char *text;
  gsize taken; /* 0: none */
  const char *address;
} rows[] = {
  { "0000:09:00.0", 12, "0000:09:00.0" },
  { "09:00.0", 7, "0000:09:00.0" },
  { "09:00.0 VGA", 7, "0000:09:00.0" },
  { "0001:C0:1f.7", 12, "0001:c0:1f.7" },
  { "10000:e1:00.0", 13, "10000:e1:00.0" },
  { "ffffffff:ff:1f.7", 16, "ffffffff:ff:1f.7" },
  { "09:00.0,", 7, "0000:09:00.0" },
  { "09:00.0/", 7, "0000:09:00.0" },
  { "9:00.1", 0, NULL },
  { "09:00", 0, NULL },
  { "09:00.", 0, NULL },
  { "09:00.8", 0, NULL },
  { "09:20.0", 0, NULL },
  { "09:00.01", 0, NULL },
  { "09:00.0:", 0, NULL },
  { "09:00.0x", 0, NULL },
  { "000:09:00.0", 0, NULL },
  { "009:00.0", 0, NULL },
  { "123456789:09:00.0", 0, NULL },
  { "0000:09:00:0.1", 0, NULL },
  { "0000:0g:00.0", 0, NULL },
  { "", 0, NULL },
  { ":", 0, NULL },
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_address address;
    char text[PL_ADDRESS_SIZE];
    gsize taken = pl_address_parse (rows[i].text, strlen (rows[i].text), &address);
    g_assert_cmpuint (taken, ==, rows[i].taken);
    if (taken > 0)
      g_assert_cmpstr (pl_address_format (address, text), ==, rows[i].address);
  }
}

/* No byte behind the text is looked at: AddressSanitizer sees it. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize size = 0; size <= strlen (rows[i].text); size++) {
      struct pl_address address;
      g_autofree char *text = g_memdup2 (rows[i].text, size > 0 ? size : 1);
      g_assert_cmpuint (pl_address_parse (text, size, &address), <=, size);
      struct pl_span span = { text, size };
      (void) pl_span_take_address (&span, &address);
    }
}

static void
test_format (void)
{
  char text[PL_ADDRESS_SIZE];
  struct pl_address address = { 0, 9, 0, 1 };
  g_assert_cmpstr (pl_address_format_short (address, false, text), ==, "09:00.1");
  g_assert_cmpstr (pl_address_format_short (address, true, text), ==, "0000:09:00.1");
  address.domain = 0x10000;
  g_assert_cmpstr (pl_address_format (address, text), ==, "10000:09:00.1");
}

static void
test_order (void)
{
  static const struct pl_address sorted[] = { { 0, 0, 0, 0 },       { 0, 0, 0, 7 }, { 0, 0, 1, 0 },
                                              { 0, 0xff, 0x1f, 7 }, { 1, 0, 0, 0 }, { 0x10000, 0, 0, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (sorted); i++)
    for (guint k = 0; k < G_N_ELEMENTS (sorted); k++) {
      int order = pl_address_compare (sorted[i], sorted[k]);
      g_assert_cmpint ((order > 0) - (order < 0), ==, (i > k) - (i < k));
    }
  g_assert_true (pl_address_same_slot (sorted[0], sorted[1]));
  g_assert_false (pl_address_same_slot (sorted[0], sorted[2]));
  g_assert_false (pl_address_same_slot (sorted[0], sorted[4]));
}

static void
test_last_in_path (void)
{
  static const struct {
    const char *path, *address;
  } paths[] = {
    { "../../devices/pci0000:00/0000:00:01.3/0000:01:00.0/nvme/nvme0", "0000:01:00.0" },
    { "../../devices/pci10000:e0/10000:e1:00.0", "10000:e1:00.0" },
    { "../../devices/pci0000:00", NULL },
    { "../../devices/virtual/block/loop0", NULL },
    { "0000:00:1f.2-x/y", NULL },
    { "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    struct pl_address address;
    char text[PL_ADDRESS_SIZE];
    bool found = pl_address_last_in_path (paths[i].path, &address);
    g_assert_cmpstr (found ? pl_address_format (address, text) : NULL, ==, paths[i].address);
  }
}

/* In a kernel's line a colon follows the address. */
static void
test_in_a_span (void)
{
  static const struct {
    const char *text, *rest;
  } spans[] = {
    { "0000:00:01.0: Adding", ": Adding" },
    { "09:00.0]", "]" },
    { "09:00.0:1", NULL },
    { "09:00.0", "" },
    { "x", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++) {
    struct pl_span span = { spans[i].text, strlen (spans[i].text) };
    struct pl_address address;
    bool taken = pl_span_take_address (&span, &address);
    g_autofree char *rest = g_strndup (span.at, span.size);
    g_assert_cmpstr (taken ? rest : NULL, ==, spans[i].rest);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  g_test_add_func ("/address/parse", test_parse);
  g_test_add_func ("/address/cut", test_cut);
  g_test_add_func ("/address/format", test_format);
  g_test_add_func ("/address/order", test_order);
  g_test_add_func ("/address/last-in-path", test_last_in_path);
  g_test_add_func ("/address/in-a-span", test_in_a_span);
  return g_test_run ();
}
