/* shell_word.c - the words of a shell script, down to the last byte; see shell.h. */
#include "base/shell_private.h"

#include <string.h>

static bool lex_expansion (struct pl_shell_parser *parser, GArray *segments, enum pl_shell_quote quote);

/* The segment from @start to here; @segments may be NULL. */
static void
add (struct pl_shell_parser *parser, GArray *segments, enum pl_shell_kind kind, enum pl_shell_quote quote,
     gsize start)
{
  if (segments == NULL || start == parser->at)
    return;
  struct pl_shell_segment *last
      = segments->len > 0 ? &g_array_index (segments, struct pl_shell_segment, segments->len - 1) : NULL;
  if (kind == PL_SHELL_TEXT && last != NULL && last->kind == kind && last->quote == quote) {
    last->end = parser->at;
    return;
  }
  struct pl_shell_segment segment = { kind, quote, start, parser->at };
  g_array_append_val (segments, segment);
}

static bool
lex_single (struct pl_shell_parser *parser, GArray *segments)
{
  gsize start = parser->at++;
  add (parser, segments, PL_SHELL_MARK, PL_SHELL_SINGLE, start);
  const char *mark = memchr (parser->text + parser->at, '\'', parser->end - parser->at);
  if (mark == NULL)
    return pl_shell_fail (parser, start, "the quote is not closed");
  gsize inner = parser->at;
  parser->at = (gsize) (mark - parser->text);
  add (parser, segments, PL_SHELL_TEXT, PL_SHELL_SINGLE, inner);
  parser->at++;
  add (parser, segments, PL_SHELL_MARK, PL_SHELL_SINGLE, parser->at - 1);
  return true;
}

bool
pl_shell_lex_quoted (struct pl_shell_parser *parser, GArray *segments, char closing)
{
  while (peek (parser, 0) != '\0' && peek (parser, 0) != closing) {
    gsize start = parser->at;
    char next = peek (parser, 1);
    if (peek (parser, 0) == '$' || peek (parser, 0) == '`') {
      if (!lex_expansion (parser, segments, PL_SHELL_DOUBLE))
        return false;
      continue;
    }
    bool is_escape = peek (parser, 0) == '\\' && next != '\0' && strchr ("$`\"\\\n", next) != NULL;
    parser->at += is_escape ? 2 : 1;
    add (parser, segments,
         !is_escape     ? PL_SHELL_TEXT
         : next == '\n' ? PL_SHELL_JOINED
                        : PL_SHELL_ESCAPED,
         PL_SHELL_DOUBLE, start);
  }
  return true;
}

static bool
lex_double (struct pl_shell_parser *parser, GArray *segments)
{
  gsize start = parser->at++;
  add (parser, segments, PL_SHELL_MARK, PL_SHELL_DOUBLE, start);
  if (!pl_shell_lex_quoted (parser, segments, '"'))
    return false;
  if (peek (parser, 0) == '\0')
    return pl_shell_fail (parser, start, "the quote is not closed");
  parser->at++;
  add (parser, segments, PL_SHELL_MARK, PL_SHELL_DOUBLE, parser->at - 1);
  return true;
}

/* ${...}. Where a quote or a brace stands in it, bash, dash and POSIX differ on its end; only what they agree
 * on is taken. */
static bool
lex_braces (struct pl_shell_parser *parser, enum pl_shell_quote quote)
{
  gsize start = parser->at;
  parser->at += 2;
  while (peek (parser, 0) != '}') {
    char character = peek (parser, 0);
    bool is_good = true;
    if (character == '\0')
      return pl_shell_fail (parser, start, "the ${ is not closed");
    if (character == '$' || character == '`')
      is_good = lex_expansion (parser, NULL, quote);
    else if (character == '"' && !parser->is_in_document)
      is_good = lex_double (parser, NULL);
    else if (character == '\'' && quote == PL_SHELL_BARE)
      is_good = lex_single (parser, NULL);
    else if (strchr ("\"'{(", character) != NULL || starts (parser, "\\\n"))
      return pl_shell_fail (parser, parser->at, "this form of ${...} is not understood");
    else
      parser->at += character == '\\' && peek (parser, 1) != '\0' ? 2 : 1;
    if (!is_good)
      return false;
  }
  parser->at++;
  return true;
}

/* $((...)). What could be a subshell in a $(...) is refused. */
static bool
lex_arithmetic (struct pl_shell_parser *parser)
{
  gsize start = parser->at;
  guint open = 0;
  for (parser->at += 3; !(open == 0 && starts (parser, "))"));) {
    char character = peek (parser, 0);
    if (character == '$' || character == '`') {
      if (!lex_expansion (parser, NULL, PL_SHELL_DOUBLE))
        return false;
      continue;
    }
    if (character == '\0' || strchr ("'\"\\;\n", character) != NULL || (character == ')' && open == 0))
      return pl_shell_fail (parser, start, "this form of $((...)) is not understood");
    open += character == '(' ? 1 : 0;
    open -= character == ')' ? 1 : 0;
    parser->at++;
  }
  parser->at += 2;
  return true;
}

/* To the next ` without a backslash. Where that stands in quotes or a comment of the command, shells differ.
 */
