/* refind.c - see refind.h. The text's editor is refind_text.c. */
#include "boot/refind.h"

#include "base/error.h"
#include "boot/refind_text.h"

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

/* What a plan may have put into the file since the system was started: it is no evidence. Names as the kernel
 * compares them. */
static const char *const ours[] = { "intel_iommu", "amd_iommu", "iommu", "vfio_pci.ids" };

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

/* Words as the kernel parts them, quotes and all, without what is ours. Source: lib/cmdline.c, next_arg(). */
static GPtrArray *
split_words (const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  while (*text != '\0') {
    bool is_in = false, is_ours = false;
    gsize length = 0;
    for (; text[length] != '\0' && (is_in || !g_ascii_isspace (text[length])); length++)
      is_in = is_in != (text[length] == '"');
    g_autofree char *word = g_strndup (text, length), *name = g_strdelimit (g_strdup (word), "-", '_');
    name[strcspn (name, "=")] = '\0';
    for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
      is_ours = is_ours || strcmp (name, ours[i]) == 0;
    if (length > 0 && !is_ours)
      g_ptr_array_add (words, g_steal_pointer (&word));
    text += length > 0 ? length : 1;
  }
  return words;
}

/* Whether the word is what rEFInd makes of this one of the file: %v stands for a version. Of a word that ends
 * in "=" a recording has left out the value (base/redact.h). Source: docs/refind/linux.html; refind/linux.c,
 * GetMainLinuxOptions(). */
static bool
is_made_of (const char *word, const char *pattern)
{
  const char *version = NULL, *rest = NULL; /* behind the last %v, and what it may stand for */
  if (g_str_has_suffix (word, "=") && g_str_has_prefix (pattern, word))
    return true;
  while (*word != '\0') {
    if (g_str_has_prefix (pattern, "%v")) {
      version = pattern += 2;
      rest = ++word;
    } else if (*pattern == *word) {
      pattern++;
      word++;
    } else if (version != NULL) {
      pattern = version;
      word = ++rest;
    } else {
      return false;
    }
  }
  return *pattern == '\0';
}

/* Whether the running command line has the words of these options, and no other: but for the initrd that
 * rEFInd adds where they name none. */
static bool
is_started_with (const char *options, const GPtrArray *running)
{
  g_autoptr (GPtrArray) words = split_words (options);
  g_autofree char *small = g_ascii_strdown (options, -1);
  bool has_initrd = strstr (small, "initrd=") != NULL;
  for (guint i = 0; i < words->len; i++) {
    bool is_there = false;
    for (guint k = 0; k < running->len && !is_there; k++)
      is_there = is_made_of (g_ptr_array_index (running, k), g_ptr_array_index (words, i));
    if (!is_there)
      return false;
  }
  for (guint k = 0; k < running->len; k++) {
    const char *word = g_ptr_array_index (running, k);
    bool is_there = !has_initrd && g_str_has_prefix (word, "initrd=");
    for (guint i = 0; i < words->len && !is_there; i++)
      is_there = is_made_of (word, g_ptr_array_index (words, i));
    if (!is_there)
      return false;
  }
  return words->len > 0;
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
    if (is_started_with (g_ptr_array_index (options, i), running))
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
  bool has_info = evidence->loader_info_state == PL_KNOWN;
  if (has_info && g_str_has_prefix (evidence->loader_info, "rEFInd"))
    return PL_CLAIM_YES;
  if (has_info && !g_str_has_prefix (evidence->loader_info, "Linux EFI stub"))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image != NULL || evidence->initrd == NULL)
    return PL_CLAIM_NO;
  enum pl_claim found = PL_CLAIM_NO;
  g_autoptr (GPtrArray) running = split_words (evidence->command_line);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    if (is_place_possible (places[i].directory, evidence->initrd))
      found = MAX (found, look_into (evidence->texts, places[i].path, running));
  }
  /* Another loader may have named itself where nobody could look. */
  bool may_be_other = !has_info && evidence->loader_info_state != PL_ABSENT;
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
set_parameters (const struct pl_texts *texts, const char *const *parameters, struct pl_edits *edits,
                GError **error)
{
  const char *path = NULL;
  GBytes *old = NULL;
  g_autoptr (GString) found = g_string_new (NULL);
  guint n_found = 0;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    GBytes *bytes;
    enum pl_state state = pl_texts_get (texts, places[i].path, &bytes);
    if (state == PL_ABSENT)
      continue;
    if (state != PL_KNOWN) {
      pl_error_set (error, PL_ERROR_UNDECIDED, places[i].path,
                    state == PL_DENIED ? "run it again as root" : "see that the file can be read",
                    "/%s: it could not be read (%s)", places[i].path, pl_state_name (state));
      return false;
    }
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
