/* refind_text.c - see refind_text.h. */
#include "boot/refind_text.h"

#include "base/error.h"
#include "boot/parameter.h"

#include <string.h>

/* The file as rEFInd counts it: in characters of one byte or two. */
struct file {
  const guint8 *bytes;
  gsize size, width; /* size: in characters */
  gsize at;          /* where the next line begins, of number @line */
  guint line;
};

struct character {
  guint16 value;
  gsize start, end; /* in the file; a doubled quote has two */
};

struct token {
  GArray *characters; /* struct character */
  gsize start, end;   /* within its quotes, if it has any */
  bool is_quoted, is_closed;
};

/* A word as the kernel parts them. */
struct word {
  gsize start, end; /* in the file */
  char *text;
};

/* Finds the options to be edited: the token and its line. */
typedef struct token *find_options (struct file *file, guint *line, GError **error);

static bool
fail (GError **error, guint line, const char *phrase)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", line, phrase);
  return false;
}

static void
free_token (void *data)
{
  struct token *token = data;
  if (token == NULL)
    return;
  g_array_unref (token->characters);
  g_free (token);
}

static void
clear_word (void *data)
{
  g_free (((struct word *) data)->text);
}

static guint16
unit_at (const struct file *file, gsize at)
{
  const guint8 *byte = file->bytes + at * file->width;
  return file->width == 1 ? byte[0] : (guint16) (byte[0] | byte[1] << 8);
}

static bool
is_line_end (guint16 unit)
{
  return unit == '\n' || unit == '\r';
}

/* From @at behind the end of its line. */
static gsize
skip_line_end (const struct file *file, gsize at)
{
  bool is_pair = at + 1 < file->size && unit_at (file, at) == '\r' && unit_at (file, at + 1) == '\n';
  return at + (is_pair ? 2 : 1);
}

/* A zero would end rEFInd's line: what it makes of the rest is not ours to guess. */
static bool
open_file (struct file *file, GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *start = g_bytes_get_data (bytes, &size);
  bool is_wide = size >= 4 && ((start[0] == 0xff && start[1] == 0xfe) || (start[1] == 0 && start[3] == 0));
  *file = (struct file){ .bytes = start, .width = is_wide ? 2 : 1, .line = 1 };
  file->size = size / file->width;
  if (is_wide && start[0] == 0xff && start[1] == 0xfe)
    file->at = 1;
  else if (size >= 4 && memcmp (start, "\xef\xbb\xbf", 3) == 0)
    file->at = 3;
  guint line = 1;
  for (gsize i = 0; i < file->size; i++) {
    guint16 unit = unit_at (file, i);
    if (unit == 0)
      return fail (error, line, "it has a character that is zero");
    line += unit == '\n' || (unit == '\r' && (i + 1 == file->size || unit_at (file, i + 1) != '\n'));
  }
  return size % file->width == 0 || fail (error, line, "it ends in half a character");
}

static bool
is_gap (guint16 unit)
{
  return unit == ' ' || unit == '\t' || unit == '=' || unit == ',';
}

/* Reads a token from @at, which is behind its opening quote; @is_in: whether rEFInd sees itself in quotes. */
static struct token *
read_token (const struct file *file, gsize at, gsize end, bool *is_in)
{
  struct token *token = g_new0 (struct token, 1);
  token->characters = g_array_new (FALSE, FALSE, sizeof (struct character));
  token->start = at;
  while (at < end) {
    struct character one = { unit_at (file, at), at, at + 1 };
    if (one.value == '"' && at + 1 < end && unit_at (file, at + 1) == '"') {
      one.end++;
    } else if (one.value == '"') {
      *is_in = !*is_in;
      token->is_closed = true;
      break;
    } else if (!*is_in && (is_gap (one.value) || one.value == '#')) {
      break;
    } else if (!*is_in && one.value == '/') {
      one.value = '\\';
    }
    g_array_append_val (token->characters, one);
    at = one.end;
  }
  token->end = at;
  return token;
}

static GPtrArray *
read_line (const struct file *file, gsize at, gsize end)
{
  GPtrArray *tokens = g_ptr_array_new_with_free_func (free_token);
  bool is_in = false;
  for (;;) {
    while (at < end && !is_in && is_gap (unit_at (file, at)))
      at++;
    if (at == end || unit_at (file, at) == '#')
      return tokens;
    bool is_quoted = unit_at (file, at) == '"';
    if (is_quoted) {
      is_in = !is_in;
      at++;
    }
    struct token *token = read_token (file, at, end, &is_in);
    token->is_quoted = is_quoted;
    g_ptr_array_add (tokens, token);
    at = token->end;
    if (at == end || unit_at (file, at) == '#')
      return tokens;
    at++;
  }
}

