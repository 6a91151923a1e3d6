/* systemd_boot.c - see systemd_boot.h. The entries' reader and editor is loader_entry.c.
 *
 * The entry that started this system is changed and, where kernel-install made it, those of the other kernels
 * that it made; any other stays as it is: a way back in the menu.
 */
#include "boot/systemd_boot.h"

#include "base/error.h"
#include "base/loader_entry.h"
#include "boot/entry_options.h"
#include "boot/kernel_cmdline.h"
#include "boot/managed.h"
#include "boot/option_line.h"
#include "boot/running.h"

#include <string.h>

/* What kernel-install gives to kernels to come; without both it is the running kernel's command line. Source:
 * systemd, 90-loaderentry.install. */
#define COMMAND_LINE "etc/kernel/cmdline"
#define VENDOR_COMMAND_LINE "usr/lib/kernel/cmdline"

/* Pop!_OS: kernelstub writes the entries (boot/kernelstub.c). */
#define KERNELSTUB "etc/kernelstub/configuration"

/* It names itself. Where something above it makes what it starts, or may, that claims the system. Source:
 * systemd, src/boot/efi/boot.c, export_variables(); the Boot Loader Interface. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  GBytes *bytes;
  if (evidence->loader_info.state == PL_ABSENT || evidence->boot_image != NULL
      || (evidence->loader_info.state == PL_KNOWN && !pl_boot_is_named (evidence, "systemd-boot")))
    return PL_CLAIM_NO;
  if (evidence->loader_info.state != PL_KNOWN) {
    g_autoptr (GPtrArray) entries = NULL;
    enum pl_state state = pl_loader_entries_read (evidence->texts, &entries);
    return state == PL_ABSENT || (state == PL_KNOWN && entries->len == 0) ? PL_CLAIM_NO : PL_CLAIM_UNKNOWN;
  }
  enum pl_state state = pl_texts_get (evidence->texts, KERNELSTUB, &bytes);
  if (state == PL_KNOWN || pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  return state == PL_ABSENT && evidence->stub_info.state == PL_ABSENT ? PL_CLAIM_YES : PL_CLAIM_UNKNOWN;
}

/* By hand: what to add, and where. */
static bool
leave_to_person (struct pl_edits *edits, const char *const *parameters, const char *what)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand
      = g_strdup_printf ("%s. Add to the line \"options\" of the entry that you start: %s\nand, where "
                         "/" COMMAND_LINE " is there, to that, for kernels to come",
                         what, words);
  return true;
}

static bool
edit_entry (const struct pl_texts *texts, const struct pl_loader_entry *entry, const char *const *parameters,
            struct pl_edits *edits, char **why)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  pl_texts_get (texts, entry->path, &old);
  g_autoptr (GBytes) new = pl_loader_entry_set (old, parameters, &failure);
  if (new == NULL) {
    *why = g_strdup_printf ("/%s is left as it is (%s)", entry->path, failure->message);
    return false;
  }
  pl_edits_add (edits, entry->path, old, new);
  return true;
}

/* The one that started the system, and of its kernel-install all others. */
static bool
edit_entries (const struct pl_texts *texts, const GPtrArray *entries, const struct pl_loader_entry *booted,
              const char *const *parameters, struct pl_edits *edits, char **why)
{
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_loader_entry *entry = g_ptr_array_index (entries, i);
    bool is_kin = booted->token != NULL && entry->token != NULL && strcmp (entry->token, booted->token) == 0
                  && strcmp (entry->root, booted->root) == 0;
    if ((entry == booted || is_kin) && !edit_entry (texts, entry, parameters, edits, why))
      return false;
  }
  return true;
}

/* Whether the entry that started the system has these words and no other, but for the one that kernel-install
 * adds by itself; what a plan puts there is no difference. Source: 90-loaderentry.install. */
