/* shell_command.c - simple commands of a shell script, with their assignments, redirections and
 * here-documents; see shell.h. */
#include "base/shell_private.h"

struct document {
  gsize start; /* of its operator */
  char *delimiter;
  bool is_quoted;   /* the body is not expanded */
  bool is_indented; /* <<-: tabs in front of a line do not count */
};

static bool
fail_here (struct pl_shell_parser *parser, const char *phrase)
{
  return pl_shell_fail (parser, parser->at, phrase);
}

static void
clear_document (struct document *document)
{
  g_free (document->delimiter);
}

GArray *
pl_shell_documents_new (void)
{
  GArray *documents = g_array_new (FALSE, FALSE, sizeof (struct document));
  g_array_set_clear_func (documents, (GDestroyNotify) clear_document);
  return documents;
}

/* Lines are counted on: places are asked for in the order of the text. */
static guint
line_of (struct pl_shell_parser *parser, gsize at)
{
  for (; parser->line_at < at; parser->line_at++)
    parser->line += parser->text[parser->line_at] == '\n';
  return parser->line;
}

/* The body of one here-document, whose first line begins here. */
static bool
take_document (struct pl_shell_parser *parser, const struct document *document)
{
  gsize body = parser->at, body_end = body, length = strlen (document->delimiter);
  bool is_found = false;
  while (!is_found && parser->at < parser->end) {
    body_end = parser->at;
    const char *newline = memchr (parser->text + body_end, '\n', parser->end - body_end);
    gsize line = body_end, line_end = newline != NULL ? (gsize) (newline - parser->text) : parser->end;
    while (document->is_indented && line < line_end && parser->text[line] == '\t')
      line++;
    is_found = line_end - line == length && memcmp (parser->text + line, document->delimiter, length) == 0;
    parser->at = line_end + (newline != NULL ? 1 : 0);
  }
  if (!is_found)
    return pl_shell_fail (parser, document->start, "the here-document is not closed");
  if (document->is_quoted)
    return true;
  if (body_end >= body + 2 && parser->text[body_end - 2] == '\\')
    return pl_shell_fail (parser, body_end, "the here-document's last line is continued");
  gsize behind = parser->at, end = parser->end;
  parser->at = body;
  parser->end = body_end;
  parser->is_in_document = true;
  if (!pl_shell_lex_quoted (parser, NULL, '\0'))
    return false;
  parser->is_in_document = false;
  parser->at = behind;
  parser->end = end;
  return true;
}

static bool
take_newline (struct pl_shell_parser *parser)
{
  parser->at++;
  if (parser->documents->len == 0)
    return true;
  g_autoptr (GArray) documents = g_steal_pointer (&parser->documents);
  parser->documents = pl_shell_documents_new ();
  for (guint i = 0; i < documents->len; i++)
    if (!take_document (parser, &g_array_index (documents, struct document, i)))
      return false;
  return true;
}

/* Blanks, continued lines, and a comment; where @lines, line ends, too. */
bool
pl_shell_skip (struct pl_shell_parser *parser, bool lines)
{
  for (;;) {
    gsize start = parser->at;
    if (peek (parser, 0) == ' ' || peek (parser, 0) == '\t') {
      parser->at++;
    } else if (starts (parser, "\\\n")) {
      if (parser->end - parser->at == 2)
        return fail_here (parser, "the last line is continued");
      parser->at += 2;
    } else if (peek (parser, 0) == '#') {
      while (peek (parser, 0) != '\0' && peek (parser, 0) != '\n')
        parser->at++;
      struct pl_shell_segment comment = { PL_SHELL_TEXT, PL_SHELL_BARE, start, parser->at };
      g_array_append_val (parser->file->comments, comment);
    } else if (lines && peek (parser, 0) == '\n') {
      if (!take_newline (parser))
        return false;
    } else {
      return true;
    }
  }
}

bool
pl_shell_take (struct pl_shell_parser *parser, const char *word)
{
  bool is_one = is_at (parser, word);
  parser->at += is_one ? strlen (word) : 0;
  return is_one;
}

