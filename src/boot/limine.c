/* limine.c - see limine.h. The texts' reader is limine_text.c. */
#include "boot/limine.h"

#include "base/error.h"
#include "boot/entry_place.h"
#include "boot/limine_text.h"
#include "boot/managed.h"

#include <string.h>

#define TOOL "etc/limine-entry-tool.conf"
#define TOOL_FOLDER "etc/limine-entry-tool.d"
#define DEFAULTS "etc/default/limine"
#define KERNEL_LINE "etc/kernel/cmdline"

static GPtrArray *
read_new (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, false, error);
}

static GPtrArray *
read_old (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, true, error);
}

/* Where Limine looks on its partition, with that at /boot, /efi or /boot/efi: Limine 8.2.0, CONFIG.md,
 * "Location of the config file". Newer ones look beside their own program first, too, which is EFI/limine or
 * what archinstall made, EFI/arch-limine: from memory, and from scripts that look for it there. */
#define PLACES(X)                                      \
  X ("boot/limine.conf", read_new)                     \
  X ("boot/limine/limine.conf", read_new)              \
  X ("boot/EFI/BOOT/limine.conf", read_new)            \
  X ("boot/EFI/limine/limine.conf", read_new)          \
  X ("boot/EFI/arch-limine/limine.conf", read_new)     \
  X ("efi/limine.conf", read_new)                      \
  X ("efi/limine/limine.conf", read_new)               \
  X ("efi/EFI/BOOT/limine.conf", read_new)             \
  X ("efi/EFI/limine/limine.conf", read_new)           \
  X ("efi/EFI/arch-limine/limine.conf", read_new)      \
  X ("boot/efi/limine.conf", read_new)                 \
  X ("boot/efi/limine/limine.conf", read_new)          \
  X ("boot/efi/EFI/BOOT/limine.conf", read_new)        \
  X ("boot/efi/EFI/limine/limine.conf", read_new)      \
  X ("boot/efi/EFI/arch-limine/limine.conf", read_new) \
  X ("boot/limine.cfg", read_old)                      \
  X ("boot/limine/limine.cfg", read_old)               \
  X ("boot/EFI/BOOT/limine.cfg", read_old)             \
  X ("efi/limine.cfg", read_old)                       \
  X ("efi/EFI/BOOT/limine.cfg", read_old)              \
  X ("boot/efi/limine.cfg", read_old)                  \
  X ("boot/efi/EFI/BOOT/limine.cfg", read_old)

#define PLACE(path, read) { path, read },
#define WANT(path, read) { PL_TEXT_FILE, path, { NULL } },

static const struct pl_entry_place places[] = { PLACES (PLACE) };

/* Limine names itself (common/lib/bli.c: LIMINE_BRAND), which 8.2.0 and those before did not; then it is
 * told by an entry with the very options of the running kernel. It adds no word to them: a kernel that has
 * BOOT_IMAGE= was started by another one, and one that was loaded with its initrd by an EFI stub has initrd=,
 * which an entry of that time did not need, and a unified kernel image has its options inside. Source:
 * common/protos/linux.c. A loader that Limine started may
 * leave that name in its place, so with BOOT_IMAGE= the name alone says nothing. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  bool has_info = evidence->loader_info.state == PL_KNOWN;
  bool is_named = has_info && g_str_has_prefix (evidence->loader_info.text, "Limine");
  if (pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  if (is_named && evidence->command_line_state == PL_KNOWN && evidence->boot_image != NULL)
    return pl_entry_places_claim (places, G_N_ELEMENTS (places), evidence, NULL) == PL_CLAIM_YES
               ? PL_CLAIM_YES
               : PL_CLAIM_UNKNOWN;
  if (is_named)
    return PL_CLAIM_YES;
  if (has_info && !g_str_has_prefix (evidence->loader_info.text, "Linux EFI stub"))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image != NULL || evidence->initrd != NULL || evidence->stub_info.state == PL_KNOWN)
    return PL_CLAIM_NO;
  enum pl_claim found = pl_entry_places_claim (places, G_N_ELEMENTS (places), evidence, NULL);
  /* Another loader may have named itself where nobody could look. */
  bool may_be_other = !has_info && evidence->loader_info.state != PL_ABSENT;
  return found == PL_CLAIM_YES && may_be_other ? PL_CLAIM_UNKNOWN : found;
}

