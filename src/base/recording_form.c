/* recording_form.c - see recording_form.h. */
#include "base/recording_form.h"

#include <string.h>

void
pl_recording_escape (GString *out, const char *name)
{
  for (const char *at = name; *at != '\0'; at++) {
    if (*at > ' ' && *at < 0x7f && *at != '\\')
      g_string_append_c (out, *at);
    else
      g_string_append_printf (out, "\\x%02x", (guint8) *at);
  }
}

char *
pl_recording_unescape (const char *text, gsize length)
{
  GString *name = g_string_sized_new (length);
  for (gsize i = 0; i < length; i++) {
    if (text[i] != '\\' && !g_ascii_iscntrl (text[i])) {
      g_string_append_c (name, text[i]);
      continue;
    }
    int high = i + 3 < length ? g_ascii_xdigit_value (text[i + 2]) : -1;
    int low = high >= 0 ? g_ascii_xdigit_value (text[i + 3]) : -1;
    if (text[i] != '\\' || low < 0 || text[i + 1] != 'x' || (high == 0 && low == 0)) {
      g_string_free (name, TRUE);
      return NULL;
    }
    g_string_append_c (name, (char) (high << 4 | low));
    i += 3;
  }
  return g_string_free (name, FALSE);
}

void
pl_answer_free (void *data)
{
  struct pl_answer *answer = data;
  if (answer != NULL)
    g_free (answer->bytes);
  g_free (answer);
}

struct pl_answer *
pl_answer_new (enum pl_answer_kind kind, const char *bytes, gsize size, int number)
{
  struct pl_answer *answer = g_new0 (struct pl_answer, 1);
  answer->kind = kind;
  answer->bytes = g_malloc (size + 1);
  if (size > 0)
    memcpy (answer->bytes, bytes, size);
  answer->bytes[size] = '\0';
  answer->size = size;
  answer->number = number;
  return answer;
}
