/* shell_private.h - what the three files of shell.h share: shell_word.c below, shell_command.c above it,
 * shell.c on top. */
#pragma once

#include "base/shell.h"

#include <string.h>

/* Where a word stands: in an assignment's value no pattern is expanded, but a ~ behind each colon. */
enum pl_shell_place { PL_SHELL_IN_VALUE, PL_SHELL_IN_ARGUMENT };

struct pl_shell_parser {
  struct pl_shell_file *file;
  const char *text;
  gsize at, end;
  guint depth, conditions, functions, substitutions;
  gsize line_at; /* the line number of this byte is known */
  guint line;
  GArray *documents; /* struct document of shell_command.c: here-documents whose bodies come behind the next
                        line end */
  bool is_in_document;
  GError **error;
};

/* "line 14: the quote is not closed"; false. The parser is of no further use. */
bool pl_shell_fail (struct pl_shell_parser *parser, gsize at, const char *phrase);

/* One level deeper; whoever comes back takes it off again. An error where it is too deep. */
bool pl_shell_enter (struct pl_shell_parser *parser);

/* Commands up to, and not with, one of these words or operators, or to the end of the text. */
bool pl_shell_parse_list (struct pl_shell_parser *parser, const char *const *ends);

/* A word, which may be empty. The caller clears its segments, after an error, too. */
bool pl_shell_lex_word (struct pl_shell_parser *parser, struct pl_shell_word *word,
                        enum pl_shell_place place);

/* As inside of double quotes, to before the closing mark; where that is NUL, to the end: a here-document. */
bool pl_shell_lex_quoted (struct pl_shell_parser *parser, GArray *segments, char closing);

/* A command that is no compound one, and no function's definition but by way of pl_shell_parse_function(). */
bool pl_shell_parse_simple (struct pl_shell_parser *parser);

/* A redirection, with the number in front of it, where one stands here. */
bool pl_shell_parse_redirection (struct pl_shell_parser *parser, bool *is_one);

/* What follows a function's name: its parentheses, where they stand here, and its body. */
bool pl_shell_parse_function (struct pl_shell_parser *parser, const char *name);

/* Blanks, continued lines, and a comment; where @lines, line ends, too. */
bool pl_shell_skip (struct pl_shell_parser *parser, bool lines);

/* Steps over this reserved word or operator; gives whether it stood here. */
bool pl_shell_take (struct pl_shell_parser *parser, const char *word);

GArray *pl_shell_documents_new (void);
void pl_shell_word_clear (struct pl_shell_word *word);
void pl_shell_word_free (struct pl_shell_word *word);
void pl_shell_assignment_free (struct pl_shell_assignment *assignment);
void pl_shell_command_free (struct pl_shell_command *command);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (pl_shell_word, pl_shell_word_clear)

/* NUL behind the end: the text holds none. */
static inline char
peek (const struct pl_shell_parser *parser, gsize offset)
{
  return offset < parser->end - parser->at ? parser->text[parser->at + offset] : '\0';
}

static inline bool
starts (const struct pl_shell_parser *parser, const char *text)
{
  gsize length = strlen (text);
  return length <= parser->end - parser->at && memcmp (parser->text + parser->at, text, length) == 0;
}

/* What ends a word; the end of the text does, too. */
static inline bool
is_meta (char character)
{
  return character == '\0' || strchr (" \t\n;&|<>()", character) != NULL;
}

static inline bool
is_name (char character)
{
  return g_ascii_isalnum (character) || character == '_';
}

/* Whether this reserved word or operator stands here. */
static inline bool
is_at (const struct pl_shell_parser *parser, const char *word)
{
  return starts (parser, word) && (strchr (";)", word[0]) != NULL || is_meta (peek (parser, strlen (word))));
}
