/* markup.c - what HTML and BBCode put between the words of a text. */
#include "machine/paste/paste_private.h"

#include <string.h>

/* Elements that part lines, and those that do not; nothing else in angle brackets is HTML: lspci prints
 * "<access denied>", "<unassigned>", "<64ns". */
static const char *const breaking_elements[]
    = { "br",    "p",       "pre",        "div",  "li",   "ul",   "ol",     "tr",      "table",
        "tbody", "thead",   "blockquote", "h1",   "h2",   "h3",   "h4",     "h5",      "h6",
        "hr",    "details", "summary",    "body", "html", "head", "center", "section", "article" };
static const char *const inline_elements[]
    = { "strong", "b",     "em",  "i",    "u",   "s",    "code", "span",   "font",
        "a",      "kbd",   "tt",  "samp", "var", "mark", "sub",  "sup",    "ins",
        "del",    "small", "big", "td",   "th",  "img",  "wbr",  "button", "label" };

static bool
is_one_of (struct pl_span name, const char *const *names, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (name.size == strlen (names[i]) && pl_span_starts_any_case (name, names[i]))
      return true;
  return false;
}

gsize
pl_paste_measure_tag (struct pl_span rest, bool *is_breaking)
{
  gsize at = 1;
  if (at < rest.size && rest.at[at] == '/')
    at++;
  gsize start = at;
  if (at >= rest.size || !g_ascii_isalpha (rest.at[at]))
    return 0;
  while (at < rest.size && at < start + 12 && g_ascii_isalnum (rest.at[at]))
    at++;
  struct pl_span name = { rest.at + start, at - start };
  *is_breaking = is_one_of (name, breaking_elements, G_N_ELEMENTS (breaking_elements));
  if (!*is_breaking && !is_one_of (name, inline_elements, G_N_ELEMENTS (inline_elements)))
    return 0;
  if (at < rest.size && rest.at[at] != '>' && rest.at[at] != '/' && rest.at[at] != ' ')
    return 0;
  const char *close = memchr (rest.at + at, '>', MIN (rest.size - at, 512));
  return close != NULL ? (gsize) (close - rest.at) + 1 : 0;
}

gsize
pl_paste_measure_entity (struct pl_span rest, gunichar *character)
{
  static const struct {
    const char *name;
    gunichar character;
  } entities[] = { { "nbsp;", ' ' }, { "amp;", '&' },  { "lt;", '<' },
                   { "gt;", '>' },   { "quot;", '"' }, { "apos;", '\'' } };
  struct pl_span name = pl_span_skip (rest, 1);
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (pl_span_starts (name, entities[i].name)) {
      *character = entities[i].character;
      return 1 + strlen (entities[i].name);
    }
  if (!pl_span_take (&name, "#"))
    return 0;
  bool is_hex = pl_span_take (&name, "x") || pl_span_take (&name, "X");
  guint64 number = 0;
  gsize digits = 0;
  for (; digits < name.size && digits < 7; digits++) {
    int digit = is_hex ? g_ascii_xdigit_value (name.at[digits]) : g_ascii_digit_value (name.at[digits]);
    if (digit < 0)
      break;
    number = number * (is_hex ? 16 : 10) + (guint64) digit;
  }
  name = pl_span_skip (name, digits);
  if (digits == 0 || !pl_span_take (&name, ";") || !g_unichar_validate ((gunichar) number)
      || (number < 0x20 && number != '\t' && number != '\n' && number != '\r'))
    return 0;
  *character = (gunichar) number;
  return (gsize) (name.at - rest.at);
}

/* Of BBCode: those that stand on lines of their own, and those within. "[b]" and "[i]" only in lower case:
 * names have
 * "[B]". */
static const char *const breaking_codes[] = { "code", "quote", "spoiler", "pre",    "icode",    "hide",
                                              "list", "table", "tr",      "expand", "collapse", "codebox" };
static const char *const inline_codes[] = { "color",  "colour",    "font",    "size", "url", "bold", "tt",
                                            "inline", "highlight", "noparse", "td",   "th",  "*" };

gsize
pl_paste_measure_code (struct pl_span rest, bool *is_breaking)
{
  gsize at = 1;
  if (at < rest.size && rest.at[at] == '/')
    at++;
  gsize start = at;
  while (at < rest.size && at < start + 12 && (g_ascii_isalpha (rest.at[at]) || rest.at[at] == '*'))
    at++;
  struct pl_span name = { rest.at + start, at - start };
  *is_breaking = is_one_of (name, breaking_codes, G_N_ELEMENTS (breaking_codes));
  bool is_letter = name.size == 1 && strchr ("biu", name.at[0]) != NULL;
  if (name.size == 0 || at >= rest.size
      || (!*is_breaking && !is_letter && !is_one_of (name, inline_codes, G_N_ELEMENTS (inline_codes))))
    return 0;
  if (rest.at[at] == ']')
    return at + 1;
  /* "[quote="bob"]", "[quote=bob;123]", "[spoiler title=x]"; "[size=16M]" is a region of memory. */
  if (rest.at[at] != '=' && !(rest.at[at] == ' ' && *is_breaking))
    return 0;
  const char *close = memchr (rest.at + at, ']', MIN (rest.size - at, 200));
  return close != NULL ? (gsize) (close - rest.at) + 1 : 0;
}
