/* shell.c - see shell.h: files, and the grammar above the simple commands of shell_command.c and the words of
 * shell_word.c. */
#include "base/shell.h"

#include "base/error.h"
#include "base/shell_private.h"

/* Deeper than any file that a person wrote, and shallow enough for the stack. */
#define MAX_DEPTH 60

bool
pl_shell_fail (struct pl_shell_parser *parser, gsize at, const char *phrase)
{
  pl_error_set (parser->error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s",
                pl_shell_file_line (parser->file, at), phrase);
  return false;
}

static bool
fail_here (struct pl_shell_parser *parser, const char *phrase)
{
  return pl_shell_fail (parser, parser->at, phrase);
}

bool
pl_shell_enter (struct pl_shell_parser *parser)
{
  return ++parser->depth <= MAX_DEPTH || fail_here (parser, "it is nested too deeply");
}

void
pl_shell_word_clear (struct pl_shell_word *word)
{
  g_clear_pointer (&word->segments, g_array_unref);
}
void
pl_shell_word_free (struct pl_shell_word *word)
{
  pl_shell_word_clear (word);
  g_free (word);
}

void
pl_shell_assignment_free (struct pl_shell_assignment *assignment)
{
  g_free (assignment->name);
  pl_shell_word_clear (&assignment->value);
  g_clear_pointer (&assignment->words, g_ptr_array_unref);
  g_free (assignment);
}

void
pl_shell_command_free (struct pl_shell_command *command)
{
  g_free (command->name);
  g_free (command);
}

static bool
is_at_any (const struct pl_shell_parser *parser, const char *const *words)
{
  for (; *words != NULL; words++)
    if (is_at (parser, *words))
      return true;
  return false;
}

/* Commands inside of a compound one; what it began with stands at @start. */
static bool
parse_body (struct pl_shell_parser *parser, gsize start, const char *const *ends)
{
  parser->conditions++;
  if (!pl_shell_parse_list (parser, ends))
    return false;
  parser->conditions--;
  return peek (parser, 0) != '\0' || pl_shell_fail (parser, start, "what begins here is not closed");
}

static bool
parse_if (struct pl_shell_parser *parser, gsize start)
{
  static const char *const thens[] = { "then", NULL };
  static const char *const ends[] = { "elif", "else", "fi", NULL };
  bool is_last = false;
  if (!parse_body (parser, start, thens) || !pl_shell_take (parser, "then"))
    return false;
  for (;;) {
    if (!parse_body (parser, start, is_last ? ends + 2 : ends))
      return false;
    if (pl_shell_take (parser, "fi"))
      return true;
    is_last = pl_shell_take (parser, "else");
    if (!is_last
        && (!pl_shell_take (parser, "elif") || !parse_body (parser, start, thens)
            || !pl_shell_take (parser, "then")))
      return false;
  }
}

/* while, until; and a for loop from its "do". */
static bool
parse_loop (struct pl_shell_parser *parser, gsize start)
{
  static const char *const dos[] = { "do", NULL };
  static const char *const ends[] = { "done", NULL };
  return parse_body (parser, start, dos) && pl_shell_take (parser, "do") && parse_body (parser, start, ends)
         && pl_shell_take (parser, "done");
}

/* Words up to what ends a command. */
static bool
parse_words (struct pl_shell_parser *parser)
{
  for (;;) {
    g_auto (pl_shell_word) word = { 0 };
    if (!pl_shell_skip (parser, false) || !pl_shell_lex_word (parser, &word, PL_SHELL_IN_ARGUMENT))
      return false;
    if (word.start == word.end)
      return true;
  }
}

static bool
parse_for (struct pl_shell_parser *parser, gsize start)
{
  if (!pl_shell_skip (parser, false))
    return false;
  gsize name = parser->at;
  while (is_name (peek (parser, 0)))
    parser->at++;
  if (parser->at == name || !is_meta (peek (parser, 0)))
    return pl_shell_fail (parser, start, "this form of for is not understood");
  if (!pl_shell_skip (parser, true) || (pl_shell_take (parser, "in") && !parse_words (parser))
      || !pl_shell_skip (parser, false))
    return false;
  if (peek (parser, 0) == ';')
    parser->at++;
  if (!pl_shell_skip (parser, true))
    return false;
  return is_at (parser, "do") ? parse_loop (parser, start) : fail_here (parser, "do is missing");
}

