/* test_redact.c - which words are secrets, and that the stand-ins are stable. */
#include "base/redact.h"

#include <string.h>

static char *
redact (struct pl_redactor *redactor, const char *text)
{
  pl_redactor_collect (redactor, text, strlen (text), true);
  pl_redactor_number (redactor);
  GString *out = g_string_new (NULL);
  pl_redactor_append (redactor, out, text, strlen (text), true);
  return g_string_free (out, FALSE);
}

static void
test_table (void)
{
  static const struct {
    const char *text, *wanted;
  } rows[] = {
    { "root=UUID=611085d5-e83b-455f-add4-29a601b8f8b0", "root=UUID=00000000-0000-4000-8000-000000000001" },
    { "by-uuid/1A2B-3C4D UUID=1A2B-3C4D 1A2B-3C4D",
      "by-uuid/00000000-0000-4000-8000-000000000001 UUID=00000000-0000-4000-8000-000000000001 1A2B-3C4D" },
    { "UUID=0123456789ABCDEF end", "UUID=00000000-0000-4000-8000-000000000001 end" },
    { "aa:bb:cc:dd:ee:ff", "02:00:00:00:00:01" },
    { "aa:bb:cc:dd:ee:ff:00 0000:09:00.0", "aa:bb:cc:dd:ee:ff:00 0000:09:00.0" },
    { "611085d5-e83b-455f-add4-29a601b8f8b0f", "611085d5-e83b-455f-add4-29a601b8f8b0f" },
    { "/dev/mapper/tower--vg-root tower tower2 towers", "/dev/mapper/host1--vg-root host1 tower2 towers" },
    { "my-desk-vg ann banner SN123", "host1-vg user1 banner serial1" },
    { "[1002:731f] class 0x030000 amd", "[1002:731f] class 0x030000 amd" },
    { "enx0011AAbb4455 00:11:aa:bb:44:55 wlx0011aabb4456 enx0011aabb445",
      "enx020000000001 02:00:00:00:00:01 wlx020000000002 "
      "enx0011aabb445" },
    { "bb:bb:cc:dd:ee:ff aa:bb:cc:dd:ee:ff", "02:00:00:00:00:02 02:00:00:00:00:01" },
    { "ifname=eth0:00:11:22:33:44:55 mac:00:11:22:33:44:55",
      "ifname=eth0:02:00:00:00:00:01 mac:02:00:00:00:00:01" },
    { "PARTUUID=1a2b3c4d-02", "PARTUUID=00000000-0000-4000-8000-000000000001" },
    { "/dev/disk/by-id/ata-Disk_S2R5NX0H-part1 /dev/disk/by-label/J\xc3\xb6rg's",
      "/dev/disk/by-id/serial2 /dev/disk/by-label/serial1's" },
    { "/home/john.doe/x /run/media/john.doe.old/j\xc3\xb6rg joerg",
      "/home/user2/x /run/media/user2.old/user1 joerg" },
    { "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_redactor *redactor = pl_redactor_new ();
    pl_redactor_add (redactor, PL_SECRET_HOST, "tower");
    pl_redactor_add (redactor, PL_SECRET_HOST, "my-desk");
    pl_redactor_add (redactor, PL_SECRET_USER, "ann");
    pl_redactor_add (redactor, PL_SECRET_SERIAL, "SN123");
    pl_redactor_add (redactor, PL_SECRET_USER, "john.doe");
    pl_redactor_add (redactor, PL_SECRET_USER, "j\xc3\xb6rg");
    g_autofree char *out = redact (redactor, rows[i].text);
    g_assert_cmpstr (out, ==, rows[i].wanted);
    pl_redactor_free (redactor);
  }
}

/* A stand-in is its own stand-in, in whatever order they come. */
static void
test_stable (void)
{
  static const char text[]
      = "UUID=00000000-0000-4000-8000-000000000002 host2 00000000-0000-4000-8000-000000000001 "
        "02:00:00:00:00:01 host1 enx020000000001";
  struct pl_redactor *redactor = pl_redactor_new ();
  pl_redactor_add (redactor, PL_SECRET_HOST, "host1");
  pl_redactor_add (redactor, PL_SECRET_HOST, "host2");
  g_autofree char *out = redact (redactor, text);
  g_assert_cmpstr (out, ==, text);
  g_assert_cmpuint (pl_redactor_n_replaced (redactor, PL_SECRET_UUID), ==, 2);
  g_assert_cmpuint (pl_redactor_n_replaced (redactor, PL_SECRET_HOST), ==, 2);
  pl_redactor_free (redactor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact/table", test_table);
  g_test_add_func ("/redact/stable", test_stable);
  return g_test_run ();
}
