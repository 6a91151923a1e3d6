/* mkinitcpio.c - see mkinitcpio.h. The editor of its configuration is mkinitcpio_text.c; its presets are read
 * by mkinitcpio_preset.c.
 *
 * The modules of MODULES are loaded behind the start of udevd and before it is asked for devices; with the
 * hook "systemd", by systemd-modules-load, beside it: there the softdeps of /etc/modprobe.d, which the hook
 * "modconf" copies, make vfio-pci the first. Source: mkinitcpio v41, init, hooks/udev, install/systemd,
 * install/modconf.
 */
#include "initramfs/mkinitcpio.h"

#include "base/error.h"
#include "initramfs/mkinitcpio_early.h"
#include "initramfs/mkinitcpio_preset.h"
#include "initramfs/mkinitcpio_text.h"

#include <string.h>

#define CONFIGURATION "etc/mkinitcpio.conf"
#define DROP_INS "etc/mkinitcpio.conf.d"
#define PRESETS "etc/mkinitcpio.d"
#define PRESET_ENDING ".preset"
#define PROGRAM "mkinitcpio"

/* Without the zeros in front of its numbers: names that only differ in these are one version. Free with
 * g_free(). */
static char *
strip_zeros (const char *name)
{
  GString *text = g_string_new (NULL);
  for (gsize i = 0; name[i] != '\0'; i++) {
    bool is_inside = i > 0 && g_ascii_isdigit (name[i - 1]) && text->len > 0
                     && g_ascii_isdigit (text->str[text->len - 1]);
    if (name[i] != '0' || is_inside || !g_ascii_isdigit (name[i + 1]))
      g_string_append_c (text, name[i]);
  }
  return g_string_free (text, FALSE);
}

/* mkinitcpio reads drop-ins in the order of `sort -V`, of equal ones the first. That order is neither that of
 * bytes nor strverscmp()'s (a-1.conf and a.conf, 009.conf and 1.conf), so it must not matter: one alone may
 * set what is asked for. Source: mkinitcpio, "Source additional configuration files"; info coreutils,
 * "Version sort ordering"; both orders compared. Returns: NULL, or why not. Free with g_free(). */
static char *
why_order_matters (const GPtrArray *names, const GPtrArray *texts)
{
  const char *setter = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    gsize size;
    const char *text = g_bytes_get_data (g_ptr_array_index (texts, i + 1), &size);
    char *stripped = strip_zeros (name);
    const char *other = g_hash_table_lookup (seen, stripped);
    if (other != NULL) {
      g_free (stripped);
      return g_strdup_printf ("of %s and %s in /" DROP_INS " only one is read", other, name);
    }
    g_hash_table_insert (seen, stripped, (char *) name);
    if (g_strstr_len (text, (gssize) size, "MODULES") == NULL
        && g_strstr_len (text, (gssize) size, "HOOKS") == NULL)
      continue;
    if (setter != NULL)
      return g_strdup_printf ("%s and %s in /" DROP_INS " both name MODULES or HOOKS", setter, name);
    setter = name;
  }
  return NULL;
}

/* The files that are read where no other configuration is named. */
typedef struct pl_mkinitcpio_files {
  GPtrArray *paths; /* char * */
  GPtrArray *texts; /* GBytes *, as they are or as they will be */
} pl_mkinitcpio_files;

