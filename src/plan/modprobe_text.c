/* modprobe_text.c - see modprobe_text.h.
 *
 * A text is first read as modprobe and the kernel read it, each thing with the place where more can be put;
 * then it is decided, in view of all files, what is put where; then it is, and nothing else is touched.
 *
 * Source: kmod 30 and 34, libkmod/libkmod-config.c, kmod_config_parse(); shared/util.c, freadline_wrapped().
 */
#include "plan/modprobe_text.h"

#include "base/error.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#define VFIO "vfio_pci"

/* The kernel's buffer, its end included; with a longer value the module is not loaded at all.
 * Source: drivers/vfio/pci/vfio_pci.c, ids[]; kernel/params.c, param_set_copystring(). */
#define IDS_SIZE 1024

/* A line as modprobe sees it: joined, without backslashes. */
struct logical {
  guint number; /* of its first physical line, from 1 */
  GString *text;
  GArray *ends; /* gsize: where in the file the character of the same index ends */
};

/* A part of a logical line. */
struct word {
  gsize start, end;
};

struct ids {
  guint number;
  const char *value;
  gsize place; /* in the file, where more can be put */
};

/* A softdep line, or of an install line its pattern alone. */
struct rule {
  guint number;
  const char *pattern; /* with '_' for '-' */
  bool has_vfio;
  bool has_stray;     /* words before any part, which modprobe drops */
  gsize place;        /* in the file, where vfio-pci can be put */
  const char *wanted; /* what would be put there */
};

/* What a text says of our matters, in its order. */
struct reading {
  GStringChunk *strings; /* of all that follows */
  GArray *ids;           /* struct ids */
  GArray *softdeps;      /* struct rule */
  GArray *installs;      /* struct rule */
  bool has_options;      /* a line of options of vfio-pci */
  gsize options_place;
  bool is_open;   /* the last line goes on at the end of the file, be it behind a backslash and a newline */
  guint obstacle; /* the line that keeps vfio-pci from being loaded; 0: none */
};

struct addition {
  gsize place;
  const char *text;
};

/* What is being decided. */
struct edit {
  GPtrArray *readings; /* struct reading *: of the file itself, then of the others */
  struct reading *own; /* the first of them */
  GArray *additions;   /* struct addition */
  GString *tail;       /* lines for the end of the file */
};

static void
reading_free (void *data)
{
  struct reading *reading = data;
  g_string_chunk_free (reading->strings);
  g_array_unref (reading->ids);
  g_array_unref (reading->softdeps);
  g_array_unref (reading->installs);
  g_free (reading);
}

