/* dracut_images.c - see dracut_images.h.
 *
 * An image is known by its kernel's release in its name, in /boot, or by a boot entry of kernel-install. The
 * rescue image is left as it is: a way back. kernel-install is not run: it would write the boot entry, too.
 * Nor is --regenerate-all: it may write elsewhere, into a folder that kernel-install left, say.
 */
#include "initramfs/dracut_images.h"

#include "base/loader_entry.h"

#include <string.h>

/* Names in /boot. Source: dracut.sh: initramfs-RELEASE.img; Debian's /etc/kernel/postinst.d/dracut; SUSE's
 * regenerate-initrd-posttrans (initrd-RELEASE). */
static const struct {
  const char *begin, *end;
} forms[] = { { "initramfs-", ".img" }, { "initrd.img-", "" }, { "initrd-", "" } };

static const char *const unified[] = { "efi/EFI/Linux", "boot/EFI/Linux", "boot/efi/EFI/Linux" };

/* The image of the release in /boot, the first of @n; NULL: it has none. Free with g_free(). */
static char *
find_in_boot (const struct pl_texts *texts, const char *release, guint *n)
{
  char *found = NULL;
  *n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    g_autofree char *name = g_strconcat (forms[i].begin, release, forms[i].end, NULL);
    if (pl_texts_has_name (texts, "boot", name) && ++*n == 1)
      found = g_strconcat ("boot/", name, NULL);
  }
  return found;
}

/* Whether kernel-install has put one of this release on the partition of the loader. */
static bool
is_in_entries (const GPtrArray *entries, const char *release)
{
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_loader_entry *entry = g_ptr_array_index (entries, i);
    if (entry->release != NULL && strcmp (entry->release, release) == 0 && entry->initrds->len > 0)
      return true;
  }
  return false;
}

GPtrArray *
pl_dracut_releases (const struct pl_texts *texts)
{
  g_autoptr (GPtrArray) entries = NULL;
  const GPtrArray *names;
  GPtrArray *releases = g_ptr_array_new_with_free_func (g_free);
  pl_loader_entries_read (texts, &entries);
  pl_texts_names (texts, "lib/modules", &names);
  for (guint i = 0; i < names->len; i++) {
    const char *release = g_ptr_array_index (names, i);
    guint n;
    g_autofree char *image = find_in_boot (texts, release, &n);
    if (image != NULL || is_in_entries (entries, release))
      g_ptr_array_add (releases, g_strdup (release));
  }
  return releases;
}

static void
add_program (struct pl_edits *edits, const char *const *argv, const char *image)
{
  pl_program_add_write (pl_edits_add_program (edits, argv), image);
}

/* Source: dracut(8): dracut --force IMAGE RELEASE. */
static void
add_dracut (struct pl_edits *edits, const char *program, const char *image, const char *release)
{
  g_autofree char *path = g_strconcat ("/", image, NULL);
  const char *argv[] = { program, "--force", path, release, NULL };
  add_program (edits, argv, image);
}

/* The image of an entry that kernel-install made: a copy of the one in /boot where that has its name
 * (Debian's 85-initrd.install), else dracut's own (50-dracut.install: "initrd"). False where it is another.
 */
static bool
add_entry_image (struct pl_edits *edits, const struct pl_loader_entry *entry, const char *image,
                 const char *dracut, const char *cp, const char *in_boot)
{
  g_autofree char *folder = g_path_get_dirname (entry->linux_path), *own = g_path_get_dirname (image);
  g_autofree char *name = g_path_get_basename (image);
  g_autofree char *boot_name = in_boot != NULL ? g_path_get_basename (in_boot) : NULL;
  if (strcmp (folder, own) != 0)
    return false;
  if (g_strcmp0 (name, boot_name) == 0 && cp != NULL) {
    g_autofree char *from = g_strconcat ("/", in_boot, NULL), *to = g_strconcat ("/", image, NULL);
    const char *argv[] = { cp, from, to, NULL };
    add_program (edits, argv, image);
    return true;
  }
  if (strcmp (name, "initrd") != 0)
    return false;
  add_dracut (edits, dracut, image, entry->release);
  return true;
}

/* Microcode is no work of dracut's here; a variable is of GRUB's tuned. */
static bool
is_no_image (const char *image)
{
  return g_str_has_suffix (image, "-ucode.img") || strchr (image, '$') != NULL;
}