static bool
parse_case (struct pl_shell_parser *parser, gsize start)
{
  static const char *const ends[] = { ";;", ";&", "esac", NULL };
  g_auto (pl_shell_word) word = { 0 };
  if (!pl_shell_skip (parser, false) || !pl_shell_lex_word (parser, &word, PL_SHELL_IN_VALUE)
      || !pl_shell_skip (parser, true))
    return false;
  if (!pl_shell_take (parser, "in"))
    return pl_shell_fail (parser, start, "this form of case is not understood");
  for (;;) {
    if (!pl_shell_skip (parser, true))
      return false;
    if (pl_shell_take (parser, "esac"))
      return true;
    if (peek (parser, 0) == '(')
      parser->at++;
    do {
      g_auto (pl_shell_word) pattern = { 0 };
      if (!pl_shell_skip (parser, false) || !pl_shell_lex_word (parser, &pattern, PL_SHELL_IN_ARGUMENT)
          || !pl_shell_skip (parser, false))
        return false;
      if (pattern.start == pattern.end)
        return fail_here (parser, "this pattern is not understood");
    } while (peek (parser, 0) == '|' && parser->at++ > 0);
    if (!pl_shell_take (parser, ")"))
      return fail_here (parser, "this pattern is not understood");
    if (!parse_body (parser, start, ends))
      return false;
    /* ;;& and ;& are bash's. */
    if (pl_shell_take (parser, ";;") || pl_shell_take (parser, ";&"))
      parser->at += peek (parser, 0) == '&' ? 1 : 0;
  }
}

static bool
parse_group (struct pl_shell_parser *parser, gsize start)
{
  const char *const ends[] = { parser->text[start] == '(' ? ")" : "}", NULL };
  if (peek (parser, 0) == '(' && ends[0][0] == ')')
    return pl_shell_fail (parser, start, "((...)) is not understood");
  return parse_body (parser, start, ends) && pl_shell_take (parser, ends[0]);
}

/* A compound command, where one begins here. */
static bool
parse_compound (struct pl_shell_parser *parser, bool *is_one)
{
  static const struct {
    const char *word;
    bool (*parse) (struct pl_shell_parser *parser, gsize start);
  } kinds[] = {
    { "if", parse_if },   { "while", parse_loop }, { "until", parse_loop },
    { "for", parse_for }, { "case", parse_case },  { "{", parse_group },
  };
  gsize start = parser->at;
  *is_one = true;
  if (peek (parser, 0) == '(') {
    parser->at++;
    return parse_group (parser, start);
  }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (pl_shell_take (parser, kinds[i].word))
      return kinds[i].parse (parser, start);
  *is_one = false;
  return true;
}

/* The body behind a function's name; at the parenthesis, where there is one. */
bool
pl_shell_parse_function (struct pl_shell_parser *parser, const char *name)
{
  bool is_one;
  if (peek (parser, 0) == '(') {
    parser->at++;
    if (!pl_shell_skip (parser, false))
      return false;
    if (!pl_shell_take (parser, ")"))
      return fail_here (parser, "this is not understood");
  }
  g_ptr_array_add (parser->file->functions, g_strdup (name));
  parser->functions++;
  if (!pl_shell_skip (parser, true) || !parse_compound (parser, &is_one))
    return false;
  parser->functions--;
  return is_one || fail_here (parser, "the function has no body that is understood");
}

/* "function NAME", which is bash's, from behind the word. */
static bool
parse_function_word (struct pl_shell_parser *parser)
{
  g_auto (pl_shell_word) word = { 0 };
  if (!pl_shell_skip (parser, false) || !pl_shell_lex_word (parser, &word, PL_SHELL_IN_VALUE)
      || !pl_shell_skip (parser, false))
    return false;
  g_autofree char *name = pl_shell_word_text (parser->file, &word);
  if (name == NULL || name[0] == '\0')
    return fail_here (parser, "the function's name is not understood");
  return pl_shell_parse_function (parser, name);
}

