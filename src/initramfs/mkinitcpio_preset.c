/* mkinitcpio_preset.c - see mkinitcpio_preset.h. */
#include "initramfs/mkinitcpio_preset.h"

#include "base/error.h"
#include "base/shell.h"

#include <string.h>

static void
free_image (void *data)
{
  struct pl_mkinitcpio_image *image = data;
  g_free (image->kernel);
  g_free (image->config);
  g_free (image->image);
  g_free (image->uki);
  g_free (image);
}

static bool
fail (GError **error, guint line, const char *what, const char *phrase)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s%s", line, what, phrase);
  return false;
}

/* The last assignment of the variable; NULL: none. False where one of them is not understood. */
static bool
find (const struct pl_shell_file *file, const char *name, const struct pl_shell_assignment **found,
      GError **error)
{
  *found = NULL;
  for (guint i = 0; i < file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
    if (strcmp (one->name, name) != 0)
      continue;
    if (one->is_conditional || one->is_append)
      return fail (error, one->line, name,
                   one->is_append ? " is added to" : " is only set if a condition holds");
    *found = one;
  }
  return true;
}

/* The words of an array, or a string in one piece; empty where the variable is not set. */
static bool
get_words (const struct pl_shell_file *file, const char *name, bool *is_array, GPtrArray *words,
           GError **error)
{
  const struct pl_shell_assignment *one;
  *is_array = false;
  if (!find (file, name, &one, error))
    return false;
  if (one == NULL)
    return true;
  *is_array = one->words != NULL;
  for (guint i = 0; i < (*is_array ? one->words->len : 1); i++) {
    char *text
        = pl_shell_word_text (file, *is_array ? g_ptr_array_index (one->words, i) : (void *) &one->value);
    if (text == NULL)
      return fail (error, one->line, name, " is only known when the file is read");
    g_ptr_array_add (words, text);
  }
  return true;
}

/* PRESET_WHAT, else ALL_WHAT where @has_all; NULL in @value: neither, or empty. Free with g_free(). */
static bool
get_value (const struct pl_shell_file *file, const char *preset, const char *what, bool has_all, char **value,
           GError **error)
{
  const char *const prefixes[] = { preset, "ALL" };
  *value = NULL;
  for (guint i = 0; i < (has_all ? 2 : 1) && *value == NULL; i++) {
    bool is_array;
    g_autofree char *name = g_strconcat (prefixes[i], "_", what, NULL);
    g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
    if (!get_words (file, name, &is_array, words, error))
      return false;
    const char *first = words->len > 0 ? g_ptr_array_index (words, 0) : "";
    if (first[0] != '\0')
      *value = g_strdup (first);
  }
  return true;
}