/* Every entry of an installed kernel; the first image that is not known, or NULL. Free with g_free(). */
static char *
add_entries (const struct pl_texts *texts, struct pl_edits *edits, const GPtrArray *entries,
             const char *dracut, const char *cp)
{
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_loader_entry *entry = g_ptr_array_index (entries, i);
    for (guint k = 0; k < entry->initrds->len; k++) {
      const char *image = g_ptr_array_index (entry->initrds, k), *name = strrchr (image, '/') + 1;
      guint n;
      g_autofree char *in_boot = entry->release != NULL ? find_in_boot (texts, entry->release, &n) : NULL;
      bool is_in_boot = pl_texts_has_name (texts, "boot", name) && entry->release == NULL;
      bool is_rescue = strstr (name, "-rescue-") != NULL;
      bool is_gone = entry->release != NULL && !pl_texts_has_name (texts, "lib/modules", entry->release);
      if (is_no_image (name) || is_in_boot || is_rescue || is_gone)
        continue;
      if (entry->release == NULL || !add_entry_image (edits, entry, image, dracut, cp, in_boot))
        return g_strdup (image);
    }
  }
  return NULL;
}

/* An image whose name has no release: "initramfs-linux.img" of a pacman hook, say. */
static const char *
find_unknown (const struct pl_texts *texts)
{
  const GPtrArray *names;
  pl_texts_names (texts, "boot", &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    for (guint k = 0; k < G_N_ELEMENTS (forms); k++) {
      gsize begin = strlen (forms[k].begin), end = strlen (forms[k].end);
      if (!g_str_has_prefix (name, forms[k].begin) || !g_str_has_suffix (name, forms[k].end)
          || strlen (name) <= begin + end)
        continue;
      g_autofree char *release = g_strndup (name + begin, strlen (name) - begin - end);
      /* Of a kernel that was removed a release with a digit first; a rescue image stays. */
      if (!g_ascii_isdigit (release[0]))
        return name;
      break;
    }
  }
  return NULL;
}

/* Each image by a call of its own; NULL, or why not. Free with g_free(). */
static char *
add_each (const struct pl_texts *texts, struct pl_edits *edits, const char *dracut, const GPtrArray *releases)
{
  for (guint i = 0; i < releases->len; i++) {
    const char *release = g_ptr_array_index (releases, i);
    guint n;
    g_autofree char *image = find_in_boot (texts, release, &n);
    if (n > 1)
      return g_strdup_printf ("%s has more than one image in /boot", release);
    if (image != NULL)
      add_dracut (edits, dracut, image, release);
  }
  return NULL;
}

/* An image that dracut does not make by itself: a unified one, or one whose kernel is not known. Free with
 * g_free(). */
static char *
why_not_plain (const struct pl_texts *texts)
{
  for (guint i = 0; i < G_N_ELEMENTS (unified); i++) {
    const GPtrArray *names;
    enum pl_state state = pl_texts_names (texts, unified[i], &names);
    if (names->len > 0)
      return g_strdup_printf ("/%s/%s holds its image in itself", unified[i],
                              (const char *) g_ptr_array_index (names, 0));
    if (state != PL_KNOWN && state != PL_ABSENT)
      return g_strdup_printf ("/%s could not be read (%s)", unified[i], pl_state_name (state));
  }
  const char *unknown = find_unknown (texts);
  return unknown != NULL ? g_strdup_printf ("whose image /boot/%s is cannot be told", unknown) : NULL;
}

char *
pl_dracut_add_programs (const struct pl_texts *texts, struct pl_edits *edits)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *dracut = pl_texts_program (texts, "dracut"), *cp = pl_texts_program (texts, "cp");
  g_autoptr (GPtrArray) releases = pl_dracut_releases (texts);
  enum pl_state state = pl_loader_entries_read (texts, &entries);
  if (dracut == NULL || releases->len == 0)
    return g_strdup (dracut == NULL ? "dracut was not found" : "no image of an installed kernel was found");
  if (state != PL_KNOWN && state != PL_ABSENT)
    return g_strdup_printf ("the boot entries in loader/entries could not be read (%s)",
                            pl_state_name (state));
  g_autofree char *why = why_not_plain (texts);
  if (why == NULL)
    why = add_each (texts, edits, dracut, releases);
  if (why != NULL)
    return g_steal_pointer (&why);
  g_autofree char *other = add_entries (texts, edits, entries, dracut, cp);
  return other != NULL ? g_strdup_printf ("what made /%s cannot be told", other) : NULL;
}
