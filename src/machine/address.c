/* address.c - see address.h. */
#include "machine/address.h"

#include <stdio.h>
#include <string.h>

/* Hexadecimal digits at the begin of the text, at most @most of them. */
static gsize
parse_hex (const char *text, gsize length, gsize most, guint64 *value)
{
  gsize n = 0;
  *value = 0;
  while (n < length && n < most && g_ascii_isxdigit (text[n]))
    *value = *value << 4 | (guint64) g_ascii_xdigit_value (text[n++]);
  return n;
}

gsize
pl_address_parse (const char *text, gsize length, struct pl_address *address)
{
  guint64 first, second, slot, function, domain = 0;
  gsize at = parse_hex (text, length, 8, &first);
  if (at < 2 || at >= length || text[at] != ':')
    return 0;
  gsize first_digits = at++;
  gsize digits = parse_hex (text + at, length - at, 2, &second);
  if (digits != 2)
    return 0;
  at += digits;
  guint64 bus = first;
  if (at < length && text[at] == ':') {
    if (first_digits < 4)
      return 0;
    domain = first;
    bus = second;
    at++;
    if (parse_hex (text + at, length - at, 2, &slot) != 2)
      return 0;
    at += 2;
  } else {
    if (first_digits != 2)
      return 0;
    slot = second;
  }
  if (at >= length || text[at] != '.' || parse_hex (text + at + 1, length - at - 1, 1, &function) != 1)
    return 0;
  at += 2;
  if (at < length && (g_ascii_isalnum (text[at]) || text[at] == ':'))
    return 0;
  if (slot > 31 || function > 7)
    return 0;
  *address = (struct pl_address){ (guint32) domain, (guint8) bus, (guint8) slot, (guint8) function };
  return at;
}

static char *
put_hex (char *out, guint32 value, int least_digits)
{
  static const char digits[] = "0123456789abcdef";
  int n = least_digits;
  while (n < 8 && value >> (4 * n) != 0)
    n++;
  for (int i = n - 1; i >= 0; i--)
    *out++ = digits[value >> (4 * i) & 15];
  return out;
}

const char *
pl_address_format_short (struct pl_address address, bool with_domain, char text[PL_ADDRESS_SIZE])
{
  char *out = text;
  if (with_domain) {
    out = put_hex (out, address.domain, 4);
    *out++ = ':';
  }
  out = put_hex (out, address.bus, 2);
  *out++ = ':';
  out = put_hex (out, address.slot, 2);
  *out++ = '.';
  out = put_hex (out, address.function, 1);
  *out = '\0';
  return text;
}

const char *
pl_address_format (struct pl_address address, char text[PL_ADDRESS_SIZE])
{
  return pl_address_format_short (address, true, text);
}

static guint64
order_of (struct pl_address address)
{
  return (guint64) address.domain << 24 | (guint64) address.bus << 16 | (guint64) address.slot << 8
         | address.function;
}

int
pl_address_compare (struct pl_address left, struct pl_address right)
{
  guint64 first = order_of (left), second = order_of (right);
  return (first > second) - (first < second);
}

bool
pl_address_same_slot (struct pl_address left, struct pl_address right)
{
  return order_of (left) >> 8 == order_of (right) >> 8;
}

bool
pl_address_last_in_path (const char *path, struct pl_address *address)
{
  bool found = false;
  for (const char *component = path; component != NULL;) {
    const char *slash = strchr (component, '/');
    gsize length = slash != NULL ? (gsize) (slash - component) : strlen (component);
    struct pl_address candidate;
    /* The whole component, so that "pci0000:00" or "0000:00:1f.2-x" is none. */
    if (pl_address_parse (component, length, &candidate) == length && length > 8) {
      *address = candidate;
      found = true;
    }
    component = slash != NULL ? slash + 1 : NULL;
  }
  return found;
}
