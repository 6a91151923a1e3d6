/* redact.c - see redact.h. */
#include "base/redact.h"

#include <string.h>

/* A value that was handed in, or the pattern's own. */
struct secret {
  enum pl_secret kind;
  guint number; /* of the stand-in; 0: not met yet */
};

struct pl_redactor {
  GHashTable *secrets; /* char * -> struct secret */
  gsize shortest;      /* of the values handed in */
  guint n_replaced[PL_N_SECRETS];
};

struct pl_redactor *
pl_redactor_new (void)
{
  struct pl_redactor *redactor = g_new0 (struct pl_redactor, 1);
  redactor->secrets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return redactor;
}

void
pl_redactor_free (struct pl_redactor *redactor)
{
  if (redactor == NULL)
    return;
  g_hash_table_unref (redactor->secrets);
  g_free (redactor);
}

void
pl_redactor_add (struct pl_redactor *redactor, enum pl_secret kind, const char *value)
{
  if (value[0] == '\0' || g_hash_table_contains (redactor->secrets, value))
    return;
  struct secret *secret = g_new0 (struct secret, 1);
  secret->kind = kind;
  g_hash_table_insert (redactor->secrets, g_strdup (value), secret);
}

guint
pl_redactor_n_replaced (const struct pl_redactor *redactor, enum pl_secret kind)
{
  return redactor->n_replaced[kind];
}

/* What may stand in a word: a stand-in for "tim" must not tear "timer". */
static bool
is_word (char byte)
{
  return g_ascii_isalnum (byte) || byte == '_';
}

/* The length of a text of this shape at @text: 'x' a hexadecimal digit, else the byte itself; 0 where it has
 * not. */
static gsize
match_shape (const char *text, const char *end, const char *shape)
{
  gsize length = strlen (shape);
  if ((gsize) (end - text) < length)
    return 0;
  for (gsize i = 0; i < length; i++)
    if (shape[i] == 'x' ? !g_ascii_isxdigit (text[i]) : text[i] != shape[i])
      return 0;
  return length;
}

static gsize
match_uuid (const char *text, const char *begin, const char *end)
{
  gsize length = match_shape (text, end, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  if (length > 0)
    return length;
  /* A FAT or NTFS file system's short number counts only where it is called a UUID. */
  bool is_called = text - begin >= 5 && memcmp (text - 5, "UUID=", 5) == 0;
  bool is_by_uuid = text - begin >= 8 && memcmp (text - 8, "by-uuid/", 8) == 0;
  if (!is_called && !is_by_uuid)
    return 0;
  length = match_shape (text, end, "xxxxxxxxxxxxxxxx");
  return length > 0 ? length : match_shape (text, end, "xxxx-xxxx");
}

/* Appends the stand-in of @value, the same for the same value. */
static void
append_stand_in (struct pl_redactor *redactor, GString *out, enum pl_secret kind, const char *value,
                 gsize length)
{
  g_autofree char *key = kind == PL_SECRET_UUID || kind == PL_SECRET_MAC
                             ? g_ascii_strdown (value, (gssize) length)
                             : g_strndup (value, length);
  pl_redactor_add (redactor, kind, key);
  struct secret *secret = g_hash_table_lookup (redactor->secrets, key);
  if (secret->number == 0)
    secret->number = ++redactor->n_replaced[secret->kind];
  switch (secret->kind) {
  case PL_SECRET_UUID:
    g_string_append_printf (out, "00000000-0000-4000-8000-%012x", secret->number);
    break;
  case PL_SECRET_MAC:
    /* Locally administered, so that it is nobody's. */
    g_string_append_printf (out, "02:00:00:%02x:%02x:%02x", secret->number >> 16 & 255,
                            secret->number >> 8 & 255, secret->number & 255);
    break;
  case PL_SECRET_HOST:
    g_string_append_printf (out, "host%u", secret->number);
    break;
  case PL_SECRET_USER:
    g_string_append_printf (out, "user%u", secret->number);
    break;
  case PL_SECRET_SERIAL:
  case PL_N_SECRETS:
    g_string_append_printf (out, "serial%u", secret->number);
    break;
  }
}

/* The length of a whole word at @text that was handed in, its kind in *kind; 0 where it was not. */
static gsize
match_handed_in (struct pl_redactor *redactor, const char *text, const char *end, enum pl_secret *kind)
{
  gsize length = 0;
  while (text + length < end && (is_word (text[length]) || (length > 0 && text[length] == '-')))
    length++;
  /* "tower-vg" holds the host name "tower": the word is tried up to each hyphen, the longest first. */
  while (length > 0) {
    g_autofree char *word = g_strndup (text, length);
    const struct secret *secret = g_hash_table_lookup (redactor->secrets, word);
    if (secret != NULL) {
      *kind = secret->kind;
      return length;
    }
    do
      length--;
    while (length > 0 && text[length] != '-');
  }
  return 0;
}

void
pl_redactor_append (struct pl_redactor *redactor, GString *out, const char *text, gsize size, bool with_words)
{
  const char *end = text + size;
  for (const char *at = text; at < end;) {
    bool begins = at == text || !is_word (at[-1]);
    enum pl_secret kind = PL_N_SECRETS;
    gsize length = 0;
    if (begins && g_ascii_isxdigit (*at)) {
      length = match_uuid (at, text, end);
      kind = PL_SECRET_UUID;
      if (length == 0 && (at == text || at[-1] != ':')) {
        length = match_shape (at, end, "xx:xx:xx:xx:xx:xx");
        kind = PL_SECRET_MAC;
      }
      if (length > 0 && at + length < end
          && (is_word (at[length]) || (kind == PL_SECRET_MAC && at[length] == ':')))
        length = 0;
    }
    if (length == 0 && begins && with_words && is_word (*at))
      length = match_handed_in (redactor, at, end, &kind);
    if (length > 0) {
      append_stand_in (redactor, out, kind, at, length);
      at += length;
    } else {
      g_string_append_c (out, *at++);
    }
  }
}
