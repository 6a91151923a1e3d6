/* test_diff.c - unified diffs: what they look like, and that applying them gives the new text. */
#include "report/diff.h"

#include <string.h>

static const struct pl_style plain = { true, false, 80 };

/* NULL: not there. */
static GBytes *
bytes_of (const char *text)
{
  return text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
}

static char *
diff_bytes (GBytes *old, GBytes *new, const struct pl_style *style)
{
  GString *out = g_string_new (NULL);
  pl_diff_append (out, "/etc/file", old, new, style);
  return g_string_free (out, FALSE);
}

static char *
diff_texts (const char *old, const char *new, const struct pl_style *style)
{
  GBytes *old_bytes = bytes_of (old), *new_bytes = bytes_of (new);
  char *text = diff_bytes (old_bytes, new_bytes, style);
  g_clear_pointer (&old_bytes, g_bytes_unref);
  g_clear_pointer (&new_bytes, g_bytes_unref);
  return text;
}

/* The line at *at, with its newline; moves behind it. */
static const char *
take_line (const char **at, gsize *length)
{
  const char *line = *at, *newline = strchr (line, '\n');
  *length = newline != NULL ? (gsize) (newline - line) + 1 : strlen (line);
  *at += *length;
  return line;
}

/* "3,4" or "3": the number and the count. */
static void
take_range (const char **at, char sign, gsize *number, gsize *count)
{
  char *end;
  g_assert_true (**at == sign);
  *number = strtoul (*at + 1, &end, 10);
  *count = 1;
  if (*end == ',')
    *count = strtoul (end + 1, &end, 10);
  *at = end;
}

/* What a strict `patch` makes of it: each hunk stands where its numbers say, both for the old text and the
 * new one. *n_edits: the lines removed and added. */
static char *
apply (const char *old, const char *diff, gsize *n_edits)
{
  GString *made = g_string_new (NULL);
  gsize length, old_line = 0, new_line = 0;
  *n_edits = 0;
  if (old == NULL)
    old = "";
  if (diff[0] != '\0') {
    g_assert_true (g_str_has_prefix (take_line (&diff, &length), "--- "));
    g_assert_true (g_str_has_prefix (take_line (&diff, &length), "+++ "));
  }
  while (*diff != '\0') {
    gsize old_at, n_old, new_at, n_new, n_edits_before = *n_edits;
    g_assert_true (g_str_has_prefix (diff, "@@ "));
    diff += 3;
    take_range (&diff, '-', &old_at, &n_old);
    g_assert_true (*diff++ == ' ');
    take_range (&diff, '+', &new_at, &n_new);
    g_assert_true (g_str_has_prefix (diff, " @@\n"));
    diff += 4;
    /* Source: POSIX, diff: where there are no lines, the number is that of the line before. */
    for (gsize first = n_old > 0 ? old_at - 1 : old_at; old_line < first; old_line++, new_line++) {
      const char *line = take_line (&old, &length);
      g_assert_cmpuint (length, >, 0);
      g_string_append_len (made, line, (gssize) length);
    }
    g_assert_cmpuint (new_line, ==, n_new > 0 ? new_at - 1 : new_at);
    while (n_old > 0 || n_new > 0) {
      const char *shown = take_line (&diff, &length);
      char sign = shown[0];
      g_assert_nonnull (strchr (" -+", sign));
      if (g_str_has_prefix (diff, "\\ No newline at end of file\n")) {
        gsize skipped;
        take_line (&diff, &skipped);
        length--;
      }
      if (sign != '+') {
        gsize old_length;
        const char *line = take_line (&old, &old_length);
        g_assert_cmpmem (line, old_length, shown + 1, length - 1);
        g_assert_cmpuint (n_old, >, 0);
        n_old--, old_line++;
      }
      if (sign != '-') {
        g_string_append_len (made, shown + 1, (gssize) length - 1);
        g_assert_cmpuint (n_new, >, 0);
        n_new--, new_line++;
      }
      *n_edits += sign != ' ';
    }
    g_assert_cmpuint (*n_edits, >, n_edits_before);
  }
  g_string_append (made, old);
  return g_string_free (made, FALSE);
}

