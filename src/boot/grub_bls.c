/* grub_bls.c - see grub_bls.h. */
#include "boot/grub_bls.h"

#include "base/error.h"
#include "base/loader_entry.h"
#include "boot/entry_options.h"
#include "boot/kernel_cmdline.h"
#include "boot/option_line.h"

#include <string.h>

/* Where GRUB's own blscfg looks. Source: Fedora's grub2, blscfg.c; grubby-bls. */
#define FOLDER "boot/loader/entries/"

/* What kernel-install gives to kernels to come; where it is not there, that is what the running kernel has.
 * Source: Fedora's grub2, 20-grub.install, from memory; its patch "BLS: create /etc/kernel/cmdline during
 * mkconfig". */
#define COMMAND_LINE "etc/kernel/cmdline"

#define KERNEL "vmlinuz-"
#define MODULES "lib/modules"

static const char *
name_of (const char *path)
{
  const char *slash = path != NULL ? strrchr (path, '/') : NULL;
  return slash != NULL ? slash + 1 : path;
}

/* Entries of the kernels that this system has modules of: not the rescue one, which dracut's
 * 51-dracut-rescue.install makes, nor those of another system that shares /boot. */
static bool
is_of_kernel (const struct pl_texts *texts, const struct pl_loader_entry *entry)
{
  const char *name = name_of (entry->linux_path);
  return g_str_has_prefix (entry->path, FOLDER) && name != NULL && g_str_has_prefix (name, KERNEL)
         && pl_texts_has_name (texts, MODULES, name + strlen (KERNEL));
}

static bool
has_root (const char *options)
{
  g_autoptr (GPtrArray) words = pl_option_line_words (options);
  for (guint i = 0; i < words->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (words, i), "root="))
      return true;
  return false;
}

static bool
edit_entry (const struct pl_texts *texts, const struct pl_loader_entry *entry, const char *const *parameters,
            struct pl_edits *edits, char **why)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  pl_texts_get (texts, entry->path, &old);
  /* "options $kernelopts" is RHEL 8's, with the words in grubenv; "root=... $tuned_params" is what tuned
   * adds. */
  if (entry->options != NULL && strchr (entry->options, '$') != NULL && !has_root (entry->options)) {
    *why = g_strdup_printf ("/%s takes its options from a variable of GRUB's", entry->path);
    return false;
  }
  g_autoptr (GBytes) new = pl_loader_entry_set (old, parameters, &failure);
  if (new == NULL) {
    *why = g_strdup_printf ("/%s: %s", entry->path, failure->message);
    return false;
  }
  pl_edits_add (edits, entry->path, old, new);
  return true;
}

bool
pl_grub_bls_set (const struct pl_boot_evidence *evidence, const char *const *parameters,
                 struct pl_edits *edits, char **why, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  GBytes *bytes;
  bool is_booted_there = false;
  enum pl_state state = pl_loader_entries_read (evidence->texts, &entries);
  if (state != PL_KNOWN && state != PL_ABSENT) {
    pl_error_set (error, PL_ERROR_UNDECIDED, FOLDER,
                  state == PL_DENIED ? "run it again as root" : "see that the files can be read",
                  "the boot entries in /" FOLDER " could not be read (%s)", pl_state_name (state));
    return false;
  }
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_loader_entry *entry = g_ptr_array_index (entries, i);
    if (!is_of_kernel (evidence->texts, entry))
      continue;
    is_booted_there
        = is_booted_there || g_strcmp0 (name_of (entry->linux_path), name_of (evidence->boot_image)) == 0;
    if (!edit_entry (evidence->texts, entry, parameters, edits, why))
      return false;
  }
  if (!is_booted_there) {
    *why = g_strdup ("no entry in /" FOLDER " is that of the running kernel");
    return false;
  }
  return pl_texts_get (evidence->texts, COMMAND_LINE, &bytes) == PL_ABSENT
         || pl_kernel_cmdline_set (evidence->texts, COMMAND_LINE, parameters, false, edits, why, error);
}
