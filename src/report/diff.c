/* diff.c - see diff.h.
 *
 * What both texts begin and end with is cut off; of the rest the fewest lines that differ are looked for.
 * Source: E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986), section 3: the greedy
 * algorithm.
 */
#include "report/diff.h"

#include "report/printable.h"
#include "report/wrap.h"

#include <string.h>

#define CONTEXT 3

/* Where more lines differ, or more had to be compared, the rest is shown as replaced whole: nobody would read
 * that. */
#define MAX_EDITS 2000
#define MAX_COMPARISONS 100000000

#define COLOR_FILE "1"
#define COLOR_HUNK "36"
#define COLOR_REMOVED "31"
#define COLOR_ADDED "32"

/* A text in lines; each has its newline, but for a last one that has none. */
struct text {
  const char *bytes;
  gsize *starts; /* of each line, then the end of the last one */
  gsize n;
};

/* Lines that are replaced. Line numbers begin with 0. */
struct change {
  gsize old_at, n_old, new_at, n_new;
};

struct line {
  const char *bytes;
  gsize length;
};

static void
text_init (struct text *text, GBytes *content)
{
  gsize size = 0, at = 0;
  text->bytes = content != NULL ? g_bytes_get_data (content, &size) : NULL;
  if (text->bytes == NULL)
    text->bytes = ""; /* no content, or an empty one */
  GArray *starts = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_array_append_val (starts, at);
  while (at < size) {
    const char *newline = memchr (text->bytes + at, '\n', size - at);
    at = newline != NULL ? (gsize) (newline - text->bytes) + 1 : size;
    g_array_append_val (starts, at);
  }
  text->n = starts->len - 1;
  text->starts = (gsize *) g_array_free (starts, FALSE);
}

static struct line
line_of (const struct text *text, gsize index)
{
  return (struct line){ text->bytes + text->starts[index], text->starts[index + 1] - text->starts[index] };
}

static guint
hash_line (const void *data)
{
  const struct line *line = data;
  guint32 hash = 5381;
  for (gsize i = 0; i < line->length; i++)
    hash = hash * 33 + (guint8) line->bytes[i];
  return hash;
}

static gboolean
equal_lines (const void *left_data, const void *right_data)
{
  const struct line *left = left_data, *right = right_data;
  return left->length == right->length && memcmp (left->bytes, right->bytes, left->length) == 0;
}

/* A number for each line of both middles, the same for equal lines: the old text's first. Free with g_free().
 */
static guint32 *
number_lines (const struct text *old, const struct text *new, gsize head, gsize n_old, gsize n_new)
{
  g_autofree struct line *lines = g_new (struct line, n_old + n_new);
  guint32 *numbers = g_new0 (guint32, n_old + n_new);
  g_autoptr (GHashTable) known = g_hash_table_new (hash_line, equal_lines);
  for (gsize i = 0; i < n_old + n_new; i++) {
    lines[i] = i < n_old ? line_of (old, head + i) : line_of (new, head + i - n_old);
    void *number;
    if (!g_hash_table_lookup_extended (known, &lines[i], NULL, &number)) {
      number = GUINT_TO_POINTER (g_hash_table_size (known));
      g_hash_table_insert (known, &lines[i], number);
    }
    numbers[i] = GPOINTER_TO_UINT (number);
  }
  return numbers;
}

/* The search: row d holds for each diagonal, that is old line minus new line, of -d, -d+2, ... d how far into
 * the old text d edits reach. */
static guint32 *
row_of (GArray *reach, gsize d)
{
  return &g_array_index (reach, guint32, d * (d + 1) / 2);
}

/* Whether diagonal @i of row @d is reached by adding a line, which leaves the old text's line where it is. */
static bool
is_by_adding (const guint32 *before, gsize d, gsize i)
{
  return i == 0 || (i < d && before[i - 1] < before[i]);
}

