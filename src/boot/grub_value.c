/* grub_value.c - see grub_value.h. */
#include "boot/grub_value.h"

#include "base/error.h"

#include <string.h>

void
pl_grub_value_clear (struct pl_grub_value *value)
{
  g_clear_pointer (&value->words, g_array_unref);
  g_clear_pointer (&value->units, g_array_unref);
  g_clear_pointer (&value->mentions, g_array_unref);
  g_clear_pointer (&value->file, pl_shell_file_free);
}

static void
clear_word (struct pl_grub_word *word)
{
  g_free (word->text);
}

static bool
is_one_of (const char *name, const char *const *names)
{
  for (; name != NULL && *names != NULL; names++)
    if (strcmp (name, *names) == 0)
      return true;
  return false;
}

bool
pl_grub_unit_is_blank (const struct pl_grub_unit *unit)
{
  return unit->is_known && (g_ascii_isspace (unit->byte) || unit->byte == '\v');
}

bool
pl_grub_fail (GError **error, guint line, const char *phrase, const char *what)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s%s", line, what, phrase);
  return false;
}

static const struct pl_shell_mention *
mention_at (const struct pl_grub_value *value, guint i)
{
  return i < value->mentions->len ? &g_array_index (value->mentions, struct pl_shell_mention, i) : NULL;
}

static bool
is_mentioned_in (const struct pl_grub_value *value, gsize start, gsize end)
{
  const struct pl_shell_mention *mention;
  for (guint i = 0; (mention = mention_at (value, i)) != NULL; i++)
    if (mention->start >= start && mention->end <= end)
      return true;
  return false;
}

/* Behind these nothing that is added need be reached, or mean what it says. */
static bool
check_commands (const struct pl_grub_value *value, GError **error)
{
  static const char *const ends[] = { "exit", "exec", "set", "shopt", "alias", "trap", NULL };
  static const char *const binds[] = { "readonly", "declare", "typeset", "local", NULL };
  const GPtrArray *commands = value->file->commands;
  for (guint i = 0; i < commands->len; i++) {
    const struct pl_shell_command *one = g_ptr_array_index (commands, i);
    bool is_return = g_strcmp0 (one->name, "return") == 0 && !one->is_in_function;
    bool is_bind
        = is_one_of (one->name, binds) && (one->is_opaque || is_mentioned_in (value, one->start, one->end));
    if (is_return || is_bind || is_one_of (one->name, ends))
      return pl_grub_fail (error, one->line, " may change what the lines behind it do", one->name);
  }
  return true;
}

/* Whether a command may set variables that it does not name. A function of the file may set any. */
static bool
is_wild (const struct pl_grub_value *value, const struct pl_shell_command *command)
{
  static const char *const wild[] = { ".", "source", "eval", "builtin", "command", "enable", NULL };
  static const char *const setters[]
      = { "unset", "read", "export", "printf", "let", "getopts", "mapfile", "readarray", "wait", NULL };
  if (command->name == NULL || is_one_of (command->name, wild)
      || (command->is_opaque && is_one_of (command->name, setters)))
    return true;
  const GPtrArray *functions = value->file->functions;
  for (guint i = 0; i < functions->len; i++)
    if (strcmp (command->name, g_ptr_array_index (functions, i)) == 0)
      return true;
  return false;
}

/* "export NAME" names it and no more. */
static bool
is_exported (const struct pl_grub_value *value, const struct pl_shell_mention *mention)
{
  const GPtrArray *commands = value->file->commands;
  const char *text = value->file->text;
  if (mention->start == 0 || !g_ascii_isspace (text[mention->start - 1])
      || (mention->end < value->file->size && strchr (" \t\r\n;", text[mention->end]) == NULL))
    return false;
  for (guint i = 0; i < commands->len; i++) {
    const struct pl_shell_command *one = g_ptr_array_index (commands, i);
    if (one->start < mention->start && mention->end <= one->end)
      return g_strcmp0 (one->name, "export") == 0 && memcmp (text + one->start, "export", 6) == 0;
  }
  return false;
}

/* How far the file has been carried out. */
struct progress {
  guint command, mention;
};

/* Whether anything that is no assignment may change the variable up to there. */
static bool
is_disturbed (const struct pl_grub_value *value, struct progress *progress, gsize end)
{
  bool found = false;
  const GPtrArray *commands = value->file->commands;
  const struct pl_shell_mention *mention;
  for (; progress->command < commands->len; progress->command++) {
    const struct pl_shell_command *one = g_ptr_array_index (commands, progress->command);
    if (one->start >= end)
      break;
    found = found || is_wild (value, one);
  }
  for (; (mention = mention_at (value, progress->mention)) != NULL && mention->start < end;
       progress->mention++)
    found = found || (!mention->is_plain && !is_exported (value, mention));
  return found;
}

static void
add_unit (GArray *units, struct pl_grub_unit unit)
{
  g_array_append_val (units, unit);
}