static const char *const programs[] = { "limine-update", "limine-mkinitcpio", "limine-entry-tool", NULL };

/* Whether limine-entry-tool writes the entries; its hooks for mkinitcpio and dracut come with it. Source:
 * its PKGBUILDs of Arch and CachyOS. */
static bool
find_tool (const struct pl_texts *texts, bool *has, GError **error)
{
  static const char *const folders[] = { "usr/bin", "usr/sbin" };
  GBytes *bytes;
  enum pl_state state = pl_texts_get (texts, TOOL, &bytes);
  *has = state == PL_KNOWN;
  for (guint i = 0; programs[i] != NULL && !*has; i++) {
    g_autofree char *program = pl_texts_program (texts, programs[i]);
    *has = program != NULL;
  }
  if (*has)
    return true;
  const char *path = TOOL;
  for (guint i = 0; i < G_N_ELEMENTS (folders) && (state == PL_KNOWN || state == PL_ABSENT); i++) {
    const GPtrArray *names;
    path = folders[i];
    state = pl_texts_names (texts, path, &names);
  }
  if (state != PL_KNOWN && state != PL_ABSENT)
    pl_texts_fail (path, state, error);
  return state == PL_KNOWN || state == PL_ABSENT;
}

/* Adds what stands in the brackets of KERNEL_CMDLINE[...], once; "fallback" is a way back. */
static void
collect_keys (GBytes *bytes, GPtrArray *keys)
{
  static const char name[] = "KERNEL_CMDLINE[";
  gsize size;
  const char *start = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_strndup (start != NULL ? start : "", size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = lines[i] + strspn (lines[i], " \t");
    const char *close = g_str_has_prefix (line, name) ? strchr (line, ']') : NULL;
    if (close == NULL)
      continue;
    const char *key = line + strlen (name);
    g_autofree char *word = g_strndup (key, (gsize) (close - key));
    g_strstrip (g_strdelimit (word, "\"'", ' '));
    bool has = strcmp (word, "fallback") == 0;
    for (guint k = 0; k < keys->len; k++)
      has = has || strcmp (g_ptr_array_index (keys, k), word) == 0;
    if (!has)
      g_ptr_array_add (keys, g_steal_pointer (&word));
  }
}

/* The keys of all files that the tool reads; false with an error where one is not known. Source: notes about
 * limine-entry-tool 1.37, /usr/lib/limine/limine-common-functions, load_config(): etc/default/limine comes
 * last. */
static bool
read_keys (const struct pl_texts *texts, GPtrArray *keys, GError **error)
{
  const GPtrArray *names;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  enum pl_state state = pl_texts_names (texts, TOOL_FOLDER, &names);
  if (state != PL_KNOWN && state != PL_ABSENT) {
    pl_texts_fail (TOOL_FOLDER, state, error);
    return false;
  }
  g_ptr_array_add (paths, g_strdup (TOOL));
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (paths, g_strconcat (TOOL_FOLDER "/", (const char *) g_ptr_array_index (names, i), NULL));
  g_ptr_array_add (paths, g_strdup (DEFAULTS));
  for (guint i = 0; i < paths->len; i++) {
    GBytes *bytes;
    const char *path = g_ptr_array_index (paths, i);
    state = pl_texts_get (texts, path, &bytes);
    if (state == PL_KNOWN)
      collect_keys (bytes, keys);
    else if (state != PL_ABSENT) {
      pl_texts_fail (path, state, error);
      return false;
    }
  }
  return true;
}

/* What limine-update writes are kernels, images and unified kernel images, whose names nobody knows
 * beforehand, so a person runs it. Without any KERNEL_CMDLINE the tool takes /etc/kernel/cmdline, else what
 * the system runs with; one that only adds a word would take all others away. Source: as read_keys(); and
 * basecamp/omarchy, the tests of its upgrade. */