static void
pl_mkinitcpio_files_clear (struct pl_mkinitcpio_files *files)
{
  g_clear_pointer (&files->paths, g_ptr_array_unref);
  g_clear_pointer (&files->texts, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (pl_mkinitcpio_files, pl_mkinitcpio_files_clear)

/* Drop-ins are read since v36; that the folder has any shows that they are. An image whose preset names a
 * configuration is made without them. Source: CHANGELOG. @why: set where a person has to look. */
static bool
read_files (const struct pl_texts *texts, struct pl_mkinitcpio_files *files, char **why, GError **error)
{
  const GPtrArray *names;
  enum pl_state state = pl_texts_names (texts, DROP_INS, &names);
  files->paths = g_ptr_array_new_with_free_func (g_free);
  files->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (!pl_texts_check (DROP_INS, state, error))
    return false;
  g_ptr_array_add (files->paths, g_strdup (CONFIGURATION));
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (files->paths,
                     g_strconcat (DROP_INS "/", (const char *) g_ptr_array_index (names, i), NULL));
  for (guint i = 0; i < files->paths->len; i++) {
    const char *path = g_ptr_array_index (files->paths, i);
    GBytes *text;
    state = pl_texts_get (texts, path, &text);
    if (!pl_texts_check (path, state, error))
      return false;
    if (state == PL_ABSENT)
      *why = *why != NULL ? *why : g_strdup_printf ("/%s is not there", path);
    g_ptr_array_add (files->texts, text != NULL ? g_bytes_ref (text) : g_bytes_new (NULL, 0));
  }
  if (*why == NULL)
    *why = why_order_matters (names, files->texts);
  return true;
}

/* The images of all presets; NULL where one is not understood (@why), or could not be read (the error). */
static GPtrArray *
read_images (const struct pl_texts *texts, char **why, GError **error)
{
  const GPtrArray *names;
  if (!pl_texts_check (PRESETS, pl_texts_names (texts, PRESETS, &names), error))
    return NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strconcat (PRESETS "/", (const char *) g_ptr_array_index (names, i), NULL);
    g_autoptr (GError) failure = NULL;
    GBytes *text;
    if (!pl_texts_check (path, pl_texts_get (texts, path, &text), error))
      return NULL;
    GPtrArray *images = text != NULL ? pl_mkinitcpio_preset_read (text, &failure) : g_ptr_array_new ();
    if (failure != NULL) {
      *why = g_strdup_printf ("/%s: %s", path, failure->message);
      return NULL;
    }
    g_ptr_array_add (all, images);
  }
  return g_steal_pointer (&all);
}

/* Its numbers make a release known from folders such as "extramodules-6.1-MANJARO". Source: Makefile of
 * Linux, KERNELVERSION. */
static void
add_release (GHashTable *releases, const char *name)
{
  if (g_ascii_isdigit (name[0]))
    g_hash_table_add (releases, g_strdup (name));
}

/* Those whose image this may be: mkinitcpio asks the kernel itself for its release. A preset has the name
 * that its kernel's folder has in "pkgbase". Source: resolve_kernver(); libalpm/scripts/mkinitcpio. */
static void
add_releases (const struct pl_texts *texts, const char *preset, const char *kernel, GHashTable *releases)
{
  const GPtrArray *names;
  const char *folder = strstr (kernel, "/lib/modules/");
  if (kernel[0] != '/' || folder != NULL) {
    g_auto (GStrv) parts = g_strsplit (folder != NULL ? folder + strlen ("/lib/modules/") : kernel, "/", 2);
    add_release (releases, parts[0]);
    return;
  }
  pl_texts_names (texts, "lib/modules", &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *path = g_strconcat ("lib/modules/", name, "/pkgbase", NULL);
    GBytes *text;
    pl_texts_get (texts, path, &text);
    gsize size = text != NULL ? g_bytes_get_size (text) : 0;
    g_autofree char *owner = g_strndup (size > 0 ? g_bytes_get_data (text, NULL) : "", size);
    if (text == NULL || strcmp (g_strstrip (owner), preset) == 0)
      add_release (releases, name);
  }
}

static int
compare_strings (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

static GPtrArray *
list_releases (const struct pl_texts *texts)
{
  const GPtrArray *names;
  g_autofree char *why = NULL;
  g_autoptr (GPtrArray) presets = read_images (texts, &why, NULL);
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  pl_texts_names (texts, PRESETS, &names);
  for (guint i = 0; presets != NULL && i < presets->len; i++) {
    const GPtrArray *images = g_ptr_array_index (presets, i);
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *preset = g_strndup (name, strlen (name) - strlen (PRESET_ENDING));
    for (guint k = 0; k < images->len; k++)
      add_releases (texts, preset, ((struct pl_mkinitcpio_image *) g_ptr_array_index (images, k))->kernel,
                    found);
  }
  pl_texts_names (texts, "lib/modules", &names);
  for (guint i = 0; presets == NULL && i < names->len; i++)
    add_release (found, g_ptr_array_index (names, i));
  GPtrArray *releases = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iterator;
  gpointer release;
  g_hash_table_iter_init (&iterator, found);
  while (g_hash_table_iter_next (&iterator, &release, NULL))
    g_ptr_array_add (releases, g_strdup (release));
  g_ptr_array_sort (releases, compare_strings);
  return releases;
}

/* What is said to a person: @path is where the modules belong, @command what makes the images. */
static bool
leave_to_person (struct pl_edits *edits, const struct pl_image_wishes *wishes, const char *path,
                 const char *command, const char *why)
{
  g_autofree char *names = g_strjoinv (" ", (char **) wishes->modules);
  g_autofree char *hook = pl_mkinitcpio_early_describe (wishes->early);
  g_autofree char *line = g_strdup_printf (
      "Put these in front of the others in its MODULES:\nMODULES=(%s ...)\nand see", names);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand
      = g_strdup_printf ("%s/%s is left as it is (%s). %s that modconf is one of its HOOKS; then have the "
                         "images made anew: %s",
                         hook, path, why, names[0] != '\0' ? line : "See", command);
  return true;
}

/* Why `mkinitcpio -P` alone would not do; NULL: it does. @command: set where another one than that is right.
 * Free with g_free(). */
static char *
why_not_all_presets (const struct pl_texts *texts, const char **command)
{
  static const char *const hooks[] = { "etc/initcpio/post", "usr/lib/initcpio/post" };
  const GPtrArray *names;
  /* Its images are not those of the presets, and the mkinitcpio of its own asks at a terminal.
   * Source: limine-mkinitcpio-hook, as others' scripts describe it. */
  g_autofree char *limine = pl_texts_program (texts, "limine-mkinitcpio");
  if (limine != NULL) {
    *command = "sudo limine-mkinitcpio";
    return g_strdup ("limine-mkinitcpio makes the images of this system");
  }
  pl_texts_names (texts, PRESETS, &names);
  if (names->len == 0) {
    *command = "the way they were made before";
    return g_strdup ("there is no preset in /" PRESETS ", so mkinitcpio -P makes no image");
  }
  if (!pl_texts_has_name (texts, "usr/bin", PROGRAM))
    return g_strdup ("mkinitcpio was not found in /usr/bin");
  /* They sign or copy what was made, or kernels: what they write is not known. Source: run_post_hooks(). */
  for (guint i = 0; i < G_N_ELEMENTS (hooks); i++) {
    pl_texts_names (texts, hooks[i], &names);
    if (names->len > 0)
      return g_strdup_printf ("/%s/%s writes files that pcilend does not know of", hooks[i],
                              (const char *) g_ptr_array_index (names, 0));
  }
  return NULL;
}

/* The same for one image. @path: set to another file than the usual one, where that is the right one. */
static char *
why_not_image (const struct pl_texts *texts, const struct pl_mkinitcpio_image *image, char **path,
               char **command)
{
  const GPtrArray *names;
  if (image->config != NULL && strcmp (image->config, "/" CONFIGURATION) != 0) {
    *path = g_strdup (image->config + (image->config[0] == '/' ? 1 : 0));
    return g_strdup ("a preset names it, and pcilend does not know it");
  }
  /* A preset that fails makes the whole of mkinitcpio -P fail. Source: resolve_kernver(), map(). */
  if (g_str_has_prefix (image->kernel, "/boot/") && strchr (image->kernel + strlen ("/boot/"), '/') == NULL
      && g_str_has_prefix (image->kernel, "/boot/vmlinuz")
      && pl_texts_names (texts, "boot", &names) == PL_KNOWN
      && !pl_texts_has_name (texts, "boot", image->kernel + strlen ("/boot/")))
    return g_strdup_printf ("a preset is for %s, which is not there: mkinitcpio -P would fail",
                            image->kernel);
  static const char *const signers[] = { "sbctl", "sbsign" };
  for (guint i = 0; image->uki != NULL && i < G_N_ELEMENTS (signers); i++) {
    g_autofree char *program = pl_texts_program (texts, signers[i]);
    if (program == NULL)
      continue;
    *command = i == 0 ? g_strdup_printf ("sudo mkinitcpio -P && sudo sbctl sign %s", image->uki)
                      : g_strdup_printf ("sudo mkinitcpio -P, and sign %s", image->uki);
    return g_strdup_printf ("%s may have to be signed", image->uki);
  }
  return NULL;
}

/* The files that an image is made of: all, or the first alone. A view; free with g_ptr_array_unref(). */
static GPtrArray *
view_texts (const struct pl_mkinitcpio_files *files, const struct pl_mkinitcpio_image *image)
{
  GPtrArray *texts = g_ptr_array_new ();
  for (guint i = 0; i < (image->config != NULL ? 1 : files->texts->len); i++)
    g_ptr_array_add (texts, g_ptr_array_index (files->texts, i));
  return texts;
}

/* The text that an editor made in the place of that of one file. Takes it over. */
static void
replace_text (struct pl_mkinitcpio_files *files, guint at, GBytes *text)
{
  g_bytes_unref (g_ptr_array_index (files->texts, at));
  g_ptr_array_index (files->texts, at) = text;
}

/* Our hook in HOOKS. The shell that runs it in an image with systemd comes by "base". */
static char *
edit_hooks (struct pl_mkinitcpio_files *files, const struct pl_mkinitcpio_image *image, guint *at)
{
  bool has_base;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) texts = view_texts (files, image);
  if (!pl_mkinitcpio_texts_have_hook (texts, "base", &has_base, at, &failure))
    return g_strdup (failure->message);
  if (!has_base)
    return g_strdup ("HOOKS has no base, by which a shell comes into the image");
  GBytes *new = pl_mkinitcpio_texts_add_hook (texts, PL_MKINITCPIO_EARLY_HOOK, at, &failure);
  if (new == NULL)
    return g_strdup (failure->message);
  replace_text (files, *at, new);
  return NULL;
}

/* The modules in the files of this image. @with_ids: what modprobe.d says has to be in it. Returns: NULL, or
 * why not. Free with g_free(). */
static char *
edit_files (struct pl_mkinitcpio_files *files, const struct pl_mkinitcpio_image *image,
            const char *const *modules, bool with_ids, guint *at)
{
  bool has_modconf;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) texts = view_texts (files, image);
  if (!pl_mkinitcpio_texts_have_hook (texts, "modconf", &has_modconf, at, &failure))
    return g_strdup (failure->message);
  *at = 0;
  /* Since mkinitcpio 0.12; no other hook copies them. Source: install/modconf. */
  if (with_ids && ((!has_modconf && !image->is_with_modconf) || image->is_without_modconf))
    return g_strdup (
        "HOOKS has no modconf for every image, so what is in /etc/modprobe.d would not be in it: add modconf "
        "to HOOKS, in front of block, and take it out of -S in the presets");
  GBytes *new = pl_mkinitcpio_texts_add (texts, modules, at, &failure);
  if (new == NULL)
    return g_strdup (failure->message);
  replace_text (files, *at, new);
  return NULL;
}