/* As isspace() in the C locale; g_ascii_isspace() lacks the vertical tab. */
static bool
is_space (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static char *
with_underscores (const char *name, gsize length)
{
  return g_strdelimit (g_strndup (name, length), "-", '_');
}

#define SET_LINE_ERROR(error, remedy, number, format, ...) \
  pl_error_set (error, PL_ERROR_FAILED, NULL, remedy, "line %u: " format, number, ##__VA_ARGS__)

/* A backslash takes the newline behind it away, and of any other character only itself: in a comment, too,
 * which so goes on in the next line. Source: shared/util.c, freadline_wrapped(). */
static bool
take_logical (const char *text, gsize size, gsize *at, guint *number, struct logical *line, GError **error)
{
  g_string_truncate (line->text, 0);
  g_array_set_size (line->ends, 0);
  line->number = *number;
  for (; *at < size; (*at)++) {
    char c = text[*at];
    if (c == '\n')
      break;
    if (c == '\\' && *at + 1 == size) {
      /* kmod 30 makes a byte 0xff of it. */
      SET_LINE_ERROR (error, "End the line with a newline.", *number, "the file ends behind a backslash");
      return false;
    }
    if (c == '\\')
      c = text[++*at];
    if (c == '\0') {
      SET_LINE_ERROR (error, NULL, *number, "there is a byte 0");
      return false;
    }
    if (c == '\n') {
      (*number)++;
      continue;
    }
    gsize end = *at + 1;
    g_string_append_c (line->text, c);
    g_array_append_val (line->ends, end);
  }
  (*at)++;
  (*number)++;
  return true;
}

/* Words of a command are divided by blanks and tabs alone: strtok_r(). */
static bool
take_token (const struct logical *line, gsize *at, struct word *word)
{
  const char *text = line->text->str;
  *at += strspn (text + *at, " \t");
  word->start = *at;
  word->end = *at += strcspn (text + *at, " \t");
  return word->end > word->start;
}

static bool
token_is (const struct logical *line, struct word word, const char *name)
{
  return word.end - word.start == strlen (name)
         && strncmp (line->text->str + word.start, name, word.end - word.start) == 0;
}

static gsize
end_in_file (const struct logical *line, gsize end)
{
  return g_array_index (line->ends, gsize, end - 1);
}

/* vendor:device[:subvendor[:subdevice[:class[:class_mask]]]]; what is not said is any. @end is set to the
 * comma behind it, or to the end. Source: drivers/vfio/pci/vfio_pci.c, vfio_pci_fill_ids(). */
static bool
parse_id (const char *text, guint32 fields[6], const char **end)
{
  guint n = 0;
  fields[2] = fields[3] = G_MAXUINT32;
  fields[4] = fields[5] = 0;
  *end = text + strcspn (text, ",");
  while (is_space (*text))
    text++;
  while (n < 6 && g_ascii_isxdigit (*text)) {
    char *behind;
    guint64 number = g_ascii_strtoull (text, &behind, 16);
    if (number > G_MAXUINT32)
      return false;
    fields[n++] = (guint32) number;
    text = behind;
    if (*text == ':' && n < 6 && g_ascii_isxdigit (text[1]))
      text++;
    else
      break;
  }
  while (is_space (*text))
    text++;
  return n >= 2 && text == *end;
}

/* Looks for the id in a list; an empty one is stepped over, as the kernel does. False where one is none: *bad
 * is set to it. */
static bool
find_id (const char *value, const guint32 fields[6], bool *has, const char **bad)
{
  const char *end;
  *has = false;
  for (guint32 other[6];; value = end + 1) {
    bool is_id = parse_id (value, other, &end);
    *has = *has || (is_id && memcmp (other, fields, sizeof other) == 0);
    if (!is_id && end != value) {
      *bad = value;
      return false;
    }
    if (*end == '\0')
      return true;
  }
}

/* One word of the options, as the kernel divides them: a quote keeps blanks together, one in front of the
 * word or of the value goes, and with it one at the end. Source: lib/cmdline.c, next_arg(). */
static bool
read_option (const struct logical *line, struct word word, struct reading *reading, GError **error)
{
  const char *text = line->text->str;
  bool is_quoted = text[word.start] == '"';
  gsize start = word.start + (is_quoted ? 1 : 0), end = word.end;
  const char *equals = memchr (text + start, '=', end - start);
  gsize value = equals != NULL ? (gsize) (equals - text) + 1 : end;
  if (equals != NULL && value < end && text[value] == '"') {
    is_quoted = true;
    value++;
  }
  if (is_quoted && end > value && text[end - 1] == '"')
    end--;
  if (equals == NULL
      && (memchr (text + start, ':', end - start) != NULL || strncmp (text + start, "--", 2) == 0)) {
    SET_LINE_ERROR (error, NULL, line->number,
                    "a word of the options of vfio-pci is no parameter; ids are divided by commas alone");
    return false;
  }
  gsize length = (equals != NULL ? (gsize) (equals - text) : end) - start;
  if (length != 3 || strncmp (text + start, "ids", 3) != 0)
    return true;
  if (equals == NULL) {
    SET_LINE_ERROR (error, NULL, line->number, "ids has no value");
    return false;
  }
  while (end > value && is_space (text[end - 1]))
    end--;
  struct ids ids
      = { line->number, g_string_chunk_insert_len (reading->strings, text + value, (gssize) (end - value)),
          end_in_file (line, end) };
  g_array_append_val (reading->ids, ids);
  const guint32 none[6] = { 0 };
  bool has;
  const char *bad;
  if (find_id (ids.value, none, &has, &bad))
    return true;
  SET_LINE_ERROR (error, NULL, line->number, "'%.*s' is no id as vfio-pci takes it",
                  (int) MIN (strcspn (bad, ","), 80), bad);
  return false;
}

static bool
read_options (const struct logical *line, gsize at, struct reading *reading, GError **error)
{
  const char *text = line->text->str;
  gsize last = at;
  while (true) {
    while (is_space (text[at]))
      at++;
    if (text[at] == '\0')
      break;
    struct word word = { at, at };
    bool in_quotes = false;
    for (; text[word.end] != '\0' && (in_quotes || !is_space (text[word.end])); word.end++)
      in_quotes ^= text[word.end] == '"';
    if (in_quotes) {
      SET_LINE_ERROR (error, NULL, line->number, "the quote is not closed");
      return false;
    }
    if (!read_option (line, word, reading, error))
      return false;
    at = last = word.end;
  }
  if (!reading->has_options)
    reading->options_place = end_in_file (line, last);
  reading->has_options = true;
  return true;
}

/* The words behind the module's name. A word that follows the name after exactly two blanks has the second
 * one for its first character: "softdep a  pre: b" has no part at all. Source: libkmod-config.c,
 * kmod_config_add_softdep(); seen with kmod 30. */
static bool
take_softdep_word (const char *text, gsize first, gsize *at, struct word *word)
{
  bool is_second
      = *at == first && is_space (text[first]) && text[first + 1] != '\0' && !is_space (text[first + 1]);
  if (!is_second)
    while (is_space (text[*at]))
      (*at)++;
  word->start = word->end = *at;
  word->end += is_second ? 1 : 0;
  while (text[word->end] != '\0' && !is_space (text[word->end]))
    word->end++;
  *at = word->end;
  return word->end > word->start;
}

static void
read_softdep (const struct logical *line, struct word name, struct reading *reading)
{
  const char *text = line->text->str;
  gsize first = name.end + 1, at = first;
  enum { NO_PART, PRE, POST } part = NO_PART;
  if (text[name.end] == '\0' || text[first] == '\0')
    return; /* modprobe drops the line */
  struct rule softdep
      = { .number = line->number, .place = end_in_file (line, name.end), .wanted = " pre: vfio-pci" };
  bool has_pre = false;
  for (struct word word; take_softdep_word (text, first, &at, &word);) {
    g_autofree char *module = with_underscores (text + word.start, word.end - word.start);
    if (token_is (line, word, "pre:")) {
      part = PRE;
      if (!has_pre) {
        softdep.place = end_in_file (line, word.end);
        softdep.wanted = " vfio-pci";
      }
      has_pre = true;
    } else if (token_is (line, word, "post:"))
      part = POST;
    else if (part == NO_PART)
      softdep.has_stray = true;
    else if (part == PRE && strcmp (module, VFIO) == 0)
      softdep.has_vfio = true;
  }
  /* In front of the part that is there a stray word changes nothing. */
  softdep.has_stray = softdep.has_stray && !has_pre;
  g_autofree char *pattern = with_underscores (text + name.start, name.end - name.start);
  softdep.pattern = g_string_chunk_insert (reading->strings, pattern);
  g_array_append_val (reading->softdeps, softdep);
}

static bool
read_line (const struct logical *line, struct reading *reading, GError **error)
{
  struct word command, name;
  gsize at = 0;
  if (line->text->str[0] == '#' || !take_token (line, &at, &command) || !take_token (line, &at, &name))
    return true;
  g_autofree char *module = with_underscores (line->text->str + name.start, name.end - name.start);
  bool is_vfio = strcmp (module, VFIO) == 0;
  if (token_is (line, command, "options") && is_vfio)
    return read_options (line, at, reading, error);
  if (token_is (line, command, "softdep"))
    read_softdep (line, name, reading);
  if (token_is (line, command, "blacklist") && is_vfio && reading->obstacle == 0)
    reading->obstacle = line->number;
  /* Without a command the line is dropped. */
  if (token_is (line, command, "install") && line->text->str[at] != '\0' && line->text->str[at + 1] != '\0') {
    if (fnmatch (module, VFIO, 0) == 0 && reading->obstacle == 0)
      reading->obstacle = line->number;
    struct rule install
        = { .number = line->number, .pattern = g_string_chunk_insert (reading->strings, module) };
    g_array_append_val (reading->installs, install);
  }
  return true;
}

static struct reading *
read_text (GBytes *bytes, GError **error)
{
  gsize size = 0, at = 0;
  guint number = 1;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  struct reading *reading = g_new0 (struct reading, 1);
  reading->strings = g_string_chunk_new (256);
  reading->ids = g_array_new (FALSE, FALSE, sizeof (struct ids));
  reading->softdeps = g_array_new (FALSE, FALSE, sizeof (struct rule));
  reading->installs = g_array_new (FALSE, FALSE, sizeof (struct rule));
  struct logical line = { 0, g_string_new (NULL), g_array_new (FALSE, FALSE, sizeof (gsize)) };
  bool is_good = true;
  while (is_good && at < size)
    is_good = take_logical (text, size, &at, &number, &line, error) && read_line (&line, reading, error);
  reading->is_open = at > size;
  g_string_free (line.text, TRUE);
  g_array_unref (line.ends);
  if (is_good)
    return reading;
  reading_free (reading);
  return NULL;
}

/* The wished ids that the value lacks, with commas between them; NULL: none. */
static char *
list_lacking (const char *value, const char *const *wished)
{
  g_autoptr (GString) lacking = g_string_new (NULL);
  for (; *wished != NULL; wished++) {
    guint32 fields[6];
    const char *end;
    bool has = false, is_twice = false;
    parse_id (*wished, fields, &end);
    find_id (value, fields, &has, &end);
    find_id (lacking->str, fields, &is_twice, &end);
    if (!has && !is_twice)
      g_string_append_printf (lacking, "%s%s", lacking->len > 0 ? "," : "", *wished);
  }
  return lacking->len > 0 ? g_string_free (g_steal_pointer (&lacking), FALSE) : NULL;
}

static void
add (struct edit *edit, gsize place, const char *front, const char *text)
{
  g_autofree char *whole = g_strconcat (front, text, NULL);
  struct addition addition = { place, g_string_chunk_insert (edit->own->strings, whole) };
  g_array_append_val (edit->additions, addition);
}

/* Of an ids= that is said twice the kernel takes the last, and in which order modprobe reads the files is not
 * known here: so each has all, or there is one alone. Source: libkmod-module.c, kmod_module_get_options(),
 * joins the lines; kernel/params.c, param_set_copystring(). */
static bool
add_ids (struct edit *edit, const char *const *wished, GError **error)
{
  const struct ids *ids = NULL;
  g_autofree char *lacking = NULL;
  bool is_elsewhere = false;
  for (guint i = 0; wished[i] != NULL; i++) {
    guint32 fields[6];
    const char *end;
    if (strspn (wished[i], "0123456789abcdefABCDEF:") == strlen (wished[i])
        && parse_id (wished[i], fields, &end))
      continue;
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "'%s' is no id as vfio-pci takes it", wished[i]);
    return false;
  }
  for (guint i = 0; i < edit->readings->len; i++) {
    const struct reading *reading = g_ptr_array_index (edit->readings, i);
    const struct ids *last
        = reading->ids->len > 0 ? &g_array_index (reading->ids, struct ids, reading->ids->len - 1) : NULL;
    g_autofree char *lacking_here = list_lacking (last != NULL ? last->value : "", wished);
    if (i > 0 && last != NULL && (lacking_here != NULL || (ids != NULL && lacking != NULL))) {
      SET_LINE_ERROR (error, "Add the ids to that line.", last->number,
                      "another file of the folder has ids= of vfio-pci there, and the kernel takes only one");
      return false;
    }
    is_elsewhere = is_elsewhere || (i > 0 && last != NULL);
    if (i == 0) {
      ids = last;
      lacking = g_steal_pointer (&lacking_here);
    }
  }
  if (lacking == NULL || is_elsewhere)
    return true;
  if (edit->own->ids->len > 1) {
    SET_LINE_ERROR (error, "Join the ids in one line.", ids->number,
                    "ids= is said again, and the kernel takes only the last");
    return false;
  }
  if ((ids != NULL ? strlen (ids->value) + 1 : 0) + strlen (lacking) >= IDS_SIZE) {
    SET_LINE_ERROR (error, NULL, ids != NULL ? ids->number : 1,
                    "ids= would be longer than the %d characters that the kernel takes", IDS_SIZE - 1);
    return false;
  }
  if (ids != NULL)
    add (edit, ids->place, ids->value[0] == '\0' || g_str_has_suffix (ids->value, ",") ? "" : ",", lacking);
  else if (edit->own->has_options)
    add (edit, edit->own->options_place, " ids=", lacking);
  else
    g_string_append_printf (edit->tail, "options vfio-pci ids=%s\n", lacking);
  return true;
}

/* Only the first line whose name fits counts, over all files: the parts of several are not joined.
 * Source: libkmod-module.c, kmod_module_get_softdeps(). */
static const struct rule *
find_rule (const GArray *rules, const char *module)
{
  for (guint i = 0; i < rules->len; i++) {
    const struct rule *rule = &g_array_index (rules, struct rule, i);
    if (fnmatch (rule->pattern, module, 0) == 0)
      return rule;
  }
  return NULL;
}

static bool
add_softdep (struct edit *edit, const char *name, GError **error)
{
  g_autofree char *module = with_underscores (name, strlen (name));
  const struct rule *softdep = find_rule (edit->own->softdeps, module);
  bool is_elsewhere = false;
  if (name[0] == '\0' || name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-")] != '\0') {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "'%s' is no name of a module", name);
    return false;
  }
  for (guint i = 1; i < edit->readings->len; i++) {
    const struct reading *other = g_ptr_array_index (edit->readings, i);
    const struct rule *theirs = find_rule (other->softdeps, module);
    if (theirs != NULL && !theirs->has_vfio) {
      SET_LINE_ERROR (
          error, "Add vfio-pci to that line.", theirs->number,
          "another file of the folder has a softdep of %s there, and modprobe takes only the first", name);
      return false;
    }
    is_elsewhere = is_elsewhere || theirs != NULL;
  }
  if (softdep != NULL ? softdep->has_vfio : is_elsewhere)
    return true;
  if (softdep != NULL && (softdep->has_stray || strpbrk (softdep->pattern, "*?[\\") != NULL)) {
    SET_LINE_ERROR (error, NULL, softdep->number, "%s",
                    softdep->has_stray ? "a word of the softdep stands in no part; modprobe wants \"pre: \""
                                       : "the softdep is one of several modules");
    return false;
  }
  if (softdep != NULL) {
    add (edit, softdep->place, softdep->wanted, "");
    return true;
  }
  /* Where a module has a softdep its install command is not run: a new one would load what "install nouveau
   * /bin/false" keeps away. Source: libkmod-module.c, __kmod_module_fill_softdep(); man 5 modprobe.d,
   * "softdep". */
  for (guint i = 0; i < edit->readings->len; i++) {
    const struct reading *reading = g_ptr_array_index (edit->readings, i);
    const struct rule *install = find_rule (reading->installs, module);
    if (install == NULL)
      continue;
    SET_LINE_ERROR (error, NULL, install->number,
                    "with a softdep the install command of %s would not be run any more", name);
    return false;
  }
  g_string_append_printf (edit->tail, "softdep %s pre: vfio-pci\n", name);
  return true;
}

static bool
decide (struct edit *edit, const struct pl_modprobe_wishes *wishes, GError **error)
{
  static const char *const none[] = { NULL };
  const char *const *ids = wishes->vfio_ids != NULL ? wishes->vfio_ids : none;
  const char *const *softdeps = wishes->softdeps != NULL ? wishes->softdeps : none;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  /* What the command of an "install" does is not known; a blacklist says that somebody does not want it. */
  for (guint i = 0; (ids[0] != NULL || softdeps[0] != NULL) && i < edit->readings->len; i++) {
    const struct reading *reading = g_ptr_array_index (edit->readings, i);
    if (reading->obstacle == 0)
      continue;
    SET_LINE_ERROR (error, "Take the line away, or leave the work to it.", reading->obstacle,
                    "%san install or blacklist line stands against vfio-pci",
                    i > 0 ? "of another file of the folder: " : "");
    return false;
  }
  if (ids[0] != NULL && !add_ids (edit, ids, error))
    return false;
  for (; *softdeps != NULL; softdeps++)
    if (g_hash_table_add (seen, with_underscores (*softdeps, strlen (*softdeps)))
        && !add_softdep (edit, *softdeps, error))
      return false;
  return true;
}

static int
compare_additions (const void *a, const void *b)
{
  gsize left = ((const struct addition *) a)->place, right = ((const struct addition *) b)->place;
  return (left > right) - (left < right);
}

static GBytes *
put_in (GBytes *old, const struct edit *edit)
{
  gsize size = 0, at = 0;
  const char *text = old != NULL ? g_bytes_get_data (old, &size) : NULL;
  g_autoptr (GString) new = g_string_new (NULL);
  if (old != NULL && edit->additions->len == 0 && edit->tail->len == 0)
    return g_bytes_ref (old);
  g_array_sort (edit->additions, compare_additions);
  for (guint i = 0; i < edit->additions->len; i++) {
    const struct addition *addition = &g_array_index (edit->additions, struct addition, i);
    g_string_append_len (new, text + at, (gssize) (addition->place - at));
    g_string_append (new, addition->text);
    at = addition->place;
  }
  if (size > at)
    g_string_append_len (new, text + at, (gssize) (size - at));
  if (edit->tail->len > 0 && edit->own->is_open)
    g_string_append_c (new, '\n');
  g_string_append_len (new, edit->tail->str, (gssize) edit->tail->len);
  return g_string_free_to_bytes (g_steal_pointer (&new));
}

GBytes *
pl_modprobe_text_add (GBytes *old, const struct pl_modprobe_wishes *wishes, GPtrArray *others, GError **error)
{
  g_autoptr (GPtrArray) readings = g_ptr_array_new_with_free_func (reading_free);
  g_autoptr (GArray) additions = g_array_new (FALSE, FALSE, sizeof (struct addition));
  g_autoptr (GString) tail = g_string_new (NULL);
  for (guint i = 0; i < 1 + (others != NULL ? others->len : 0); i++) {
    struct reading *reading = read_text (i > 0 ? g_ptr_array_index (others, i - 1) : old, error);
    if (reading == NULL) {
      g_prefix_error (error, "%s", i > 0 ? "another file of the folder, " : "");
      return NULL;
    }
    g_ptr_array_add (readings, reading);
  }
  struct edit edit = { readings, g_ptr_array_index (readings, 0), additions, tail };
  return decide (&edit, wishes, error) ? put_in (old, &edit) : NULL;
}