static bool
take_document_word (struct pl_shell_parser *parser, const struct pl_shell_word *word, gsize start,
                    bool is_indented)
{
  struct document document = { start, pl_shell_word_text (parser->file, word), false, is_indented };
  g_array_append_val (parser->documents, document);
  for (guint i = 0; i < word->segments->len; i++) {
    const struct pl_shell_segment *segment = &g_array_index (word->segments, struct pl_shell_segment, i);
    if (segment->kind == PL_SHELL_JOINED || segment->kind == PL_SHELL_EXPANSION)
      return fail_here (parser, "this word behind << is not understood");
    if (segment->kind != PL_SHELL_TEXT)
      g_array_index (parser->documents, struct document, parser->documents->len - 1).is_quoted = true;
  }
  return true;
}

/* A redirection, with the number in front of it, where one stands here. */
bool
pl_shell_parse_redirection (struct pl_shell_parser *parser, bool *is_one)
{
  static const char *const operators[] = { "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">" };
  gsize digits = 0, start = parser->at;
  while (g_ascii_isdigit (peek (parser, digits)))
    digits++;
  char sign = peek (parser, digits);
  *is_one = sign == '<' || sign == '>';
  if (!*is_one)
    return true;
  parser->at += digits;
  guint which = 0;
  while (!starts (parser, operators[which]))
    which++;
  parser->at += strlen (operators[which]);
  g_auto (pl_shell_word) word = { 0 };
  if (!pl_shell_skip (parser, false) || !pl_shell_lex_word (parser, &word, PL_SHELL_IN_VALUE))
    return false;
  if (word.start == word.end)
    return pl_shell_fail (parser, start, "the redirection is not understood");
  return (which != 1 && which != 2) || take_document_word (parser, &word, start, which == 1);
}

/* NAME=( word... ), from the parenthesis. */
static bool
parse_array (struct pl_shell_parser *parser, struct pl_shell_assignment *assignment)
{
  gsize start = parser->at++;
  assignment->words = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_word_free);
  assignment->value.segments = g_array_new (FALSE, FALSE, sizeof (struct pl_shell_segment));
  assignment->value.start = start;
  if (parser->documents->len > 0)
    return fail_here (parser, "an array behind a << is not understood");
  for (;;) {
    if (!pl_shell_skip (parser, true))
      return false;
    if (pl_shell_take (parser, ")"))
      break;
    if (peek (parser, 0) == '\0')
      return pl_shell_fail (parser, start, "the array is not closed");
    struct pl_shell_word *word = g_new0 (struct pl_shell_word, 1);
    g_ptr_array_add (assignment->words, word);
    if (!pl_shell_lex_word (parser, word, PL_SHELL_IN_ARGUMENT))
      return false;
    if (word->start == word->end || parser->text[word->start] == '[')
      return pl_shell_fail (parser, word->start, "this element of the array is not understood");
  }
  assignment->value.end = parser->at;
  return is_meta (peek (parser, 0)) || fail_here (parser, "something stands right behind the array");
}

/* How long the name is, if NAME= or NAME+= stands here; else 0. */
static gsize
assigned_name (const struct pl_shell_parser *parser)
{
  gsize length = 0;
  while (is_name (peek (parser, length)))
    length++;
  gsize sign = length + (peek (parser, length) == '+' ? 1 : 0);
  return peek (parser, sign) == '=' && !g_ascii_isdigit (peek (parser, 0)) ? length : 0;
}

static bool
parse_assignment (struct pl_shell_parser *parser, GPtrArray *assignments, gsize length, bool is_export)
{
  struct pl_shell_assignment *assignment = g_new0 (struct pl_shell_assignment, 1);
  g_ptr_array_add (assignments, assignment);
  assignment->name = g_strndup (parser->text + parser->at, length);
  assignment->start = parser->at;
  assignment->line = line_of (parser, parser->at);
  assignment->is_append = peek (parser, length) == '+';
  assignment->is_export = is_export;
  assignment->is_conditional = parser->conditions > 0;
  parser->at += length + (assignment->is_append ? 2 : 1);
  if (peek (parser, 0) == '(' && !is_export)
    return parse_array (parser, assignment);
  return pl_shell_lex_word (parser, &assignment->value, is_export ? PL_SHELL_IN_ARGUMENT : PL_SHELL_IN_VALUE);
}

