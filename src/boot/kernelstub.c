/* kernelstub.c - see kernelstub.h. The text's editor is kernelstub_text.c.
 *
 * kernelstub writes its whole configuration anew, copies kernels and may change the firmware's boot entries.
 * What it would do for a parameter is two lines: one of its configuration, and the options of the entry that
 * it made of it. So these are edited, and it makes the same of them with the next kernel. Its entry of the
 * kernel before (Pop_OS-oldkern.conf) stays: a way back in the menu.
 *
 * Source: kernelstub 3.1.4, kernelstub/application.py, main(); installer.py, setup_kernel() and
 * make_loader_entry().
 */
#include "boot/kernelstub.h"

#include "base/error.h"
#include "boot/entry_options.h"
#include "boot/entry_place.h"
#include "boot/kernelstub_text.h"
#include "boot/managed.h"

#include <string.h>

#define CONFIGURATION "etc/kernelstub/configuration"
#define ENTRY "Pop_OS-current.conf"

/* By user.esp_path. */
static const struct {
  const char *esp, *path;
} entries[] = {
  { "/boot/efi", "boot/efi/loader/entries/" ENTRY },
  { "/boot", "boot/loader/entries/" ENTRY },
  { "/efi", "efi/loader/entries/" ENTRY },
};

/* systemd-boot started the system, and kernelstub is what writes its entries here. systemd-boot adds no
 * BOOT_IMAGE=, and its entries name an initrd. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  GBytes *bytes;
  enum pl_state info = evidence->loader_info.state;
  if (pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  if (info == PL_ABSENT
      || (info == PL_KNOWN && !g_str_has_prefix (evidence->loader_info.text, "systemd-boot")))
    return PL_CLAIM_NO;
  if (evidence->command_line_state == PL_KNOWN && evidence->boot_image != NULL && info != PL_KNOWN)
    return PL_CLAIM_NO;
  enum pl_state state = pl_texts_get (evidence->texts, CONFIGURATION, &bytes);
  if (state == PL_ABSENT)
    return PL_CLAIM_NO;
  return state == PL_KNOWN && info == PL_KNOWN ? PL_CLAIM_YES : PL_CLAIM_UNKNOWN;
}

/* By hand: kernelstub's own command. A parameter that has another value there must go. Source:
 * kernelstub(1)'s options in bin/kernelstub: -a, --add-options. */
static bool
leave_to_person (struct pl_edits *edits, const char *why, const char *const *parameters)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand = g_strdup_printf ("%s. Run: sudo kernelstub -a \"%s\"", why, words);
  return true;
}

/* The entry that is made of the configuration; NULL with the reason in @why. */
static const char *
find_entry (const struct pl_boot_evidence *evidence, const struct pl_kernelstub_settings *settings,
            const char **why)
{
  static const char *const own[] = { ENTRY, "Pop_OS-oldkern.conf" };
  bool is_own = evidence->entry.state != PL_KNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (own) && !is_own; i++)
    is_own = g_ascii_strcasecmp (evidence->entry.text, own[i]) == 0;
  *why = !settings->setup_loader ? "/" CONFIGURATION " says that kernelstub writes no entry (setup_loader)"
         : !is_own               ? "The entry that was started is none of kernelstub's"
                                 : "The EFI system partition of /" CONFIGURATION " is not where it is usual";
  for (guint i = 0; i < G_N_ELEMENTS (entries) && is_own && settings->setup_loader; i++)
    if (strcmp (settings->esp_path, entries[i].esp) == 0)
      return entries[i].path;
  return NULL;
}

/* The second of the two files. */
static bool
set_entry (const struct pl_texts *texts, const char *path, const char *const *parameters,
           struct pl_edits *edits, GError **error)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  enum pl_state state = pl_texts_get (texts, path, &old);
  if (state != PL_KNOWN && state != PL_ABSENT) {
    pl_texts_fail (path, state, error);
    return false;
  }
  g_autoptr (GBytes) new = state == PL_KNOWN ? pl_loader_entry_set (old, parameters, &failure) : NULL;
  g_autofree char *why = state == PL_ABSENT ? g_strdup_printf ("/%s is not there", path)
                         : new == NULL ? g_strdup_printf ("/%s is left as it is (%s)", path, failure->message)
                                       : NULL;
  if (new == NULL)
    return leave_to_person (edits, why, parameters);
  pl_edits_add (edits, path, old, new);
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  GBytes *old;
  const char *reason = NULL, *path = NULL;
  struct pl_kernelstub_settings settings;
  g_autoptr (GError) failure = NULL;
  enum pl_state state = pl_texts_get (evidence->texts, CONFIGURATION, &old);
  if (state != PL_KNOWN) {
    pl_texts_fail (CONFIGURATION, state, error);
    return false;
  }
  g_autoptr (GBytes) new = pl_kernelstub_text_set (old, parameters, &failure);
  if (new == NULL) {
    g_autofree char *why = g_strdup_printf ("/" CONFIGURATION " is left as it is (%s)", failure->message);
    return leave_to_person (edits, why, parameters);
  }
  if (pl_kernelstub_text_read (old, &settings, NULL))
    path = find_entry (evidence, &settings, &reason);
  pl_kernelstub_settings_clear (&settings);
  if (path == NULL)
    return leave_to_person (edits, reason, parameters);
  pl_edits_add (edits, CONFIGURATION, old, new);
  return set_entry (evidence->texts, path, parameters, edits, error);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
  { PL_TEXT_FILE, "boot/efi/loader/entries/" ENTRY, { NULL } },
  { PL_TEXT_FILE, "boot/loader/entries/" ENTRY, { NULL } },
  { PL_TEXT_FILE, "efi/loader/entries/" ENTRY, { NULL } },
};
static const char *const programs[] = { NULL };

const struct pl_boot_loader pl_boot_kernelstub = {
  .name = "kernelstub",
  .title = "kernelstub",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