static bool
is_of_entry (GBytes *text, const struct pl_loader_entry *booted)
{
  g_autofree char *options = pl_kernel_cmdline_options (text, false);
  g_autoptr (GPtrArray) words = booted->options != NULL ? pl_running_words (booted->options) : NULL;
  if (options == NULL || words == NULL)
    return false;
  for (guint i = 0; i < words->len;) {
    if (g_str_has_prefix (g_ptr_array_index (words, i), "systemd.machine_id=")
        && strstr (options, "systemd.machine_id=") == NULL)
      g_ptr_array_remove_index (words, i);
    else
      i++;
  }
  return pl_running_has (words, options);
}

/* kernel-install writes an entry anew whenever its kernel gets an image: from /etc/kernel/cmdline, else from
 * the command line of the running kernel, which may be one that has not got the parameters yet. So the file
 * is made, with what the entry has. */
static bool
edit_command_line (const struct pl_texts *texts, const struct pl_loader_entry *booted,
                   const char *const *parameters, struct pl_edits *edits, char **why, GError **error)
{
  GBytes *old;
  enum pl_state state = pl_texts_get (texts, COMMAND_LINE, &old);
  if (booted->token == NULL)
    return true;
  if (state == PL_KNOWN && !is_of_entry (old, booted)) {
    *why = g_strdup ("/" COMMAND_LINE
                     " has other words than the entry that started this system, and kernels to "
                     "come would be started with those");
    return false;
  }
  if (state != PL_ABSENT)
    return pl_kernel_cmdline_set (texts, COMMAND_LINE, parameters, false, edits, why, error);
  if (edits->files->len == 0)
    return true;
  state = pl_texts_get (texts, VENDOR_COMMAND_LINE, &old);
  if (state != PL_ABSENT) {
    *why = g_strdup ("/" VENDOR_COMMAND_LINE " says what kernels to come are started with");
    return false;
  }
  const struct pl_edit *edit = NULL;
  for (guint i = 0; i < edits->files->len; i++) {
    const struct pl_edit *one = g_ptr_array_index (edits->files, i);
    edit = strcmp (one->path, booted->path) == 0 ? one : edit;
  }
  if (edit == NULL || booted->options == NULL)
    return true;
  gsize length = strlen (booted->options);
  g_autofree char *set = pl_option_line_set (booted->options, length, parameters, NULL);
  g_autofree char *line = g_strconcat (set, "\n", NULL);
  g_autoptr (GBytes) new = g_bytes_new (line, strlen (line));
  pl_edits_add (edits, COMMAND_LINE, NULL, new);
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *why = NULL;
  enum pl_state state = pl_loader_entries_read (evidence->texts, &entries);
  if (state != PL_KNOWN && state != PL_ABSENT) {
    pl_error_set (error, PL_ERROR_UNDECIDED, "boot/loader/entries",
                  state == PL_DENIED ? "run it again as root" : "see that the files can be read",
                  "the boot entries in loader/entries could not be read (%s)", pl_state_name (state));
    return false;
  }
  if (evidence->entry.state != PL_KNOWN)
    return leave_to_person (edits, parameters, "which entry started this system could not be told");
  const struct pl_loader_entry *booted = pl_loader_entry_find (entries, evidence->entry.text);
  if (booted == NULL) {
    why = g_strdup_printf (
        "the entry that started this system, %s, was not found as one file below /efi, /boot "
        "or /boot/efi",
        evidence->entry.text);
    return leave_to_person (edits, parameters, why);
  }
  if (edit_entries (evidence->texts, entries, booted, parameters, edits, &why)
      && edit_command_line (evidence->texts, booted, parameters, edits, &why, &failure))
    return true;
  if (failure == NULL)
    return leave_to_person (edits, parameters, why);
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

static const struct pl_text_want wants[] = {
  PL_LOADER_ENTRY_WANTS,
  { PL_TEXT_FILE, COMMAND_LINE, { NULL } },
  { PL_TEXT_FILE, VENDOR_COMMAND_LINE, { NULL } },
  { PL_TEXT_FILE, KERNELSTUB, { NULL } },
};
static const char *const programs[] = { NULL };

const struct pl_boot_loader pl_boot_systemd_boot = {
  .name = "systemd-boot",
  .title = "systemd-boot",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