static bool
parse_command (struct pl_shell_parser *parser)
{
  static const char *const misplaced[]
      = { "then", "elif", "else", "fi", "do", "done", "esac", "}", "in", "select", NULL };
  bool is_compound, is_more = true;
  if (is_at_any (parser, misplaced))
    return fail_here (parser, "a reserved word stands where it does not belong");
  if (!pl_shell_enter (parser) || !parse_compound (parser, &is_compound))
    return false;
  if (!is_compound && pl_shell_take (parser, "function")) {
    is_compound = true;
    if (!parse_function_word (parser))
      return false;
  }
  if (!is_compound && !pl_shell_parse_simple (parser))
    return false;
  while (is_compound && is_more)
    if (!pl_shell_skip (parser, false) || !pl_shell_parse_redirection (parser, &is_more))
      return false;
  parser->depth--;
  return true;
}

/* What was found since then stands in a pipeline or in the background: a process of its own. */
static void
put_aside (struct pl_shell_parser *parser, guint assignments, guint commands)
{
  for (guint i = assignments; i < parser->file->assignments->len; i++)
    ((struct pl_shell_assignment *) g_ptr_array_index (parser->file->assignments, i))->is_conditional = true;
  for (guint i = commands; i < parser->file->commands->len; i++)
    ((struct pl_shell_command *) g_ptr_array_index (parser->file->commands, i))->is_conditional = true;
}

/* Commands joined by |. */
static bool
parse_pipeline (struct pl_shell_parser *parser)
{
  guint assignments = parser->file->assignments->len, commands = parser->file->commands->len;
  while (pl_shell_take (parser, "!"))
    if (!pl_shell_skip (parser, false))
      return false;
  if (!parse_command (parser))
    return false;
  while (peek (parser, 0) == '|' && peek (parser, 1) != '|') {
    parser->at += peek (parser, 1) == '&' ? 2 : 1;
    if (!pl_shell_skip (parser, true) || !parse_command (parser))
      return false;
    put_aside (parser, assignments, commands);
  }
  return true;
}

/* Pipelines joined by && and ||, and the & behind them. */
static bool
parse_and_or (struct pl_shell_parser *parser)
{
  guint assignments = parser->file->assignments->len, commands = parser->file->commands->len;
  guint conditions = parser->conditions;
  for (;;) {
    if (!parse_pipeline (parser))
      return false;
    if (!starts (parser, "&&") && !starts (parser, "||"))
      break;
    parser->at += 2;
    parser->conditions = conditions + 1;
    if (!pl_shell_skip (parser, true))
      return false;
  }
  parser->conditions = conditions;
  if (peek (parser, 0) == '&')
    put_aside (parser, assignments, commands);
  return true;
}

bool
pl_shell_parse_list (struct pl_shell_parser *parser, const char *const *ends)
{
  for (;;) {
    if (!pl_shell_skip (parser, true))
      return false;
    if (peek (parser, 0) == '\0' || is_at_any (parser, ends))
      return true;
    if (!parse_and_or (parser))
      return false;
    bool is_separated = peek (parser, 0) == '&' || (peek (parser, 0) == ';' && !is_at_any (parser, ends));
    parser->at += is_separated ? 1 : 0;
    if (!is_separated && peek (parser, 0) != '\n' && peek (parser, 0) != '\0' && !is_at_any (parser, ends))
      return fail_here (parser, "this is not understood");
  }
}

