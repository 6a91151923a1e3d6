/* mkinitcpio_text.c - see mkinitcpio_text.h. */
#include "initramfs/mkinitcpio_text.h"

#include "base/error.h"
#include "base/shell.h"

#include <stdio.h>
#include <string.h>

/* What a variable of mkinitcpio's holds when the files have been sourced. */
typedef struct pl_mkinitcpio_list {
  const char *name;
  struct pl_shell_file *file;
  const struct pl_shell_assignment *base; /* what its first words stand in; NULL: it has no assignment */
  GString *string;                        /* of the form NAME="a b"; else empty */
  GPtrArray *words;                       /* char * */
} pl_mkinitcpio_list;

static void
pl_mkinitcpio_list_clear (struct pl_mkinitcpio_list *list)
{
  g_clear_pointer (&list->file, pl_shell_file_free);
  g_clear_pointer (&list->words, g_ptr_array_unref);
  if (list->string != NULL)
    g_string_free (g_steal_pointer (&list->string), TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (pl_mkinitcpio_list, pl_mkinitcpio_list_clear)

/* A piece of a text that others stand in the place of. */
struct splice {
  gsize start, end;
  char *text;
};

static bool
fail (GError **error, guint line, const char *what, const char *phrase)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s%s", line, what, phrase);
  return false;
}

static bool
is_one_of (const char *name, const char *const *names)
{
  for (; *names != NULL; names++)
    if (strcmp (name, *names) == 0)
      return true;
  return false;
}

/* Only commands that set nothing but what they name, and end nothing. One of a function's body is carried out
 * where the function is called, and a function is none of these. */
static bool
check_commands (const struct pl_shell_file *file, GError **error)
{
  static const char *const harmless[] = { "echo", "test", "[", "[[", "true", "false", ":", "export", NULL };
  for (guint i = 0; i < file->commands->len; i++) {
    const struct pl_shell_command *one = g_ptr_array_index (file->commands, i);
    if (one->is_in_function)
      continue;
    if (one->name == NULL)
      return fail (error, one->line, "", "which command this is, is only known when it runs");
    bool is_defined = false;
    for (guint k = 0; k < file->functions->len; k++)
      is_defined = is_defined || strcmp (g_ptr_array_index (file->functions, k), one->name) == 0;
    bool is_wild_export = one->is_opaque && strcmp (one->name, "export") == 0;
    if (is_defined || is_wild_export || !is_one_of (one->name, harmless))
      return fail (error, one->line, one->name, " may change what the file sets");
  }
  return true;
}

/* Whatever else names the list may change it, or sees a change of it. */
static bool
check_mentions (const struct pl_mkinitcpio_list *list, GError **error)
{
  g_autoptr (GArray) mentions = pl_shell_file_mentions (list->file, list->name);
  if (mentions->len == 0)
    return true;
  gsize at = g_array_index (mentions, struct pl_shell_mention, 0).start;
  return fail (error, pl_shell_file_line (list->file, at), list->name,
               " is used in a way that is not understood");
}

/* The element; NULL where an expansion stands in it. A ? at its end is a pattern to the shell, which leaves
 * it there unless a file of the working directory has such a name. Free with g_free(). */
static char *
copy_element (const struct pl_shell_file *file, const struct pl_shell_word *word)
{
  const struct pl_shell_segment *last
      = &g_array_index (word->segments, struct pl_shell_segment, word->segments->len - 1);
  if (last->kind != PL_SHELL_EXPANSION || last->end - last->start != 1 || file->text[last->start] != '?')
    return pl_shell_word_text (file, word);
  struct pl_shell_word front = { word->start, last->start, NULL };
  g_autoptr (GArray) segments = g_array_new (FALSE, FALSE, sizeof (struct pl_shell_segment));
  g_array_append_vals (segments, word->segments->data, word->segments->len - 1);
  front.segments = segments;
  g_autofree char *text = pl_shell_word_text (file, &front);
  return text != NULL ? g_strconcat (text, "?", NULL) : NULL;
}

static bool
is_plain (const char *text, bool may_have_blanks)
{
  for (; *text != '\0'; text++)
    if ((!g_ascii_isgraph (*text) && !(may_have_blanks && *text == ' ')) || *text == '\\')
      return false;
  return true;
}

static bool
add_elements (struct pl_mkinitcpio_list *list, const struct pl_shell_assignment *one, GError **error)
{
  for (guint i = 0; i < one->words->len; i++) {
    const struct pl_shell_word *word = g_ptr_array_index (one->words, i);
    g_autofree char *text = copy_element (list->file, word);
    guint line = pl_shell_file_line (list->file, word->start);
    if (text == NULL)
      return fail (error, line, list->name, " has an element that is only known when the file is read");
    if (!is_plain (text, false))
      return fail (error, line, list->name, " has an element that is no name");
    g_ptr_array_add (list->words, g_steal_pointer (&text));
  }
  return true;
}

/* One assignment behind those before it. A string put into an array, or the other way round, makes an element
 * of several words. Source: bash(1), "Arrays". */
static bool
carry_out (struct pl_mkinitcpio_list *list, const struct pl_shell_assignment *one, GError **error)
{
  bool is_array = one->words != NULL, was_array = list->base != NULL && list->base->words != NULL;
  if (one->is_conditional)
    return fail (error, one->line, list->name, " is only set if a condition holds");
  if (list->base != NULL && is_array != was_array && !(is_array && !one->is_append))
    return fail (error, one->line, list->name, " is a list in one line and a string in another");
  if (!one->is_append || list->base == NULL) {
    list->base = one;
    g_ptr_array_set_size (list->words, 0);
    g_string_truncate (list->string, 0);
  }
  if (is_array)
    return true;
  g_autofree char *text = pl_shell_word_text (list->file, &one->value);
  if (text == NULL)
    return fail (error, one->line, list->name, " is only known when the file is read");
  if (!is_plain (text, true))
    return fail (error, one->line, list->name, " has characters that are not understood");
  g_string_append (list->string, text);
  return true;
}

static bool
read_list (struct pl_mkinitcpio_list *list, GBytes *bytes, const char *name, GError **error)
{
  list->name = name;
  list->words = g_ptr_array_new_with_free_func (g_free);
  list->string = g_string_new (NULL);
  list->file = pl_shell_parse (bytes, error);
  if (list->file == NULL || !check_commands (list->file, error) || !check_mentions (list, error))
    return false;
  const GPtrArray *assignments = list->file->assignments;
  for (guint i = 0; i < assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (assignments, i);
    if (strcmp (one->name, name) == 0 && !carry_out (list, one, error))
      return false;
  }
  if (list->base == NULL)
    return true;
  /* Elements of what is overwritten later need not be understood. */
  for (guint i = 0; list->base->words != NULL && i < assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (assignments, i);
    if (strcmp (one->name, name) == 0 && one->start >= list->base->start && !add_elements (list, one, error))
      return false;
  }
  g_auto (GStrv) words = g_strsplit (list->string->str, " ", -1);
  for (guint i = 0; list->base->words == NULL && words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add (list->words, g_strdup (words[i]));
  return true;
}

/* @optional: of an element of the list; its last ? is no part of the name. Since mkinitcpio 0.7.3; source:
 * add_module(). */
static bool
is_same_module (const char *left, const char *right, bool optional)
{
  gsize left_size = strlen (left), right_size = strlen (right);
  left_size -= optional && left_size > 0 && left[left_size - 1] == '?' ? 1 : 0;
  if (left_size != right_size)
    return false;
  for (gsize i = 0; i < left_size; i++)
    if ((left[i] == '-' ? '_' : left[i]) != (right[i] == '-' ? '_' : right[i]))
      return false;
  return true;
}

/* "vfio_pci vfio": those of @modules that the list has not; NULL with an error. Free with g_free(). */
static char *
join_missing (const struct pl_mkinitcpio_list *list, const char *const *modules, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; modules[i] != NULL; i++) {
    bool has = false;
    if (!g_ascii_isalnum (modules[i][0])
        || strspn (modules[i], G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") != strlen (modules[i])) {
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "'%s' is no name of a module", modules[i]);
      return NULL;
    }
    for (guint k = 0; k < i; k++)
      has = has || is_same_module (modules[k], modules[i], false);
    for (guint k = 0; k < list->words->len; k++)
      has = has || is_same_module (g_ptr_array_index (list->words, k), modules[i], true);
    if (!has)
      g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", modules[i]);
  }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* Where nothing but blanks stands between the parenthesis and its line's end, a line of their own, set in as
 * the first element is; else in front of that, on its line. */
static struct splice
add_to_array (const struct pl_mkinitcpio_list *list, const char *names)
{
  const struct pl_shell_assignment *one = list->base;
  const char *text = list->file->text;
  gsize inner = one->value.start + 1, end = inner;
  if (one->words->len == 0)
    return (struct splice){ inner, inner, g_strconcat (names, text[inner] == '#' ? " " : "", NULL) };
  const struct pl_shell_word *first = g_ptr_array_index (one->words, 0);
  while (text[end] == ' ' || text[end] == '\t')
    end++;
  if (text[end] != '\n')
    return (struct splice){ first->start, first->start, g_strconcat (names, " ", NULL) };
  gsize begin = first->start;
  while (text[begin - 1] == ' ' || text[begin - 1] == '\t')
    begin--;
  g_autofree char *indent = g_strndup (text + begin, first->start - begin);
  return (struct splice){ end + 1, end + 1, g_strconcat (indent, names, "\n", NULL) };
}

static struct splice
add_to_string (const struct pl_mkinitcpio_list *list, const char *names)
{
  const struct pl_shell_word *value = &list->base->value;
  const struct pl_shell_segment *first
      = value->segments->len > 0 ? &g_array_index (value->segments, struct pl_shell_segment, 0) : NULL;
  bool is_parted = list->string->len == 0 || list->string->str[0] == ' ';
  if (first != NULL && first->kind == PL_SHELL_MARK)
    return (struct splice){ first->end, first->end, g_strconcat (names, is_parted ? "" : " ", NULL) };
  if (first != NULL && first->kind == PL_SHELL_TEXT && first->end == value->end) {
    /* MODULES=amdgpu is put in quotes as a whole. */
    g_autofree char *old = g_strndup (list->file->text + first->start, first->end - first->start);
    return (struct splice){ first->start, first->end, g_strconcat ("\"", names, " ", old, "\"", NULL) };
  }
  return (struct splice){ value->start, value->start,
                          g_strconcat ("\"", names, is_parted ? "" : " ", "\"", NULL) };
}

static bool
has_last_line_end (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  return size == 0 || text[size - 1] == '\n';
}

static guint
count_lines (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  guint lines = 0;
  for (gsize i = 0; i < size; i++)
    lines += text[i] == '\n';
  return lines;
}

/* NULL with an error where a line, or a quote, would be made of two files. */
static GBytes *
join (const GPtrArray *texts, guint *at, GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  for (*at = 0; *at < texts->len; ++*at) {
    GBytes *text = g_ptr_array_index (texts, *at);
    gsize size;
    const guint8 *bytes = g_bytes_get_data (text, &size);
    if (size > 0)
      g_byte_array_append (all, bytes, (guint) size);
    if (*at + 1 == texts->len)
      continue;
    g_autoptr (pl_shell_file) alone = pl_shell_parse (text, error);
    if (alone == NULL)
      return NULL;
    if (!has_last_line_end (text)) {
      fail (error, count_lines (text) + 1, "",
            "its end is missing, and the first line of the next file becomes a part of it");
      return NULL;
    }
  }
  *at = 0;
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

/* Makes "line 30: ..." of all texts the line of one of them. */
static void
name_place (const GPtrArray *texts, guint *at, GError *failure, GError **error)
{
  guint line = 0, lines = 0;
  int length = 0;
  *at = 0;
  if (sscanf (failure->message, "line %u: %n", &line, &length) != 1 || length == 0) {
    g_propagate_error (error, failure);
    return;
  }
  while (*at + 1 < texts->len && (lines = count_lines (g_ptr_array_index (texts, *at))) < line) {
    line -= lines;
    ++*at;
  }
  fail (error, line, "", failure->message + length);
  g_error_free (failure);
}

/* The words in front of all others of the list; @is_needed: where no text has the list, that is an error. */
static GBytes *
add_words (const GPtrArray *texts, const char *variable, bool is_needed, const char *const *words, guint *at,
           GError **error)
{
  g_auto (pl_mkinitcpio_list) list = { 0 };
  GError *failure = NULL;
  g_autoptr (GBytes) all = join (texts, at, error);
  if (all == NULL)
    return NULL;
  g_autofree char *names
      = read_list (&list, all, variable, &failure) ? join_missing (&list, words, &failure) : NULL;
  if (names == NULL) {
    name_place (texts, at, failure, error);
    return NULL;
  }
  if (is_needed && list.base == NULL) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "it has no %s", variable);
    return NULL;
  }
  GBytes *old = g_ptr_array_index (texts, 0);
  gsize size = g_bytes_get_size (old);
  if (names[0] == '\0')
    return g_bytes_ref (old);
  struct splice splice = list.base == NULL
                             ? (struct splice){ size, size,
                                                g_strconcat (has_last_line_end (old) ? "" : "\n", variable,
                                                             "=(", names, ")\n", NULL) }
                         : list.base->words != NULL ? add_to_array (&list, names)
                                                    : add_to_string (&list, names);
  for (; *at + 1 < texts->len && list.base != NULL && splice.start >= size; ++*at) {
    splice.start -= size;
    splice.end -= size;
    old = g_ptr_array_index (texts, *at + 1);
    size = g_bytes_get_size (old);
  }
  const char *text = g_bytes_get_data (old, NULL);
  GString *out = g_string_new_len (size > 0 ? text : "", (gssize) splice.start);
  g_string_append (out, splice.text);
  if (size > splice.end)
    g_string_append_len (out, text + splice.end, (gssize) (size - splice.end));
  g_free (splice.text);
  return g_string_free_to_bytes (out);
}

GBytes *
pl_mkinitcpio_texts_add (const GPtrArray *texts, const char *const *modules, guint *at, GError **error)
{
  return add_words (texts, "MODULES", false, modules, at, error);
}

GBytes *
pl_mkinitcpio_texts_add_hook (const GPtrArray *texts, const char *hook, guint *at, GError **error)
{
  const char *const hooks[] = { hook, NULL };
  return add_words (texts, "HOOKS", true, hooks, at, error);
}

bool
pl_mkinitcpio_texts_have_hook (const GPtrArray *texts, const char *hook, bool *has, guint *at, GError **error)
{
  g_auto (pl_mkinitcpio_list) list = { 0 };
  GError *failure = NULL;
  g_autoptr (GBytes) all = join (texts, at, error);
  *has = false;
  if (all == NULL)
    return false;
  if (!read_list (&list, all, "HOOKS", &failure)) {
    name_place (texts, at, failure, error);
    return false;
  }
  for (guint i = 0; i < list.words->len; i++)
    *has = *has || strcmp (g_ptr_array_index (list.words, i), hook) == 0;
  return true;
}

GBytes *
pl_mkinitcpio_text_add (GBytes *old, const char *const *modules, GError **error)
{
  guint at;
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_ptr_array_add (texts, old);
  return pl_mkinitcpio_texts_add (texts, modules, &at, error);
}

bool
pl_mkinitcpio_text_has_hook (GBytes *text, const char *hook, bool *has, GError **error)
{
  guint at;
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_ptr_array_add (texts, text);
  return pl_mkinitcpio_texts_have_hook (texts, hook, has, &at, error);
}
