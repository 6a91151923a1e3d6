/* json.c - see json.h. */
#include "report/json.h"

#include "base/error.h"
#include "report/printable.h"

#include <string.h>

#define FORMAT 1

void
pl_json_begin (FILE *stream)
{
  fprintf (stream, "{\"pcilend\":{\"format\":%d,\"version\":\"%s\"}", FORMAT, PL_VERSION);
}

void
pl_json_write (FILE *stream, struct json_object *object)
{
  g_autoptr (GString) text = g_string_new (NULL);
  pl_printable_append_json (
      text, json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  fwrite (text->str, 1, text->len, stream);
  json_object_put (object);
}

void
pl_json_write_member (FILE *stream, const char *key, struct json_object *object)
{
  fprintf (stream, ",\n\"%s\":", key);
  pl_json_write (stream, object);
}

struct json_object *
pl_json_address (struct pl_address address)
{
  char text[PL_ADDRESS_SIZE];
  return json_object_new_string (pl_address_format (address, text));
}

struct json_object *
pl_json_hex (guint64 value, int digits)
{
  char text[24];
  g_snprintf (text, sizeof text, "%0*" G_GINT64_MODIFIER "x", digits, value);
  return json_object_new_string (text);
}

struct json_object *
pl_json_text (const char *text, gssize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  return json_object_new_string (valid);
}

void
pl_json_write_error (FILE *stream, const char *id, const GError *error)
{
  pl_json_begin (stream);
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "id", json_object_new_string (id));
  json_object_object_add (object, "text", pl_json_text (error->message, -1));
  const char *remedy = pl_error_remedy (error), *path = pl_error_path (error);
  json_object_object_add (object, "remedy", remedy != NULL ? pl_json_text (remedy, -1) : NULL);
  json_object_object_add (object, "path", path != NULL ? pl_json_text (path, -1) : NULL);
  json_object_object_add (object, "changed", json_object_new_array ());
  pl_json_write_member (stream, "error", object);
  fputs ("}\n", stream);
}