struct pl_shell_file *
pl_shell_parse (GBytes *bytes, GError **error)
{
  static const char *const no_ends[] = { NULL };
  g_autoptr (pl_shell_file) file = g_new0 (struct pl_shell_file, 1);
  file->bytes = g_bytes_ref (bytes);
  file->text = g_bytes_get_data (bytes, &file->size);
  if (file->text == NULL)
    file->text = "";
  file->assignments = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_assignment_free);
  file->commands = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_command_free);
  file->functions = g_ptr_array_new_with_free_func (g_free);
  file->comments = g_array_new (FALSE, FALSE, sizeof (struct pl_shell_segment));
  struct pl_shell_parser parser
      = { .file = file, .text = file->text, .end = file->size, .line = 1, .error = error };
  const char *nul = memchr (file->text, '\0', file->size);
  if (nul != NULL) {
    pl_shell_fail (&parser, (gsize) (nul - file->text), "a NUL byte stands in it");
    return NULL;
  }
  parser.documents = pl_shell_documents_new ();
  bool is_good = pl_shell_parse_list (&parser, no_ends);
  if (is_good && parser.documents->len > 0)
    is_good = fail_here (&parser, "the here-document is not closed");
  g_array_unref (parser.documents);
  return is_good ? g_steal_pointer (&file) : NULL;
}

void
pl_shell_file_free (struct pl_shell_file *file)
{
  if (file == NULL)
    return;
  g_bytes_unref (file->bytes);
  g_ptr_array_unref (file->assignments);
  g_ptr_array_unref (file->commands);
  g_ptr_array_unref (file->functions);
  g_array_unref (file->comments);
  g_free (file);
}

guint
pl_shell_file_line (const struct pl_shell_file *file, gsize at)
{
  guint line = 1;
  for (gsize i = 0; i < at; i++)
    line += file->text[i] == '\n';
  return line;
}

const char *
pl_shell_file_line_end (const struct pl_shell_file *file)
{
  for (gsize i = file->size; i-- > 0;)
    if (file->text[i] == '\n')
      return i > 0 && file->text[i - 1] == '\r' ? "\r\n" : "\n";
  return "\n";
}

char *
pl_shell_word_text (const struct pl_shell_file *file, const struct pl_shell_word *word)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < word->segments->len; i++) {
    const struct pl_shell_segment *segment = &g_array_index (word->segments, struct pl_shell_segment, i);
    if (segment->kind == PL_SHELL_EXPANSION)
      return NULL;
    gsize start = segment->start + (segment->kind == PL_SHELL_ESCAPED ? 1 : 0);
    if (segment->kind == PL_SHELL_TEXT || segment->kind == PL_SHELL_ESCAPED)
      g_string_append_len (text, file->text + start, (gssize) (segment->end - start));
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Both move on to the place: it is asked for in the order of the text. */
static bool
is_in_comment (const struct pl_shell_file *file, guint *comment, gsize at)
{
  while (*comment < file->comments->len
         && g_array_index (file->comments, struct pl_shell_segment, *comment).end <= at)
    ++*comment;
  return *comment < file->comments->len
         && g_array_index (file->comments, struct pl_shell_segment, *comment).start <= at;
}

static bool
is_left_side (const struct pl_shell_file *file, guint *assignment, gsize at)
{
  for (; *assignment < file->assignments->len; ++*assignment) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, *assignment);
    if (one->start >= at)
      return one->start == at;
  }
  return false;
}

GArray *
pl_shell_file_mentions (const struct pl_shell_file *file, const char *name)
{
  GArray *mentions = g_array_new (FALSE, FALSE, sizeof (struct pl_shell_mention));
  gsize length = strlen (name);
  guint comment = 0, assignment = 0;
  for (gsize at = 0, end; at < file->size; at = end) {
    end = at + 1;
    if (!is_name (file->text[at]))
      continue;
    while (end < file->size && is_name (file->text[end]))
      end++;
    if (end - at != length || memcmp (file->text + at, name, length) != 0
        || is_in_comment (file, &comment, at) || is_left_side (file, &assignment, at))
      continue;
    bool is_braced
        = at >= 2 && memcmp (file->text + at - 2, "${", 2) == 0 && end < file->size && file->text[end] == '}';
    struct pl_shell_mention mention = { at, end, is_braced || (at >= 1 && file->text[at - 1] == '$') };
    g_array_append_val (mentions, mention);
  }
  return mentions;
}
