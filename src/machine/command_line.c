/* command_line.c - see command_line.h and, for pl_command_line_value(), things.h. */
#include "machine/command_line.h"

#include "machine/span.h"

#include <string.h>

static bool
is_space (char character)
{
  return g_ascii_isspace (character) || character == '\v';
}

/* The end of the word that begins at @start: the first space outside of quotes. */
static gsize
find_word_end (struct pl_span text, gsize start)
{
  bool quoted = false;
  gsize at = start;
  while (at < text.size && (quoted || !is_space (text.at[at]))) {
    if (text.at[at] == '"')
      quoted = !quoted;
    at++;
  }
  return at;
}

/* One word, quotes and all, to a parameter. */
static struct pl_parameter
parse_word (struct pl_machine *machine, struct pl_span word)
{
  bool whole = word.at[0] == '"';
  if (whole) {
    word = pl_span_skip (word, 1);
    /* The kernel drops the last quote of such a word wherever its first one was closed. */
    if (word.size > 0 && word.at[word.size - 1] == '"')
      word.size--;
  }
  gsize equals = 0;
  while (equals < word.size && word.at[equals] != '=')
    equals++;
  struct pl_parameter parameter = { pl_machine_string (machine, word.at, (gssize) equals), NULL };
  if (equals == word.size)
    return parameter;
  struct pl_span value = pl_span_skip (word, equals + 1);
  if (value.size > 0 && value.at[0] == '"') {
    value = pl_span_skip (value, 1);
    if (value.size > 0 && value.at[value.size - 1] == '"')
      value.size--;
  }
  parameter.value = pl_machine_string (machine, value.at, (gssize) value.size);
  return parameter;
}

const struct pl_command_line *
pl_command_line_parse (struct pl_machine *machine, const char *text, gsize length)
{
  struct pl_span whole = { text, length };
  while (whole.size > 0 && (is_space (whole.at[whole.size - 1]) || whole.at[whole.size - 1] == '\0'))
    whole.size--;
  while (whole.size > 0 && is_space (whole.at[0]))
    whole = pl_span_skip (whole, 1);

  GArray *parameters
      = pl_machine_keep_array (machine, g_array_new (FALSE, TRUE, sizeof (struct pl_parameter)));
  for (gsize at = 0; at < whole.size;) {
    gsize end = find_word_end (whole, at);
    struct pl_span word = { whole.at + at, end - at };
    if (pl_span_is (word, "--"))
      break;
    struct pl_parameter parameter = parse_word (machine, word);
    g_array_append_val (parameters, parameter);
    for (at = end; at < whole.size && is_space (whole.at[at]); at++)
      ;
  }

  /* An array of one: the machine keeps arrays. */
  GArray *kept = pl_machine_keep_array (machine, g_array_new (FALSE, TRUE, sizeof (struct pl_command_line)));
  struct pl_command_line line = { pl_machine_string (machine, whole.at, (gssize) whole.size), parameters };
  g_array_append_val (kept, line);
  return &g_array_index (kept, struct pl_command_line, 0);
}

/* Source: kernel/params.c, parameq(): a hyphen and an underscore are the same. */
static bool
is_same_name (const char *left, const char *right)
{
  gsize at = 0;
  for (; left[at] != '\0' && right[at] != '\0'; at++) {
    char first = left[at] == '-' ? '_' : left[at], second = right[at] == '-' ? '_' : right[at];
    if (first != second)
      return false;
  }
  return left[at] == right[at];
}

const char *
pl_command_line_value (const struct pl_command_line *line, const char *name)
{
  for (guint i = line->parameters->len; i-- > 0;) {
    const struct pl_parameter *parameter = &g_array_index (line->parameters, struct pl_parameter, i);
    if (is_same_name (parameter->name, name))
      return parameter->value != NULL ? parameter->value : "";
  }
  return NULL;
}