/* The tokens of the next line that has any, and its number; NULL: there is none. */
static GPtrArray *
next_line (struct file *file, guint *line)
{
  while (file->at < file->size) {
    gsize end = file->at;
    while (end < file->size && !is_line_end (unit_at (file, end)))
      end++;
    g_autoptr (GPtrArray) tokens = read_line (file, file->at, end);
    *line = file->line;
    file->at = end;
    if (end < file->size) {
      file->at = skip_line_end (file, end);
      file->line++;
    }
    if (tokens->len > 0)
      return g_steal_pointer (&tokens);
  }
  return NULL;
}

/* In UTF-8, as the kernel gets it from its EFI stub. */
static char *
token_text (const struct token *token)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < token->characters->len; i++)
    g_string_append_unichar (text, g_array_index (token->characters, struct character, i).value);
  return g_string_free (text, FALSE);
}

static bool
token_is (const GPtrArray *tokens, guint i, const char *name)
{
  if (i >= tokens->len)
    return false;
  g_autofree char *text = token_text (g_ptr_array_index (tokens, i));
  return g_ascii_strcasecmp (text, name) == 0;
}

/* What means itself to the kernel and to rEFInd, which replaces %v, and adds no initrd of its own where the
 * options have an "initrd=" anywhere. Source: refind/linux.c, GetMainLinuxOptions(), AddInitrdToOptions(). */
static bool
check_parameters (const char *const *parameters, GError **error)
{
  for (guint i = 0; parameters[i] != NULL; i++) {
    g_autofree char *small = g_ascii_strdown (parameters[i], -1);
    if (strstr (small, "initrd=") == NULL)
      continue;
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "\"%s\" cannot be written as a kernel parameter",
                  parameters[i]);
    return false;
  }
  return pl_boot_parameters_check (parameters, "_-.,:=/+@", error);
}

static GBytes *
splice (const struct file *file, GBytes *old, gsize start, gsize end, const char *text)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (old, &size);
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, bytes, (guint) (start * file->width));
  for (; *text != '\0'; text++) {
    guint8 unit[2] = { (guint8) *text, 0 };
    g_byte_array_append (out, unit, (guint) file->width);
  }
  g_byte_array_append (out, bytes + end * file->width, (guint) (size - end * file->width));
  return g_byte_array_free_to_bytes (out);
}

/* Source: lib/ctype.c of Linux; a line end stands in no token. */
static bool
is_blank (guint16 unit)
{
  return unit == ' ' || unit == '\t' || unit == '\v' || unit == '\f';
}

/* The token's words; NULL where a quote of the kernel's is not closed. Source: lib/cmdline.c, next_arg(). */
static GArray *
split_words (const struct token *token)
{
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (struct word));
  g_array_set_clear_func (words, clear_word);
  bool is_in = false;
  for (guint i = 0; i < token->characters->len;) {
    const struct character *first = &g_array_index (token->characters, struct character, i);
    if (is_blank (first->value)) {
      i++;
      continue;
    }
    GString *text = g_string_new (NULL);
    struct word word = { .start = first->start };
    for (; i < token->characters->len; i++) {
      const struct character *one = &g_array_index (token->characters, struct character, i);
      if (!is_in && is_blank (one->value))
        break;
      is_in = is_in != (one->value == '"');
      g_string_append_unichar (text, one->value);
      word.end = one->end;
    }
    word.text = g_string_free (text, FALSE);
    g_array_append_val (words, word);
  }
  return is_in ? NULL : g_steal_pointer (&words);
}

/* The text with one parameter in the token; @old where it has it. */
static GBytes *
set_one (const struct file *file, GBytes *old, const struct token *token, guint line, const char *text,
         GError **error)
{
  g_autoptr (GArray) words = split_words (token);
  const struct word *last = NULL, *end = NULL;
  bool has = false;
  if (words == NULL) {
    fail (error, line, "the options have a quote of the kernel's that is not closed");
    return NULL;
  }
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (text);
  for (guint i = 0; i < words->len && end == NULL; i++) {
    const struct word *word = &g_array_index (words, struct word, i);
    struct pl_boot_parameter own = pl_boot_parameter_parse (word->text);
    if (strcmp (word->text, "--") == 0) {
      end = word;
    } else if (pl_boot_parameter_is_same_name (&own, &wanted)) {
      /* The kernel takes the last one. */
      last = word;
      has = pl_boot_parameter_is_same_value (&own, &wanted);
    }
  }
  if (has)
    return g_bytes_ref (old);
  if (last != NULL)
    return splice (file, old, last->start, last->end, text);
  /* Behind "--" the kernel's own parameters end. Source: kernel/params.c, parse_args(). */
  g_autofree char *before = g_strconcat (text, " ", NULL), *behind = g_strconcat (" ", text, NULL);
  if (end != NULL)
    return splice (file, old, end->start, end->start, before);
  if (words->len == 0)
    return splice (file, old, token->start, token->start, text);
  last = &g_array_index (words, struct word, words->len - 1);
  return splice (file, old, last->end, last->end, behind);
}

