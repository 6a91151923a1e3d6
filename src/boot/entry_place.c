/* entry_place.c - see entry_place.h. */
#include "boot/entry_place.h"

#include "base/error.h"
#include "boot/running.h"

#include <string.h>

static enum pl_claim
look_into (const struct pl_entry_place *place, const struct pl_texts *texts, const GPtrArray *running,
           const char *kernel)
{
  GBytes *bytes;
  enum pl_state state = pl_texts_get (texts, place->path, &bytes);
  if (state != PL_KNOWN)
    return state == PL_ABSENT ? PL_CLAIM_NO : PL_CLAIM_UNKNOWN;
  g_autoptr (GPtrArray) entries = place->read (bytes, NULL);
  guint n_found, n_opaque;
  if (entries == NULL)
    return PL_CLAIM_UNKNOWN;
  pl_entry_lines_find (entries, running, kernel, &n_found, &n_opaque);
  return n_found > 0 ? PL_CLAIM_YES : n_opaque > 0 ? PL_CLAIM_UNKNOWN : PL_CLAIM_NO;
}

enum pl_claim
pl_entry_places_claim (const struct pl_entry_place *places, guint n, const struct pl_boot_evidence *evidence,
                       const char *kernel)
{
  enum pl_claim found = PL_CLAIM_NO;
  g_autoptr (GPtrArray) running = pl_running_words (evidence->command_line);
  for (guint i = 0; i < n; i++)
    found = MAX (found, look_into (&places[i], evidence->texts, running, kernel));
  return found;
}

void
pl_entry_found_clear (struct pl_entry_found *found)
{
  g_clear_pointer (&found->why, g_free);
  g_clear_pointer (&found->entries, g_ptr_array_unref);
}

static void
note (struct pl_entry_found *found, char *why)
{
  if (found->why == NULL)
    found->why = why;
  else
    g_free (why);
}

/* What one file has to say. */
static void
look_for_entry (const struct pl_entry_place *place, GBytes *bytes, const GPtrArray *running,
                const char *kernel, struct pl_entry_found *found)
{
  g_autoptr (GError) failure = NULL;
  GPtrArray *entries = place->read (bytes, &failure);
  guint n_found, n_opaque;
  if (found->path == NULL)
    found->path = place->path;
  if (entries == NULL) {
    note (found, g_strdup_printf ("/%s is left as it is (%s)", place->path, failure->message));
    return;
  }
  const struct pl_entry_line *entry = pl_entry_lines_find (entries, running, kernel, &n_found, &n_opaque);
  if (n_found > 0 && found->entry != NULL)
    note (found, g_strdup_printf ("/%s and /%s both have an entry with the running command line", found->path,
                                  place->path));
  else if (n_found > 1 && entry == NULL)
    note (found, g_strdup_printf ("/%s has %u entries with the running command line", place->path, n_found));
  if (entry == NULL || found->entry != NULL) {
    g_ptr_array_unref (entries);
    return;
  }
  found->path = place->path;
  found->text = bytes;
  found->entry = entry;
  found->entries = entries;
}

/* Whether a place in front of this one is the same file: FAT knows no case, so with the EFI system partition
 * at /boot its EFI/limine is there as efi/limine, too. */
static bool
is_seen (const struct pl_entry_place *places, guint at, const struct pl_texts *texts, GBytes *bytes)
{
  for (guint i = 0; i < at; i++) {
    GBytes *other;
    if (g_ascii_strcasecmp (places[i].path, places[at].path) == 0
        && pl_texts_get (texts, places[i].path, &other) == PL_KNOWN && g_bytes_equal (other, bytes))
      return true;
  }
  return false;
}

bool
pl_entry_places_find (const struct pl_entry_place *places, guint n, const struct pl_boot_evidence *evidence,
                      const char *kernel, struct pl_entry_found *found, GError **error)
{
  *found = (struct pl_entry_found){ 0 };
  bool is_known = evidence->command_line_state == PL_KNOWN;
  g_autoptr (GPtrArray) running = pl_running_words (is_known ? evidence->command_line : "");
  for (guint i = 0; i < n; i++) {
    GBytes *bytes;
    enum pl_state state = pl_texts_get (evidence->texts, places[i].path, &bytes);
    if (state == PL_ABSENT)
      continue;
    if (state != PL_KNOWN) {
      pl_texts_fail (places[i].path, state, error);
      pl_entry_found_clear (found);
      return false;
    }
    if (!is_seen (places, i, evidence->texts, bytes))
      look_for_entry (&places[i], bytes, running, kernel, found);
  }
  if (found->entry == NULL)
    note (found, found->path != NULL
                     ? g_strdup_printf ("/%s has no entry with the running command line", found->path)
                     : g_strdup ("its file was not found"));
  else if (found->why != NULL)
    found->entry = NULL;
  return true;
}
