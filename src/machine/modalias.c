/* modalias.c - see modalias.h. */
#include "machine/modalias.h"

#include "machine/span.h"

/* "v00001002": the kernel writes ids with eight digits, of which a PCI id uses four. */
static bool
take_id (struct pl_span *text, const char *key, guint16 *id)
{
  struct pl_span rest = *text;
  guint32 number = 0;
  if (!pl_span_take (&rest, key) || rest.size < 8)
    return false;
  for (guint i = 0; i < 8; i++) {
    if (!g_ascii_isxdigit (rest.at[i]))
      return false;
    number = number << 4 | (guint32) g_ascii_xdigit_value (rest.at[i]);
  }
  if (number > G_MAXUINT16)
    return false;
  *id = (guint16) number;
  *text = pl_span_skip (rest, 8);
  return true;
}

static bool
take_byte (struct pl_span *text, const char *key, guint8 *byte)
{
  struct pl_span rest = *text;
  if (!pl_span_take (&rest, key) || rest.size < 2 || !g_ascii_isxdigit (rest.at[0])
      || !g_ascii_isxdigit (rest.at[1]))
    return false;
  *byte = (guint8) (g_ascii_xdigit_value (rest.at[0]) << 4 | g_ascii_xdigit_value (rest.at[1]));
  *text = pl_span_skip (rest, 2);
  return true;
}

bool
pl_modalias_parse (const char *text, gsize length, struct pl_modalias *modalias)
{
  struct pl_span rest = pl_span_trim ((struct pl_span){ text, length });
  if (rest.size > 0 && rest.at[rest.size - 1] == '\n')
    rest.size--;
  struct pl_modalias found;
  guint8 base, sub;
  if (!pl_span_take (&rest, "pci:") || !take_id (&rest, "v", &found.vendor)
      || !take_id (&rest, "d", &found.device) || !take_id (&rest, "sv", &found.subsystem_vendor)
      || !take_id (&rest, "sd", &found.subsystem_device) || !take_byte (&rest, "bc", &base)
      || !take_byte (&rest, "sc", &sub) || !take_byte (&rest, "i", &found.prog_if) || rest.size > 0)
    return false;
  found.class = (guint16) (base << 8 | sub);
  *modalias = found;
  return true;
}
