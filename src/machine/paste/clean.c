/* clean.c - from pasted bytes to plain lines: no colours, no HTML, no quote marks, no trees.
 *
 * One pass, one buffer that is used again. A physical line gives several lines where HTML breaks it; they
 * share its number.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

/* The state of cleaning one physical line. */
struct cleaner {
  struct pl_paste *paste;
  pl_paste_take_line take;
  GString *out;
  guint number;
  bool has_tree, is_unterminated;
  bool is_too_long;
  bool has_broken; /* HTML has already ended a line here: an empty rest is none */
};

static struct pl_paste_line strip_decoration (struct pl_span text, guint indent, bool is_tree);

/* Ends a line: hands it on and empties the buffer. */
static void
end_line (struct cleaner *cleaner, bool is_last)
{
  struct pl_span text = { cleaner->out->str, cleaner->out->len };
  if (!cleaner->is_too_long && !(is_last && cleaner->has_broken && pl_span_trim (text).size == 0)) {
    struct pl_paste_line line = strip_decoration (text, 0, cleaner->has_tree);
    line.number = cleaner->number;
    line.is_unterminated = is_last && cleaner->is_unterminated;
    cleaner->take (cleaner->paste, &line);
  }
  g_string_truncate (cleaner->out, 0);
  cleaner->is_too_long = cleaner->has_tree = false;
}

static void
put (struct cleaner *cleaner, const char *bytes, gsize size)
{
  if (cleaner->out->len + size > PL_PASTE_LINE_LIMIT) {
    cleaner->is_too_long = true;
    return;
  }
  g_string_append_len (cleaner->out, bytes, (gssize) size);
}

/* "\033[22;31m", "\033]0;title\007", "\033(B"; how many bytes it takes. Source: ECMA-48, 5.4 and 5.6. */
static gsize
measure_escape (struct pl_span rest)
{
  gsize at = 1;
  if (rest.size > 1 && rest.at[1] == '[') {
    for (at = 2; at < rest.size && at < 64 && (guchar) rest.at[at] >= 0x20 && (guchar) rest.at[at] < 0x40;
         at++)
      ;
    return at < rest.size ? at + 1 : at;
  }
  if (rest.size > 1 && rest.at[1] == ']') {
    for (at = 2; at < rest.size && at < 256; at++) {
      if (rest.at[at] == '\a')
        return at + 1;
      if (rest.at[at] == '\033')
        return MIN (at + 2, rest.size);
    }
    return 1;
  }
  return rest.size > 2 && strchr ("()*+", rest.at[1]) != NULL ? 3 : MIN (2, rest.size);
}

/* "[22;31m" whose escape character was lost in copying; 0 where it is none. */
static gsize
measure_bare_colour (struct pl_span rest)
{
  gsize at = 1;
  while (at < rest.size && at < 16 && (g_ascii_isdigit (rest.at[at]) || rest.at[at] == ';'))
    at++;
  return at < rest.size && rest.at[at] == 'm' && (at == 1 || at < 16) ? at + 1 : 0;
}

/* A character beyond ASCII: blanks of every width, tree parts, arrows; all others stay as they are. */
static void
put_character (struct cleaner *cleaner, gunichar character, const char *bytes, gsize size)
{
  if (character == 0xa0 || (character >= 0x2000 && character <= 0x200a) || character == 0x202f
      || character == 0x205f || character == 0x3000) {
    put (cleaner, " ", 1);
  } else if ((character == 0x2502 || character == 0x2503 || character == 0x2551)
             && pl_span_trim ((struct pl_span){ cleaner->out->str, cleaner->out->len }).size > 0) {
    put (cleaner, "|", 1); /* between the cells of a table */
  } else if (character >= 0x2500 && character <= 0x257f) {
    cleaner->has_tree = true;
    put (cleaner, " ", 1);
  } else if (character == 0x2022 || character == 0x25cf) {
    put (cleaner, "*", 1);
  } else if (character == 0x2192) {
    put (cleaner, "->", 2);
  } else if (character == 0x2028 || character == 0x2029) {
    end_line (cleaner, false);
    cleaner->has_broken = true;
  } else if ((character >= 0x200b && character <= 0x200f) || character == 0xfeff || character == 0xad
             || (character >= 0x202a && character <= 0x202e)
             || (character >= 0x2066 && character <= 0x2069)) {
    return;
  } else {
    put (cleaner, bytes, size);
  }
}