#define HEADS "--- /etc/file\n+++ /etc/file\n"
#define CREATED "--- /dev/null\n+++ /etc/file\n"
#define REMOVED "--- /etc/file\n+++ /dev/null\n"
#define NO_END "\\ No newline at end of file\n"
#define TWENTY "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n"

static const struct {
  const char *name, *old, *new, *diff;
} rows[] = {
  { "nothing, twice", NULL, NULL, "" },
  { "the same", "a\nb\n", "a\nb\n", "" },
  { "the same without an end", "a\nb", "a\nb", "" },
  { "both empty", "", "", "" },
  { "created", NULL, "a\nb\n", CREATED "@@ -0,0 +1,2 @@\n+a\n+b\n" },
  { "created with one line", NULL, "a\n", CREATED "@@ -0,0 +1 @@\n+a\n" },
  { "created without an end", NULL, "a", CREATED "@@ -0,0 +1 @@\n+a\n" NO_END },
  { "removed", "a\nb\n", NULL, REMOVED "@@ -1,2 +0,0 @@\n-a\n-b\n" },
  { "emptied", "a\n", "", HEADS "@@ -1 +0,0 @@\n-a\n" },
  { "filled", "", "a\n", HEADS "@@ -0,0 +1 @@\n+a\n" },
  { "the only line", "a\n", "b\n", HEADS "@@ -1 +1 @@\n-a\n+b\n" },
  { "the first line", "1\n2\n3\n4\n5\n6\n", "one\n2\n3\n4\n5\n6\n",
    HEADS "@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n" },
  { "the last line", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nsix\n",
    HEADS "@@ -3,4 +3,4 @@\n 3\n 4\n 5\n-6\n+six\n" },
  { "one in the middle", TWENTY, "1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n",
    HEADS "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n" },
  { "added at the begin", "1\n2\n3\n4\n", "0\n1\n2\n3\n4\n", HEADS "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n" },
  { "added at the end", "1\n2\n3\n4\n", "1\n2\n3\n4\n5\n", HEADS "@@ -2,3 +2,4 @@\n 2\n 3\n 4\n+5\n" },
  { "removed at the begin", "0\n1\n2\n3\n4\n", "1\n2\n3\n4\n", HEADS "@@ -1,4 +1,3 @@\n-0\n 1\n 2\n 3\n" },
  { "removed at the end", "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n", HEADS "@@ -2,4 +2,3 @@\n 2\n 3\n 4\n-5\n" },
  { "six lines between: one hunk", TWENTY,
    "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\ntwelve\n13\n14\n15\n16\n17\n18\n19\n20\n",
    HEADS
    "@@ -2,14 +2,14 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n 11\n-12\n+twelve\n 13\n 14\n 15\n" },
  { "seven lines between: two hunks", TWENTY,
    "1\n2\n3\n4\n6\n7\n8\n9\n10\n11\n12\nthirteen\n14\n15\n16\n17\n18\n19\n20\n",
    HEADS "@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n"
          "@@ -10,7 +9,7 @@\n 10\n 11\n 12\n-13\n+thirteen\n 14\n 15\n 16\n" },
  { "removed and added elsewhere", "a\nb\nc\nd\ne\n", "b\nc\nd\ne\nf\n",
    HEADS "@@ -1,5 +1,5 @@\n-a\n b\n c\n d\n e\n+f\n" },
  { "lines that stand more than once", "x\nx\ny\nx\n", "x\ny\nx\nx\n",
    HEADS "@@ -1,4 +1,4 @@\n x\n-x\n y\n+x\n x\n" },
  { "the end is added", "a\nb", "a\nb\n", HEADS "@@ -1,2 +1,2 @@\n a\n-b\n" NO_END "+b\n" },
  { "the end is taken away", "a\nb\n", "a\nb", HEADS "@@ -1,2 +1,2 @@\n a\n-b\n+b\n" NO_END },
  { "neither has an end, the last line stays", "a\nb", "c\nb", HEADS "@@ -1,2 +1,2 @@\n-a\n+c\n b\n" NO_END },
  { "neither has an end, the last line changes", "a\nb", "a\nc",
    HEADS "@@ -1,2 +1,2 @@\n a\n-b\n" NO_END "+c\n" NO_END },
  { "added behind a line without an end", "a", "a\nb\n", HEADS "@@ -1 +1,2 @@\n-a\n" NO_END "+a\n+b\n" },
  { "lines that look like a diff", "-- a\n++ b\n", "@@ -1 +1 @@\n++ b\n",
    HEADS "@@ -1,2 +1,2 @@\n--- a\n+@@ -1 +1 @@\n ++ b\n" },
  { "blanks and tabs stay", " \n\ta \n", " \n\ta\t\n", HEADS "@@ -1,2 +1,2 @@\n  \n-\ta \n+\ta\t\n" },
  { "letters beyond ASCII", "gr\303\274n\n", "gelb\n", HEADS "@@ -1 +1 @@\n-gr\303\274n\n+gelb\n" },
  { "nothing in common", "a\nb\n", "c\nd\ne\n", HEADS "@@ -1,2 +1,3 @@\n-a\n-b\n+c\n+d\n+e\n" },
};

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gsize n_edits;
    g_test_message ("%s", rows[i].name);
    g_autofree char *diff = diff_texts (rows[i].old, rows[i].new, &plain);
    g_assert_cmpstr (diff, ==, rows[i].diff);
    g_autofree char *made = apply (rows[i].old, diff, &n_edits);
    g_assert_cmpstr (made, ==, rows[i].new != NULL ? rows[i].new : "");
  }
}