/* Fills @reach. Returns: whether the end was found; then with *n_edits, how many edits it takes. */
static bool
search (GArray *reach, const guint32 *old, gsize n_old, const guint32 *new, gsize n_new, gsize *n_edits)
{
  gsize n_compared = 0;
  for (gsize d = 0; d <= MIN (n_old + n_new, MAX_EDITS); d++) {
    g_array_set_size (reach, (guint) ((d + 1) * (d + 2) / 2));
    guint32 *row = row_of (reach, d);
    for (gsize i = 0; i <= d; i++) {
      const guint32 *before = d > 0 ? row_of (reach, d - 1) : NULL;
      gsize at = d == 0 ? 0 : is_by_adding (before, d, i) ? before[i] : (gsize) before[i - 1] + 1;
      gsize other = at + d - 2 * i;
      gsize begin = at;
      while (at < n_old && other < n_new && old[at] == new[other])
        at++, other++;
      row[i] = (guint32) at;
      n_compared += at - begin + 1;
      if (at == n_old && other == n_new) {
        *n_edits = d;
        return true;
      }
    }
    if (n_compared > MAX_COMPARISONS)
      return false;
  }
  return false;
}

/* Marks what is removed of the old middle and added by the new one. */
static void
mark (GArray *reach, gsize n_old, gsize n_new, gsize n_edits, bool *is_removed, bool *is_added)
{
  gsize i = (n_old + n_edits - n_new) / 2;
  for (gsize d = n_edits; d > 0; d--) {
    const guint32 *before = row_of (reach, d - 1);
    if (is_by_adding (before, d, i)) {
      is_added[before[i] + d - 1 - 2 * i] = true;
    } else {
      i--;
      is_removed[before[i]] = true;
    }
  }
}

/* What changed, in order: struct change. Free with g_array_unref(). */
static GArray *
find_changes (const struct text *old, const struct text *new)
{
  gsize head = 0, tail = 0;
  for (struct line left, right; head < MIN (old->n, new->n); head++) {
    left = line_of (old, head), right = line_of (new, head);
    if (!equal_lines (&left, &right))
      break;
  }
  for (struct line left, right; tail < MIN (old->n, new->n) - head; tail++) {
    left = line_of (old, old->n - tail - 1), right = line_of (new, new->n - tail - 1);
    if (!equal_lines (&left, &right))
      break;
  }
  gsize n_old = old->n - head - tail, n_new = new->n - head - tail;
  GArray *changes = g_array_new (FALSE, TRUE, sizeof (struct change));
  if (n_old == 0 || n_new == 0) {
    struct change whole = { head, n_old, head, n_new };
    if (n_old + n_new > 0)
      g_array_append_val (changes, whole);
    return changes;
  }

  g_autofree guint32 *numbers = number_lines (old, new, head, n_old, n_new);
  g_autofree bool *is_removed = g_new0 (bool, n_old + 1);
  g_autofree bool *is_added = g_new0 (bool, n_new + 1);
  g_autoptr (GArray) reach = g_array_new (FALSE, FALSE, sizeof (guint32));
  gsize n_edits;
  if (search (reach, numbers, n_old, numbers + n_old, n_new, &n_edits)) {
    mark (reach, n_old, n_new, n_edits, is_removed, is_added);
  } else {
    memset (is_removed, true, n_old);
    memset (is_added, true, n_new);
  }
  for (gsize i = 0, j = 0; i < n_old || j < n_new; i++, j++) {
    struct change change = { head + i, 0, head + j, 0 };
    for (; is_removed[i]; i++)
      change.n_old++;
    for (; is_added[j]; j++)
      change.n_new++;
    if (change.n_old + change.n_new > 0)
      g_array_append_val (changes, change);
  }
  return changes;
}

/* A tab stands as it is: patch needs it, and it commands nothing. */
static void
append_printable (GString *out, const char *bytes, gsize length, const struct pl_style *style)
{
  while (true) {
    const char *tab = memchr (bytes, '\t', length);
    gsize part = tab != NULL ? (gsize) (tab - bytes) : length;
    pl_printable_append (out, bytes, (gssize) part, style->is_utf8);
    if (tab == NULL)
      return;
    g_string_append_c (out, '\t');
    bytes += part + 1;
    length -= part + 1;
  }
}

/* @color: NULL for none. */
static void
append_lines (GString *out, const struct text *text, gsize at, gsize n, char sign, const char *color,
              const struct pl_style *style)
{
  for (gsize i = at; i < at + n; i++) {
    struct line line = line_of (text, i);
    bool has_end = line.bytes[line.length - 1] == '\n';
    if (color != NULL)
      pl_color_begin (out, color, style);
    g_string_append_c (out, sign);
    append_printable (out, line.bytes, line.length - has_end, style);
    if (color != NULL)
      pl_color_end (out, style);
    g_string_append_c (out, '\n');
    if (!has_end)
      g_string_append (out, "\\ No newline at end of file\n");
  }
}