/* Each image of each preset: checked, and its files edited. False where a person is asked instead. */
static bool
take_image (const struct pl_texts *texts, const struct pl_mkinitcpio_image *image,
            const struct pl_image_wishes *wishes, struct pl_mkinitcpio_files *files, struct pl_edits *edits,
            struct pl_program *program)
{
  guint at = 0;
  g_autofree char *path = NULL, *command = NULL;
  g_autofree char *why = why_not_image (texts, image, &path, &command);
  if (why == NULL)
    why = edit_files (files, image, wishes->modules, wishes->early == NULL, &at);
  if (why == NULL && wishes->early != NULL)
    why = edit_hooks (files, image, &at);
  if (why == NULL) {
    if (image->image != NULL)
      pl_program_add_write (program, image->image + 1);
    if (image->uki != NULL)
      pl_program_add_write (program, image->uki + 1);
    return true;
  }
  leave_to_person (edits, wishes, path != NULL ? path : g_ptr_array_index (files->paths, at),
                   command != NULL ? command : "sudo mkinitcpio -P", why);
  return false;
}

/* What has to be known before anything is said. */
static bool
check_known (const struct pl_texts *texts, GError **error)
{
  static const char *const folders[] = { "usr/bin", PRESETS, "etc/initcpio/post", "usr/lib/initcpio/post" };
  const GPtrArray *names;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!pl_texts_check (folders[i], pl_texts_names (texts, folders[i], &names), error))
      return false;
  return true;
}