/* What no hunk can say, or would say in bytes that nobody reads. */
static void
test_no_text (void)
{
  static const struct {
    const char *old;
    gssize old_size; /* -1: not there */
    const char *new;
    gssize new_size;
    const char *diff;
  } cases[] = {
    { "a\0b", 3, "abcd", 4, HEADS "(3 bytes before, 4 bytes after)\n" },
    { "a", 1, "\0", 1, HEADS "(1 byte before, 1 byte after)\n" },
    { "", -1, "\0\n", 2, CREATED "(not there before, 2 bytes after)\n" },
    { "\0\n", 2, "", -1, REMOVED "(2 bytes before, not there after)\n" },
    { "", -1, "", 0, CREATED "(not there before, 0 bytes after)\n" },
    { "", 0, "", -1, REMOVED "(0 bytes before, not there after)\n" },
    { "a\0b", 3, "a\0b", 3, "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GBytes *old = cases[i].old_size >= 0 ? g_bytes_new (cases[i].old, (gsize) cases[i].old_size) : NULL;
    GBytes *new = cases[i].new_size >= 0 ? g_bytes_new (cases[i].new, (gsize) cases[i].new_size) : NULL;
    g_autofree char *diff = diff_bytes (old, new, &plain);
    g_assert_cmpstr (diff, ==, cases[i].diff);
    g_clear_pointer (&old, g_bytes_unref);
    g_clear_pointer (&new, g_bytes_unref);
  }
}

static void
test_hostile (void)
{
  static const struct {
    const char *old, *new;
    bool is_utf8;
    const char *diff;
  } cases[] = {
    { "a\n", "\033[2Ja\n", true, HEADS "@@ -1 +1 @@\n-a\n+\\x1b[2Ja\n" },
    { "a\r\nb\r\n", "a\r\nc\n", true, HEADS "@@ -1,2 +1,2 @@\n a\\x0d\n-b\\x0d\n+c\n" },
    { "a\n", "\377\303\n", true, HEADS "@@ -1 +1 @@\n-a\n+\\xff\\xc3\n" },
    { "a\n", "\342\200\256a\302\233b\b\177\n", true,
      HEADS "@@ -1 +1 @@\n-a\n+\\xe2\\x80\\xaea\\xc2\\x9bb\\x08\\x7f\n" },
    { "a\n", "\303\274\n", false, HEADS "@@ -1 +1 @@\n-a\n+\\xc3\\xbc\n" },
    { "a\n", "b\303", true, HEADS "@@ -1 +1 @@\n-a\n+b\\xc3\n" NO_END },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct pl_style style = { cases[i].is_utf8, false, 80 };
    g_autofree char *diff = diff_texts (cases[i].old, cases[i].new, &style);
    g_assert_cmpstr (diff, ==, cases[i].diff);
  }
}

static void
test_path (void)
{
  static const struct {
    const char *path, *heads;
  } cases[] = {
    { "/etc/default/grub", "--- /etc/default/grub\n+++ /etc/default/grub\n" },
    { "/boot/a b", "--- /boot/a b\t\n+++ /boot/a b\t\n" },
    { "/etc/a\n+++ /etc/shadow\033",
      "--- /etc/a\\x0a+++ /etc/shadow\\x1b\t\n+++ /etc/a\\x0a+++ /etc/shadow\\x1b\t\n" },
  };
  g_autoptr (GBytes) old = bytes_of ("a\n"), new = bytes_of ("b\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GString) out = g_string_new ("before\n");
    pl_diff_append (out, cases[i].path, old, new, &plain);
    g_autofree char *wanted = g_strconcat ("before\n", cases[i].heads, "@@ -1 +1 @@\n-a\n+b\n", NULL);
    g_assert_cmpstr (out->str, ==, wanted);
  }
}

static void
test_color (void)
{
  static const struct pl_style colored = { true, true, 80 };
  g_autofree char *diff = diff_texts ("a\nb\n", "a\nc", &colored);
  g_assert_cmpstr (
      diff, ==,
      "\033[1m--- /etc/file\033[0m\n\033[1m+++ /etc/file\033[0m\n\033[36m@@ -1,2 +1,2 @@\033[0m\n"
      " a\n\033[31m-b\033[0m\n\033[32m+c\033[0m\n\\ No newline at end of file\n");
}

/* The least number of lines to remove and add. */
static guint
least_edits (const GString *old, const GString *new)
{
  guint table[32][32] = { { 0 } };
  for (guint i = 0; i <= old->len; i++)
    for (guint j = 0; j <= new->len; j++)
      table[i][j] = i == 0   ? j
                    : j == 0 ? i
                             : MIN (MIN (table[i - 1][j], table[i][j - 1]) + 1,
                                    table[i - 1][j - 1] + (old->str[i - 1] == new->str[j - 1] ? 0 : 2));
  return table[old->len][new->len];
}

/* Each letter as a line; the last one perhaps without its end. */
static char *
lines_of (const GString *letters, bool has_end)
{
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < letters->len; i++)
    g_string_append_printf (text, "%c%s", letters->str[i], i + 1 < letters->len || has_end ? "\n" : "");
  return g_string_free (text, FALSE);
}