/* "12,3", "12" for one line, "11,0" for none behind line 11. Source: POSIX, diff, "Diff Unified Output
 * Format". */
static void
append_range (GString *out, char sign, gsize at, gsize n)
{
  g_string_append_printf (out, "%c%" G_GSIZE_FORMAT, sign, n > 0 ? at + 1 : at);
  if (n != 1)
    g_string_append_printf (out, ",%" G_GSIZE_FORMAT, n);
}

/* The changes @from up to before @to, which are near each other. */
static void
append_hunk (GString *out, const struct text *old, const struct text *new, const GArray *changes, guint from,
             guint to, const struct pl_style *style)
{
  const struct change *first = &g_array_index (changes, struct change, from);
  const struct change *last = &g_array_index (changes, struct change, to - 1);
  gsize before = MIN (CONTEXT, first->old_at);
  gsize after = MIN (CONTEXT, old->n - last->old_at - last->n_old);
  gsize old_at = first->old_at - before, new_at = first->new_at - before;
  pl_color_begin (out, COLOR_HUNK, style);
  g_string_append (out, "@@ ");
  append_range (out, '-', old_at, last->old_at + last->n_old + after - old_at);
  append_range (g_string_append_c (out, ' '), '+', new_at, last->new_at + last->n_new + after - new_at);
  g_string_append (out, " @@");
  pl_color_end (out, style);
  g_string_append_c (out, '\n');
  gsize at = old_at;
  for (guint i = from; i < to; i++) {
    const struct change *change = &g_array_index (changes, struct change, i);
    append_lines (out, old, at, change->old_at - at, ' ', NULL, style);
    append_lines (out, old, change->old_at, change->n_old, '-', COLOR_REMOVED, style);
    append_lines (out, new, change->new_at, change->n_new, '+', COLOR_ADDED, style);
    at = change->old_at + change->n_old;
  }
  append_lines (out, old, at, after, ' ', NULL, style);
}

/* patch takes a name with a blank only where a tab ends it. Source: GNU patch, src/util.c, fetchname(). */
static void
append_head (GString *out, const char *sign, const char *path, bool is_there, const struct pl_style *style)
{
  pl_color_begin (out, COLOR_FILE, style);
  g_string_append (out, sign);
  pl_printable_append (out, is_there ? path : "/dev/null", -1, style->is_utf8);
  if (is_there && strchr (path, ' ') != NULL)
    g_string_append_c (out, '\t');
  pl_color_end (out, style);
  g_string_append_c (out, '\n');
}

static bool
is_binary (GBytes *content, gsize *size)
{
  *size = 0;
  const char *bytes = content != NULL ? g_bytes_get_data (content, size) : NULL;
  return *size > 0 && memchr (bytes, '\0', *size) != NULL;
}

static void
append_size (GString *out, bool is_there, gsize size)
{
  if (is_there)
    g_string_append_printf (out, "%" G_GSIZE_FORMAT " byte%s", size, size == 1 ? "" : "s");
  else
    g_string_append (out, "not there");
}

void
pl_diff_append (GString *out, const char *path, GBytes *old, GBytes *new, const struct pl_style *style)
{
  gsize old_size, new_size;
  bool is_old_binary = is_binary (old, &old_size), is_new_binary = is_binary (new, &new_size);
  if ((old == NULL && new == NULL) || (old != NULL && new != NULL &&g_bytes_equal (old, new)))
    return;
  append_head (out, "--- ", path, old != NULL, style);
  append_head (out, "+++ ", path, new != NULL, style);
  if (is_old_binary || is_new_binary || old_size + new_size == 0) {
    /* No text: or the file is empty, which no hunk can say. */
    g_string_append (out, "(");
    append_size (out, old != NULL, old_size);
    g_string_append (out, " before, ");
    append_size (out, new != NULL, new_size);
    g_string_append (out, " after)\n");
    return;
  }
  struct text old_text, new_text;
  text_init (&old_text, old);
  text_init (&new_text, new);
  g_autoptr (GArray) changes = find_changes (&old_text, &new_text);
  for (guint from = 0, to; from < changes->len; from = to) {
    const struct change *change = &g_array_index (changes, struct change, from);
    for (to = from + 1; to < changes->len; to++, change++)
      if (change[1].old_at - change->old_at - change->n_old > 2 * CONTEXT)
        break;
    append_hunk (out, &old_text, &new_text, changes, from, to, style);
  }
  g_free (old_text.starts);
  g_free (new_text.starts);
}
