/* mention.c - "IOMMU Group 18" and its kin in a line: in other languages, with other marks, in other places.
 */
#include "machine/paste/paste_private.h"

#include <string.h>

/* What people call a group; longer words before those they begin with. */
static const char *const words[] = { "groups", "groupe", "group", "grp",     "gruppe", "gruppo", "grupp",
                                     "grupo",  "grupa",  "groep", "skupina", "группа", "Группа", "ГРУППА" };

static bool
take_word (struct pl_span *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (pl_span_starts_any_case (*text, words[i])) {
      *text = pl_span_skip (*text, strlen (words[i]));
      return true;
    }
  return false;
}

/* "IOMMU", with what may stand between it and the other word. */
static bool
take_iommu (struct pl_span *text, const char *marks)
{
  struct pl_span rest = *text;
  pl_span_take_any (&rest, marks);
  if (!pl_span_starts_any_case (rest, "iommu"))
    return false;
  rest = pl_span_skip (rest, strlen ("iommu"));
  *text = rest;
  return true;
}

/* Takes all that stands before the number: "IOMMU Group ", "Groupe IOMMU ", "iommu-gruppe nr. ". */
static bool
take_call (struct pl_span *text, bool *has_word)
{
  struct pl_span rest = *text;
  bool has_iommu = take_iommu (&rest, "");
  struct pl_span behind = rest;
  if (has_iommu)
    pl_span_take_any (&behind, " \t_-:");
  *has_word = take_word (&behind);
  if (*has_word)
    rest = behind;
  if (!*has_word && !has_iommu)
    return false;
  if (*has_word && !has_iommu)
    take_iommu (&rest, " \t_-");
  pl_span_take_any (&rest, *has_word ? " \t_:=#.-[(" : " \t_#");
  if (pl_span_starts_any_case (rest, "id") || pl_span_starts_any_case (rest, "nr")
      || pl_span_starts_any_case (rest, "no")) {
    rest = pl_span_skip (rest, 2);
    pl_span_take_any (&rest, " \t_:=#.");
  }
  *text = rest;
  return true;
}

bool
pl_paste_take_group (struct pl_span *text, gint32 *group)
{
  struct pl_span rest = *text;
  bool has_word;
  guint32 number;
  if (!take_call (&rest, &has_word))
    return false;
  /* "Group -1" is no group, "Group - 1" is one. */
  if (rest.at - text->at >= 2 && rest.at[-1] == '-' && strchr (" \t:=#", rest.at[-2]) != NULL)
    return false;
  if (!pl_span_take_decimal (&rest, &number) || number > PL_PASTE_GROUP_LIMIT)
    return false;
  /* "IOMMU 15:" alone; "IOMMU 0 0xfed90000: using Queued invalidation" is the kernel's count of units. */
  if (!has_word && (rest.size == 0 || rest.at[0] != ':'))
    return false;
  /* "IOMMU 0xfed90000", "Group 7th", "group 1.5", "group 3/devices", "group 09:00" */
  if (rest.size > 0 && g_ascii_isalnum (rest.at[0]))
    return false;
  if (rest.size > 1 && strchr (".:/", rest.at[0]) != NULL && g_ascii_isalnum (rest.at[1]))
    return false;
  *group = (gint32) number;
  *text = rest;
  return true;
}

bool
pl_paste_take_counter (struct pl_span *text)
{
  struct pl_span rest = *text;
  guint32 number;
  gint32 group;
  if (!pl_span_take_decimal (&rest, &number))
    return false;
  if (rest.size > 0 && strchr (".):", rest.at[0]) != NULL)
    rest = pl_span_skip (rest, 1);
  if (rest.size == 0 || strchr (" \t", rest.at[0]) == NULL)
    return false;
  pl_span_take_any (&rest, " \t");
  struct pl_span behind = rest;
  if (!pl_paste_take_group (&behind, &group))
    return false;
  *text = rest;
  return true;
}

/* Where a word could begin: "subgroup" holds none, "IOMMU-Gruppe" does. */
static bool
is_word_start (struct pl_span text, gsize at)
{
  return at == 0 || (!g_ascii_isalnum (text.at[at - 1]) && (guchar) text.at[at - 1] < 0x80);
}

static bool
may_start_call (char character)
{
  return strchr ("iIgGsS\xd0", character) != NULL && character != '\0';
}

gssize
pl_paste_find_group (struct pl_span text, gint32 *group, gsize *end)
{
  gssize found = -1;
  for (gsize at = 0; at < text.size; at++) {
    struct pl_span rest = pl_span_skip (text, at);
    gint32 number;
    if (!may_start_call (text.at[at]) || !is_word_start (text, at) || !pl_paste_take_group (&rest, &number))
      continue;
    found = (gssize) at;
    *group = number;
    *end = text.size - rest.size;
    at = *end - 1;
  }
  return found;
}

bool
pl_paste_speaks_of_group (struct pl_span text)
{
  for (gsize at = 0; at < text.size; at++) {
    struct pl_span rest = pl_span_skip (text, at);
    bool has_word;
    if (!may_start_call (text.at[at]) || !is_word_start (text, at))
      continue;
    /* "Csoport IOMMU 3:": in whatever language. */
    if (pl_span_starts_any_case (rest, "iommu"))
      return true;
    if (take_call (&rest, &has_word) && rest.size > 0 && g_ascii_isdigit (rest.at[0]))
      return true;
  }
  return false;
}