static bool
leave_to_tool (const struct pl_boot_evidence *evidence, const char *words, struct pl_edits *edits,
               GError **error)
{
  GBytes *bytes;
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  if (!read_keys (evidence->texts, keys, error))
    return false;
  g_autofree char *update = pl_texts_program (evidence->texts, "limine-update");
  g_autofree char *hook = pl_texts_program (evidence->texts, "limine-mkinitcpio");
  const char *program = update == NULL && hook != NULL ? "limine-mkinitcpio" : "limine-update";
  g_autoptr (GString) text = g_string_new ("limine-entry-tool writes the entries of limine.conf. ");
  bool has_line = pl_texts_get (evidence->texts, KERNEL_LINE, &bytes) == PL_KNOWN;
  if (keys->len == 0 && has_line)
    g_string_append_printf (text, "Add to the line of /" KERNEL_LINE ": %s", words);
  else if (keys->len == 0)
    g_string_append_printf (text,
                            "Write into /" DEFAULTS ", with all that /proc/cmdline has now in the place of "
                            "the dots:\nKERNEL_CMDLINE[default]=\"... %s\"",
                            words);
  else
    g_string_append (text, "Add at the end of /" DEFAULTS ":");
  for (guint i = 0; i < keys->len; i++)
    g_string_append_printf (text, "\nKERNEL_CMDLINE[%s]+=\" %s\"", (const char *) g_ptr_array_index (keys, i),
                            words);
  g_string_append_printf (text, "\nThen run: sudo %s", program);
  edits->by_hand = g_string_free (g_steal_pointer (&text), FALSE);
  return true;
}

/* An enrolled checksum stands in Limine's own program, where nobody looks here: it stops where the file has
 * another one. Under Secure Boot there most often is one, and later versions want it. Source: Limine 8.2.0,
 * common/lib/config.c, init_config(); its later versions: from what was written of them. */
static bool
may_be_enrolled (const struct pl_boot_evidence *evidence)
{
  const struct pl_boot_variable *secure_boot = &evidence->secure_boot;
  return secure_boot->state != PL_ABSENT
         && (secure_boot->state != PL_KNOWN || strcmp (secure_boot->text, "off") != 0);
}

static bool
edit_entry (const struct pl_entry_found *found, GBytes *new, struct pl_edits *edits)
{
  pl_edits_add (edits, found->path, found->text, new);
  edits->by_hand = g_strdup_printf (
      "If you enrolled a checksum of /%s into Limine (limine enroll-config), enroll the new one before you "
      "start the system again: with the old one Limine stops",
      found->path);
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  bool has_tool, is_done = false;
  struct pl_entry_found found;
  g_autoptr (GError) failure = NULL;
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  if (!find_tool (evidence->texts, &has_tool, error)
      || !pl_entry_places_find (places, G_N_ELEMENTS (places), evidence, NULL, &found, error))
    return false;
  /* Which options count is for its stub to say: under Secure Boot those inside. Source: systemd-stub(7). */
  bool is_unified = evidence->stub_info.state == PL_KNOWN;
  g_autoptr (GBytes) new
      = found.entry != NULL ? pl_entry_line_set (found.text, found.entry, parameters, &failure) : NULL;
  if (new != NULL &&new == found.text)
    is_done = true;
  else if (has_tool || (found.entry != NULL && found.entry->is_generated))
    is_done = leave_to_tool (evidence, words, edits, error);
  else if (new != NULL && !is_unified && !may_be_enrolled (evidence))
    is_done = edit_entry (&found, new, edits);
  else {
    g_autofree char *why
        = new != NULL && !is_unified ? g_strdup_printf (
              "Secure Boot is on, or may be, and then a checksum of /%s is enrolled in Limine: "
              "after the change it must be enrolled anew (limine enroll-config) and Limine "
              "signed, or it stops",
              found.path)
          : new != NULL     ? g_strdup ("The kernel came out of a unified kernel image, which may have the "
                                            "options inside")
          : failure != NULL ? g_strdup_printf ("/%s is left as it is (%s)", found.path, failure->message)
                            : g_strdup (found.why);
    edits->by_hand = g_strdup_printf (
        "%s. Add to the command line (cmdline:) of the entry that you start, in limine.conf: %s", why, words);
    is_done = true;
  }
  pl_entry_found_clear (&found);
  return is_done;
}

static const struct pl_text_want wants[] = {
  PLACES (WANT){ PL_TEXT_FILE, TOOL, { NULL } },
  { PL_TEXT_FOLDER, TOOL_FOLDER, { ".conf", NULL } },
  { PL_TEXT_FILE, DEFAULTS, { NULL } },
  { PL_TEXT_FILE, KERNEL_LINE, { NULL } },
};

const struct pl_boot_loader pl_boot_limine = {
  .name = "limine",
  .title = "Limine",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