static bool
add_modules (const struct pl_texts *texts, const struct pl_image_wishes *wishes, struct pl_edits *edits,
             GError **error)
{
  static const char *const argv[] = { "/usr/bin/" PROGRAM, "-P", NULL };
  const char *command = "sudo mkinitcpio -P";
  g_autofree char *why = NULL;
  g_autoptr (GError) failure = NULL;
  g_auto (pl_mkinitcpio_files) files = { 0 };
  if (!check_known (texts, error) || !read_files (texts, &files, &why, error))
    return false;
  if (why == NULL)
    why = why_not_all_presets (texts, &command);
  g_autoptr (GPtrArray) presets = why == NULL ? read_images (texts, &why, &failure) : NULL;
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  if (why != NULL)
    return leave_to_person (edits, wishes, CONFIGURATION, command, why);
  struct pl_program *program = pl_edits_add_program (edits, argv);
  for (guint i = 0; i < presets->len; i++) {
    const GPtrArray *images = g_ptr_array_index (presets, i);
    for (guint k = 0; k < images->len; k++)
      if (!take_image (texts, g_ptr_array_index (images, k), wishes, &files, edits, program))
        return true;
  }
  if (program->writes->len == 0)
    return leave_to_person (edits, wishes, CONFIGURATION, "the way they were made before",
                            "no preset in /" PRESETS " makes an image");
  if (wishes->early != NULL)
    why = pl_mkinitcpio_early_add (texts, wishes->early, edits);
  if (why != NULL)
    return leave_to_person (edits, wishes, CONFIGURATION, command, why);
  for (guint i = 0; i < files.paths->len; i++) {
    const char *path = g_ptr_array_index (files.paths, i);
    GBytes *old;
    pl_texts_get (texts, path, &old);
    pl_edits_add (edits, path, old, g_ptr_array_index (files.texts, i));
  }
  if (edits->files->len == 0 && !wishes->is_rebuilt)
    g_ptr_array_set_size (edits->programs, 0);
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
  { PL_TEXT_FILE, PL_MKINITCPIO_EARLY_PATH, { NULL } },
  { PL_TEXT_FILE, PL_MKINITCPIO_EARLY_INSTALL, { NULL } },
  { PL_TEXT_FOLDER, DROP_INS, { ".conf", NULL } },
  { PL_TEXT_FOLDER, PRESETS, { PRESET_ENDING, NULL } },
  { PL_TEXT_NAMES, "etc/initcpio/post", { "", NULL } },
  { PL_TEXT_NAMES, "usr/lib/initcpio/post", { "", NULL } },
  { PL_TEXT_NAMES, "boot", { "vmlinuz", NULL } },
  { PL_TEXT_NAMES, "lib/modules", { "", NULL } },
};
/* limine-mkinitcpio runs it in its own way; the others sign what it made. */
static const char *const programs[] = { PROGRAM, "limine-mkinitcpio", "sbctl", "sbsign", NULL };

const struct pl_generator pl_generator_mkinitcpio = {
  .name = "mkinitcpio",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .early = &pl_mkinitcpio_early,
  .add_modules = add_modules,
  .releases = list_releases,
};