static bool
lex_backquotes (struct pl_shell_parser *parser)
{
  gsize start = parser->at;
  guint singles = 0, doubles = 0;
  for (parser->at++; peek (parser, 0) != '`'; parser->at += peek (parser, 0) == '\\' ? 2 : 1) {
    char character = peek (parser, 0);
    if (character == '\0' || (character == '\\' && peek (parser, 1) == '\0'))
      return pl_shell_fail (parser, start, "the ` is not closed");
    singles += character == '\'';
    doubles += character == '"';
    if (character == '#')
      return pl_shell_fail (parser, parser->at, "a # between ` is not understood");
  }
  parser->at++;
  if (singles % 2 != 0 || doubles % 2 != 0)
    return pl_shell_fail (parser, start, "a ` in quotes between ` is not understood");
  return true;
}

static bool
lex_substitution (struct pl_shell_parser *parser)
{
  static const char *const ends[] = { ")", NULL };
  gsize start = parser->at;
  if (parser->documents->len > 0)
    return pl_shell_fail (parser, parser->at, "a $( behind a << is not understood");
  parser->at += 2;
  parser->substitutions++;
  if (!pl_shell_parse_list (parser, ends))
    return false;
  if (peek (parser, 0) == '\0')
    return pl_shell_fail (parser, start, "the $( is not closed");
  if (parser->documents->len > 0)
    return pl_shell_fail (parser, parser->at, "the here-document in $( has no lines");
  parser->at++;
  parser->substitutions--;
  return true;
}

/* $'...', which dash does not have: without a backslash both see the same end. */
static bool
lex_escaped_single (struct pl_shell_parser *parser)
{
  gsize start = parser->at++;
  if (!lex_single (parser, NULL))
    return false;
  if (memchr (parser->text + start, '\\', parser->at - start) != NULL)
    return pl_shell_fail (parser, start, "a backslash in $'...' is not understood");
  return true;
}

/* At a $ or a `. */
static bool
lex_expansion (struct pl_shell_parser *parser, GArray *segments, enum pl_shell_quote quote)
{
  gsize start = parser->at;
  char next = peek (parser, 1);
  enum pl_shell_kind kind = PL_SHELL_EXPANSION;
  bool is_good = pl_shell_enter (parser);
  if (!is_good)
    return false;
  if (peek (parser, 0) == '`') {
    is_good = lex_backquotes (parser);
  } else if (next == '{') {
    is_good = lex_braces (parser, quote);
  } else if (starts (parser, "$((")) {
    is_good = lex_arithmetic (parser);
  } else if (next == '(') {
    is_good = lex_substitution (parser);
  } else if (is_name (next)) {
    for (parser->at++; is_name (peek (parser, 0));)
      parser->at++;
    gsize offset = 0;
    while (peek (parser, offset) == '\\' && peek (parser, offset + 1) == '\n')
      offset += 2;
    if (offset > 0 && is_name (peek (parser, offset)))
      return pl_shell_fail (parser, start, "the name is continued on the next line");
  } else if (next == '\'' && quote == PL_SHELL_BARE) {
    is_good = lex_escaped_single (parser);
  } else if (next == '[' || (next == '"' && quote == PL_SHELL_BARE)
             || (next == '\\' && peek (parser, 2) == '\n')) {
    return pl_shell_fail (parser, parser->at, "what follows the $ is not understood");
  } else {
    bool is_special = next != '\0' && strchr ("@*#?-$!", next) != NULL;
    parser->at += is_special ? 2 : 1;
    kind = is_special ? PL_SHELL_EXPANSION : PL_SHELL_TEXT;
  }
  parser->depth--;
  add (parser, segments, kind, quote, start);
  return is_good;
}

/* One character that stands bare. */
static void
lex_bare (struct pl_shell_parser *parser, struct pl_shell_word *word, enum pl_shell_place place)
{
  gsize start = parser->at++;
  char character = parser->text[start];
  bool is_tilde = character == '~'
                  && (start == word->start || (place == PL_SHELL_IN_VALUE && parser->text[start - 1] == ':'));
  while (is_tilde && (is_name (peek (parser, 0)) || peek (parser, 0) == '.' || peek (parser, 0) == '-'))
    parser->at++;
  bool is_pattern = place == PL_SHELL_IN_ARGUMENT && strchr ("*?[{", character) != NULL;
  add (parser, word->segments, is_tilde || is_pattern ? PL_SHELL_EXPANSION : PL_SHELL_TEXT, PL_SHELL_BARE,
       start);
}

bool
pl_shell_lex_word (struct pl_shell_parser *parser, struct pl_shell_word *word, enum pl_shell_place place)
{
  word->start = parser->at;
  word->segments = g_array_new (FALSE, FALSE, sizeof (struct pl_shell_segment));
  while (!is_meta (peek (parser, 0))) {
    gsize start = parser->at;
    bool is_good = true;
    switch (peek (parser, 0)) {
    case '\'':
      is_good = lex_single (parser, word->segments);
      break;
    case '"':
      is_good = lex_double (parser, word->segments);
      break;
    case '$':
    case '`':
      is_good = lex_expansion (parser, word->segments, PL_SHELL_BARE);
      break;
    case '\\':
      if (parser->end - start <= 2 && (peek (parser, 1) == '\0' || peek (parser, 1) == '\n'))
        return pl_shell_fail (parser, parser->at, "the last line is continued");
      parser->at += 2;
      add (parser, word->segments, parser->text[start + 1] == '\n' ? PL_SHELL_JOINED : PL_SHELL_ESCAPED,
           PL_SHELL_BARE, start);
      break;
    default:
      lex_bare (parser, word, place);
    }
    if (!is_good)
      return false;
  }
  word->end = parser->at;
  return true;
}