/* Notes what units that will not be part of the value, but may be, would do to words behind them. */
static void
note_trap (struct pl_grub_value *value, const GArray *units)
{
  guint run = 0, quotes = 0;
  const struct pl_grub_unit *last = NULL;
  for (guint i = 0; i <= units->len; i++) {
    const struct pl_grub_unit *unit = i < units->len ? &g_array_index (units, struct pl_grub_unit, i) : NULL;
    /* What is not known may end a word. */
    bool is_edge = unit == NULL || !unit->is_known || pl_grub_unit_is_blank (unit);
    if (is_edge && run == 2) {
      value->trap = "\"--\"";
      value->trap_line = last->in->line;
    }
    run = is_edge ? 0 : unit->byte == '-' ? run + 1 : 3;
    quotes += !is_edge && unit->byte == '"';
    last = is_edge ? last : unit;
  }
  if (quotes % 2 != 0) {
    value->trap = "a quote that is not closed";
    value->trap_line = last->in->line;
  }
}

static void
forget (struct pl_grub_value *value)
{
  note_trap (value, value->units);
  g_array_set_size (value->units, 0);
  add_unit (value->units, (struct pl_grub_unit){ .is_known = false });
  value->last = NULL;
  value->is_seen = true;
}

/* The variable's own mentions in a value: how many are $NAME and ${NAME}, and whether there is another one.
 */
static guint
count_references (const struct pl_grub_value *value, const struct pl_shell_assignment *one,
                  struct progress *progress, bool *is_odd)
{
  guint references = 0;
  const struct pl_shell_mention *mention;
  *is_odd = false;
  for (; (mention = mention_at (value, progress->mention)) != NULL && mention->start < one->value.end;
       progress->mention++) {
    bool is_segment = false, is_inside = false;
    gsize begin = mention->start - 1 - (value->file->text[mention->start - 1] == '{' ? 1 : 0);
    for (guint i = 0; i < one->value.segments->len; i++) {
      const struct pl_shell_segment *segment
          = &g_array_index (one->value.segments, struct pl_shell_segment, i);
      if (segment->kind != PL_SHELL_EXPANSION || segment->start > mention->start
          || segment->end < mention->end)
        continue;
      is_inside = true;
      is_segment = mention->is_plain && segment->start == begin && segment->end - mention->end <= 1;
    }
    /* Else it is a word of the value like others. */
    references += is_segment;
    *is_odd = *is_odd || (is_inside && !is_segment);
  }
  return references;
}

static bool
is_reference (const struct pl_grub_value *value, const struct pl_shell_segment *segment)
{
  gsize length = strlen (value->variable);
  const char *text = value->file->text + segment->start;
  if (segment->kind != PL_SHELL_EXPANSION)
    return false;
  if (segment->end - segment->start == length + 1)
    return memcmp (text + 1, value->variable, length) == 0;
  return segment->end - segment->start == length + 3 && text[1] == '{'
         && memcmp (text + 2, value->variable, length) == 0;
}

void
pl_grub_value_add_segment (const struct pl_grub_value *value, GArray *units,
                           const struct pl_shell_assignment *one, const struct pl_shell_segment *segment)
{
  struct pl_grub_unit unit = { .is_known = segment->kind != PL_SHELL_EXPANSION,
                               .is_maybe = one->is_conditional,
                               .quote = segment->quote,
                               .start = segment->start,
                               .end = segment->end,
                               .in = one };
  if (segment->kind == PL_SHELL_ESCAPED)
    unit.byte = value->file->text[segment->start + 1];
  if (segment->kind == PL_SHELL_ESCAPED || segment->kind == PL_SHELL_EXPANSION)
    add_unit (units, unit);
  for (gsize at = segment->start; segment->kind == PL_SHELL_TEXT && at < segment->end; at++) {
    unit.byte = value->file->text[at];
    unit.start = at;
    unit.end = at + 1;
    add_unit (units, unit);
  }
}

/* Whether the units of a condition, from @first on, may be there or not without a change to the words in
 * front of them. */
static bool
is_apart (const GArray *units, guint first)
{
  for (guint i = first; i < units->len; i++)
    if (!g_array_index (units, struct pl_grub_unit, i).is_known
        || g_array_index (units, struct pl_grub_unit, i).byte == '"')
      return false;
  return first == units->len || pl_grub_unit_is_blank (&g_array_index (units, struct pl_grub_unit, first));
}