/* An absolute path of plain characters, without "." and ".." on its way. */
static bool
is_path (const char *text)
{
  if (text[0] != '/' || strstr (text, "//") != NULL || g_str_has_suffix (text, "/")
      || strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/._-+@:,=%~") != strlen (text))
    return false;
  g_auto (GStrv) parts = g_strsplit (text, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return false;
  return true;
}

/* "autodetect,modconf" */
static bool
names_modconf (const char *hooks)
{
  g_auto (GStrv) names = g_strsplit (hooks, ",", -1);
  return g_strv_contains ((const char *const *) names, "modconf");
}

/* One option and its argument, if it takes one; the number of words it took, 0 where it is not understood:
 * another kernel, another configuration, another place to write to. */
static guint
take_option (struct pl_mkinitcpio_image *image, const char *word, const char *next)
{
  static const char *const alone[] = { "-v",     "--verbose", "-n",           "--nocolor",  "-s",
                                       "--save", "--nopost",  "--no-cmdline", "--no-ukify", NULL };
  static const char *const with_argument[]
      = { "-S",          "--skiphooks", "-A",         "--addhooks",    "--add",
          "-I",          "--include",   "-z",         "--compress",    "--splash",
          "--cmdline",   "--osrelease", "--uefistub", "--kernelimage", "--ukiconfig",
          "--microcode", NULL };
  if (g_strv_contains (alone, word))
    return 1;
  bool is_long = g_str_has_prefix (word, "--");
  const char *sign = is_long ? strchr (word, '=') : NULL;
  const char *glued = sign != NULL ? sign + 1 : !is_long && strlen (word) > 2 ? word + 2 : NULL;
  gsize length = sign != NULL ? (gsize) (sign - word) : glued != NULL ? 2 : strlen (word);
  g_autofree char *name = g_strndup (word, length);
  const char *argument = glued != NULL ? glued : next;
  if (!g_strv_contains (with_argument, name) || argument == NULL)
    return 0;
  if (strcmp (name, "-S") == 0 || strcmp (name, "--skiphooks") == 0)
    image->is_without_modconf = image->is_without_modconf || names_modconf (argument);
  if (strcmp (name, "-A") == 0 || g_str_has_prefix (name, "--add"))
    image->is_with_modconf = image->is_with_modconf || names_modconf (argument);
  return glued != NULL ? 1 : 2;
}

static bool
read_options (const struct pl_shell_file *file, const char *preset, struct pl_mkinitcpio_image *image,
              GError **error)
{
  bool is_array;
  const struct pl_shell_assignment *one;
  g_autofree char *name = g_strconcat (preset, "_options", NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  if (!find (file, name, &one, error) || !get_words (file, name, &is_array, words, error))
    return false;
  if (one == NULL)
    return true;
  g_auto (GStrv) split
      = words->len == 1 && !is_array ? g_strsplit_set (g_ptr_array_index (words, 0), " \t\n", -1) : NULL;
  if (!is_array)
    g_ptr_array_set_size (words, 0);
  for (guint i = 0; split != NULL && split[i] != NULL; i++)
    if (split[i][0] != '\0')
      g_ptr_array_add (words, g_strdup (split[i]));
  for (guint i = 0, taken; i < words->len; i += taken) {
    taken = take_option (image, g_ptr_array_index (words, i),
                         i + 1 < words->len ? g_ptr_array_index (words, i + 1) : NULL);
    if (taken == 0)
      return fail (error, one->line, name, " has an option that is not understood");
  }
  return true;
}

static bool
check_path (const struct pl_shell_file *file, const char *preset, const char *what, const char *path,
            GError **error)
{
  const struct pl_shell_assignment *one;
  g_autofree char *name = g_strconcat (preset, "_", what, NULL);
  if (path == NULL || is_path (path))
    return true;
  return find (file, name, &one, error)
         && fail (error, one != NULL ? one->line : 1, name, " is no plain absolute path");
}

/* One element of PRESETS. */
static bool
add_image (const struct pl_shell_file *file, const char *preset, guint line, GPtrArray *images,
           GError **error)
{
  const struct pl_shell_assignment *uki;
  if (preset[0] == '\0' || g_ascii_isdigit (preset[0])
      || strspn (preset, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_") != strlen (preset))
    return fail (error, line, "PRESETS", " has an element that is no name");
  g_autofree char *name = g_strconcat (preset, "_uki", NULL);
  struct pl_mkinitcpio_image *image = g_new0 (struct pl_mkinitcpio_image, 1);
  g_ptr_array_add (images, image);
  if (!find (file, name, &uki, error) || !get_value (file, preset, "kver", true, &image->kernel, error)
      || !get_value (file, preset, "config", true, &image->config, error)
      || !get_value (file, preset, "image", false, &image->image, error)
      || !get_value (file, preset, uki != NULL ? "uki" : "efi_image", false, &image->uki, error)
      || !check_path (file, preset, "image", image->image, error)
      || !check_path (file, preset, uki != NULL ? "uki" : "efi_image", image->uki, error))
    return false;
  if (image->kernel == NULL || (image->image == NULL && image->uki == NULL)) {
    g_ptr_array_set_size (images, (int) images->len - 1);
    return true;
  }
  if (strcmp (image->kernel, "none") == 0 || (image->kernel[0] == '/' && !is_path (image->kernel)))
    return fail (error, line, "", "the preset's kernel is not understood");
  return read_options (file, preset, image, error);
}

GPtrArray *
pl_mkinitcpio_preset_read (GBytes *text, GError **error)
{
  bool is_array;
  const struct pl_shell_assignment *presets;
  g_autoptr (pl_shell_file) file = pl_shell_parse (text, error);
  g_autoptr (GPtrArray) images = g_ptr_array_new_with_free_func (free_image);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  if (file == NULL)
    return NULL;
  if (file->commands->len > 0) {
    const struct pl_shell_command *one = g_ptr_array_index (file->commands, 0);
    fail (error, one->line, one->name != NULL ? one->name : "a command", " may change what the file sets");
    return NULL;
  }
  if (!get_words (file, "PRESETS", &is_array, names, error) || !find (file, "PRESETS", &presets, error))
    return NULL;
  for (guint i = 0; presets != NULL && i < names->len; i++)
    if (!add_image (file, g_ptr_array_index (names, i), presets->line, images, error))
      return NULL;
  return g_steal_pointer (&images);
}
