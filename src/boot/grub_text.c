/* grub_text.c - see grub_text.h.
 *
 * A word that is known may be replaced in its place, and one may be added to the assignment that has the last
 * word. Where that would be seen by anything else of the file, or the last word is not to be had, a line
 * NAME="$NAME word" at the end is always right.
 */
#include "boot/grub_text.h"

#include "base/error.h"
#include "boot/grub_value.h"
#include "boot/parameter.h"

#include <string.h>

/* What means itself whatever the quotes around it, and for GRUB's own scripts, too. */
static bool
check_parameters (const char *variable, const char *const *parameters, GError **error)
{
  if (variable[0] == '\0' || g_ascii_isdigit (variable[0])
      || strspn (variable, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_") != strlen (variable)) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "\"%s\" is no name of a variable", variable);
    return false;
  }
  return pl_boot_parameters_check (parameters, "_-.,:=/+@%", error);
}

static GBytes *
splice (const struct pl_grub_value *value, gsize start, gsize end, const char *text)
{
  GString *out = g_string_new_len (value->file->text, (gssize) start);
  g_string_append (out, text);
  g_string_append_len (out, value->file->text + end, (gssize) (value->file->size - end));
  return g_string_free_to_bytes (out);
}

/* Whether the word stands in one piece, and may be changed there. */
static bool
is_editable (const struct pl_grub_value *value, const struct pl_grub_word *word)
{
  const struct pl_grub_unit *first = &g_array_index (value->units, struct pl_grub_unit, word->first);
  for (guint i = word->first; i < word->end; i++) {
    const struct pl_grub_unit *unit = &g_array_index (value->units, struct pl_grub_unit, i);
    if (unit->in != first->in || unit->quote != first->quote
        || (i > word->first && unit->start != g_array_index (value->units, struct pl_grub_unit, i - 1).end))
      return false;
  }
  return word->is_known && !word->is_maybe && pl_grub_value_is_private (value, first->in);
}

/* Behind the last thing of the assignment that is no blank; NULL where that is a ~, which a quote behind it
 * would keep from being expanded. Source: POSIX.1-2017, Shell Command Language, 2.6.1. */
static GBytes *
add_to_assignment (const struct pl_grub_value *value, const char *parameter)
{
  const struct pl_shell_assignment *one = value->last;
  const char *text = value->file->text;
  gsize inner = 0, at = 0;
  bool is_tilde = false;
  enum pl_shell_quote quote = PL_SHELL_BARE;
  const GArray *segments = one->value.segments;
  g_autoptr (GArray) units = g_array_new (FALSE, FALSE, sizeof (struct pl_grub_unit));
  for (guint i = 0; i < segments->len; i++) {
    const struct pl_shell_segment *segment = &g_array_index (segments, struct pl_shell_segment, i);
    if (segment->kind == PL_SHELL_MARK && inner == 0)
      inner = segment->end;
    pl_grub_value_add_segment (value, units, one, segment);
  }
  for (guint i = 0; i < units->len; i++) {
    const struct pl_grub_unit *unit = &g_array_index (units, struct pl_grub_unit, i);
    if (pl_grub_unit_is_blank (unit))
      continue;
    at = unit->end;
    quote = unit->quote;
    is_tilde = !unit->is_known && text[unit->start] == '~';
  }
  if (is_tilde)
    return NULL;
  const char *blank = at > 0 || one->is_append ? " " : "";
  g_autofree char *bare = g_strconcat (blank, parameter, NULL);
  g_autofree char *quoted = g_strconcat ("\"", bare, "\"", NULL);
  if (at == 0)
    return inner > 0 ? splice (value, inner, inner, bare)
                     : splice (value, one->value.start, one->value.start, quoted);
  if (quote != PL_SHELL_BARE)
    return splice (value, at, at, bare);
  const struct pl_shell_segment *first = &g_array_index (segments, struct pl_shell_segment, 0);
  if (first->kind == PL_SHELL_TEXT && first->quote == PL_SHELL_BARE && at <= first->end) {
    /* NAME=quiet is put in quotes as a whole. */
    g_autofree char *old = g_strndup (text + first->start, at - first->start);
    g_autofree char *whole = g_strconcat ("\"", old, bare, "\"", NULL);
    return splice (value, first->start, at, whole);
  }
  /* $" is bash's. */
  g_autofree char *escaped = g_strconcat ("\\", bare, NULL);
  return splice (value, at, at, text[at - 1] == '$' ? escaped : quoted);
}

/* A missing last line end is added without a carriage return, in a file with CRLF, too: it would become part
 * of the line's last word. */