static void
break_line (struct cleaner *cleaner)
{
  if (pl_span_trim ((struct pl_span){ cleaner->out->str, cleaner->out->len }).size > 0)
    end_line (cleaner, false);
  else
    g_string_truncate (cleaner->out, 0);
  cleaner->has_broken = true;
}

/* Takes an HTML tag from the begin; how many bytes it took, 0 where there is none. */
static gsize
clean_tag (struct cleaner *cleaner, struct pl_span rest)
{
  bool is_breaking;
  gsize size = pl_paste_measure_tag (rest, &is_breaking);
  if (size == 0)
    return 0;
  /* The first cell of a row is not indented, and what ends a cell parts nothing. */
  if (is_breaking)
    break_line (cleaner);
  else if ((rest.at[1] == 't' || rest.at[1] == 'T') && cleaner->out->len > 0)
    put (cleaner, "\t", 1);
  return size;
}

/* The same with BBCode. */
static gsize
clean_code (struct cleaner *cleaner, struct pl_span rest)
{
  bool is_breaking;
  gsize size = pl_paste_measure_code (rest, &is_breaking);
  if (size > 0 && is_breaking)
    break_line (cleaner);
  return size;
}

static gsize
clean_entity (struct cleaner *cleaner, struct pl_span rest)
{
  gunichar character;
  gsize size = pl_paste_measure_entity (rest, &character);
  if (size == 0)
    return 0;
  if (character == '\n' || character == '\r') {
    break_line (cleaner);
    return size;
  }
  char bytes[6];
  put_character (cleaner, character, bytes, (gsize) g_unichar_to_utf8 (character, bytes));
  return size;
}

/* A byte beyond ASCII, and what belongs to it. */
static gsize
clean_high (struct cleaner *cleaner, struct pl_span rest)
{
  gunichar character = g_utf8_get_char_validated (rest.at, (gssize) MIN (rest.size, 4));
  if (character == (gunichar) -1 || character == (gunichar) -2) {
    /* Not UTF-8. Latin-1 has its no-break space there. */
    put (cleaner, (guchar) rest.at[0] == 0xa0 ? " " : rest.at, 1);
    return 1;
  }
  gsize size = (gsize) (g_utf8_next_char (rest.at) - rest.at);
  put_character (cleaner, character, rest.at, size);
  return size;
}

/* Takes one thing that is more than a plain byte from the begin; how many bytes it took. */
static gsize
clean_special (struct cleaner *cleaner, struct pl_span rest)
{
  guchar byte = (guchar) rest.at[0];
  gsize size = 0;
  if (byte == '\033')
    return measure_escape (rest);
  if (byte == '\r') {
    if (rest.size > 1) {
      end_line (cleaner, false);
      cleaner->has_broken = true;
    }
    return 1;
  }
  if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
    return 1;
  if (byte >= 0x80)
    return clean_high (cleaner, rest);
  if (byte == '[') {
    size = measure_bare_colour (rest);
    if (size == 0)
      size = clean_code (cleaner, rest);
  } else if (byte == '<')
    size = clean_tag (cleaner, rest);
  else if (byte == '&')
    size = clean_entity (cleaner, rest);
  if (size > 0)
    return size;
  put (cleaner, rest.at, 1);
  return 1;
}

static bool
is_special (guchar byte)
{
  return byte >= 0x7f || byte == '<' || byte == '&' || byte == '[' || (byte < 0x20 && byte != '\t');
}

static void
clean_line (struct cleaner *cleaner, struct pl_span line)
{
  cleaner->has_broken = false;
  while (line.size > 0) {
    gsize plain = 0;
    while (plain < line.size && !is_special ((guchar) line.at[plain]))
      plain++;
    if (plain > 0)
      put (cleaner, line.at, plain);
    line = pl_span_skip (line, plain);
    if (line.size > 0)
      line = pl_span_skip (line, clean_special (cleaner, line));
  }
  end_line (cleaner, true);
}

