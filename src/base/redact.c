/* redact.c - see redact.h. */
#include "base/redact.h"

#include <stdlib.h>
#include <string.h>

/* A value that was handed in, or the pattern's own. */
struct secret {
  enum pl_secret kind;
  bool is_met;
  guint number; /* of the stand-in */
};

struct pl_redactor {
  GHashTable *secrets; /* char * -> struct secret */
  bool is_numbered;
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

gsize
pl_redact_match_uuid (const char *text, const char *begin, const char *end)
{
  gsize length = match_shape (text, end, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  if (length > 0)
    return length;
  /* The short number of a FAT or NTFS file system or of an MBR's partition counts only where it is called a
   * UUID. */
  bool is_called = text - begin >= 5 && memcmp (text - 5, "UUID=", 5) == 0;
  bool is_by_uuid = text - begin >= 8 && memcmp (text - 8, "by-uuid/", 8) == 0;
  if (!is_called && !is_by_uuid)
    return 0;
  static const char *const shapes[] = { "xxxxxxxxxxxxxxxx", "xxxxxxxx-xx", "xxxx-xxxx" };
  for (guint i = 0; i < G_N_ELEMENTS (shapes) && length == 0; i++)
    length = match_shape (text, end, shapes[i]);
  return length;
}

/* The names below these directories hold a disk's serial number, or what a person calls it. */
static gsize
match_disk_name (const char *text, const char *begin, const char *end)
{
  static const char *const directories[] = { "/by-id/", "/by-label/", "/by-partlabel/", "/by-name/" };
  for (guint i = 0; i < G_N_ELEMENTS (directories); i++) {
    gsize above = strlen (directories[i]), length = 0;
    if ((gsize) (text - begin) < above || memcmp (text - above, directories[i], above) != 0)
      continue;
    while (text + length < end && strchr ("/ \t\n,\"'", text[length]) == NULL)
      length++;
    return length;
  }
  return 0;
}

/* The name of a network interface that is made of its MAC address: "enx001122334455". Source:
 * systemd.net-naming-scheme(7), ID_NET_NAME_MAC. */
static gsize
match_named_mac (const char *text, const char *end)
{
  static const char *const prefixes[] = { "en", "wl", "ww", "sl", "ib" };
  bool has_prefix = false;
  for (guint i = 0; i < G_N_ELEMENTS (prefixes) && end - text >= 15; i++)
    has_prefix = has_prefix || memcmp (text, prefixes[i], 2) == 0;
  return has_prefix && text[2] == 'x' && match_shape (text + 3, end, "xxxxxxxxxxxx") > 0 ? 15 : 0;
}

/* Whether a MAC address may begin behind what stands there: "eth0:" yes, "aa:" is the middle of one. */
static bool
may_begin_mac (const char *text, const char *begin)
{
  if (text == begin || text[-1] != ':')
    return true;
  bool is_pair = text - begin >= 3 && g_ascii_isxdigit (text[-2]) && g_ascii_isxdigit (text[-3]);
  return !is_pair || (text - begin >= 4 && is_word (text[-4]));
}

/* What is found at a place. */
struct match {
  enum pl_secret kind;
  gsize length; /* 0: nothing */
  bool is_named_mac;
};

/* The secret as it is kept: letters of an address in one case, a MAC address with its colons. */
static char *
key_of (const struct match *match, const char *text)
{
  if (match->is_named_mac) {
    const char *digit = text + 3;
    g_autofree char *colons = g_strdup_printf ("%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", digit, digit + 2, digit + 4,
                                               digit + 6, digit + 8, digit + 10);
    return g_ascii_strdown (colons, -1);
  }
  if (match->kind == PL_SECRET_UUID || match->kind == PL_SECRET_MAC)
    return g_ascii_strdown (text, (gssize) match->length);
  return g_strndup (text, match->length);
}

static void
append_stand_in (GString *out, const struct match *match, const char *text, const struct secret *secret)
{
  guint number = secret->number;
  guint high = number >> 16 & 255, middle = number >> 8 & 255, low = number & 255;
  switch (secret->kind) {
  case PL_SECRET_UUID:
    g_string_append_printf (out, "00000000-0000-4000-8000-%012x", number);
    break;
  case PL_SECRET_MAC:
    /* Locally administered, so that it is nobody's. */
    if (match->is_named_mac)
      g_string_append_printf (out, "%.3s020000%02x%02x%02x", text, high, middle, low);
    else
      g_string_append_printf (out, "02:00:00:%02x:%02x:%02x", high, middle, low);
    break;
  case PL_SECRET_HOST:
    g_string_append_printf (out, "host%u", number);
    break;
  case PL_SECRET_USER:
    g_string_append_printf (out, "user%u", number);
    break;
  case PL_SECRET_SERIAL:
  case PL_N_SECRETS:
    g_string_append_printf (out, "serial%u", number);
    break;
  }
}

/* What a name that was handed in may be made of: people's names have points and letters of all languages. */
static bool
is_name (char byte)
{
  return is_word (byte) || byte == '-' || byte == '.' || byte == '@' || byte == '+' || byte == '\\'
         || (guint8) byte >= 0x80;
}

/* The length of a whole word at @text that was handed in, its kind in *kind; 0 where it was not. */
static gsize
match_handed_in (struct pl_redactor *redactor, const char *text, const char *end, enum pl_secret *kind)
{
  gsize length = 0;
  while (length < 256 && text + length < end && is_name (text[length]))
    length++;
  /* "tower-vg" holds the host name "tower": what ends before a byte that is no word's is tried, the longest
   * first. */
  for (; length > 0; length--) {
    if (text + length < end && (is_word (text[length]) || (guint8) text[length] >= 0x80))
      continue;
    g_autofree char *word = g_strndup (text, length);
    const struct secret *secret = g_hash_table_lookup (redactor->secrets, word);
    if (secret != NULL) {
      *kind = secret->kind;
      return length;
    }
  }
  return 0;
}

static struct match
match_at (struct pl_redactor *redactor, const char *at, const char *begin, const char *end, bool with_words)
{
  struct match match = { PL_N_SECRETS, 0, false };
  bool begins = is_word (*at) || (guint8) *at >= 0x80;
  if (!begins || (at > begin && (is_word (at[-1]) || (guint8) at[-1] >= 0x80)))
    return match;
  match.length = match_disk_name (at, begin, end);
  match.kind = PL_SECRET_SERIAL;
  if (match.length > 0)
    return match;
  match.length = match_named_mac (at, end);
  match.is_named_mac = match.length > 0;
  match.kind = PL_SECRET_MAC;
  if (match.length == 0 && g_ascii_isxdigit (*at)) {
    match.length = pl_redact_match_uuid (at, begin, end);
    match.kind = PL_SECRET_UUID;
  }
  if (match.length == 0 && g_ascii_isxdigit (*at) && may_begin_mac (at, begin)) {
    match.length = match_shape (at, end, "xx:xx:xx:xx:xx:xx");
    match.kind = PL_SECRET_MAC;
  }
  const char *behind = at + match.length;
  if (match.length > 0 && behind < end
      && (is_word (*behind) || (match.kind == PL_SECRET_MAC && *behind == ':')))
    match = (struct match){ PL_N_SECRETS, 0, false };
  if (match.length == 0 && with_words)
    match.length = match_handed_in (redactor, at, end, &match.kind);
  return match;
}

void
pl_redactor_append (struct pl_redactor *redactor, GString *out, const char *text, gsize size, bool with_words)
{
  const char *end = text + size;
  for (const char *at = text; at < end;) {
    struct match match = match_at (redactor, at, text, end, with_words);
    if (match.length == 0) {
      g_string_append_c (out, *at++);
      continue;
    }
    g_autofree char *key = key_of (&match, at);
    pl_redactor_add (redactor, match.kind, key);
    struct secret *secret = g_hash_table_lookup (redactor->secrets, key);
    secret->is_met = true;
    if (redactor->is_numbered)
      append_stand_in (out, &match, at, secret);
    else
      g_string_append_len (out, at, (gssize) match.length);
    at += match.length;
  }
}

void
pl_redactor_collect (struct pl_redactor *redactor, const char *text, gsize size, bool with_words)
{
  g_autoptr (GString) out = g_string_sized_new (size);
  pl_redactor_append (redactor, out, text, size, with_words);
}

/* The shorter first, so that "host2" stands before "host10". */
static int
compare_values (const void *left, const void *right)
{
  const char *one = *(const char *const *) left, *other = *(const char *const *) right;
  gsize one_length = strlen (one), other_length = strlen (other);
  return one_length != other_length ? (one_length < other_length ? -1 : 1) : strcmp (one, other);
}

void
pl_redactor_number (struct pl_redactor *redactor)
{
  guint n;
  g_autofree char **values = (char **) g_hash_table_get_keys_as_array (redactor->secrets, &n);
  if (n > 0)
    qsort (values, n, sizeof *values, compare_values);
  for (guint i = 0; i < n; i++) {
    struct secret *secret = g_hash_table_lookup (redactor->secrets, values[i]);
    if (secret->is_met)
      secret->number = ++redactor->n_replaced[secret->kind];
  }
  redactor->is_numbered = true;
}