static GBytes *
add_line (const struct pl_grub_value *value, const char *parameter)
{
  const struct pl_shell_file *file = value->file;
  bool is_ended = file->size == 0 || file->text[file->size - 1] == '\n';
  g_autofree char *old = value->is_seen ? g_strconcat ("$", value->variable, " ", NULL) : g_strdup ("");
  g_autofree char *line = g_strconcat (is_ended ? "" : "\n", value->variable, "=\"", old, parameter, "\"",
                                       pl_shell_file_line_end (file), NULL);
  return splice (value, file->size, file->size, line);
}

/* In front of "--", behind which the kernel's own parameters end. Source: kernel/params.c, parse_args(). */
static GBytes *
add_before (const struct pl_grub_value *value, const struct pl_grub_word *word, const char *parameter,
            GError **error)
{
  const struct pl_grub_unit *unit = &g_array_index (value->units, struct pl_grub_unit, word->first);
  if (!is_editable (value, word)) {
    pl_grub_fail (error, unit->in->line, " has \"--\", and no place in front of it can be changed",
                  value->variable);
    return NULL;
  }
  const char *mark = unit->quote == PL_SHELL_BARE ? "\"" : "";
  g_autofree char *text = g_strconcat (mark, parameter, " ", mark, NULL);
  return splice (value, unit->start, unit->start, text);
}

/* The text with one parameter; @old where it has it. */
static GBytes *
set_one (GBytes *old, const char *variable, const char *text, GError **error)
{
  g_auto (pl_grub_value) value = { 0 };
  const struct pl_grub_word *last = NULL, *end = NULL;
  bool has = false;
  if (!pl_grub_value_read (&value, old, variable, error))
    return NULL;
  if (value.trap != NULL) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL,
                  "line %u: %s may have %s, and words behind it are no parameters", value.trap_line, variable,
                  value.trap);
    return NULL;
  }
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (text);
  for (guint i = 0; i < value.words->len && end == NULL; i++) {
    const struct pl_grub_word *word = &g_array_index (value.words, struct pl_grub_word, i);
    struct pl_boot_parameter own = pl_boot_parameter_parse (word->text);
    if (word->is_known && strcmp (word->text, "--") == 0)
      end = word;
    /* Of a word that is not known its text ends before that: its name may be known, its value is not. */
    if (!pl_boot_parameter_is_same_name (&own, &wanted) || !(word->is_known || own.has_value))
      continue;
    /* The kernel takes the last one. */
    last = word;
    has = word->is_known && pl_boot_parameter_is_same_value (&own, &wanted) && (has || !word->is_maybe);
  }
  if (has)
    return g_bytes_ref (old);
  if (last != NULL && is_editable (&value, last))
    return splice (&value, g_array_index (value.units, struct pl_grub_unit, last->first).start,
                   g_array_index (value.units, struct pl_grub_unit, last->end - 1).end, text);
  if (end != NULL)
    return add_before (&value, end, text, error);
  if (value.is_open) {
    guint line = value.last != NULL ? value.last->line : pl_shell_file_line (value.file, value.file->size);
    pl_grub_fail (error, line, " has a word with a quote that is not closed", variable);
    return NULL;
  }
  bool is_private = value.last != NULL && pl_grub_value_is_private (&value, value.last);
  GBytes *new = is_private ? add_to_assignment (&value, text) : NULL;
  return new != NULL ? new : add_line (&value, text);
}

GBytes *
pl_grub_text_set (GBytes *old, const char *variable, const char *const *parameters, GError **error)
{
  if (!check_parameters (variable, parameters, error))
    return NULL;
  g_autoptr (GBytes) text = g_bytes_ref (old);
  for (guint i = 0; parameters[i] != NULL; i++) {
    GBytes *next = set_one (text, variable, parameters[i], error);
    if (next == NULL)
      return NULL;
    g_bytes_unref (text);
    text = next;
  }
  return g_steal_pointer (&text);
}

bool
pl_grub_text_has (GBytes *text, const char *variable, bool *has, GError **error)
{
  g_autoptr (pl_shell_file) file = pl_shell_parse (text, error);
  if (file == NULL)
    return false;
  *has = false;
  for (guint i = 0; i < file->assignments->len; i++)
    *has = *has
           || strcmp (((struct pl_shell_assignment *) g_ptr_array_index (file->assignments, i))->name,
                      variable)
                  == 0;
  g_autoptr (GArray) mentions = pl_shell_file_mentions (file, variable);
  /* "readonly NAME=", "${NAME:=", "NAME= command" */
  for (guint i = 0; i < mentions->len; i++) {
    const struct pl_shell_mention *mention = &g_array_index (mentions, struct pl_shell_mention, i);
    gsize sign = mention->end;
    if (sign < file->size && (file->text[sign] == ':' || file->text[sign] == '+'))
      sign++;
    *has = *has || (!mention->is_plain && sign < file->size && file->text[sign] == '=');
  }
  return true;
}