void
pl_paste_clean (struct pl_paste *paste, const char *text, gsize size, pl_paste_take_line take)
{
  struct cleaner cleaner = { .paste = paste, .take = take, .out = g_string_sized_new (1024) };
  struct pl_span rest = { text, size };
  while (rest.size > 0) {
    const char *newline = memchr (rest.at, '\n', rest.size);
    gsize length = newline != NULL ? (gsize) (newline - rest.at) : rest.size;
    struct pl_span line = pl_span_head (rest, length);
    cleaner.number++;
    cleaner.is_unterminated = newline == NULL;
    /* The one carriage return that belongs to the line's end. */
    if (line.size > 0 && line.at[line.size - 1] == '\r')
      line.size--;
    clean_line (&cleaner, line);
    rest = pl_span_skip (rest, length + 1);
  }
  g_string_free (cleaner.out, TRUE);
}

/* "|   |-- 08:00.0", "+-- ", "`-- ", "\-- ": how many bytes of a drawn tree stand at the begin. */
static gsize
measure_tree (struct pl_span text)
{
  /* No tree is as deep; a line of marks alone is measured again behind each of them. */
  text = pl_span_head (text, 256);
  gsize at = 0;
  while (at < text.size && strchr (" |`+\\-", text.at[at]) != NULL && text.at[at] != '\0')
    at++;
  gssize dashes = pl_span_find (pl_span_head (text, at), "--");
  bool has_corner = dashes > 0 && strchr ("|`+\\", text.at[dashes - 1]) != NULL;
  return has_corner && at < text.size ? at : 0;
}

/* Counts the columns of blanks at the begin and takes them. */
static guint
take_indent (struct pl_span *text, guint column)
{
  for (; text->size > 0 && (text->at[0] == ' ' || text->at[0] == '\t'); *text = pl_span_skip (*text, 1))
    column = text->at[0] == '\t' ? (column / 8 + 1) * 8 : column + 1;
  return column;
}

/* One mark of quoting, of a shell comment or of Markdown at the begin; false where there is none. */
static bool
take_mark (struct pl_span *text, guint *indent, bool *is_tree)
{
  char mark = text->size > 0 ? text->at[0] : '\0';
  char next = text->size > 1 ? text->at[1] : '\0';
  if (mark == '>' || mark == '#') {
    /* What is indented is the quoted text, not the quote. */
    pl_span_take_any (text, mark == '>' ? ">" : "#");
    pl_span_take (text, " ");
    *indent = 0;
    return true;
  }
  gsize tree = measure_tree (*text);
  if (tree > 0) {
    *text = pl_span_skip (*text, tree);
    *indent += (guint) tree;
    *is_tree = true;
    return true;
  }
  bool is_bullet = (mark == '-' || mark == '+' || mark == '|') && (next == ' ' || next == '\t');
  if (is_bullet || mark == '*' || mark == '`') {
    pl_span_take_any (text, is_bullet ? "-+|" : "*`");
    return true;
  }
  if (mark == '-' && next == 'e' && text->size > 2 && (text->at[2] == ' ' || text->at[2] == '\t')) {
    *text = pl_span_skip (*text, 2);
    return true;
  }
  return false;
}

static struct pl_paste_line
strip_decoration (struct pl_span text, guint indent, bool is_tree)
{
  struct pl_paste_line line = { .is_tree = is_tree };
  do
    indent = take_indent (&text, indent);
  while (!pl_span_starts (text, "```") && !pl_span_is (text, "--")
         && take_mark (&text, &indent, &line.is_tree));
  line.indent = indent;
  while (text.size > 0 && strchr (" \t*`|#\\", text.at[text.size - 1]) != NULL
         && text.at[text.size - 1] != '\0' && !pl_span_starts (text, "```"))
    text.size--;
  line.text = text;
  return line;
}