static void
carry_out (struct pl_grub_value *value, const struct pl_shell_assignment *one, struct progress *progress)
{
  bool is_odd, is_split = false;
  guint references = count_references (value, one, progress, &is_odd) + (one->is_append ? 1 : 0);
  bool keeps = references == 1 && !is_odd, is_front = one->is_append;
  g_autoptr (GArray) old = g_steal_pointer (&value->units);
  GArray *units = value->units = g_array_new (FALSE, FALSE, sizeof (struct pl_grub_unit));
  const GArray *segments = one->value.segments;
  value->is_seen = true;
  if (one->is_append && keeps)
    g_array_append_vals (units, old->data, old->len);
  else if (one->is_append)
    add_unit (units, (struct pl_grub_unit){ .is_known = false });
  guint own = units->len;
  for (guint i = 0; i < segments->len; i++) {
    const struct pl_shell_segment *segment = &g_array_index (segments, struct pl_shell_segment, i);
    /* dash splits what is not quoted there: the rest becomes further arguments. */
    is_split = is_split
               || (one->is_export && segment->kind == PL_SHELL_EXPANSION && segment->quote == PL_SHELL_BARE);
    if (!keeps || !is_reference (value, segment)) {
      pl_grub_value_add_segment (value, units, one, segment);
      continue;
    }
    is_front = units->len == 0;
    g_array_append_vals (units, old->data, old->len);
    own = units->len;
  }
  if (references == 0 && !is_odd && !one->is_conditional)
    value->trap = NULL;
  else if (!keeps)
    note_trap (value, old);
  /* What a condition has added before stays apart only where a blank follows. */
  bool was_maybe = keeps && old->len > 0 && g_array_index (old, struct pl_grub_unit, old->len - 1).is_maybe;
  bool is_blurred = was_maybe
                    && !(is_front
                         && (own == units->len
                             || pl_grub_unit_is_blank (&g_array_index (units, struct pl_grub_unit, own))));
  if (is_split || is_blurred || (one->is_conditional && !(keeps && is_front && is_apart (units, own))))
    forget (value);
  else
    value->last = one->is_conditional ? NULL : one;
}

/* Source: lib/cmdline.c of Linux, next_arg(): blanks part words, but not in double quotes. */
static void
split_words (struct pl_grub_value *value)
{
  value->words = g_array_new (FALSE, TRUE, sizeof (struct pl_grub_word));
  g_array_set_clear_func (value->words, (GDestroyNotify) clear_word);
  for (guint at = 0; at < value->units->len;) {
    struct pl_grub_word word = { .first = at, .is_known = true };
    g_autoptr (GString) text = g_string_new (NULL);
    for (; at < value->units->len; at++) {
      const struct pl_grub_unit *unit = &g_array_index (value->units, struct pl_grub_unit, at);
      if (!value->is_open && pl_grub_unit_is_blank (unit))
        break;
      value->is_open ^= unit->is_known && unit->byte == '"';
      word.is_known = word.is_known && unit->is_known;
      word.is_maybe = word.is_maybe || unit->is_maybe;
      g_string_append_c (text, unit->byte);
    }
    word.end = at;
    at += word.end == word.first ? 1 : 0;
    if (word.end == word.first)
      continue;
    word.text = g_string_free (g_steal_pointer (&text), FALSE);
    g_array_append_val (value->words, word);
  }
}

bool
pl_grub_value_read (struct pl_grub_value *value, GBytes *bytes, const char *variable, GError **error)
{
  struct progress progress = { 0, 0 };
  value->variable = variable;
  value->file = pl_shell_parse (bytes, error);
  if (value->file == NULL)
    return false;
  value->mentions = pl_shell_file_mentions (value->file, variable);
  value->units = g_array_new (FALSE, FALSE, sizeof (struct pl_grub_unit));
  if (!check_commands (value, error))
    return false;
  /* An earlier file may have given it a value. */
  forget (value);
  value->is_seen = value->mentions->len > 0;
  for (guint i = 0; i < value->file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (value->file->assignments, i);
    if (strcmp (one->name, variable) != 0)
      continue;
    if (one->words != NULL)
      return pl_grub_fail (error, one->line, " is an array", variable);
    if (is_disturbed (value, &progress, one->start))
      forget (value);
    carry_out (value, one, &progress);
  }
  if (is_disturbed (value, &progress, value->file->size))
    forget (value);
  split_words (value);
  return true;
}

bool
pl_grub_value_is_private (const struct pl_grub_value *value, const struct pl_shell_assignment *assignment)
{
  const struct pl_shell_mention *mention;
  guint next = 0;
  const GPtrArray *commands = value->file->commands;
  bool has_calls = value->file->functions->len > 0 && commands->len > 0
                   && ((struct pl_shell_command *) g_ptr_array_index (commands, commands->len - 1))->start
                          > assignment->start;
  for (guint i = 0; (mention = mention_at (value, i)) != NULL; i++) {
    const struct pl_shell_assignment *one = NULL;
    for (; next < value->file->assignments->len; next++) {
      one = g_ptr_array_index (value->file->assignments, next);
      if (one->value.end >= mention->end)
        break;
      one = NULL;
    }
    bool is_own = one != NULL && one->start < mention->start && strcmp (one->name, value->variable) == 0;
    if (!is_own && !is_exported (value, mention) && (mention->start > assignment->start || has_calls))
      return false;
  }
  return true;
}