static GBytes *
set_all (GBytes *old, find_options *find, const char *const *parameters, guint *line, GError **error)
{
  if (!check_parameters (parameters, error))
    return NULL;
  g_autoptr (GBytes) text = g_bytes_ref (old);
  for (guint i = 0; i == 0 || parameters[i] != NULL; i++) {
    struct file file;
    if (!open_file (&file, text, error))
      return NULL;
    struct token *token = find (&file, line, error);
    if (token == NULL)
      return NULL;
    GBytes *next = parameters[i] == NULL ? g_bytes_ref (text)
                                         : set_one (&file, text, token, *line, parameters[i], error);
    free_token (token);
    if (next == NULL)
      return NULL;
    g_bytes_unref (text);
    text = next;
    if (parameters[i] == NULL)
      break;
  }
  return g_steal_pointer (&text);
}

/* The token, taken out of the line, where it can be edited. */
static struct token *
take_options (GPtrArray *tokens, guint line, GError **error)
{
  const struct token *token = tokens->len > 1 ? g_ptr_array_index (tokens, 1) : NULL;
  const char *phrase = token == NULL       ? "the entry has no options"
                       : !token->is_quoted ? "the options are not in quotes"
                       : !token->is_closed ? "the quote is not closed"
                                           : NULL;
  if (phrase != NULL) {
    fail (error, line, phrase);
    return NULL;
  }
  return g_ptr_array_steal_index (tokens, 1);
}

static struct token *
find_first (struct file *file, guint *line, GError **error)
{
  g_autoptr (GPtrArray) tokens = next_line (file, line);
  if (tokens == NULL) {
    fail (error, file->line, "there is no entry");
    return NULL;
  }
  return take_options (tokens, *line, error);
}

GBytes *
pl_refind_text_set (GBytes *old, const char *const *parameters, GError **error)
{
  guint line;
  return set_all (old, find_first, parameters, &line, error);
}

GPtrArray *
pl_refind_text_options (GBytes *text, GError **error)
{
  struct file file;
  if (!open_file (&file, text, error))
    return NULL;
  GPtrArray *options = g_ptr_array_new_with_free_func (g_free);
  for (;;) {
    guint line;
    g_autoptr (GPtrArray) tokens = next_line (&file, &line);
    if (tokens == NULL || tokens->len < 2)
      return options;
    g_ptr_array_add (options, token_text (g_ptr_array_index (tokens, 1)));
  }
}

/* The "options" line of a stanza, the last one; NULL where it is disabled or has no root=. */
static GPtrArray *
read_stanza (struct file *file, guint *line)
{
  g_autoptr (GPtrArray) options = NULL;
  bool is_disabled = false;
  guint depth = 1, at;
  while (depth > 0) {
    g_autoptr (GPtrArray) tokens = next_line (file, &at);
    if (tokens == NULL)
      break;
    if (token_is (tokens, 0, "}")) {
      depth--;
    } else if (depth == 1 && tokens->len > 1 && token_is (tokens, 0, "submenuentry")) {
      depth++;
    } else if (depth == 1 && token_is (tokens, 0, "disabled")) {
      is_disabled = true;
    } else if (depth == 1 && tokens->len > 1 && token_is (tokens, 0, "options")) {
      g_clear_pointer (&options, g_ptr_array_unref);
      options = g_steal_pointer (&tokens);
      *line = at;
    }
  }
  if (options == NULL || is_disabled)
    return NULL;
  g_autofree char *text = token_text (g_ptr_array_index (options, 1));
  return strstr (text, "root=") != NULL ? g_steal_pointer (&options) : NULL;
}

static struct token *
find_stanza (struct file *file, guint *line, GError **error)
{
  for (;;) {
    g_autoptr (GPtrArray) tokens = next_line (file, line);
    if (tokens == NULL) {
      fail (error, file->line, "there is no stanza");
      return NULL;
    }
    if (tokens->len < 2 || !token_is (tokens, 0, "menuentry"))
      continue;
    g_autoptr (GPtrArray) options = read_stanza (file, line);
    if (options != NULL)
      return take_options (options, *line, error);
  }
}

char *
pl_refind_text_stanza (GBytes *text, const char *const *parameters, guint *line)
{
  g_autoptr (GBytes) new = set_all (text, find_stanza, parameters, line, NULL);
  struct file file;
  if (new == NULL || new == text || !open_file (&file, new, NULL))
    return NULL;
  GString *written = g_string_new (NULL);
  for (gsize at = file.at; at < file.size && file.line <= *line;) {
    guint16 unit = unit_at (&file, at);
    if (is_line_end (unit)) {
      at = skip_line_end (&file, at);
      file.line++;
      continue;
    }
    if (file.line == *line)
      g_string_append_unichar (written, unit);
    at++;
  }
  return g_strstrip (g_string_free (written, FALSE));
}
