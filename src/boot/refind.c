/* refind.c - see refind.h. The text's editor is refind_text.c. */
#include "boot/refind.h"

#include "base/error.h"
#include "boot/managed.h"
#include "boot/refind_text.h"
#include "boot/running.h"

#include <string.h>

/* Where a refind_linux.conf counts: in the directory of the kernel, as Linux sees it. With the EFI system
 * partition at /boot, or with the kernel's directory of it bound to /boot, that is /boot, too. @directory:
 * the same directory as a firmware sees it, where the kernel must lie there; a kernel and its initrd lie in
 * one, unless somebody wrote it otherwise. Source: rEFInd 0.14.2, refind/config.c, ReadLinuxOptionsFile();
 * refind/linux.c, FindInitrd(); that a bind mount is usual is from memory. */
static const struct {
  const char *path, *directory;
} places[] = {
  { "boot/refind_linux.conf", NULL },
  { "boot/efi/EFI/arch/refind_linux.conf", "\\EFI\\arch" },
  { "boot/efi/EFI/ArchLinux/refind_linux.conf", "\\EFI\\ArchLinux" },
  { "efi/EFI/arch/refind_linux.conf", "\\EFI\\arch" },
  { "efi/EFI/ArchLinux/refind_linux.conf", "\\EFI\\ArchLinux" },
};

/* rEFInd's own, in the directory of its program. Source: refind-install. */
static const char *const stanzas[]
    = { "boot/efi/EFI/refind/refind.conf", "boot/EFI/refind/refind.conf", "efi/EFI/refind/refind.conf" };

/* Whether the place's directory is that of the initrd, or may be. Source: FAT knows no case; a stub takes
 * slashes, too: from memory (libstub/file.c). */
static bool
is_place_possible (const char *directory, const char *initrd)
{
  if (directory == NULL)
    return true;
  g_autofree char *path = g_strdelimit (g_strdup (initrd), "/", '\\');
  char *last = strrchr (path, '\\');
  if (last != NULL)
    *last = '\0';
  return g_ascii_strcasecmp (path, directory) == 0;
}

/* Whether an entry of the file started the system; unknown where the file is not known or not understood. */
static enum pl_claim
look_into (const struct pl_texts *texts, const char *path, const GPtrArray *running)
{
  GBytes *bytes;
  enum pl_state state = pl_texts_get (texts, path, &bytes);
  if (state != PL_KNOWN)
    return state == PL_ABSENT ? PL_CLAIM_NO : PL_CLAIM_UNKNOWN;
  g_autoptr (GPtrArray) options = pl_refind_text_options (bytes, NULL);
  if (options == NULL)
    return PL_CLAIM_UNKNOWN;
  for (guint i = 0; i < options->len; i++)
    if (pl_running_has (running, g_ptr_array_index (options, i)))
      return PL_CLAIM_YES;
  return PL_CLAIM_NO;
}

/* rEFInd up to 0.14.2 leaves no name: it writes LoaderDevicePartUUID at most (write_systemd_vars), and the
 * LoaderInfo that is there then is that of the kernel's own stub. So it is told by a kernel that was started
 * as EFI stubs are (initrd=, and no BOOT_IMAGE=) with the very options of a refind_linux.conf.
 * Source: rEFInd, refind/launch_efi.c, StartEFIImage(); Linux, drivers/firmware/efi/libstub/bli.c. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  bool has_info = evidence->loader_info.state == PL_KNOWN;
  if (pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  if (has_info && g_str_has_prefix (evidence->loader_info.text, "rEFInd"))
    return PL_CLAIM_YES;
  if (has_info && !g_str_has_prefix (evidence->loader_info.text, "Linux EFI stub"))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image != NULL || evidence->initrd == NULL)
    return PL_CLAIM_NO;
  enum pl_claim found = PL_CLAIM_NO;
  g_autoptr (GPtrArray) running = pl_running_words (evidence->command_line);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    if (is_place_possible (places[i].directory, evidence->initrd))
      found = MAX (found, look_into (evidence->texts, places[i].path, running));
  }
  /* Another loader may have named itself where nobody could look. */
  bool may_be_other = !has_info && evidence->loader_info.state != PL_ABSENT;
  return found == PL_CLAIM_YES && may_be_other ? PL_CLAIM_UNKNOWN : found;
}

/* What must be written into a stanza of refind.conf, for an entry that is one; "" where there is none. */
static char *
stanza_by_hand (const struct pl_texts *texts, const char *const *parameters)
{
  for (guint i = 0; i < G_N_ELEMENTS (stanzas); i++) {
    GBytes *bytes;
    guint line;
    if (pl_texts_get (texts, stanzas[i], &bytes) != PL_KNOWN)
      continue;
    g_autofree char *written = pl_refind_text_stanza (bytes, parameters, &line);
    if (written != NULL)
      return g_strdup_printf ("If you start the entry that /%s describes, write as its line %u:\n%s",
                              stanzas[i], line, written);
  }
  return g_strdup ("");
}

/* By hand: what to add, and where. */
static bool
leave_to_person (struct pl_edits *edits, const char *why, const char *const *parameters, const char *stanza)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  edits->by_hand = g_strdup_printf ("%s. Add to the options of its first entry: %s%s%s", why, words,
                                    stanza[0] != '\0' ? "\n" : "", stanza);
  return true;
}

/* Of several only one lies beside the kernel, and these texts do not tell which. */
static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  const struct pl_texts *texts = evidence->texts;
  const char *path = NULL;
  GBytes *old = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  guint n_found = 0;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    GBytes *bytes;
    enum pl_state state = pl_texts_get (texts, places[i].path, &bytes);
    if (state == PL_ABSENT)
      continue;
    if (state != PL_KNOWN)
      return pl_texts_fail (places[i].path, state, error);
    g_string_append_printf (found, "%s/%s", n_found > 0 ? ", " : "", places[i].path);
    path = places[i].path;
    old = bytes;
    n_found++;
  }
  g_autofree char *stanza = stanza_by_hand (texts, parameters);
  if (n_found == 0)
    return leave_to_person (edits, "No refind_linux.conf was found: it lies beside the kernel", parameters,
                            stanza);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) new = n_found == 1 ? pl_refind_text_set (old, parameters, &failure) : NULL;
  g_autofree char *why
      = n_found > 1 ? g_strdup_printf (
            "%s: rEFInd reads the one beside the kernel, and which it is is not known", found->str)
        : new == NULL ? g_strdup_printf ("/%s is left as it is (%s)", path, failure->message)
                      : NULL;
  if (why != NULL)
    return leave_to_person (edits, why, parameters, stanza);
  pl_edits_add (edits, path, old, new);
  if (stanza[0] != '\0')
    edits->by_hand = g_steal_pointer (&stanza);
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, "boot/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/efi/EFI/arch/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/efi/EFI/ArchLinux/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "efi/EFI/arch/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "efi/EFI/ArchLinux/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/efi/EFI/refind/refind.conf", { NULL } },
  { PL_TEXT_FILE, "boot/EFI/refind/refind.conf", { NULL } },
  { PL_TEXT_FILE, "efi/EFI/refind/refind.conf", { NULL } },
};
static const char *const programs[] = { NULL };

const struct pl_boot_loader pl_boot_refind = {
  .name = "refind",
  .title = "rEFInd",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