static void
test_any (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20220714);
  for (guint round = 0; round < 5000; round++) {
    g_autoptr (GString) old = g_string_new (NULL), new = g_string_new (NULL);
    gint32 n_letters = g_rand_int_range (rand, 2, 8);
    for (gint32 i = g_rand_int_range (rand, 0, 31); i > 0; i--)
      g_string_append_c (old, (char) ('a' + g_rand_int_range (rand, 0, n_letters)));
    if (round % 2 == 0)
      for (gint32 i = g_rand_int_range (rand, 0, 31); i > 0; i--)
        g_string_append_c (new, (char) ('a' + g_rand_int_range (rand, 0, n_letters)));
    else
      for (gsize i = 0; i < old->len; i++)
        if (g_rand_int_range (rand, 0, 5) > 0)
          g_string_append_c (new, old->str[i]);
    bool has_end = round % 7 != 0;
    g_autofree char *old_text = lines_of (old, has_end), *new_text = lines_of (new, true);
    g_autofree char *diff = diff_texts (old_text, new_text, &plain);
    gsize n_edits;
    g_autofree char *made = apply (old_text, diff, &n_edits);
    g_assert_cmpstr (made, ==, new_text);
    if (has_end)
      g_assert_cmpuint (n_edits, ==, least_edits (old, new));
  }
}