/* Its text is known only when it runs, or it is spelt in pieces. */
static bool
is_opaque (const struct pl_shell_word *word)
{
  guint texts = 0;
  for (guint i = 0; i < word->segments->len; i++) {
    enum pl_shell_kind kind = g_array_index (word->segments, struct pl_shell_segment, i).kind;
    if (kind == PL_SHELL_TEXT ? ++texts > 1 : kind != PL_SHELL_MARK)
      return true;
  }
  return false;
}

/* The word that names the command: no name is guessed, and no line end is looked for in one. */
static bool
parse_command_name (struct pl_shell_parser *parser, struct pl_shell_command *command)
{
  g_auto (pl_shell_word) word = { 0 };
  for (gsize i = 0; is_name (peek (parser, i)); i++)
    if (peek (parser, i + 1) == '[')
      return fail_here (parser, "an element of an array is not understood");
  if (!pl_shell_lex_word (parser, &word, PL_SHELL_IN_VALUE))
    return false;
  for (guint i = 0; i < word.segments->len; i++)
    if (g_array_index (word.segments, struct pl_shell_segment, i).kind == PL_SHELL_JOINED)
      return pl_shell_fail (parser, word.start, "the command's name is continued on the next line");
  command->name = pl_shell_word_text (parser->file, &word);
  if (command->name != NULL && strpbrk (command->name, "*?[{") != NULL && strcmp (command->name, "[") != 0
      && strcmp (command->name, "[[") != 0)
    g_clear_pointer (&command->name, g_free);
  if (g_strcmp0 (command->name, "time") == 0 || g_strcmp0 (command->name, "coproc") == 0)
    return pl_shell_fail (parser, word.start, "time and coproc are not understood");
  return true;
}

/* One argument; of export it may be an assignment. */
static bool
parse_argument (struct pl_shell_parser *parser, struct pl_shell_command *command, bool *is_export,
                GPtrArray *exports)
{
  gsize length = assigned_name (parser);
  *is_export = *is_export && peek (parser, 0) != '-';
  if (*is_export && length > 0)
    return parse_assignment (parser, exports, length, true);
  g_auto (pl_shell_word) word = { 0 };
  if (!pl_shell_lex_word (parser, &word, PL_SHELL_IN_ARGUMENT))
    return false;
  command->is_opaque = command->is_opaque || is_opaque (&word);
  return true;
}

static void
keep_all (struct pl_shell_parser *parser, GPtrArray *from)
{
  if (parser->substitutions > 0)
    return;
  g_ptr_array_extend (parser->file->assignments, from, NULL, NULL);
  g_ptr_array_set_free_func (from, NULL);
}

/* A command that is no compound one. */
bool
pl_shell_parse_simple (struct pl_shell_parser *parser)
{
  g_autoptr (GPtrArray) assignments
      = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_assignment_free);
  g_autoptr (GPtrArray) exports = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_assignment_free);
  g_autoptr (GPtrArray) commands = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_shell_command_free);
  struct pl_shell_command *command = g_new0 (struct pl_shell_command, 1);
  g_ptr_array_add (commands, command);
  command->start = command->end = parser->at;
  command->line = line_of (parser, parser->at);
  bool has_name = false, is_export = false;
  for (;; command->end = parser->at) {
    bool is_redirection, is_good = true;
    if (!pl_shell_skip (parser, false) || !pl_shell_parse_redirection (parser, &is_redirection))
      return false;
    if (is_redirection)
      continue;
    if (is_meta (peek (parser, 0)))
      break;
    gsize length = assigned_name (parser);
    if (has_name) {
      is_good = parse_argument (parser, command, &is_export, exports);
    } else if (length > 0) {
      is_good = parse_assignment (parser, assignments, length, false);
    } else {
      is_good = parse_command_name (parser, command);
      is_export = g_strcmp0 (command->name, "export") == 0;
      has_name = true;
    }
    if (!is_good)
      return false;
  }
  if (peek (parser, 0) == '(' && command->name != NULL
      && command->end == command->start + strlen (command->name))
    return pl_shell_parse_function (parser, command->name);
  if (command->end == command->start || peek (parser, 0) == '(')
    return fail_here (parser, "this is not understood");
  command->is_conditional = parser->conditions > 0;
  command->is_in_function = parser->functions > 0;
  if (has_name && parser->substitutions == 0)
    g_ptr_array_add (parser->file->commands, g_ptr_array_steal_index (commands, 0));
  keep_all (parser, has_name ? exports : assignments);
  return true;
}