/* @n lines; every @step-th of them is another one than with another @mark. */
static char *
many_lines (guint n, guint step, const char *mark)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    if (i % step == 0)
      g_string_append_printf (text, "%s%u\n", mark, i);
    else
      g_string_append_printf (text, "%u\n", i % 10);
  return g_string_free (text, FALSE);
}

/* About a megabyte each; the time is that of a build with sanitizers on a busy machine. */
static void
test_large (void)
{
  static const struct {
    guint n, step;
    gsize n_edits; /* G_MAXSIZE: not asked */
  } cases[] = {
    { 8000, 2000, 8 },      /* some lines far from each other */
    { 8000, 10, 1600 },     /* many, still told apart */
    { 8000, 3, G_MAXSIZE }, /* too many */
    { 3000, 1, 6000 },      /* nothing in common */
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *old = many_lines (cases[i].n, cases[i].step, "old");
    g_autofree char *new = many_lines (cases[i].n, cases[i].step, "new");
    g_autofree char *diff = diff_texts (old, new, &plain);
    gsize n_edits;
    g_autofree char *made = apply (old, diff, &n_edits);
    g_assert_true (strcmp (made, new) == 0);
    if (cases[i].n_edits != G_MAXSIZE)
      g_assert_cmpuint (n_edits, ==, cases[i].n_edits);
  }
}

/* Just not too many edits, with long equal runs between them. */
static void
test_slow_search (void)
{
  g_autoptr (GString) old = g_string_new (NULL), new = g_string_new (NULL);
  for (guint i = 0; i < 9000; i++) {
    g_string_append (old, i % 10 == 0 ? "b\n" : "a\n");
    g_string_append (new, i % 10 == 0 ? "c\n" : "a\n");
  }
  /* So that the ends differ, too. */
  g_string_append (old, "b\n");
  g_string_append (new, "c\n");
  g_autofree char *diff = diff_texts (old->str, new->str, &plain);
  gsize n_edits;
  g_autofree char *made = apply (old->str, diff, &n_edits);
  g_assert_true (strcmp (made, new->str) == 0);
  g_assert_cmpuint (n_edits, ==, 1802);
}

static void
test_long_line (void)
{
  g_autofree char *filling = g_strnfill (1000000, 'x');
  g_autofree char *old = g_strconcat (filling, "\nb\n", NULL), *new = g_strconcat (filling, "y\nb\n", NULL);
  g_autofree char *diff = diff_texts (old, new, &plain);
  g_autofree char *wanted
      = g_strconcat (HEADS "@@ -1,2 +1,2 @@\n-", filling, "\n+", filling, "y\n b\n", NULL);
  g_assert_true (strcmp (diff, wanted) == 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diff/rows", test_rows);
  g_test_add_func ("/diff/no-text", test_no_text);
  g_test_add_func ("/diff/hostile", test_hostile);
  g_test_add_func ("/diff/path", test_path);
  g_test_add_func ("/diff/color", test_color);
  g_test_add_func ("/diff/any", test_any);
  g_test_add_func ("/diff/large", test_large);
  g_test_add_func ("/diff/slow-search", test_slow_search);
  g_test_add_func ("/diff/long-line", test_long_line);
  return g_test_run ();
}
